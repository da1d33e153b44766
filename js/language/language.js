// @ts-check
// The page in other languages. Its texts are written in English where they are used: in index.html, js/ and py/. This module
// translates what reaches the page, text and the attributes that people perceive, with the catalog of a language: de.json has
// the German for each English text, in which {0}, {1}, … stand for what is inserted. For English nothing is loaded.

import { LANGUAGES } from "../page.js";
import { keep } from "../storage.js";

const ATTRIBUTES = ["alt", "aria-description", "aria-label", "aria-valuetext", "data-percent", "placeholder", "title"];
/** Source code, and what people wrote or named. */
const UNTRANSLATED = "pre, code, script, style, [translate=no]";

/** @type {Record<string, string>} */
let catalog = {};
/** The texts with insertions and their translations; of two that match, the one with more words of its own comes first. */
let patterns = /** @type {[RegExp, string][]} */ ([]);
/** What numbers have before thousands and before decimals. */
let separators = { ",": ",", ".": "." };
/** What text was in English. @type {WeakMap<Node, string>} */
const originals = new WeakMap();
/** The translated texts of each node, by attribute: when it moves, they stay. @type {WeakMap<Node, Record<string, string>>} */
const translations = new WeakMap();

/**
 * Translate the page, and from now on what is added to it. English stays where the catalog does not arrive.
 * @param {string} language
 */
export async function translatePage(language) {
  try {
    catalog = await (await fetch(new URL(`${language}.json`, import.meta.url))).json();
  } catch {
    return;
  }
  patterns = Object.entries(catalog)
    .filter(([english]) => english.includes("{0}"))
    .sort(byWords)
    .map(pattern);
  const parts = new Intl.NumberFormat(language).formatToParts(12345.6);
  const separator = (/** @type {string} */ wanted) => parts.find(({ type }) => type === wanted)?.value ?? "";
  separators = { ",": separator("group"), ".": separator("decimal") };
  document.documentElement.lang = language;
  translate(document.documentElement);
  new MutationObserver((records, observer) => {
    for (const { target, addedNodes, type } of records) {
      if (type === "childList") for (const node of addedNodes) translate(node);
      else translate(target, type === "attributes");
    }
    observer.takeRecords(); // its own changes
  }).observe(document, {
    subtree: true,
    childList: true,
    characterData: true,
    attributeFilter: ATTRIBUTES,
  });
}

/** A text in the language of the page; as it is where it has no translation. @param {string} text @returns {string} */
export function translated(text) {
  const words = text.trim();
  const translation = /\p{L}{2}/u.test(words) && (entry(words) ?? inParts(words));
  const localized = translation ? text.replace(words, () => translation) : text.replace(/\d+(,\d{3})*(\.\d+)?/g, localNumber);
  return localized.replace(/(?<=\d) %/g, "\u00a0%");
}

/** @param {string} number */
const localNumber = (number) => number.replace(/[,.]/g, (sign) => separators[/** @type {","} */ (sign)]);

/** The translation of just these words. @param {string} words @returns {string | undefined} */
function entry(words) {
  if (Object.hasOwn(catalog, words)) return catalog[words];
  for (const [pattern, translation] of patterns) {
    const inserted = pattern.exec(words)?.slice(1).map(translated);
    if (inserted) return translation.replace(/\{(\d)\}/g, (_, place) => inserted[place]);
  }
}

/**
 * Several sentences, clauses or facts one by one; a clause that was made a sentence, with a capital letter or a period.
 * @param {string} words
 */
function inParts(words) {
  const parts = words.split(/((?<=[.?!]) |; | · )/);
  if (parts.length > 1) return parts.map((part, i) => (i % 2 ? part : translated(part))).join("");
  const [clause, period] = words.endsWith(".") ? [words.slice(0, -1), "."] : [words, ""];
  const found = entry(clause) ?? entry(clause[0].toLowerCase() + clause.slice(1));
  return found && (clause[0] === clause[0].toLowerCase() ? found : found[0].toUpperCase() + found.slice(1)) + period;
}

/** What an element with nothing but text says in English. @param {HTMLElement} element */
export const english = (element) => originals.get(/** @type {Node} */ (element.firstChild)) ?? element.textContent ?? "";

/** @param {Node} node with all that is below it @param {boolean} [onlyAttributes] */
function translate(node, onlyAttributes = false) {
  if (node instanceof Text) translateText(node);
  if (!(node instanceof Element)) return;
  for (const name of ATTRIBUTES) {
    const value = node.getAttribute(name);
    if (value && !node.closest("[translate=no]")) node.setAttribute(name, translatedOnce(node, name, value));
  }
  if (!onlyAttributes) for (const child of node.childNodes) translate(child);
}

/** @param {Node} node @param {string} attribute  "" for the text itself @param {string} text */
function translatedOnce(node, attribute, text) {
  const before = translations.get(node);
  if (before?.[attribute] === text) return text;
  const translation = translated(text);
  translations.set(node, { ...before, [attribute]: translation });
  return translation;
}

/** @param {Text} node */
function translateText(node) {
  if (node.parentElement?.closest(UNTRANSLATED)) return;
  const translation = translatedOnce(node, "", node.data);
  if (translation === node.data) return;
  originals.set(node, node.data.trim());
  node.data = translation;
}

/** @param {[string, string]} a @param {[string, string]} b */
const byWords = ([a], [b]) => b.replace(/\{\d\}/g, "").length - a.replace(/\{\d\}/g, "").length;

/** @param {[string, string]} entry @returns {[RegExp, string]} */
function pattern([english, translation]) {
  const source = english.replace(/[\\^$.*+?()[\]|/]/g, "\\$&").replace(/\{\d\}/g, "(.+?)");
  return [new RegExp(`^${source}$`, "s"), translation];
}

/** @param {HTMLSelectElement} picker @param {string} language @param {import("../state.js").State} state */
export function languagePicker(picker, language, state) {
  for (const [tag, name] of Object.entries(LANGUAGES)) {
    picker.append(Object.assign(new Option(name, tag, false, tag === language), { lang: tag, translate: false }));
  }
  picker.addEventListener("change", async () => {
    const isStored = await keep("language", picker.value);
    state.set({ language: isStored ? "" : picker.value });
    location.reload();
  });
}
