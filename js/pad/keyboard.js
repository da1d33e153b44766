// @ts-check
// Drawing with the keys: a pen that moves over the 28×28 squares of the pad.

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

/** Wait so long (ms) before saying where the pen is: only where it comes to rest is worth a word. */
const REST = 250;

/** @param {Pad} pad @param {HTMLElement} cursor shows where the pen is @param {HTMLElement} says a live region */
export function drawWithKeys(pad, cursor, says) {
  const at = { column: 9, row: 5 };
  /** @type {Stroke | null} what the pen draws while it is down */
  let stroke = null;
  let resting = 0;

  const isDown = () => stroke !== null && pad.ink.strokes.includes(stroke); // it may have been undone meanwhile
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
    clearTimeout(resting);
    resting = setTimeout(() => {
      says.textContent = `Column ${at.column + 1}, row ${at.row + 1}, pen ${isDown() ? "down" : "up"}`;
    }, REST);
  }

  /** @param {[number, number]} step */
  function move([across, down]) {
    const inside = (/** @type {number} */ square) => Math.min(Math.max(square, 0), SQUARES - 1);
    at.column = inside(at.column + across);
    at.row = inside(at.row + down);
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
    clearTimeout(resting);
    cursor.hidden = true;
  });
  pad.addEventListener("change", () => stroke && !isDown() && lift());
}
