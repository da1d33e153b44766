// @ts-check
// Ink is data: strokes of points over a picture or nothing, in pad units (0…280, x to the right, y down), whatever the screen.

/** The pad's side in its own units, and the side in pixels of the picture that Python gets. */
export const SIDE = 280;

/**
 * @typedef {{ x: number, y: number, pressure: number, time: number }} Point  pressure 0…1, time in ms
 * @typedef {{ width: number, erases?: boolean, points: Point[] }} Stroke  width in pad units
 */
/**
 * @typedef {object} Picture  what lies under the strokes
 * @property {Uint8Array} coverage  280×280, row by row: 0 paper, 255 ink
 * @property {string} name  what a person calls it
 * @property {Uint8Array} [file]  the file it came from: while nothing is drawn over the picture, Python reads this
 */
/** @typedef {{ readonly picture: Picture | null, readonly strokes: readonly Stroke[] }} Drawing */

/** @type {Drawing} */
const EMPTY = { picture: null, strokes: [] };

/** A drawing that remembers what it was, so that every change (clearing too) can be undone and redone. */
export class Ink {
  /** @type {Drawing} */
  drawing = EMPTY;
  /** Grows by one with every change. */
  revision = 0;
  /** @type {Drawing[]} */
  #past = [];
  /** @type {Drawing[]} */
  #future = [];

  get strokes() {
    return this.drawing.strokes;
  }

  get picture() {
    return this.drawing.picture;
  }

  get isEmpty() {
    return !this.picture && this.strokes.length === 0;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  /** @param {Point} point @param {number} width @param {boolean} [erases] @returns {Stroke} the stroke that `extend` lengthens */
  begin(point, width, erases = false) {
    const stroke = erases ? { width, erases, points: [point] } : { width, points: [point] };
    this.become({ picture: this.picture, strokes: [...this.strokes, stroke] });
    return stroke;
  }

  /** @param {Stroke} stroke @param {Point[]} points */
  extend(stroke, points) {
    stroke.points.push(...points);
    this.revision += 1;
  }

  clear() {
    if (!this.isEmpty) this.become(EMPTY);
  }

  /** Another drawing takes the place of this one, which `undo` brings back. @param {Drawing} drawing */
  become(drawing) {
    this.#past.push(this.drawing);
    this.#future = [];
    this.drawing = drawing;
    this.revision += 1;
  }

  undo() {
    this.#travel(this.#past, this.#future);
  }

  redo() {
    this.#travel(this.#future, this.#past);
  }

  /** @param {Drawing[]} from @param {Drawing[]} to */
  #travel(from, to) {
    const drawing = from.pop();
    if (!drawing) return;
    to.push(this.drawing);
    this.drawing = drawing;
    this.revision += 1;
  }
}
