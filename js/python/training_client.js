// @ts-check
// A training run as an async object, in a Python worker of its own: the other one goes on reading what is drawn.
//
// Python trains a slice of time at each request (py/web/training_requests.py); to pause is not to ask for the next one.

import { mnist } from "./mnist_parts.js";
import { Recognizer } from "./client.js";
import { keep, kept } from "../storage.js";

/** @typedef {import("./client.js").Matrix} Matrix @typedef {import("./client.js").Progress} Progress */
/** @typedef {Record<string, string>} Settings  as digits.training_settings parses them: texts by name */
/**
 * @typedef {object} Report  how a run stands
 * @property {number} step @property {number} steps  of the whole run
 * @property {number} epoch @property {number} steps_per_epoch
 * @property {number | null} loss @property {number | null} accuracy  means over the last steps
 * @property {number | null} test_accuracy  0…1
 * @property {number | null} samples_per_second @property {number} seconds @property {number | null} seconds_left
 * @property {number} learning_rate
 * @property {Matrix} points  (n, 3): step, loss, accuracy, means over some steps each
 * @property {Matrix} tests  (m, 3): step, loss, accuracy
 * @property {number | null} tested  the step of the newest test
 * @property {string | null} advice @property {boolean} finished @property {boolean} diverged @property {string} command
 */
/**
 * @typedef {{ index: number, label: number, said: number, confidence: number }} Mistake
 * @typedef {{ step: number, confusion: Matrix, mistakes: Mistake[], images: Matrix }} Evaluation
 * @typedef {{ weights: Matrix | null, evaluation: Evaluation | null }} Pictures
 * @typedef {{ settings: Settings, checkpoint: Uint8Array, history: object, report: Report, evaluation: Evaluation | null,
 *             over: boolean }} Record  what is kept of a run
 */
/** @typedef {"none" | "preparing" | "running" | "paused" | "finished"} Stage */

/** Python trains so long (ms) between two looks at its messages. */
const SLICE = 100;
/** The first layer's weights are asked for so often (ms), and a checkpoint is kept so often. */
const LOOK = 400;
const KEEP = 2500;
const NAME = "run";

/** A request that a crash or the end of Python cut off: `failed` told of it. */
const told = () => {};

/** Tells with events: `stage`, `report`, `pictures`, `settings` (a learning rate was changed), `progress`, `failed`. */
export class Trainer extends EventTarget {
  /** @type {Stage} */
  stage = "none";
  /** @type {Report | null} */
  report = null;
  /** @type {Settings | null} of the run */
  settings = null;
  #python = new Recognizer();
  #booted = false;
  #hasData = false;
  /** Whether Python holds the run; else its record does. */
  #lives = false;
  /** @type {Record | null} */
  #record = null;
  /** @type {Evaluation | null} */
  #evaluation = null;
  #turn = 0; // grows with every start and resume: an older loop or preparation ends
  #looked = 0;
  #keptAt = 0;

  constructor() {
    super();
    this.#python.addEventListener("progress", (event) => this.#tell("progress", /** @type {CustomEvent} */ (event).detail));
    this.#python.addEventListener("failed", (event) => this.#crashed(/** @type {CustomEvent<string>} */ (event).detail));
  }

  /** Start Python, if it does not run yet. */
  boot() {
    if (this.#booted) return;
    this.#booted = true;
    this.#python.start();
  }

  /** End Python, if no run needs it: it takes memory. */
  rest() {
    if (this.stage !== "none" || !this.#booted) return;
    this.#python.stop();
    this.#booted = this.#hasData = this.#lives = false;
  }

  /** What the browser has kept of an earlier run, shown as it stood. @returns {Promise<Settings | null>} its settings */
  async recall() {
    this.#record = /** @type {Record | undefined} */ (await kept(NAME)) ?? null;
    return this.#record && this.#record.settings;
  }

  /** Show the run that was recalled; `resume` goes on with it. */
  open() {
    const record = this.#record;
    if (!record || this.stage !== "none") return;
    this.settings = record.settings;
    this.#evaluation = record.evaluation;
    this.#become(record.over || record.report.finished ? "finished" : "paused");
    this.#show(record.report);
    this.#tell("pictures", { weights: null, evaluation: record.evaluation });
  }

  /** What such a run will come to. @param {Settings} settings @returns {Promise<any>} see `Training.plan` */
  plan(settings) {
    this.boot();
    return this.#python.ask({ kind: "plan", values: { settings }, archives: ["random"] });
  }

  /** Begin a new run. @param {Settings} settings @throws {Error} with a sentence */
  async start(settings) {
    this.#record = this.report = this.#evaluation = null;
    this.settings = settings;
    if (await this.#prepare("running")) this.#go();
  }

  /** Go on with a paused run. @throws {Error} with a sentence */
  async resume() {
    if (!(await this.#prepare("running"))) return;
    this.#go();
  }

  pause() {
    if (this.stage === "running") this.#become("paused");
  }

  /** One step, of a paused run. @throws {Error} with a sentence */
  async step() {
    if (!(await this.#prepare("paused"))) return;
    this.#show(await this.#ask("advance", { steps: 1 }));
    await Promise.all([this.#look(), this.#keep()]);
    if (this.report?.finished) this.#become("finished");
  }

  /** End the run where it is; its network stays to be used. */
  stop() {
    if (this.stage === "preparing") this.#turn += 1;
    this.#become(this.report ? "finished" : "none");
    if (this.#record) this.#write({ ...this.#record, over: true });
  }

  /** From the next step on. @param {string} rate @throws {Error} with a sentence */
  async changeLearningRate(rate) {
    await this.#prepare(this.stage);
    const { settings } = await this.#ask("change_learning_rate", { rate });
    this.settings = settings;
    this.#tell("settings", settings);
  }

  /** The network as it is now. @param {"pk1" | "npz"} form @returns {Promise<{ data: Uint8Array, card: any }>} @throws {Error} */
  async network(form) {
    await this.#prepare(this.stage);
    return this.#ask("network", { form });
  }

  /** @param {string} kind @param {object} [values] @param {Record<string, Uint8Array>} [contents] */
  #ask(kind, values, contents) {
    return this.#python.ask({ kind, values, contents, archives: ["random"] });
  }

  /** See to it that Python holds the run, then be at that stage. @param {Stage} stage @returns {Promise<boolean>} false if it was stopped meanwhile */
  async #prepare(stage) {
    if (this.#lives && this.report) {
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
      const contents = this.#hasData ? {} : await mnist((bytes) => tell({ doing: "Fetching MNIST’s images", ...bytes }));
      if (turn !== this.#turn) return false;
      tell({ doing: "Laying MNIST’s images ready" });
      const values = { settings: this.settings };
      const record = this.#record;
      if (record) {
        Object.assign(values, { checkpoint: "runs/checkpoint", history: record.history });
        contents["runs/checkpoint"] = record.checkpoint;
      }
      const report = await this.#ask("begin", values, contents);
      this.#hasData = true;
      if (turn !== this.#turn) return false;
      this.#lives = true;
      this.#show(report);
    } catch (error) {
      if (turn !== this.#turn) return false;
      this.#become(this.#record ? before : "none");
      throw error;
    } finally {
      tell({ doing: "" });
    }
    this.#become(stage);
    return true;
  }

  async #go() {
    const turn = ++this.#turn;
    try {
      let slice = this.#ask("advance", { milliseconds: SLICE });
      for (;;) {
        const report = await slice;
        if (turn !== this.#turn) return;
        const goesOn = this.stage === "running" && !report.finished;
        if (goesOn) slice = this.#ask("advance", { milliseconds: SLICE }); // Python goes on while the page paints
        this.#show(report);
        const now = performance.now();
        if (!goesOn || now - this.#looked > LOOK) this.#look().catch(told);
        if (!goesOn || now - this.#keptAt > KEEP) this.#keep().catch(told);
        if (!goesOn) break;
      }
      if (this.report?.finished) this.#become("finished");
    } catch {
      // told by `failed`
    }
  }

  async #look() {
    this.#looked = performance.now();
    const pictures = await this.#ask("pictures");
    this.#evaluation = pictures.evaluation;
    this.#tell("pictures", pictures);
  }

  /** Keep a checkpoint, so that a closed tab or a crash loses no more than the last seconds. */
  async #keep() {
    this.#keptAt = performance.now();
    const report = this.report;
    const checkpoint = await this.#ask("checkpoint");
    if (report !== this.report && !this.report) return; // a new run has begun meanwhile
    const over = this.stage === "finished";
    await this.#write({ ...checkpoint, report, evaluation: this.#evaluation, over });
  }

  /** @param {Record} record */
  async #write(record) {
    this.#record = record;
    if (!(await keep(NAME, record))) this.#tell("unkept", null);
  }

  /** @param {Report} report */
  #show(report) {
    this.report = report;
    this.#tell("report", report);
  }

  /** @param {string} sentence */
  #crashed(sentence) {
    this.#booted = this.#hasData = this.#lives = false;
    this.#become(this.#record ? (this.#record.over ? "finished" : "paused") : "none");
    if (this.#record) this.#show(this.#record.report);
    this.#tell("failed", sentence);
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
