// @ts-check
// How a number was divided into digits: all candidates below the ink that they cover, those of the best path in color.

import { SIDE, WIDE } from "../pad/ink.js";
import { InkCanvas } from "../pad/ink_canvas.js";
import { find, make } from "../page.js";
import { fixed, percent } from "../views/numbers.js";
import { onScreenChange } from "../when.js";

/** @typedef {import("../pad/ink.js").Drawing} Drawing */
/**
 * @typedef {object} Candidate  a group of strokes that could be a digit
 * @property {number[]} box  left, top, right, bottom on the pad @property {number[]} strokes
 * @property {number} digit  what it would be @property {number} confidence  that it is a digit, and this one
 * @property {number} score  what it adds to the score of a path; higher is better
 * @property {boolean} won  whether the best path has it
 */

/**
 * @typedef {object} Path  a way to read the ink, from left to right
 * @property {string} number @property {number} confidence  0…1 @property {number[]} candidates  indices of its digits
 */

/** A candidate's button is at least this wide, in pad units. */
const LEAST = 44;

/** @param {HTMLElement} place @returns {(candidates: Candidate[], paths: Path[], drawing: Drawing) => void} */
export function latticeView(place) {
  const [canvas, written, list, ways, words] = ["canvas", ".written", "#candidates", "#paths", "#candidate-words"].map((part) =>
    find(place, part),
  );
  const ink = new InkCanvas(/** @type {HTMLCanvasElement} */ (canvas));
  ink.resize(2 * WIDE, WIDE);
  let paint = () => {};
  onScreenChange(canvas, () => paint());

  return (candidates, paths, drawing) => {
    paint = () => {
      ink.color = getComputedStyle(canvas).color;
      ink.repaint(drawing);
    };
    paint();
    written.replaceChildren(canvas);
    const rows = inRows(candidates);
    list.style.setProperty("--rows", String(rows.length));
    const buttons = rows.flatMap((row, level) => row.map((candidate) => ({ candidate, button: button(candidate, level) })));
    buttons.sort((a, b) => a.candidate.box[0] - b.candidate.box[0]); // for the keyboard
    list.replaceChildren(...buttons.map(({ button }) => button));
    ways.replaceChildren(...paths.map(way));
    words.textContent = paths.length
      ? `${candidates.length} candidates, ${paths[0].candidates.length} in the best path. Choose a number or a candidate.`
      : "";

    /** Mark candidates, and their boxes over the ink. @param {Candidate[]} chosen @param {string} sentence */
    function point(chosen, sentence) {
      for (const { candidate, button } of buttons) button.classList.toggle("pointed", chosen.includes(candidate));
      written.replaceChildren(canvas, ...chosen.map(frame));
      words.textContent = sentence;
    }

    /** @param {Candidate} candidate @param {number} level */
    function button(candidate, level) {
      const button = pointable(() => point([candidate], describe(candidate)));
      const { from, to } = extent(candidate);
      Object.assign(button.style, { left: share(from, WIDE), width: share(to - from, WIDE) });
      button.style.setProperty("--row", String(level));
      button.classList.toggle("won", candidate.won);
      button.append(String(candidate.digit), " ", make("small", {}, fixed(candidate.score, 1)));
      return button;
    }

    /** @param {Path} path @param {number} rank */
    function way({ number, confidence, candidates: indices }, rank) {
      const chosen = indices.map((index) => candidates[index]);
      const groups = chosen.map(({ strokes }) => strokesInWords(strokes));
      const likely = confidence < 0.001 ? "below 0.1 %" : `${percent(confidence)} %`;
      const sentence = `${rank ? "Not chosen" : "The best path"}: ${groups.join(" + ")} would read ${number}, ${likely}.`;
      const button = pointable(() => point(chosen, sentence));
      button.className = rank ? "" : "won";
      button.append(number, " ", make("small", {}, likely));
      return button;
    }
  };

  /** A button that shows something when it is pointed at. @param {() => void} show */
  function pointable(show) {
    const button = make("button", { type: "button" });
    button.setAttribute("aria-describedby", words.id);
    for (const event of ["pointerenter", "focus", "click"]) button.addEventListener(event, show);
    return button;
  }
}

/** The box of a candidate, over the ink. @param {Candidate} candidate */
function frame({ box: [left, top, right, bottom] }) {
  const box = make("div", { className: "box" });
  Object.assign(box.style, {
    left: share(left, WIDE),
    top: share(top, SIDE),
    width: share(right - left, WIDE),
    height: share(bottom - top, SIDE),
  });
  return box;
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
  const which = strokesInWords(strokes);
  return `${won ? "In the best path" : "Not chosen"}: ${which} would read ${digit}, ${percent(confidence)} %, score ${fixed(score, 1)}.`;
}

/** "strokes 2, 3". @param {number[]} strokes */
const strokesInWords = (strokes) => `stroke${strokes.length > 1 ? "s" : ""} ${strokes.map((index) => index + 1).join(", ")}`;
