// @ts-check
// A drawing as text for a link's fragment: #ink=…, base64url of
//   1 byte       version
//   each stroke  1 byte: its width, plus 128 if it erases; its number of points; for each point the step from the point before
//                (the very first starts at 0, 0), across and down
//   2 bytes      Fletcher's checksum (RFC 1146) of everything before
// Steps are in quarters of a pad unit. Numbers are varints of 7 bits, lowest first; signed numbers are zigzag: 0, -1, 1, -2 …

import { fromBase64url, toBase64url } from "../base64url.js";
import { SIDE } from "./ink.js";

/** @typedef {import("./ink.js").Drawing} Drawing @typedef {import("./ink.js").Stroke} Stroke */

const VERSION = 1;
const ERASES = 128;
const GRAIN = 4; // steps per pad unit
const WIDTHS = { least: 1, most: 64 };
const MOST_POINTS = 20_000;
/** Points may lie beyond the pad: a pen that leaves it keeps drawing. */
const BEYOND = 10 * SIDE;
/** Links carry no times: replay shows a point every 12 ms. */
const PACE = 12;

/** The link does not contain a drawing; the message is for people. */
export class BrokenLink extends Error {
  constructor() {
    super("The link to this drawing is broken, perhaps cut short. Ask for it again and copy all of it.");
  }
}

/**
 * @param {Drawing} drawing whose strokes the link carries, without its picture
 * @returns {string} the fragment with its #; "" if it is too long
 */
export function linkTo({ strokes }) {
  const bytes = [VERSION];
  const last = { x: 0, y: 0 };
  if (strokes.reduce((sum, { points }) => sum + points.length, 0) > MOST_POINTS) return "";
  for (const { width, erases, points } of strokes) {
    bytes.push(Math.round(width) + (erases ? ERASES : 0));
    writeNumber(bytes, points.length);
    for (const point of points) {
      for (const axis of /** @type {const} */ (["x", "y"])) {
        const at = Math.round(Math.min(Math.max(point[axis], -BEYOND), BEYOND) * GRAIN);
        const step = at - last[axis];
        writeNumber(bytes, step < 0 ? -2 * step - 1 : 2 * step);
        last[axis] = at;
      }
    }
  }
  bytes.push(...checksum(bytes));
  return `#ink=${toBase64url(bytes)}`;
}

/** @param {string} fragment @returns {Drawing | null} null if the fragment is something else @throws {BrokenLink} */
export function drawingIn(fragment) {
  if (!fragment.startsWith("#ink=")) return null;
  const bytes = bytesOf(fragment.slice(5));
  const end = bytes.length - 2;
  const [low, high] = checksum(bytes.slice(0, end));
  if (end < 1 || bytes[0] !== VERSION || bytes[end] !== low || bytes[end + 1] !== high) throw new BrokenLink();

  let next = 1;
  const readNumber = () => {
    let value = 0;
    for (let bits = 0; bits <= 21; bits += 7) {
      if (next >= end) break;
      const byte = bytes[next++];
      value |= (byte & 127) << bits;
      if (byte < 128) return value;
    }
    throw new BrokenLink();
  };
  /** @type {Stroke[]} */
  const strokes = [];
  const at = { x: 0, y: 0 };
  let count = 0; // of all points
  while (next < end) {
    const byte = bytes[next++];
    const width = byte & ~ERASES;
    const length = readNumber();
    count += length;
    if (width < WIDTHS.least || width > WIDTHS.most || !length || count > MOST_POINTS) throw new BrokenLink();
    const points = Array.from({ length }, (_, i) => {
      for (const axis of /** @type {const} */ (["x", "y"])) {
        const step = readNumber();
        at[axis] += step & 1 ? -(step + 1) / 2 : step / 2;
        if (Math.abs(at[axis]) > BEYOND * GRAIN) throw new BrokenLink();
      }
      return { x: at.x / GRAIN, y: at.y / GRAIN, pressure: 0.5, time: (count - length + i) * PACE };
    });
    strokes.push(byte & ERASES ? { width, erases: true, points } : { width, points });
  }
  if (!strokes.length) throw new BrokenLink();
  return { picture: null, strokes };
}

/** @param {number[]} bytes @param {number} value at least 0 */
function writeNumber(bytes, value) {
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  bytes.push(value);
}

/** @param {ArrayLike<number>} bytes */
function checksum(bytes) {
  let [low, high] = [0, 0];
  for (let i = 0; i < bytes.length; i++) {
    low = (low + bytes[i]) % 255;
    high = (high + low) % 255;
  }
  return [low, high];
}

/** @param {string} text @returns {Uint8Array} @throws {BrokenLink} */
function bytesOf(text) {
  try {
    return fromBase64url(text);
  } catch {
    throw new BrokenLink();
  }
}
