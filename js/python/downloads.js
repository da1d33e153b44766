// @ts-check
// Files of the site: how they are downloaded, and which of them Python starts from.

import { isCopied, ROOT } from "./start_worker.js";

const WASM = "vendor/runtime/pyodide.asm.wasm";

/** Where an archive of py/hosting/prepared_runtime.py is. @param {string} name */
export const archivePath = (name) => `archives/${name}.tar.gz`;

/** A file that could not be loaded. */
export class DownloadError extends Error {
  /** @param {string} path @param {string} reason @param {boolean} [missing] the host has no such file */
  constructor(path, reason, missing = false) {
    super(`${path} could not be loaded (${reason})`);
    this.missing = missing;
  }
}

/** @param {string} path @returns {Promise<Response>} @throws {DownloadError} */
async function download(path) {
  let response;
  try {
    response = await fetch(new URL(path, ROOT));
  } catch {
    throw new DownloadError(path, "its host does not answer");
  }
  if (response.ok && response.body) return response;
  if (response.status === 503) throw new DownloadError(path, (await response.text()).trim()); // serve.py says why
  throw new DownloadError(path, `its host answers ${response.status}`, response.status === 404);
}

/** @typedef {(arrived: number) => void} Report  is called with the size of every piece that arrives, in bytes */

/** @param {string} path @returns {Promise<Uint8Array>} @throws {DownloadError} */
export async function bytes(path) {
  const response = await download(path);
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch {
    throw new DownloadError(path, "the connection broke off");
  }
}

/**
 * The tar file in an archive.
 * @param {string} path @param {Report} report @returns {Promise<Uint8Array>} @throws {DownloadError}
 */
export async function archive(path, report) {
  const response = counted(await download(path), report);
  try {
    const tar = /** @type {ReadableStream<BufferSource>} */ (response.body).pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(tar).arrayBuffer());
  } catch {
    throw new DownloadError(path, "it is incomplete or damaged");
  }
}

/** @param {string} path @param {Report} report @returns {Promise<WebAssembly.Module>} @throws {DownloadError} */
export async function compile(path, report) {
  const response = await download(path);
  const type = response.headers.get("Content-Type");
  try {
    const body = counted(response, report);
    if (type === "application/wasm") return await WebAssembly.compileStreaming(body);
    return await WebAssembly.compile(await body.arrayBuffer());
  } catch {
    throw new DownloadError(path, "it is incomplete or damaged");
  }
}

/**
 * On the first visit alone: later, nobody waits for the network.
 * @param {Response} response @param {Report} report
 */
function counted(response, report) {
  if (isCopied) return response;
  const counter = new TransformStream({
    transform(chunk, controller) {
      report(chunk.length);
      controller.enqueue(chunk);
    },
  });
  return new Response(response.body?.pipeThrough(counter), { headers: response.headers });
}

/** The bytes of Pyodide's WebAssembly that have arrived, and who is told of them. */
const arrived = { bytes: 0, report: /** @type {Report} */ (() => {}) };

function compilePyodide() {
  arrived.bytes = 0;
  return compile(WASM, (size) => {
    arrived.bytes += size;
    arrived.report(size);
  });
}

/** Begins at once: nothing takes longer until Python runs. @type {Promise<WebAssembly.Module> | null} */
let compiled = compilePyodide();
compiled.catch(() => {}); // pyodideModule throws it

/**
 * Pyodide's WebAssembly, compiled as it arrives; one module serves all workers.
 * @param {Report} report @returns {Promise<WebAssembly.Module>} @throws {DownloadError}
 */
export function pyodideModule(report) {
  compiled ??= compilePyodide();
  arrived.report = report;
  report(arrived.bytes);
  return compiled.catch((error) => {
    compiled = null; // the next start tries again
    throw error;
  });
}

/** The archives with all that the page needs at first. */
export const USUAL = ["python", "page"];

/**
 * @typedef {(parts: Record<string, any>, transferred?: Uint8Array[]) => void} Give  sends the worker parts that it starts from
 */
/**
 * @typedef {object} Source  what Python starts from besides Pyodide
 * @property {import("./snapshot/restore.mjs").Facts | null} snapshot
 * @property {string[]} paths  of its downloads
 * @property {(give: Give, report: Report) => Promise<void>} give  rejected with a DownloadError
 * @property {(request: Request) => Request | { answer: any }} complete  what that Python needs for a request, or its answer
 *
 * @typedef {import("./client.js").Request} Request
 * @typedef {{ source: Promise<Source>, arrived?: Report }} Choice  arrived: is told of the bytes of Pyodide's WebAssembly
 */

/** @type {Source} */
export const ARCHIVES = {
  snapshot: null,
  paths: USUAL.map(archivePath),
  async give(give, report) {
    const archives = await Promise.all(this.paths.map((path) => archive(path, report)));
    give({ archives }, archives);
  },
  complete: (request) => request,
};

/**
 * Give a worker what Python starts from, each part as soon as it is there.
 * @param {Give} give @param {Choice} choice @param {Record<string, string>} edits
 * @param {(paths: Promise<string[]>) => Report} progress  of these downloads
 * @throws {DownloadError}
 */
export async function giveParts(give, { source, arrived }, edits, progress) {
  const report = progress(source.then(({ paths }) => [WASM, ...paths]));
  const module = pyodideModule((size) => {
    arrived?.(size);
    report(size);
  });
  const others = source.then((source) => {
    give({ start: { snapshot: source.snapshot, edits } });
    return source.give(give, report);
  });
  await Promise.all([module.then((module) => give({ module })), others]);
}

/**
 * Replace what is damaged or missing in the offline copy that this page came from.
 * @returns {Promise<boolean>} whether anything was
 */
export function repairOfflineCopy() {
  const controller = navigator.serviceWorker?.controller;
  if (!controller) return Promise.resolve(false);
  const { port1, port2 } = new MessageChannel();
  controller.postMessage("repair", [port2]); // to sw.js
  return new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data > 0)));
}

/** Why a script could not be run. @param {string} path @returns {Promise<DownloadError>} */
export async function scriptProblem(path) {
  try {
    const type = (await download(path)).headers.get("Content-Type");
    const served = /javascript/.test(type ?? "");
    return new DownloadError(path, served ? "it is damaged" : `its host calls it ${type}, not text/javascript`);
  } catch (error) {
    return /** @type {DownloadError} */ (error);
  }
}

/**
 * @typedef {object} Downloads
 * @property {Record<string, number>} sizes  bytes by path; empty if that is not known
 * @property {import("./snapshot/restore.mjs").Facts | null} snapshot
 */
/** @type {Promise<Downloads> | undefined} */
let known;

/** What there is to download. */
export function downloads() {
  known ??= bytes("archives/downloads.json")
    .then((json) => JSON.parse(new TextDecoder().decode(json)))
    .catch(() => ({ sizes: {}, snapshot: null }));
  return known;
}

/** 5_120_000 → "5.1". @param {number} bytes */
export const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
