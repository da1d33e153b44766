// @ts-check
// What is open and selected: one small table, mirrored in the URL, so that a link shows what one saw.

/**
 * What stands in the table when the URL says nothing. A new room adds its own line here, or its own lines with `include`.
 * @type {{ room: string, model: string, [more: string]: string }}
 */
const DEFAULTS = { room: "draw", model: "" };

/** @typedef {keyof typeof DEFAULTS} Name @typedef {typeof DEFAULTS} Values */

/** @returns {Values} */
function fromURL() {
  const query = new URLSearchParams(location.search);
  const values = { ...DEFAULTS };
  for (const name of /** @type {Name[]} */ (Object.keys(DEFAULTS))) values[name] = query.get(name) ?? DEFAULTS[name];
  return values;
}

/** Announces every change with a `change` event. Parts of the URL that are not in the table are left alone. */
export class State extends EventTarget {
  values = fromURL();

  constructor() {
    super();
    addEventListener("popstate", () => {
      this.values = fromURL();
      this.dispatchEvent(new Event("change"));
    });
  }

  /** Further lines of the table. @param {Record<string, string>} defaults */
  include(defaults) {
    Object.assign(DEFAULTS, defaults);
    this.values = fromURL();
  }

  /** @param {Partial<Values>} changes @param {{ step?: boolean }} [options] step: the Back button comes back to here */
  set(changes, { step = false } = {}) {
    Object.assign(this.values, changes);
    const url = new URL(location.href);
    for (const [name, value] of Object.entries(this.values)) {
      if (value === DEFAULTS[/** @type {Name} */ (name)]) url.searchParams.delete(name);
      else url.searchParams.set(name, value);
    }
    if (url.href !== location.href) history[step ? "pushState" : "replaceState"](null, "", url);
    this.dispatchEvent(new Event("change"));
  }
}
