// @ts-check
// A strip of MNIST's test digits, some of which networks get wrong.

import { enlarged, paintDigit } from "../views/digit_image.js";

/** @typedef {import("../pad/ink.js").Picture} Picture */
/** @typedef {{ index: number, label: number, pixels: string }} Sample  pixels: 28×28 bytes in base64, 255 is ink */

const MNIST = "MNIST’s test digit";

/**
 * @param {HTMLElement} place @param {(picture: Picture) => void} take
 * @returns {(picture: Picture | null) => void} names the sample that is on the pad
 */
export function samplesView(place, take) {
  const caption = /** @type {HTMLElement} */ (place.querySelector("p"));
  const strip = /** @type {HTMLElement} */ (place.querySelector("[role=group]"));
  const invitation = caption.textContent ?? "";
  fetchSamples().then((samples) => {
    strip.append(...samples.map((sample) => button(sample, take)));
    place.hidden = !samples.length;
  });
  return (picture) => (caption.textContent = picture?.name.startsWith(MNIST) ? picture.name : invitation);
}

/** @param {Sample} sample @param {(picture: Picture) => void} take */
function button({ index, label, pixels: base64 }, take) {
  const pixels = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const button = document.createElement("button");
  button.type = "button";
  button.ariaLabel = `Test digit ${index}, labeled ${label}`;
  paintDigit(button.appendChild(document.createElement("canvas")), pixels);
  button.addEventListener("click", () => {
    take({ coverage: enlarged(pixels), name: `${MNIST} ${index}, labeled ${label}` });
  });
  return button;
}

/** @returns {Promise<Sample[]>} empty where they cannot be loaded: the page works without */
export async function fetchSamples() {
  try {
    return (await (await fetch(new URL("../../assets/samples.json", import.meta.url))).json()).samples;
  } catch {
    return [];
  }
}
