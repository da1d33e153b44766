// @ts-check
// The snapshot as what Python starts from: whether the page takes it, its downloads, and what requests to a restored Python
// need.

import { ARCHIVES, archive, compile, downloads, USUAL } from "../downloads.js";
import { isCopied } from "../start_worker.js";

/** @typedef {import("../downloads.js").Source} Source @typedef {import("./restore.mjs").Facts} Facts */

/** A link is fast enough for the larger download if so many bytes of WebAssembly arrive within this time (ms). */
const ENOUGH = 2.4e6;
const WITHIN = 600;

/**
 * Take the snapshot: on a first visit only if the link is fast; later sw.js has it, or does not wait for it.
 * @returns {import("../downloads.js").Choice}
 */
export function chooseSource() {
  const fast = Promise.withResolvers();
  let bytes = 0;
  setTimeout(fast.resolve, WITHIN, false);
  return {
    source: downloads().then(async ({ snapshot }) =>
      snapshot && (isCopied || (await fast.promise)) ? snapshotSource(snapshot) : ARCHIVES,
    ),
    arrived(size) {
      bytes += size;
      if (bytes > ENOUGH) fast.resolve(true);
    },
  };
}

/** @param {Facts} facts @returns {Source} */
function snapshotSource(facts) {
  const [memory, numpy] = [`snapshot/${facts.key}.tar.gz`, `snapshot/${facts.key}.wasm`];
  let opened = false;
  return {
    snapshot: facts,
    paths: [memory, numpy],
    async give(give, report) {
      compile(numpy, report).then(
        (module) => give({ numpy: module }),
        () => give({ numpy: null }), // the worker starts Python the ordinary way then
      );
      archive(memory, report).then(
        (tar) => give({ memory: tar }, [tar]),
        () => give({ memory: null }),
      );
    },
    complete(request) {
      const { kind, values, archives = [] } = request;
      if (kind === "read") return request;
      if (kind !== "open") return { ...request, archives: [...USUAL, ...archives] }; // Python has modules, but no files
      const isKnown = !opened && JSON.stringify(values) === facts.opened.request;
      opened = true;
      return isKnown ? { answer: JSON.parse(facts.opened.answer).answer } : request;
    },
  };
}
