// @ts-check
// MNIST's files, which py/hosting/mnist_parts.py splits into parts: downloaded once, checked, and stored.

import { keep, kept } from "../storage.js";

const FOLDER = new URL("../../mnist/", import.meta.url);
/** How many parts are downloaded at the same time. */
const PARALLEL = 4;

/** @typedef {{ path: string, size: number, sha256: string }} Part @typedef {{ path: string, parts: Part[] }} File */

/** What went wrong, in a sentence for the user. */
export class MnistError extends Error {}

/**
 * The files that py/web/training_requests.py reads, by path. After a failure only the missing parts are downloaded again.
 * @param {(bytes: { done: number, total: number }) => void} report
 * @returns {Promise<Record<string, Uint8Array>>} @throws {MnistError}
 */
export async function mnist(report) {
  const { files } = await list();
  const parts = files.flatMap((file) => file.parts);
  const bytes = { done: 0, total: parts.reduce((sum, { size }) => sum + size, 0) };
  /** @type {Map<Part, Uint8Array>} */
  const loaded = new Map();
  const waiting = parts.values();
  await Promise.all(
    Array.from({ length: PARALLEL }, async () => {
      for (const part of waiting) {
        loaded.set(part, await load(part));
        bytes.done += part.size;
        report(bytes);
      }
    }),
  );
  return Object.fromEntries(
    files.map(({ path, parts }) => [
      `mnist/${path}`,
      joined(parts.map((part) => /** @type {Uint8Array} */ (loaded.get(part)))),
    ]),
  );
}

/** The list of the parts; the stored one if the host cannot be reached. @returns {Promise<{ files: File[] }>} */
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
async function load(part) {
  const name = `mnist/${part.path}`;
  const before = /** @type {Uint8Array | undefined} */ (await kept(name));
  if (before && (await isIntact(before, part))) return before;
  const bytes = await fetched(part.path);
  if (!(await isIntact(bytes, part)))
    throw new MnistError(`${name} is damaged or incomplete. Try again: the other parts are kept.`);
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
    throw new MnistError("MNIST could not be downloaded. Check the connection and try again: the parts that arrived are kept.");
  }
  throw new MnistError(
    `mnist/${path} could not be downloaded (HTTP status ${response.status}). Check the server and try again.`,
  );
}

/** @param {Uint8Array} bytes @param {Part} part */
async function isIntact(bytes, { size, sha256 }) {
  if (bytes.length !== size) return false;
  if (!globalThis.crypto?.subtle) return true; // not available on plain http from another machine
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
