// @ts-check
// The pad: pointers in, ink out. It knows nothing of digits.

import { Ink, SIDE } from "./ink.js";
import { Sheet } from "./ink_canvas.js";

/** @typedef {import("./ink.js").Point} Point @typedef {import("./ink.js").Stroke} Stroke @typedef {import("./ink.js").Drawing} Drawing */

/** Points closer together than this (pad units) add nothing but work. */
const NEAR = 0.75;

/** Pointer Events, table of buttons: the eraser at a pen's other end, as `button` and as a bit of `buttons`. */
const ERASER_END = 5;
const ERASER = 32;

/** Announces every change of its ink with a `change` event. */
export class Pad extends EventTarget {
  ink = new Ink();
  /** Width of the next stroke, in pad units. */
  penWidth = 18;
  /** Whether the next stroke takes ink away. */
  erasing = false;
  #seen;
  #read = new Sheet(Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE }), {
    willReadFrequently: true,
  });
  #box = new DOMRect();
  /** @type {{ pointer: number, type: string, stroke: Stroke, raw: boolean } | null} what is being drawn, and with which pointer */
  #drawing = null;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    super();
    this.canvas = canvas;
    this.#seen = new Sheet(canvas);
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    for (const moves of ["pointerrawupdate", "pointermove"]) {
      canvas.addEventListener(moves, (event) => this.#move(/** @type {PointerEvent} */ (event)));
    }
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      canvas.addEventListener(end, (event) => this.#up(/** @type {PointerEvent} */ (event)));
    }
    new ResizeObserver(() => this.#fit()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#fit());
  }

  /** The drawing as Python gets it: 280×280 bytes, 255 where there is ink. The same on every screen. */
  pixels() {
    return this.#read.coverage();
  }

  clear() {
    this.#drawing = null;
    this.ink.clear();
    this.#repaint();
  }

  /** Another drawing takes the place of what is on the pad; `undo` brings that back. @param {Drawing} drawing */
  become(drawing) {
    this.#drawing = null;
    this.ink.become(drawing);
    this.#repaint();
  }

  /** Show another drawing to the eye only; null shows the real one again. @param {Drawing | null} drawing */
  show(drawing) {
    this.#seen.repaint(drawing ?? this.ink.drawing);
  }

  undo() {
    this.#drawing = null;
    this.ink.undo();
    this.#repaint();
  }

  redo() {
    this.#drawing = null;
    this.ink.redo();
    this.#repaint();
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (event.button !== 0 && event.button !== ERASER_END) return;
    if (this.#drawing) {
      // One line at a time. A second touch is a palm, and so is a first one that a pen follows.
      if (!(event.pointerType === "pen" && this.#drawing.type === "touch")) return;
      this.undo();
    }
    event.preventDefault();
    this.canvas.dataset.by = "pointer"; // the ring and the hint are for keys
    this.canvas.focus({ preventScroll: true });
    this.canvas.setPointerCapture(event.pointerId);
    this.#box = this.canvas.getBoundingClientRect(); // once a stroke: asking at each point would lay the page out each time
    const stroke = this.begin(this.#point(event), this.erasing || (event.buttons & ERASER) !== 0);
    this.#drawing = { pointer: event.pointerId, type: event.pointerType, stroke, raw: false };
  }

  /** The pen comes down. @param {Point} point @param {boolean} [erases] @returns {Stroke} the stroke that `extend` lengthens */
  begin(point, erases = this.erasing) {
    const stroke = this.ink.begin(point, this.penWidth, erases);
    this.#follow(stroke);
    return stroke;
  }

  /** The pen moves on. @param {Stroke} stroke @param {Point[]} points */
  extend(stroke, points) {
    this.ink.extend(stroke, points);
    this.#follow(stroke);
  }

  /** @param {PointerEvent} event */
  #move(event) {
    if (event.pointerId !== this.#drawing?.pointer) return;
    // Where there are raw updates, they come at once; a pointermove waits for the next frame and brings the same points again.
    if (event.type === "pointerrawupdate") this.#drawing.raw = true;
    else if (this.#drawing.raw) return;
    const { stroke } = this.#drawing;
    const coalesced = event.getCoalescedEvents?.() ?? [];
    let last = stroke.points[stroke.points.length - 1];
    const points = [];
    for (const each of coalesced.length ? coalesced : [event]) {
      const point = this.#point(each);
      if (Math.hypot(point.x - last.x, point.y - last.y) < NEAR) continue;
      points.push((last = point));
    }
    if (!points.length) return;
    this.extend(stroke, points);
  }

  /** @param {PointerEvent} event */
  #up(event) {
    if (event.pointerId === this.#drawing?.pointer) this.#drawing = null;
  }

  /** @param {PointerEvent} event @returns {Point} */
  #point(event) {
    return {
      x: ((event.clientX - this.#box.left) * SIDE) / this.#box.width,
      y: ((event.clientY - this.#box.top) * SIDE) / this.#box.height,
      pressure: event.pressure,
      time: event.timeStamp,
    };
  }

  /** @param {Stroke} stroke */
  #follow(stroke) {
    this.#read.follow(stroke);
    this.#seen.follow(stroke);
    this.#changed();
  }

  #repaint() {
    this.#read.repaint(this.ink.drawing);
    this.#seen.repaint(this.ink.drawing);
    this.#changed();
  }

  /** Match the canvas to the screen's pixels and colours. */
  #fit() {
    const pixels = Math.max(1, Math.round(this.canvas.clientWidth * devicePixelRatio));
    this.#seen.colour = getComputedStyle(this.canvas).color;
    this.#seen.resize(pixels);
    this.#seen.repaint(this.ink.drawing);
  }

  #changed() {
    this.canvas.dataset.revision = String(this.ink.revision);
    this.dispatchEvent(new Event("change"));
  }
}
