// @ts-check
// The training room: its controls, the run they drive, and the pictures of it.

import { MnistError } from "../python/mnist_parts.js";
import { RecognizerError } from "../python/client.js";
import { save } from "../save_file.js";
import { Trainer } from "../python/training_client.js";
import { confusionView } from "./confusion_matrix.js";
import { ACCURACY, LOSS, curveTable, curveView } from "./learning_curves.js";
import { megabytes } from "../views/numbers.js";
import { layersView } from "./layer_editor.js";
import { Maps } from "../views/signed_maps.js";
import { metricsView } from "./metrics.js";
import { mistakesView } from "./mistakes.js";
import { tableBehind } from "../views/data_table.js";

/** @typedef {import("../python/training_client.js").Report} Report @typedef {import("../python/training_client.js").Pictures} Pictures */
/** @typedef {import("../python/training_client.js").Settings} Settings */

/** The form rests so long (ms) before Python looks at it. */
const REST = 200;
const LARGEST_FILE = 256 * 2 ** 20; // as in py/nn/parameters.py

/** What a run shows before its first test. @type {import("../python/training_client.js").Evaluation} */
const UNTESTED = {
  step: -1,
  confusion: { shape: [10, 10], data: new Float32Array(100) },
  mistakes: [],
  images: { shape: [0, 28, 28], data: new Float32Array() },
};

/** @template {HTMLElement} [E=HTMLElement] @param {string} id */
const $ = (id) => /** @type {E} */ (document.getElementById(id));

/**
 * @param {import("../state.js").State} state
 * @param {import("../pad/pad.js").Pad} pad
 * @param {{ use: (name: string, bytes: Uint8Array, card: object) => Promise<void>, leave: () => void }} networks
 *   puts a network of one's own on the pad, and goes back to the shipped one
 */
export function openTrainingRoom(state, pad, networks) {
  const room = $("train");
  const form = /** @type {HTMLFormElement} */ (room.querySelector("form"));
  const fields = /** @type {HTMLInputElement[]} */ ([...form.elements].filter((field) => "name" in field && field.name));
  const trainer = new Trainer();

  // The form and the address say the same.
  state.include(Object.fromEntries(fields.map((field) => [field.name, field.value])));
  const layers = layersView($("layers"), /** @type {HTMLInputElement} */ (form.elements.namedItem("layers")), fieldChanged);

  function fill() {
    for (const field of fields) field.value = state.values[field.name];
    $("rate-changes").hidden = !state.values["rate-changes"];
    layers();
  }
  /** @returns {Settings} */
  const settings = () => Object.fromEntries(fields.map((field) => [field.name, field.value]));

  let resting = 0;
  function fieldChanged() {
    clearTimeout(resting);
    resting = setTimeout(() => act(plan), REST);
  }
  form.addEventListener("input", fieldChanged);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act(start);
  });
  addEventListener("popstate", fill);

  /** Ask Python what these settings come to, and say what is wrong with them. @returns {Promise<boolean>} whether they make a run */
  async function plan() {
    const asked = settings();
    state.set(asked);
    const { problems, parameters, memory, command } = await trainer.plan(asked);
    for (const field of fields) {
      const place = /** @type {HTMLElement} */ (field.closest(".field"));
      const sentence = problems[field.name] ?? "";
      let small = place.querySelector("small");
      if (sentence && !small) small = place.appendChild(document.createElement("small"));
      if (small) {
        small.textContent = sentence && sentence[0].toUpperCase() + sentence.slice(1) + ".";
        small.id = `problem-${field.name}`;
        small.hidden = !sentence;
      }
      field.setAttribute("aria-invalid", String(Boolean(sentence)));
      if (small) field.setAttribute("aria-describedby", small.id);
      place.classList.toggle("wrong", Boolean(sentence));
    }
    const fine = !Object.keys(problems).length;
    if (fine) {
      $("plan").textContent =
        `${parameters.toLocaleString("en")} parameters, about ${Math.ceil(memory / 2 ** 20).toLocaleString("en")} MB while training`;
      $("command").textContent = command;
    } else {
      $("plan").textContent = "";
    }
    return fine;
  }

  // The run.
  async function start() {
    if (!(await plan())) {
      $("settings").setAttribute("open", "");
      /** @type {HTMLElement | null} */ (form.querySelector(".wrong input:not([type=hidden]), .wrong select"))?.focus();
      return;
    }
    tested = null;
    await trainer.start(settings());
  }

  /** Do something that may go wrong, and say so where it does. @param {() => unknown} action */
  async function act(action) {
    say("");
    try {
      await action();
    } catch (error) {
      if (!(error instanceof RecognizerError || error instanceof MnistError)) throw error;
      if (state.values.room === "train") say(error.message);
    }
  }
  /** @param {string} sentence */
  function say(sentence) {
    $("train-alert").textContent = sentence && sentence.replace(/[.:]?$/, ".");
    $("train-alert").hidden = !sentence;
  }

  /** @type {Record<string, () => unknown>} */
  const actions = {
    "train-start": () => (trainer.stage === "paused" ? trainer.resume() : start()),
    "train-pause": () => trainer.pause(),
    "train-step": () => trainer.step(),
    "train-stop": () => trainer.stop(),
    "train-over": start,
    "train-use": async () => {
      const { data, card } = await trainer.network("npz");
      await networks.use("trained.npz", data, card);
    },
    "save-pk1": () => saveAs("pk1"),
    "save-npz": () => saveAs("npz"),
    "use-shipped": () => networks.leave(),
  };
  for (const [id, action] of Object.entries(actions)) $(id).addEventListener("click", () => act(action));

  /** @param {"pk1" | "npz"} form */
  async function saveAs(form) {
    const { data } = await trainer.network(form);
    save(new Blob([/** @type {BlobPart} */ (data)]), `network.${form}`);
  }

  const load = /** @type {HTMLInputElement} */ ($("load-network"));
  load.addEventListener("change", () =>
    act(async () => {
      const file = load.files?.[0];
      if (!file) return;
      load.value = ""; // the same file may be chosen again
      if (file.size > LARGEST_FILE)
        throw new RecognizerError(`${file.name} is larger than 256 MB: it is no network of this project.`);
      await networks.use(file.name, new Uint8Array(await file.arrayBuffer()), {});
    }),
  );

  const rate = /** @type {HTMLInputElement} */ ($("rate-now"));
  rate.addEventListener("change", async () => {
    try {
      await trainer.changeLearningRate(rate.value);
      $("rate-problem").textContent = "";
    } catch (error) {
      $("rate-problem").textContent = /** @type {Error} */ (error).message;
    }
  });

  // What it shows.
  const metrics = metricsView($("metrics"));
  const loss = curveView($("loss-curve"), LOSS);
  const accuracy = curveView($("accuracy-curve"), ACCURACY);
  const numbers = tableBehind($("curves"), "The numbers behind the curves");
  const weights = new Maps(/** @type {HTMLCanvasElement} */ ($("first-weights").querySelector("canvas")));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => weights.repaint());
  const confusion = confusionView($("confusion"));
  const mistakes = mistakesView(/** @type {HTMLElement} */ ($("mistakes").querySelector("div")), (picture) => {
    pad.become({ picture, strokes: [] });
  });

  /** What waits to be painted in the next frame. @type {{ report?: Report, pictures?: Pictures }} */
  let news = {};
  /** @type {number | null} the step of the test that is painted */
  let tested = null;
  function paint() {
    const { report, pictures } = news;
    news = {};
    if (report) {
      metrics(report);
      loss(report);
      accuracy(report);
      numbers(() => curveTable(report));
      $("advice").textContent = report.advice ?? "";
      $("advice").hidden = !report.advice;
      /** @type {HTMLProgressElement} */ ($("train-progress")).value = report.step / report.steps;
      if (document.activeElement !== rate) rate.value = String(Number(report.learning_rate.toPrecision(6)));
    }
    if (pictures?.weights) weights.show(pictures.weights);
    const evaluation = report?.tested === null ? UNTESTED : pictures?.evaluation;
    if (evaluation && evaluation.step !== tested) {
      tested = evaluation.step;
      setTimeout(() => confusion(evaluation.confusion)); // tasks of their own: none may hold up a stroke
      setTimeout(() => mistakes(evaluation));
    }
  }
  /** @param {{ report?: Report, pictures?: Pictures }} newest */
  function show(newest) {
    if (!Object.keys(news).length) requestAnimationFrame(paint);
    Object.assign(news, newest);
  }
  trainer.addEventListener("report", (event) => show({ report: /** @type {CustomEvent} */ (event).detail }));
  trainer.addEventListener("pictures", (event) => show({ pictures: /** @type {CustomEvent} */ (event).detail }));
  trainer.addEventListener("settings", (event) => {
    state.set(/** @type {CustomEvent} */ (event).detail);
    fill();
  });
  trainer.addEventListener("unkept", () =>
    say("This browser keeps nothing more (its storage is full or refused): the run goes on, but a reload would lose it"),
  );
  trainer.addEventListener("failed", (event) => {
    const lost = trainer.stage === "paused";
    say(
      lost
        ? "Training stopped unexpectedly. The run stands at its last checkpoint, and Resume goes on from there"
        : /** @type {CustomEvent<string>} */ (event).detail,
    );
  });

  trainer.addEventListener("progress", (event) => {
    const { doing, done, total } = /** @type {CustomEvent} */ (event).detail;
    if (trainer.stage !== "preparing") return;
    $("train-status").textContent = doing && (total ? `${doing}: ${megabytes(done)} of ${megabytes(total)} MB` : doing);
    const bar = /** @type {HTMLProgressElement} */ ($("train-progress"));
    if (total) bar.value = done / total;
    else bar.removeAttribute("value");
  });

  const SAYS = {
    none: "Choose, or just press Start: a network learns to read while you watch.",
    preparing: "Preparing",
    running: "Training",
    paused: "Paused",
    finished: "Finished: put it on the pad, or change something and start over.",
  };
  function stageChanged() {
    const { stage } = trainer;
    room.dataset.stage = stage;
    $("train-status").textContent = SAYS[stage];
    const live = stage === "running" || stage === "paused" || stage === "preparing";
    const enabled = {
      "train-start": stage !== "running" && stage !== "preparing",
      "train-pause": stage === "running",
      "train-step": stage === "paused",
      "train-stop": live,
      "train-over": stage === "paused" || stage === "finished",
      "train-use": Boolean(trainer.report) && stage !== "preparing",
    };
    for (const [id, on] of Object.entries(enabled)) /** @type {HTMLButtonElement} */ ($(id)).disabled = !on;
    for (const id of ["save-pk1", "save-npz"]) $(id).hidden = !trainer.report;
    if (stage !== "none") $("train-recall").hidden = true;
    $("train-start").textContent = stage === "paused" ? "Resume" : "Start";
    /** @type {HTMLFieldSetElement} */ (form.querySelector("fieldset")).disabled = live;
    if (live) $("settings").removeAttribute("open");
  }
  trainer.addEventListener("stage", stageChanged);

  // Python starts when somebody comes in, and what was kept is shown.
  let visited = false;
  async function visit() {
    if (state.values.room !== "train") return trainer.rest();
    trainer.boot();
    if (visited) return;
    visited = true;
    fill();
    const before = await trainer.recall();
    const same = before && fields.every((field) => before[field.name] === field.value);
    if (same) trainer.open();
    $("train-recall").hidden = same || !before;
    $("train-recall").onclick = () => {
      state.set(/** @type {Settings} */ (before));
      fill();
      trainer.open();
    };
    await act(plan);
  }
  state.addEventListener("change", visit);
  stageChanged();
  visit();
}
