// @ts-check
// Each stroke of a number as pixels of its own: the number reader puts together those that could be one digit.

import { SIDE, WIDE } from "../pad/ink.js";
import { InkCanvas } from "../pad/ink_canvas.js";

/** @typedef {import("../pad/ink.js").Stroke} Stroke */
/**
 * @typedef {object} StrokeBitmap
 * @property {number[][]} points  [x, y] in pad units
 * @property {number} left @property {number} top @property {number} width @property {number} height  in pixels of the pad
 * @property {Uint8Array} coverage  row by row: 0 none, 255 full ink
 */

export class StrokeBitmaps {
  #canvas = new InkCanvas(document.createElement("canvas"), { willReadFrequently: true });
  /** What was painted, and how long its stroke and the erasing strokes after it were. @type {WeakMap<Stroke, { painted: Painted, bitmap: StrokeBitmap }>} */
  #made = new WeakMap();

  constructor() {
    this.#canvas.resize(WIDE, WIDE);
  }

  /** @param {readonly Stroke[]} strokes @returns {StrokeBitmap[]} of those that left ink, in the order they were drawn */
  of(strokes) {
    return strokes
      .filter(({ erases }) => !erases)
      .map((stroke) => this.#bitmap([stroke, ...strokes.slice(strokes.indexOf(stroke)).filter(({ erases }) => erases)]))
      .filter(({ coverage }) => coverage.some((ink) => ink > 0));
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
    const box = boxOf(stroke);
    const coverage =
      box.width && box.height ? this.#canvas.coverage(box.left, box.top, box.width, box.height) : new Uint8Array();
    const bitmap = { points: stroke.points.map(({ x, y }) => [x, y]), ...box, coverage };
    this.#made.set(stroke, { painted, bitmap });
    return bitmap;
  }
}

/** The pixels of the pad that a stroke can reach. @param {Stroke} stroke */
function boxOf({ width: pen, points }) {
  const reach = pen / 2 + 1;
  const [left, right] = range(
    points.map(({ x }) => x),
    reach,
    WIDE,
  );
  const [top, bottom] = range(
    points.map(({ y }) => y),
    reach,
    SIDE,
  );
  return { left, top, width: right - left, height: bottom - top };
}

/** @param {number[]} values @param {number} reach @param {number} most */
function range(values, reach, most) {
  const onPad = (/** @type {number} */ value) => Math.min(Math.max(value, 0), most);
  const [least, greatest] = values.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, -Infinity]);
  return [onPad(Math.floor(least - reach)), onPad(Math.ceil(greatest + reach))];
}
