// @ts-check
// Chapter 2: the weighted sum of one neuron, added up row by row, its bias, and ReLU.

import { button, make } from "../page.js";
import { addend, fixed, signed } from "../views/numbers.js";
import { largest } from "../views/signed_colors.js";
import { SignedMaps } from "../views/signed_maps.js";
import { canvas, figure, readout, row, slider } from "./parts.js";

/** @typedef {import("../python/client.js").Matrix} Matrix */

const ROWS = 28;

/** @param {HTMLElement} place @param {() => void} changed @returns {import("./room.js").Chapter} */
export function neuronChapter(place, changed) {
  const maps = ["Its weights", "Weight × pixel"].map((caption) => ({ caption, canvas: canvas(caption) }));
  const [weights, products] = maps.map(({ canvas }) => new SignedMaps(canvas));
  const choice = make("select", { ariaLabel: "Neuron" }, new Option("The strongest neuron", ""));
  choice.append(...Array.from({ length: 128 }, (_, index) => new Option(`Neuron ${index}`, String(index))));
  choice.addEventListener("change", changed);
  const rows = slider("Rows added", { min: 0, max: ROWS, step: 1, value: ROWS }, showSum);
  const bias = slider("Change the bias", { min: -10, max: 10, step: 0.1, value: 0 }, changed, (value) => signed(value, 1));
  const sum = readout("sum", "Sum");
  const output = readout("output", "Passed on");
  const equation = make("p", { className: "equation" });
  place.append(
    make("div", { className: "pair-of" }, ...maps.map(({ caption, canvas }) => figure(caption, canvas))),
    row(choice, button("Add up", addUp)),
    row(rows, bias),
    equation,
    row(sum, output),
  );
  /** @type {{ index: number, rows: Matrix, products: Matrix, bias: number, total: number, output: number } | null} */
  let shown = null;

  /** Let the sum grow, a row in each frame. */
  function addUp() {
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    rows.value = isCalm ? ROWS : 0;
    const next = () => {
      showSum();
      if (rows.value === ROWS || !place.isConnected) return;
      rows.value += 1;
      setTimeout(() => requestAnimationFrame(next), 50);
    };
    next();
  }

  /** The sum of the first rows; with all of them, the bias and ReLU too. */
  function showSum() {
    if (!shown) return;
    const count = rows.value;
    const partial = count ? shown.rows.data[count - 1] : 0;
    const isWhole = count === ROWS;
    const seen = shown.products.data.map((product, at) => (at < count * ROWS ? product : 0));
    products.show({ ...shown.products, data: seen }, { scale: largest(shown.products.data) });
    sum.show(isWhole ? shown.total : partial);
    output.show(isWhole ? shown.output : NaN, isWhole ? fixed(shown.output, 3) : "–");
    equation.textContent = isWhole
      ? `ReLU(${fixed(partial, 3)}${addend(shown.bias, 3)}) = ${fixed(shown.output, 3)}`
      : `${count * ROWS} of 784 products: ${fixed(partial, 3)}`;
  }

  return {
    values: () => ({ index: choice.value ? Number(choice.value) : null, bias: bias.value }),
    show(answer) {
      shown = answer;
      choice.options[0].text = `The strongest neuron${choice.value ? "" : `: ${answer.index}`}`;
      weights.show(answer.weights);
      showSum();
    },
  };
}
