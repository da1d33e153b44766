// @ts-check
// Whether the page restores Python from a snapshot (restore.mjs).

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
 * @param {Facts | null} snapshot  what there is @param {Promise<boolean>} isFast @returns {Promise<Facts | null>}
 */
export async function chooseSnapshot(snapshot, isFast) {
  return snapshot && (navigator.serviceWorker?.controller || (await isFast)) ? snapshot : null;
}

/** Its memory and NumPy's compiled module. @param {Facts} facts */
export const snapshotPaths = ({ key }) => [`snapshot/${key}.tar.gz`, `snapshot/${key}.wasm`];
