// @ts-check
// Restores a Python that make_snapshot.mjs started: NumPy and our packages are imported, and the default network is open.
//
// A snapshot holds the words by which the memory of that Python differs from the memory of a Pyodide that has not started
// Python yet. It is good for the same WebAssembly only, and uses options of Pyodide that are not documented: so everything
// is checked, and whoever calls this starts Python the ordinary way if it throws.

/** What Pyodide's memory depends on before Python starts; make_snapshot.mjs and `restore` use the same. */
export const OPTIONS = {
  env: { LANG: "C.UTF-8", PYTHONDONTWRITEBYTECODE: "1", PYTHONHASHSEED: "0", PYTHONPATH: "/page/py" },
  _sysExecutable: "python",
};

/** Where `check` puts a module for Python to import. */
const ARRIVES = "/page/py/arrives.pyc";

/** Side of the pad's picture in pixels, as in js/pad/ink.js. */
const SIDE = 280;

/**
 * @typedef {object} Facts  snapshot.json
 * @property {string} key  names the files that the snapshot was made from, as its URL does
 * @property {number} memory  bytes
 * @property {number} fresh  words of memory that a Pyodide has used before it starts Python
 * @property {string} checksum  of these words, and of those that the snapshot holds
 * @property {number} table  entries of the table of functions
 * @property {{ path: string, init: string, handle: number }} library  NumPy's compiled module
 * @property {string} lock  the content of pyodide-lock.json
 * @property {{ request: string, answer: string }} opened  the network: the request that opened it
 * @property {number[]} state  bytes in which Pyodide keeps what else it has to restore
 * @property {number[]} arrives  the bytecode of a module that is imported after Python is restored
 * @property {number[]} probabilities  what `readCheck` gives
 */

/**
 * Instantiate Pyodide.
 * @param {(settings: any) => Promise<any>} create  the default export of pyodide.asm.mjs
 * @param {any} settings  Pyodide's, which become its module @param {() => void} [then]  called before Python starts
 */
export function instantiate(create, settings, then = () => {}) {
  const goOn = standStill();
  const { instantiateWasm } = settings;
  settings.instantiateWasm = (/** @type {any} */ imports, /** @type {(...results: any[]) => void} */ receive) =>
    instantiateWasm(imports, (/** @type {any[]} */ ...results) => {
      const link = linkLater(settings.GOT);
      receive(...results);
      link();
    });
  settings.onRuntimeInitialized = () => {
    goOn();
    settings.wasmTable.grow(256 - (settings.wasmTable.length % 256)); // Pyodide's own entries depend on the browser
    then();
  };
  return create(settings);
}

/**
 * Instantiate NumPy's compiled module before Python starts, which then finds it loaded: so that it has the same place in
 * memory whether Python starts or is restored.
 * @param {any} module  Pyodide's @param {WebAssembly.Module} numpy @param {{ path: string, init: string }} library
 */
export function addNumPy(module, numpy, { path, init }) {
  const exports = module.loadWebAssemblyModule(numpy, { nodelete: true }, path, {});
  module.newDSO(path, undefined, exports).global = false;
  module.addFunction(exports[init]);
}

/**
 * Pyodide gives each of its 7,400 functions a place in the table of functions, for modules that it may load: let it find places
 * only for those that such a module asks for.
 * @param {any} addresses  Pyodide's global offset table: it adds what is not there
 * @returns {() => void} ends that
 */
function linkLater(addresses) {
  for (const name in addresses) if (name.startsWith("emscripten_gl")) addresses[name].value = 0; // no graphics here
  const [known, prototype] = [{ value: 0 }, Object.getPrototypeOf(addresses)];
  Object.setPrototypeOf(addresses, new Proxy({}, { get: () => known }));
  return () => Object.setPrototypeOf(addresses, prototype);
}

/** Stop clocks and random numbers, which memory would hold otherwise. @returns {() => void} sets them going again */
function standStill() {
  const { now } = Date;
  Date.now = () => 0;
  performance.now = () => 0;
  crypto.getRandomValues = (view) => view;
  return () => {
    Date.now = now;
    for (const name of ["now", "getRandomValues"])
      for (const owner of [performance, crypto]) delete (/** @type {any} */ (owner)[name]);
  };
}

/**
 * Where in memory Pyodide keeps the number of a function that only some browsers can run; 0 in a snapshot.
 * @param {any} module  Pyodide's
 */
export const trampoline = (module) => (module.__PyRuntime + module.HEAP32[module.__PyEM_EMSCRIPTEN_TRAMPOLINE_OFFSET / 4]) / 4;

/**
 * @param {(options: object) => Promise<any>} load  Pyodide's loadPyodide @param {(settings: any) => Promise<any>} create
 * @param {{ facts: Facts, numpy: Promise<WebAssembly.Module>, files: Promise<Map<string, Uint8Array>> }} snapshot
 * @returns {Promise<any>} Pyodide @throws {Error} if its memory is not exactly that of the snapshot
 */
export async function restore(load, create, { facts, numpy, files }) {
  for (const part of [numpy, files]) part.catch(() => {}); // they are awaited below
  const pyodide = await load({
    ...OPTIONS,
    lockFileContents: facts.lock,
    _loadSnapshot: new Uint8Array(facts.state),
    async createPyodideModule(/** @type {any} */ settings) {
      const module = await instantiate(create, settings);
      module.API.rawRun = () => [0, ""]; // Pyodide would import a module that is there
      addNumPy(module, await numpy, facts.library);
      if (module.wasmTable.length !== facts.table) throw new Error("The table of functions has another length.");
      module.LDSO.loadedLibsByHandle[facts.library.handle] = module.LDSO.loadedLibsByName[facts.library.path];
      if (module.HEAPU8.length < facts.memory) module.growMemory(facts.memory);
      const memory = module.HEAPU32.subarray(0, facts.memory / 4);
      const at = trampoline(module);
      const own = memory[at];
      memory[at] = 0;
      const before = checksum(memory.subarray(0, facts.fresh)); // what follows is 0: nothing has used it
      const arrived = await files;
      const [runs, words] = ["runs", "words"].map((name) => asWords(/** @type {Uint8Array} */ (arrived.get(name))));
      if ([before, checksum(runs), checksum(words)].join() !== facts.checksum) {
        throw new Error("The memory is not that of the snapshot.");
      }
      fill(memory, runs, words);
      memory[at] = own;
      return module;
    },
  });
  for (const [path, bytes] of await files) if (path.startsWith("page/")) write(pyodide.FS, `/${path}`, bytes);
  use(pyodide, "random", (random) => random.seed()); // the seed of hashes stays: dicts and sets were built with it
  return pyodide;
}

/** @param {Uint32Array} memory @param {Uint32Array} runs  start and length of each @param {Uint32Array} words  of all */
function fill(memory, runs, words) {
  let from = 0;
  for (let i = 0; i < runs.length; i += 2) {
    memory.set(words.subarray(from, from + runs[i + 1]), runs[i]);
    from += runs[i + 1];
  }
}

/** @param {Uint8Array} bytes */
const asWords = ({ buffer, byteOffset, length }) => new Uint32Array(buffer, byteOffset, length / 4);

/** FNV-1a, of words instead of bytes, in four hashes that a processor computes side by side. @param {Uint32Array} words */
export function checksum(words) {
  let [a, b, c, d] = [1, 2, 3, 4].map((lane) => 0x811c9dc5 + lane);
  for (let i = 0; i < words.length; i += 4) {
    a = Math.imul(a ^ words[i], 0x01000193);
    b = Math.imul(b ^ words[i + 1], 0x01000193);
    c = Math.imul(c ^ words[i + 2], 0x01000193);
    d = Math.imul(d ^ words[i + 3], 0x01000193);
  }
  return [a, b, c, d].join();
}

/**
 * Try what a restored Python could have lost: raising, importing, more memory, and reading a drawing.
 * @param {any} pyodide @param {Facts} facts @throws {Error}
 */
export function check(pyodide, facts) {
  const { _module: module, FS } = pyodide;
  write(FS, ARRIVES, new Uint8Array(facts.arrives));
  const hasCaught = use(pyodide, "arrives", (arrives) => arrives.has_caught);
  if (!hasCaught) throw new Error("Nothing was raised or imported.");
  FS.unlink(ARRIVES);
  const size = module.HEAPU8.length;
  const blocks = [];
  while (module.HEAPU8.length === size && blocks.length < 64) blocks.push(module._malloc(2 ** 20));
  for (const block of blocks) module._free(block);
  if (module.HEAPU8.length === size) throw new Error("The memory does not grow.");
  const probabilities = readCheck(pyodide);
  // In the browser, the kernel reads: its numbers are NumPy's within rounding.
  if (!facts.probabilities.every((known, i) => Math.abs(known - probabilities[i]) < 1e-4))
    throw new Error("A drawing is read differently.");
}

/**
 * Use a module of Python, without its parser: a browser takes long to compile that at first.
 * @template T @param {any} pyodide @param {string} name @param {(module: any) => T} then @returns {T}
 */
function use(pyodide, name, then) {
  const module = pyodide.pyimport(name);
  try {
    return then(module);
  } finally {
    module.destroy();
  }
}

/** @param {any} FS  Pyodide's @param {string} path @param {Uint8Array} bytes */
function write(FS, path, bytes) {
  FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
  FS.writeFile(path, bytes);
}

/** Read a drawing: a vertical stroke. @param {any} pyodide @returns {number[]} the probabilities */
export function readCheck(pyodide) {
  const { _module: module } = pyodide;
  const { answer, address } = use(pyodide, "web", (web) => {
    for (let row = 40; row < 240; row++) {
      const from = web.pixels_address + SIDE * row;
      module.HEAPU8.fill(255, from + 130, from + 150);
    }
    return JSON.parse(web.answer("read", "{}"));
  });
  const from = address / 4 + answer.probabilities.at;
  return [...module.HEAPF32.subarray(from, from + 10)];
}
