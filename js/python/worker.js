// @ts-check
// The Python side of the page: starts Pyodide and passes requests on to py/web. It knows no DOM and downloads nothing
// but Pyodide's own two scripts.
//
// In:  the parts that it starts from:
//        start: { snapshot, edits }  the facts of a snapshot to restore, or null; the text of edited files by path, which
//          take the place of those in the archives
//        module: Pyodide's WebAssembly.Module
//        archives: tar files with Python's files; or, of a snapshot, memory: a tar file, and numpy: a WebAssembly.Module
//      { id, kind, values, pixels?, contents?, archives? }
//      kind: a name in the REQUESTS of py/web; values: its named arguments; pixels: a drawing, 280×280 bytes;
//      contents: files that it will read, bytes by path; archives: tar files with packages that it will import
// Out: { id, answer } or { id, error }         all arrays in the answer share one buffer
//      { doing }, then { started, restored }    while it starts; restored: whether from the snapshot
//      { dropped }                              why the snapshot cannot be used: it waits for the archives
//      { failed: { script?, error } }           nothing works any more; script: the file that could not be imported

const HOME = "/page/";
const RUNTIME = new URL("../../vendor/runtime/", import.meta.url);

/**
 * @typedef {{ id: number, kind: string, values?: object, pixels?: Uint8Array, contents?: Record<string, Uint8Array>,
 *             archives?: Uint8Array[] }} Request
 */

/** The page's own way to send; `lockDown` takes it away from what Python runs. */
const send = self.postMessage.bind(self);

/** What it starts from, each part in a message of its own. @type {Record<string, PromiseWithResolvers<any>>} */
const parts = {};
/** @param {string} name @returns {PromiseWithResolvers<any>} */
const part = (name) => (parts[name] ??= Promise.withResolvers());

const loadKernel = () => import("./kernel.js");
const loadLockDown = () => import("./lockdown.js");
const loadRestore = () => import("./snapshot/restore.mjs");

async function boot() {
  // The largest one first: imports at the top of this file would come before it.
  const scripts = Promise.all([script("pyodide.asm.mjs"), script("pyodide.mjs")]);
  const soon = [scripts, loadKernel(), loadLockDown(), ...(self.name === "copied" ? [loadRestore()] : [])];
  for (const promise of soon) promise.catch(() => {}); // it is awaited where it is needed
  const { snapshot, edits } = await part("start").promise;
  const [{ default: create }, { loadPyodide }] = await scripts;
  // Pyodide asks for its files itself: it gets empty ones, and the module and the archives that are here already.
  self.fetch = async () => new Response();
  WebAssembly.instantiateStreaming = async (_, imports) => {
    /** @type {WebAssembly.Module} */
    const module = await part("module").promise;
    return { module, instance: await WebAssembly.instantiate(module, imports) };
  };
  const load = (/** @type {object} */ options) =>
    loadPyodide({ indexURL: RUNTIME.href, packageBaseUrl: RUNTIME.href, createPyodideModule: create, ...options });
  const restored = snapshot && (await restorePython(load, create, snapshot, loadRestore()));
  const pyodide = restored ?? (await startPython(load, edits));
  send({ doing: "Starting the network" });
  (await loadLockDown()).lockDown();
  const web = pyodide.pyimport("web");
  send({ started: true, restored: Boolean(restored) });
  return { pyodide, ask: web.answer, pixels: web.pixels_address };
}

/** @typedef {(options: object) => Promise<any>} Load  Pyodide's loadPyodide */

/** @param {Load} load @param {Record<string, string>} edits @returns {Promise<any>} Pyodide */
async function startPython(load, edits) {
  const unpacking = Promise.withResolvers();
  const options = {
    lockFileContents: unpacking.promise,
    env: { PYTHONDONTWRITEBYTECODE: "1", PYTHONPATH: `${HOME}py` },
    async fsInit(/** @type {any} */ FS) {
      try {
        for (const archive of await part("archives").promise) unpack(FS, archive);
        for (const [path, text] of Object.entries(edits)) FS.writeFile(HOME + path, text); // Python prefers .py to .pyc
        unpacking.resolve(FS.readFile("/lib/pyodide-lock.json", { encoding: "utf8" }));
      } catch (error) {
        unpacking.reject(error); // Pyodide would wait forever
      }
    },
  };
  const pyodide = await Promise.race([load(options), unpacking.promise.then(() => new Promise(() => {}))]);
  send({ doing: "Starting NumPy" });
  pyodide.runPython("import numpy");
  if (!Object.keys(edits).length) await useKernel(pyodide);
  return pyodide;
}

/** @param {any} pyodide */
async function useKernel(pyodide) {
  const { installKernel, kernelPath } = await loadKernel();
  const path = kernelPath();
  if (path) await installKernel(pyodide, pyodide.FS.readFile(`${HOME}${path}`));
}

/**
 * Python as it was when the snapshot was made; null if there is any doubt about it.
 * @param {Load} load @param {(settings: any) => Promise<any>} create @param {import("./snapshot/restore.mjs").Facts} facts
 * @param {Promise<typeof import("./snapshot/restore.mjs")>} restoring
 * @returns {Promise<any>} Pyodide
 */
async function restorePython(load, create, facts, restoring) {
  try {
    const { check, restore } = await restoring;
    const files = part("memory").promise.then((tar) => new Map(entries(tar)));
    const pyodide = await restore(load, create, { facts, numpy: part("numpy").promise, files });
    await useKernel(pyodide);
    check(pyodide, facts);
    return pyodide;
  } catch (error) {
    send({ dropped: String(error) });
    return null;
  }
}

/** @param {string} name @returns {Promise<any>} */
async function script(name) {
  try {
    return await import(new URL(name, RUNTIME).href);
  } catch (error) {
    throw Object.assign(new Error(String(error)), { script: `vendor/runtime/${name}` });
  }
}

const python = boot();
python.catch(fail);

/** @param {any} error */
function fail(error) {
  if (!error.script) console.error(error); // for developers
  send({ failed: { script: error.script, error: String(error) } });
}

/** @param {Request} request */
async function answer({ id, kind, values = {}, pixels, contents = {}, archives = [] }) {
  const { pyodide, ask, pixels: address } = await python;
  for (const archive of archives) unpack(pyodide.FS, archive);
  for (const [path, bytes] of Object.entries(contents)) {
    pyodide.FS.mkdirTree(HOME + path.slice(0, path.lastIndexOf("/")));
    pyodide.FS.writeFile(HOME + path, bytes);
  }
  if (pixels) pyodide._module.HEAPU8.set(pixels, address); // a fresh view each time: memory that grows is replaced
  const { error, answer, address: from, length } = JSON.parse(ask(kind, JSON.stringify(values)));
  if (error) {
    send({ id, error });
    return;
  }
  const floats = pyodide._module.HEAPF32.slice(from / 4, from / 4 + length);
  send({ id, answer: withArrays(answer, floats) }, { transfer: [floats.buffer] });
}

/**
 * Put the arrays back where py/web/shared_memory.py took them out.
 * @param {any} value @param {Float32Array} floats @returns {any}
 */
function withArrays(value, floats) {
  if (Array.isArray(value)) return value.map((each) => withArrays(each, floats));
  if (value === null || typeof value !== "object") return value;
  if ("bytes" in value) return new Uint8Array(floats.buffer, 4 * value.at, value.bytes).slice();
  if ("shape" in value) {
    const size = value.shape.reduce((/** @type {number} */ product, /** @type {number} */ side) => product * side, 1);
    return { shape: value.shape, data: floats.subarray(value.at, value.at + size) };
  }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withArrays(each, floats)]));
}

/** Bytes of a block in a tar file. */
const BLOCK = 512;

/**
 * The files in a tar file, which go on using its memory.
 * @param {Uint8Array} tar @returns {Generator<[path: string, bytes: Uint8Array]>}
 */
function* entries(tar) {
  const text = (/** @type {number} */ from, /** @type {number} */ length) =>
    new TextDecoder().decode(tar.subarray(from, from + length)).replace(/\0.*$/s, "");
  // A header: the name at byte 0, the size in octal digits at 124, what comes before the name at 345 (POSIX.1, "ustar").
  for (let at = 0; tar[at]; ) {
    const path = [text(at + 345, 155), text(at, 100)].filter(Boolean).join("/");
    const size = Number.parseInt(text(at + 124, 12), 8);
    at += BLOCK;
    yield [path, tar.subarray(at, at + size)];
    at += Math.ceil(size / BLOCK) * BLOCK;
  }
}

/** Unpack a tar file into Pyodide's file system. @param {any} FS  Pyodide's @param {Uint8Array} tar */
function unpack(FS, tar) {
  const folders = new Set();
  for (const [path, bytes] of entries(tar)) {
    const folder = `/${path.slice(0, path.lastIndexOf("/"))}`;
    if (!folders.has(folder)) FS.mkdirTree(folder);
    folders.add(folder);
    FS.writeFile(`/${path}`, bytes, { canOwn: true });
  }
}

/** Requests are answered one after another, in the order they came. */
let turn = Promise.resolve();
self.onmessage = ({ data }) => {
  if ("id" in data) turn = turn.then(() => answer(data)).catch((error) => python.then(() => fail(error)).catch(() => {}));
  else for (const [name, value] of Object.entries(data)) part(name).resolve(value);
};
