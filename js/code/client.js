// @ts-check
// Runs edited code in a Python worker of its own, which is terminated when the code does not come to an end.

import { Recognizer } from "../python/client.js";
import { listen } from "../when.js";

/** @typedef {import("../python/client.js").Request} Request @typedef {import("../python/client.js").Matrix} Matrix */
/** @typedef {{ file: string, line: number, column: number | null, function: string }} Frame */
/** @typedef {{ text: string, frames: Frame[] }} Problem */
/** @typedef {import("../stored_edits.js").Edits} Edits */
/** @template T @typedef {{ result: T | null, problem: Problem | null, printed: string }} Outcome */

/** Code that takes longer than this (ms) is stopped. */
const LIMIT = 8000;
const LATE = "The code ran for more than 8 seconds and was stopped: is there an endless loop?";
const CRASHED = "The code made Python stop, perhaps by an endless recursion. Change it to start again.";

/** There is no answer; the message says why, in a sentence. */
export class Stopped extends Error {}

export class CodeClient {
  #python = new Recognizer();
  /** The original files, once Python has started. @type {Promise<Edits> | null} */
  #originals = null;
  #failed = "";
  /** Why Python was terminated; "" if it was not. */
  #stopped = "";
  /** The weights file that Python has. */
  #opened = "";

  /** Settled when the requests before are answered. @type {Promise<any>} */
  #turn = Promise.resolve();

  constructor() {
    listen(this.#python, {
      failed: (sentence) => {
        this.#failed = sentence;
        this.#originals = null;
      },
    });
  }

  /** Start Python unless it runs. @returns {Promise<Edits>} the text of each file that can be edited */
  start() {
    if (!this.#originals) {
      this.#failed = this.#stopped = this.#opened = "";
      this.#python.start();
      this.#originals = this.#python.ask({ kind: "editable", archives: ["sources", "random", "editing"] });
      this.#originals.catch(() => (this.#originals = null));
    }
    return this.#originals;
  }

  /**
   * Ask when the requests before are answered, and stop Python if the answer takes too long.
   * @param {Request} request @param {Request} [opening]  opens the network that the request computes with
   * @returns {Promise<any>} @throws {Stopped}
   */
  run(request, opening) {
    const answer = this.#turn.then(() => this.#ask(request, opening));
    this.#turn = answer.catch(() => {});
    return answer;
  }

  /** @param {Request} request @param {Request} [opening] @returns {Promise<any>} */
  async #ask(request, opening) {
    await this.start();
    const file = /** @type {{ file: string } | undefined} */ (opening?.values)?.file;
    if (opening && file && (opening.contents || file !== this.#opened)) {
      await this.#python.ask(opening);
      this.#opened = file;
    }
    const timer = setTimeout(() => this.stop(LATE), LIMIT);
    try {
      return await this.#python.ask(request);
    } catch (error) {
      throw new Stopped(this.#stopped || (this.#failed && CRASHED) || /** @type {Error} */ (error).message);
    } finally {
      clearTimeout(timer);
    }
  }

  /** @param {Edits} files @returns {Promise<string>} a patch; "" if nothing is changed */
  async diff(files) {
    return (await this.run({ kind: "diff", values: { files } })).patch;
  }

  /** @param {string} patch @returns {Promise<Edits>} the files that it changes @throws {Error} where it does not fit them */
  apply(patch) {
    return this.run({ kind: "apply", values: { patch } });
  }

  /** @returns {Promise<import("./exercises.js").Exercise[]>} */
  exercises() {
    return this.run({ kind: "exercises" });
  }

  /** Terminate Python once the requests before are answered. */
  restart() {
    this.#turn = this.#turn.then(() => this.stop());
  }

  /** Terminate Python; the next request starts it again. @param {string} [reason] for whoever waits for an answer */
  stop(reason = "") {
    this.#stopped = reason;
    this.#originals = null;
    this.#python.stop();
  }
}
