// @ts-check
// Every stage of the network: its hidden neurons as a field of cells, or of feature maps; and the ten logits at the end.

import { figure, times } from "../views/numbers.js";
import { logitsView } from "./logits.js";
import { Maps } from "../views/signed_maps.js";
import { onScreen } from "../views/when_visible.js";
import { pickable } from "./cell_selection.js";
import { largest } from "../views/signed_colors.js";
import { tableBehind } from "../views/data_table.js";

/** @typedef {import("./room.js").Stage} Stage @typedef {import("./room.js").Seen} Seen */
/**
 * @typedef {object} Listener  what to do when a neuron is pointed at, and so on
 * @property {(stage: number, index: number | null) => void} peek
 * @property {(stage: number, index: number) => void} walk
 * @property {(stage: number, index: number) => void} choose
 * @property {(stage: number, index: number) => void} toggle
 */

/** @param {HTMLElement} place @param {Listener} listener @returns {(seen: Seen, probabilities: Float32Array) => void} */
export function stagesView(place, listener) {
  let drawn = "";
  /** @type {((seen: Seen, probabilities: Float32Array) => void)[]} */
  let views = [];
  return (seen, probabilities) => {
    const network = JSON.stringify(seen.stages.map(({ layers }) => layers.map(({ name, output }) => [name, output])));
    if (network !== drawn) {
      drawn = network;
      place.replaceChildren();
      views = seen.stages.map((stage, number) => stageView(place, stage, number, number === seen.stages.length - 1, listener));
    }
    for (const view of views) view(seen, probabilities);
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
  const [height, width, count] = stage.sums.shape;
  band.dataset.stage = String(number + 1);
  find("h3").textContent = last ? "Answer" : `Layer ${number + 1}`;
  find(".what").textContent = last
    ? `${count} logits`
    : width > 1
      ? `${count} maps of ${times([width, height])}`
      : `${count} neurons`;
  find(".made").textContent = stage.layers.map(({ name }) => name).join(" → ");

  const field = find(".field");
  const neuron = width > 1 ? "Map" : "Neuron";
  /** @type {Seen | null} */
  let newest = null;
  const cells = last ? logitsView(field) : cellsOf(field, number);
  const current = pickable(field, {
    count: () => count,
    columns: () => cells.columns(),
    at: (event) => cells.at(event),
    name(index) {
      if (last) return `Digit ${index}, logit ${newest ? figure(strongest(newest.stages[number].sums, index)) : ""}`;
      const { sums, sends, off } = /** @type {Seen} */ (newest).stages[number];
      const [sum, sent] = [sums, sends].map((maps) => figure(strongest(maps, index)));
      return `${neuron} ${index}${off.includes(index) ? ", switched off" : ""}, sum ${sum}, sends ${sent}`;
    },
    peek: (index) => listener.peek(number, index),
    walk: (index) => listener.walk(number, index),
    choose: (index) => listener.choose(number, index),
    toggle: last ? null : (index) => listener.toggle(number, index),
  });
  field.ariaLabel = last ? "The logits of the ten digits" : `Layer ${number + 1}, ${find(".what").textContent}`;
  field.setAttribute("aria-description", `Arrow keys walk, Enter keeps one selected${last ? "" : ", O switches it off or on"}`);
  const table = tableBehind(band, `${last ? "Answer" : `Layer ${number + 1}`} as a table`);

  return onScreen(band, (/** @type {Seen} */ seen, /** @type {Float32Array} */ probabilities) => {
    newest = seen;
    const { sums, sends, off } = seen.stages[number];
    const scale = largest(sums.data);
    const chosen = seen.stage === number ? seen.index : null;
    cells.show(sums, { scale, chosen, off }, probabilities);
    band.classList.toggle("chosen", chosen !== null);
    if (!last) {
      find(".least").textContent = figure(-scale, 1);
      find(".most").textContent = figure(scale, 1);
    }
    current(chosen);
    table(() => ({
      columns: last
        ? ["Digit", "Logit", "Probability, %"]
        : width > 1
          ? ["Map", "Largest sum", "Largest sent on"]
          : ["Neuron", "Sum", "Sends on"],
      rows: Array.from({ length: count }, (_, index) => [
        `${index}${off.includes(index) ? " (off)" : ""}`,
        figure(strongest(sums, index), 4),
        last ? figure(100 * probabilities[index], 1) : figure(strongest(sends, index), 4),
      ]),
    }));
  });
}

/** @param {HTMLElement} field @param {number} number */
function cellsOf(field, number) {
  const canvas = field.appendChild(document.createElement("canvas"));
  canvas.ariaHidden = "true";
  canvas.dataset.field = String(number + 1);
  const maps = new Maps(canvas);
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
