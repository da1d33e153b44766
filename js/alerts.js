// @ts-check
// What went wrong, in sentences at the top of the page. Each topic has one message, and topics do not hide one another.

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
    const message = document.createElement("div");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = tryAgain ? "Try again" : "Close";
    button.addEventListener("click", () => {
      this.#remove(topic);
      tryAgain?.();
    });
    message.append(Object.assign(document.createElement("p"), { textContent: sentence }), button);
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
