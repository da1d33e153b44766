// @ts-check
// The Python side of the page: boots Pyodide, mounts py/, and passes requests on to py/web. It knows no DOM.
//
// In:  { id, kind, values, pixels?, files?, contents?, packages? }
//      kind: a name in the REQUESTS of py/web; values: its named arguments; pixels: a drawing, 280×280 bytes;
//      files: what it will read, put in place first; contents: the same, brought along (bytes by path);
//      packages: of Pyodide, what it will import
// Out: { id, answer, floats } or { id, error }  floats: the one buffer that the arrays in the answer point into
//      { progress: { doing, done, total } }    while loading; bytes; doing is "" once it is over
//      { failed: sentence }                     nothing works any more

import { DownloadError, Downloads } from "./downloads.js";
import { installKernel, kernelPath } from "./kernel.js";

/** The page's folder, and where Python sees it. */
const ROOT = new URL("../..", import.meta.url);
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
  for (const { path, size } of await group("runtime")) {
    if (!path.endsWith(".mjs")) downloads.start(RUNTIME + path, size);
  }
  const { files } = await downloads.json("py/files.json");
  /** @type {string[]} */
  const sources = files.map((/** @type {string} */ file) => `py/${file}`);
  for (const path of sources) downloads.start(path);
  return sources;
}

/** @type {Promise<any> | undefined} vendor.lock.json */
let lock;

/** What vendor.lock.json lists under that name. @param {string} name @returns {Promise<{ path: string, size: number }[]>} */
async function group(name) {
  lock ??= downloads.json("vendor.lock.json");
  return (await lock).groups.find((/** @type {any} */ group) => group.name === name).files;
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
  const kernel = kernelPath();
  if (kernel) downloads.start(kernel);
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
  if (kernel) await installKernel(pyodide, await downloads.bytes(kernel));
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

/** Packages that are not needed at once: each one's group in vendor.lock.json has its name, and lies beside the runtime. */
const WHAT_FOR = /** @type {Record<string, string>} */ ({ pillow: "Fetching Pillow, which decodes pictures" });

/** @type {Set<string>} */
const loadedPackages = new Set();

/** @param {any} pyodide @param {string} name @throws {DownloadError} */
async function loadPackage(pyodide, name) {
  if (loadedPackages.has(name)) return;
  doing = WHAT_FOR[name] ?? `Fetching ${name}`;
  downloads.recount();
  const files = await group(name);
  for (const { path, size } of files) downloads.start(RUNTIME + path, size);
  try {
    const loaded = await pyodide.loadPackage(name, { messageCallback() {}, errorCallback() {} });
    if (!loaded.length) throw new DownloadError(files[0].path, "it did not come whole");
    loadedPackages.add(name);
  } finally {
    for (const { path } of files) downloads.take(downloads.address(RUNTIME + path)); // nobody else may get what is left
    report("");
  }
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
  return (
    `${error.message}. Start the page with “python3 serve.py”, which fetches what is missing; ` +
    "to publish it, use the GitHub Pages workflow or “python3 serve.py --build DIR”."
  );
}

/**
 * @typedef {{ id: number, kind: string, values?: object, pixels?: Uint8Array, files?: string[],
 *             contents?: Record<string, Uint8Array>, packages?: string[] }} Request
 * @param {Request} request @param {Promise<Uint8Array>[]} files
 */
async function answer({ id, kind, values = {}, pixels, files: paths = [], contents = {}, packages = [] }, files) {
  const { pyodide, ask, pixels: address } = await python;
  try {
    for (const [i, path] of paths.entries()) mount(pyodide, path, await files[i]);
    for (const [path, bytes] of Object.entries(contents)) mount(pyodide, path, bytes);
    for (const name of packages) await loadPackage(pyodide, name);
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
  turn = turn
    .then(() => answer(request, files))
    .catch((error) =>
      python.then(
        () => fail(error),
        () => {},
      ),
    );
};
