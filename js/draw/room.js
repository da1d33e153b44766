// @ts-check
// The room Draw: shows each reading and what is being loaded, and says the answer once the pen rests.

import { changeText, element, make } from "../page.js";
import { megabytes } from "../python/downloads.js";
import { paintDigit } from "../views/ink_image.js";
import { percent } from "../views/numbers.js";
import { debounce, whenVisible } from "../when.js";

/** @typedef {import("../python/client.js").Reading} Reading @typedef {import("../python/client.js").Progress} Progress */

/**
 * @typedef {object} Answer  what the page says of the ink: a digit, or a whole number
 * @property {number} revision @property {string} value  "" where there is no ink
 * @property {Reading["verdict"]} verdict @property {number} confidence  0…1
 * @property {string} words  a sentence
 * @property {{ digit: number, confidence: number, box: number[] }[]} [digits]  of a number
 *   box: left, top, right, bottom on the pad
 */

/**
 * The views: each fills the element of that id, and is called with every reading of a digit.
 * @type {Record<string, (place: HTMLElement) => (reading: Reading) => void>}
 */
const VIEWS = {
  bars: barsView,
  "network-input": networkInputView,
};

/** The answer is said once the pen has rested for this long (ms). */
const REST = 700;

const SEVERAL = "That looks like several digits.";

export class DrawRoom {
  #views = Object.entries(VIEWS).map(([id, view]) => whenVisible(element(id), view(element(id))));
  #answerViews = [answerView(), shortAnswerView(element("short-answer"))];
  #said = element("status").textContent;
  #showLoading = loadingView();
  #sayLater = debounce((/** @type {string} */ words) => this.#say(words), REST);
  /** What is shown. @type {Answer | null} */
  answer = null;
  /** The digit whose input and bars are shown. @type {Reading | null} */
  digit = null;

  /**
   * @param {Reading} reading
   * @param {ReturnType<typeof import("../pad/ink.js").looksLikeNumber>} number whether the strokes look like one
   */
  show(reading, number) {
    const { revision, digit, confidence } = reading;
    const several = number === "apart";
    const verdict = several && reading.verdict === "digit" ? "unsure" : reading.verdict;
    const words = several ? SEVERAL : inWords(reading);
    this.showDigit(reading);
    this.showAnswer({ revision, value: digit === null ? "" : String(digit), verdict, confidence, words });
    element("to-number").hidden = !several && !(number && verdict === "not-a-digit");
  }

  /** Show a digit's input and its bars. @param {Reading} reading */
  showDigit(reading) {
    this.digit = reading;
    for (const view of this.#views) view(reading);
  }

  /** @param {Answer} answer */
  showAnswer(answer) {
    const before = this.answer;
    this.answer = answer;
    for (const view of this.#answerViews) view(answer);
    if (answer.value !== before?.value || answer.verdict !== before.verdict) this.#say("");
    this.#sayLater(answer.words);
    if (answer.value) return;
    this.#sayLater.cancel();
    this.#say(answer.words);
  }

  /** @param {Progress} progress */
  showLoading(progress) {
    this.#showLoading(progress);
    this.#say(progress.doing || (this.answer?.words ?? ""));
  }

  /** Nothing is claimed any more. */
  fail() {
    this.#sayLater.cancel();
    this.#say("");
  }

  /**
   * Screen readers hear it in every room (they hear nothing from a hidden one); it is visible in Draw.
   * @param {string} words
   */
  #say(words) {
    if (words === this.#said) return;
    this.#said = words;
    for (const id of ["status", "sentence"]) element(id).textContent = words;
  }
}

/** The answer in large, with its confidence. @returns {(answer: Answer) => void} */
function answerView() {
  const [prediction, confidence] = ["prediction", "confidence"].map(element);
  return (answer) => {
    changeText(prediction, answer.value);
    prediction.dataset.verdict = answer.verdict;
    prediction.dataset.revision = String(answer.revision);
    changeText(confidence, answer.value && `${percent(answer.confidence)} %`);
  };
}

/**
 * Ten bars: the probability of each digit.
 * @param {HTMLElement} place @returns {(reading: Pick<Reading, "digit" | "probabilities">) => void}
 */
export function barsView(place) {
  const bars = Array.from({ length: 10 }, (_, digit) => bar(digit));
  place.replaceChildren(...bars);
  return ({ digit: likeliest, probabilities }) => {
    for (const [digit, bar] of bars.entries()) {
      const share = likeliest === null ? 0 : percent(probabilities.data[digit]); // rounded, so that few bars change
      bar.ariaValueNow = String(share);
      bar.style.setProperty("--share", String(share / 100));
      bar.dataset.percent = share >= 1 ? String(share) : "";
      bar.classList.toggle("likeliest", digit === likeliest);
    }
  };
}

/** @param {number} digit */
function bar(digit) {
  const meter = { role: "meter", ariaLabel: `${digit}, percent`, ariaValueMin: "0", ariaValueMax: "100", ariaValueNow: "0" };
  return make("div", { className: "bar", data: { digit: String(digit) }, ...meter }, make("span"));
}

/** The 28×28 pixels that the network gets. @param {HTMLElement} place a canvas @returns {(reading: Reading) => void} */
function networkInputView(place) {
  return ({ image }) => paintDigit(/** @type {HTMLCanvasElement} */ (place), image.data, 1);
}

/** The answer in one line below the pad, for other rooms. @param {HTMLElement} place @returns {(answer: Answer) => void} */
function shortAnswerView(place) {
  return ({ value, verdict, confidence, words }) => {
    const isClaim = value && verdict !== "not-a-digit";
    changeText(place, words + (isClaim ? ` ${percent(confidence)} %` : ""));
    place.hidden = false;
  };
}

/** How much has been downloaded. @returns {(progress: Progress) => void} */
function loadingView() {
  const bar = /** @type {HTMLProgressElement} */ (element("progress"));
  const bytes = element("bytes");
  return ({ done, total }) => {
    document.documentElement.toggleAttribute("data-fetching", done !== undefined && done < (total ?? 0));
    if (done === undefined || !total) return;
    bar.value = done / total;
    bytes.textContent = `${megabytes(done)} of ${megabytes(total)} MB`;
  };
}

/** A reading as a sentence. @param {Reading} reading */
export function inWords(reading) {
  const { digit, second, verdict } = reading;
  if (digit === null || second === null) return "Draw a digit from 0 to 9.";
  if (verdict === "not-a-digit") return "That does not look like a digit.";
  return verdict === "unsure" ? `Perhaps ${one(digit)}, or ${one(second)}.` : `That is ${one(digit)}.`;
}

/** @param {number} digit */
const one = (digit) => `${digit === 8 ? "an" : "a"} ${digit}`;
