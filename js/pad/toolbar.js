// @ts-check
// The controls around the pad: undo, redo, eraser, pen width and clear, with their keyboard shortcuts; one digit or a number.

import { element } from "../page.js";
import { isWide, SIDE, WIDE } from "./ink.js";

/** @typedef {import("./pad.js").Pad} Pad @typedef {"undo" | "redo" | "clear"} Action */

/** @param {Pad} pad */
export function connectToolbar(pad) {
  const [undo, redo, clear, erase, hint] = ["undo", "redo", "clear", "erase", "hint"].map(element);
  const width = /** @type {HTMLInputElement} */ (element("pen-width"));

  undo.addEventListener("click", () => pad.undo());
  redo.addEventListener("click", () => pad.redo());
  clear.addEventListener("click", () => pad.clear());
  addEventListener("keydown", (event) => {
    const action = shortcut(event);
    if (!action) return;
    event.preventDefault();
    pad[action]();
  });
  erase.addEventListener("click", () => {
    pad.erasing = !pad.erasing;
    erase.ariaPressed = String(pad.erasing);
  });
  const setWidth = () => {
    pad.penWidth = width.valueAsNumber;
    width.parentElement?.style.setProperty("--pen", String(pad.penWidth / Number(width.max)));
  };
  width.addEventListener("input", setWidth);
  setWidth();
  pad.addEventListener("change", () => {
    hint.hidden = !pad.ink.isEmpty;
    undo.classList.toggle("idle", !pad.ink.canUndo);
    redo.classList.toggle("idle", !pad.ink.canRedo);
    clear.classList.toggle("idle", pad.ink.isEmpty);
  });
}

/**
 * The switch between one digit and a number, which needs a wide pad.
 * @param {Pad} pad @param {import("../state.js").State} state
 */
export function connectModeSwitch(pad, state) {
  const buttons = /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("button[data-mode]"));
  for (const button of buttons) {
    button.addEventListener("click", () => state.set({ mode: /** @type {string} */ (button.dataset.mode) }));
  }
  const show = () => {
    const forNumber = state.values.mode === "number";
    for (const button of buttons) button.ariaPressed = String((button.dataset.mode === "number") === forNumber);
    document.documentElement.dataset.pad = forNumber ? "wide" : "square";
    const task = forNumber ? "write a number" : "draw a digit";
    element("prediction").ariaLabel = forNumber ? "The number" : "The most likely digit";
    element("hint").textContent = task[0].toUpperCase() + task.slice(1);
    pad.canvas.ariaLabel = `Pad: ${task} here with a mouse, finger, pen or keyboard`;
    const { picture, drawing } = pad.ink;
    // Undo brings the ink back, and with it the wide pad. In the file of a picture, a digit will be found.
    if (!forNumber && isWide(drawing) && !picture?.file) pad.clear();
    pad.width = forNumber ? WIDE : SIDE;
  };
  state.addEventListener("change", show);
  pad.addEventListener("change", () => {
    if (state.values.mode !== "number" && isWide(pad.ink.drawing)) state.set({ mode: "number" });
  });
  show();
}

/** @param {KeyboardEvent} event @returns {Action | null} null where the key means nothing, or something else to its control */
function shortcut({ key, ctrlKey, metaKey, shiftKey, altKey, target }) {
  if (altKey || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement) return null;
  if (target instanceof HTMLInputElement && target.type === "text") return null;
  if (!ctrlKey && !metaKey) return key === "Delete" ? "clear" : null;
  if (key.toLowerCase() === "z") return shiftKey ? "redo" : "undo";
  return key.toLowerCase() === "y" ? "redo" : null;
}
