// @ts-check
// Chapter 8: a network trains from nothing. It is the run of the room Train, which can go on with it.

import { barsView } from "../draw/room.js";
import { button, make } from "../page.js";
import { RecognizerError } from "../python/client.js";
import { MnistError } from "../python/mnist_parts.js";
import { ACCURACY, curveView } from "../train/learning_curves.js";
import { percent } from "../views/numbers.js";
import { SignedMaps } from "../views/signed_maps.js";
import { listen } from "../when.js";
import { canvas, figure, readout, row } from "./parts.js";

/** @typedef {import("../python/training_client.js").Report} Report */
/** @typedef {import("../python/training_client.js").Settings} Settings */

/** What may be trained: settings of a run that differ from the form's. @type {Record<string, Settings>} */
const RUNS = {
  "With 58,000 digits": { layers: "784-32-10", epochs: "2" },
  "With only 100 digits": { layers: "784-32-10", epochs: "60", samples: "100", batch: "20" },
  "Without a hidden layer": { layers: "784-10", epochs: "2" },
};

/**
 * @param {HTMLElement} place @param {() => void} _ @param {import("./room.js").Page} page
 * @returns {import("./room.js").Chapter}
 */
export function trainingChapter(place, _, { trainer, ask, openTrain }) {
  const kind = make("select", {}, ...Object.keys(RUNS).map((name) => new Option(name, name)));
  const start = button("Train", () => act(train));
  const stop = button("Stop", () => act(() => trainer.stop()));
  const open = button("Open in Train", openTrain);
  open.className = "opens";
  const status = make("p", { role: "status" });
  const curve = canvas("Accuracy by epoch");
  const weights = canvas("What the first neurons have learned");
  const bars = make("div", { className: "bars" });
  const learned = readout("learned", "Of its own digits, it reads");
  const unseen = readout("unseen", "Of new digits:");
  // Of a run that was there before the chapter opened, there is a report, but no picture.
  const pictures = [
    figure("Weights of the first neurons", weights),
    figure("New digits that it reads, in percent of each; the worst in blue", bars),
  ];
  for (const picture of pictures) picture.hidden = true;
  const charts = make(
    "div",
    { className: "charts", hidden: true },
    make("div", { className: "pair-of" }, figure("Accuracy: line, its own digits; dots, new ones", curve, "plot"), pictures[0]),
    row(learned, unseen),
    pictures[1],
  );
  place.append(row(make("label", { className: "choice" }, "Train ", kind), start, stop, open), status, charts);
  const showCurve = curveView(curve, ACCURACY);
  const showBars = barsView(bars);
  const maps = new SignedMaps(weights);

  async function train() {
    const { settings } = await ask({ kind: "training_form" });
    const usual = Object.fromEntries(settings.map((/** @type {any} */ { name, default: value }) => [name, value]));
    await trainer.start({ ...usual, ...RUNS[kind.value] }, {});
  }

  /** @param {() => Promise<void>} action */
  async function act(action) {
    try {
      await action();
    } catch (error) {
      if (!(error instanceof RecognizerError || error instanceof MnistError)) throw error;
      status.textContent = error.message;
    }
  }

  function showStage() {
    const isActive = trainer.stage === "running" || trainer.stage === "preparing";
    start.disabled = isActive;
    stop.disabled = !isActive;
    open.disabled = trainer.stage === "none";
    const says = { none: "", preparing: "Preparing", running: "Training", paused: "Paused", finished: "Finished." };
    status.textContent = says[trainer.stage];
  }

  /** @param {Report} report */
  function showReport(report) {
    charts.hidden = false;
    showCurve(report);
    const { accuracy, test_accuracy: test } = report;
    if (accuracy !== null) learned.show(accuracy, `${percent(accuracy)} %`);
    if (test !== null) unseen.show(test, `${percent(test)} %`);
  }

  /** @param {import("../python/training_client.js").Pictures} pictures */
  function showPictures({ weights, evaluation }) {
    pictures[0].hidden &&= !weights;
    pictures[1].hidden &&= !evaluation;
    if (weights) maps.show(weights);
    if (!evaluation) return;
    const { data } = evaluation.confusion;
    const shares = Float32Array.from({ length: 10 }, (_, digit) => {
      const read = data.subarray(10 * digit, 10 * digit + 10);
      const total = read.reduce((sum, count) => sum + count, 0);
      return read[digit] / Math.max(total, 1);
    });
    showBars({ digit: shares.indexOf(Math.min(...shares)), probabilities: { shape: [10], data: shares } });
  }

  listen(trainer, {
    stage: showStage,
    report: showReport,
    pictures: showPictures,
    progress: ({ doing }) => (status.textContent = doing || status.textContent),
    failed: (sentence) => (status.textContent = sentence),
  });
  showStage();
  if (trainer.report) showReport(trainer.report);
  return { values: null, show() {} };
}
