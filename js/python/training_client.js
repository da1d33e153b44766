// @ts-check
// A training run as an async object. It has a Python worker of its own, so that the other one can keep reading the drawing.
//
// Each request trains for a slice of time (py/web/training_requests.py); a paused run does not ask for the next slice.

import { storedRun, storeRun } from "../train/stored_run.js";
import { Recognizer } from "./client.js";
import { mnist } from "./mnist_parts.js";

/** @typedef {import("./client.js").Matrix} Matrix @typedef {import("./client.js").Progress} Progress */
/** @typedef {Record<string, string>} Settings  texts by name, as digits.training_settings parses them */
/**
 * @typedef {object} Report  the state of a run
 * @property {number} step @property {number} steps  of the whole run
 * @property {number} epoch @property {number} steps_per_epoch
 * @property {number | null} loss @property {number | null} accuracy  means over the last steps
 * @property {number | null} test_accuracy  0…1
 * @property {number | null} samples_per_second @property {number} seconds @property {number | null} seconds_left
 * @property {number} learning_rate
 * @property {Matrix} points  (n, 3): step, loss and accuracy, each a mean over some steps
 * @property {Matrix} tests  (m, 3): step, loss, accuracy
 * @property {number | null} tested  the step of the last test
 * @property {string | null} advice @property {boolean} finished @property {boolean} diverged @property {string} command
 */
/**
 * @typedef {{ index: number, label: number, predicted: number, confidence: number }} Mistake
 * @typedef {{ step: number, confusion: Matrix, mistakes: Mistake[], images: Matrix }} Evaluation
 * @typedef {{ weights: Matrix | null, evaluation: Evaluation | null }} Pictures
 * @typedef {{ card: object, npz: Uint8Array, pk1: Uint8Array | string }} TrainedNetwork  as files; pk1: why it cannot be one
 * @typedef {{ settings: Settings, checkpoint: Uint8Array, history: object }} Checkpoint
 * @typedef {Checkpoint & { report: Report, evaluation: Evaluation | null, over: boolean, network?: TrainedNetwork,
 *             edits?: Record<string, string> }} StoredRun
 */
/** @typedef {"none" | "preparing" | "running" | "paused" | "finished"} Stage */

/** How long (ms) Python trains between two looks at its messages. */
const SLICE = 100;
/** How often (ms) the first layer's weights are shown, and a checkpoint is stored. */
const PICTURES_EVERY = 400;
const STORE_EVERY = 2500;

/**
 * Events: `stage`, `report`, `pictures`, `settings` (of a new run, or the learning rate was changed), `progress`,
 * `not-stored`, `failed`, and
 * `busy` (true when Python has not answered for some seconds, then false).
 */
export class Trainer extends EventTarget {
  /** @type {Stage} */
  stage = "none";
  /** @type {Report | null} */
  report = null;
  /** @type {Settings | null} of the run */
  settings = null;
  /** Edited Python files that the run trains with, by path. @type {Record<string, string>} */
  edits = {};
  #python = new Recognizer();
  // How far Python is: started, with these edits, then with MNIST's images, then with the run, which only `#stored` has before.
  #started = "";
  #hasImages = false;
  #hasRun = false;
  /** @type {StoredRun | null} */
  #stored = null;
  /** @type {Evaluation | null} */
  #evaluation = null;
  /** Grows with every start and resume, which ends an older loop or preparation. */
  #turn = 0;
  /** The loop of slices, or the end of a run. @type {Promise<void> | null} */
  #work = null;
  #picturesAt = 0;
  #storedAt = 0;
  #notStored = "";
  #busy = false;

  constructor() {
    super();
    this.#python.addEventListener("progress", (event) => this.#tell("progress", /** @type {CustomEvent} */ (event).detail));
    this.#python.addEventListener("busy", (event) => {
      this.#busy = /** @type {CustomEvent<boolean>} */ (event).detail;
      if (this.#hasRun) this.#tell("busy", this.#busy);
    });
    this.#python.addEventListener("failed", (event) => this.#crashed(/** @type {CustomEvent<string>} */ (event).detail));
  }

  /** Start Python ahead of a run. */
  boot() {
    const edits = JSON.stringify(this.edits);
    if (this.#started === edits) return;
    this.#terminate();
    this.#started = edits;
    this.#python.start(this.edits);
  }

  /** Terminate the worker unless a run needs it: it takes hundreds of megabytes. */
  rest() {
    if (!this.#work && (this.stage === "none" || this.stage === "finished")) this.#terminate();
  }

  #terminate() {
    this.#python.stop();
    this.#started = "";
    this.#hasImages = this.#hasRun = false;
  }

  /** Look for the stored run. @returns {Promise<Settings | null>} its settings */
  async recall() {
    this.#stored = await storedRun();
    this.edits = this.#stored?.edits ?? {};
    return this.#stored?.settings ?? null;
  }

  /** Show the stored run as it was; `resume` continues it. */
  open() {
    const run = this.#stored;
    if (!run || this.stage !== "none") return;
    this.settings = run.settings;
    this.#evaluation = run.evaluation;
    this.#show(run.report);
    this.#become(run.over || run.report.finished ? "finished" : "paused");
    this.#tell("pictures", { weights: null, evaluation: run.evaluation });
  }

  /** Start a new run. @param {Settings} settings @param {Record<string, string>} edits @throws {Error} with a sentence */
  async start(settings, edits) {
    this.#stored = this.report = this.#evaluation = null;
    this.edits = edits;
    this.#notStored = "";
    this.settings = settings;
    this.#tell("settings", settings);
    await this.resume();
  }

  /** Continue a paused run. @throws {Error} with a sentence */
  async resume() {
    if (await this.#prepare("running")) this.#keepBusy(this.#loop());
  }

  pause() {
    if (this.stage === "running") this.#become("paused");
  }

  /** Train for one step. @throws {Error} with a sentence */
  async step() {
    if (!(await this.#prepare("paused"))) return;
    this.#show(await this.#ask("advance", { steps: 1 }));
    await Promise.all([this.#askForPictures(), this.#store()]);
    if (this.report?.finished) this.#keepBusy(this.#finish());
  }

  /** End the run here, or at its last checkpoint if Python does not answer; its network can still be used. */
  async stop() {
    if (this.stage === "preparing") this.#turn += 1;
    if (this.#busy) {
      this.#terminate();
      this.#fallBack();
    }
    this.#become(this.report ? "finished" : "none");
    if (this.#hasRun && !this.#work) this.#keepBusy(this.#finish());
    if (this.#stored && !this.#hasRun) await this.#write({ ...this.#stored, over: true });
  }

  /** Change the learning rate from the next step on. @param {string} rate @throws {Error} with a sentence */
  async changeLearningRate(rate) {
    await this.#prepare(this.stage);
    const { settings } = await this.#ask("change_learning_rate", { rate });
    this.settings = settings;
    this.#tell("settings", settings);
  }

  /** The network as it is now. @returns {Promise<TrainedNetwork>} @throws {Error} with a sentence */
  async network() {
    if (this.stage === "finished") await this.#work; // which stores the network
    if (this.stage === "finished" && this.#stored?.network) return this.#stored.network;
    await this.#prepare(this.stage);
    return this.#ask("network");
  }

  /** @param {string} kind @param {object} [values] @param {Record<string, Uint8Array>} [contents] */
  #ask(kind, values, contents) {
    return this.#python.ask({ kind, values, contents, archives: ["random"] });
  }

  /**
   * Make sure that Python has the run, then enter the stage.
   * @param {Stage} stage @returns {Promise<boolean>} false if it was stopped meanwhile
   */
  async #prepare(stage) {
    if (this.#hasRun && this.report) {
      this.#become(stage);
      return true;
    }
    const before = this.stage;
    const turn = ++this.#turn;
    /** @param {Progress} progress */
    const tell = (progress) => turn === this.#turn && this.#tell("progress", progress);
    this.#become("preparing");
    try {
      this.boot();
      const contents = this.#hasImages ? {} : await mnist((bytes) => tell({ doing: "Downloading MNIST", ...bytes }));
      if (turn !== this.#turn) return false;
      tell({ doing: "Preparing the images" });
      const values = { settings: this.settings };
      const run = this.#stored;
      if (run) {
        Object.assign(values, { checkpoint: "runs/checkpoint", history: run.history });
        contents["runs/checkpoint"] = run.checkpoint;
      }
      const report = await this.#ask("begin", values, contents);
      this.#hasImages = true;
      if (turn !== this.#turn) return false;
      this.#hasRun = true;
      this.#show(report);
    } catch (error) {
      if (turn !== this.#turn) return false;
      this.#become(this.#stored ? before : "none");
      throw error;
    } finally {
      tell({ doing: "" });
    }
    this.#become(stage);
    return true;
  }

  /** @param {Promise<void>} work */
  async #keepBusy(work) {
    this.#work = work;
    await work;
    if (this.#work === work) this.#work = null;
  }

  async #loop() {
    const turn = ++this.#turn;
    const interrupted = (/** @type {unknown} */ error) => turn === this.#turn && this.#interrupted(error);
    try {
      let slice = this.#ask("advance", { milliseconds: SLICE });
      for (;;) {
        const report = await slice;
        if (turn !== this.#turn) return;
        const goesOn = this.stage === "running" && !report.finished;
        if (goesOn) slice = this.#ask("advance", { milliseconds: SLICE }); // Python trains while the page paints
        this.#show(report);
        if (!goesOn) break;
        const now = performance.now();
        if (now - this.#picturesAt > PICTURES_EVERY) this.#askForPictures().catch(interrupted);
        if (now - this.#storedAt > STORE_EVERY) this.#store().catch(interrupted);
      }
      if (this.report?.finished) this.#become("finished");
      await Promise.all([this.#askForPictures(), this.#store()]);
    } catch (error) {
      interrupted(error);
    }
    if (this.stage === "finished" && turn === this.#turn) await this.#finish();
  }

  /** Python answered with an error; after a crash, `#crashed` has told already. @param {unknown} error */
  #interrupted(error) {
    if (!this.#hasRun) return;
    this.#fallBack();
    this.#tell("failed", /** @type {Error} */ (error).message);
  }

  /** @param {string} sentence */
  #crashed(sentence) {
    this.#started = "";
    this.#hasImages = false;
    this.#fallBack();
    this.#tell("failed", sentence);
  }

  /** Go back to the last checkpoint, or to none. */
  #fallBack() {
    const run = this.#stored;
    this.#hasRun = false;
    this.#turn += 1;
    this.report = null;
    if (run) this.#show(run.report);
    this.#become(!run ? "none" : run.over ? "finished" : "paused");
  }

  /** Store the trained network, then terminate the worker: only its memory would stay in use. */
  async #finish() {
    const turn = this.#turn;
    this.#become("finished");
    try {
      const network = await this.#ask("network");
      if (turn === this.#turn) await this.#store(network);
      if (turn === this.#turn) this.#terminate();
    } catch (error) {
      if (turn === this.#turn) this.#interrupted(error);
    }
  }

  async #askForPictures() {
    this.#picturesAt = performance.now();
    const pictures = await this.#ask("pictures");
    this.#evaluation = pictures.evaluation;
    this.#tell("pictures", pictures);
  }

  /** Store a checkpoint, so that a closed tab or a crash loses only the last seconds. @param {TrainedNetwork} [network] */
  async #store(network) {
    this.#storedAt = performance.now();
    const turn = this.#turn;
    const report = /** @type {Report} */ (this.report);
    const checkpoint = /** @type {Checkpoint} */ (await this.#ask("checkpoint"));
    if (turn !== this.#turn && !this.report) return; // a new run has started meanwhile
    const { edits } = this;
    await this.#write({ ...checkpoint, edits, report, evaluation: this.#evaluation, over: this.stage === "finished", network });
  }

  /** @param {StoredRun} run */
  async #write(run) {
    this.#stored = run;
    const problem = await storeRun(run);
    if (problem !== this.#notStored) this.#tell("not-stored", problem);
    this.#notStored = problem;
  }

  /** @param {Report} report */
  #show(report) {
    this.report = report;
    this.#tell("report", report);
  }

  /** @param {Stage} stage */
  #become(stage) {
    if (stage === this.stage) return;
    this.stage = stage;
    this.#tell("stage", stage);
  }

  /** @param {string} what @param {any} detail */
  #tell(what, detail) {
    this.dispatchEvent(new CustomEvent(what, { detail }));
  }
}
