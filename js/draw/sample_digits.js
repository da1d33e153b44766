// @ts-check
// A strip of MNIST's test digits, some of which networks get wrong.

import { SIDE } from "../pad/ink.js";

/** @typedef {import("../pad/ink.js").Picture} Picture */
/** @typedef {{ index: number, label: number, pixels: string }} Sample  pixels: 28×28 bytes in base64, 255 is ink */

const PIXELS = 28;
const MNIST = "MNIST’s test digit";

/**
 * @param {HTMLElement} place @param {(picture: Picture) => void} take
 * @returns {(picture: Picture | null) => void} says which of them is on the pad
 */
export function samplesView(place, take) {
  const says = /** @type {HTMLElement} */ (place.querySelector("p"));
  const strip = /** @type {HTMLElement} */ (place.querySelector("[role=group]"));
  const invitation = says.textContent ?? "";
  fetchSamples().then((samples) => {
    strip.append(...samples.map((sample) => button(sample, take)));
    place.hidden = !samples.length;
  });
  return (picture) => (says.textContent = picture?.name.startsWith(MNIST) ? picture.name : invitation);
}

/** @param {Sample} sample @param {(picture: Picture) => void} take */
function button({ index, label, pixels: base64 }, take) {
  const pixels = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const button = document.createElement("button");
  button.type = "button";
  button.ariaLabel = `Test digit ${index}, written as ${label}`;
  button.append(thumbnail(pixels));
  button.addEventListener("click", () => {
    take({ coverage: enlarged(pixels), name: `${MNIST} ${index}: its writer meant ${label}` });
  });
  return button;
}

/** @returns {Promise<Sample[]>} none where they are not to be had: the page does without */
async function fetchSamples() {
  try {
    return (await (await fetch(new URL("../../assets/samples.json", import.meta.url))).json()).samples;
  } catch {
    return [];
  }
}

/** @param {Uint8Array} pixels @param {HTMLCanvasElement} [canvas] to be painted anew */
export function thumbnail(pixels, canvas = document.createElement("canvas")) {
  canvas.width = canvas.height = PIXELS;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(PIXELS, PIXELS);
  for (const [i, ink] of pixels.entries()) image.data[4 * i + 3] = ink; // black ink; css/page.css turns it in the dark
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
