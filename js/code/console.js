// @ts-check
// A Python prompt beside the edited code: Enter runs, Shift+Enter begins another line, the arrow keys walk through the history,
// Tab completes a name, Ctrl+C interrupts. Escape and then Tab leave it.

import { make } from "../page.js";
import { inkImage } from "../views/ink_image.js";

/** @typedef {import("../python/client.js").Matrix} Matrix */
/**
 * @typedef {object} Prompt
 * @property {(text: string) => Promise<{ text: string, result: Matrix | null }>} run
 *   what the code prints, or what went wrong; and its value, if that can be shown as a picture
 * @property {(name: string) => Promise<string[]>} complete  the names that begin so
 * @property {() => void} interrupt
 */

/** Characters of output, and pieces of it, that are kept. */
const MOST = 20_000;
const MOST_PIECES = 200;

/** @param {HTMLTextAreaElement} input @param {HTMLElement} output @param {Prompt} prompt */
export function consoleView(input, output, prompt) {
  /** @type {string[]} */
  const history = [];
  let place = 0;
  let running = 0;
  let leaving = false;

  const add = (/** @type {string | HTMLElement} */ piece) => {
    output.append(piece, "\n");
    while ((output.textContent ?? "").length > MOST || output.childNodes.length > MOST_PIECES) output.firstChild?.remove();
    output.scrollTop = output.scrollHeight;
  };

  async function run() {
    const text = input.value.trimEnd();
    if (!text) return;
    place = history.push(text);
    input.value = "";
    add(`>>> ${text.replaceAll("\n", "\n... ")}`);
    running += 1;
    const { text: answer, result } = await prompt.run(text);
    running -= 1;
    if (answer) add(answer.trimEnd());
    if (result) add(picture(result));
  }

  /** @param {string} name before the cursor */
  async function complete(name) {
    const { value, selectionStart: end } = input;
    const names = await prompt.complete(name);
    if (!names.length || input.value !== value) return;
    const common = names.reduce((prefix, one) => {
      while (!one.startsWith(prefix)) prefix = prefix.slice(0, -1);
      return prefix;
    });
    if (common.length > name.length) input.setRangeText(common, end - name.length, end, "end");
    else if (names.length > 1) add(names.join("  "));
  }

  const fit = () => (input.rows = input.value.split("\n").length);
  input.addEventListener("input", fit);
  input.addEventListener("blur", () => (leaving = false));
  input.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const name = input.value.slice(0, input.selectionStart).match(/[\w.]+$/)?.[0];
    const isUnselected = input.selectionStart === input.selectionEnd;
    if (step && !input.value.includes("\n") && history[place + step] !== undefined) {
      place += step;
      input.value = history[place];
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) run();
    else if (event.key === "Tab" && !event.shiftKey && name && !leaving) complete(name);
    else if (event.key === "c" && event.ctrlKey && running && isUnselected) prompt.interrupt();
    else {
      leaving = event.key === "Escape";
      return;
    }
    event.preventDefault();
    fit();
  });
}

/** The larger a number, the more ink. @param {Matrix} matrix @returns {HTMLElement} */
function picture({ shape: [height, width], data }) {
  const [least, most] = data.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [data[0], data[0]]);
  const ariaLabel = `${height} × ${width} numbers, from ${least.toPrecision(3)} to ${most.toPrecision(3)}`;
  const canvas = make("canvas", { width, height, className: "black-ink", role: "img", ariaLabel });
  const ink = data.map((value) => value - least);
  canvas.getContext("2d")?.putImageData(inkImage(width, ink, most - least), 0, 0);
  return canvas;
}
