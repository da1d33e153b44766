// @ts-check
// Downloads what Python starts from, and gives each part to its worker as soon as it is there.

import { archive, archivePath, pyodideModule, WASM } from "./downloads.js";
import { chooseSnapshot, giveSnapshot, linkSpeed, snapshotPaths } from "./snapshot/choose.js";

/** @typedef {import("./downloads.js").Report} Report */
/** @typedef {(parts: Partial<import("./worker.js").Parts>, transferred?: Uint8Array[]) => void} Give */

/** The archives with all that the page needs at first. */
export const USUAL = ["python", "page"];

/**
 * @param {Give} give @param {Record<string, string>} edits @param {boolean} restores  from a snapshot, where there is one
 * @param {(paths: Promise<string[]>) => Report} progress  of these downloads
 * @returns {{ restores: Promise<boolean>, given: Promise<any> }} given: rejected with a DownloadError
 */
export function giveParts(give, edits, restores, progress) {
  const link = linkSpeed();
  const chosen = restores ? chooseSnapshot(link.isFast) : Promise.resolve(null);
  const report = progress(chosen.then((facts) => [WASM, ...(facts ? snapshotPaths(facts) : USUAL.map(archivePath))]));
  const module = pyodideModule((size) => {
    link.arrived(size);
    report(size);
  }).then((module) => give({ module }));
  const others = chosen.then((facts) => {
    give({ start: { snapshot: facts, edits } });
    return facts ? giveSnapshot(facts, give, report) : giveArchives(give, report);
  });
  return { restores: chosen.then(Boolean), given: Promise.all([module, others]) };
}

/** @param {Give} give @param {Report} report */
async function giveArchives(give, report) {
  const archives = await Promise.all(USUAL.map((name) => archive(archivePath(name), report)));
  give({ archives }, archives);
}
