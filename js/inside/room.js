// @ts-check
// The room Inside: what is selected in it, what it asks Python for, and its views.

import { element, find } from "../page.js";
import { debounce, whenVisible } from "../when.js";
import { neuronView } from "./neuron.js";
import { overview } from "./overview.js";
import { preprocessingView } from "./preprocessing_steps.js";
import { sourceCodeView } from "./source_code.js";
import { stagesView } from "./stages.js";

/** @typedef {import("../python/client.js").Matrix} Matrix @typedef {import("../python/client.js").Request} Request */
/** @typedef {import("../python/client.js").Reading} Reading @typedef {import("../state.js").State} State */
/**
 * @typedef {object} Steps  of the preprocessing; arrays as digits.preprocessing made them
 * @property {Matrix} gray @property {Matrix} ink @property {Matrix} scaled @property {Matrix} image
 * @property {number} inked  share of the pixels that have ink @property {number} lit  how many of the 784 numbers are not 0
 * @property {number[] | null} box  top, bottom, left, right @property {number[] | null} moved  pixels down, right
 *
 * @typedef {object} Layer  of the nn.Network
 * @property {number} index @property {string} type @property {string} name
 * @property {number[]} input @property {number[]} output  shapes @property {Record<string, number[]>} parameters  shapes
 *
 * @typedef {object} Stage  weighted sums and the layers after them; arrays (height, width, neurons)
 * @property {Matrix} sums @property {Matrix} outputs @property {number[]} off @property {Layer[]} layers
 *
 * @typedef {object} Neuron  arrays (height, width, maps); see nn.inspection.Neuron
 * @property {Matrix} weights @property {Matrix} inputs @property {Matrix} products @property {Matrix | null} outgoing
 * @property {number} bias @property {number} total @property {number} output @property {number[] | null} place
 *
 * @typedef {object} Digit  the contributions to its logit; see nn.attribution.Contributions
 * @property {Matrix} pixels (28, 28, 1) @property {{ layer: number, share: number }[]} biases
 * @property {number} rest @property {number} logit
 *
 * @typedef {object} Inspection
 * @property {Steps} steps @property {Stage[]} stages
 * @property {number} stage
 * @property {number | null} index  of the shown neuron: the selected one, the strongest of a stage, or the likeliest digit
 * @property {Neuron | null} neuron @property {Digit | null} digit
 *
 * @typedef {{ stage: number, index: number }} Place  of a neuron
 */

const WIDE = matchMedia("(min-width: 64rem)");

const REST = 250; // ms until the neuron that the keyboard has moved to is in the URL

export class Inside {
  #state;
  #read;
  /** The neuron at the pointer or the keyboard. @type {Place | null} */
  #peeked = null;
  /** The neuron that the keyboard has moved to, until it is selected. @type {Place | null} */
  #walked = null;
  #selectWalked = debounce(() => {
    if (!this.#walked) return;
    this.#peeked = null;
    this.#select(this.#walked);
  }, REST);
  #asked = "";
  /** @type {Reading | null} */
  #reading = null;
  /** A new network's stages replace the old ones, and this among them. */
  #neuron = element("neuron");
  #views;

  /**
   * @param {State} state
   * @param {(request: Request) => Promise<any>} ask  Python
   * @param {() => void} read  reads the drawing again, with other arguments for this room
   */
  constructor(state, ask, read) {
    this.#state = state;
    this.#read = read;
    state.include({ layer: "", neuron: "", off: "", all: "" });
    const go = (/** @type {Record<string, string>} */ values) => state.set(values, { newEntry: true });
    const open = (/** @type {string} */ part) => go({ layer: part === this.#part ? "" : part, neuron: "", all: "" });
    const toggle = (/** @type {number} */ stage, /** @type {number} */ index) => this.#toggle(stage, index);
    const sourceCode = sourceCodeView(element("source-code"), {
      sources: () => ask({ kind: "sources", archives: ["sources"] }),
      check: (stage) => ask({ kind: "check_gradients", values: { stage }, archives: ["random"] }),
      edit: (file, line) => go({ room: "code", source: `${file}:${line}` }),
    });
    this.#views = {
      overview: whenVisible(element("overview"), overview(element("parts"), open)),
      preprocessing: whenVisible(element("preprocessing"), preprocessingView(element("preprocessing"))),
      stages: stagesView(element("stages"), {
        peek: (stage, index) => this.#peek(index === null ? null : { stage, index }),
        walk: (stage, index) => {
          this.#walked = { stage, index };
          this.#peek(this.#walked);
          this.#selectWalked();
        },
        select: (stage, index) => this.#selectOrDeselect({ stage, index }),
        toggle,
      }),
      neuron: neuronView(this.#neuron, toggle),
      sourceCode: whenVisible(element("source-code"), sourceCode),
    };
    element("all-parts").addEventListener("click", () => go({ all: state.values.all ? "" : "1" }));
    element("all-on").addEventListener("click", () => {
      state.set({ off: "" });
      find(element("stages"), "[tabindex]").focus(); // the button disappears
    });
    state.addEventListener("change", () => {
      if (state.values.room === "inside") this.#update();
      this.#askAgain();
    });
    WIDE.addEventListener("change", () => this.#update());
  }

  /** What this room asks of the next reading: the arguments of Inside.read in py/web; null while it is closed. */
  question() {
    this.#asked = this.#arguments();
    return this.#asked ? /** @type {object} */ (JSON.parse(this.#asked)) : null;
  }

  /** @param {Reading} reading */
  show(reading) {
    this.#reading = reading;
    this.#update();
  }

  #update() {
    const reading = this.#reading;
    if (!reading?.inside) return;
    const { inside, probabilities, activations } = reading;
    const off = inside.stages.reduce((sum, stage) => sum + stage.off.length, 0);
    element("all-on").hidden = off === 0;
    element("switched-off-count").textContent = off ? `${off} switched off` : "";
    this.#views.overview(inside, reading, this.#part);
    this.#views.preprocessing(inside.steps);
    this.#views.stages(inside, probabilities.data);
    this.#views.neuron(inside, probabilities.data);
    this.#placeNeuron(inside.stage);
    this.#views.sourceCode(inside, activations);
    this.#showOpened();
  }

  /** In a wide window it is beside the stages, else below its own. @param {number} stage */
  #placeNeuron(stage) {
    const below = element("stages").querySelector(`[data-stage="${stage + 1}"]`);
    if (WIDE.matches && element("through").lastElementChild !== this.#neuron) element("through").append(this.#neuron);
    if (!WIDE.matches && !this.#peeked && below && below.nextElementSibling !== this.#neuron) below.after(this.#neuron);
  }

  /** Show the part that is open, or all. */
  #showOpened() {
    const isOpen = (/** @type {string} */ part) => this.#part === "all" || this.#part === part;
    const bands = /** @type {HTMLElement[]} */ ([...element("stages").querySelectorAll(".stage")]);
    for (const band of bands) band.hidden = !isOpen(band.dataset.stage ?? "");
    element("preprocessing").hidden = !isOpen("0");
    element("through").hidden = element("source-code").hidden = bands.every(({ hidden }) => hidden);
    element("overview").toggleAttribute("data-small", !element("preprocessing").hidden || !element("through").hidden);
    element("all-parts").ariaPressed = String(this.#part === "all");
  }

  /** The part of the network that is open: "all", "0" for the preprocessing, "1" for the first stage; "" for none. */
  get #part() {
    return this.#state.values.all ? "all" : this.#state.values.layer;
  }

  /** The same as JSON; "" while the room is closed. */
  #arguments() {
    const { room, layer, neuron, off } = this.#state.values;
    if (room !== "inside") return "";
    const isNeuron = /^\d{1,4}$/.test(layer) && /^\d{1,5}$/.test(neuron);
    const isStage = /^[1-9]\d{0,3}$/.test(this.#part);
    const selected = {
      ...((isNeuron || isStage) && { stage: Number(layer) - 1 }),
      ...(isNeuron && { index: Number(neuron) }),
    };
    const switchedOff = Object.fromEntries([...parseOff(off)].map(([stage, indices]) => [stage, [...indices]]));
    return JSON.stringify({ ...(this.#peeked ?? selected), off: switchedOff });
  }

  #askAgain() {
    if (this.#arguments() !== this.#asked) this.#read();
  }

  /** @param {Place | null} place */
  #peek(place) {
    this.#peeked = place;
    this.#askAgain();
  }

  /** @param {Place} place */
  #selectOrDeselect(place) {
    this.#walked = null;
    const { layer, neuron } = this.#state.values;
    if (layer === String(place.stage + 1) && neuron === String(place.index))
      this.#state.set({ layer: this.#part === "all" ? "" : layer, neuron: "" });
    else this.#select(place);
  }

  /** @param {Place} place */
  #select({ stage, index }) {
    this.#state.set({ layer: String(stage + 1), neuron: String(index) });
  }

  /** Switch a neuron off or on. @param {number} stage @param {number} index */
  #toggle(stage, index) {
    const off = parseOff(this.#state.values.off);
    const indices = off.get(stage) ?? new Set();
    if (!indices.delete(index)) indices.add(index);
    off.set(stage, indices);
    const entries = [...off].flatMap(([stage, indices]) => [...indices].map((index) => `${stage + 1}.${index}`));
    this.#state.set({ off: entries.join(","), layer: String(stage + 1), neuron: String(index) });
  }
}

/** "1.37,2.5", as in the URL → stage 0: 37, stage 1: 5. @param {string} text @returns {Map<number, Set<number>>} */
function parseOff(text) {
  /** @type {Map<number, Set<number>>} */
  const off = new Map();
  for (const [, layer, index] of text.matchAll(/(?:^|,)([1-9]\d{0,3})\.(\d{1,5})(?=,|$)/g)) {
    const stage = Number(layer) - 1;
    off.set(stage, (off.get(stage) ?? new Set()).add(Number(index)));
  }
  return off;
}
