// @ts-check
// The confusion matrix as a table: how often each written digit was read as each other one.

/** @typedef {import("../python/client.js").Matrix} Matrix */

/** @param {HTMLElement} place @returns {(confusion: Matrix) => void} */
export function confusionView(place) {
  const table = document.createElement("table");
  const digits = [...Array(10).keys()];
  const head = table.createTHead().insertRow();
  head.append(heading("", "col"), ...digits.map((digit) => heading(String(digit), "col")));
  const body = table.createTBody();
  const cells = digits.map((digit) => {
    const row = body.insertRow();
    row.append(heading(String(digit), "row"));
    return digits.map(() => row.insertCell());
  });
  place.append(table);
  return ({ data }) => {
    for (const written of digits) {
      const row = data.subarray(10 * written, 10 * written + 10);
      const all = row.reduce((sum, count) => sum + count, 0) || 1;
      for (const read of digits) {
        const cell = cells[written][read];
        const count = row[read];
        cell.textContent = count ? String(count) : "";
        cell.className = read === written ? "right" : count ? "wrong" : "";
        // a mistake shows at once: the full colour stands for one written digit in twelve
        cell.style.setProperty("--share", String(read === written ? count / all : Math.min(1, (12 * count) / all)));
      }
    }
  };
}

/** @param {string} text @param {"col" | "row"} scope */
const heading = (text, scope) => Object.assign(document.createElement("th"), { textContent: text, scope });
