// @ts-check
// What edited code does, beside the original: its answer, the checks, the first training steps, and what went wrong.

import { canvasView } from "../views/canvas_view.js";

/** @typedef {import("../python/client.js").Matrix} Matrix @typedef {import("./client.js").Problem} Problem */
/** @typedef {import("./client.js").Frame} Frame */
/** @typedef {{ digit: number | null, probabilities: Matrix }} EditedReading */
/** @typedef {{ name: string, passed: boolean, detail: string }} Check */

/** Ten pairs of bars: the edited code's probabilities, and the original's behind them. @param {HTMLElement} place */
export function comparisonView(place) {
  const bars = Array.from({ length: 10 }, (_, digit) => {
    const bar = place.appendChild(document.createElement("div"));
    bar.className = "pair";
    bar.dataset.digit = String(digit);
    bar.append(document.createElement("i"));
    return bar;
  });
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
      ...checks.map(({ name, passed, detail }) => {
        const line = document.createElement("li");
        line.dataset.check = name;
        line.dataset.passed = String(passed);
        line.textContent = `${name}: ${passed ? "passed" : detail}`;
        return line;
      }),
    );
  };
}

/** @param {HTMLElement} place @param {(frame: Frame) => void} goTo @returns {(problem: Problem | null) => void} */
export function problemView(place, goTo) {
  return (problem) => {
    place.hidden = !problem;
    if (!problem) return;
    const text = document.createElement("p");
    text.textContent = problem.text;
    const frames = document.createElement("ol");
    for (const frame of problem.frames) {
      const button = frames.appendChild(document.createElement("li")).appendChild(document.createElement("button"));
      button.type = "button";
      button.className = "quiet";
      button.textContent = `${frame.file}, line ${frame.line}${frame.function ? `, in ${frame.function}` : ""}`;
      button.addEventListener("click", () => goTo(frame));
    }
    place.replaceChildren(text, frames);
  };
}

/** The loss of the first training steps as two lines. @param {HTMLCanvasElement} canvas */
export function lossView(canvas) {
  const show = canvasView(
    canvas,
    (context, /** @type {Float32Array} */ original, /** @type {Float32Array | null} */ edited) => {
      const styles = getComputedStyle(canvas);
      const top = 1.2 * Math.max(...original);
      for (const [values, color] of /** @type {const} */ ([
        [original, "--quiet"],
        [edited, "--accent"],
      ])) {
        if (!values) continue;
        context.beginPath();
        context.strokeStyle = styles.getPropertyValue(color);
        context.lineWidth = 2 * devicePixelRatio;
        for (const [step, loss] of values.entries()) {
          const share = Math.min(loss / top, 1); // false where it is not a number
          context.lineTo((step / (values.length - 1)) * canvas.width, (1 - (share || 0)) * canvas.height);
        }
        context.stroke();
      }
    },
  );

  return (/** @type {Float32Array} */ original, /** @type {Float32Array | null} */ edited) => {
    const last = (/** @type {Float32Array | null} */ values) => (values ? values[values.length - 1].toFixed(2) : "none");
    canvas.ariaLabel = `Loss after ${original.length} training steps: ${last(edited)}; with the original code ${last(original)}`;
    show(original, edited);
  };
}
