// Restores a snapshot as the page does: node restore_in_node.mjs PROJECT FACTS.json MEMORY_FOLDER NUMPY.wasm
// Prints a line for each attempt: what a drawing is read as, or why Python was not restored.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { devNull } from "node:os";
import { pathToFileURL } from "node:url";

const [project, factsPath, folder, numpyPath] = process.argv.slice(2);
const load = (path) => import(pathToFileURL(join(project, path)).href);
const { loadPyodide } = await load("vendor/runtime/pyodide.mjs");
const { default: create } = await load("vendor/runtime/pyodide.asm.mjs");
const { check, readCheck, restore } = await load("js/python/snapshot/restore.mjs");
const numpy = await WebAssembly.compile(readFileSync(numpyPath));
const start = (options) => loadPyodide({ indexURL: join(project, "vendor/runtime/"), stdLibURL: devNull, ...options });

const damages = {
  none: () => {},
  again: () => {},
  "a flipped bit": ({ files }) => (files.get("words")[1_234_567] ^= 1),
  "cut off": ({ files }) => files.set("words", files.get("words").slice(0, 1_000_000)),
  "a missing part": ({ files }) => files.delete("runs"),
  "other probabilities": ({ facts }) => (facts.probabilities[3] += 0.01),
};
for (const [damage, apply] of Object.entries(damages)) {
  const facts = JSON.parse(readFileSync(factsPath, "utf8"));
  const files = new Map(["runs", "words"].map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]));
  apply({ facts, files });
  try {
    const pyodide = await restore(start, create, { facts, numpy: Promise.resolve(numpy), files: Promise.resolve(files) });
    check(pyodide, facts);
    const random = pyodide.runPython("import random; random.random()");
    console.log(JSON.stringify({ damage, random, probabilities: readCheck(pyodide) }));
  } catch (error) {
    console.log(JSON.stringify({ damage, error: error.message }));
  }
}
process.exit();
