// @ts-check
// The drawing survives a reload, and a link can bring one.

import { keep, kept, storage } from "../storage.js";
import { debounce, listen } from "../when.js";
import { isDrawing } from "./ink.js";

/** @typedef {import("./pad.js").Pad} Pad @typedef {import("./ink.js").Drawing} Drawing */

const NAME = "drawing";
/** The drawing is stored once the pen has rested for this long (ms). */
const REST = 300;
const UNOPENED =
  "The drawing in this link could not be opened, as a part of the page could not be loaded: " +
  "check that the server still runs, then reload the page.";
const FULL = "This browser could not store your drawing (its storage is full): a reload will lose it.";

/**
 * @param {Pad} pad @param {(sentence: string) => void} say  what is wrong with a link; "" if nothing is
 * @param {(sentence: string) => void} sayFull  that the browser has no space for the drawing; "" when it has
 */
export async function keepDrawing(pad, say, sayFull) {
  let stored = pad.ink.revision;
  let saidFull = false;
  listen(storage, {
    full(name) {
      if (name === NAME && !saidFull) sayFull(FULL);
      saidFull ||= name === NAME;
    },
  });
  const store = async () => {
    if (stored === pad.ink.revision) return;
    stored = pad.ink.revision;
    if (!(await keep(NAME, pad.ink.drawing))) return;
    if (saidFull) sayFull("");
    saidFull = false;
  };
  const openLink = async () => {
    if (!location.hash.startsWith("#ink=")) return;
    const code = await import("./ink_link.js").catch(() => null); // loaded here, as few visits start with a link
    if (!code) return say(UNOPENED);
    const { BrokenLink, drawingIn } = code;
    try {
      const drawing = drawingIn(location.hash);
      if (!drawing) return;
      pad.become(drawing);
      say("");
    } catch (error) {
      if (!(error instanceof BrokenLink)) throw error;
      say(error.message);
    }
    history.replaceState(history.state, "", location.pathname + location.search); // the drawing may change from here on
  };

  pad.addEventListener("change", debounce(store, REST));
  addEventListener("pagehide", store);
  addEventListener("hashchange", openLink);
  const before = /** @type {Drawing | undefined} */ (await kept(NAME, isDrawing));
  if (before && pad.ink.revision === 0 && (before.picture || before.strokes.length)) pad.become(before);
  openLink();
}
