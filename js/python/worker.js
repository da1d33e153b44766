// @ts-check
// The Python side of the page: starts Pyodide and passes requests on to py/web. It knows no DOM and downloads nothing
// but Pyodide's own two scripts.
//
// In:  { module, archives, edits }                 once, to start: Pyodide's compiled WebAssembly, tar files, and the text of
//                                                  edited files by path, which take the place of those in the archives
//      { id, kind, values, pixels?, contents?, archives? }
//      kind: a name in the REQUESTS of py/web; values: its named arguments; pixels: a drawing, 280×280 bytes;
//      contents: files that it will read, bytes by path; archives: tar files with packages that it will import
// Out: { id, answer, floats } or { id, error }  floats: the one buffer that the arrays in the answer point into
//      { doing }, then { started }              while it starts
//      { failed: { script?, error } }           nothing works any more; script: the file that could not be imported

import { installKernel, kernelPath } from "./kernel.js";
import { lockDown } from "./lockdown.js";

const HOME = "/page/";
const RUNTIME = new URL("../../vendor/runtime/", import.meta.url);

/** @typedef {{ module: WebAssembly.Module, archives: Uint8Array[], edits: Record<string, string> }} Start */
/**
 * @typedef {{ id: number, kind: string, values?: object, pixels?: Uint8Array, contents?: Record<string, Uint8Array>,
 *             archives?: Uint8Array[] }} Request
 */

/** The page's own way to send; `lockDown` takes it away from what Python runs. */
const send = self.postMessage.bind(self);

/** @type {(start: Start) => void} */
let begin;
const start = /** @type {Promise<Start>} */ (new Promise((resolve) => (begin = resolve)));

async function boot() {
  const scripts = Promise.all([script("pyodide.mjs"), script("pyodide.asm.mjs")]); // Pyodide imports the second one too
  const [{ module, archives, edits }, [{ loadPyodide }]] = await Promise.all([start, scripts]);
  // Pyodide asks for its files itself: it gets empty ones, and the module and the archives that are here already.
  self.fetch = async () => new Response();
  WebAssembly.instantiateStreaming = async (_, imports) => ({
    module,
    instance: await WebAssembly.instantiate(module, imports),
  });
  const unpacking = Promise.withResolvers();
  const options = {
    indexURL: RUNTIME.href,
    packageBaseUrl: RUNTIME.href,
    lockFileContents: unpacking.promise,
    env: { PYTHONDONTWRITEBYTECODE: "1", PYTHONPATH: `${HOME}py` },
    async fsInit(/** @type {any} */ FS) {
      try {
        for (const archive of archives) unpack(FS, archive);
        for (const [path, text] of Object.entries(edits)) FS.writeFile(HOME + path, text); // Python prefers .py to .pyc
        unpacking.resolve(FS.readFile("/lib/pyodide-lock.json", { encoding: "utf8" }));
      } catch (error) {
        unpacking.reject(error); // Pyodide would wait forever
      }
    },
  };
  const pyodide = await Promise.race([loadPyodide(options), unpacking.promise.then(() => new Promise(() => {}))]);
  send({ doing: "Starting NumPy" });
  pyodide.runPython("import numpy");
  const kernel = kernelPath();
  if (kernel && !Object.keys(edits).length) await installKernel(pyodide, pyodide.FS.readFile(`${HOME}${kernel}`));
  send({ doing: "Starting the network" });
  const web = pyodide.pyimport("web");
  lockDown();
  send({ started: true });
  return { pyodide, ask: web.answer, pixels: web.pixels_address };
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
  send({ id, answer, floats }, { transfer: [floats.buffer] });
}

/** Bytes of a block in a tar file. */
const BLOCK = 512;

/**
 * Unpack a tar file into Pyodide's file system.
 * @param {any} FS  Pyodide's @param {Uint8Array} tar  which the files go on using
 */
function unpack(FS, tar) {
  const text = (/** @type {number} */ from, /** @type {number} */ length) =>
    new TextDecoder().decode(tar.subarray(from, from + length)).replace(/\0.*$/s, "");
  const folders = new Set();
  // A header: the name at byte 0, the size in octal digits at 124, what comes before the name at 345 (POSIX.1, "ustar").
  for (let at = 0; tar[at]; ) {
    const path = [text(at + 345, 155), text(at, 100)].filter(Boolean).join("/");
    const size = Number.parseInt(text(at + 124, 12), 8);
    const folder = `/${path.slice(0, path.lastIndexOf("/"))}`;
    if (!folders.has(folder)) FS.mkdirTree(folder);
    folders.add(folder);
    at += BLOCK;
    FS.writeFile(`/${path}`, tar.subarray(at, at + size), { canOwn: true });
    at += Math.ceil(size / BLOCK) * BLOCK;
  }
}

/** Requests are answered one after another, in the order they came. */
let turn = Promise.resolve();
self.onmessage = ({ data }) => {
  if (data.module) begin(data);
  else turn = turn.then(() => answer(data)).catch((error) => python.then(() => fail(error)).catch(() => {}));
};
