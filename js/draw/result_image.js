// @ts-check
// A result as an image: the drawing, the answer, and a digit's ten bars, or the digits of a number above their ink.
// Made from the data, not from the screen, in the page's colors.

import { translated } from "../language/language.js";
import { SIDE } from "../pad/ink.js";
import { InkCanvas } from "../pad/ink_canvas.js";
import { percent } from "../views/numbers.js";

/** @typedef {import("../pad/ink.js").Drawing} Drawing @typedef {import("./room.js").Answer} Answer */

const SCALE = 2;
const GAP = 28;
const SIZE = { answer: 300, height: 2 * GAP + SIDE + 40 };
const FONT = "system-ui, sans-serif";

/** @param {"paper" | "ground" | "ink" | "quiet" | "track" | "accent"} name of a custom property in css/theme.css */
const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`);

/**
 * @param {Drawing} drawing @param {number} padWidth @param {Answer} answer
 * @param {Float32Array | null} probabilities  of a digit; null for a number
 * @returns {Promise<Blob>} a PNG
 */
export async function resultImage(drawing, padWidth, answer, probabilities) {
  const width = 3 * GAP + padWidth + SIZE.answer;
  const canvas = document.createElement("canvas");
  canvas.width = width * SCALE;
  canvas.height = SIZE.height * SCALE;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.scale(SCALE, SCALE);
  context.fillStyle = color("ground");
  context.fillRect(0, 0, width, SIZE.height);

  const ink = new InkCanvas(document.createElement("canvas"));
  ink.color = color("ink");
  ink.resize(padWidth * SCALE, padWidth);
  ink.repaint(drawing);
  context.fillStyle = color("paper");
  context.beginPath();
  context.roundRect(GAP, GAP, padWidth, SIDE, 16);
  context.fill();
  context.drawImage(ink.canvas, GAP, GAP, padWidth, SIDE);

  paintDigits(context, answer.digits ?? []);
  context.fillStyle = color("quiet");
  context.font = `14px ${FONT}`;
  context.fillText(translated("Digits from scratch: read by a neural network in NumPy"), GAP, SIZE.height - 24);
  paintAnswer(context, 2 * GAP + padWidth, answer, probabilities);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The image could not be made."))), "image/png");
  });
}

/**
 * Each digit of a number above its ink, with its confidence.
 * @param {CanvasRenderingContext2D} context @param {NonNullable<Answer["digits"]>} digits
 */
function paintDigits(context, digits) {
  const middles = digits.map(({ box: [left, , right] }) => GAP + (left + right) / 2);
  context.save();
  context.textAlign = "center";
  context.fillStyle = color("quiet");
  context.font = `13px ${FONT}`;
  for (const [place, { digit, confidence }] of digits.entries()) {
    const room = Math.min(...middles.filter((_, other) => other !== place).map((other) => Math.abs(other - middles[place])));
    context.fillText(`${digit}: ${percent(confidence)} %`, middles[place], GAP - 8, room - 4);
  }
  context.restore();
}

/**
 * @param {CanvasRenderingContext2D} context @param {number} left @param {Answer} answer
 * @param {Float32Array | null} probabilities
 */
function paintAnswer(context, left, { value, verdict, words }, probabilities) {
  const width = SIZE.answer;
  const claims = verdict !== "not-a-digit";
  context.fillStyle = color(claims ? "accent" : "quiet");
  context.font = `650 120px ${FONT}`;
  context.fillText(value, left, GAP + 105, width);
  context.fillStyle = color("ink");
  context.font = `18px ${FONT}`;
  context.fillText(translated(words), left, GAP + 150, width);
  if (!probabilities) return;

  const [top, height, step] = [GAP + 175, 75, width / 10];
  context.textAlign = "center";
  context.font = `15px ${FONT}`;
  for (const [digit, share] of probabilities.entries()) {
    const [x, full] = [left + digit * step, step - 6];
    context.fillStyle = color("track");
    context.fillRect(x, top, full, height);
    context.fillStyle = color(String(digit) === value && claims ? "accent" : "quiet");
    context.fillRect(x, top + height * (1 - share), full, height * share);
    context.fillText(String(digit), x + full / 2, top + height + 20);
  }
}
