// @ts-check
// The numbers behind a picture as a table, filled only while it is open.

import { debounce } from "../when.js";

const REST = 300; // ms

/** @typedef {{ columns: string[], rows: (string | number)[][] }} Table  the first cell of a row is its heading */

/** @param {HTMLElement} place @param {string} summary @returns {(table: () => Table) => void} */
export function dataTable(place, summary) {
  const details = document.createElement("details");
  details.className = "behind";
  details.append(Object.assign(document.createElement("summary"), { textContent: summary }));
  const frame = details.appendChild(document.createElement("div"));
  Object.assign(frame, { className: "scrolls", tabIndex: 0, role: "region", ariaLabel: summary });
  place.append(details);
  /** @type {(() => Table) | null} */
  let newest = null;
  const fill = () => {
    if (details.open && newest) frame.replaceChildren(tableOf(newest(), summary));
  };
  const fillLater = debounce(fill, REST);
  details.addEventListener("toggle", fill);
  return (table) => {
    newest = table;
    if (details.open) fillLater();
  };
}

/** @param {Table} table @param {string} caption */
function tableOf({ columns, rows }, caption) {
  const table = document.createElement("table");
  Object.assign(table.createCaption(), { textContent: caption, className: "visually-hidden" });
  table.createTHead().append(row(columns.map((text) => heading(text, "col"))));
  table.createTBody().append(...rows.map(([name, ...cells]) => row([heading(String(name), "row"), ...cells.map(cell)])));
  return table;
}

/** @param {HTMLElement[]} cells */
function row(cells) {
  const row = document.createElement("tr");
  row.append(...cells);
  return row;
}

/** @param {string} text @param {"col" | "row"} scope */
export const heading = (text, scope) => Object.assign(document.createElement("th"), { textContent: text, scope });

/** @param {string | number} value */
const cell = (value) => Object.assign(document.createElement("td"), { textContent: String(value) });
