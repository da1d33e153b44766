// @ts-check
// The drawing survives a reload, and a link can bring one.

import { debounce } from "../when.js";
import { keep, kept } from "../storage.js";
import { isDrawing } from "./ink.js";
import { BrokenLink, drawingIn } from "./ink_link.js";

/** @typedef {import("./pad.js").Pad} Pad @typedef {import("./ink.js").Drawing} Drawing */

const NAME = "drawing";
/** The drawing is stored once the pen has rested for this long (ms). */
const REST = 300;

/** @param {Pad} pad @param {(sentence: string) => void} say what is wrong with a link; "" if nothing is */
export async function keepDrawing(pad, say) {
  let stored = pad.ink.revision;
  const store = () => {
    if (stored === pad.ink.revision) return;
    stored = pad.ink.revision;
    keep(NAME, pad.ink.drawing);
  };
  const openLink = () => {
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
