// @ts-check
// Learning curves on a canvas, by epoch: a line for training, dots for tests.

import { translated } from "../language/language.js";
import { canvasView } from "../views/canvas_view.js";

/** @typedef {import("../python/training_client.js").Report} Report @typedef {import("../views/data_table.js").Table} Table */
/**
 * @typedef {object} Scale  the vertical axis
 * @property {number} column  of the report's points
 * @property {(value: number) => number} height  position of a value
 * @property {number[]} marks  possible grid lines, from the bottom up
 * @property {(value: number) => string} label
 * @property {number} steps  minimum number of intervals between grid lines
 */

/** A logarithmic scale of the loss. @type {Scale} */
export const LOSS = {
  column: 1,
  height: (loss) => Math.log10(Math.max(loss, 1e-6)),
  marks: [1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1e3, 1e4, 1e5, 1e6],
  label: (loss) => (loss < 0.001 || loss >= 1e4 ? loss.toExponential(0) : String(loss)),
  steps: 3,
};

/** A logarithmic scale of the error rate, labeled with the accuracy. @type {Scale} */
export const ACCURACY = {
  column: 2,
  height: (share) => -Math.log10(Math.max(1 - share, 5e-4)),
  marks: [0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.9995],
  label: (share) => `${+(100 * share).toFixed(2)} %`,
  steps: 4,
};

const EDGE = { left: 4.8, bottom: 1.6, top: 0.6, right: 0.6 }; // em
/** Maximum number of points of the training line; each is a mean, because single batches are noisy. */
const LINE_POINTS = 90;

/**
 * @param {HTMLCanvasElement} canvas @param {Scale} scale
 * @returns {(report: Report, last?: Report | null) => void} last: another run, drawn dashed
 */
export function curveView(canvas, scale) {
  return canvasView(canvas, (context, /** @type {Report} */ report, /** @type {Report | null | undefined} */ last) =>
    paint(context, scale, report, last),
  );
}

/** The numbers behind both curves. @param {Report} report @returns {Table} */
export function curveTable({ points, tests, steps_per_epoch }) {
  const rows = [];
  for (let test = 0; test < tests.shape[0]; test++) {
    const [step, loss, accuracy] = tests.data.subarray(3 * test, 3 * test + 3);
    let point = 0;
    while (point + 1 < points.shape[0] && points.data[3 * point + 3] <= step) point++;
    const [, trainLoss, trainAccuracy] = points.data.subarray(3 * point, 3 * point + 3);
    rows.push([
      (step / steps_per_epoch).toFixed(2),
      trainLoss.toFixed(4),
      loss.toFixed(4),
      percent(trainAccuracy),
      percent(accuracy),
    ]);
  }
  return { columns: ["Epoch", "Training loss", "Test loss", "Training accuracy", "Test accuracy"], rows };
}

/** @param {number} share */
const percent = (share) => `${(100 * share).toFixed(2)} %`;

/** @param {CanvasRenderingContext2D} context @param {Scale} scale @param {Report} report @param {Report | null} [last] */
function paint(context, scale, report, last = null) {
  const { points, tests, steps, steps_per_epoch } = report;
  const { canvas } = context;
  const style = getComputedStyle(canvas);
  const em = parseFloat(style.fontSize) * devicePixelRatio;
  const [left, right] = [EDGE.left * em, canvas.width - EDGE.right * em];
  const [top, bottom] = [EDGE.top * em, canvas.height - EDGE.bottom * em];
  const [low, high] = range(scale, points, tests, ...(last ? [last.points, last.tests] : []));
  const x = (/** @type {number} */ step) => left + (step / steps) * (right - left);
  const y = (/** @type {number} */ value) => {
    const share = (scale.height(value) - low) / (high - low);
    return bottom - Math.min(Math.max(share, 0), 1) * (bottom - top);
  };

  context.font = `${em}px ${style.fontFamily}`;
  context.lineWidth = devicePixelRatio;
  context.strokeStyle = style.getPropertyValue("--line");
  context.fillStyle = style.getPropertyValue("--quiet");
  context.textAlign = "right";
  context.textBaseline = "middle";
  let lastLabel = Infinity;
  for (const mark of scale.marks) {
    const height = scale.height(mark);
    if (height < low - 1e-9 || height > high + 1e-9) continue;
    context.beginPath();
    context.moveTo(left, Math.round(y(mark)) + 0.5);
    context.lineTo(right, Math.round(y(mark)) + 0.5);
    context.stroke();
    if (lastLabel - y(mark) < 1.4 * em) continue;
    context.fillText(translated(scale.label(mark)), left - 0.5 * em, y(mark));
    lastLabel = y(mark);
  }
  context.textBaseline = "top";
  const epochs = steps / steps_per_epoch;
  const all = translated(epochs === 1 ? "1 epoch" : `${+epochs.toFixed(2)} epochs`);
  context.fillText(all, right, bottom + 0.45 * em);
  const end = right - context.measureText(all).width - 2 * em;
  const every = roundStep(epochs / Math.max(2, Math.floor((right - left) / (4 * em))));
  for (let epoch = 0; x(epoch * steps_per_epoch) < end; epoch += every) {
    context.textAlign = epoch === 0 ? "left" : "center";
    context.fillText(translated(String(+epoch.toFixed(3))), x(epoch * steps_per_epoch), bottom + 0.45 * em);
  }

  context.save();
  context.rect(left, 0, right + EDGE.right * em - left, canvas.height);
  context.clip(); // the last run may be longer
  if (last) {
    context.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
    line(context, scale, last, (step) => x((step / last.steps_per_epoch) * steps_per_epoch), y);
    context.setLineDash([]);
  }
  line(context, scale, report, x, y);
  for (let i = 0; i < tests.shape[0]; i++) {
    context.beginPath();
    context.arc(x(tests.data[3 * i]), y(tests.data[3 * i + scale.column]), 3.5 * devicePixelRatio, 0, 2 * Math.PI);
    context.fill();
  }
  context.restore();
}

/**
 * The lines of a run.
 * @param {CanvasRenderingContext2D} context @param {Scale} scale @param {Report} report
 * @param {(step: number) => number} x @param {(value: number) => number} y
 */
function line(context, scale, { points, tests }, x, y) {
  const style = getComputedStyle(context.canvas);
  context.lineWidth = 1.5 * devicePixelRatio;
  context.lineJoin = "round";
  context.strokeStyle = style.getPropertyValue("--quiet");
  context.beginPath();
  const group = Math.ceil(points.shape[0] / LINE_POINTS);
  for (let i = 0; i < points.shape[0]; i += group) {
    const count = Math.min(group, points.shape[0] - i);
    let [step, value] = [0, 0];
    for (let j = i; j < i + count; j++) {
      step += points.data[3 * j] / count;
      value += points.data[3 * j + scale.column] / count;
    }
    context.lineTo(x(step), y(value));
  }
  context.stroke();

  context.fillStyle = context.strokeStyle = style.getPropertyValue("--accent");
  context.lineWidth = 2 * devicePixelRatio;
  context.beginPath();
  for (let i = 0; i < tests.shape[0]; i++) context.lineTo(x(tests.data[3 * i]), y(tests.data[3 * i + scale.column]));
  context.stroke();
}

/** The heights of the lowest and the highest grid line, with all points between them. */
function range(/** @type {Scale} */ scale, /** @type {import("../python/training_client.js").Matrix[]} */ ...curves) {
  const heights = scale.marks.map(scale.height);
  let [least, most] = [Infinity, -Infinity];
  for (const { shape, data } of curves) {
    for (let i = 0; i < shape[0]; i++) {
      const height = scale.height(data[3 * i + scale.column]);
      if (!Number.isFinite(height)) continue;
      least = Math.min(least, height);
      most = Math.max(most, height);
    }
  }
  if (least > most) [least, most] = [heights[0], heights[0]];
  let first = heights.findLastIndex((height) => height <= least);
  let last = heights.findIndex((height) => height >= most);
  if (first < 0) first = 0;
  if (last < 0) last = heights.length - 1;
  while (last - first < scale.steps) {
    if (last < heights.length - 1) last += 1;
    else if (first > 0) first -= 1;
    else break;
  }
  return [heights[first], heights[last]];
}

/** The smallest of 1, 2 or 5 times a power of ten that is at least `least`. @param {number} least */
function roundStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return /** @type {number} */ ([1, 2, 5, 10].find((step) => step * power >= least - 1e-12)) * power;
}
