// @ts-check
// One neuron: its weights, its inputs for this drawing, and its value as an equation. For a digit also the contribution of
// each pixel to its logit.

import { changeText, make } from "../page.js";
import { dataTable } from "../views/data_table.js";
import { addend, dimensions, fixed, percent, signed } from "../views/numbers.js";
import { largest } from "../views/signed_colors.js";
import { SignedMaps } from "../views/signed_maps.js";

/** @typedef {import("./room.js").Inspection} Inspection @typedef {import("./room.js").Neuron} Neuron */
/** @typedef {import("./room.js").Digit} Digit @typedef {import("../python/client.js").Matrix} Matrix */

/**
 * @param {HTMLElement} place @param {(stage: number, index: number) => void} toggle
 * @returns {(inspection: Inspection, probabilities: Float32Array) => void}
 */
export function neuronView(place, toggle) {
  const find = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (place.querySelector(selector));
  const maps = Object.fromEntries(
    ["pixels", "weights", "inputs", "products", "outgoing"].map((name) => [
      name,
      new SignedMaps(/** @type {HTMLCanvasElement} */ (find(`[data-picture="${name}"] canvas`)), { strip: true }),
    ]),
  );
  const button = /** @type {HTMLButtonElement} */ (find("#switch"));
  const contributions = dataTable(find("#for-digit"), "Contributions of the pixels as a table");
  const products = dataTable(find("#weighted-inputs"), "Weights and inputs as a table");
  let toggleNeuron = () => {};
  button.addEventListener("click", () => toggleNeuron());

  return ({ stages, stage, index, neuron, digit }, probabilities) => {
    place.classList.toggle("blank", !neuron);
    if (!neuron || index === null) return;
    toggleNeuron = () => toggle(stage, index);
    const isLast = stage === stages.length - 1;
    const isMap = neuron.place !== null;
    const isOff = stages[stage].off.includes(index);
    changeText(find("h3"), isLast ? `Digit ${index}` : `${isMap ? "Map" : "Neuron"} ${index} of layer ${stage + 1}`);
    button.hidden = isLast;
    changeText(button, isOff ? "Switch on" : "Switch off");
    button.ariaPressed = String(isOff);

    find("#for-digit").hidden = !digit;
    if (digit) {
      maps.pixels.show(digit.pixels);
      showSum(find("#contributions"), digit, probabilities[index]);
      contributions(() => ({
        columns: ["Row, column", "Contribution"],
        rows: sorted(digit.pixels).map(([at, value]) => [`${Math.floor(at / 28)}, ${at % 28}`, signed(value, 4)]),
      }));
    }

    changeText(find("#equation"), equation(neuron, stages[stage], isOff));
    find("#equation").dataset.value = String(neuron.total);
    find("#where").hidden = !isMap;
    if (neuron.place) {
      find("#where").textContent = `At row ${neuron.place[0]}, column ${neuron.place[1]}, where its value is largest:`;
    }
    const [height, width, channels] = neuron.weights.shape;
    const kernel = `Its kernel: ${dimensions([height, width])} for ${channels === 1 ? "the drawing" : `each of ${channels} maps`}`;
    const inputs = isMap ? "Its input window" : stage ? `Outputs of layer ${stage}` : "The drawing";
    show("weights", isMap ? kernel : "Its weights", neuron.weights);
    show("inputs", inputs, neuron.inputs);
    show("products", "Weights × inputs", neuron.products);
    find("#weighted-inputs").classList.toggle("strips", channels > 1);
    products(() => ({
      columns: ["Input", "Weight", "Value", "Weight × value"],
      rows: sorted(neuron.products).map(([at, product]) => [
        inputName(at, neuron.products.shape),
        fixed(neuron.weights.data[at], 4),
        fixed(neuron.inputs.data[at], 4),
        signed(product, 4),
      ]),
    }));
    find('[data-picture="outgoing"]').hidden = !neuron.outgoing;
    if (neuron.outgoing) {
      const next = stage + 1 === stages.length - 1 ? "the ten logits" : `the sums of layer ${stage + 2}`;
      show("outgoing", `What its output adds to ${next}`, neuron.outgoing);
    }
  };

  /** @param {string} picture @param {string} text @param {Matrix} matrix */
  function show(picture, text, matrix) {
    maps[picture].show(matrix);
    const caption = `${text}, ±${fixed(largest(matrix.data))}`; // of full color
    changeText(find(`[data-picture="${picture}"] figcaption`), caption);
  }
}

/** @param {Neuron} neuron @param {import("./room.js").Stage} stage @param {boolean} isOff */
function equation({ total, bias, output }, { layers }, isOff) {
  const sum = `${fixed(total - bias, 3)}${addend(bias, 3)}`;
  const { type, parameters } = layers[layers.length - 1];
  const hasActivation = Object.keys(parameters).length === 0 && type !== "MaxPool2D";
  if (isOff) return `${hasActivation ? `${type}(${sum})` : sum}, but switched off: 0`;
  return hasActivation ? `${type}(${sum}) = ${fixed(output, 3)}` : `${sum} = ${fixed(total, 3)}`;
}

/** The logit as the sum of its contributions. @param {HTMLElement} place @param {Digit} digit @param {number} probability */
function showSum(place, { pixels, biases, rest, logit }, probability) {
  const positive = pixels.data.reduce((sum, value) => sum + Math.max(value, 0), 0);
  const negative = pixels.data.reduce((sum, value) => sum + Math.min(value, 0), 0);
  const bias = biases.reduce((sum, { share }) => sum + share, 0);
  const lines = /** @type {[string, number, string?][]} */ ([
    ["Pixels for it", positive],
    ["Pixels against it", negative],
    ["Biases", bias],
    ...(Math.abs(rest) > 0.005 ? [["Nonlinear remainder", rest]] : []),
    ["Logit (the sum)", logit],
    ["Probability (softmax)", probability, `${percent(probability)} %`],
  ]);
  if (place.children.length !== lines.length) {
    place.replaceChildren(...lines.map(() => make("div", {}, make("dt"), make("dd"))));
  }
  for (const [i, [name, value, text = signed(value)]] of lines.entries()) {
    const [dt, dd] = /** @type {HTMLElement[]} */ ([...place.children[i].children]);
    changeText(dt, name);
    changeText(dd, text);
    dd.dataset.value = String(value);
    dd.classList.toggle("below", value < 0);
  }
}

/** Indices and values, by decreasing size. @param {Matrix} matrix @returns {[number, number][]} */
const sorted = ({ data }) =>
  Array.from(data, (value, at) => /** @type {[number, number]} */ ([at, value])).sort(
    ([, a], [, b]) => Math.abs(b) - Math.abs(a),
  );

/** @param {number} at @param {number[]} shape (height, width, maps) */
function inputName(at, [, width, maps]) {
  const [map, pixel] = [at % maps, Math.floor(at / maps)];
  const place = `${Math.floor(pixel / width)}, ${pixel % width}`;
  return width === 1 ? String(map) : maps === 1 ? place : `map ${map}: ${place}`;
}
