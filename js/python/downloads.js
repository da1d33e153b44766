// @ts-check
// Files on their way: all fetched at the same time, each handed out when it is asked for, and counted as they come in.

/** A file that could not be had. */
export class DownloadError extends Error {
  /** @param {string} path @param {string} reason @param {boolean} [missing] the host has no such file */
  constructor(path, reason, missing = false) {
    super(`${path} could not be loaded (${reason})`);
    this.missing = missing;
  }
}

/** @typedef {{ done: number, total: number }} Bytes */

export class Downloads {
  /** @type {Map<string, Promise<Response>>} by address, until somebody takes it */
  #started = new Map();
  #bytes = { done: 0, total: 0 };
  #report;

  /** @param {URL} root what paths are relative to @param {(bytes: Bytes) => void} report called whenever bytes come in */
  constructor(root, report) {
    this.root = root;
    this.#report = report;
  }

  /** Count from nothing again: what comes now is another matter. */
  recount() {
    this.#bytes = { done: 0, total: 0 };
  }

  /** Begin to fetch. @param {string} path @param {number} [size] in bytes, as unpacked */
  start(path, size = 0) {
    this.#bytes.total += size;
    const response = this.#get(path, size > 0);
    response.catch(() => {}); // said when somebody takes it
    this.#started.set(this.address(path), response);
  }

  /** @param {string} path @returns {Promise<Uint8Array>} @throws {DownloadError} */
  async bytes(path) {
    const response = await (this.take(this.address(path)) ?? this.#get(path, false));
    try {
      return new Uint8Array(await response.arrayBuffer());
    } catch {
      throw new DownloadError(path, "the connection broke off");
    }
  }

  /** @param {string} path @throws {DownloadError} @returns {Promise<any>} */
  async json(path) {
    try {
      return JSON.parse(new TextDecoder().decode(await this.bytes(path)));
    } catch (error) {
      throw error instanceof DownloadError ? error : new DownloadError(path, "it is not JSON");
    }
  }

  /** The response to a request begun earlier, once. @param {string} address @returns {Promise<Response> | undefined} */
  take(address) {
    const response = this.#started.get(address);
    this.#started.delete(address);
    return response;
  }

  /** @param {string} path */
  address(path) {
    return new URL(path, this.root).href;
  }

  /** @param {string} path @param {boolean} counted @returns {Promise<Response>} */
  async #get(path, counted) {
    let response;
    try {
      response = await fetchNow(this.address(path));
    } catch {
      throw new DownloadError(path, "no answer from its host");
    }
    if (!response.ok || !response.body) {
      throw new DownloadError(path, `its host answers ${response.status}`, response.status === 404);
    }
    if (!counted) return response;
    const counter = new TransformStream({
      transform: (chunk, controller) => {
        this.#bytes.done += chunk.length;
        this.#report(this.#bytes);
        controller.enqueue(chunk);
      },
    });
    return new Response(response.body.pipeThrough(counter), { headers: response.headers });
  }
}

/** The browser's own fetch, whatever the worker puts in its place. */
const fetchNow = fetch.bind(globalThis);
