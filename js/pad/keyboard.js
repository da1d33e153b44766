// @ts-check
// Drawing with the keyboard: keys move a pen over a grid of squares on the pad, 28 high and as wide as the pad.

import { debounce } from "../when.js";
import { SIDE } from "./ink.js";

/** @typedef {import("./pad.js").Pad} Pad @typedef {import("./ink.js").Stroke} Stroke */

const SQUARES = 28;

const MOVES = /** @type {Record<string, [number, number]>} */ ({
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  Home: [-1, -1],
  PageUp: [1, -1],
  End: [-1, 1],
  PageDown: [1, 1],
});

/** Screen readers hear the position once the pen has rested for this long (ms). */
const REST = 250;

/** @param {Pad} pad @param {HTMLElement} cursor shows the position @param {HTMLElement} position says it, a live region */
export function drawWithKeys(pad, cursor, position) {
  const at = { column: 9, row: 5 };
  /** What the pen draws while it is down. @type {Stroke | null} */
  let stroke = null;

  const isDown = () => stroke !== null && pad.ink.strokes.includes(stroke); // undo may have removed it
  const point = () => ({
    x: ((at.column + 0.5) * SIDE) / SQUARES,
    y: ((at.row + 0.5) * SIDE) / SQUARES,
    pressure: 0.5,
    time: performance.now(),
  });

  function show() {
    cursor.hidden = false;
    cursor.style.setProperty("--column", String(at.column));
    cursor.style.setProperty("--row", String(at.row));
    cursor.classList.toggle("down", isDown());
    announce();
  }

  const announce = debounce(() => {
    position.textContent = `Column ${at.column + 1}, row ${at.row + 1}, pen ${isDown() ? "down" : "up"}`;
  }, REST);

  /** @param {[number, number]} step */
  function move([across, down]) {
    const columns = (SQUARES * pad.width) / SIDE;
    at.column = Math.min(Math.max(at.column + across, 0), columns - 1);
    at.row = Math.min(Math.max(at.row + down, 0), SQUARES - 1);
    if (stroke && isDown()) pad.extend(stroke, [point()]);
  }

  function lift() {
    stroke = null;
    if (!cursor.hidden) show();
  }

  pad.canvas.addEventListener("keydown", (event) => {
    delete pad.canvas.dataset.by;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const pen = event.key === " " || event.key === "Enter";
    if (event.key in MOVES) move(MOVES[event.key]);
    else if (pen && !event.repeat) stroke = isDown() ? null : pad.begin(point());
    else if (event.key === "Escape") stroke = null;
    else if (!pen) return;
    event.preventDefault();
    show();
  });
  pad.canvas.addEventListener("focus", () => !pad.canvas.dataset.by && pad.canvas.matches(":focus-visible") && show());
  pad.canvas.addEventListener("pointerdown", () => {
    stroke = null;
    cursor.hidden = true;
  });
  pad.canvas.addEventListener("blur", () => {
    delete pad.canvas.dataset.by;
    lift();
    announce.cancel();
    cursor.hidden = true;
  });
  pad.addEventListener("change", () => stroke && !isDown() && lift());
}
