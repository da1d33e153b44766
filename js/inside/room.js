// @ts-check
// The room Inside: what is selected there, what Python is asked for it, and which view shows what comes back.

import { hoodView } from "./source_code.js";
import { neuronView } from "./neuron.js";
import { onScreen } from "../views/when_visible.js";
import { stagesView } from "./stages.js";
import { stepsView } from "./preprocessing_steps.js";

/** @typedef {import("../python/client.js").Matrix} Matrix @typedef {import("../python/client.js").Request} Request */
/** @typedef {import("../python/client.js").Reading} Reading @typedef {import("../state.js").State} State */
/**
 * @typedef {object} Steps  what became of the picture; arrays as digits.preprocessing made them
 * @property {Matrix} grey @property {Matrix} ink @property {Matrix} scaled @property {Matrix} image
 * @property {number} inked  the share of its pixels that hold ink @property {number} lit  how many of the 784 are not 0
 * @property {number[] | null} box  top, bottom, left, right @property {number[] | null} moved  pixels down, right
 * @property {number[] | null} centre  of mass, in the 28×28: down, right
 *
 * @typedef {object} Layer  of the nn.Network
 * @property {number} index @property {string} type @property {string} name
 * @property {number[]} input @property {number[]} output  shapes @property {Record<string, number[]>} parameters  shapes
 * @property {number} least @property {number} mean @property {number} most  of what it gave
 *
 * @typedef {object} Stage  weighted sums and what follows them; arrays (height, width, neurons)
 * @property {Matrix} sums @property {Matrix} sends @property {number[]} off @property {Layer[]} layers
 *
 * @typedef {object} Neuron  arrays (height, width, maps); see nn.inspection.Neuron
 * @property {Matrix} weights @property {Matrix} inputs @property {Matrix} products @property {Matrix | null} onward
 * @property {Matrix | null} sends @property {number} bias @property {number} total @property {number} sent
 * @property {number[] | null} place
 *
 * @typedef {object} Digit  its logit, taken apart; see nn.attribution.Contributions
 * @property {Matrix} pixels (28, 28, 1) @property {{ layer: number, share: number }[]} biases
 * @property {number} rest @property {number} logit
 *
 * @typedef {object} Seen
 * @property {Steps} steps @property {Stage[]} stages
 * @property {number} stage @property {number | null} index  of what is looked at; the likeliest digit, where nothing is selected
 * @property {Neuron | null} neuron @property {Digit | null} digit
 */

const REST = 250; // ms after which what the keyboard has come to stands in the URL

export class Inside {
  #state;
  #read;
  /** What the pointer or the keyboard is at. @type {{ stage: number, index: number } | null} */
  #at = null;
  #asked = "";
  #resting = 0;
  /** @type {Reading | null} */
  #reading = null;
  #views;

  /**
   * @param {HTMLElement} room @param {State} state
   * @param {(request: Request) => Promise<any>} ask  Python
   * @param {() => void} read  the drawing once more: something else is wanted of it
   */
  constructor(room, state, ask, read) {
    this.#state = state;
    this.#read = read;
    state.include({ layer: "", neuron: "", off: "" });
    const find = (/** @type {string} */ id) => /** @type {HTMLElement} */ (room.querySelector(`#${id}`));
    const toggle = (/** @type {number} */ stage, /** @type {number} */ index) => this.#toggle(stage, index);
    const steps = onScreen(find("way"), stepsView(find("way")));
    const stages = stagesView(find("stages"), {
      peek: (stage, index) => this.#look(index === null ? null : { stage, index }),
      walk: (stage, index) => this.#walk({ stage, index }),
      choose: (stage, index) => this.#choose({ stage, index }),
      toggle,
    });
    const neuron = neuronView(find("neuron"), toggle);
    const hood = onScreen(
      find("hood"),
      hoodView(
        find("hood"),
        () => ask({ kind: "sources", archives: ["sources"] }),
        (stage) => ask({ kind: "check_gradients", values: { stage }, archives: ["random"] }),
      ),
    );
    const home = find("through");
    const besides = matchMedia("(min-width: 64rem)");
    const allOn = /** @type {HTMLButtonElement} */ (find("all-on"));
    allOn.addEventListener("click", () => {
      state.set({ off: "" });
      /** @type {HTMLElement | null} */ (find("stages").querySelector("[tabindex]"))?.focus(); // the button goes
    });
    this.#views = (/** @type {Reading} */ { inside, probabilities, activations }) => {
      if (!inside) return;
      const off = inside.stages.reduce((sum, stage) => sum + stage.off.length, 0);
      allOn.hidden = off === 0;
      find("how-many-off").textContent = off ? `${off} switched off` : "";
      steps(inside.steps);
      stages(inside, probabilities.data);
      neuron(inside, probabilities.data);
      // Beside the stages where there is room; else below the stage that it belongs to.
      const band = room.querySelector(`[data-stage="${inside.stage + 1}"]`);
      if (besides.matches && home.lastElementChild !== find("neuron")) home.append(find("neuron"));
      else if (!besides.matches && !this.#at && band && band.nextElementSibling !== find("neuron")) band.after(find("neuron"));
      hood(inside, activations);
    };
    state.addEventListener("change", () => this.#askAgain());
    for (const query of [besides, matchMedia("(prefers-color-scheme: dark)")]) {
      query.addEventListener("change", () => this.#reading && this.#views(this.#reading));
    }
  }

  /** What this room wants to know of the next reading, as arguments of Inside.read in py/web; null while it is closed. */
  question() {
    this.#asked = this.#wants();
    return this.#asked ? /** @type {object} */ (JSON.parse(this.#asked)) : null;
  }

  /** @param {Reading} reading */
  show(reading) {
    this.#reading = reading;
    this.#views(reading);
  }

  /** The same as JSON; "" while the room is closed. */
  #wants() {
    const { room, layer, neuron, off } = this.#state.values;
    if (room !== "inside") return "";
    const pinned =
      /^\d{1,4}$/.test(layer) && /^\d{1,5}$/.test(neuron) ? { stage: Number(layer) - 1, index: Number(neuron) } : {};
    const silent = Object.fromEntries([...switchedOff(off)].map(([stage, indices]) => [stage, [...indices]]));
    return JSON.stringify({ ...(this.#at ?? pinned), off: silent });
  }

  #askAgain() {
    if (this.#wants() !== this.#asked) this.#read();
  }

  /** @param {{ stage: number, index: number } | null} at */
  #look(at) {
    this.#at = at;
    this.#askAgain();
  }

  /** @param {{ stage: number, index: number }} at */
  #walk(at) {
    this.#look(at);
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => {
      this.#at = null;
      this.#pin(at);
    }, REST);
  }

  /** Keep it selected; what was so already is no longer. @param {{ stage: number, index: number }} at */
  #choose(at) {
    clearTimeout(this.#resting);
    const { layer, neuron } = this.#state.values;
    if (layer === String(at.stage + 1) && neuron === String(at.index)) this.#state.set({ layer: "", neuron: "" });
    else this.#pin(at);
  }

  /** @param {{ stage: number, index: number }} at */
  #pin({ stage, index }) {
    this.#state.set({ layer: String(stage + 1), neuron: String(index) });
  }

  /** Switch a neuron off or on. @param {number} stage @param {number} index */
  #toggle(stage, index) {
    const off = switchedOff(this.#state.values.off);
    const here = off.get(stage) ?? new Set();
    if (!here.delete(index)) here.add(index);
    off.set(stage, here);
    this.#state.set({
      off: [...off].flatMap(([stage, indices]) => [...indices].map((index) => `${stage + 1}.${index}`)).join(","),
    });
  }
}

/** "1.37,2.5" → stage 0: 37, stage 1: 5, as the URL writes it. @param {string} text @returns {Map<number, Set<number>>} */
function switchedOff(text) {
  /** @type {Map<number, Set<number>>} */
  const off = new Map();
  for (const [, layer, index] of text.matchAll(/(?:^|,)([1-9]\d{0,3})\.(\d{1,5})(?=,|$)/g)) {
    const stage = Number(layer) - 1;
    off.set(stage, (off.get(stage) ?? new Set()).add(Number(index)));
  }
  return off;
}
