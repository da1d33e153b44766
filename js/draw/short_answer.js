// @ts-check
// The answer in one line below the pad, for the rooms that show something else.

import { inWords, percent } from "./answer.js";

/** @typedef {import("../python/client.js").Reading} Reading */

/** @param {HTMLElement} place @returns {(reading: Reading) => void} */
export function shortAnswerView(place) {
  return (reading) => {
    const isClaim = reading.digit !== null && reading.verdict !== "not-a-digit";
    place.textContent = inWords(reading) + (isClaim ? ` ${percent(reading.confidence)} %` : "");
    place.hidden = false;
  };
}
