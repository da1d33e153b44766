// @ts-check
// The training room: its form, and the run that it controls.

import { element as $, find } from "../page.js";
import { RecognizerError } from "../python/client.js";
import { megabytes } from "../python/downloads.js";
import { MnistError } from "../python/mnist_parts.js";
import { save } from "../save_file.js";
import { storedEdits } from "../stored_edits.js";
import { listen } from "../when.js";
import { presetsView } from "./presets.js";
import { runViews } from "./run_views.js";
import { settingsForm } from "./settings_form.js";
import { storedLast, storeLast } from "./stored_run.js";

/** @typedef {import("../python/training_client.js").Settings} Settings */

const STATUS = {
  none: "Press Start and watch a network learn to read digits, or choose another run first.",
  preparing: "Preparing",
  running: "Training",
  paused: "Paused",
  finished: "Finished. Use this network on the pad, or change the settings and start over.",
};

/**
 * @param {import("../state.js").State} state
 * @param {import("../pad/pad.js").Pad} pad
 * @param {(request: import("../python/client.js").Request) => Promise<any>} ask  the Python worker that reads the drawing
 * @param {import("../python/training_client.js").Trainer} trainer  shared with the room Learn
 * @param {{ use: (name: string, bytes: Uint8Array, card: object) => Promise<void>, leave: () => void }} networks
 *   `use` makes a trained or loaded network read the pad, `leave` goes back to the shipped one
 */
export function openTrainingRoom(state, pad, ask, trainer, networks) {
  const room = $("train");
  const fieldset = /** @type {HTMLFieldSetElement} */ (find($("settings"), "fieldset"));

  // The form: Python describes it, and the URL holds its values.
  /** @type {(settings: Settings) => void} */
  let markPreset = () => {};
  let largestFile = 0;
  /** @type {Promise<ReturnType<typeof settingsForm>> | null} */
  let form = null;
  const loadForm = () =>
    (form ??= makeForm().catch((error) => {
      form = null; // to be tried again
      throw error;
    }));
  async function makeForm() {
    const { settings, layer_kinds, largest_file } = await ask({ kind: "training_form" });
    largestFile = largest_file;
    const defaults = Object.fromEntries(settings.map((/** @type {any} */ { name, default: value }) => [name, value]));
    state.include(defaults);
    const form = settingsForm(fieldset, settings, layer_kinds);
    form.fill(state.values);
    fieldset.addEventListener("input", () => act(plan));
    addEventListener("popstate", () => form.fill(state.values));
    markPreset = presetsView($("presets"), defaults, (settings) => {
      state.set(settings, { newEntry: true });
      form.fill(settings);
      act(plan);
    });
    return form;
  }
  fieldset.form?.addEventListener("submit", (event) => {
    event.preventDefault();
    act(start);
  });

  let plans = 0;
  /**
   * Show what a run with these settings takes, or what is wrong with them.
   * @returns {Promise<Settings | null>} null if they are wrong
   */
  async function plan() {
    const form = await loadForm();
    const [settings, turn] = [form.values(), ++plans];
    state.set(settings);
    markPreset(settings);
    const { problems, parameters, memory, command } = await ask({ kind: "plan", values: { settings } });
    if (turn !== plans) return null; // the settings have changed since
    form.show(problems);
    if (Object.keys(problems).length) {
      $("plan").textContent = "";
      return null;
    }
    const size = Math.ceil(memory / 2 ** 20).toLocaleString("en");
    $("plan").textContent = `${parameters.toLocaleString("en")} parameters, about ${size} MB of memory while training`;
    $("command").textContent = command;
    return settings;
  }

  async function start() {
    const settings = await plan();
    if (!settings) {
      $("settings").setAttribute("open", "");
      const wrong = fieldset.querySelector('.field:has([aria-invalid="true"]) :is(input:not([type=hidden]), select)');
      /** @type {HTMLElement | null} */ (wrong)?.focus();
      return;
    }
    if (trainer.report?.tests.shape[0]) {
      last = { report: trainer.report, settings: /** @type {Settings} */ (trainer.settings) };
      storeLast(last);
    }
    views.begin(settings, last);
    await showEdits(); // they may have changed since
    await trainer.start(settings, useEdits.checked ? edits : {});
  }

  // What was edited in the room Code.
  const useEdits = /** @type {HTMLInputElement} */ ($("use-edits"));
  /** @type {Record<string, string>} */
  let edits = {};
  async function showEdits() {
    const stored = await storedEdits();
    edits = Object.fromEntries(Object.entries(stored).map(([file, text]) => [`py/${file}`, text]));
    $("train-edits").hidden = !Object.keys(edits).length;
    if ($("train-edits").hidden) useEdits.checked = false;
  }

  /** Run an action that may fail, and show the error. @param {() => unknown} action */
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
    $("train-alert").textContent = sentence ? sentence.replace(/[.:]?$/, ".") : "";
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
      const { npz, card } = await trainer.network();
      await networks.use("trained.npz", npz, card);
    },
    "save-pk1": () => saveAs("pk1"),
    "save-npz": () => saveAs("npz"),
    "use-shipped": () => networks.leave(),
  };
  for (const [id, action] of Object.entries(actions)) $(id).addEventListener("click", () => act(action));

  /** @param {"pk1" | "npz"} kind */
  async function saveAs(kind) {
    const file = (await trainer.network())[kind];
    if (typeof file === "string") throw new RecognizerError(file);
    save(new Blob([/** @type {BlobPart} */ (file)]), `network.${kind}`);
  }

  const load = /** @type {HTMLInputElement} */ ($("load-network"));
  load.addEventListener("change", () =>
    act(async () => {
      const file = load.files?.[0];
      if (!file) return;
      load.value = ""; // so that the same file can be chosen again
      await loadForm();
      if (file.size > largestFile)
        throw new RecognizerError(
          `${file.name} is larger than ${largestFile / 2 ** 20} MB, so it is not a network of this project.`,
        );
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

  const views = runViews((picture) => pad.become({ picture, strokes: [] }));
  /** The run before, which is drawn beside. @type {import("./stored_run.js").Curves | null} */
  let last = null;

  listen(trainer, {
    report: (report) => views.show({ report }),
    pictures: (pictures) => views.show({ pictures }),
    async settings(settings) {
      state.set(settings);
      (await loadForm()).fill(settings);
    },
    "not-stored": (problem) => say(problem && `${problem}. Training continues, but a reload would lose this run`),
    busy: (busy) => say(busy ? "Python is not answering. Wait, or press Stop to end the run at its last checkpoint" : ""),
    failed: (sentence) => say(trainer.stage === "paused" ? `${sentence} Resume continues from the last checkpoint` : sentence),
    progress({ doing, done, total }) {
      if (trainer.stage !== "preparing") return;
      $("train-status").textContent = doing && (total ? `${doing}: ${megabytes(done)} of ${megabytes(total)} MB` : doing);
      const bar = /** @type {HTMLProgressElement} */ ($("train-progress"));
      if (total) bar.value = done / total;
      else bar.removeAttribute("value");
    },
    stage: showStage,
  });

  function showStage() {
    const { stage } = trainer;
    room.dataset.stage = stage;
    const isEdited = Object.keys(trainer.edits).length > 0 && (stage === "running" || stage === "paused");
    $("train-status").textContent = STATUS[stage] + (isEdited ? " with your edited code, in NumPy alone" : "");
    useEdits.checked = isEdited || useEdits.checked;
    const active = stage === "running" || stage === "paused" || stage === "preparing";
    const shown = {
      "train-start": stage === "none" || stage === "paused",
      "train-pause": stage === "running",
      "train-step": stage === "paused",
      "train-stop": active,
      "train-over": stage === "paused" || stage === "finished",
      "train-use": trainer.report && stage !== "preparing",
      "save-pk1": trainer.report,
      "save-npz": trainer.report,
    };
    for (const [id, isShown] of Object.entries(shown)) $(id).hidden = !isShown;
    if (stage !== "none") $("train-recall").hidden = true;
    $("train-start").textContent = stage === "paused" ? "Resume" : "Start";
    fieldset.disabled = useEdits.disabled = active;
    if (active) $("settings").removeAttribute("open");
  }

  // The first visit loads the form and looks for a stored run; Python starts with every visit, and stops unless it trains.
  let visited = false;
  async function visit() {
    if (state.values.room !== "train") return trainer.rest();
    await showEdits();
    if (visited) return;
    visited = true;
    await act(async () => {
      trainer.boot();
      const fields = await loadForm().finally(() => (visited = form !== null)); // else the next visit tries again
      const settings = trainer.stage === "none" ? await trainer.recall() : trainer.settings; // Learn may have started a run
      last ??= await storedLast();
      views.begin(settings ?? {}, last);
      const same = settings && Object.entries(fields.values()).every(([name, value]) => settings[name] === value);
      if (same) trainer.open();
      $("train-recall").hidden = same || !settings;
      $("train-recall").onclick = () => {
        state.set(/** @type {Settings} */ (settings));
        fields.fill(/** @type {Settings} */ (settings));
        trainer.open();
      };
      await plan();
    });
  }
  state.addEventListener("change", visit);
  showStage();
  visit();
}
