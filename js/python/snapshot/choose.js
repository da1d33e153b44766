// @ts-check
// Whether the page restores Python from a snapshot (restore.mjs), and what it downloads for that.

import { archive, bytes, compile, DownloadError, ROOT, sizes } from "../downloads.js";

/** @typedef {{ numpy: WebAssembly.Module, facts: import("./restore.mjs").Facts }} Snapshot  all but the memory */
/** @typedef {import("../downloads.js").Report} Report */

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
 * The key of the snapshot to restore: of one that sw.js has stored, or on a first visit, if the link is fast.
 * @param {Promise<boolean>} isFast @returns {Promise<string | null>}
 */
export async function chooseSnapshot(isFast) {
  const key = Object.keys(await sizes())
    .find((path) => path.startsWith("snapshot/"))
    ?.match(/\w+(?=\.)/)?.[0];
  if (!key) return null;
  const stored = await globalThis.caches?.match(new URL(snapshotPaths(key)[0], ROOT)).catch(() => {}); // denied in some frames
  if (stored || navigator.serviceWorker?.controller) return stored ? key : null;
  return (await isFast) ? key : null;
}

/** Its facts, its memory and NumPy's compiled module. @param {string} key */
export const snapshotPaths = (key) => ["json", "tar.gz", "wasm"].map((suffix) => `snapshot/${key}.${suffix}`);

/** @param {string} key @param {Report} report @returns {{ snapshot: Promise<Snapshot>, memory: Promise<Uint8Array> }} */
export function fetchSnapshot(key, report) {
  const [facts, memory, numpy] = snapshotPaths(key);
  const snapshot = Promise.all([compile(numpy, report), bytes(facts)]).then(([numpy, json]) => {
    const known = JSON.parse(new TextDecoder().decode(json));
    if (known.key !== key) throw new DownloadError(facts, "it is of other files");
    return { numpy, facts: known };
  });
  return { snapshot, memory: archive(memory, report) };
}
