// @ts-check
// A strip of MNIST's test digits, some of which networks get wrong.

import { element, find, make } from "../page.js";
import { enlarged, paintDigit } from "../views/ink_image.js";

/** @typedef {import("../pad/ink.js").Picture} Picture */
/** @typedef {{ index: number, label: number, pixels: string }} Sample  pixels: 28×28 bytes in base64, 255 is ink */

const MNIST = "MNIST’s test digit";

/** @param {(picture: Picture) => void} take @returns {(picture: Picture | null) => void} names the sample that is on the pad */
export function samplesView(take) {
  const place = element("samples");
  const [caption, strip] = ["p", "[role=group]"].map((part) => find(place, part));
  const invitation = caption.textContent ?? "";
  fetchSamples().then((samples) => {
    strip.append(...samples.map((sample) => sampleButton(sample, take)));
    place.hidden = !samples.length;
  });
  return (picture) => (caption.textContent = picture?.name.startsWith(MNIST) ? picture.name : invitation);
}

/** @param {Sample} sample @param {(picture: Picture) => void} take */
function sampleButton(sample, take) {
  const { index, label } = sample;
  const canvas = make("canvas", { className: "black-ink" });
  paintDigit(canvas, pixelsOf(sample));
  const act = () => take({ coverage: enlarged(pixelsOf(sample)), name: `${MNIST} ${index}, labeled ${label}` });
  return make("button", { type: "button", ariaLabel: `Test digit ${index}, labeled ${label}`, onclick: act }, canvas);
}

/** @param {Sample} sample */
export const pixelsOf = ({ pixels }) => Uint8Array.from(atob(pixels), (char) => char.charCodeAt(0));

/** @type {Promise<Sample[]> | undefined} */
let fetched;

/** Empty where they cannot be loaded: the page works without. */
export function fetchSamples() {
  fetched ??= fetch(new URL("../../assets/samples.json", import.meta.url))
    .then(async (response) => (await response.json()).samples)
    .catch(() => []);
  return fetched;
}
