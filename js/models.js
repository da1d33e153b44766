// @ts-check
// The networks that the page offers: weights/models.json and the card of each; and one's own.

import { keep, kept } from "./storage.js";

/**
 * @typedef {{ parameters?: number, mnist_test_accuracy?: number, ink_accuracy?: number }} Card  what is known of a network
 * @typedef {{ name: string, title: string, file: string, card: string, known: Card }} Model  file names are within weights/
 * @typedef {{ file: string, bytes: Uint8Array, card: Card }} Own  a network that was trained or loaded here
 */

/** The name of one's own network. */
export const OWN = "yours";

export class Models {
  /** @type {Model[]} */
  all = [];
  /** The name of the one that reads; "" while none does. */
  open = "";
  /** The name of the one that reads where nothing else is asked for. */
  usual = "";
  /** @type {Own | undefined} */
  #own;

  /** The model of that name, or the usual one. @param {string} name @returns {Promise<Model>} */
  async find(name) {
    if (!this.all.length) {
      const { models, default: usual } = await json("models.json");
      const own = await kept(OWN);
      const known = await Promise.all(models.map((/** @type {Model} */ { card }) => json(card)));
      const all = models.map((/** @type {Model} */ model, /** @type {number} */ i) => ({ ...model, known: known[i] }));
      Object.assign(this, { all, usual });
      if (own) this.#list(own);
    }
    const named = (/** @type {string} */ wanted) => this.all.find((model) => model.name === wanted);
    return named(name) ?? named(this.usual) ?? this.all[0];
  }

  /** What lets Python read with a model. @param {Model} model @returns {import("./python/client.js").Request} */
  request(model) {
    if (model.name === OWN && this.#own) return opening(this.#own);
    return { kind: "open", values: { file: model.file }, files: [`weights/${model.file}`, `weights/${model.card}`] };
  }

  /** Offer one's own network from now on, and keep it. @param {Own} own */
  adopt(own) {
    this.#list(own);
    return keep(OWN, own);
  }

  /** @param {Own} own */
  #list(own) {
    this.#own = own;
    const listed = { name: OWN, title: "Your own", file: own.file, card: "", known: own.card };
    this.all = [...this.all.filter(({ name }) => name !== OWN), listed];
  }
}

/** @param {Own} own @returns {import("./python/client.js").Request} */
export function opening({ file, bytes, card }) {
  const path = `weights/own/${file}`;
  const beside = path.replace(/(\.[^.]*)?$/, ".json");
  const contents = { [beside]: new TextEncoder().encode(JSON.stringify(card)), [path]: bytes };
  return { kind: "open", values: { file: `own/${file}` }, contents };
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
