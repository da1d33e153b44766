// @ts-check
// Pictures side by side on one canvas, colored by sign: the feature maps or kernels of a Conv2D, the 28×28 weights of a
// neuron, or the neurons of a Dense layer, one pixel each.

import { onScreenChange, whenVisible } from "../when.js";
import { fitToScreen } from "./canvas_view.js";
import { colorScale, inkColor, largest } from "./signed_colors.js";

/** @typedef {import("../python/client.js").Matrix} Matrix  here of shape (height, width, maps) */
/** @typedef {{ scale?: number, chosen?: number | null, off?: number[] }} Options  scale: the value that gets the full color */

const GAP = 2; // CSS pixels between two pictures

export class SignedMaps {
  /** Pictures per row. */
  columns = 1;
  #strip;
  #square;
  #context;
  /** All of the canvas. @type {ImageData | null} */
  #image = null;
  /** The places of its pixels, down and across. */
  #down = alongside(0, 0, 0);
  #across = this.#down;
  /** @type {[Matrix, Options] | null} */
  #shown = null;
  #paintInSight;

  /** @param {HTMLCanvasElement} canvas @param {{ strip?: boolean, square?: boolean }} [options]
   *   strip: long rows of small pictures, square: as many rows as columns */
  constructor(canvas, { strip = false, square = false } = {}) {
    this.canvas = canvas;
    this.#strip = strip;
    this.#square = square;
    this.#context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    this.#paintInSight = whenVisible(canvas, () => this.#paint());
    onScreenChange(canvas, () => this.#fit());
  }

  get count() {
    return this.#shown ? this.#shown[0].shape[2] : 0;
  }

  /** @param {Matrix} maps @param {Options} [options] */
  show(maps, options = {}) {
    const before = this.#shown?.[0].shape;
    this.#shown = [maps, options];
    if (String(before) !== String(maps.shape)) this.#arrange();
    else this.#paintInSight();
  }

  /** The index of the picture under the pointer, or null. @param {PointerEvent | MouseEvent} event */
  at(event) {
    const box = this.canvas.getBoundingClientRect();
    const column = Math.floor(((event.clientX - box.left) / box.width) * this.columns);
    const row = Math.floor(((event.clientY - box.top) / box.height) * this.#rows);
    const index = row * this.columns + column;
    return column >= 0 && column < this.columns && index >= 0 && index < this.count ? index : null;
  }

  get #rows() {
    return Math.ceil(this.count / this.columns);
  }

  #arrange() {
    const [height, width, count] = /** @type {[Matrix, Options]} */ (this.#shown)[0].shape;
    this.columns = Math.min(count, this.#square ? Math.ceil(Math.sqrt(count)) : mostInRow(width, count, this.#strip));
    this.canvas.style.aspectRatio = `${this.columns * width} / ${this.#rows * height}`;
    this.#fit();
  }

  #fit() {
    fitToScreen(this.canvas);
    const { width, height } = this.canvas;
    this.#image = this.#shown && width && height ? this.#context.createImageData(width, height) : null;
    if (!this.#shown) return;
    const [rows, columns] = this.#shown[0].shape;
    this.#down = alongside(height, this.#rows, rows);
    this.#across = alongside(width, this.columns, columns);
    this.#paint();
  }

  #paint() {
    if (!this.#shown || !this.#image) return;
    const [{ shape, data }, { scale = largest(data), chosen = null, off = [] }] = this.#shown;
    const [, width, count] = shape;
    const [image, down, across] = [this.#image, this.#down, this.#across];
    const color = colorScale(scale);
    const pixels = new Uint32Array(image.data.buffer);
    for (let y = 0, at = 0; y < image.height; y++) {
      const [row, line] = [down.pictures[y], down.places[y]];
      if (row === down.pictures[y - 1] && line === down.places[y - 1]) {
        pixels.copyWithin(at, at - image.width, at);
        at += image.width;
        continue;
      }
      for (let x = 0; x < image.width; x++) {
        const map = row * this.columns + across.pictures[x];
        const isBlank = row < 0 || across.pictures[x] < 0 || map >= count;
        pixels[at++] = isBlank ? 0 : color(data[(line * width + across.places[x]) * count + map]);
      }
    }
    this.#context.putImageData(image, 0, 0);
    for (const map of off) this.#mark(map, true);
    if (chosen !== null && count > 1) this.#mark(chosen, false);
  }

  /** Cross a picture out, or frame it. @param {number} map @param {boolean} crossOut */
  #mark(map, crossOut) {
    const context = this.#context;
    const [width, height] = [this.canvas.width / this.columns, this.canvas.height / this.#rows];
    const [left, top] = [(map % this.columns) * width, Math.floor(map / this.columns) * height];
    const line = 2 * devicePixelRatio;
    context.lineWidth = line;
    context.strokeStyle = inkColor();
    context.beginPath();
    if (crossOut) {
      context.clearRect(left, top, width, height);
      context.lineWidth = line / 2;
      context.rect(left + line, top + line, width - 2 * line, height - 2 * line);
      context.moveTo(left + line, top + height - line);
      context.lineTo(left + width - line, top + line);
    } else {
      context.rect(left + line / 2, top + line / 2, width - line, height - line);
    }
    context.stroke();
  }
}

/** The smaller the pictures, the more stand in a row. @param {number} width @param {number} count @param {boolean} strip */
function mostInRow(width, count, strip) {
  if (strip && width <= 3) return width === 1 || count > 32 ? 32 : 16;
  return width === 1 || (width < 10 && count > 16) ? 16 : 8;
}

/**
 * What each pixel of the screen shows along one side of pictures in a row: which picture, or -1 between two, and where in it.
 * @param {number} length  in the screen's pixels @param {number} count  of the pictures @param {number} size  of each
 */
function alongside(length, count, size) {
  const [pictures, places] = [new Int16Array(length), new Int16Array(length)];
  for (let pixel = 0; pixel < length; pixel++) {
    const place = Math.floor(((pixel + 0.5) * count * size) / length);
    pictures[pixel] = Math.floor(place / size);
    places[pixel] = place % size;
  }
  const gap = Math.max(1, Math.round(GAP * devicePixelRatio));
  for (let picture = 1; picture < count; picture++) {
    const from = Math.round((picture * length) / count - gap / 2);
    pictures.fill(-1, from, from + gap);
  }
  return { pictures, places };
}
