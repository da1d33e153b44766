// @ts-check
// The newest reading in one line below the pad, for rooms that show something else.

import { inWords, percent } from "./answer.js";

/** @typedef {import("../python/client.js").Reading} Reading */

/** @param {HTMLElement} place @returns {(reading: Reading) => void} */
export function glanceView(place) {
  return (reading) => {
    const sure = reading.digit === null || reading.verdict === "not-a-digit" ? "" : `${percent(reading.confidence)} %`;
    place.textContent = `${inWords(reading)} ${sure}`;
    place.hidden = false;
  };
}
