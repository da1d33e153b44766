// @ts-check
// The state of a run in numbers; `data-value` holds each as a plain number.

import { find } from "../page.js";

/** @typedef {import("../python/training_client.js").Report} Report */

/** @type {Record<string, [(report: Report) => number | null, (value: number, report: Report) => string]>} */
const METRICS = {
  epoch: [
    ({ epoch }) => epoch,
    (epoch, { steps, steps_per_epoch }) => `${epoch.toFixed(2)} / ${+(steps / steps_per_epoch).toFixed(2)}`,
  ],
  loss: [({ loss }) => loss, (loss) => loss.toPrecision(3)],
  "test-accuracy": [({ test_accuracy: share }) => share && 100 * share, (percent) => `${percent.toFixed(2)} %`],
  "samples-per-second": [({ samples_per_second: speed }) => speed, (speed) => Math.round(speed).toLocaleString("en")],
  "seconds-left": [({ seconds_left: left }) => left, duration],
};

/** @param {HTMLElement} place @returns {(report: Report) => void} */
export function metricsView(place) {
  const metrics = Object.entries(METRICS).map(([name, [number, text]]) => {
    return { element: find(place, `[data-metric="${name}"]`), number, text };
  });
  return (report) => {
    for (const { element, number, text } of metrics) {
      const value = number(report);
      if (value === null) delete element.dataset.value;
      else element.dataset.value = String(Number(value.toPrecision(8)));
      element.textContent = value === null ? "–" : text(value, report);
    }
  };
}

/** @param {number} seconds */
function duration(seconds) {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
