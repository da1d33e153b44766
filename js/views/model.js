// @ts-check
// Which network reads, and what its card says of it.

/** @typedef {import("../models.js").Model} Model @typedef {import("../models.js").Card} Card */

/** @param {HTMLElement} place @returns {(models: Model[], chosen: Model, card: Card) => void} */
export function modelView(place) {
  const picker = /** @type {HTMLSelectElement} */ (place.querySelector("#model"));
  const facts = /** @type {HTMLElement} */ (place.querySelector("#model-facts"));
  return (models, chosen, card) => {
    if (picker.options.length !== models.length) {
      picker.replaceChildren(...models.map(({ title, name }) => new Option(title, name)));
    }
    picker.value = chosen.name;
    const { parameters, mnist_test_accuracy: accuracy } = card;
    facts.textContent = [
      parameters && `${parameters.toLocaleString("en")} parameters`,
      accuracy && `reads ${(100 * accuracy).toFixed(2)}\u00a0% of MNIST’s test digits`,
    ].filter(Boolean).join(" · ");
  };
}
