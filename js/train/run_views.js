// @ts-check
// What is shown of a training run: numbers, curves, weights, the confusion matrix and mistakes. The newest is painted in the
// next frame.

import { element, find } from "../page.js";
import { dataTable } from "../views/data_table.js";
import { SignedMaps } from "../views/signed_maps.js";
import { confusionView } from "./confusion_matrix.js";
import { ACCURACY, curveTable, curveView, LOSS } from "./learning_curves.js";
import { metricsView } from "./metrics.js";
import { mistakesView } from "./mistakes.js";

/** @typedef {import("../python/training_client.js").Report} Report */
/** @typedef {import("../python/training_client.js").Pictures} Pictures */

/** What is shown before a run's first test. @type {import("../python/training_client.js").Evaluation} */
const UNTESTED = {
  step: -1,
  confusion: { shape: [10, 10], data: new Float32Array(100) },
  mistakes: [],
  images: { shape: [0, 784], data: new Float32Array() },
};

/** @param {(picture: import("../pad/ink.js").Picture) => void} take  puts a mistake on the pad */
export function runViews(take) {
  const metrics = metricsView(element("metrics"));
  const loss = curveView(element("loss-curve"), LOSS);
  const accuracy = curveView(element("accuracy-curve"), ACCURACY);
  const numbers = dataTable(element("curves"), "The curves as a table");
  const weights = new SignedMaps(find(element("first-weights"), "canvas"));
  const confusion = confusionView(element("confusion"));
  const mistakes = mistakesView(find(element("mistakes"), "div"), take);
  const rate = /** @type {HTMLInputElement} */ (element("rate-now"));
  const progress = /** @type {HTMLProgressElement} */ (element("train-progress"));
  const compare = element("compare");

  /** @type {{ report?: Report, pictures?: Pictures }} */
  let unpainted = {};
  /** What is painted. @type {Report | null} */
  let painted = null;
  /** The step of the test that is shown. @type {number | null} */
  let tested = null;
  /** The run before, whose curves are drawn beside. @type {import("./stored_run.js").Curves | null} */
  let last = null;

  function paint() {
    const { report, pictures } = unpainted;
    unpainted = {};
    if (report) {
      painted = report;
      metrics(report);
      const beside = compare.ariaPressed === "true" ? last?.report : null;
      loss(report, beside);
      accuracy(report, beside);
      numbers(() => curveTable(report));
      element("advice").textContent = report.advice ?? "";
      element("advice").hidden = !report.advice;
      progress.value = report.step / report.steps;
      if (document.activeElement !== rate) rate.value = String(Number(report.learning_rate.toPrecision(6)));
    }
    if (pictures?.weights) weights.show(pictures.weights);
    const evaluation = report?.tested === null ? UNTESTED : pictures?.evaluation;
    if (evaluation && evaluation.step !== tested) {
      tested = evaluation.step;
      setTimeout(() => confusion(evaluation.confusion)); // tasks of their own, so that neither delays a stroke
      setTimeout(() => mistakes(evaluation));
    }
  }

  /** @param {{ report?: Report, pictures?: Pictures }} news */
  function show(news) {
    if (!Object.keys(unpainted).length) requestAnimationFrame(paint);
    Object.assign(unpainted, news);
  }

  compare.addEventListener("click", () => {
    compare.ariaPressed = String(compare.ariaPressed !== "true");
    if (painted) show({ report: painted });
  });

  return {
    show,

    /**
     * A run begins, or is opened.
     * @param {import("../python/training_client.js").Settings} settings @param {typeof last} before  what it is compared with
     */
    begin(settings, before) {
      tested = null;
      last = before;
      element("last-run").hidden = !last;
      if (!last) return;
      const differences = Object.entries(last.settings).filter(([name, value]) => value !== settings[name]);
      const names = differences.map(([name, value]) => `${name.replaceAll("-", " ")} ${value || "off"}`);
      const reached = (100 * (last.report.test_accuracy ?? 0)).toFixed(2);
      find(element("last-run"), "p").textContent =
        `Dashed: the last run${names.length ? ` (${names.join(", ")})` : ""}, ${reached} % test accuracy.`;
    },
  };
}
