// @ts-check
// The ten logits as bars that go up or down from zero, with the probabilities that softmax computes from them.

import { changeText, make } from "../page.js";
import { fixed, percent } from "../views/numbers.js";

/** @typedef {import("../python/client.js").Matrix} Matrix @typedef {import("../views/signed_maps.js").Options} Options */

/** @param {HTMLElement} place */
export function logitsView(place) {
  place.classList.add("logits");
  const bars = Array.from({ length: 10 }, (_, digit) => {
    const [value, track, name, probability] = ["value", "track", "name", "probability"].map((className) =>
      make("span", { className }),
    );
    track.append(make("i"));
    name.textContent = String(digit);
    const properties = { className: "logit", data: { logit: String(digit) }, ariaHidden: "true" }; // cell_selection.js describes it
    const bar = place.appendChild(make("div", properties, value, track, name, probability));
    return { bar, value, probability };
  });
  return {
    columns: () => 10,
    /** @param {MouseEvent} event */
    at(event) {
      const bar = /** @type {HTMLElement} */ (event.target).closest?.(".logit");
      return bar ? Number(/** @type {HTMLElement} */ (bar).dataset.logit) : null;
    },
    /** @param {Matrix} logits @param {Options} options @param {Float32Array} probabilities */
    show({ data }, { scale = 1, chosen = null }, probabilities) {
      for (const [digit, { bar, value, probability }] of bars.entries()) {
        bar.style.setProperty("--up", String(Math.max(data[digit], 0) / scale));
        bar.style.setProperty("--down", String(Math.max(-data[digit], 0) / scale));
        bar.dataset.value = String(data[digit]);
        bar.classList.toggle("below", data[digit] < 0);
        bar.classList.toggle("chosen", digit === chosen);
        changeText(value, fixed(data[digit], 1));
        changeText(probability, probabilities[digit] >= 0.01 ? String(percent(probabilities[digit])) : "");
      }
    },
  };
}
