// @ts-check
// Ink is data: strokes of points over a picture or nothing, in pad units (y down from 0 to 280, x to the right), whatever the
// screen. The pad is a square for one digit, and wide for a number.

/** The pad's height in its own units, and its width for one digit: the side in pixels of the image that Python gets. */
export const SIDE = 280;
/** The pad's width for a number. */
export const WIDE = 700;

/**
 * @typedef {{ x: number, y: number, pressure: number, time: number }} Point  pressure 0…1, time in ms
 * @typedef {{ width: number, erases?: boolean, points: Point[] }} Stroke  width in pad units
 */
/**
 * @typedef {object} Picture  what lies under the strokes
 * @property {Uint8Array} coverage  280 rows of 280 pixels, or of 700 for a number: 0 paper, 255 ink
 * @property {string} name  for people
 * @property {Uint8Array} [file]  the original file: Python reads this as long as nothing is drawn over the picture
 */
/** @typedef {{ readonly picture: Picture | null, readonly strokes: readonly Stroke[] }} Drawing */

/** @type {Drawing} */
const EMPTY = { picture: null, strokes: [] };

/** Undo reaches back this many changes, or as far as files of this many bytes; one change at least. */
const HISTORY = 200;
const HISTORY_BYTES = 32 * 2 ** 20;

/** A drawing with its history: every change, clearing too, can be undone and redone. */
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

  /**
   * @param {Point} point @param {number} width @param {boolean} [erases] @returns {Stroke} the stroke that `extend` lengthens
   */
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

  /** Replace the drawing; `undo` brings the old one back. @param {Drawing} drawing */
  become(drawing) {
    this.#past.push(this.drawing);
    this.#past.splice(0, this.#past.length - reach(this.#past));
    this.#future = [];
    this.drawing = drawing;
    this.revision += 1;
  }

  /** Remove the newest change as if it had never been made. */
  withdraw() {
    this.undo();
    this.#future.pop();
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

/** How many of the newest drawings fit into the history. @param {Drawing[]} past */
function reach(past) {
  const files = new Set();
  let bytes = 0;
  let count = 0;
  while (count < Math.min(past.length, HISTORY)) {
    const file = past[past.length - 1 - count].picture?.file;
    if (file && !files.has(file)) bytes += file.length;
    files.add(file);
    if (bytes > HISTORY_BYTES && count > 0) break;
    count += 1;
  }
  return count;
}

/** Whether a drawing can only have been made on the wide pad. @param {Drawing} drawing */
export function isWide({ picture, strokes }) {
  return (picture !== null && picture.coverage.length > SIDE * SIDE) || strokes.some(({ points: [first] }) => first.x > SIDE);
}

/** Groups of strokes stand apart if this much of the ink's height is between them. */
const APART = 0.06;

/**
 * Whether strokes look like the digits of a number: "apart" if they stand side by side, each group tall and with paper between
 * them; "perhaps" if there are several and their ink is wider than it is high.
 * @param {readonly Stroke[]} strokes @returns {"apart" | "perhaps" | ""}
 */
export function looksLikeNumber(strokes) {
  if (strokes.length < 2 || strokes.some(({ erases }) => erases)) return "";
  const boxes = strokes.map(boxOf).sort((a, b) => a.left - b.left);
  const whole = boxes.reduce(union);
  const height = whole.bottom - whole.top;
  const groups = boxes.reduce((/** @type {typeof boxes} */ groups, box) => {
    const last = groups.at(-1);
    if (last && box.left - last.right < APART * height) groups[groups.length - 1] = union(last, box);
    else groups.push(box);
    return groups;
  }, []);
  if (groups.length > 1 && groups.every(({ top, bottom }) => bottom - top > height / 2)) return "apart";
  return whole.right - whole.left > height ? "perhaps" : "";
}

/** The box of a stroke's ink. @param {Stroke} stroke */
export function boxOf({ width, points }) {
  const box = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
  for (const { x, y } of points) {
    box.left = Math.min(box.left, x - width / 2);
    box.right = Math.max(box.right, x + width / 2);
    box.top = Math.min(box.top, y - width / 2);
    box.bottom = Math.max(box.bottom, y + width / 2);
  }
  return box;
}

/** @param {ReturnType<typeof boxOf>} a @param {ReturnType<typeof boxOf>} b */
const union = (a, b) => ({
  left: Math.min(a.left, b.left),
  right: Math.max(a.right, b.right),
  top: Math.min(a.top, b.top),
  bottom: Math.max(a.bottom, b.bottom),
});

/** Whether a record of the browser's storage is a Drawing. @param {any} record */
export function isDrawing(record) {
  const { picture, strokes } = record ?? {};
  return (picture === null || isPicture(picture)) && Array.isArray(strokes) && strokes.every(isStroke);
}

/** @param {any} picture */
function isPicture(picture) {
  const { coverage, name, file } = picture ?? {};
  const hasFile = file === undefined || file instanceof Uint8Array;
  const hasSize = coverage instanceof Uint8Array && [SIDE, WIDE].includes(coverage.length / SIDE);
  return hasSize && typeof name === "string" && hasFile;
}

/** @param {any} stroke */
function isStroke(stroke) {
  const { width, points } = stroke ?? {};
  return Number.isFinite(width) && width > 0 && Array.isArray(points) && points.length > 0 && points.every(isPoint);
}

/** @param {any} point */
function isPoint(point) {
  const { x, y, pressure, time } = point ?? {};
  return [x, y, pressure, time].every(Number.isFinite);
}
