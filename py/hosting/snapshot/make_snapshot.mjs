// @ts-nocheck
// Makes a snapshot for js/python/snapshot/restore.mjs: node make_snapshot.mjs RUNTIME TREE NETWORK KEY OUT
//
// RUNTIME is Pyodide's folder, and TREE holds the files that Python has in the page. NETWORK, in weights/, is opened. KEY
// names all of it. OUT gets facts.json (see restore.mjs), and words and runs: what of memory differs, and where it belongs.

import crypto from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { devNull } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import {
  addNumPy,
  check,
  checksum,
  instantiate,
  OPTIONS,
  readCheck,
  restore,
  trampoline,
} from "../../../js/python/snapshot/restore.mjs";

/** Words that are stored although they do not differ, where that saves a run. */
const BLOCK = 16;

/** Pyodide evaluates these lines whenever it starts: compiled here, they need no parser, which takes the browser longer. */
const COMPILE = `
from _pyodide import _base

def compiled(evaluate, sources):
    code = {source: _base.CodeRunner(source).compile() for source in sources}

    def eval_code(source, *args, **options):
        return code[source].run(*args) if source in code and not options else evaluate(source, *args, **options)

    return eval_code

_base.eval_code = compiled(
    _base.eval_code,
    ["{}", "import importlib; importlib", "import __main__; __main__.__dict__", "import builtins; builtins.__dict__"],
)
del _base, compiled
`;

/** A module that is imported only after Python is restored: see restore.mjs. */
const ARRIVES = `
from importlib._bootstrap_external import _code_to_timestamp_pyc
list(_code_to_timestamp_pyc(compile("try: 1 / 0\\nexcept ZeroDivisionError: has_caught = True", "arrives", "exec")))
`;

const [runtime, tree, network, key, out] = process.argv.slice(2);

// The same files give the same bytes.
crypto.randomFillSync = (view) => view.fill(0);
Date.now = () => Date.UTC(2026, 0, 1);
Object.getPrototypeOf(performance).now = () => 0;

const load = (name) => import(pathToFileURL(join(runtime, name)).href);
const { loadPyodide } = await load("pyodide.mjs");
const { default: create } = await load("pyodide.asm.mjs");

const paths = readdirSync(tree, { recursive: true })
  .map((path) => path.replaceAll("\\", "/"))
  .sort();
const path = `/${paths.find((path) => /_multiarray_umath\.[^/]*\.so$/.test(path))}`;
const library = { path, init: "PyInit__multiarray_umath" };
const numpy = await WebAssembly.compile(readFileSync(join(tree, path)));

const lock = readFileSync(join(tree, "lib/pyodide-lock.json"), "utf8");
const stdLibURL = devNull; // it is in TREE
const start = (options) => loadPyodide({ indexURL: runtime, stdLibURL, ...options });

const pyodide = await start({
  ...OPTIONS,
  lockFileContents: lock,
  _makeSnapshot: true,
  createPyodideModule: (settings) => instantiate(create, settings, () => addNumPy(settings, numpy, library)),
  async fsInit(FS) {
    for (const path of paths) {
      if (statSync(join(tree, path)).isDirectory()) FS.mkdirTree(`/${path}`);
      else FS.writeFile(`/${path}`, readFileSync(join(tree, path)));
    }
  },
});
const { _module: module } = pyodide;
pyodide.runPython(COMPILE);
const arrives = pyodide.runPython(ARRIVES).toJs();
pyodide.runPython("import web.kernel");
const web = pyodide.pyimport("web");
const opened = { request: JSON.stringify({ file: network }) };
opened.answer = web.answer("open", opened.request);
web.destroy();
const probabilities = readCheck(pyodide);
for (const name in pyodide.loadedPackages) delete pyodide.loadedPackages[name]; // Pyodide could not store it
pyodide.runPython("import gc, linecache, sys; linecache.clearcache(); sys.path_importer_cache.clear(); gc.collect()");
zeroUnused();

const whole = pyodide.makeMemorySnapshot();
const state = whole.slice(0, new Uint32Array(whole.buffer)[1]); // all before the memory
const memory = module.HEAPU32.slice();
memory[trampoline(module)] = 0;
library.handle = Number(
  Object.entries(module.LDSO.loadedLibsByHandle).find(([handle, { name }]) => Number(handle) && name === path)[0],
);
const fresh = await freshModule();
const table = fresh.wasmTable.length;
for (let entry = table; entry < module.wasmTable.length; entry++) {
  if (module.wasmTable.get(entry)) throw new Error("Python made functions, which a snapshot cannot hold.");
}
fresh.memory[trampoline(module)] = 0;
const { runs, words } = difference(memory, fresh.memory);
const used = fresh.memory.findLastIndex(Boolean) + 1;
const facts = {
  key,
  memory: memory.byteLength,
  fresh: used,
  checksum: [fresh.memory.subarray(0, used), runs, words].map(checksum).join(),
  table,
  library,
  lock,
  opened,
  state: [...state],
  arrives,
  probabilities,
};
const files = { runs: new Uint8Array(runs.buffer), words: new Uint8Array(words.buffer) };
const parts = { facts, numpy: Promise.resolve(numpy), files: Promise.resolve(new Map(Object.entries(files))) };
check(await restore(start, create, parts), facts);
writeFileSync(join(out, "facts.json"), JSON.stringify(facts));
for (const [name, content] of Object.entries(files)) writeFileSync(join(out, name), content);
process.exit(); // Python's event loop would keep Node running

/** Free memory and the unused part of the stack hold what nobody needs, and what would not compress. */
function zeroUnused() {
  const end = () => module.HEAPU32[module._emscripten_get_sbrk_ptr() / 4];
  const before = end();
  const blocks = [];
  for (let size = 2 ** 18; size >= 16; size /= 2) {
    for (let block = 0; block + size <= before; blocks.push(block)) {
      block = module._malloc(size);
      module.HEAPU8.fill(0, block, block + size);
    }
  }
  for (const block of blocks) module._free(block);
  module.HEAPU8.fill(0, module._emscripten_stack_get_end(), module.stackSave());
}

/** A Pyodide that has not started Python, with a copy of its memory. */
async function freshModule() {
  let created;
  const stop = new Error();
  await start({
    ...OPTIONS,
    lockFileContents: lock,
    _loadSnapshot: state,
    async createPyodideModule(settings) {
      created = await instantiate(create, settings);
      addNumPy(created, numpy, library);
      if (created.HEAPU8.length < memory.byteLength) created.growMemory(memory.byteLength);
      throw stop;
    },
  }).catch((error) => {
    if (error !== stop) throw error;
  });
  return { wasmTable: created.wasmTable, memory: created.HEAPU32.slice() };
}

function difference(memory, fresh) {
  const runs = [];
  const parts = [];
  for (let at = 0; at < memory.length; at += BLOCK) {
    const block = memory.subarray(at, at + BLOCK);
    if (block.every((word, i) => word === fresh[at + i])) continue;
    if (runs.at(-2) + runs.at(-1) === at) runs[runs.length - 1] += block.length;
    else runs.push(at, block.length);
    parts.push(block);
  }
  const words = new Uint32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    words.set(part, at);
    at += part.length;
  }
  return { runs: new Uint32Array(runs), words };
}
