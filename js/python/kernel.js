// @ts-check
// The WebAssembly kernel of py/nn/kernel: which of its builds this browser can run, and how it joins Pyodide's memory.

/** A module whose one function makes a vector of sixteen 0: valid where there is SIMD. */
const SIMD = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11,
]);

/** The same, and then i8x16.relaxed_swizzle of two of them: valid where there is relaxed SIMD. */
const RELAXED = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 0, 253, 15, 65, 0, 253, 15, 253, 128,
  2, 11,
]);

/** @returns {string | null} the build to download, or null where NumPy has to do without */
export function kernelPath() {
  if (WebAssembly.validate(RELAXED)) return "py/nn/kernel/relaxed.wasm";
  return WebAssembly.validate(SIMD) ? "py/nn/kernel/simd.wasm" : null;
}

/**
 * Lets `nn` compute with the kernel from now on.
 * @param {any} pyodide with py/ mounted and NumPy loaded
 * @param {BufferSource} bytes of the module
 */
export async function installKernel(pyodide, bytes) {
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory: pyodide._module.memory } });
  const kernel = pyodide.pyimport("web.kernel");
  kernel.install(instance.exports);
  kernel.destroy();
}
