// @ts-check
// What went wrong, in sentences at the top of the page. Each topic has one message, and topics do not hide one another.

import { button, make } from "./page.js";

/**
 * @typedef {(sentence: string, tryAgain?: () => void) => void} Say  "" removes the message; without `tryAgain` it can only be closed
 */

export class Alerts {
  #place;
  /** @type {Map<string, HTMLElement>} */
  #messages = new Map();

  /** @param {HTMLElement} place an element with role="alert" */
  constructor(place) {
    this.#place = place;
  }

  /** @param {string} topic @returns {Say} shows a message in place of the last one about this topic */
  about(topic) {
    return (sentence, tryAgain) => {
      this.#remove(topic);
      if (sentence) this.#add(topic, sentence, tryAgain);
    };
  }

  /** @param {string} topic @param {string} sentence @param {(() => void) | undefined} tryAgain */
  #add(topic, sentence, tryAgain) {
    const act = () => {
      this.#remove(topic);
      tryAgain?.();
    };
    const message = make("div", {}, make("p", {}, sentence), button(tryAgain ? "Try again" : "Close", act));
    this.#messages.set(topic, message);
    this.#place.append(message);
    this.#place.hidden = false;
  }

  /** @param {string} topic */
  #remove(topic) {
    this.#messages.get(topic)?.remove();
    this.#messages.delete(topic);
    this.#place.hidden = !this.#messages.size;
  }
}
