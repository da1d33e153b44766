// @ts-check
// The neurons of one layer as squares, colored by a number that each has; a click selects one.

import { cellSelection } from "../inside/cell_selection.js";
import { make } from "../page.js";
import { fixed } from "../views/numbers.js";
import { SignedMaps } from "../views/signed_maps.js";

/**
 * @param {string} label @param {string} what selecting one does @param {(index: number) => void} select
 * @returns {{ figure: HTMLElement, show: (values: import("../python/client.js").Matrix, caption: string,
 *             options?: import("../views/signed_maps.js").Options) => void }}
 */
export function neuronField(label, what, select) {
  const canvas = make("canvas", { ariaHidden: "true" });
  const maps = new SignedMaps(canvas);
  const frame = make("div", { className: "neurons", ariaLabel: label }, canvas);
  frame.setAttribute("aria-description", `Arrow keys move, Enter ${what}`);
  const figcaption = make("figcaption");
  /** @type {Float32Array | null} */
  let numbers = null;
  /** @type {number[]} */
  let silent = [];
  const name = (/** @type {number} */ index) =>
    `${index}: ${silent.includes(index) ? "switched off" : fixed(numbers?.[index] ?? 0, 4)}`;
  const update = cellSelection(frame, {
    count: () => maps.count,
    columns: () => maps.columns,
    at: (event) => maps.at(event),
    name,
    peek: (index) => (frame.title = index === null ? "" : name(index)),
    walk: () => {},
    select,
    toggle: null,
  });
  return {
    figure: make("figure", {}, frame, figcaption),
    show(values, caption, options = {}) {
      numbers = values.data;
      silent = options.off ?? [];
      maps.show(values, options);
      figcaption.textContent = caption;
      update(options.chosen ?? null);
    },
  };
}
