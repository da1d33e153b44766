// @ts-check
// A canvas with ink on it. The pad has two: a visible one, as sharp as the screen, and one for Python that always has 280×280
// pixels, so that what the network sees never depends on the screen. On the wide pad, for numbers, both are wider.

import { inkImage } from "../views/ink_image.js";
import { SIDE } from "./ink.js";

/** @typedef {import("./ink.js").Stroke} Stroke @typedef {import("./ink.js").Picture} Picture */
/** @typedef {import("./ink.js").Drawing} Drawing */

/** A stroke is painted in pieces of this many points: however long it gets, each frame repaints one piece only. */
const PIECE = 256;

export class InkCanvas {
  /** Finished pieces are painted once on #dry, and copied from there to #wet, the canvas itself. */
  #dry;
  #wet;
  /** Whether there is nothing on #dry. */
  #isBlank = true;
  /** @type {Stroke | null} the stroke that `follow` painted last, and how many of its pieces are dry */
  #stroke = null;
  #pieces = 0;
  /** In pad units. */
  #width = SIDE;

  /** @param {HTMLCanvasElement} canvas @param {CanvasRenderingContext2DSettings} [settings] */
  constructor(canvas, settings) {
    this.canvas = canvas;
    this.color = "#000";
    const dry = document.createElement("canvas");
    this.#wet = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", settings));
    this.#dry = /** @type {CanvasRenderingContext2D} */ (dry.getContext("2d", settings));
    this.resize(canvas.width);
  }

  /** The canvas is blank afterwards. @param {number} pixels its width in device pixels @param {number} [width] in pad units */
  resize(pixels, width = SIDE) {
    this.#width = width;
    for (const context of [this.#wet, this.#dry]) {
      context.canvas.width = pixels;
      context.canvas.height = Math.max(1, Math.round((pixels * SIDE) / width));
      context.scale(pixels / width, pixels / width);
      context.lineCap = context.lineJoin = "round";
    }
  }

  /** Paint a whole drawing. @param {Drawing} drawing */
  repaint({ picture, strokes }) {
    this.#dry.globalCompositeOperation = "source-over";
    this.#dry.clearRect(0, 0, this.#width, SIDE);
    this.#isBlank = !picture;
    if (picture) this.#dry.drawImage(inkOf(picture, this.color), 0, 0, picture.coverage.length / SIDE, SIDE);
    this.#stroke = null;
    this.#copyDry();
    for (const stroke of strokes) this.follow(stroke);
  }

  /** Paint the newest stroke as far as it has got. @param {Stroke} stroke */
  follow(stroke) {
    if (stroke !== this.#stroke) {
      if (this.#stroke) this.#paint(this.#dry, this.#stroke, this.#pieces);
      this.#stroke = stroke;
      this.#pieces = 0;
    }
    for (; (this.#pieces + 1) * PIECE < stroke.points.length; this.#pieces++) {
      this.#paint(this.#dry, stroke, this.#pieces);
    }
    this.#copyDry();
    this.#paint(this.#wet, stroke, this.#pieces);
  }

  /** The ink in each pixel of the canvas, or of a part of it, row by row: 0 none, 255 full. */
  coverage(left = 0, top = 0, width = this.canvas.width, height = this.canvas.height) {
    const rgba = this.#wet.getImageData(left, top, width, height).data;
    const coverage = new Uint8Array(width * height);
    for (let pixel = 0; pixel < coverage.length; pixel++) coverage[pixel] = rgba[4 * pixel + 3];
    return coverage;
  }

  #copyDry() {
    this.#wet.globalCompositeOperation = "source-over";
    this.#wet.clearRect(0, 0, this.#width, SIDE);
    if (this.#isBlank) return;
    const { width, height } = this.canvas;
    this.#wet.drawImage(this.#dry.canvas, 0, 0, this.#width, (height * this.#width) / width); // pixel for pixel
  }

  /**
   * One piece of a stroke as a smooth line: through the midpoints between points, each point being the control point of a
   * quadratic curve from one midpoint to the next.
   * @param {CanvasRenderingContext2D} context @param {Stroke} stroke @param {number} piece
   */
  #paint(context, stroke, piece) {
    if (context === this.#dry) this.#isBlank = false;
    const points = stroke.points.slice(piece * PIECE, (piece + 1) * PIECE + 1);
    const [first, last] = [points[0], points[points.length - 1]];
    context.globalCompositeOperation = stroke.erases ? "destination-out" : "source-over";
    context.beginPath();
    if (points.length === 1) {
      context.fillStyle = this.color;
      context.arc(first.x, first.y, stroke.width / 2, 0, 2 * Math.PI);
      context.fill();
      return;
    }
    context.strokeStyle = this.color;
    context.lineWidth = stroke.width;
    context.moveTo(first.x, first.y);
    for (let i = 1; i < points.length - 1; i++) {
      const { x, y } = points[i];
      context.quadraticCurveTo(x, y, (x + points[i + 1].x) / 2, (y + points[i + 1].y) / 2);
    }
    context.lineTo(last.x, last.y);
    context.stroke();
  }
}

/** A picture's ink in a color. @param {Picture} picture @param {string} color */
function inkOf({ coverage }, color) {
  const width = coverage.length / SIDE;
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (new OffscreenCanvas(width, SIDE).getContext("2d"));
  context.putImageData(inkImage(width, coverage), 0, 0);
  context.globalCompositeOperation = "source-in";
  context.fillStyle = color;
  context.fillRect(0, 0, width, SIDE);
  return context.canvas;
}
