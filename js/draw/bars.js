// @ts-check
// Ten bars: the probability of each digit.

/** @typedef {import("../python/client.js").Reading} Reading */

/** @param {HTMLElement} place @returns {(reading: Reading) => void} */
export function barsView(place) {
  const bars = Array.from({ length: 10 }, (_, digit) => bar(digit));
  place.replaceChildren(...bars);
  return ({ digit: likeliest, probabilities }) => {
    for (const [digit, bar] of bars.entries()) {
      const percent = likeliest === null ? 0 : 100 * probabilities.data[digit];
      bar.ariaValueNow = String(Math.round(percent * 10) / 10);
      bar.style.setProperty("--share", String(percent / 100));
      bar.dataset.percent = percent >= 0.95 ? String(Math.round(percent)) : "";
      bar.classList.toggle("likeliest", digit === likeliest);
    }
  };
}

/** @param {number} digit */
function bar(digit) {
  const bar = document.createElement("div");
  bar.className = "bar";
  bar.role = "meter";
  bar.dataset.digit = String(digit);
  bar.ariaLabel = `${digit}, percent`;
  bar.ariaValueMin = "0";
  bar.ariaValueMax = "100";
  bar.ariaValueNow = "0";
  bar.append(document.createElement("span"));
  return bar;
}
