// @ts-check
// Whether the page restores Python from a snapshot (restore.mjs), and what it downloads for that.

import { archive, compile, downloads } from "../downloads.js";

/** @typedef {import("../downloads.js").Report} Report @typedef {import("./restore.mjs").Facts} Facts */

/** A link is fast enough for the larger download if so many bytes of WebAssembly arrive within this time (ms). */
const ENOUGH = 2.4e6;
const WITHIN = 400;

/** @returns {{ arrived: Report, isFast: Promise<boolean> }} */
export function linkSpeed() {
  const { promise, resolve } = Promise.withResolvers();
  let bytes = 0;
  setTimeout(resolve, WITHIN, false);
  return {
    isFast: promise,
    arrived(size) {
      bytes += size;
      if (bytes > ENOUGH) resolve(true);
    },
  };
}

/**
 * The snapshot to restore: on a first visit only if the link is fast; later sw.js has it, or does not wait for it.
 * @param {Promise<boolean>} isFast @returns {Promise<Facts | null>}
 */
export async function chooseSnapshot(isFast) {
  const { snapshot } = await downloads();
  return snapshot && (navigator.serviceWorker?.controller || (await isFast)) ? snapshot : null;
}

/** Its memory and NumPy's compiled module. @param {Facts} facts */
export const snapshotPaths = ({ key }) => [`snapshot/${key}.tar.gz`, `snapshot/${key}.wasm`];

/** Each part is null if it cannot be had. @param {Facts} facts @param {import("../start.js").Give} give @param {Report} report */
export async function giveSnapshot(facts, give, report) {
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
