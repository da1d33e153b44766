// @ts-check
// The layers of a network to be trained, one control each; in words they are what py/nn/architecture.py reads.

/** The words of the layers that one may choose. */
const KINDS = /** @type {const} */ ([
  ["dense", "Dense"],
  ["conv", "Conv 3×3"],
  ["conv5", "Conv 5×5"],
  ["pool", "Pool 2×2"],
  ["norm", "Norm"],
]);
/** What a new layer of a kind begins with. */
const WIDTHS = /** @type {Record<string, string>} */ ({ dense: "64", conv: "16", conv5: "16" });

/** @typedef {{ kind: string, width: string }} Layer */

/** @param {HTMLElement} place @param {HTMLInputElement} input holds the words @param {() => void} changed */
export function layersView(place, input, changed) {
  const inside = document.createElement("span");
  inside.className = "end";
  const outside = Object.assign(document.createElement("span"), { className: "end", textContent: "10" });
  const add = Object.assign(document.createElement("button"), { type: "button", textContent: "+", ariaLabel: "Add a layer" });
  add.title = "Add a layer";

  function show() {
    const layers = read(input.value);
    inside.textContent = input.value.startsWith("28x28") ? "28×28" : "784";
    place.replaceChildren(inside, ...layers.map((layer, n) => chip(layer, n, write, () => drop(n))), add, outside);
  }
  /** @param {number} n */
  function drop(n) {
    place.querySelectorAll(".layer")[n].remove();
    write();
    show(); // numbered anew
    place.querySelectorAll("button")[n].focus(); // the next layer's, or the one that adds
  }
  function write() {
    const layers = [...place.querySelectorAll(".layer")].map((chip) => ({
      kind: /** @type {HTMLSelectElement} */ (chip.querySelector("select")).value,
      width: /** @type {HTMLInputElement | null} */ (chip.querySelector("input"))?.value.trim() ?? "",
    }));
    input.value = words(layers);
    changed();
  }
  add.addEventListener("click", () => {
    const layers = read(input.value);
    input.value = words([...layers, { kind: "dense", width: WIDTHS.dense }]);
    show();
    /** @type {HTMLElement | undefined} */ ([...place.querySelectorAll("select")].at(-1))?.focus();
    changed();
  });
  return show;
}

/** @param {Layer} layer @param {number} n @param {() => void} write @param {() => void} drop */
function chip({ kind, width }, n, write, drop) {
  const chip = document.createElement("span");
  chip.className = "layer";
  const select = document.createElement("select");
  select.ariaLabel = `Kind of layer ${n + 1}`;
  select.append(...KINDS.map(([value, title]) => new Option(title, value)));
  if (!KINDS.some(([value]) => value === kind)) select.append(new Option(`Conv ${kind.slice(4)}×${kind.slice(4)}`, kind)); // from a link
  select.value = kind;
  const remove = Object.assign(document.createElement("button"), {
    type: "button",
    textContent: "×",
    ariaLabel: `Remove layer ${n + 1}`,
  });
  const input = document.createElement("input");
  input.inputMode = "numeric";
  input.value = width;
  input.ariaLabel = `Width of layer ${n + 1}`;
  chip.append(select, ...(hasWidth(kind) ? [input] : []), remove);
  select.addEventListener("change", () => {
    if (!hasWidth(kind)) input.value = WIDTHS[select.value] ?? "";
    if (hasWidth(select.value)) select.after(input);
    else input.remove();
    kind = select.value;
    write();
  });
  input.addEventListener("input", write);
  remove.addEventListener("click", drop);
  return chip;
}

/** @param {string} kind */
const hasWidth = (kind) => kind !== "pool" && kind !== "norm";

/** The hidden layers in words; what is no word of ours shows as the width it spells. @param {string} text @returns {Layer[]} */
function read(text) {
  return text
    .split("-")
    .slice(1, -1)
    .map((word) => {
      const [, filters, size] = word.match(/^conv(\w*?)(?:x(\d+))?$/) ?? [];
      if (filters !== undefined) return { kind: size && size !== "3" ? `conv${size}` : "conv", width: filters };
      return word === "pool" || word === "norm" ? { kind: word, width: "" } : { kind: "dense", width: word };
    });
}

/** @param {Layer[]} layers */
function words(layers) {
  const image = layers.some(({ kind }) => kind !== "dense" && kind !== "norm");
  const inner = layers.map(({ kind, width }) => {
    const [conv, size] = kind.match(/^conv(\d*)$/) ?? [];
    if (conv) return size ? `conv${width}x${size}` : `conv${width}`;
    return kind === "dense" ? width : kind;
  });
  return [image ? "28x28" : "784", ...inner, "10"].join("-");
}
