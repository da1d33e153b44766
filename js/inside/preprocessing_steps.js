// @ts-check
// The way in: from what was drawn to the 784 numbers that the network gets. Every picture is the array that Python used.

import { figure, times } from "../views/numbers.js";
import { tableBehind } from "../views/data_table.js";

/** @typedef {import("./room.js").Steps} Steps @typedef {import("../python/client.js").Matrix} Matrix */

/** @param {HTMLElement} place @returns {(steps: Steps) => void} */
export function stepsView(place) {
  const canvas = (/** @type {string} */ step) =>
    /** @type {HTMLCanvasElement} */ (place.querySelector(`[data-step="${step}"] canvas`));
  const [grey, ink, crop, scaled, image, numbers] = ["grey", "ink", "crop", "scaled", "image", "numbers"].map(canvas);
  const frame = /** @type {HTMLElement} */ (place.querySelector(".box"));
  const table = tableBehind(place, "The 784 numbers as a table");

  return (steps) => {
    const fromPad = steps.grey.data.byteOffset === steps.ink.data.byteOffset; // the pad gives ink, and nothing has to be found
    grey.classList.toggle("ink", fromPad);
    paintInk(ink, steps.ink);
    if (fromPad) copy(ink, grey);
    else paintGrey(grey, steps.grey);
    const [height, width] = steps.ink.shape;
    frame.hidden = !steps.box;
    place.classList.toggle("blank", !steps.box);
    if (steps.box) {
      const [top, bottom, left, right] = steps.box;
      const sides = {
        "--top": top / height,
        "--bottom": 1 - bottom / height,
        "--left": left / width,
        "--right": 1 - right / width,
      };
      for (const [side, share] of Object.entries(sides)) frame.style.setProperty(side, String(share));
      ink.parentElement?.style.setProperty("--shape", String(width / height));
      paintInk(crop, cropped(steps.ink, steps.box));
      paintInk(scaled, steps.scaled);
    }
    paintInk(image, steps.image);
    paintInk(numbers, { shape: [1, steps.image.data.length], data: steps.image.data });
    for (const [step, sentence] of Object.entries(sentences(steps, fromPad))) {
      const says = /** @type {HTMLElement} */ (place.querySelector(`[data-step="${step}"] p`));
      if (says.textContent !== sentence) says.textContent = sentence;
    }
    table(() => ({
      columns: ["Row", ...Array.from({ length: 28 }, (_, column) => String(column))],
      rows: Array.from({ length: 28 }, (_, row) => [
        row,
        ...Array.from(steps.image.data.subarray(28 * row, 28 * row + 28), (value) => figure(value)),
      ]),
    }));
  };
}

/** @param {Steps} steps @param {boolean} fromPad */
function sentences({ grey, box, scaled, inked, lit, moved, centre }, fromPad) {
  const [height, width] = grey.shape;
  const drawn = `${times([width, height])} pixels${fromPad ? " from the pad" : ", without their colours"}.`;
  if (!box || !moved || !centre) {
    return {
      grey: drawn,
      ink: "There is no ink yet.",
      crop: "Then: the box around it.",
      scaled: "Then: as large as MNIST’s digits.",
      image: "Then: moved to the middle.",
      numbers: "784 zeros.",
    };
  }
  const [top, bottom, left, right] = box;
  const factor = Math.max(...scaled.shape) / Math.max(bottom - top, right - left);
  const [down, across] = moved;
  return {
    grey: drawn,
    ink: `${figure(100 * inked, 1)} % of them hold ink: rows ${top} to ${bottom - 1}, columns ${left} to ${right - 1}.`,
    crop: `The box around it: ${times([right - left, bottom - top])} pixels.`,
    scaled: `By ${figure(factor, 3)}, so that the longer side is 20: ${times([scaled.shape[1], scaled.shape[0]])}.`,
    image:
      `Moved ${across} right, ${down} down: its centre of mass, (${figure(centre[1], 1)}, ${figure(centre[0], 1)}), ` +
      "comes to the middle.",
    numbers: `Row by row, 784 numbers from 0 to 1; ${lit} are not 0. They are all that the network gets.`,
  };
}

/** @param {Matrix} ink @param {number[]} box @returns {Matrix} */
function cropped(ink, [top, bottom, left, right]) {
  const data = new Float32Array((bottom - top) * (right - left));
  for (let row = top; row < bottom; row++) {
    data.set(ink.data.subarray(row * ink.shape[1] + left, row * ink.shape[1] + right), (row - top) * (right - left));
  }
  return { shape: [bottom - top, right - left], data };
}

/** @param {HTMLCanvasElement} from @param {HTMLCanvasElement} to */
function copy(from, to) {
  to.width = from.width; // which also empties it
  to.height = from.height;
  /** @type {CanvasRenderingContext2D} */ (to.getContext("2d")).drawImage(from, 0, 0);
}

/** Black ink on nothing; css/page.css turns it in the dark. @param {HTMLCanvasElement} canvas @param {Matrix} ink */
const paintInk = (canvas, ink) => paint(canvas, ink, (value) => (255 * value) << 24);

/** @param {HTMLCanvasElement} canvas @param {Matrix} grey */
const paintGrey = (canvas, grey) => paint(canvas, grey, (value) => (255 << 24) | (Math.round(255 * value) * 0x010101));

/** @param {HTMLCanvasElement} canvas @param {Matrix} picture @param {(value: number) => number} pixel  as 0xAABBGGRR */
function paint(canvas, { shape: [height, width], data }, pixel) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < data.length; i++) pixels[i] = pixel(data[i]);
  context.putImageData(image, 0, 0);
}
