// @ts-check
// The table behind a picture: made only when somebody opens it, and made anew once the drawing rests.

const REST = 300; // ms

/** @typedef {{ columns: string[], rows: (string | number)[][] }} Table  the first of each row names it */

/** @param {HTMLElement} place @param {string} summary @returns {(table: () => Table) => void} */
export function tableBehind(place, summary) {
  const details = document.createElement("details");
  details.className = "behind";
  details.append(Object.assign(document.createElement("summary"), { textContent: summary }));
  const frame = details.appendChild(document.createElement("div"));
  frame.className = "scrolls";
  frame.tabIndex = 0;
  frame.role = "region";
  frame.ariaLabel = summary;
  place.append(details);
  /** @type {(() => Table) | null} */
  let newest = null;
  let resting = 0;

  const make = () => {
    if (details.open && newest) frame.replaceChildren(built(newest(), summary));
  };
  details.addEventListener("toggle", make);
  return (table) => {
    newest = table;
    if (!details.open) return;
    clearTimeout(resting);
    resting = setTimeout(make, REST);
  };
}

/** @param {Table} table @param {string} caption */
function built({ columns, rows }, caption) {
  const table = document.createElement("table");
  const title = table.createCaption();
  title.textContent = caption;
  title.className = "visually-hidden";
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
const heading = (text, scope) => Object.assign(document.createElement("th"), { textContent: text, scope });

/** @param {string | number} value */
const cell = (value) => Object.assign(document.createElement("td"), { textContent: String(value) });
