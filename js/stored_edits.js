// @ts-check
// The edited files that this browser stores: texts, by file relative to py/; Code changes them, and Train can use them.

import { keep, kept } from "./storage.js";

/** @typedef {Record<string, string>} Edits */

const NAME = "edits";

/** @param {Edits} edits */
export const storeEdits = (edits) => keep(NAME, edits);

/** @returns {Promise<Edits>} */
export const storedEdits = async () => (await kept(NAME, isEdits)) ?? {};

/** @param {any} record @returns {boolean} whether it holds texts by file */
export const isEdits = (record) =>
  record !== null && typeof record === "object" && Object.values(record).every((text) => typeof text === "string");
