// @ts-check
// The ten logits: bars up from zero and down from it, and what softmax makes of them.

import { figure } from "../views/numbers.js";

/** @typedef {import("../python/client.js").Matrix} Matrix @typedef {import("../views/signed_maps.js").Look} Look */

/** @param {HTMLElement} place */
export function logitsView(place) {
  place.classList.add("logits");
  const bars = Array.from({ length: 10 }, (_, digit) => {
    const bar = document.createElement("div");
    bar.className = "logit";
    bar.ariaHidden = "true"; // pick.js says them
    bar.dataset.logit = String(digit);
    const [value, track, name, share] = ["value", "track", "name", "share"].map((part) => {
      const span = bar.appendChild(document.createElement("span"));
      span.className = part;
      return span;
    });
    track.append(document.createElement("i"));
    name.textContent = String(digit);
    place.append(bar);
    return { bar, value, share };
  });
  return {
    columns: () => 10,
    /** @param {MouseEvent} event */
    at(event) {
      const bar = /** @type {HTMLElement} */ (event.target).closest?.(".logit");
      return bar ? Number(/** @type {HTMLElement} */ (bar).dataset.logit) : null;
    },
    /** @param {Matrix} logits @param {Look} look @param {Float32Array} probabilities */
    show({ data }, { scale = 1, chosen = null }, probabilities) {
      for (const [digit, { bar, value, share }] of bars.entries()) {
        bar.style.setProperty("--up", String(Math.max(data[digit], 0) / scale));
        bar.style.setProperty("--down", String(Math.max(-data[digit], 0) / scale));
        bar.dataset.value = String(data[digit]);
        bar.classList.toggle("below", data[digit] < 0);
        bar.classList.toggle("chosen", digit === chosen);
        value.textContent = figure(data[digit], 1);
        share.textContent = probabilities[digit] >= 0.0095 ? `${Math.round(100 * probabilities[digit])} %` : "";
      }
    },
  };
}
