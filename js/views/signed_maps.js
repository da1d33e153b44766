// @ts-check
// Pictures side by side on one canvas, colored by sign: the feature maps or kernels of a Conv2D, the 28×28 weights of a
// neuron, or the neurons of a Dense layer, one pixel each.

import { onScreenChange } from "../when.js";
import { fitToScreen } from "./canvas_view.js";
import { inkColor, largest, writeColors } from "./signed_colors.js";

/** @typedef {import("../python/client.js").Matrix} Matrix  here of shape (height, width, maps) */
/** @typedef {{ scale?: number, chosen?: number | null, off?: number[] }} Options  scale: the value that gets the full color */

const GAP = 2; // CSS pixels between two pictures

export class SignedMaps {
  /** Pictures per row. */
  columns = 1;
  #strip;
  #square;
  #context;
  #small = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"));
  /** @type {[Matrix, Options] | null} */
  #shown = null;

  /** @param {HTMLCanvasElement} canvas @param {{ strip?: boolean, square?: boolean }} [options]
   *   strip: long rows of small pictures, square: as many rows as columns */
  constructor(canvas, { strip = false, square = false } = {}) {
    this.canvas = canvas;
    this.#strip = strip;
    this.#square = square;
    this.#context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
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
    this.#paint();
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
    const most =
      this.#strip && width <= 3 ? (width === 1 || count > 32 ? 32 : 16) : width === 1 || (width < 10 && count > 16) ? 16 : 8;
    this.columns = Math.min(count, this.#square ? Math.ceil(Math.sqrt(count)) : most);
    this.#small.canvas.width = this.columns * width;
    this.#small.canvas.height = this.#rows * height;
    this.canvas.style.aspectRatio = `${this.columns * width} / ${this.#rows * height}`;
    this.#fit();
  }

  #fit() {
    fitToScreen(this.canvas);
    this.#paint();
  }

  #paint() {
    if (!this.#shown || !this.canvas.width || !this.canvas.height) return;
    const [{ shape, data }, { scale = largest(data), chosen = null, off = [] }] = this.#shown;
    const [height, width, count] = shape;
    const image = this.#small.createImageData(this.#small.canvas.width, this.#small.canvas.height);
    const pixels = new Uint32Array(image.data.buffer);
    for (let map = 0; map < count; map++) {
      const left = (map % this.columns) * width;
      const top = Math.floor(map / this.columns) * height;
      for (let y = 0; y < height; y++) {
        writeColors(pixels, (top + y) * image.width + left, data, y * width * count + map, count, width, scale);
      }
    }
    this.#small.putImageData(image, 0, 0);

    const context = this.#context;
    const { width: right, height: bottom } = this.canvas;
    context.clearRect(0, 0, right, bottom);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.#small.canvas, 0, 0, right, bottom);
    const gap = Math.max(1, Math.round(GAP * devicePixelRatio));
    for (let column = 1; column < this.columns; column++) {
      context.clearRect(Math.round((column * right) / this.columns - gap / 2), 0, gap, bottom);
    }
    for (let row = 1; row < this.#rows; row++) {
      context.clearRect(0, Math.round((row * bottom) / this.#rows - gap / 2), right, gap);
    }
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
