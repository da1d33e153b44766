// @ts-check
// The layers of the network to train, with one control each. They are written as py/nn/architecture.py reads them.

import { button, make } from "../page.js";

/**
 * @typedef {object} LayerKind  a kind of layer that Python offers
 * @property {string} pattern  how it is written; # stands for the width: "#", "conv#x5", "pool"
 * @property {string} title
 * @property {string} width  of a new layer; "" for a kind without one
 * @property {boolean} image  whether its input must be an image
 */

/**
 * @param {HTMLElement} place @param {HTMLInputElement} input  holds the written layers @param {LayerKind[]} kinds
 * @returns {() => void} shows what `input` holds
 */
export function layerEditor(place, input, kinds) {
  /** @type {{ pattern: string, width: string }[]} */
  let layers = [];

  function show() {
    layers = input.value.split("-").slice(1, -1).map(parsed);
    render();
  }

  function render() {
    const add = iconButton("+", "Add a layer", () => {
      layers.push({ pattern: kinds[0].pattern, width: kinds[0].width });
      update();
      /** @type {HTMLElement | undefined} */ ([...place.querySelectorAll("select")].at(-1))?.focus();
    });
    place.replaceChildren(end(input.value.split("-")[0].replace("x", "×")), ...layers.map(chip), add, end("10"));
  }

  function write() {
    const image = layers.some(({ pattern }) => kinds.find((kind) => kind.pattern === pattern)?.image ?? true);
    const words = layers.map(({ pattern, width }) => pattern.replace("#", width));
    input.value = [image ? "28x28" : "784", ...words, "10"].join("-");
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function update() {
    write();
    render();
  }

  /** @param {{ pattern: string, width: string }} layer @param {number} n */
  function chip(layer, n) {
    const options = kinds.map(({ pattern, title }) => new Option(title, pattern));
    const select = make("select", { ariaLabel: `Kind of layer ${n + 1}` }, ...options);
    if (!kinds.some(({ pattern }) => pattern === layer.pattern)) {
      select.append(new Option(layer.pattern.replace("#", " "), layer.pattern)); // from a link
    }
    select.value = layer.pattern;
    select.addEventListener("change", () => {
      const width = kinds.find(({ pattern }) => pattern === select.value)?.width ?? "";
      layers[n] = { pattern: select.value, width: width && (layer.width || width) };
      update();
      place.querySelectorAll("select")[n].focus();
    });
    const width = make("input", { inputMode: "numeric", value: layer.width, ariaLabel: `Width of layer ${n + 1}` });
    width.addEventListener("input", () => {
      layer.width = width.value.trim();
      write();
    });
    const remove = iconButton("×", `Remove layer ${n + 1}`, () => {
      layers.splice(n, 1);
      update();
      place.querySelectorAll("button")[n].focus(); // the next layer's, or the one that adds
    });
    return make("span", { className: "layer" }, select, ...(layer.pattern.includes("#") ? [width] : []), remove);
  }

  return show;
}

/** "conv16x5" → "conv#x5" and "16". @param {string} word */
function parsed(word) {
  const width = word.match(/\d+/)?.[0] ?? "";
  return { pattern: word === "" ? "#" : word.replace(width || /$^/, "#"), width };
}

/** @param {string} text  the size of the input or of the output */
const end = (text) => make("span", { className: "end" }, text);

/** @param {string} icon @param {string} label @param {() => void} act */
const iconButton = (icon, label, act) => button(icon, act, { ariaLabel: label, title: label });
