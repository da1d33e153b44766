// @ts-check
// A drawing as text for a link's fragment: #ink=…, base64url of
//   1 byte   version
//   a stroke 1 byte: its width, plus 128 where it erases; its number of points; then each point's way from the point before
//            (the first of all starts at 0, 0): across and down
//   2 bytes  Fletcher's checksum (RFC 1146) of all before
// in quarters of a pad unit. Numbers are varints of 7 bits, least first; those with a sign are zigzag: 0, -1, 1, -2 …

import { SIDE } from "./ink.js";

/** @typedef {import("./ink.js").Drawing} Drawing @typedef {import("./ink.js").Stroke} Stroke */

const VERSION = 1;
const ERASES = 128;
const GRAIN = 4; // steps a pad unit
const WIDTHS = { least: 1, most: 64 };
const MOST_POINTS = 20_000;
/** Points may lie a little beyond the pad: a pen that leaves it goes on drawing. */
const BEYOND = 10 * SIDE;
/** A point every so many ms, for the replay: links carry no times. */
const PACE = 12;

/** The link does not hold a drawing; the message says so to a person. */
export class BrokenLink extends Error {
  constructor() {
    super("The link to this drawing is broken, perhaps cut short on its way: ask for it again, and copy it whole.");
  }
}

/** @param {Drawing} drawing its strokes are carried, and its picture is not @returns {string} the fragment, # included; "" if it is too long for a link */
export function linkTo({ strokes }) {
  const bytes = [VERSION];
  const last = { x: 0, y: 0 };
  if (strokes.reduce((sum, { points }) => sum + points.length, 0) > MOST_POINTS) return "";
  for (const { width, erases, points } of strokes) {
    bytes.push(Math.round(width) + (erases ? ERASES : 0));
    number(bytes, points.length);
    for (const point of points) {
      for (const axis of /** @type {const} */ (["x", "y"])) {
        const at = Math.round(Math.min(Math.max(point[axis], -BEYOND), BEYOND) * GRAIN);
        const way = at - last[axis];
        number(bytes, way < 0 ? -2 * way - 1 : 2 * way);
        last[axis] = at;
      }
    }
  }
  bytes.push(...checksum(bytes));
  const text = btoa(bytes.map((byte) => String.fromCharCode(byte)).join(""));
  return `#ink=${text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

/** @param {string} fragment @returns {Drawing | null} null where the fragment is about something else @throws {BrokenLink} */
export function drawingIn(fragment) {
  if (!fragment.startsWith("#ink=")) return null;
  const bytes = bytesOf(fragment.slice(5));
  const end = bytes.length - 2;
  const [low, high] = checksum(bytes.slice(0, end));
  if (end < 1 || bytes[0] !== VERSION || bytes[end] !== low || bytes[end + 1] !== high) throw new BrokenLink();

  let next = 1;
  const number = () => {
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
  let time = 0;
  while (next < end) {
    const byte = bytes[next++];
    const width = byte & ~ERASES;
    const length = number();
    if (width < WIDTHS.least || width > WIDTHS.most || !length || (time += length) > MOST_POINTS) throw new BrokenLink();
    const points = Array.from({ length }, (_, i) => {
      for (const axis of /** @type {const} */ (["x", "y"])) {
        const way = number();
        at[axis] += way & 1 ? -(way + 1) / 2 : way / 2;
        if (Math.abs(at[axis]) > BEYOND * GRAIN) throw new BrokenLink();
      }
      return { x: at.x / GRAIN, y: at.y / GRAIN, pressure: 0.5, time: (time - length + i) * PACE };
    });
    strokes.push(byte & ERASES ? { width, erases: true, points } : { width, points });
  }
  if (!strokes.length) throw new BrokenLink();
  return { picture: null, strokes };
}

/** @param {number[]} bytes @param {number} value not below 0 */
function number(bytes, value) {
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
  if (!/^[\w-]+$/.test(text)) throw new BrokenLink();
  try {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
  } catch {
    throw new BrokenLink();
  }
}
