// @ts-check
// Files of the site: what Python needs of them, and the workers that they start.

import { chooseSnapshot, linkSpeed, snapshotPaths } from "./snapshot/choose.js";

export const ROOT = new URL("../..", import.meta.url);
const PYODIDE = "vendor/runtime/";
export const WASM = `${PYODIDE}pyodide.asm.wasm`;

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

/** @type {Promise<WebAssembly.Module> | null} */
let compiled = null;

/**
 * Pyodide's WebAssembly, compiled as it arrives; one module serves all workers.
 * @param {Report} report @returns {Promise<WebAssembly.Module>} @throws {DownloadError}
 */
export function pyodideModule(report) {
  compiled ??= compile(WASM, report).catch((error) => {
    compiled = null; // the next start tries again
    throw error;
  });
  return compiled;
}

/** @param {string} path @param {Report} report @returns {Promise<WebAssembly.Module>} @throws {DownloadError} */
export async function compile(path, report) {
  const response = await download(path);
  const type = response.headers.get("Content-Type");
  try {
    // Chromium keeps what it compiled only of a response that nobody else has touched, so bytes are counted on the first visit only.
    const body = navigator.serviceWorker?.controller ? response : counted(response, report);
    if (type === "application/wasm") return await WebAssembly.compileStreaming(body);
    return await WebAssembly.compile(await body.arrayBuffer());
  } catch {
    throw new DownloadError(path, "it is incomplete or damaged");
  }
}

/** @param {Response} response @param {Report} report */
function counted({ body, headers }, report) {
  const counter = new TransformStream({
    transform(chunk, controller) {
      report(chunk.length);
      controller.enqueue(chunk);
    },
  });
  return new Response(body?.pipeThrough(counter), { headers });
}

/** The archives with all that the page needs at first. */
export const USUAL = ["python", "page"];

/** @typedef {(parts: Partial<import("./worker.js").Parts>, transferred?: Uint8Array[]) => void} Give */

/**
 * Give a worker what Python starts from, each part as soon as it is there.
 * @param {Give} give @param {Record<string, string>} edits @param {boolean} restores  from a snapshot, where there is one
 * @param {(paths: Promise<string[]>) => Report} progress  of these downloads
 * @returns {{ restores: Promise<boolean>, given: Promise<any> }} given: rejected with a DownloadError
 */
export function giveParts(give, edits, restores, progress) {
  const link = linkSpeed();
  const chosen = restores ? downloads().then(({ snapshot }) => chooseSnapshot(snapshot, link.isFast)) : Promise.resolve(null);
  const report = progress(chosen.then((facts) => [WASM, ...(facts ? snapshotPaths(facts) : USUAL.map(archivePath))]));
  const module = pyodideModule((size) => {
    link.arrived(size);
    report(size);
  }).then((module) => give({ module }));
  const others = chosen.then((facts) => {
    give({ start: { snapshot: facts, edits } });
    return facts ? giveSnapshot(facts, give, report) : giveArchives(give, report);
  });
  return { restores: chosen.then(Boolean), given: Promise.all([module, others]) };
}

/** @param {Give} give @param {Report} report */
async function giveArchives(give, report) {
  const archives = await Promise.all(USUAL.map((name) => archive(archivePath(name), report)));
  give({ archives }, archives);
}

/** Each part is null if it cannot be had. @param {import("./snapshot/restore.mjs").Facts} facts @param {Give} give @param {Report} report */
async function giveSnapshot(facts, give, report) {
  const [memory, numpy] = snapshotPaths(facts);
  compile(numpy, report).then(
    (module) => give({ numpy: module }),
    () => give({ numpy: null }),
  );
  archive(memory, report).then(
    (tar) => give({ memory: tar }, [tar]),
    () => give({ memory: null }),
  );
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

// Trusted Types: where the browser has them, it loads workers only from URLs that this policy admits.
const WORKERS = ["js/python/worker.js", "sw.js"].map((path) => new URL(path, ROOT).href);

/** @typedef {{ createScriptURL(url: string): any }} Policy  TypeScript's library does not know Trusted Types */
/** @typedef {{ trustedTypes?: { createPolicy(name: string, rules: Policy): Policy } }} Browser */

const policy = /** @type {Browser} */ (globalThis).trustedTypes?.createPolicy("digits-from-scratch", {
  createScriptURL(url) {
    if (!WORKERS.includes(url)) throw new TypeError(`${url} is not a worker of this page.`);
    return url;
  },
});

/** The URL of one of the page's own workers as the browser accepts it. @param {URL} url @returns {URL} @throws {TypeError} */
export const scriptURL = (url) => policy?.createScriptURL(url.href) ?? url;
