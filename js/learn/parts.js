// @ts-check
// What the chapters are built from: sliders, numbers with names, pictures with captions.

import { button, make } from "../page.js";
import { fixed, percent } from "../views/numbers.js";

/** A button that stays pressed. @param {string} text @param {() => void} changed */
export function toggle(text, changed) {
  const element = button(text, () => {
    element.ariaPressed = String(element.ariaPressed !== "true");
    changed();
  });
  element.ariaPressed = "false";
  return { element, isOn: () => element.ariaPressed === "true" };
}

/**
 * @param {string} label @param {{ min: number, max: number, step: number, value: number }} range
 * @param {() => void} changed @param {(value: number) => string} [format]
 */
export function slider(label, range, changed, format = String) {
  const input = make("input", { type: "range", ...range });
  const shown = make("span", { className: "shown" });
  const show = () => {
    shown.textContent = format(input.valueAsNumber);
    input.setAttribute("aria-valuetext", shown.textContent);
  };
  input.addEventListener("input", () => {
    show();
    changed();
  });
  show();
  return {
    element: make("label", { className: "slider" }, make("span", {}, label), input, shown),
    get value() {
      return input.valueAsNumber;
    },
    set value(value) {
      input.valueAsNumber = value;
      show();
    },
  };
}

/** A number with a label; `data-value` holds it exactly. @param {string} name @param {string} label */
export function readout(name, label) {
  const number = make("b", { data: { number: name } });
  return {
    element: make("span", { className: "readout" }, `${label} `, number),
    /** @param {number} value @param {string} [text] */
    show(value, text = fixed(value, 3)) {
      number.dataset.value = String(value);
      number.textContent = text;
    },
  };
}

/** The digit with the largest probability. @param {Float32Array} probabilities */
export const likeliest = (probabilities) => probabilities.indexOf(Math.max(...probabilities));

/** The likeliest digit and its share, as a readout's text. @param {Float32Array} probabilities @returns {[number, string]} */
export function answerOf(probabilities) {
  const digit = likeliest(probabilities);
  return [probabilities[digit], `${digit}, ${percent(probabilities[digit])} %`];
}

/** A line of controls or numbers. @param {(HTMLElement | { element: HTMLElement })[]} parts */
export const row = (...parts) =>
  make("div", { className: "parts" }, ...parts.map((part) => ("element" in part ? part.element : part)));

/** @param {string} caption @param {HTMLElement} picture @param {string} [className] */
export const figure = (caption, picture, className = "") =>
  make("figure", { className }, picture, make("figcaption", {}, caption));

/** A picture that is described in words. @param {string} label */
export const canvas = (label) => make("canvas", { role: "img", ariaLabel: label });
