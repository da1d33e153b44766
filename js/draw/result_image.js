// @ts-check
// A result to keep: the drawing, what was read in it, and ten bars; made from the data, not from the screen.

import { SIDE } from "../pad/ink.js";
import { Sheet } from "../pad/ink_canvas.js";
import { inWords } from "./answer.js";

/** @typedef {import("../pad/ink.js").Drawing} Drawing @typedef {import("../python/client.js").Reading} Reading */

const SCALE = 2;
const GAP = 28;
const SIZE = { width: 3 * GAP + SIDE + 300, height: 2 * GAP + SIDE + 40 };
const [PAPER, GROUND, INK, QUIET, TRACK, ACCENT] = ["#ffffff", "#f5f5f2", "#15181e", "#5b616b", "#e0e1dd", "#2457d6"];
const FONT = "system-ui, sans-serif";

/** @param {Drawing} drawing @param {Reading} reading @returns {Promise<Blob>} a PNG */
export async function resultPicture(drawing, reading) {
  const canvas = document.createElement("canvas");
  canvas.width = SIZE.width * SCALE;
  canvas.height = SIZE.height * SCALE;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.scale(SCALE, SCALE);
  context.fillStyle = GROUND;
  context.fillRect(0, 0, SIZE.width, SIZE.height);

  const sheet = new Sheet(document.createElement("canvas"));
  sheet.colour = INK;
  sheet.resize(SIDE * SCALE);
  sheet.repaint(drawing);
  context.fillStyle = PAPER;
  context.beginPath();
  context.roundRect(GAP, GAP, SIDE, SIDE, 16);
  context.fill();
  context.drawImage(sheet.canvas, GAP, GAP, SIDE, SIDE);

  context.fillStyle = QUIET;
  context.font = `14px ${FONT}`;
  context.fillText("Digits from scratch: read by a neural network in NumPy", GAP, SIZE.height - 24);
  answer(context, 2 * GAP + SIDE, reading);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The picture could not be made."))), "image/png");
  });
}

/** @param {CanvasRenderingContext2D} context @param {number} left @param {Reading} reading */
function answer(context, left, reading) {
  const width = SIZE.width - GAP - left;
  const claims = reading.verdict !== "not-a-digit";
  context.fillStyle = claims ? ACCENT : QUIET;
  context.font = `650 120px ${FONT}`;
  context.fillText(String(reading.digit ?? ""), left, GAP + 105);
  context.fillStyle = INK;
  context.font = `18px ${FONT}`;
  context.fillText(inWords(reading), left, GAP + 150, width);

  const [top, height, step] = [GAP + 175, 75, width / 10];
  context.textAlign = "center";
  context.font = `15px ${FONT}`;
  for (const [digit, share] of reading.probabilities.data.entries()) {
    const [x, full] = [left + digit * step, step - 6];
    context.fillStyle = TRACK;
    context.fillRect(x, top, full, height);
    context.fillStyle = digit === reading.digit && claims ? ACCENT : QUIET;
    context.fillRect(x, top + height * (1 - share), full, height * share);
    context.fillText(String(digit), x + full / 2, top + height + 20);
  }
}
