// @ts-check
// Ink as an image: black on nothing, which css/theme.css inverts in dark mode. Digits have 28×28 pixels, and can be enlarged
// to the pad.

import { SIDE } from "../pad/ink.js";

const PIXELS = 28;

/** @param {number} width @param {ArrayLike<number>} ink  row by row @param {number} [full]  the number of full ink */
export function inkImage(width, ink, full = 255) {
  const image = new ImageData(width, ink.length / width);
  for (let i = 0; i < ink.length; i++) image.data[4 * i + 3] = (255 * ink[i]) / full;
  return image;
}

/** @param {HTMLCanvasElement} canvas @param {ArrayLike<number>} ink @param {number} [full]  the number of full ink */
export function paintDigit(canvas, ink, full) {
  if (canvas.height !== PIXELS) canvas.width = canvas.height = PIXELS;
  canvas.getContext("2d")?.putImageData(inkImage(PIXELS, ink, full), 0, 0);
}

/** Make each pixel a square of the pad: scaled down by Python, it is exactly the digit again. @param {Uint8Array} pixels */
export function enlarged(pixels) {
  const zoom = SIDE / PIXELS;
  return Uint8Array.from({ length: SIDE * SIDE }, (_, i) => {
    const [row, column] = [Math.floor(i / SIDE), i % SIDE];
    return pixels[Math.floor(row / zoom) * PIXELS + Math.floor(column / zoom)];
  });
}
