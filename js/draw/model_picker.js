// @ts-check
// The list of networks with figures from their cards, and the one in use.

import { element } from "../page.js";

/** @typedef {import("../models.js").Model} Model @typedef {import("../models.js").Card} Card */

/** @param {(name: string) => void} choose @returns {(models: Model[], chosen: Model) => void} */
export function modelPicker(choose) {
  const picker = /** @type {HTMLSelectElement} */ (element("model"));
  picker.addEventListener("change", () => choose(picker.value));
  return (models, chosen) => {
    const lines = models.map(line);
    if (String([...picker.options].map(({ text }) => text)) !== String(lines)) {
      picker.replaceChildren(...models.map(({ name }, i) => new Option(lines[i], name)));
    }
    picker.value = chosen.name;
    element("model-facts").textContent = accuracies(chosen.known);
  };
}

/** Title, parameters and accuracy, as far as they are known. @param {Model} model */
function line({ title, known: { parameters, mnist_test_accuracy: accuracy } }) {
  const size = parameters && `${parameters.toLocaleString("en")} parameters`;
  return [title, size, accuracy && percent(accuracy)].filter(Boolean).join(" · ");
}

/** @param {Card} card */
function accuracies({ mnist_test_accuracy: onMnist, ink_accuracy: onInk }) {
  const shares = [
    onMnist && `${percent(onMnist)} of MNIST’s test digits`,
    onInk && `${percent(onInk)} of pen drawings by new writers`,
  ].filter(Boolean);
  return shares.length ? `Correct on ${shares.join(" and ")}.` : "";
}

/** @param {number} share */
const percent = (share) => `${(100 * share).toFixed(2)}\u00a0%`;
