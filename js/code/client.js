// @ts-check
// Runs edited code in a Python worker of its own, which is terminated when the code does not come to an end.

import { Recognizer } from "../python/client.js";

/** @typedef {import("../python/client.js").Request} Request @typedef {import("../python/client.js").Matrix} Matrix */
/** @typedef {{ file: string, line: number, column: number | null, function: string }} Frame */
/** @typedef {{ text: string, frames: Frame[] }} Problem */
/** @template T @typedef {{ result: T | null, problem: Problem | null, printed: string }} Outcome */

/** Code that takes longer than this (ms) is stopped. */
const LIMIT = 8000;

/** The code did not come to an end, or took Python down; the message is a sentence. */
export class Stopped extends Error {}

export class CodeClient {
  #python = new Recognizer();
  /** The original files, once Python has started. @type {Promise<Record<string, string>> | null} */
  #originals = null;
  #failed = "";
  /** The weights file that Python has. */
  #opened = "";

  /** Settled when the requests before are answered. @type {Promise<any>} */
  #turn = Promise.resolve();

  constructor() {
    this.#python.addEventListener("failed", (event) => {
      this.#failed = /** @type {CustomEvent<string>} */ (event).detail;
      this.#originals = null;
    });
  }

  /** Start Python unless it runs. @returns {Promise<Record<string, string>>} the text of each file that can be edited */
  start() {
    if (!this.#originals) {
      this.#failed = this.#opened = "";
      this.#python.start();
      this.#originals = this.#python.ask({ kind: "editable", archives: ["sources", "random"] });
      this.#originals.catch(() => (this.#originals = null));
    }
    return this.#originals;
  }

  /**
   * Ask when the requests before are answered, and stop Python if the answer takes too long.
   * @param {Request} request about the edited code @param {Request} opening opens the network that it computes with
   * @returns {Promise<Outcome<any>>} @throws {Stopped}
   */
  run(request, opening) {
    const answer = this.#turn.then(() => this.#ask(request, opening));
    this.#turn = answer.catch(() => {});
    return answer;
  }

  /** @param {Request} request @param {Request} opening */
  async #ask(request, opening) {
    await this.start();
    const { file } = /** @type {{ file: string }} */ (opening.values);
    if (opening.contents || file !== this.#opened) await this.#python.ask(opening);
    this.#opened = file;
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.stop();
    }, LIMIT);
    try {
      return await this.#python.ask(request);
    } catch (error) {
      if (late) throw new Stopped("The code ran for more than 8 seconds and was stopped: is there an endless loop?");
      if (this.#failed)
        throw new Stopped("The code made Python stop, perhaps by an endless recursion. Change it to start again.");
      throw new Stopped(/** @type {Error} */ (error).message);
    } finally {
      clearTimeout(timer);
    }
  }

  /** @param {Record<string, string>} files @returns {Promise<string>} a patch; "" if nothing is changed */
  async diff(files) {
    await this.start();
    return (await this.#python.ask({ kind: "diff", values: { files }, archives: ["difflib"] })).patch;
  }

  /** @returns {Promise<import("./exercises.js").Exercise[]>} */
  async exercises() {
    await this.start();
    return this.#python.ask({ kind: "exercises" });
  }

  /** Terminate Python; `run` starts it again. */
  stop() {
    this.#originals = null;
    this.#python.stop();
  }
}
