// @ts-check
// A digit of 28×28 pixels, 255 being ink: painted small, or enlarged onto the pad.

import { SIDE } from "../pad/ink.js";

const PIXELS = 28;

/**
 * Paint black ink on nothing; css/theme.css inverts it in dark mode.
 * @param {HTMLCanvasElement} canvas @param {ArrayLike<number>} pixels
 */
export function paintDigit(canvas, pixels) {
  if (canvas.height !== PIXELS) canvas.width = canvas.height = PIXELS;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(PIXELS, PIXELS);
  for (let i = 0; i < pixels.length; i++) image.data[4 * i + 3] = pixels[i];
  context.putImageData(image, 0, 0);
}

/** Make each pixel a square of the pad: scaled down by Python, it is exactly the digit again. @param {Uint8Array} pixels */
export function enlarged(pixels) {
  const zoom = SIDE / PIXELS;
  return Uint8Array.from({ length: SIDE * SIDE }, (_, i) => {
    const [row, column] = [Math.floor(i / SIDE), i % SIDE];
    return pixels[Math.floor(row / zoom) * PIXELS + Math.floor(column / zoom)];
  });
}
