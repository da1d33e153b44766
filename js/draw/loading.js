// @ts-check
// How much has been downloaded.

import { megabytes } from "../views/numbers.js";

/** @typedef {import("../python/client.js").Progress} Progress */

/** @param {HTMLElement} place @returns {(progress: Progress) => void} */
export function loadingView(place) {
  const bar = /** @type {HTMLProgressElement} */ (place.querySelector("progress"));
  const bytes = /** @type {HTMLElement} */ (place.querySelector("#bytes"));
  return ({ done, total }) => {
    document.documentElement.toggleAttribute("data-fetching", done !== undefined && done < (total ?? 0));
    if (done === undefined || !total) return;
    bar.value = done / total;
    bytes.textContent = `${megabytes(done)} of ${megabytes(total)} MB`;
  };
}
