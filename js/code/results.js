// @ts-check
// What edited code does, beside the original: its answer, the checks, the first training steps, and what went wrong.

import { button, make } from "../page.js";
import { plotView } from "../views/plot.js";

/** @typedef {import("../python/client.js").Matrix} Matrix @typedef {import("./client.js").Problem} Problem */
/** @typedef {import("./client.js").Frame} Frame */
/** @typedef {{ digit: number | null, probabilities: Matrix }} EditedReading */
/** @typedef {{ name: string, passed: boolean, detail: string }} Check */

/** Ten pairs of bars: the edited code's probabilities, and the original's behind them. @param {HTMLElement} place */
export function comparisonView(place) {
  const bars = Array.from({ length: 10 }, (_, digit) =>
    make("div", { className: "pair", data: { digit: String(digit) } }, make("i")),
  );
  place.append(...bars);
  return (/** @type {Float32Array | null} */ original, /** @type {Float32Array | null} */ edited) => {
    for (const [digit, bar] of bars.entries()) {
      bar.style.setProperty("--original", String(original?.[digit] ?? 0));
      bar.style.setProperty("--edited", String(edited?.[digit] ?? 0));
    }
    const share = (/** @type {Float32Array | null} */ all, /** @type {number} */ digit) =>
      `${Math.round(100 * (all?.[digit] ?? 0))} %`;
    place.ariaLabel = bars
      .map((_, digit) => `${digit}: ${share(edited, digit)}, original ${share(original, digit)}`)
      .join("; ");
  };
}

/** @param {HTMLElement} place a list @returns {(checks: Check[]) => void} */
export function checksView(place) {
  return (checks) => {
    place.replaceChildren(
      ...checks.map(({ name, passed, detail }) =>
        make("li", { data: { check: name, passed: String(passed) } }, `${name}: ${passed ? "passed" : detail}`),
      ),
    );
  };
}

/** @param {HTMLElement} place @param {(frame: Frame) => void} goTo @returns {(problem: Problem | null) => void} */
export function problemView(place, goTo) {
  return (problem) => {
    place.hidden = !problem;
    if (!problem) return;
    const frames = problem.frames.map((frame) => {
      const text = `${frame.file}, line ${frame.line}${frame.function ? `, in ${frame.function}` : ""}`;
      return make(
        "li",
        {},
        button(text, () => goTo(frame), { className: "quiet" }),
      );
    });
    place.replaceChildren(make("p", {}, problem.text), make("ol", {}, ...frames));
  };
}

/** The loss of the first training steps. @param {HTMLCanvasElement} canvas */
export function lossView(canvas) {
  const plot = plotView(canvas);
  return (/** @type {Float32Array} */ original, /** @type {Float32Array} */ edited) => {
    const [before, after] = [original, edited].map((losses) => losses[losses.length - 1].toFixed(2));
    canvas.ariaLabel = `Loss after ${original.length} training steps: ${after}; with the original code ${before}`;
    plot({ y: edited, before: original, top: 1.2 * Math.max(...original), low: "0 steps", high: String(original.length) });
  };
}
