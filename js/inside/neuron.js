// @ts-check
// One neuron: its weights, what it gets from this drawing, and its value as an equation with numbers. Of a digit also
// which pixels spoke for it and which against.

import { added, figure, signed, times } from "../views/numbers.js";
import { Maps } from "../views/signed_maps.js";
import { largest } from "../views/signed_colors.js";
import { tableBehind } from "../views/data_table.js";

/** @typedef {import("./room.js").Seen} Seen @typedef {import("./room.js").Neuron} Neuron */
/** @typedef {import("./room.js").Digit} Digit @typedef {import("../python/client.js").Matrix} Matrix */

/** @param {HTMLElement} place @param {(stage: number, index: number) => void} toggle @returns {(seen: Seen, probabilities: Float32Array) => void} */
export function neuronView(place, toggle) {
  const find = (/** @type {string} */ what) => /** @type {HTMLElement} */ (place.querySelector(what));
  const maps = Object.fromEntries(
    ["pixels", "weights", "inputs", "products", "onward"].map((name) => [
      name,
      new Maps(/** @type {HTMLCanvasElement} */ (find(`[data-picture="${name}"] canvas`)), { strip: true }),
    ]),
  );
  const button = /** @type {HTMLButtonElement} */ (find("#switch"));
  const contributions = tableBehind(find("#for-digit"), "Every pixel’s share as a table");
  const products = tableBehind(find("#receives"), "Weights and inputs as a table");
  /** @type {Seen | null} */
  let newest = null;
  button.addEventListener("click", () => {
    if (newest?.neuron) toggle(newest.stage, /** @type {number} */ (newest.index));
  });

  return (seen, probabilities) => {
    newest = seen;
    const { stages, stage, index, neuron, digit } = seen;
    place.classList.toggle("blank", !neuron);
    if (!neuron || index === null) return;
    const here = stages[stage];
    const last = stage === stages.length - 1;
    const conv = neuron.place !== null;
    const isOff = here.off.includes(index);
    find("h3").textContent = last ? `Digit ${index}` : `${conv ? "Map" : "Neuron"} ${index} of layer ${stage + 1}`;
    button.hidden = last;
    button.textContent = isOff ? "Switch on" : "Switch off";
    button.ariaPressed = String(isOff);

    find("#for-digit").hidden = !digit;
    if (digit) {
      maps.pixels.show(digit.pixels);
      ledger(find("#shares"), digit, probabilities[index]);
      contributions(() => ({
        columns: ["Row, column", "Share of the logit"],
        rows: sorted(digit.pixels).map(([at, value]) => [`${Math.floor(at / 28)}, ${at % 28}`, signed(value, 4)]),
      }));
    }

    find("#equation").textContent = equation(neuron, here, isOff);
    find("#equation").dataset.value = String(neuron.total);
    find("#where").hidden = !conv;
    if (neuron.place) {
      find("#where").textContent = `At row ${neuron.place[0]}, column ${neuron.place[1]}, where it answers most strongly:`;
    }
    caption(
      "weights",
      conv ? `Its kernel: ${times(neuron.weights.shape.slice(0, 2))} for ${many(neuron.weights.shape[2])}` : "Its weights",
      neuron.weights,
    );
    caption(
      "inputs",
      conv ? "What its window sees" : stage ? `What it gets from layer ${stage}` : "The drawing",
      neuron.inputs,
    );
    caption("products", "Weights × input", neuron.products);
    find("#receives").classList.toggle("strips", neuron.weights.shape[2] > 1);
    maps.weights.show(neuron.weights);
    maps.inputs.show(neuron.inputs);
    maps.products.show(neuron.products);
    products(() => ({
      columns: ["Input", "Weight", "Value", "Weight × input"],
      rows: sorted(neuron.products).map(([at, product]) => [
        named(at, neuron.products.shape),
        figure(neuron.weights.data[at], 4),
        figure(neuron.inputs.data[at], 4),
        signed(product, 4),
      ]),
    }));
    find('[data-picture="onward"]').hidden = !neuron.onward;
    if (neuron.onward) {
      maps.onward.show(neuron.onward);
      const next = stage + 1 === stages.length - 1 ? "the ten logits" : `the sums of layer ${stage + 2}`;
      caption("onward", `What it sends on adds this to ${next}`, neuron.onward);
    }
  };

  /** What it is, and how much the full colours stand for. @param {string} picture @param {string} text @param {Matrix} shown */
  function caption(picture, text, { data }) {
    find(`[data-picture="${picture}"] figcaption`).textContent = `${text}, ±${figure(largest(data))}`;
  }
}

/** @param {Neuron} neuron @param {import("./room.js").Stage} stage @param {boolean} isOff */
function equation({ total, bias, sent }, { layers }, isOff) {
  const sum = `${figure(total - bias, 3)}${added(bias, 3)}`;
  const bend = layers[layers.length - 1];
  const bends = Object.keys(bend.parameters).length === 0 && bend.type !== "MaxPool2D";
  const value = bends ? `${bend.type}(${sum}) = ${figure(sent, 3)}` : `${sum} = ${figure(total, 3)}`;
  return isOff ? `${bends ? `${bend.type}(${sum})` : sum}, but switched off: 0` : value;
}

/** @param {HTMLElement} place @param {Digit} digit @param {number} probability */
function ledger(place, digit, probability) {
  let [spokeFor, against] = [0, 0];
  for (const share of digit.pixels.data) share > 0 ? (spokeFor += share) : (against += share);
  const biases = digit.biases.reduce((sum, { share }) => sum + share, 0);
  const lines = /** @type {[string, number][]} */ ([
    ["Pixels that spoke for it", spokeFor],
    ["Pixels that spoke against", against],
    ["What the biases say", biases],
  ]);
  if (Math.abs(digit.rest) > 0.005) lines.push(["What bends along the way", digit.rest]);
  if (place.children.length !== lines.length + 2) {
    place.replaceChildren(
      ...Array.from({ length: lines.length + 2 }, () => {
        const line = document.createElement("div");
        line.append(document.createElement("dt"), document.createElement("dd"));
        return line;
      }),
    );
  }
  const all = [
    ...lines.map(([name, value]) => [name, signed(value), value]),
    ["Logit, their sum", signed(digit.logit), digit.logit],
    ["Softmax makes of it", `${figure(100 * probability, 1)} %`, probability],
  ];
  for (const [i, [name, text, value]] of all.entries()) {
    const [dt, dd] = /** @type {HTMLElement[]} */ ([...place.children[i].children]);
    dt.textContent = String(name);
    dd.textContent = String(text);
    dd.dataset.value = String(value);
    dd.classList.toggle("below", Number(value) < 0);
  }
}

/** Places and values, those that count most first. @param {Matrix} matrix @returns {[number, number][]} */
const sorted = ({ data }) =>
  Array.from(data, (value, at) => /** @type {[number, number]} */ ([at, value])).sort(
    ([, a], [, b]) => Math.abs(b) - Math.abs(a),
  );

/** @param {number} at @param {number[]} shape (height, width, maps) */
function named(at, [, width, maps]) {
  const [map, pixel] = [at % maps, Math.floor(at / maps)];
  const place = `${Math.floor(pixel / width)}, ${pixel % width}`;
  return width === 1 ? String(map) : maps === 1 ? place : `map ${map}: ${place}`;
}

/** @param {number} maps */
const many = (maps) => (maps === 1 ? "the drawing" : `each of ${maps} maps`);
