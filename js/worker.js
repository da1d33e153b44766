// @ts-check
// The Python side of the page: boots Pyodide, mounts py/, and passes requests on to py/web. It knows no DOM.
//
// In:  { id, kind, values, pixels?, files? }   kind: a name in the REQUESTS of py/web; values: its named arguments;
//                                              pixels: a drawing, 280×280 bytes; files: what it will read, put in place first
// Out: { id, answer, floats } or { id, error }  floats: the one buffer that the arrays in the answer point into
//      { progress: { doing, done, total } }    while loading; bytes
//      { failed: sentence }                     nothing works any more

import { DownloadError, Downloads } from "./downloads.js";

/** The page's folder, and where Python sees it. */
const ROOT = new URL("..", import.meta.url);
const HOME = "/page/";
const RUNTIME = "vendor/runtime/";

let doing = "Fetching Python and NumPy";
const downloads = new Downloads(ROOT, (bytes) => postMessage({ progress: { doing, ...bytes } }));

/** @param {string} now */
function report(now) {
  doing = now;
  postMessage({ progress: { doing } });
}

/** Everything Python needs comes in at the same time; Pyodide's own requests then find it under way. */
async function startDownloads() {
  downloads.start("py/files.json");
  const lock = await downloads.json("vendor.lock.json");
  const runtime = lock.groups.find((/** @type {any} */ group) => group.name === "runtime");
  for (const { path, size } of runtime.files) {
    if (!path.endsWith(".mjs")) downloads.start(RUNTIME + path, size);
  }
  const { files } = await downloads.json("py/files.json");
  /** @type {string[]} */
  const sources = files.map((/** @type {string} */ file) => `py/${file}`);
  for (const path of sources) downloads.start(path);
  return sources;
}

const fetchNow = self.fetch;
self.fetch = (resource, options) =>
  downloads.take(resource instanceof Request ? resource.url : String(resource)) ?? fetchNow(resource, options);

/** @param {any} pyodide @param {string} path @param {Uint8Array} bytes */
function mount(pyodide, path, bytes) {
  const place = HOME + path;
  pyodide.FS.mkdirTree(place.slice(0, place.lastIndexOf("/")));
  pyodide.FS.writeFile(place, bytes);
}

async function boot() {
  const sources = startDownloads();
  sources.catch(() => {});
  const runtime = new URL(RUNTIME, ROOT);
  const [{ loadPyodide }] = await Promise.all([
    load(new URL("pyodide.mjs", runtime)),
    load(new URL("pyodide.asm.mjs", runtime)), // Pyodide will import it again, and find it loaded
  ]);
  await sources;
  const pyodide = await Promise.race([
    loadPyodide({ indexURL: runtime.href, env: { PYTHONDONTWRITEBYTECODE: "1" } }),
    brokenWasm(),
  ]);
  report("Starting NumPy");
  await pyodide.loadPackage("numpy", { messageCallback() {} });
  for (const path of await sources) mount(pyodide, path, await downloads.bytes(path));
  pyodide.runPython(`import sys; sys.path.insert(0, "${HOME}py")`);
  report("Starting the network");
  const web = pyodide.pyimport("web");
  return { pyodide, ask: web.answer, pixels: web.pixels_address };
}

/** @param {URL} url @returns {Promise<any>} */
async function load(url) {
  try {
    return await import(url.href);
  } catch {
    throw new DownloadError(url.href.slice(ROOT.href.length), "it is not there, or broken", true);
  }
}

/** Pyodide only logs that its WebAssembly is broken, and waits for ever: this promise rejects then. */
function brokenWasm() {
  return new Promise((_, reject) => {
    const instantiate = WebAssembly.instantiateStreaming;
    WebAssembly.instantiateStreaming = async (source, imports) => {
      try {
        return await instantiate(source, imports);
      } catch (error) {
        reject(error);
        return new Promise(() => {});
      }
    };
  });
}

const python = boot();
python.catch(fail);

/** @param {any} error */
function fail(error) {
  if (!(error instanceof DownloadError)) console.error(error); // for who works on the code
  postMessage({ failed: sentence(error) });
}

/** @param {any} error */
function sentence(error) {
  if (!(error instanceof DownloadError)) return "Python stopped unexpectedly: your drawing is safe, try again.";
  if (!error.missing) return `${error.message}: check that the server still runs, then try again.`;
  return `${error.message}. Start the page with “python3 serve.py”, which fetches what is missing; ` +
    "to publish it, use the GitHub Pages workflow or “python3 serve.py --build DIR”.";
}

/**
 * @typedef {{ id: number, kind: string, values?: object, pixels?: Uint8Array, files?: string[] }} Request
 * @param {Request} request @param {Promise<Uint8Array>[]} files
 */
async function answer({ id, kind, values = {}, pixels, files: paths = [] }, files) {
  const { pyodide, ask, pixels: address } = await python;
  try {
    for (const [i, path] of paths.entries()) mount(pyodide, path, await files[i]);
  } catch (error) {
    postMessage({ id, error: `${/** @type {Error} */ (error).message}.` });
    return;
  }
  if (pixels) pyodide._module.HEAPU8.set(pixels, address); // a fresh view each time: memory that grows is replaced
  const { error, answer, address: from, length } = JSON.parse(ask(kind, JSON.stringify(values)));
  if (error) {
    postMessage({ id, error });
    return;
  }
  const floats = pyodide._module.HEAPF32.slice(from / 4, from / 4 + length);
  postMessage({ id, answer, floats }, { transfer: [floats.buffer] });
}

/** Requests are answered one after another, in the order they came; their files are fetched at once. */
let turn = Promise.resolve();
self.onmessage = ({ data: request }) => {
  const files = (request.files ?? []).map((/** @type {string} */ path) => downloads.bytes(path));
  for (const file of files) file.catch(() => {}); // said in its turn
  turn = turn.then(() => answer(request, files)).catch((error) => python.then(() => fail(error), () => {}));
};
