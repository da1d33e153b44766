// @ts-check
// The room Draw: shows each reading and what is being loaded, and says the answer once the pen rests.

import { element } from "../page.js";
import { megabytes } from "../python/downloads.js";
import { paintDigit } from "../views/digit_image.js";
import { debounce } from "../when.js";

/** @typedef {import("../python/client.js").Reading} Reading @typedef {import("../python/client.js").Progress} Progress */

/**
 * The views: each fills the element of that id, and is called with every reading.
 * @type {Record<string, (place: HTMLElement) => (reading: Reading) => void>}
 */
const VIEWS = {
  draw: answerView,
  bars: barsView,
  "network-input": networkInputView,
  "short-answer": shortAnswerView,
};

/** The answer is said once the pen has rested for this long (ms). */
const REST = 700;

export class DrawRoom {
  #views = Object.entries(VIEWS).map(([id, view]) => view(element(id)));
  #showLoading = loadingView(element("loading"));
  #sayLater = debounce((/** @type {Reading} */ reading) => this.#say(inWords(reading)), REST);
  /** @type {Reading | null} */
  #reading = null;

  /** @param {Reading} reading */
  show(reading) {
    const before = this.#reading;
    this.#reading = reading;
    for (const view of this.#views) view(reading);
    if (reading.digit !== before?.digit || reading.verdict !== before.verdict) this.#say("");
    this.#sayLater(reading);
    if (reading.digit !== null) return;
    this.#sayLater.cancel();
    this.#say(inWords(reading));
  }

  /** @param {Progress} progress */
  showLoading(progress) {
    this.#showLoading(progress);
    this.#say(progress.doing || (this.#reading ? inWords(this.#reading) : ""));
  }

  /** Nothing is claimed any more. */
  fail() {
    this.#sayLater.cancel();
    this.#say("");
  }

  /** Screen readers hear it in every room (they hear nothing from a hidden one); it is visible in Draw. @param {string} words */
  #say(words) {
    for (const id of ["status", "sentence"]) {
      if (element(id).textContent !== words) element(id).textContent = words;
    }
  }
}

/** The answer in large, with its confidence. @param {HTMLElement} place @returns {(reading: Reading) => void} */
function answerView(place) {
  const prediction = /** @type {HTMLOutputElement} */ (place.querySelector("#prediction"));
  const confidence = /** @type {HTMLElement} */ (place.querySelector("#confidence"));
  return (reading) => {
    prediction.value = reading.digit === null ? "" : String(reading.digit);
    prediction.dataset.verdict = reading.verdict;
    prediction.dataset.revision = String(reading.revision);
    confidence.textContent = reading.digit === null ? "" : `${percent(reading.confidence)} %`;
  };
}

/** Ten bars: the probability of each digit. @param {HTMLElement} place @returns {(reading: Reading) => void} */
function barsView(place) {
  const bars = Array.from({ length: 10 }, (_, digit) => bar(digit));
  place.replaceChildren(...bars);
  return ({ digit: likeliest, probabilities }) => {
    for (const [digit, bar] of bars.entries()) {
      const percent = likeliest === null ? 0 : 100 * probabilities.data[digit];
      bar.ariaValueNow = String(Math.round(percent * 10) / 10);
      bar.style.setProperty("--share", String(percent / 100));
      bar.dataset.percent = percent >= 0.95 ? String(Math.round(percent)) : "";
      bar.classList.toggle("likeliest", digit === likeliest);
    }
  };
}

/** @param {number} digit */
function bar(digit) {
  const bar = document.createElement("div");
  bar.className = "bar";
  bar.role = "meter";
  bar.dataset.digit = String(digit);
  bar.ariaLabel = `${digit}, percent`;
  bar.ariaValueMin = "0";
  bar.ariaValueMax = "100";
  bar.ariaValueNow = "0";
  bar.append(document.createElement("span"));
  return bar;
}

/** The 28×28 pixels that the network gets. @param {HTMLElement} place a canvas @returns {(reading: Reading) => void} */
function networkInputView(place) {
  return ({ image }) => {
    const pixels = image.data.map((ink) => 255 * ink);
    paintDigit(/** @type {HTMLCanvasElement} */ (place), pixels);
  };
}

/** The answer in one line below the pad, for other rooms. @param {HTMLElement} place @returns {(reading: Reading) => void} */
function shortAnswerView(place) {
  return (reading) => {
    const isClaim = reading.digit !== null && reading.verdict !== "not-a-digit";
    place.textContent = inWords(reading) + (isClaim ? ` ${percent(reading.confidence)} %` : "");
    place.hidden = false;
  };
}

/** How much has been downloaded. @param {HTMLElement} place @returns {(progress: Progress) => void} */
function loadingView(place) {
  const bar = /** @type {HTMLProgressElement} */ (place.querySelector("progress"));
  const bytes = /** @type {HTMLElement} */ (place.querySelector("#bytes"));
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

/** 0…1 as a percentage with one decimal, never rounded up to 100. @param {number} share */
const percent = (share) => Math.min(Math.round(share * 1000), share < 1 ? 999 : 1000) / 10;
