// @ts-check
// The networks that the page offers: those in weights/models.json, and the person's own.

import { keep, kept, setAside } from "./storage.js";

/**
 * @typedef {{ parameters?: number, mnist_test_accuracy?: number, ink_accuracy?: number }} Card  what is known of a network
 * @typedef {{ file: string, bytes: Uint8Array, card: Card }} Own  a network that was trained or loaded here
 * @typedef {import("./python/client.js").Request} Request
 *
 * @typedef {object} Model
 * @property {string} name @property {string} title
 * @property {string} card  its file within weights/; "" for the person's own @property {Card} known  what has been loaded of it
 * @property {Request} opening  asks Python to open it
 */

/** The name of the person's own network. */
const OWN = "yours";

export class Models {
  /** @type {Model[]} */
  all = [];
  /** The name of the model that Python reads with; "" while there is none. */
  current = "";
  /** The name of the default model. */
  usual = "";
  #ask;
  /** @type {Own | undefined} */
  #own;

  /** @param {(request: Request) => Promise<any>} ask Python */
  constructor(ask) {
    this.#ask = ask;
  }

  /**
   * Read with the model of that name, or with the default one where there is none.
   * @param {string} name @returns {Promise<Model>}
   */
  async open(name) {
    if (!this.all.length) await this.#load();
    const model = this.#named(name) ?? /** @type {Model} */ (this.#named(this.usual));
    if (model.name === this.current) return model;
    try {
      await this.#ask(model.opening);
    } catch (error) {
      if (model.name !== OWN) throw error;
      this.all = this.all.filter((each) => each !== model);
      const other = await this.open(this.usual); // throws where not the network but Python is broken
      await setAside(OWN, this.#own);
      return other;
    }
    this.current = model.name;
    return model;
  }

  /** Asks Python to open the network that the page reads with. */
  opening() {
    return /** @type {Model} */ (this.#named(this.current)).opening;
  }

  /**
   * Read with the person's own network, and offer it from now on.
   * @param {Own} own @returns {Promise<boolean>} whether it is stored
   */
  async adopt(own) {
    await this.#ask(openingOwn(own)); // a file that cannot be used changes nothing
    this.#list(own);
    this.current = OWN;
    return keep(OWN, own);
  }

  /** Load what is known of the shipped networks; none of it is needed to read a drawing. */
  async loadCards() {
    for (const model of this.all.filter(({ name }) => name !== OWN)) model.known = await json(model.card);
  }

  async #load() {
    const [{ models, default: usual }, own] = await Promise.all([json("models.json"), kept(OWN, isOwn)]);
    this.all = models.map((/** @type {any} */ { name, title, file, card }) => {
      const files = [`weights/${file}`, `weights/${card}`];
      return { name, title, card, known: {}, opening: { kind: "open", values: { file }, files } };
    });
    this.usual = usual;
    if (own) this.#list(own);
  }

  /** @param {string} name */
  #named(name) {
    return this.all.find((model) => model.name === name);
  }

  /** @param {Own} own */
  #list(own) {
    this.#own = own;
    const listed = { name: OWN, title: "Your own", card: "", known: own.card, opening: openingOwn(own) };
    this.all = [...this.all.filter(({ name }) => name !== OWN), listed];
  }
}

/** @param {any} record @returns {boolean} whether it is an Own */
function isOwn(record) {
  const { file, bytes, card } = record ?? {};
  if (typeof file !== "string" || !/^[^/\\]+$/.test(file) || !(bytes instanceof Uint8Array)) return false;
  if (card === null || typeof card !== "object") return false;
  return [card.parameters, card.mnist_test_accuracy, card.ink_accuracy].every((figure) => Number.isFinite(figure ?? 0));
}

/** @param {Own} own @returns {Request} */
function openingOwn({ file, bytes, card }) {
  const path = `weights/own/${file}`;
  const cardPath = path.replace(/(\.[^.]*)?$/, ".json");
  const contents = { [cardPath]: new TextEncoder().encode(JSON.stringify(card)), [path]: bytes };
  return { kind: "open", values: { file: `own/${file}` }, contents };
}

/** @param {string} file within weights/ @returns {Promise<any>} */
async function json(file) {
  try {
    const response = await fetch(new URL(`../weights/${file}`, import.meta.url));
    if (!response.ok) throw new Error();
    return await response.json();
  } catch {
    throw new Error(
      `weights/${file} could not be loaded. Check that the file exists and the server is running, then try again.`,
    );
  }
}
