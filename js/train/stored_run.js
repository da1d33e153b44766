// @ts-check
// The run that this browser stores: its last checkpoint, and what the room shows of it after a reload.

import { keep, kept } from "../storage.js";
import { isEdits } from "../stored_edits.js";

/** @typedef {import("../python/training_client.js").StoredRun} StoredRun */
/** @typedef {import("../python/client.js").Matrix} Matrix */

const NAME = "run";
/** The run before it: what it is compared with. */
const LAST = "last run";
/** The tab that holds this lock stores its run; other copies of the page on the same host have their own. */
const LOCK = `run ${new URL("../..", import.meta.url).pathname}`;

/** @type {(() => void) | null} */
let releaseLock = null;

/** @returns {Promise<boolean>} whether this tab may store its run */
async function claim() {
  if (releaseLock || !navigator.locks) return true; // plain http from another machine has no locks
  return new Promise((resolve) => {
    const request = navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => {
      resolve(Boolean(lock));
      return lock && new Promise((release) => (releaseLock = () => release(null)));
    });
    request.catch(() => resolve(true)); // denied in some frames, like all storage
  });
}

/** @param {StoredRun} run @returns {Promise<string>} why it could not be stored; "" if it is stored */
export async function storeRun(run) {
  if (!(await claim())) return "Another tab of this page is training, and only one tab can store its run";
  const stored = await keep(NAME, run);
  if (run.over) {
    releaseLock?.();
    releaseLock = null;
  }
  return stored ? "" : "This browser could not store the run (its storage is full or blocked)";
}

/** @returns {Promise<StoredRun | null>} */
export const storedRun = async () => (await kept(NAME, isRun)) ?? null;

/** @typedef {Pick<StoredRun, "settings" | "report">} Curves */

/** @param {Curves} run */
export const storeLast = (run) => keep(LAST, run);

/** @returns {Promise<Curves | null>} */
export const storedLast = async () => (await kept(LAST, hasCurves)) ?? null;

/** @param {any} run */
function hasCurves(run) {
  try {
    const { settings, report } = run;
    return (
      Object.values(settings).every((text) => typeof text === "string") &&
      isNumberOrNull(report.test_accuracy) &&
      [report.step, report.steps, report.epoch, report.steps_per_epoch, report.learning_rate].every(Number.isFinite) &&
      isMatrix(report.points, report.points.shape[0], 3) &&
      isMatrix(report.tests, report.tests.shape[0], 3)
    );
  } catch {
    return false; // a part is missing
  }
}

/** @param {any} run */
function isRun(run) {
  try {
    const { checkpoint, history, report, evaluation, edits = {} } = run;
    return (
      hasCurves(run) &&
      isEdits(edits) &&
      checkpoint instanceof Uint8Array &&
      Array.isArray(history.points) &&
      Array.isArray(history.tests) &&
      [report.loss, report.samples_per_second, report.seconds_left].every(isNumberOrNull) &&
      (evaluation === null ||
        (isMatrix(evaluation.confusion, 10, 10) &&
          isMatrix(evaluation.images, evaluation.mistakes.length, 784) &&
          evaluation.mistakes.every((/** @type {any} */ { index, label, predicted }) =>
            [index, label, predicted].every(Number.isInteger),
          )))
    );
  } catch {
    return false; // a part is missing
  }
}

/** @param {unknown} value */
const isNumberOrNull = (value) => value === null || typeof value === "number";

/** @param {Matrix} matrix @param {number} rows @param {number} columns */
const isMatrix = ({ shape, data }, rows, columns) =>
  String(shape) === `${rows},${columns}` && data instanceof Float32Array && data.length === rows * columns;
