// @ts-check
// How a number was divided into digits: all candidates below the ink that they cover, those of the best path in color.

import { SIDE, WIDE } from "../pad/ink.js";
import { InkCanvas } from "../pad/ink_canvas.js";
import { fixed, percent } from "../views/numbers.js";

/** @typedef {import("../pad/ink.js").Drawing} Drawing */
/**
 * @typedef {object} Candidate  a group of strokes that could be a digit
 * @property {number[]} box  left, top, right, bottom on the pad @property {number[]} strokes
 * @property {number} digit  what it would be @property {number} confidence  that it is a digit, and this one
 * @property {number} score  what it adds to the score of a path; higher is better @property {boolean} won  whether the best path has it
 */

/** A candidate's button is at least this wide, in pad units. */
const LEAST = 44;

/** @param {HTMLElement} place @returns {(candidates: Candidate[], drawing: Drawing) => void} */
export function latticeView(place) {
  const [canvas, box, list, words] = ["canvas", ".box", "#candidates", "#candidate-words"].map(
    (name) => /** @type {HTMLElement} */ (place.querySelector(name)),
  );
  const ink = new InkCanvas(/** @type {HTMLCanvasElement} */ (canvas));
  ink.resize(2 * WIDE, WIDE);

  /** @param {Candidate} candidate */
  function point(candidate) {
    const [left, top, right, bottom] = candidate.box;
    box.hidden = false;
    Object.assign(box.style, {
      left: share(left, WIDE),
      top: share(top, SIDE),
      width: share(right - left, WIDE),
      height: share(bottom - top, SIDE),
    });
    words.textContent = describe(candidate);
  }

  return (candidates, drawing) => {
    ink.color = getComputedStyle(canvas).color;
    ink.repaint(drawing);
    box.hidden = true;
    const won = candidates.filter(({ won }) => won).length;
    words.textContent = candidates.length ? `${candidates.length} candidates, ${won} in the best path. Point at one.` : "";
    const rows = inRows(candidates);
    list.style.setProperty("--rows", String(rows.length));
    const buttons = rows.flatMap((row, level) => row.map((candidate) => ({ candidate, level })));
    buttons.sort((a, b) => a.candidate.box[0] - b.candidate.box[0]); // for the keyboard
    list.replaceChildren(
      ...buttons.map(({ candidate, level }) => {
        const button = document.createElement("button");
        const { from, to } = extent(candidate);
        Object.assign(button.style, { left: share(from, WIDE), width: share(to - from, WIDE) });
        button.style.setProperty("--row", String(level));
        button.type = "button";
        button.classList.toggle("won", candidate.won);
        const score = Object.assign(document.createElement("small"), { textContent: fixed(candidate.score, 1) });
        button.append(String(candidate.digit), " ", score);
        button.setAttribute("aria-describedby", words.id);
        for (const event of ["pointerenter", "focus", "click"]) button.addEventListener(event, () => point(candidate));
        return button;
      }),
    );
  };
}

/** @param {number} part @param {number} whole */
const share = (part, whole) => `${(100 * part) / whole}%`;

/** @param {Candidate} candidate */
function extent({ box: [left, , right] }) {
  const middle = Math.min(Math.max((left + right) / 2, LEAST / 2), WIDE - LEAST / 2);
  const half = Math.max(right - left, LEAST) / 2;
  return { from: middle - half, to: middle + half };
}

/** In rows, so that none covers another; the best path is the first row. @param {Candidate[]} candidates */
function inRows(candidates) {
  /** @type {Candidate[][]} */
  const rows = [candidates.filter(({ won }) => won)];
  for (const candidate of candidates.filter(({ won }) => !won)) {
    const { from, to } = extent(candidate);
    const isFree = (/** @type {Candidate} */ other) => extent(other).to <= from || extent(other).from >= to;
    const row = rows.find((row, level) => level > 0 && row.every(isFree));
    if (row) row.push(candidate);
    else rows.push([candidate]);
  }
  return rows;
}

/** @param {Candidate} candidate */
function describe({ strokes, digit, confidence, score, won }) {
  const which = `stroke${strokes.length > 1 ? "s" : ""} ${strokes.map((index) => index + 1).join(", ")}`;
  return `${won ? "In the best path" : "Not chosen"}: ${which} would read ${digit}, ${percent(confidence)} %, score ${fixed(score, 1)}.`;
}
