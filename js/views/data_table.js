// @ts-check
// The numbers behind a picture as a table, filled only while it is open.

import { make } from "../page.js";
import { debounce } from "../when.js";

const REST = 300; // ms

/** @typedef {{ columns: string[], rows: (string | number)[][] }} Table  the first cell of a row is its heading */

/** @param {HTMLElement} place @param {string} summary @returns {(table: () => Table) => void} */
export function dataTable(place, summary) {
  const frame = make("div", { className: "scrolls", tabIndex: 0, role: "region", ariaLabel: summary });
  const details = make("details", { className: "behind" }, make("summary", {}, summary), frame);
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
  const head = make("tr", {}, ...columns.map((text) => heading(text, "col")));
  const body = rows.map(([name, ...values]) =>
    make("tr", {}, heading(String(name), "row"), ...values.map((value) => make("td", {}, String(value)))),
  );
  return make(
    "table",
    {},
    make("caption", { className: "visually-hidden" }, caption),
    make("thead", {}, head),
    make("tbody", {}, ...body),
  );
}

/** @param {string} text @param {"col" | "row"} scope */
export const heading = (text, scope) => make("th", { scope }, text);
