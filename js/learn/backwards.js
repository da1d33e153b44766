// @ts-check
// Chapter 6: backpropagation from the loss to one weight, with the gradient that nudging this weight measures.

import { make } from "../page.js";
import { dataTable } from "../views/data_table.js";
import { fixed, signed } from "../views/numbers.js";
import { meantDigit } from "./meant.js";
import { neuronField } from "./neuron_field.js";
import { readout, row, slider } from "./parts.js";

const NAMES = ["Layer 1", "Layer 2", "The ten scores"];
const PLACES = 5;

/** @param {HTMLElement} place @param {() => void} changed @returns {import("./room.js").Chapter} */
export function backwardsChapter(place, changed) {
  const meant = meantDigit("You meant", () => choose(2, null));
  const rank = slider("Which input, by strength", { min: 1, max: 10, step: 1, value: 1 }, changed);
  /** @type {{ layer: number, to: number | null }} the neuron; null for the one with the largest gradient */
  let chosen = { layer: 2, to: null };
  const choose = (/** @type {number} */ layer, /** @type {number | null} */ to) => {
    chosen = { layer, to };
    changed();
  };
  const fields = NAMES.map((name, layer) => neuronField(`Blame: ${name}`, "follows it", (to) => choose(layer, to)));
  const steps = ["start", "product"].map((name) => make("p", { className: "equation", data: { step: name } }));
  const gradient = readout("gradient", "Gradient:");
  const measured = readout("measured", "Measured by nudging the weight:");
  const terms = make("div");
  place.append(
    make("div", { className: "pair-of" }, ...fields.map(({ figure }) => figure).slice(0, 2)),
    fields[2].figure,
    row(meant, rank),
    ...steps,
    terms,
    row(gradient, measured),
  );
  const showTerms = dataTable(terms, "The products that add up to its blame");
  return {
    values: () => ({ target: meant.target(), ...chosen, rank: rank.value - 1 }),
    show(answer) {
      const { target, blames, layer, to, source, input, arrived, blame, probabilities } = answer;
      meant.show(target);
      for (const [index, field] of fields.entries()) {
        field.show(blames[index], NAMES[index], { chosen: index === layer ? to : null });
      }
      steps[0].textContent =
        layer === 2
          ? `Blame of score ${to}: ${fixed(probabilities.data[to], PLACES)} − ${to === target ? 1 : 0} = ${fixed(blame, PLACES)}`
          : `Blame that arrives at neuron ${to}: ${fixed(arrived, PLACES)}. ${blame === 0 ? "It was silent: 0 goes on." : "It fired: all goes on."}`;
      const from = layer
        ? `output ${source} of layer ${layer}`
        : `pixel in row ${Math.floor(source / 28)}, column ${source % 28}`;
      steps[1].textContent = `Its weight for the ${from}: ${fixed(input, PLACES)} × ${fixed(blame, PLACES)} = ${fixed(answer.gradient, PLACES)}`;
      gradient.show(answer.gradient, fixed(answer.gradient, PLACES + 1));
      measured.show(answer.measured, fixed(answer.measured, PLACES + 1));
      terms.hidden = !answer.terms;
      if (!answer.terms) return;
      showTerms(() => ({
        columns: [`To ${layer === 1 ? "score" : "neuron"}`, "Weight × blame"],
        rows: Array.from(answer.terms.data, (/** @type {number} */ term, index) => [index, signed(term, PLACES)]),
      }));
    },
  };
}
