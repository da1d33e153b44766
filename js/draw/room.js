// @ts-check
// The room Draw: shows each reading and what is being loaded, and says the answer once the pen rests.

import { debounce } from "../debounce.js";
import { element } from "../element.js";
import { answerView, inWords } from "./answer.js";
import { barsView } from "./bars.js";
import { loadingView } from "./loading.js";
import { networkInputView } from "./network_input.js";
import { shortAnswerView } from "./short_answer.js";

/** @typedef {import("../python/client.js").Reading} Reading */

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

  /** @param {import("../python/client.js").Progress} progress */
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
