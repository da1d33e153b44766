// @ts-check
// The page: its elements and new ones, its languages, and its rooms, of which the URL says which one is open.

import { kept } from "./storage.js";

/** An element of index.html, which is always there. @template {HTMLElement} E @param {string} id @returns {E} */
export const element = (id) => /** @type {E} */ (document.getElementById(id));

/**
 * The first element within another one that a selector matches; there always is one.
 * @template {HTMLElement} E @param {ParentNode} place @param {string} selector @returns {E}
 */
export const find = (place, selector) => /** @type {E} */ (place.querySelector(selector));

/**
 * A new element with properties, data-* attributes and children.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag @param {Record<string, any> & { data?: Record<string, string> }} [properties]
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function make(tag, { data = {}, ...properties } = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  Object.assign(element.dataset, data);
  element.append(...children);
  return element;
}

/** @param {string} text @param {() => void} act  when it is clicked @param {Record<string, any>} [properties] */
export const button = (text, act, properties) => make("button", { type: "button", onclick: act, ...properties }, text);

/** Apply the style sheet at a URL. @param {string} href @returns {Promise<unknown>} settled once it is there */
export function applyStyles(href) {
  return new Promise((onload, onerror) => document.head.append(make("link", { rel: "stylesheet", href, onload, onerror })));
}

/**
 * Change a text, unless it is the same: the browser would compute the layout again.
 * @param {HTMLElement} place @param {string} text
 */
export function changeText(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

/** `?embed`: the pad alone, or one chapter of Learn, in a frame of another page. */
export const isEmbedded = new URLSearchParams(location.search).has("embed");

/** The languages of the page, each by its own name. @type {Record<string, string>} */
export const LANGUAGES = { en: "English", de: "Deutsch" };

/**
 * Show the page in the language that the URL names, or that was chosen, or that the browser prefers.
 * @returns {Promise<string>} it
 */
export async function showLanguage() {
  const named = new URLSearchParams(location.search).get("language") ?? "";
  const wanted = [named, String(await kept("language")), ...navigator.languages].map((tag) => tag.split("-")[0]);
  const language = wanted.find((tag) => Object.hasOwn(LANGUAGES, tag)) ?? "en"; // which is in the page already
  if (language !== "en") await (await import("./language/language.js")).translatePage(language);
  return language;
}

/** @param {import("./state.js").State} state */
export function showRooms(state) {
  const rooms = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".room")]);
  const links = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-room]")]);
  if (isEmbedded) becomeEmbedded();

  function show() {
    const open = rooms.find(({ id }) => id === state.values.room) ?? rooms[0];
    document.documentElement.dataset.open = open.id;
    for (const room of rooms) room.hidden = room !== open;
    for (const link of links) link.ariaCurrent = link.dataset.room === open.id ? "page" : null;
  }

  for (const link of links) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      state.set({ room: link.dataset.room ?? "" }, { newEntry: true });
    });
  }
  state.addEventListener("change", show);
  show();
}

/** Leave only the open room, with a link to the whole page. */
function becomeEmbedded() {
  document.documentElement.toggleAttribute("data-embed", true);
  const whole = new URL(location.href);
  whole.searchParams.delete("embed");
  const footer = element("whole-page");
  footer.hidden = false;
  /** @type {HTMLAnchorElement} */ (footer.firstElementChild).href = whole.href;
}
