// @ts-check
// The pad: pointers in, ink out. It knows nothing about digits.

import { onScreenChange } from "../when.js";
import { Ink, SIDE } from "./ink.js";
import { InkCanvas } from "./ink_canvas.js";
import { pictureRequest } from "./pictures.js";

/** @typedef {import("./ink.js").Point} Point @typedef {import("./ink.js").Stroke} Stroke */
/** @typedef {import("./ink.js").Drawing} Drawing */
/** @typedef {import("../python/client.js").Request} Request */

/** Points closer together than this (pad units) only make work. */
const NEAR = 0.75;

/** Pointer Events, table of buttons: the eraser at a pen's other end, as `button` and as a bit of `buttons`. */
const ERASER_END = 5;
const ERASER = 32;

/** After a pen was seen, touches are palms for this long (ms); so is a touch that ended this shortly before the pen came. */
const PALM_AFTER_PEN = 2000;
const PALM_BEFORE_PEN = 1000;

/** Dispatches `change` after every change of its ink, `resize` after one of its width. */
export class Pad extends EventTarget {
  ink = new Ink();
  /** Width of the next stroke, in pad units. */
  penWidth = 18;
  /** Whether the next stroke erases. */
  erasing = false;
  #width = SIDE;
  #visible;
  #read = new InkCanvas(Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE }), {
    willReadFrequently: true,
  });
  /**
   * @type {{ pointer: number, type: string, stroke: Stroke, raw: boolean } | null} what is being drawn, and with which pointer
   */
  #drawing = null;
  #penSeen = -Infinity;
  /** The newest stroke by touch, and when it ended. @type {{ stroke: Stroke | null, end: number }} */
  #touch = { stroke: null, end: 0 };

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    super();
    this.canvas = canvas;
    this.#visible = new InkCanvas(canvas);
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    for (const moves of ["pointerrawupdate", "pointermove"]) {
      canvas.addEventListener(moves, (event) => this.#move(/** @type {PointerEvent} */ (event)));
    }
    canvas.addEventListener("pointercancel", (event) => this.#cancel(event));
    for (const end of ["pointerup", "lostpointercapture"]) {
      canvas.addEventListener(end, (event) => this.#up(/** @type {PointerEvent} */ (event)));
    }
    canvas.addEventListener("mouseup", (event) => event.button === 1 && event.preventDefault()); // on Linux it would paste
    onScreenChange(canvas, () => this.#fit());
  }

  /** In pad units: SIDE for one digit, WIDE for a number. */
  get width() {
    return this.#width;
  }

  set width(width) {
    if (width === this.#width) return;
    this.#width = width;
    this.#drawing = null;
    this.#read.resize(width, width);
    this.#read.repaint(this.ink.drawing);
    this.#fit();
    this.dispatchEvent(new Event("resize"));
  }

  /** The drawing as Python gets it: 280×280 bytes, 255 where there is ink. The same on every screen. */
  pixels() {
    return this.#read.coverage(0, 0, SIDE, SIDE);
  }

  /**
   * Asks Python to read the drawing; a picture that nothing was drawn over is read from its file.
   * @param {object | null} inside what the room Inside shows of it: see Inside.read in py/web
   * @returns {{ revision: number } & Request}
   */
  request(inside) {
    const { revision, picture, strokes } = this.ink;
    if (picture?.file && !strokes.length) return { revision, ...pictureRequest("read_picture", picture.file, { inside }) };
    return { revision, kind: "read", values: { inside }, pixels: this.pixels() };
  }

  clear() {
    this.#change(() => this.ink.clear());
  }

  /** Replace the drawing; `undo` brings the old one back. @param {Drawing} drawing */
  become(drawing) {
    this.#change(() => this.ink.become(drawing));
  }

  undo() {
    this.#change(() => this.ink.undo());
  }

  redo() {
    this.#change(() => this.ink.redo());
  }

  /** Show another drawing without changing the ink; null shows the ink again. @param {Drawing | null} drawing */
  show(drawing) {
    this.#visible.repaint(drawing ?? this.ink.drawing);
  }

  /** Put the pen down. @param {Point} point @param {boolean} [erases] @returns {Stroke} the stroke that `extend` lengthens */
  begin(point, erases = this.erasing) {
    const stroke = this.ink.begin(point, this.penWidth, erases);
    this.#follow(stroke);
    return stroke;
  }

  /** Move the pen on. @param {Stroke} stroke @param {Point[]} points */
  extend(stroke, points) {
    this.ink.extend(stroke, points);
    this.#follow(stroke);
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (event.button !== 0 && event.button !== ERASER_END) return;
    const { pointerType: type, timeStamp: time } = event;
    if (type === "touch" && time - this.#penSeen < PALM_AFTER_PEN) return;
    if (type === "pen") this.#removePalm(time);
    if (this.#drawing) return; // one line at a time: a second touch is a palm
    event.preventDefault();
    this.canvas.dataset.by = "pointer"; // the focus ring and the hint are for keys
    this.canvas.focus({ preventScroll: true });
    this.canvas.setPointerCapture(event.pointerId);
    if (this.canvas.width !== this.#pixels) this.#fit(); // another screen, of which the browser told nothing
    const [point] = this.#points([event]);
    const stroke = this.begin(point, this.erasing || (event.buttons & ERASER) !== 0);
    this.#drawing = { pointer: event.pointerId, type, stroke, raw: false };
  }

  /** @param {PointerEvent} event */
  #move(event) {
    if (event.pointerType === "pen") this.#penSeen = event.timeStamp;
    if (event.pointerId !== this.#drawing?.pointer) return;
    // Where there are raw updates, they come at once; a pointermove waits for the next frame and brings the same points again.
    if (event.type === "pointerrawupdate") this.#drawing.raw = true;
    else if (this.#drawing.raw) return;
    const { stroke } = this.#drawing;
    const coalesced = event.getCoalescedEvents?.() ?? [];
    let last = stroke.points[stroke.points.length - 1];
    const points = this.#points(coalesced.length ? coalesced : [event]).filter((point) => {
      const isFar = Math.hypot(point.x - last.x, point.y - last.y) >= NEAR;
      if (isFar) last = point;
      return isFar;
    });
    if (points.length) this.extend(stroke, points);
  }

  /** @param {PointerEvent} event */
  #up(event) {
    if (event.pointerType === "pen") this.#penSeen = event.timeStamp;
    if (event.pointerId !== this.#drawing?.pointer) return;
    if (this.#drawing.type === "touch") this.#touch = { stroke: this.#drawing.stroke, end: event.timeStamp };
    this.#drawing = null;
  }

  /** The browser took the pointer for something else, a gesture or a palm. @param {PointerEvent} event */
  #cancel(event) {
    if (event.pointerId === this.#drawing?.pointer) this.#change(() => this.ink.withdraw());
  }

  /** A pen comes down: a touch that is still down, or was a moment ago, was the palm. @param {number} time */
  #removePalm(time) {
    this.#penSeen = time;
    const { stroke, end } = this.#touch;
    const isFresh = stroke !== null && stroke === this.ink.strokes.at(-1) && time - end < PALM_BEFORE_PEN;
    if (this.#drawing?.type === "touch" || isFresh) this.#change(() => this.ink.withdraw());
  }

  /** @param {PointerEvent[]} events @returns {Point[]} */
  #points(events) {
    const box = this.canvas.getBoundingClientRect(); // each time: the page may move under the pen
    return events.map(({ clientX, clientY, pressure, timeStamp }) => ({
      x: ((clientX - box.left) * this.#width) / box.width,
      y: ((clientY - box.top) * SIDE) / box.height,
      pressure,
      time: timeStamp,
    }));
  }

  /** @param {Stroke} stroke */
  #follow(stroke) {
    this.#read.follow(stroke);
    this.#visible.follow(stroke);
    this.#changed();
  }

  /** Change the ink as a whole; a stroke that is being drawn ends. @param {() => void} change */
  #change(change) {
    this.#drawing = null;
    change();
    this.#read.repaint(this.ink.drawing);
    this.#visible.repaint(this.ink.drawing);
    this.#changed();
  }

  /** The width of the visible canvas in the screen's pixels. */
  get #pixels() {
    return Math.max(1, Math.round(this.canvas.clientWidth * devicePixelRatio));
  }

  /** Match the canvas to the screen's pixels and colors. */
  #fit() {
    this.#visible.color = getComputedStyle(this.canvas).color;
    this.#visible.resize(this.#pixels, this.#width);
    this.#visible.repaint(this.ink.drawing);
  }

  #changed() {
    this.canvas.dataset.revision = String(this.ink.revision);
    this.dispatchEvent(new Event("change"));
  }
}
