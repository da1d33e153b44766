// @ts-check
// The stages of the network: the neurons or feature maps of each hidden layer as cells, and the ten logits at the end.

import { explained } from "../glossary.js";
import { changeText, make } from "../page.js";
import { dataTable } from "../views/data_table.js";
import { fixed, percent } from "../views/numbers.js";
import { largest } from "../views/signed_colors.js";
import { SignedMaps } from "../views/signed_maps.js";
import { whenVisible } from "../when.js";
import { cellSelection } from "./cell_selection.js";
import { logitsView } from "./logits.js";
import { sizeInWords } from "./overview.js";

/** @typedef {import("./room.js").Stage} Stage @typedef {import("./room.js").Inspection} Inspection */
/**
 * @typedef {object} Listener  called with the neuron
 * @property {(stage: number, index: number | null) => void} peek
 * @property {(stage: number, index: number) => void} walk
 * @property {(stage: number, index: number) => void} select
 * @property {(stage: number, index: number) => void} toggle
 */

/** What a stage does: a sentence, and more. */
const ABOUT = {
  maps: [
    "Each picture shows where one small pattern was found in the layer before.",
    "A [feature map] is one [convolution]: the same small grid of [weights] at every place. Blue means that the pattern is there, orange that its opposite is.",
  ],
  neurons: [
    "Each square is one neuron. It adds up all numbers of the layer before, each with a weight of its own.",
    "Blue is a positive sum, orange a negative one, and pale is close to zero. Choose a [neuron] to see its sum, [weight] by weight.",
  ],
  answer: [
    "One score for each digit: the highest one wins.",
    "The scores are called [logits]. [Softmax] turns them into probabilities: below, in percent. Choose a digit to see which pixels count for it.",
  ],
};
/** What the layers after the sums do. @type {Record<string, string>} */
const AFTERWARD = {
  ReLU: "[ReLU] passes on only the positive sums.",
  MaxPool2D: "[Max pooling] makes each picture half as wide and half as high.",
};

/**
 * @param {HTMLElement} place @param {Listener} listener
 * @returns {(inspection: Inspection, probabilities: Float32Array) => void}
 */
export function stagesView(place, listener) {
  let drawn = "";
  /** @type {((inspection: Inspection, probabilities: Float32Array) => void)[]} */
  let views = [];
  return (inspection, probabilities) => {
    const network = JSON.stringify(inspection.stages.map(({ layers }) => layers.map(({ name, output }) => [name, output])));
    if (network !== drawn) {
      drawn = network;
      place.replaceChildren();
      views = inspection.stages.map((stage, number) =>
        stageView(place, stage, number, number === inspection.stages.length - 1, listener),
      );
    }
    for (const view of views) view(inspection, probabilities);
  };
}

/** @param {HTMLElement} place @param {Stage} stage @param {number} number @param {boolean} last @param {Listener} listener */
function stageView(place, stage, number, last, listener) {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById("stage-template"));
  const band = /** @type {HTMLElement} */ (
    /** @type {DocumentFragment} */ (template.content.cloneNode(true)).firstElementChild
  );
  place.append(band);
  const find = (/** @type {string} */ what) => /** @type {HTMLElement} */ (band.querySelector(what));
  const [, width, count] = stage.sums.shape;
  band.dataset.stage = String(number + 1);
  find("h3").textContent = last ? "Answer" : `Layer ${number + 1}`;
  find(".what").textContent = sizeInWords(stage, last);
  find(".scale").hidden = last;
  const [sentence, more] = ABOUT[last ? "answer" : width > 1 ? "maps" : "neurons"];
  find(".about summary").textContent = sentence;
  const afterward = stage.layers.flatMap(({ type }) => (AFTERWARD[type] ? [" ", ...explained(AFTERWARD[type])] : []));
  find(".about p").append(...explained(more), ...afterward);
  find(".layers").textContent = stage.layers.map(({ name }) => name).join(" → ");

  const field = find(".field");
  const neuron = width > 1 ? "Map" : "Neuron";
  /** @type {Inspection | null} */
  let newest = null;
  const cells = last ? logitsView(field) : cellsOf(field, number);
  const current = cellSelection(field, {
    count: () => count,
    columns: () => cells.columns(),
    at: (event) => cells.at(event),
    name(index) {
      if (last) return `Digit ${index}, logit ${newest ? fixed(strongest(newest.stages[number].sums, index)) : ""}`;
      const { sums, outputs, off } = /** @type {Inspection} */ (newest).stages[number];
      const [sum, output] = [sums, outputs].map((maps) => fixed(strongest(maps, index)));
      return `${neuron} ${index}${off.includes(index) ? ", switched off" : ""}, sum ${sum}, output ${output}`;
    },
    peek: (index) => listener.peek(number, index),
    walk: (index) => listener.walk(number, index),
    select: (index) => listener.select(number, index),
    toggle: last ? null : (index) => listener.toggle(number, index),
  });
  field.ariaLabel = last ? "The logits of the ten digits" : `Layer ${number + 1}, ${find(".what").textContent}`;
  field.setAttribute("aria-description", `Arrow keys move, Enter selects${last ? "" : ", O switches a neuron off or on"}`);
  const table = dataTable(band, `${last ? "Answer" : `Layer ${number + 1}`} as a table`);

  return whenVisible(band, (/** @type {Inspection} */ inspection, /** @type {Float32Array} */ probabilities) => {
    newest = inspection;
    const { sums, outputs, off } = inspection.stages[number];
    const scale = largest(sums.data);
    const chosen = inspection.stage === number ? inspection.index : null;
    cells.show(sums, { scale, chosen, off }, probabilities);
    band.classList.toggle("chosen", chosen !== null);
    if (!last) {
      changeText(find(".least"), fixed(-scale, 1));
      changeText(find(".most"), fixed(scale, 1));
    }
    current(chosen);
    table(() => ({
      columns: last
        ? ["Digit", "Logit", "Probability (%)"]
        : width > 1
          ? ["Map", "Largest sum", "Largest output"]
          : ["Neuron", "Sum", "Output"],
      rows: Array.from({ length: count }, (_, index) => [
        `${index}${off.includes(index) ? " (off)" : ""}`,
        fixed(strongest(sums, index), 4),
        last ? percent(probabilities[index]) : fixed(strongest(outputs, index), 4),
      ]),
    }));
  });
}

/** @param {HTMLElement} field @param {number} number */
function cellsOf(field, number) {
  const canvas = field.appendChild(make("canvas", { ariaHidden: "true", data: { field: String(number + 1) } }));
  const maps = new SignedMaps(canvas);
  return {
    columns: () => maps.columns,
    at: (/** @type {MouseEvent} */ event) => maps.at(event),
    show: maps.show.bind(maps),
  };
}

/** The largest value of one map. @param {import("../python/client.js").Matrix} maps @param {number} index */
function strongest({ shape, data }, index) {
  let most = -Infinity;
  for (let at = index; at < data.length; at += shape[2]) most = Math.max(most, data[at]);
  return most;
}
