// @ts-check
// A picture on a canvas that is as sharp as the screen.

import { onScreenChange } from "../when.js";

/**
 * A view that paints what it was called with last, now and whenever the canvas or the screen changes.
 * @template {any[]} Shown @param {HTMLCanvasElement} canvas
 * @param {(context: CanvasRenderingContext2D, ...shown: Shown) => void} paint  on a blank canvas, in the screen's pixels
 * @returns {(...shown: Shown) => void}
 */
export function canvasView(canvas, paint) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  /** @type {Shown | null} */
  let newest = null;
  const repaint = () => {
    fitToScreen(canvas);
    if (newest) paint(context, ...newest);
  };
  onScreenChange(canvas, repaint);
  return (...shown) => {
    newest = shown;
    repaint();
  };
}

/** Give a canvas the screen's pixels; it is blank afterwards. @param {HTMLCanvasElement} canvas */
export function fitToScreen(canvas) {
  canvas.width = Math.round(canvas.clientWidth * devicePixelRatio);
  canvas.height = Math.round(canvas.clientHeight * devicePixelRatio);
}
