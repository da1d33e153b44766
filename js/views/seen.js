// @ts-check
// The 28×28 pixels that the network gets.

/** @typedef {import("../recognizer.js").Reading} Reading */

/** @param {HTMLCanvasElement} canvas @returns {(reading: Reading) => void} */
export function seenView(canvas) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  return ({ image }) => {
    const [height, width] = image.shape;
    const pixels = context.createImageData(width, height);
    for (const [i, ink] of image.data.entries()) pixels.data.fill(255 * ink, 4 * i, 4 * i + 4);
    context.putImageData(pixels, 0, 0);
  };
}
