// @ts-check
// MNIST's files, as py/hosting/mnist_parts.py cuts them into parts: fetched once, checked, and kept for the next time.

import { keep, kept } from "../storage.js";

const FOLDER = new URL("../../mnist/", import.meta.url);
/** So many parts come at the same time. */
const LANES = 4;

/** @typedef {{ path: string, size: number, sha256: string }} Part @typedef {{ path: string, parts: Part[] }} File */

/** What went wrong, in a sentence for the person. */
export class MnistError extends Error {}

/**
 * The files that py/web/training_requests.py reads, by their path. What has come before a failure need not come again.
 * @param {(bytes: { done: number, total: number }) => void} report
 * @returns {Promise<Record<string, Uint8Array>>} @throws {MnistError}
 */
export async function mnist(report) {
  const { files } = await list();
  const parts = files.flatMap((file) => file.parts);
  const bytes = { done: 0, total: parts.reduce((sum, { size }) => sum + size, 0) };
  /** @type {Map<Part, Uint8Array>} */
  const come = new Map();
  const waiting = parts.values();
  await Promise.all(
    Array.from({ length: LANES }, async () => {
      for (const part of waiting) {
        come.set(part, await whole(part));
        bytes.done += part.size;
        report(bytes);
      }
    }),
  );
  return Object.fromEntries(
    files.map(({ path, parts }) => [`mnist/${path}`, joined(parts.map((part) => /** @type {Uint8Array} */ (come.get(part))))]),
  );
}

/** Which parts there are; what was kept of it where the host cannot be reached. @returns {Promise<{ files: File[] }>} */
async function list() {
  try {
    const newest = JSON.parse(new TextDecoder().decode(await fetched("parts.json")));
    await keep("mnist/parts.json", newest);
    return newest;
  } catch (error) {
    const before = await kept("mnist/parts.json");
    if (before) return before;
    throw error;
  }
}

/** @param {Part} part */
async function whole(part) {
  const name = `mnist/${part.path}`;
  const before = /** @type {Uint8Array | undefined} */ (await kept(name));
  if (before && (await isRight(before, part))) return before;
  const bytes = await fetched(part.path);
  if (!(await isRight(bytes, part)))
    throw new MnistError(`${name} did not come whole: try again, what has come so far is kept.`);
  await keep(name, bytes);
  return bytes;
}

/** @param {string} path @returns {Promise<Uint8Array>} */
async function fetched(path) {
  let response;
  try {
    response = await fetch(new URL(path, FOLDER));
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
  } catch {
    throw new MnistError("MNIST’s images did not come: check the connection, then try again; what has come so far is kept.");
  }
  throw new MnistError(
    `mnist/${path} could not be had (its host answers ${response.status}): check the server, then try again.`,
  );
}

/** @param {Uint8Array} bytes @param {Part} part */
async function isRight(bytes, { size, sha256 }) {
  if (bytes.length !== size) return false;
  if (!globalThis.crypto?.subtle) return true; // plain http from another machine
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", /** @type {BufferSource} */ (bytes)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("") === sha256;
}

/** @param {Uint8Array[]} parts */
function joined(parts) {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
