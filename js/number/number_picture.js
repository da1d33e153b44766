// @ts-check
// Pictures of numbers: the line that Python found, enlarged to the wide pad; and the marks of a picture that was drawn over.

import { SIDE, WIDE } from "../pad/ink.js";
import { inkImage } from "../views/ink_image.js";

/** @typedef {import("../python/client.js").Matrix} Matrix @typedef {import("./stroke_bitmaps.js").StrokeBitmap} StrokeBitmap */

/** The least paper around the line, in pad units. */
const MARGIN = 20;
/** Less ink than this separates marks (0…255). */
const FAINTEST = 64;

/** Where the line lies on the pad. @param {Matrix} ink (rows, columns) */
function placement({ shape: [rows, columns] }) {
  const scale = Math.min((WIDE - 2 * MARGIN) / columns, (SIDE - 2 * MARGIN) / rows);
  return { scale, left: (WIDE - scale * columns) / 2, top: (SIDE - scale * rows) / 2 };
}

/** A box in the line's pixels, in pad units. @param {Matrix} ink @param {number[]} box left, top, right, bottom */
export function boxOnPad(ink, box) {
  const { scale, left, top } = placement(ink);
  return box.map((edge, i) => Math.round(edge * scale + (i % 2 ? top : left)));
}

/** The coverage of the wide pad. @param {Matrix} ink 0…1 */
export function coverageOnPad(ink) {
  const { scale, left, top } = placement(ink);
  const [height, width] = ink.shape;
  const line = context(width, height);
  line.putImageData(inkImage(width, ink.data, 1), 0, 0);
  const pad = context(WIDE, SIDE);
  pad.drawImage(line.canvas, left, top, width * scale, height * scale);
  const rgba = pad.getImageData(0, 0, WIDE, SIDE).data;
  return Uint8Array.from({ length: WIDE * SIDE }, (_, i) => rgba[4 * i + 3]);
}

/** @param {number} width @param {number} height */
const context = (width, height) =>
  /** @type {OffscreenCanvasRenderingContext2D} */ (new OffscreenCanvas(width, height).getContext("2d"));

/**
 * The connected marks in a coverage of the wide pad, from left to right.
 * @param {Uint8Array} coverage @returns {StrokeBitmap[]}
 */
export function marksIn(coverage) {
  const isSeen = new Uint8Array(coverage.length);
  const marks = [];
  for (let start = 0; start < coverage.length; start++) {
    if (coverage[start] < FAINTEST || isSeen[start]) continue;
    const pixels = [start];
    isSeen[start] = 1;
    for (const pixel of pixels) {
      const column = pixel % WIDE;
      for (const row of [-WIDE, 0, WIDE]) {
        for (let x = Math.max(column - 1, 0); x <= Math.min(column + 1, WIDE - 1); x++) {
          const next = pixel - column + row + x;
          if (coverage[next] < FAINTEST || isSeen[next] !== 0) continue; // undefined above and below the pad
          isSeen[next] = 1;
          pixels.push(next);
        }
      }
    }
    marks.push(bitmapOf(pixels, coverage));
  }
  return marks.sort((a, b) => a.left - b.left);
}

/** @param {number[]} pixels @param {Uint8Array} coverage @returns {StrokeBitmap} */
function bitmapOf(pixels, coverage) {
  const columns = pixels.map((pixel) => pixel % WIDE);
  const rows = pixels.map((pixel) => Math.floor(pixel / WIDE));
  const range = (/** @type {number[]} */ values) =>
    values.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [Infinity, -Infinity]);
  const [[left, right], [top, bottom]] = [range(columns), range(rows)];
  const width = right - left + 1;
  const bitmap = new Uint8Array(width * (bottom - top + 1));
  for (const [i, pixel] of pixels.entries()) bitmap[(rows[i] - top) * width + columns[i] - left] = coverage[pixel];
  return { points: [], left, top, width, height: bottom - top + 1, coverage: bitmap };
}
