// @ts-check
// The controls below the pad: undo, redo, eraser, pen width and clear, with their keyboard shortcuts.

import { element } from "../page.js";

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

/** @param {KeyboardEvent} event @returns {Action | null} null where the key means nothing, or something else to its control */
function shortcut({ key, ctrlKey, metaKey, shiftKey, altKey, target }) {
  if (altKey || target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && target.type === "text"))
    return null;
  if (!ctrlKey && !metaKey) return key === "Delete" ? "clear" : null;
  if (key.toLowerCase() === "z") return shiftKey ? "redo" : "undo";
  return key.toLowerCase() === "y" ? "redo" : null;
}
