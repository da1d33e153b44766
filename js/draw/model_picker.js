// @ts-check
// Which networks there are, with what their cards say, and which one reads.

/** @typedef {import("../models.js").Model} Model @typedef {import("../models.js").Card} Card */

/** @param {HTMLElement} place @returns {(models: Model[], chosen: Model) => void} */
export function modelView(place) {
  const picker = /** @type {HTMLSelectElement} */ (place.querySelector("#model"));
  const facts = /** @type {HTMLElement} */ (place.querySelector("#model-facts"));
  return (models, chosen) => {
    const lines = models.map(line);
    if (String([...picker.options].map(({ text }) => text)) !== String(lines)) {
      picker.replaceChildren(...models.map(({ name }, i) => new Option(lines[i], name)));
    }
    picker.value = chosen.name;
    facts.textContent = inFull(chosen.known);
  };
}

/** Name, parameters and accuracy, as far as they are known. @param {Model} model */
function line({ title, known: { parameters, mnist_test_accuracy: accuracy } }) {
  const size = parameters && `${parameters.toLocaleString("en")} parameters`;
  return [title, size, accuracy && perCent(accuracy)].filter(Boolean).join(" · ");
}

/** @param {Card} card */
function inFull({ mnist_test_accuracy: onMnist, ink_accuracy: onInk }) {
  const shares = [
    onMnist && `${perCent(onMnist)} of MNIST’s test digits`,
    onInk && `${perCent(onInk)} of pen drawings by people it never saw`,
  ].filter(Boolean);
  return shares.length ? `Reads ${shares.join(" and ")}.` : "";
}

/** @param {number} share */
const perCent = (share) => `${(100 * share).toFixed(2)}\u00a0%`;
