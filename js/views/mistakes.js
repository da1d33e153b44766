// @ts-check
// The test digits that a network is surest of and gets wrong; a click puts one on the pad.

import { enlarged, thumbnail } from "./samples.js";

/** @typedef {import("../trainer.js").Evaluation} Evaluation @typedef {import("../ink.js").Picture} Picture */

/** @param {HTMLElement} place @param {(picture: Picture) => void} take @returns {(evaluation: Evaluation) => void} */
export function mistakesView(place, take) {
  return ({ mistakes, images }) => {
    place.replaceChildren(...mistakes.map(({ index, label, said, confidence }, n) => {
      const pixels = Uint8Array.from(images.data.subarray(784 * n, 784 * n + 784), (ink) => Math.round(255 * ink));
      const button = document.createElement("button");
      button.type = "button";
      button.ariaLabel = `Test digit ${index}, written as ${label}, read as ${said}`;
      button.title = `A ${label} read as ${said}, ${(100 * confidence).toFixed(0)} % sure`;
      const caption = document.createElement("span");
      caption.textContent = `${label} → ${said}`;
      button.append(thumbnail(pixels), caption);
      button.addEventListener("click", () => take({ coverage: enlarged(pixels), name: `MNIST’s test digit ${index}` }));
      return button;
    }));
  };
}
