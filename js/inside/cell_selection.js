// @ts-check
// Pointing at, walking through and selecting the cells of one element. Screen readers get a listbox in which only the
// current option exists, so that 128 neurons cost no more than one.

import { make } from "../page.js";

/**
 * @typedef {object} Cells
 * @property {() => number} count
 * @property {() => number} columns  cells per row
 * @property {(event: PointerEvent | MouseEvent) => number | null} at  the cell under the pointer
 * @property {(index: number) => string} name  for screen readers
 * @property {(index: number | null) => void} peek  the pointer is over a cell, or has left all
 * @property {(index: number) => void} walk  the keyboard has moved to a cell
 * @property {(index: number) => void} select
 * @property {((index: number) => void) | null} toggle  the key O was pressed
 */

let ids = 0;

/** @param {HTMLElement} place @param {Cells} cells @returns {(index: number | null) => void} sets the current cell */
export function cellSelection(place, cells) {
  let current = 0;
  /** @type {number | null} */
  let pointed = null;
  place.role = "listbox";
  place.tabIndex = 0;
  let option = place.appendChild(make("span"));

  /** Screen readers only announce a new element. */
  function announce() {
    const position = { ariaSelected: "true", ariaPosInSet: String(current + 1), ariaSetSize: String(cells.count()) };
    const properties = { role: "option", id: `option-${++ids}`, className: "visually-hidden", ...position };
    const next = make("span", properties, cells.name(current));
    option.replaceWith(next);
    option = next;
    place.setAttribute("aria-activedescendant", next.id);
  }

  /** @param {number | null} index */
  function point(index) {
    if (index === pointed) return;
    pointed = index;
    cells.peek(index);
  }

  place.addEventListener("pointermove", (event) => {
    if (event.pointerType !== "touch") point(cells.at(event));
  });
  place.addEventListener("pointerleave", () => point(null));
  place.addEventListener("click", (event) => {
    const index = cells.at(event);
    if (index === null) return;
    current = index;
    cells.select(index);
  });
  place.addEventListener("focus", announce);
  place.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const [columns, last] = [cells.columns(), cells.count() - 1];
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, Home: -current, End: last - current };
    const step = /** @type {Record<string, number | undefined>} */ (steps)[key];
    if (step !== undefined) {
      event.preventDefault();
      const next = current + step;
      if (next < 0 || next > last) return;
      current = next;
      announce();
      cells.walk(current);
    } else if (key === "Enter" || key === " ") {
      event.preventDefault();
      cells.select(current);
    } else if (key === "o" && cells.toggle) {
      cells.toggle(current);
      announce();
    }
  });
  return (index) => {
    if (document.activeElement === place && option.id) return; // the keyboard may be ahead of the answers
    if (index !== null) current = Math.min(index, cells.count() - 1);
    if (!option.id) announce();
    else option.textContent = cells.name(current);
  };
}
