// @ts-check
// The most confident mistakes on the test set; a click puts one on the pad.

import { make } from "../page.js";
import { enlarged, paintDigit } from "../views/ink_image.js";

/** @typedef {import("../python/training_client.js").Evaluation} Evaluation */
/** @typedef {import("../pad/ink.js").Picture} Picture */

/** @param {HTMLElement} place @param {(picture: Picture) => void} take @returns {(evaluation: Evaluation) => void} */
export function mistakesView(place, take) {
  /** @type {Evaluation | null} */
  let shown = null;
  /** @param {number} n */
  const pixelsOf = (n) => {
    const { data } = /** @type {Evaluation} */ (shown).images;
    return Uint8Array.from(data.subarray(784 * n, 784 * n + 784), (ink) => Math.round(255 * ink));
  };
  /** @param {number} n */
  const mistakeButton = (n) => {
    const act = () => {
      const { index } = /** @type {Evaluation} */ (shown).mistakes[n];
      take({ coverage: enlarged(pixelsOf(n)), name: `MNIST’s test digit ${index}` });
    };
    return make("button", { type: "button", onclick: act }, make("canvas", { className: "black-ink" }), make("span"));
  };
  return (evaluation) => {
    shown = evaluation;
    const { mistakes } = evaluation;
    while (place.childElementCount > mistakes.length) place.lastElementChild?.remove();
    while (place.childElementCount < mistakes.length) place.append(mistakeButton(place.childElementCount));
    for (const [n, { index, label, predicted, confidence }] of mistakes.entries()) {
      const button = /** @type {HTMLButtonElement} */ (place.children[n]);
      const [canvas, caption] = button.children;
      button.ariaLabel = `Test digit ${index}, a ${label} read as ${predicted}`;
      button.title = `A ${label} read as ${predicted} with a confidence of ${(100 * confidence).toFixed(0)} %`;
      caption.textContent = `${label} → ${predicted}`;
      paintDigit(/** @type {HTMLCanvasElement} */ (canvas), pixelsOf(n));
    }
  };
}
