// @ts-check
// Ink is data: strokes of points, in pad units (0…280, x to the right, y down), whatever the screen.

/** The pad's side in its own units, and the side in pixels of the picture that Python gets. */
export const SIDE = 280;

/**
 * @typedef {{ x: number, y: number, pressure: number, time: number }} Point  pressure 0…1, time in ms
 * @typedef {{ width: number, points: Point[] }} Stroke  width in pad units
 */

/** A drawing that remembers what it was, so that every change (clearing too) can be undone and redone. */
export class Ink {
  /** @type {Stroke[]} */
  strokes = [];
  /** Grows by one with every change. */
  revision = 0;
  /** @type {Stroke[][]} */
  #past = [];
  /** @type {Stroke[][]} */
  #future = [];

  get isEmpty() {
    return this.strokes.length === 0;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  /** @param {Point} point @param {number} width @returns {Stroke} the stroke that `extend` lengthens */
  begin(point, width) {
    const stroke = { width, points: [point] };
    this.#become([...this.strokes, stroke]);
    return stroke;
  }

  /** @param {Stroke} stroke @param {Point[]} points */
  extend(stroke, points) {
    stroke.points.push(...points);
    this.revision += 1;
  }

  clear() {
    if (!this.isEmpty) this.#become([]);
  }

  undo() {
    this.#travel(this.#past, this.#future);
  }

  redo() {
    this.#travel(this.#future, this.#past);
  }

  /** @param {Stroke[]} strokes */
  #become(strokes) {
    this.#past.push(this.strokes);
    this.#future = [];
    this.strokes = strokes;
    this.revision += 1;
  }

  /** @param {Stroke[][]} from @param {Stroke[][]} to */
  #travel(from, to) {
    const strokes = from.pop();
    if (!strokes) return;
    to.push(this.strokes);
    this.strokes = strokes;
    this.revision += 1;
  }
}
