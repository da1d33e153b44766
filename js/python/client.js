// @ts-check
// The Python worker as an async object: it downloads what Python needs, and passes requests and answers.

import { ARCHIVES, archive, archivePath, bytes, DownloadError, downloads, giveParts, scriptProblem } from "./downloads.js";
import { chooseSource } from "./snapshot/source.js";
import { firstWorker, startWorker } from "./start_worker.js";

/** @typedef {import("./downloads.js").Source} Source */
/** @typedef {{ shape: number[], data: Float32Array }} Matrix  an array of NumPy's */
/**
 * @typedef {object} Reading  one drawing, read
 * @property {number} revision  the ink's revision that was read
 * @property {number | null} digit  the likeliest digit; null where there is no ink
 * @property {number | null} second  the next likely one
 * @property {number} confidence  0…1
 * @property {"empty" | "digit" | "unsure" | "not-a-digit"} verdict
 * @property {Matrix} probabilities  (10,)
 * @property {Matrix} image  (28, 28), 0…1: what the network saw
 * @property {Matrix[]} activations  the output of each layer
 * @property {import("../inside/room.js").Inspection | null} inside  for the room Inside, while it is open
 */
/**
 * @typedef {{ kind: string, values?: object, pixels?: Uint8Array, files?: string[], contents?: Record<string, Uint8Array>,
 *             archives?: string[] }} Request
 *   kind: a name in the REQUESTS of py/web; values: its named arguments; pixels: a drawing, 280×280 bytes;
 *   files: paths of files of the site that it reads; contents: files that the page brings, by path;
 *   archives: names of archives that hold what it imports beyond the usual
 */
/** @typedef {{ doing: string, done?: number, total?: number }} Progress  bytes */

/** Python is called busy when it has not answered for this long (ms). */
const PATIENCE = 5000;

/** What the downloads are for. @type {Record<string, string>} */
const DOING = {
  python: "Fetching Python and NumPy",
  random: "Fetching NumPy’s random numbers",
  pillow: "Fetching Pillow, which decodes pictures",
  sources: "Fetching the source code",
  editing: "Fetching Python’s tools for editing",
};

/** What went wrong, in a sentence for the person. */
export class RecognizerError extends Error {}

/** @type {import("./downloads.js").Choice} */
const ORDINARY = { source: Promise.resolve(ARCHIVES) };

const STOPPED = "Python stopped unexpectedly: your drawing is safe, try again.";

/**
 * Tells with events: `progress`, `busy` (true, then false), `unread` (one drawing was not read), `failed` (nothing works until
 * `start` is called again).
 */
export class Recognizer extends EventTarget {
  /** @type {Worker | null} */
  #worker = null;
  #id = 0;
  /** @type {Map<number, { resolve: (answer: any) => void, reject: (error: Error) => void }>} */
  #asked = new Map();
  /** @type {{ drawing: () => { revision: number } & Request, show: (reading: any) => void } | null} the newest that waits */
  #next = null;
  #reading = false;
  /** What is unpacked in Python, or will be. @type {Map<string, Promise<Uint8Array>>} */
  #archives = new Map();
  /** Settled when the requests before have been passed on. @type {Promise<any>} */
  #turn = Promise.resolve();
  #started = false;
  /** Edited files, by path. @type {Record<string, string>} */
  #edits = {};
  /** What Python is to start from. @type {Promise<Source>} */
  #chosen = ORDINARY.source;
  /** What it starts from, once that is certain. @type {PromiseWithResolvers<Source>} */
  #source = Promise.withResolvers();
  #restores;
  #busy = false;
  /** Requests that Python has, but not answered. @type {Set<number>} */
  #posted = new Set();
  #waiting = 0;
  /** Why nothing works until `start` is called again, in a sentence; "" while it may. */
  problem = "";
  /** What it downloads or starts now. @type {Progress} */
  progress = { doing: "" };

  /** @param {{ restores?: boolean }} [options] restores: from a snapshot, where there is one */
  constructor({ restores = false } = {}) {
    super();
    this.#restores = restores;
  }

  /**
   * Start Python; also again after it failed.
   * @param {Record<string, string>} [edits] text of edited Python files, by path
   * @param {ReturnType<typeof startWorker>} [started]
   */
  start(edits = {}, started = startWorker()) {
    this.#end("Python was started again.");
    this.problem = "";
    this.#edits = edits;
    this.#worker = started?.worker ?? null;
    if (typeof WebAssembly !== "object" || !WebAssembly.instantiateStreaming) return this.#tooOld("WebAssembly");
    if (!started) return this.#tooOld("module workers");
    const { worker, failed } = started;
    worker.onmessage = ({ data }) => this.#receive(data);
    failed.then(() => this.#stopped({ script: this.#started ? undefined : "js/python/worker.js" }, worker));
    this.#giveParts(worker, this.#restores ? chooseSource() : ORDINARY);
  }

  /** @param {Worker} worker @param {import("./downloads.js").Choice} choice */
  async #giveParts(worker, choice) {
    /** @type {import("./downloads.js").Give} */
    const give = (parts, transferred = []) => {
      if (worker === this.#worker) worker.postMessage(parts, transferable(transferred));
    };
    try {
      this.#chosen = choice.source;
      choice.source.then((source) => source === ARCHIVES && this.#source.resolve(source));
      await giveParts(give, choice, this.#edits, (paths) => this.#progress(DOING.python, paths));
    } catch (error) {
      if (worker === this.#worker) this.#fail(sentence(error));
    }
  }

  /** Terminate Python; `start` starts it again. */
  stop() {
    this.#end("Python was stopped.");
  }

  /** @param {Request} request @returns {Promise<any>} py/web's answer @throws {RecognizerError} */
  ask(request) {
    const id = ++this.#id;
    const answer = new Promise((resolve, reject) => this.#asked.set(id, { resolve, reject }));
    if (this.#worker) this.#send(id, request, this.#worker);
    else this.#settle(id, { error: "Python is not running." });
    return answer;
  }

  /**
   * Download what the request needs, and pass it on in its turn.
   * @param {number} id @param {Request} request @param {Worker} worker
   */
  async #send(id, request, worker) {
    const turn = this.#turn;
    const downloads = this.#download(request);
    this.#turn = Promise.allSettled([turn, downloads]).then(() => {}); // its values would hold those of all turns before
    try {
      const { answer, files = [], archives = [] } = await downloads;
      await turn;
      if (answer) return this.#settle(id, { answer });
      const { kind, values, pixels } = request;
      const contents = { ...request.contents, ...Object.fromEntries(files) };
      const message = { id, kind, values, pixels, contents, archives: archives.filter((tar) => tar.length) };
      const transferred = [...message.archives, ...files.map(([, bytes]) => bytes), ...(pixels ? [pixels] : [])];
      if (!this.#asked.has(id)) return;
      worker.postMessage(message, transferable(transferred));
      this.#posted.add(id);
      if (this.#posted.size === 1) this.#watch();
    } catch (error) {
      this.#settle(id, { error: `${/** @type {Error} */ (error).message}.` });
    }
  }

  /**
   * What a request needs of the host, or its answer if that is known.
   * @param {Request} request @returns {Promise<{ answer?: any, files?: [string, Uint8Array][], archives?: Uint8Array[] }>}
   */
  async #download(request) {
    const completed = (await this.#source.promise).complete(request);
    if ("answer" in completed) return completed;
    const { files = [], archives = [] } = completed;
    const [fetched, tars] = await Promise.all([
      Promise.all(files.map(bytes)),
      Promise.all(archives.map((name) => this.#archive(name))),
    ]);
    return { files: files.map((path, i) => [path, fetched[i]]), archives: tars };
  }

  /** An archive, which has length 0 once it was transferred to Python. @param {string} name @returns {Promise<Uint8Array>} */
  #archive(name) {
    let tar = this.#archives.get(name);
    if (!tar) {
      const path = archivePath(name);
      tar = archive(path, this.#progress(DOING[name], Promise.resolve([path]))).finally(() =>
        this.#tell("progress", { doing: "" }),
      );
      this.#archives.set(name, tar);
      tar.catch(() => this.#archives.delete(name));
    }
    return tar;
  }

  /**
   * Tells how much of some downloads has arrived.
   * @param {string} doing @param {Promise<string[]>} paths @returns {(size: number) => void}
   */
  #progress(doing, paths) {
    let done = 0;
    let total = 0;
    Promise.all([downloads(), paths]).then(([{ sizes }, paths]) => {
      for (const path of paths) total += sizes[path] ?? 0;
    });
    this.#tell("progress", { doing });
    return (size) => {
      done += size;
      this.#tell("progress", { doing, done, total });
    };
  }

  /**
   * Read a drawing as soon as the one before it is answered; of those that come meanwhile, only the newest is read. Answers are
   * shown in the order of the drawings, each while Python reads the next one.
   * @param {() => { revision: number } & Request} drawing asked for when its turn comes
   * @param {(reading: any) => void} show  gets Python's answer with the drawing's revision: a Reading, unless a number was read
   */
  read(drawing, show) {
    this.#next = { drawing, show };
    if (!this.#reading) this.#readNext();
  }

  async #readNext() {
    const worker = this.#worker;
    if (!this.#next || !worker) return;
    const { drawing, show } = this.#next;
    this.#next = null;
    try {
      const { revision, ...request } = drawing();
      this.#reading = true;
      const answer = await this.ask(request).finally(() => {
        this.#reading = false;
        this.#readNext();
      });
      await this.#turn; // Python has the next one
      if (worker === this.#worker) show({ revision, ...answer });
    } catch (error) {
      if (!(error instanceof RecognizerError)) throw error;
      if (worker === this.#worker) this.#tell("unread", error.message); // else `failed` or a new start dropped it
    }
  }

  /** @param {any} message */
  #receive({ id, answer, error, doing, started, restored, dropped, failed }) {
    if (dropped) this.#drop(dropped);
    else if (started) {
      this.#started = true;
      this.#source.resolve(this.#chosen);
      performance.mark(restored ? "Python restored" : "Python started");
      this.#watch();
    } else if (doing) this.#tell("progress", { doing });
    else if (failed) this.#stopped(failed, this.#worker);
    else this.#settle(id, { answer, error });
  }

  /** Start Python the ordinary way after all. @param {string} reason for developers */
  #drop(reason) {
    performance.mark("snapshot dropped", { detail: reason });
    if (this.#worker) this.#giveParts(this.#worker, ORDINARY);
  }

  /** @param {number} id @param {{ answer?: any, error?: string }} outcome */
  #settle(id, { answer, error }) {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    this.#posted.delete(id);
    this.#watch();
    if (error) asked?.reject(new RecognizerError(error));
    else asked?.resolve(answer);
  }

  /** Tell if Python has requests and answers none of them for a while from now. */
  #watch() {
    clearTimeout(this.#waiting);
    this.#setBusy(false);
    if (this.#started && this.#posted.size) this.#waiting = setTimeout(() => this.#setBusy(true), PATIENCE);
  }

  /** @param {boolean} busy */
  #setBusy(busy) {
    if (busy !== this.#busy) this.#tell("busy", busy);
    this.#busy = busy;
  }

  /** @param {string} what @param {any} detail */
  #tell(what, detail) {
    if (what === "progress") this.progress = detail;
    this.dispatchEvent(new CustomEvent(what, { detail }));
  }

  /** @param {{ script?: string, error?: string }} failed @param {Worker | null} worker */
  async #stopped({ script, error = "" }, worker) {
    const stopped = Object.keys(this.#edits).length ? blame(error) : STOPPED;
    const problem = script ? sentence(await scriptProblem(script)) : stopped;
    if (worker === this.#worker) this.#fail(problem);
  }

  /** @param {string} feature */
  #tooOld(feature) {
    this.#fail(`This browser has no ${feature}, which running Python needs: please open the page in a current browser.`);
  }

  /** @param {string} sentence */
  #fail(sentence) {
    this.#end(sentence);
    this.problem = sentence;
    this.#tell("failed", sentence);
  }

  /** Terminate the worker and drop all requests. @param {string} reason */
  #end(reason) {
    this.#worker?.terminate();
    this.#worker = null;
    this.#next = null;
    for (const { reject } of this.#asked.values()) reject(new RecognizerError(reason));
    this.#asked.clear();
    this.#posted.clear();
    this.#archives.clear();
    this.#turn = Promise.resolve();
    this.#started = false;
    this.#source = Promise.withResolvers();
    this.#watch();
  }
}

/** @param {any} error @returns {string} */
function sentence(error) {
  if (!(error instanceof DownloadError)) return STOPPED;
  if (!error.missing) return `${error.message}: check that the server still runs, then try again.`;
  return (
    `${error.message}. Start the page with “python3 serve.py”, which fetches what is missing; ` +
    "to publish it, use the GitHub Pages workflow or “python3 serve.py --build DIR”."
  );
}

/** Edited code has stopped Python: the last line of the traceback says why. @param {string} error @returns {string} */
function blame(error) {
  const reason = error.trim().split("\n").at(-1)?.slice(0, 300);
  const why = reason ? `: ${reason.replace(/[.:]?$/, ".")}` : ".";
  return `Your edited code has stopped Python${why} Change it in the room Code.`;
}

/** The buffers of these arrays, to be handed over instead of copied. @param {Uint8Array[]} arrays */
const transferable = (arrays) => arrays.map(({ buffer }) => /** @type {ArrayBuffer} */ (buffer));

/** The Python that reads the pad. It is started here, as this script loads before the others. */
export const reader = new Recognizer({ restores: true });
reader.start({}, firstWorker);
