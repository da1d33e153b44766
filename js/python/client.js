// @ts-check
// The Python worker as an async object.

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
 * @property {Matrix[]} activations  what each layer sent on
 * @property {import("../inside/room.js").Seen | null} inside  null unless the request asked for it
 */
/**
 * @typedef {{ kind: string, values?: object, pixels?: Uint8Array, files?: string[], contents?: Record<string, Uint8Array>,
 *             packages?: string[] }} Request  as worker.js takes it
 */
/** @typedef {{ doing: string, done?: number, total?: number }} Progress  bytes */

/** What went wrong, in a sentence for the person. */
export class RecognizerError extends Error {}

/** Tells with events: `progress`, `unread` (one drawing was not read), `failed` (nothing works until `start` is called again). */
export class Recognizer extends EventTarget {
  /** @type {Worker | null} */
  #worker = null;
  #id = 0;
  /** @type {Map<number, { resolve: (answer: any) => void, reject: (error: Error) => void }>} */
  #asked = new Map();
  /** @type {(() => Promise<void>) | null} the newest drawing that waits to be read */
  #next = null;
  #reading = false;

  /** Boot Python; also again after it failed. */
  start() {
    this.#worker?.terminate();
    this.#forget(new RecognizerError("Python was started again."));
    if (typeof WebAssembly !== "object" || !WebAssembly.instantiateStreaming) return this.#tooOld("WebAssembly");
    let modules = false;
    const worker = new Worker(new URL("worker.js", import.meta.url), {
      get type() {
        modules = true; // only a browser that has module workers asks
        return /** @type {const} */ ("module");
      },
    });
    if (!modules) {
      worker.terminate();
      return this.#tooOld("module workers");
    }
    worker.onmessage = ({ data }) => this.#receive(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#fail("js/python/worker.js could not be started: check that the server still runs, then try again.");
    };
    this.#worker = worker;
  }

  /** End Python; `start` begins it anew. */
  stop() {
    this.#worker?.terminate();
    this.#worker = null;
    this.#forget(new RecognizerError("Python was ended."));
  }

  /** @param {Request} request @returns {Promise<any>} py/web's answer @throws {RecognizerError} */
  ask(request) {
    const id = ++this.#id;
    return new Promise((resolve, reject) => {
      if (!this.#worker) return reject(new RecognizerError("Python is not running."));
      this.#asked.set(id, { resolve, reject });
      this.#worker.postMessage({ id, ...request }, request.pixels ? [request.pixels.buffer] : []);
    });
  }

  /**
   * Read a drawing as soon as the one before it is answered; of those that come meanwhile, only the newest is read.
   * @param {() => { revision: number } & Request} drawing asked for when its turn comes
   * @param {(reading: Reading) => void} show
   */
  read(drawing, show) {
    this.#next = async () => {
      const { revision, ...request } = drawing();
      show({ revision, ...(await this.ask(request)) });
    };
    if (!this.#reading) this.#readOn();
  }

  async #readOn() {
    this.#reading = true;
    try {
      while (this.#next && this.#worker) {
        const read = this.#next;
        this.#next = null;
        try {
          await read();
        } catch (error) {
          if (!(error instanceof RecognizerError)) throw error;
          if (this.#worker) this.dispatchEvent(new CustomEvent("unread", { detail: error.message })); // else it was told by `failed`
        }
      }
    } finally {
      this.#reading = false;
    }
  }

  /** @param {any} message */
  #receive({ id, answer, floats, error, progress, failed }) {
    if (progress) this.dispatchEvent(new CustomEvent("progress", { detail: progress }));
    if (failed) this.#fail(failed);
    const asked = this.#asked.get(id);
    if (!asked) return;
    this.#asked.delete(id);
    if (error) asked.reject(new RecognizerError(error));
    else asked.resolve(unpack(answer, floats));
  }

  /** @param {string} feature */
  #tooOld(feature) {
    this.#fail(`This browser has no ${feature}, which running Python needs: please open the page in a current browser.`);
  }

  /** @param {string} sentence */
  #fail(sentence) {
    this.#worker?.terminate();
    this.#worker = null;
    this.#forget(new RecognizerError(sentence));
    this.dispatchEvent(new CustomEvent("failed", { detail: sentence }));
  }

  /** @param {Error} reason */
  #forget(reason) {
    this.#next = null;
    for (const { reject } of this.#asked.values()) reject(reason);
    this.#asked.clear();
  }
}

/** Put the arrays back where py/web/shared_memory.py took them out. @param {any} value @param {Float32Array} floats @returns {any} */
function unpack(value, floats) {
  if (Array.isArray(value)) return value.map((each) => unpack(each, floats));
  if (value === null || typeof value !== "object") return value;
  if ("bytes" in value) return new Uint8Array(floats.buffer, 4 * value.at, value.bytes).slice();
  if ("shape" in value) {
    const size = value.shape.reduce((/** @type {number} */ product, /** @type {number} */ side) => product * side, 1);
    return { shape: value.shape, data: floats.subarray(value.at, value.at + size) };
  }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, unpack(each, floats)]));
}
