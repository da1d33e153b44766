// @ts-check
// Many things in one element, to point at, to walk through with the arrow keys, and to choose. To a screen reader it is a
// listbox; of its options only the current one stands in the page, so that 128 neurons cost no more than one.

/**
 * @typedef {object} Things
 * @property {() => number} count
 * @property {() => number} columns  how many stand in a row
 * @property {(event: PointerEvent | MouseEvent) => number | null} at  which one lies there
 * @property {(index: number) => string} name  as it is read out
 * @property {(index: number | null) => void} peek  one is pointed at, or none any more
 * @property {(index: number) => void} walk  the keyboard has come to one
 * @property {(index: number) => void} choose
 * @property {((index: number) => void) | null} toggle  the key O was pressed
 */

let ids = 0;

/** @param {HTMLElement} place @param {Things} things @returns {(index: number | null) => void} tells which one is current */
export function pickable(place, things) {
  let current = 0;
  /** @type {number | null} */
  let pointed = null;
  place.role = "listbox";
  place.tabIndex = 0;
  let option = place.appendChild(document.createElement("span"));

  /** A new element each time, or a screen reader would not notice. */
  function say() {
    const next = document.createElement("span");
    next.role = "option";
    next.id = `option-${++ids}`;
    next.className = "visually-hidden";
    next.ariaSelected = "true";
    next.ariaPosInSet = String(current + 1);
    next.ariaSetSize = String(things.count());
    next.textContent = things.name(current);
    option.replaceWith(next);
    option = next;
    place.setAttribute("aria-activedescendant", next.id);
  }

  /** @param {number | null} index */
  function point(index) {
    if (index === pointed) return;
    pointed = index;
    things.peek(index);
  }

  place.addEventListener("pointermove", (event) => {
    if (event.pointerType !== "touch") point(things.at(event));
  });
  place.addEventListener("pointerleave", () => point(null));
  place.addEventListener("click", (event) => {
    const index = things.at(event);
    if (index === null) return;
    current = index;
    things.choose(index);
  });
  place.addEventListener("focus", say);
  place.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const [columns, last] = [things.columns(), things.count() - 1];
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, Home: -current, End: last - current }[
      key
    ];
    if (step !== undefined) {
      event.preventDefault();
      const next = current + step;
      if (next < 0 || next > last) return;
      current = next;
      say();
      things.walk(current);
    } else if (key === "Enter" || key === " ") {
      event.preventDefault();
      things.choose(current);
    } else if (key === "o" && things.toggle) {
      things.toggle(current);
      say();
    }
  });
  return (index) => {
    if (document.activeElement === place && option.id) return; // whoever walks here is ahead of the answers
    if (index !== null) current = Math.min(index, things.count() - 1);
    if (!option.id) say();
    else option.textContent = things.name(current);
  };
}
