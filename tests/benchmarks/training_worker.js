// @ts-check
// Trains with py/nn in a Pyodide of its own, through the code that the training room uses.
//
// In:  { kernel, pixels, labels }   first: the path of the kernel's module or null, and MNIST
//      { count, batch }             then: train a fresh network with the first `count` examples, once
// Out: {} or { seconds } or { error }

import { installKernel } from "/js/kernel.js";
import { loadPyodide } from "/vendor/runtime/pyodide.mjs";

const PROGRAM = `
import time
import numpy as np
from digits.mixture import Mixture, Source
from digits.run import Run
from digits.settings import RunSettings

images = np.frombuffer(open("/pixels", "rb").read(), np.uint8).reshape(-1, 784)
labels = np.frombuffer(open("/labels", "rb").read(), np.uint8)

def train(count, batch):
    settings = RunSettings(layers="784-128-64-10", batch=batch, epochs=1, plain=True, average=0,
                           optimizer="adam", learning_rate=1e-3, schedule="constant")
    for progress in Run(settings, Mixture([Source(images[:count], labels[:count], 1, None)], batch)).steps():
        pass

def timed(count, batch):
    train(3 * batch, batch)
    start = time.perf_counter()
    train(count, batch)
    return time.perf_counter() - start
`;

/** @param {string} path */
async function bytes(path) {
  return new Uint8Array(await (await fetch(path)).arrayBuffer());
}

/** @param {{ kernel: string | null, pixels: Uint8Array, labels: Uint8Array }} request */
async function boot({ kernel, pixels, labels }) {
  const pyodide = await loadPyodide({ indexURL: new URL("/vendor/runtime/", location.href).href });
  await pyodide.loadPackage("numpy", { messageCallback() {} });
  const { files } = await (await fetch("/py/files.json")).json();
  for (const file of files) {
    const place = `/page/py/${file}`;
    pyodide.FS.mkdirTree(place.slice(0, place.lastIndexOf("/")));
    pyodide.FS.writeFile(place, await bytes(`/py/${file}`));
  }
  pyodide.FS.writeFile("/pixels", pixels);
  pyodide.FS.writeFile("/labels", labels);
  pyodide.runPython('import sys; sys.path.insert(0, "/page/py")');
  if (kernel) await installKernel(pyodide, await bytes(kernel));
  pyodide.runPython(PROGRAM);
  return pyodide.globals.get("timed");
}

/** @type {((count: number, batch: number) => number) | undefined} */
let timed;

self.onmessage = async ({ data }) => {
  try {
    if (timed) return postMessage({ seconds: timed(data.count, data.batch) });
    timed = await boot(data);
    postMessage({});
  } catch (error) {
    postMessage({ error: String(error) });
  }
};
