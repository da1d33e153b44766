// @ts-check
// What is open and selected: a table of strings, mirrored in the URL, so that a link shows the same page to others.

/** @typedef {Record<string, string>} Values */

/** What the table holds where the URL says nothing. @type {Values} */
const defaults = { room: "draw", model: "", mode: "digit", language: "" };

/** @returns {Values} */
function fromURL() {
  const query = new URLSearchParams(location.search);
  return Object.fromEntries(Object.entries(defaults).map(([name, value]) => [name, query.get(name) ?? value]));
}

/** Dispatches `change` after every change. Leaves other parameters of the URL alone. */
export class State extends EventTarget {
  values = fromURL();

  constructor() {
    super();
    addEventListener("popstate", () => {
      this.values = fromURL();
      this.dispatchEvent(new Event("change"));
    });
  }

  /** Add entries to the table. @param {Values} more names and defaults */
  include(more) {
    Object.assign(defaults, more);
    this.values = fromURL();
  }

  /** @param {Values} changes @param {{ newEntry?: boolean }} [options] newEntry: the Back button undoes this change */
  set(changes, { newEntry = false } = {}) {
    Object.assign(this.values, changes);
    const url = new URL(location.href);
    for (const [name, value] of Object.entries(this.values)) {
      if (value === defaults[name]) url.searchParams.delete(name);
      else url.searchParams.set(name, value);
    }
    if (url.href !== location.href) history[newEntry ? "pushState" : "replaceState"](null, "", url);
    this.dispatchEvent(new Event("change"));
  }
}
