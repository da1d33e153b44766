// @ts-check
// Chapter 1: the 784 numbers, and what the network reads when the digit is not in the middle.

import { barsView } from "../draw/room.js";
import { cellSelection } from "../inside/cell_selection.js";
import { make } from "../page.js";
import { paintDigit } from "../views/ink_image.js";
import { fixed, signed } from "../views/numbers.js";
import { answerOf, likeliest, readout, row, slider } from "./parts.js";

const SIDE = 28;

/** @param {HTMLElement} place @param {() => void} changed @returns {import("./room.js").Chapter} */
export function pixelsChapter(place, changed) {
  const canvas = make("canvas", { className: "black-ink", ariaHidden: "true" });
  const grid = make("div", { className: "grid tile", ariaLabel: "The 784 numbers" }, canvas);
  const number = make("output", { data: { number: "pixel" } });
  const pixels = (/** @type {number} */ value) => (value ? signed(value, 0) : "0");
  const right = slider("To the right", { min: -12, max: 12, step: 1, value: 0 }, changed, pixels);
  const down = slider("Down", { min: -12, max: 12, step: 1, value: 0 }, changed, pixels);
  const bars = make("div", { className: "bars" });
  const here = readout("moved", "It reads");
  const middle = readout("centered", "In the middle:");
  place.append(
    make("div", { className: "pair-of" }, make("figure", {}, grid, make("figcaption", {}, number)), bars),
    row(right, down),
    row(here, middle),
  );
  const showMoved = barsView(bars);

  /** @type {Float32Array | null} */
  let image = null;
  let pointed = 14 * SIDE + 14;
  const name = (/** @type {number} */ index) =>
    `Row ${Math.floor(index / SIDE)}, column ${index % SIDE}: ${fixed(image?.[index] ?? 0, 3)}`;
  const tell = (/** @type {number | null} */ index) => {
    pointed = index ?? pointed;
    number.textContent = name(pointed);
    number.dataset.value = String(image?.[pointed] ?? 0);
    grid.style.setProperty("--column", String(pointed % SIDE));
    grid.style.setProperty("--row", String(Math.floor(pointed / SIDE)));
  };
  const update = cellSelection(grid, {
    count: () => SIDE * SIDE,
    columns: () => SIDE,
    at({ clientX, clientY }) {
      const box = grid.getBoundingClientRect();
      const [column, line] = [(clientX - box.left) / box.width, (clientY - box.top) / box.height].map((share) =>
        Math.floor(share * SIDE),
      );
      return [column, line].every((at) => at >= 0 && at < SIDE) ? line * SIDE + column : null;
    },
    name,
    peek: tell,
    walk: tell,
    select: tell,
    toggle: null,
  });

  return {
    values: () => ({ right: right.value, down: down.value }),
    show({ image: matrix, moved, centered }) {
      image = matrix.data;
      paintDigit(canvas, matrix.data, 1);
      tell(null);
      update(pointed);
      showMoved({ digit: likeliest(moved.data), probabilities: moved });
      here.show(...answerOf(moved.data));
      middle.show(...answerOf(centered.data));
    },
  };
}
