// @ts-check
// Each stroke of a number as pixels of its own: the number reader puts together those that could be one digit.

import { boxOf, SIDE, WIDE } from "../pad/ink.js";
import { InkCanvas } from "../pad/ink_canvas.js";
import { marksIn } from "./number_picture.js";

/** @typedef {import("../pad/ink.js").Stroke} Stroke @typedef {import("../pad/ink.js").Drawing} Drawing */
/**
 * @typedef {object} StrokeBitmap
 * @property {number[][]} points  [x, y] in pad units; none of a mark in a picture
 * @property {number} left @property {number} top @property {number} width @property {number} height  in pixels of the pad
 * @property {Uint8Array} coverage  row by row: 0 none, 255 full ink
 */

/**
 * The ink of some of them, moved to the middle of 280×280 pixels.
 * @param {StrokeBitmap[]} bitmaps @param {number[]} box left, top, right, bottom: all else is left out
 */
export function inSquare(bitmaps, [left, top, right, bottom]) {
  const square = new Uint8Array(SIDE * SIDE);
  const [right0, down0] = [left + right, top + bottom].map((sum) => Math.round((SIDE - sum) / 2));
  for (const bitmap of bitmaps) {
    for (let y = Math.max(top, bitmap.top); y < Math.min(bottom, bitmap.top + bitmap.height); y++) {
      for (let x = Math.max(left, bitmap.left); x < Math.min(right, bitmap.left + bitmap.width); x++) {
        const [row, column] = [y + down0, x + right0];
        if (row < 0 || row >= SIDE || column < 0 || column >= SIDE) continue;
        const at = row * SIDE + column;
        const ink = bitmap.coverage[(y - bitmap.top) * bitmap.width + x - bitmap.left];
        square[at] = Math.max(square[at], ink);
      }
    }
  }
  return square;
}

export class StrokeBitmaps {
  #canvas = new InkCanvas(document.createElement("canvas"), { willReadFrequently: true });
  /**
   * What was painted, and how long its stroke and the erasing strokes after it were.
   * @type {WeakMap<Stroke, { painted: Painted, bitmap: StrokeBitmap }>}
   */
  #made = new WeakMap();

  constructor() {
    this.#canvas.resize(WIDE, WIDE);
  }

  /**
   * @param {Drawing} drawing
   * @returns {StrokeBitmap[]} of the marks in its picture, and of the strokes that left ink, in their order
   */
  of({ picture, strokes }) {
    const bitmaps = strokes
      .filter(({ erases }) => !erases)
      .map((stroke) => this.#bitmap([stroke, ...strokes.slice(strokes.indexOf(stroke)).filter(({ erases }) => erases)]))
      .filter(({ coverage }) => coverage.some((ink) => ink > 0));
    if (!picture) return bitmaps;
    this.#canvas.repaint({ picture, strokes: strokes.filter(({ erases }) => erases) });
    return [...marksIn(this.#canvas.coverage()), ...bitmaps];
  }

  /** @typedef {{ stroke: Stroke, length: number }[]} Painted */
  /** @param {Stroke[]} strokes the first one, and those that erase parts of it @returns {StrokeBitmap} */
  #bitmap(strokes) {
    const [stroke] = strokes;
    const before = this.#made.get(stroke);
    const same = strokes.every(
      (each, i) => before?.painted[i]?.stroke === each && before.painted[i].length === each.points.length,
    );
    if (before && same && before.painted.length === strokes.length) return before.bitmap;
    const painted = strokes.map((each) => ({ stroke: each, length: each.points.length }));
    this.#canvas.repaint({ picture: null, strokes });
    const box = pixelsOf(stroke);
    const hasSize = box.width > 0 && box.height > 0;
    const coverage = hasSize ? this.#canvas.coverage(box.left, box.top, box.width, box.height) : new Uint8Array();
    const bitmap = { points: stroke.points.map(({ x, y }) => [x, y]), ...box, coverage };
    this.#made.set(stroke, { painted, bitmap });
    return bitmap;
  }
}

/** The pixels of the pad that a stroke reaches. @param {Stroke} stroke */
function pixelsOf(stroke) {
  const box = boxOf(stroke);
  const [left, top] = [Math.max(Math.floor(box.left) - 1, 0), Math.max(Math.floor(box.top) - 1, 0)];
  const width = Math.min(Math.ceil(box.right) + 1, WIDE) - left;
  return { left, top, width, height: Math.min(Math.ceil(box.bottom) + 1, SIDE) - top };
}
