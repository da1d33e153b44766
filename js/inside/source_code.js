// @ts-check
// Under the hood: the code of the layers that make up a stage, beside their live shapes and values, and the gradient check.

import { figure, shaped, tiny } from "../views/numbers.js";

/** @typedef {import("./room.js").Seen} Seen @typedef {import("./room.js").Layer} Layer */
/** @typedef {Record<string, { file: string, line: number, text: string, summary: string, formula: string }>} Sources  by a layer's type */

/** An error above this says that backward is wrong; rounding alone stays far below. */
const WRONG = 1e-4;

/**
 * @param {HTMLElement} place
 * @param {() => Promise<Sources>} sources @param {(stage: number) => Promise<{ errors: Record<string, number>, places: number }>} check
 * @returns {(seen: Seen, activations: import("../python/client.js").Matrix[]) => void}
 */
export function hoodView(place, sources, check) {
  const find = (/** @type {string} */ what) => /** @type {HTMLElement} */ (place.querySelector(what));
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById("layer-template"));
  const button = /** @type {HTMLButtonElement} */ (find("#check"));
  const result = find("#checked");
  let drawn = "";
  let stage = 0;
  /** @type {Sources | null} */
  let known = null;

  button.addEventListener("click", async () => {
    button.disabled = true;
    const asked = drawn;
    result.textContent = "Nudging the parameters …";
    try {
      const answer = await check(stage);
      if (asked === drawn) result.replaceChildren(...verdict(answer));
    } catch (error) {
      result.textContent = /** @type {Error} */ (error).message;
    }
    button.disabled = false;
  });

  return (seen, activations) => {
    const { layers } = seen.stages[seen.stage];
    const now = JSON.stringify(layers.map(({ index, name, output }) => [index, name, output]));
    if (now !== drawn) {
      drawn = now;
      stage = seen.stage;
      result.textContent = "";
      find("h2").textContent = `Under the hood of ${stage === seen.stages.length - 1 ? "the answer" : `layer ${stage + 1}`}`;
      find("#layers-of-stage").replaceChildren(...layers.map((layer) => made(layer)));
      fill();
    }
    for (const layer of layers) live(layer, activations[layer.index].data);
  };

  /** @param {Layer} layer */
  function made(layer) {
    const article = /** @type {HTMLElement} */ (
      /** @type {DocumentFragment} */ (template.content.cloneNode(true)).firstElementChild
    );
    const set = (/** @type {string} */ what, /** @type {string} */ text) => {
      /** @type {HTMLElement} */ (article.querySelector(what)).textContent = text;
    };
    article.dataset.type = layer.type;
    article.dataset.layer = String(layer.index);
    set("h3", `layers[${layer.index}] = ${layer.name}`);
    set('[data-live="input"]', shaped(layer.input));
    set('[data-live="output"]', shaped(layer.output));
    const parameters = Object.entries(layer.parameters).map(([name, shape]) => `${name} ${shaped(shape)}`);
    set('[data-live="parameters"]', parameters.join(", ") || "none");
    const pre = /** @type {HTMLElement} */ (article.querySelector("pre.source"));
    pre.ariaLabel = `The source of ${layer.type}`;
    return article;
  }

  async function fill() {
    try {
      known ??= await sources();
    } catch (error) {
      result.textContent = /** @type {Error} */ (error).message;
      return;
    }
    for (const article of /** @type {HTMLElement[]} */ ([...place.querySelectorAll("[data-type]")])) {
      const source = known[article.dataset.type ?? ""];
      /** @type {HTMLElement} */ (article.querySelector(".file")).textContent = `${source.file}, line ${source.line}`;
      /** @type {HTMLElement} */ (article.querySelector("pre.source")).replaceChildren(...coloured(source.text.trimEnd()));
      /** @type {HTMLElement} */ (article.querySelector(".summary")).textContent = source.summary;
      const formula = /** @type {HTMLElement} */ (article.querySelector(".formula"));
      formula.textContent = source.formula;
      formula.hidden = !source.formula;
    }
  }

  /** @param {Layer} layer @param {Float32Array} values */
  function live(layer, values) {
    const article = place.querySelector(`[data-layer="${layer.index}"]`);
    if (!article) return;
    const set = (/** @type {string} */ what, /** @type {string} */ text) => {
      /** @type {HTMLElement} */ (article.querySelector(`[data-live="${what}"]`)).textContent = text;
    };
    set("range", `${figure(layer.least)} to ${figure(layer.most)}, mean ${figure(layer.mean)}`);
    set("values", `${Array.from(values.subarray(0, 6), (value) => figure(value)).join("  ")}${values.length > 6 ? "  …" : ""}`);
  }
}

/** @param {{ errors: Record<string, number>, places: number }} answer */
function verdict({ errors, places }) {
  const worst = Math.max(...Object.values(errors));
  const sentence = document.createElement("p");
  sentence.textContent =
    worst < WRONG
      ? `backward agrees with the slopes measured by nudging ${places} numbers of each array: the largest relative error is ${tiny(worst)}.`
      : `backward and the measured slopes differ: the largest relative error is ${tiny(worst)}.`;
  sentence.dataset.value = String(worst);
  const list = document.createElement("dl");
  for (const [name, error] of Object.entries(errors)) {
    const line = list.appendChild(document.createElement("div"));
    line.append(
      Object.assign(document.createElement("dt"), {
        textContent: name === "input" ? "input" : `layers[${name.replace(".", "].")}`,
      }),
      Object.assign(document.createElement("dd"), { textContent: tiny(error) }),
    );
    /** @type {HTMLElement} */ (line.lastChild).dataset.value = String(error);
  }
  return [sentence, list];
}

const TOKENS =
  /("""[^]*?"""|"[^"\n]*")|(#.*)|\b(class|def|return|if|else|for|in|self|super|raise|not|is|None|True|False|and|or)\b/g;

/** Python with its strings, comments and keywords marked. @param {string} text @returns {(string | Node)[]} */
function coloured(text) {
  /** @type {(string | Node)[]} */
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(TOKENS)) {
    parts.push(text.slice(from, match.index));
    const span = document.createElement("span");
    span.className = match[1] ? "string" : match[2] ? "comment" : "keyword";
    span.textContent = match[0];
    parts.push(span);
    from = match.index + match[0].length;
  }
  return [...parts, text.slice(from)];
}
