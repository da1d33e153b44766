// @ts-check
// The 28×28 pixels that the network gets, as ink on paper.

/** @typedef {import("../python/client.js").Reading} Reading */

/** @param {HTMLCanvasElement} canvas @returns {(reading: Reading) => void} */
export function seenView(canvas) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  return ({ image }) => {
    const [height, width] = image.shape;
    const pixels = context.createImageData(width, height);
    for (const [i, ink] of image.data.entries()) pixels.data[4 * i + 3] = 255 * ink; // black ink; css/page.css turns it in the dark
    context.putImageData(pixels, 0, 0);
  };
}
