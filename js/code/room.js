// @ts-check
// The room Code: the source files that read a digit, an editor for them, and what the edited code does.

import { fetchSamples } from "../draw/sample_digits.js";
import { element } from "../page.js";
import { save } from "../save_file.js";
import { storedEdits, storeEdits } from "../stored_edits.js";
import { debounce } from "../when.js";
import { changesView, openLinkedPatch } from "./changes.js";
import { CodeClient, Stopped } from "./client.js";
import { consoleView } from "./console.js";
import { Editor, loadAce } from "./editor.js";
import { exercisesView } from "./exercises.js";
import { checksView, comparisonView, lossView, problemView } from "./results.js";

/** @typedef {import("../state.js").State} State */
/** @typedef {import("../python/client.js").Reading} Reading @typedef {import("../models.js").Models} Models */

/** The code runs once typing has paused for this long (ms). */
const PAUSE = 500;

const INTERRUPTED =
  "KeyboardInterrupt: Python starts again. Your drawing and your edits are kept; names that you defined here are gone.";

/** The line that the editor opens at. */
const FIRST_SEEN = 'class Dense(Layer, word="128"):';

export class CodeRoom {
  #state;
  #pixels;
  #models;
  #sayLink;
  #python = new CodeClient();
  /** @type {Record<string, string>} */
  #originals = {};
  /** Edited files by name. @type {Record<string, string>} */
  #edits = {};
  /** @type {Editor | null} */
  #editor = null;
  #isStarting = false;
  #file = "";
  /** What was opened of the URL. */
  #source = "";
  /** @type {Float32Array | null} */
  #original = null;
  #working = false;
  #readNext = false;
  #checkNext = false;
  #isStopped = false;
  #picker = /** @type {HTMLSelectElement} */ (element("code-file"));
  #prediction = /** @type {HTMLOutputElement} */ (element("edited-prediction"));
  #compare = comparisonView(element("edited-bars"));
  #showChecks = checksView(element("code-checks"));
  #showLoss = lossView(element("code-loss"));
  #showProblem = problemView(element("code-problem"), (frame) => this.#open(frame.file, frame.line, frame.column ?? 1));
  #showChanges = () => {};
  #runLater = debounce(() => this.#run(), PAUSE);
  #storeLater = debounce(() => this.#store(), PAUSE);

  /**
   * @param {State} state @param {() => Uint8Array} pixels  the drawing: 280×280 bytes @param {Models} models
   * @param {(sentence: string) => void} sayLink  what is wrong with a link to code; "" if nothing is
   */
  constructor(state, pixels, models, sayLink) {
    this.#state = state;
    this.#sayLink = sayLink;
    state.include({ source: "" });
    this.#pixels = pixels;
    this.#models = models;
    this.#picker.addEventListener("change", () => {
      state.set({ source: this.#picker.value });
      this.#open(this.#picker.value);
    });
    element("code-run").addEventListener("click", () => this.#run());
    element("edit-reset").addEventListener("click", () => this.#reset([this.#file]));
    element("edit-reset-all").addEventListener("click", () => {
      this.#python.restart(); // edited code may have changed what it does not own, NumPy for example
      this.#reset(Object.keys(this.#edits));
    });
    element("code-save").addEventListener("click", () => {
      save(new Blob([this.#text(this.#file)], { type: "text/x-python" }), this.#file.replace(/.*\//, ""));
    });
    consoleView(/** @type {HTMLTextAreaElement} */ (element("console-input")), element("console-output"), {
      run: (text) => this.#outcome("console_edited", { text }),
      complete: async (text) => (await this.#outcome("complete_edited", { text })).result ?? [],
      interrupt: () => this.#python.stop(INTERRUPTED),
    });
    addEventListener("pagehide", () => this.#editor && this.#store());
    state.addEventListener("change", () => this.#arrive());
    this.#arrive();
  }

  /** The page has read the drawing with the original code. @param {Reading} reading */
  show({ probabilities, digit }) {
    this.#original = digit === null ? null : probabilities.data;
    if (this.#isOpen && this.#editor && !this.#isStopped) this.#want();
  }

  get #isOpen() {
    return this.#state.values.room === "code";
  }

  async #arrive() {
    if (!this.#isOpen) return this.#editor ? this.#store() : this.#python.stop();
    if (this.#editor && this.#state.values.source !== this.#source) this.#openSource();
    if (this.#editor || this.#isStarting) return;
    this.#isStarting = true;
    this.#say("Starting a second Python for your code …");
    /** @type {import("./exercises.js").Exercise[]} */
    let exercises;
    try {
      const [originals, edits] = await Promise.all([this.#python.start(), storedEdits()]);
      exercises = await this.#python.exercises();
      this.#originals = originals;
      this.#edits = Object.fromEntries(Object.entries(edits).filter(([file]) => Object.hasOwn(originals, file)));
      this.#editor = new Editor(
        await loadAce(),
        element("editor"),
        (file, text) => this.#edit(file, text),
        () => this.#run(),
      );
    } catch (error) {
      this.#python.stop();
      this.#say(`The editor could not start, press Run to try again: ${/** @type {Error} */ (error).message}`);
      return;
    } finally {
      this.#isStarting = false;
    }
    this.#picker.replaceChildren(...Object.keys(this.#originals).map((file) => new Option(`py/${file}`, file)));
    const begin = (/** @type {string} */ file, /** @type {string} */ text) => {
      this.#open(file);
      this.#editor?.replace(file, text);
    };
    this.#showChanges = changesView(() => this.#python.diff(this.#edits));
    const openLinked = () =>
      openLinkedPatch(
        (patch) => this.#python.apply(patch),
        (edits) => {
          for (const [file, text] of Object.entries(edits)) begin(file, text);
        },
        this.#sayLink,
      );
    addEventListener("hashchange", openLinked);
    exercisesView(exercises, begin, async (name) => {
      const { result, text } = await this.#outcome("exercise_edited", { name });
      return `${text}${result ?? ""}`;
    });
    this.#openSource();
    openLinked();
    this.#run();
  }

  /** Open the file, at the line, that the URL names; else the layer Dense. */
  #openSource() {
    const [file, line] = this.#state.values.source.split(":");
    if (Object.hasOwn(this.#originals, file)) return this.#open(file, Number(line) || 1);
    this.#open("nn/layers.py");
    this.#editor?.goTo(this.#text("nn/layers.py").split("\n").indexOf(FIRST_SEEN) + 1, 1, false);
  }

  /** @param {string} file */
  #text(file) {
    return this.#edits[file] ?? this.#originals[file];
  }

  /** @param {string} file @param {number} [line] @param {number} [column] */
  #open(file, line, column) {
    this.#source = this.#state.values.source;
    this.#file = this.#picker.value = file;
    this.#editor?.show(file, this.#text(file));
    if (line) this.#editor?.goTo(line, column);
    this.#showEdits();
  }

  /** @param {string} file @param {string} text */
  #edit(file, text) {
    if (text === this.#text(file)) return;
    if (text === this.#originals[file]) delete this.#edits[file];
    else this.#edits[file] = text;
    this.#storeLater();
    this.#showEdits();
    this.#runLater();
  }

  #store() {
    this.#storeLater.cancel();
    storeEdits(this.#edits);
  }

  /** @param {string[]} files */
  #reset(files) {
    for (const file of files) {
      delete this.#edits[file];
      this.#editor?.replace(file, this.#originals[file]);
    }
    this.#store();
    this.#showEdits();
    this.#run();
  }

  #showEdits() {
    this.#showChanges();
    for (const option of this.#picker.options)
      option.text = `py/${option.value}${option.value in this.#edits ? " (edited)" : ""}`;
    /** @type {HTMLButtonElement} */ (element("edit-reset")).disabled = !(this.#file in this.#edits);
    /** @type {HTMLButtonElement} */ (element("edit-reset-all")).disabled = !Object.keys(this.#edits).length;
  }

  /** Read the drawing with the edited code, and check the code as well. */
  #run() {
    if (!this.#editor) return this.#arrive();
    this.#runLater.cancel();
    this.#isStopped = false;
    this.#checkNext = true;
    this.#say("Running …");
    this.#want();
  }

  /** Do what is wanted, one thing after another; a newer drawing comes before the checks. */
  async #want() {
    this.#readNext = true;
    if (this.#working || !this.#models.current) return; // the first reading comes back here
    this.#working = true;
    try {
      while (this.#readNext) {
        this.#readNext = false;
        const works = await this.#read();
        if (this.#readNext || !this.#checkNext) continue;
        this.#checkNext = false;
        if (works) await this.#check();
      }
    } catch (error) {
      this.#fail(error);
    }
    this.#working = false;
  }

  /** @returns {Promise<boolean>} whether the code could read the drawing */
  async #read() {
    const { result, problem, printed } = await this.#ask("read_edited", {}, this.#pixels());
    const frame = problem?.frames.at(-1);
    this.#showProblem(problem);
    this.#editor?.mark(frame?.file ?? "", frame ? [{ ...frame, text: problem?.text ?? "" }] : []);
    this.#show(result);
    element("code-output").textContent = printed;
    element("code-output").hidden = !printed;
    if (!problem) return true;
    this.#showChecks([]);
    this.#say(problem.text);
    return false;
  }

  async #check() {
    const samples = await fetchSamples();
    const { result: checks, problem } = await this.#ask("check_edited", { samples });
    if (this.#checkNext) return; // the code has changed
    this.#showProblem(problem);
    this.#showChecks(checks ?? []);
    if (!checks) return this.#say(problem?.text ?? "");
    const failed = checks.filter((/** @type {{ passed: boolean }} */ { passed }) => !passed).length;
    this.#say(failed ? `${failed} of ${checks.length} checks failed.` : "All checks passed.");
    if (!samples.length) return;
    const curve = await this.#ask("curve_edited", { samples });
    if (this.#checkNext) return;
    if (curve.result) this.#showLoss(curve.result.original.data, curve.result.edited.data);
    this.#showProblem(curve.problem);
  }

  /** @param {import("./results.js").EditedReading | null} reading */
  #show(reading) {
    const hasInk = reading !== null && reading.digit !== null;
    this.#prediction.value = hasInk ? String(reading.digit) : "";
    this.#compare(this.#original, hasInk ? reading.probabilities.data : null);
  }

  /** What a request returned, and what it printed or what went wrong with it. @param {string} kind @param {object} values */
  async #outcome(kind, values) {
    try {
      const { result, problem, printed } = await this.#ask(kind, values, this.#pixels());
      return { result, text: `${printed}${problem?.text ?? ""}` };
    } catch (error) {
      return { result: null, text: /** @type {Error} */ (error).message };
    }
  }

  /**
   * @param {string} kind @param {object} values @param {Uint8Array} [pixels]
   * @returns {Promise<import("./client.js").Outcome<any>>}
   */
  #ask(kind, values, pixels) {
    const opening = this.#models.opening();
    const { file: network } = /** @type {{ file: string }} */ (opening.values);
    return this.#python.run({ kind, values: { files: this.#edits, network, ...values }, pixels }, opening);
  }

  /** @param {unknown} error */
  #fail(error) {
    if (!(error instanceof Stopped)) throw error;
    this.#isStopped = true; // until the code changes
    this.#readNext = this.#checkNext = false;
    this.#show(null);
    this.#showProblem({ text: error.message, frames: [] });
    this.#say(error.message);
  }

  /** @param {string} sentence */
  #say(sentence) {
    element("edited-status").textContent = sentence;
  }
}
