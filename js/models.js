// @ts-check
// The networks that the page offers: weights/models.json and the card of each.

/**
 * @typedef {{ name: string, title: string, file: string, card: string }} Model  file names are within weights/
 * @typedef {{ parameters?: number, mnist_test_accuracy?: number }} Card  what is known of a network
 */

export class Models {
  /** @type {Model[]} */
  all = [];
  /** The name of the one that reads; "" while none does. */
  open = "";
  /** The name of the one that reads where nothing else is asked for. */
  usual = "";

  /** The model of that name, or the usual one. @param {string} name @returns {Promise<{ model: Model, card: Card }>} */
  async find(name) {
    if (!this.all.length) ({ models: this.all, default: this.usual } = await json("models.json"));
    const named = (/** @type {string} */ wanted) => this.all.find((model) => model.name === wanted);
    const model = named(name) ?? named(this.usual) ?? this.all[0];
    return { model, card: await json(model.card) };
  }
}

/** @param {string} file within weights/ @returns {Promise<any>} */
async function json(file) {
  try {
    const response = await fetch(new URL(`../weights/${file}`, import.meta.url));
    if (!response.ok) throw new Error();
    return await response.json();
  } catch {
    throw new Error(`weights/${file} could not be loaded: check that it is there and the server still runs, then try again.`);
  }
}
