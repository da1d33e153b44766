// @ts-check
// Number mode: the ink is read as one number. Each digit stands above its ink, and one of them is shown in detail.

import { SIDE, WIDE } from "../pad/ink.js";
import { pictureRequest } from "../pad/pictures.js";
import { button, element } from "../page.js";
import { percent } from "../views/numbers.js";
import { listen, whenVisible } from "../when.js";
import { latticeView } from "./lattice.js";
import { boxOnPad, coverageOnPad } from "./number_picture.js";
import { inSquare, StrokeBitmaps } from "./stroke_bitmaps.js";

/** @typedef {import("../pad/pad.js").Pad} Pad @typedef {import("../draw/room.js").DrawRoom} DrawRoom */
/** @typedef {import("../python/client.js").Reading} Reading @typedef {import("../python/client.js").Recognizer} Recognizer */
/** @typedef {import("../python/client.js").Matrix} Matrix */
/**
 * @typedef {object} Digit  of the number, from left to right
 * @property {number} digit @property {number} second  the likeliest one, and the next
 * @property {number} confidence @property {"digit" | "unsure" | "not-a-digit"} verdict
 * @property {Matrix} probabilities @property {Matrix} image
 * @property {number[]} box  left, top, right, bottom on the pad @property {number[]} strokes  indices of those that have ink
 *
 * @typedef {object} NumberReading  what py/web answers
 * @property {number} revision @property {string} number  "" where there is no ink
 * @property {number} confidence  0…1, that all of it is right
 * @property {import("./lattice.js").Path[]} alternatives  the next likely numbers, the likeliest first
 * @property {string} note  sentences about what was not read; "" if all was
 * @property {Digit[]} digits @property {import("./lattice.js").Candidate[]} candidates
 * @property {Matrix} [ink]  of a picture's file: the line that was read; until `onPad`, boxes are in its pixels
 */

/** Where Python finds the bitmaps. */
const PATH = "uploads/strokes";
/** Below this confidence, the runner-up is mentioned. */
const SURE = 0.29;
/** A digit's button is at most this wide, in pad units. */
const BUTTON = 96;

/** @type {NumberReading} */
const NO_NUMBER = { revision: 0, number: "", confidence: 0, alternatives: [], note: "", digits: [], candidates: [] };

/** Dispatches `number` with each NumberReading. */
export class NumberMode extends EventTarget {
  #pad;
  #recognizer;
  #draw;
  #rooms;
  #places = element("places");
  #words = element("place-words");
  #bitmaps = new StrokeBitmaps();
  #showLattice = whenVisible(element("lattice"), latticeView(element("lattice")));
  #reading = NO_NUMBER;
  /** Counts what was asked; only the answer to the newest is `#isCurrent`, so that Python has its digits. */
  #asked = 0;
  #isCurrent = false;
  /** The place that was clicked; it holds for the ink of this revision. */
  #chosen = { revision: -1, place: 0 };

  /**
   * @param {Pad} pad @param {Recognizer} recognizer @param {DrawRoom} draw
   * @param {object} rooms
   * @param {() => boolean} rooms.isOpen  whether one is open that shows a single digit
   * @param {() => object | null} rooms.question  what the room Inside asks of that digit; null while it is closed
   * @param {(reading: Reading) => void} rooms.showInside  gets its reading
   * @param {() => void} rooms.ready  is called after each number
   */
  constructor(pad, recognizer, draw, rooms) {
    super();
    this.#pad = pad;
    this.#recognizer = recognizer;
    this.#draw = draw;
    this.#rooms = rooms;
    pad.addEventListener("resize", () => this.#places.replaceChildren());
    listen(recognizer, {
      unread: (/** @type {string} */ reason) => {
        const { revision, picture } = pad.ink;
        if (pad.width === WIDE && !picture)
          this.#show({ ...NO_NUMBER, revision, note: `${reason[0].toUpperCase()}${reason.slice(1)}.` });
      },
    });
  }

  /** Read the ink as a number. */
  read() {
    const turn = ++this.#asked;
    this.#isCurrent = false;
    this.#recognizer.read(
      () => this.#request(),
      (/** @type {NumberReading} */ reading) => {
        if (this.#pad.width !== WIDE) return; // the switch was pressed meanwhile
        this.#isCurrent = turn === this.#asked;
        this.#show(onPad(reading));
        this.readPlace();
        this.#rooms.ready();
      },
    );
  }

  /** Read the digit that is shown in detail, for a room that explains one digit. */
  readPlace() {
    const { revision, number, confidence, alternatives, digits, candidates } = this.#reading;
    if (!this.#rooms.isOpen() || !this.#isCurrent) return;
    const best = { number, confidence, candidates: [...candidates.keys()].filter((index) => candidates[index].won) };
    this.#showLattice(candidates, digits.length ? [best, ...alternatives] : [], this.#pad.ink.drawing);
    if (!digits.length) return;
    const request = { revision, kind: "read_place", values: { place: this.#place, inside: this.#rooms.question() } };
    this.#recognizer.read(() => request, this.#rooms.showInside);
  }

  /** That digit as Python gets the drawing of one digit: 280×280 bytes. */
  pixels() {
    const shown = this.#reading.digits[this.#place];
    if (!shown) return new Uint8Array(SIDE * SIDE);
    const { picture, drawing } = this.#pad.ink;
    const bitmaps = this.#bitmaps.of(drawing).filter((_, i) => picture !== null || shown.strokes.includes(i));
    return inSquare(bitmaps, shown.box);
  }

  /** The line of digits in the file of a picture, for the wide pad. @param {Uint8Array} file */
  find = async (file) => {
    const { ink } = await this.#recognizer.ask(pictureRequest("number_picture", file));
    return { coverage: coverageOnPad(ink), notes: [] }; // the reading that follows has them
  };

  #request() {
    const { revision, picture, strokes, drawing } = this.#pad.ink;
    if (picture?.file && !strokes.length) return { revision, ...pictureRequest("number_picture", picture.file) };
    const bitmaps = this.#bitmaps.of(drawing);
    const contents = new Uint8Array(bitmaps.reduce((size, { coverage }) => size + coverage.length, 0));
    let at = 0;
    for (const { coverage } of bitmaps) {
      contents.set(coverage, at);
      at += coverage.length;
    }
    const values = { file: PATH, strokes: bitmaps.map(({ coverage, ...stroke }) => stroke) };
    return { revision, kind: "number", values, contents: { [PATH]: contents } };
  }

  /** The digit that is shown in detail: the one that was clicked, or else that of the newest stroke. */
  get #place() {
    const { revision, digits } = this.#reading;
    if (this.#chosen.revision === revision) return this.#chosen.place;
    const newest = digits.map(({ strokes }) => Math.max(...strokes));
    return newest.lastIndexOf(Math.max(...newest));
  }

  /** @param {NumberReading} reading */
  #show(reading) {
    this.#reading = reading;
    const { revision, number, confidence, digits } = reading;
    element("prediction").style.setProperty("--length", String(Math.max(number.length, 3)));
    this.#draw.showAnswer({ revision, value: number, verdict: verdict(reading), confidence, words: inWords(reading), digits });
    while (this.#places.children.length > digits.length) this.#places.lastElementChild?.remove();
    while (this.#places.children.length < digits.length) this.#places.append(this.#button(this.#places.children.length));
    const middles = digits.map(({ box: [left, , right] }) => (left + right) / 2);
    for (const [place, digit] of digits.entries()) {
      const button = /** @type {HTMLElement} */ (this.#places.children[place]);
      const middle = middles[place];
      const from = Math.max(middle - BUTTON / 2, place > 0 ? (middles[place - 1] + middle) / 2 : 0);
      const to = Math.min(middle + BUTTON / 2, place < digits.length - 1 ? (middles[place + 1] + middle) / 2 : WIDE);
      button.style.setProperty("--from", String(from / WIDE));
      button.style.setProperty("--share", String((to - from) / WIDE));
      button.textContent = String(digit.digit);
      button.dataset.verdict = digit.verdict;
      button.ariaLabel = describe(digit, place);
    }
    this.#showDigit();
    this.dispatchEvent(new CustomEvent("number", { detail: reading }));
  }

  #showDigit() {
    const { revision, digits } = this.#reading;
    const chosen = this.#place;
    const shown = digits[chosen];
    for (const [place, button] of [...this.#places.children].entries()) button.ariaPressed = String(place === chosen);
    this.#words.textContent = shown ? describe(shown, chosen) : "";
    this.#draw.showDigit(shown ? { ...shown, revision, activations: [], inside: null } : { ...NOTHING, revision });
  }

  /** @param {number} place */
  #button(place) {
    const choose = () => {
      this.#chosen = { revision: this.#reading.revision, place };
      this.#showDigit();
      this.readPlace();
    };
    return button("", choose, { className: "quiet", data: { place: String(place) } });
  }
}

/** @type {Omit<Reading, "revision">} */
const NOTHING = {
  digit: null,
  second: null,
  confidence: 0,
  verdict: "empty",
  probabilities: { shape: [10], data: new Float32Array(10) },
  image: { shape: [28, 28], data: new Float32Array(28 * 28) },
  activations: [],
  inside: null,
};

/** The reading with all boxes in pad units. @param {NumberReading} reading @returns {NumberReading} */
function onPad(reading) {
  const { ink, digits, candidates } = reading;
  if (!ink) return reading;
  const moved = (/** @type {{ box: number[] }} */ { box }) => boxOnPad(ink, box);
  return {
    ...reading,
    digits: digits.map((digit) => ({ ...digit, box: moved(digit) })),
    candidates: candidates.map((candidate) => ({ ...candidate, box: moved(candidate) })),
  };
}

/** @param {NumberReading} reading @returns {Reading["verdict"]} */
function verdict({ digits, confidence }) {
  if (!digits.length) return "empty";
  if (digits.every(({ verdict }) => verdict === "not-a-digit")) return "not-a-digit";
  return confidence >= SURE && digits.every(({ verdict }) => verdict === "digit") ? "digit" : "unsure";
}

const list = new Intl.ListFormat("en");

/** @param {NumberReading} reading */
function inWords(reading) {
  const { number, confidence, alternatives, note, digits } = reading;
  const [second] = alternatives;
  const wrong = [...digits.keys()].filter((place) => digits[place].verdict === "not-a-digit").map((place) => `${place + 1}`);
  let words = `That is ${number}.`;
  if (!digits.length) return note || "Write a number.";
  if (wrong.length === digits.length) words = "That does not look like a number.";
  else if (wrong.length === 1) words = `That looks like ${number}, but place ${wrong[0]} does not look like a digit.`;
  else if (wrong.length) words = `That looks like ${number}, but places ${list.format(wrong)} do not look like digits.`;
  else if (verdict(reading) === "unsure" && second) words = `Perhaps ${number}, or ${second.number}.`;
  else if (confidence < SURE) words = `Perhaps ${number}.`;
  return note ? `${words} ${note}` : words;
}

/** @param {Digit} digit @param {number} place */
function describe({ digit, second, confidence, verdict }, place) {
  const share = `${digit}, ${percent(confidence)} %; runner-up ${second}`;
  return `Digit ${place + 1}: ${verdict === "not-a-digit" ? `does not look like one. Most likely ` : ""}${share}`;
}
