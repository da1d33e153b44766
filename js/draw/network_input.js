// @ts-check
// The 28×28 pixels that the network gets.

import { paintDigit } from "../views/digit_image.js";

/** @typedef {import("../python/client.js").Reading} Reading */

/** @param {HTMLElement} place a canvas @returns {(reading: Reading) => void} */
export function networkInputView(place) {
  return ({ image }) => {
    const pixels = image.data.map((ink) => 255 * ink);
    paintDigit(/** @type {HTMLCanvasElement} */ (place), pixels);
  };
}
