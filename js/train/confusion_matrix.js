// @ts-check
// The confusion matrix as a table: true digits in rows, predicted digits in columns.

import { make } from "../page.js";
import { heading } from "../views/data_table.js";

/** @typedef {import("../python/client.js").Matrix} Matrix */

/** @param {HTMLElement} place @returns {(confusion: Matrix) => void} */
export function confusionView(place) {
  const digits = [...Array(10).keys()];
  const head = make("tr", {}, heading("", "col"), ...digits.map((digit) => heading(String(digit), "col")));
  const cells = digits.map(() => digits.map(() => make("td")));
  const rows = digits.map((digit) => make("tr", {}, heading(String(digit), "row"), ...cells[digit]));
  place.append(make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows)));
  return ({ data }) => {
    for (const digit of digits) {
      const row = data.subarray(10 * digit, 10 * digit + 10);
      const total = row.reduce((sum, count) => sum + count, 0) || 1;
      for (const predicted of digits) {
        const cell = cells[digit][predicted];
        const count = row[predicted];
        const right = predicted === digit;
        cell.textContent = count ? String(count) : "";
        cell.className = right ? "right" : count ? "wrong" : "";
        // a mistake in one digit of twelve gets the full color, so that few mistakes are visible too
        cell.style.setProperty("--share", String(right ? count / total : Math.min(1, (12 * count) / total)));
      }
    }
  };
}
