// @ts-check
// The drawing is still there after a reload; and a link may bring one.

import { BrokenLink, drawingIn } from "./ink_link.js";
import { keep, kept } from "../storage.js";

/** @typedef {import("./pad.js").Pad} Pad @typedef {import("./ink.js").Drawing} Drawing */

const NAME = "drawing";
/** The pen rests so long (ms) before the drawing is kept. */
const REST = 300;

/** @param {Pad} pad @param {(sentence: string) => void} say */
export async function keepDrawing(pad, say) {
  let resting = 0;
  const keepNow = () => {
    clearTimeout(resting);
    resting = 0;
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
    history.replaceState(history.state, "", location.pathname + location.search); // from here on, the drawing lives here
  };

  const before = /** @type {Drawing | undefined} */ (await kept(NAME));
  if (before && pad.ink.revision === 0 && (before.picture || before.strokes.length)) pad.become(before);
  openLink();
  addEventListener("hashchange", openLink);

  pad.addEventListener("change", () => {
    clearTimeout(resting);
    resting = setTimeout(keepNow, REST);
  });
  addEventListener("pagehide", () => resting && keepNow());
}
