// @ts-check
// The answer in large, with its confidence.

/** @typedef {import("../python/client.js").Reading} Reading */

/** @param {HTMLElement} place @returns {(reading: Reading) => void} */
export function answerView(place) {
  const prediction = /** @type {HTMLOutputElement} */ (place.querySelector("#prediction"));
  const confidence = /** @type {HTMLElement} */ (place.querySelector("#confidence"));
  return (reading) => {
    prediction.value = reading.digit === null ? "" : String(reading.digit);
    prediction.dataset.verdict = reading.verdict;
    prediction.dataset.revision = String(reading.revision);
    confidence.textContent = reading.digit === null ? "" : `${percent(reading.confidence)} %`;
  };
}

/** A reading as a sentence. @param {Reading} reading */
export function inWords(reading) {
  const { digit, second, verdict } = reading;
  if (digit === null || second === null) return "Draw a digit from 0 to 9.";
  if (verdict === "not-a-digit") return "That does not look like a digit.";
  return verdict === "unsure" ? `Perhaps ${one(digit)}, or ${one(second)}.` : `That is ${one(digit)}.`;
}

/** @param {number} digit */
const one = (digit) => `${digit === 8 ? "an" : "a"} ${digit}`;

/** 0…1 as a percentage with one decimal, never rounded up to 100. @param {number} share */
export const percent = (share) => Math.min(Math.round(share * 1000), share < 1 ? 999 : 1000) / 10;
