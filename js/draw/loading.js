// @ts-check
// What is being loaded, while it is.

import { megabytes } from "../views/numbers.js";

/** @typedef {import("../python/client.js").Progress} Progress */

/** @param {HTMLElement} place @returns {(progress: Progress) => void} */
export function loadingView(place) {
  const bar = /** @type {HTMLProgressElement} */ (place.querySelector("progress"));
  const bytes = /** @type {HTMLElement} */ (place.querySelector("#bytes"));
  return ({ done, total }) => {
    if (done === undefined || !total) return;
    bar.value = done / total;
    bytes.textContent = `${megabytes(done)} of ${megabytes(total)} MB`;
  };
}
