// @ts-check
// The source code of the layers in a stage, with their shapes and current values, and the gradient check.

import { changeText, element, find, make } from "../page.js";
import { fixed, scientific, tuple } from "../views/numbers.js";

/** @typedef {import("./room.js").Inspection} Inspection @typedef {import("./room.js").Layer} Layer */
/**
 * @typedef {Record<string, { file: string, line: number, text: string, summary: string, formula: string }>} Sources  by a layer's type
 */

/** A larger error means that a gradient is wrong; rounding errors are much smaller. */
const WRONG = 1e-4;

/**
 * @param {HTMLElement} place @param {object} actions
 * @param {() => Promise<Sources>} actions.sources
 * @param {(stage: number) => Promise<{ errors: Record<string, number>, places: number }>} actions.check
 * @param {(file: string, line: number) => void} actions.edit  opens a file, named relative to py/, in the room Code
 * @returns {(inspection: Inspection, activations: import("../python/client.js").Matrix[]) => void}
 */
export function sourceCodeView(place, { sources, check, edit }) {
  const template = /** @type {HTMLTemplateElement} */ (element("layer-template"));
  const button = /** @type {HTMLButtonElement} */ (element("check-gradients"));
  const result = element("gradient-errors");
  let shown = "";
  let stage = 0;
  /** @type {Sources | null} */
  let loaded = null;

  button.addEventListener("click", async () => {
    button.disabled = true;
    const checked = shown;
    result.textContent = "Checking the gradients …";
    try {
      const answer = await check(stage);
      if (checked === shown) result.replaceChildren(...report(answer));
    } catch (error) {
      result.textContent = /** @type {Error} */ (error).message;
    }
    button.disabled = false;
  });

  return (inspection, activations) => {
    const { layers } = inspection.stages[inspection.stage];
    const now = JSON.stringify(layers.map(({ index, name, output }) => [index, name, output]));
    if (now !== shown) {
      shown = now;
      stage = inspection.stage;
      result.textContent = "";
      find(place, "h2").textContent =
        `Source code of ${stage === inspection.stages.length - 1 ? "the output layer" : `layer ${stage + 1}`}`;
      element("layers-of-stage").replaceChildren(...layers.map(article));
      showSources();
    }
    for (const layer of layers) showValues(layer, activations[layer.index].data);
  };

  /** @param {Layer} layer */
  function article(layer) {
    const copy = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
    const article = /** @type {HTMLElement} */ (copy.firstElementChild);
    article.dataset.type = layer.type;
    article.dataset.layer = String(layer.index);
    const parameters = Object.entries(layer.parameters).map(([name, shape]) => `${name} ${tuple(shape)}`);
    setText(article, "h3", `layers[${layer.index}] = ${layer.name}`);
    setText(article, '[data-live="input"]', tuple(layer.input));
    setText(article, '[data-live="output"]', tuple(layer.output));
    setText(article, '[data-live="parameters"]', parameters.join(", ") || "none");
    find(article, ".source").ariaLabel = `The source of ${layer.type}`;
    return article;
  }

  async function showSources() {
    try {
      loaded ??= await sources();
    } catch (error) {
      result.textContent = /** @type {Error} */ (error).message;
      return;
    }
    for (const article of /** @type {HTMLElement[]} */ ([...place.querySelectorAll("[data-type]")])) {
      const { file, line, text, summary, formula } = loaded[article.dataset.type ?? ""];
      setText(article, ".file", `${file}, line ${line}`);
      const button = find(article, ".edit");
      button.hidden = false;
      button.onclick = () => edit(file.replace(/^py\//, ""), line);
      find(article, ".summary").replaceChildren(
        ...summary.split("`").map((part, i) => (i % 2 ? make("code", {}, part) : part)),
      );
      setText(article, ".formula", formula);
      find(article, ".formula").hidden = !formula;
      find(article, ".source").replaceChildren(...highlighted(text.trimEnd()));
    }
  }

  /** @param {Layer} layer @param {Float32Array} values */
  function showValues({ index }, values) {
    const article = find(place, `[data-layer="${index}"]`);
    const [least, most] = [Math.min, Math.max].map((choose) => values.reduce((a, b) => choose(a, b)));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const first = Array.from(values.subarray(0, 6), (value) => fixed(value)).join("  ");
    setText(article, '[data-live="range"]', `${fixed(least)} to ${fixed(most)}, mean ${fixed(mean)}`);
    setText(article, '[data-live="values"]', `${first}${values.length > 6 ? "  …" : ""}`);
  }
}

/** @param {HTMLElement} place @param {string} selector @param {string} text */
function setText(place, selector, text) {
  changeText(find(place, selector), text);
}

/** @param {{ errors: Record<string, number>, places: number }} answer */
function report({ errors, places }) {
  const worst = Math.max(...Object.values(errors));
  const sentence =
    worst < WRONG
      ? `backward agrees with finite differences at ${places} numbers of each array. Largest relative error: ${scientific(worst)}.`
      : `backward differs from finite differences. Largest relative error: ${scientific(worst)}.`;
  const lines = Object.entries(errors).map(([name, error]) =>
    make(
      "div",
      {},
      make("dt", {}, name === "input" ? "input" : `layers[${name.replace(".", "].")}`),
      make("dd", { data: { value: String(error) } }, scientific(error)),
    ),
  );
  return [make("p", { data: { value: String(worst) } }, sentence), make("dl", {}, ...lines)];
}

const TOKENS =
  /("""[\s\S]*?"""|"[^"\n]*")|(#.*)|\b(class|def|return|if|else|for|in|self|super|raise|not|is|None|True|False|and|or)\b/g;

/** Python with its strings, comments and keywords marked. @param {string} text @returns {(string | Node)[]} */
function highlighted(text) {
  /** @type {(string | Node)[]} */
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(TOKENS)) {
    parts.push(text.slice(from, match.index));
    parts.push(make("span", { className: match[1] ? "string" : match[2] ? "comment" : "keyword" }, match[0]));
    from = match.index + match[0].length;
  }
  return [...parts, text.slice(from)];
}
