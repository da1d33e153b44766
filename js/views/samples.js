// @ts-check
// A strip of MNIST's test digits, some of which networks get wrong.

import { SIDE } from "../ink.js";

/** @typedef {import("../ink.js").Picture} Picture */
/** @typedef {{ index: number, label: number, pixels: string }} Sample  pixels: 28×28 bytes in base64, 255 is ink */

const PIXELS = 28;

/** @param {HTMLElement} place @param {(picture: Picture) => void} take */
export async function samplesView(place, take) {
  const says = /** @type {HTMLElement} */ (place.querySelector("p"));
  const strip = /** @type {HTMLElement} */ (place.querySelector("[role=group]"));
  for (const sample of await fetchSamples()) {
    const pixels = Uint8Array.from(atob(sample.pixels), (char) => char.charCodeAt(0));
    const button = document.createElement("button");
    button.type = "button";
    button.ariaLabel = `Test digit ${sample.index}, written as ${sample.label}`;
    button.append(thumbnail(pixels));
    button.addEventListener("click", () => {
      says.textContent = `MNIST’s test digit ${sample.index}: its writer meant ${sample.label}`;
      take({ coverage: enlarged(pixels), name: `MNIST’s test digit ${sample.index}` });
    });
    strip.append(button);
  }
  place.hidden = !strip.childElementCount;
}

/** @returns {Promise<Sample[]>} none where they are not to be had: the page does without */
async function fetchSamples() {
  try {
    return (await (await fetch(new URL("../../assets/samples.json", import.meta.url))).json()).samples;
  } catch {
    return [];
  }
}

/** @param {Uint8Array} pixels */
export function thumbnail(pixels) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = PIXELS;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(PIXELS, PIXELS);
  for (const [i, ink] of pixels.entries()) image.data[4 * i + 3] = ink; // black ink; style.css turns it in the dark
  context.putImageData(image, 0, 0);
  return canvas;
}

/** Each pixel as a square of the pad: what Python scales down again is then exactly the digit. @param {Uint8Array} pixels */
export function enlarged(pixels) {
  const zoom = SIDE / PIXELS;
  return Uint8Array.from({ length: SIDE * SIDE }, (_, i) => {
    const [row, column] = [Math.floor(i / SIDE), i % SIDE];
    return pixels[Math.floor(row / zoom) * PIXELS + Math.floor(column / zoom)];
  });
}
