// @ts-check
// The steps from the drawing to the 784 numbers that the network reads. Each picture is the array that Python used.

import { changeText, find } from "../page.js";
import { dataTable } from "../views/data_table.js";
import { dimensions, fixed } from "../views/numbers.js";

/** @typedef {import("./room.js").Steps} Steps @typedef {import("../python/client.js").Matrix} Matrix */

/** @param {HTMLElement} place @returns {(steps: Steps) => void} */
export function preprocessingView(place) {
  const canvases = /** @type {NodeListOf<HTMLCanvasElement>} */ (place.querySelectorAll("[data-step] canvas"));
  const [gray, ink, crop, scaled, image, numbers] = canvases;
  const frame = find(place, ".box");
  const table = dataTable(place, "The 784 numbers as a table");
  /** The ink; the same memory each time, as the drawing keeps its size. @type {ImageData | undefined} */
  let picture;

  return (steps) => {
    const fromPad = steps.gray.data.byteOffset === steps.ink.data.byteOffset; // the pad sends only ink
    gray.classList.toggle("ink", fromPad);
    picture = inkPicture(steps.ink, picture);
    put(ink, picture);
    put(gray, fromPad ? picture : grayPicture(steps.gray));
    frame.hidden = !steps.box;
    place.classList.toggle("blank", !steps.box);
    if (steps.box) {
      const [height, width] = steps.ink.shape;
      const [top, bottom, left, right] = steps.box;
      frame.style.setProperty("--top", String(top / height));
      frame.style.setProperty("--bottom", String(1 - bottom / height));
      frame.style.setProperty("--left", String(left / width));
      frame.style.setProperty("--right", String(1 - right / width));
      put(crop, picture, steps.box);
      put(scaled, inkPicture(steps.scaled));
    }
    put(image, inkPicture(steps.image));
    put(numbers, inkPicture({ shape: [1, steps.image.data.length], data: steps.image.data }));
    for (const [step, sentence] of Object.entries(descriptions(steps, fromPad))) {
      changeText(find(place, `[data-step="${step}"] p`), sentence);
    }
    table(() => ({
      columns: ["Row", ...Array.from({ length: 28 }, (_, column) => String(column))],
      rows: Array.from({ length: 28 }, (_, row) => [
        row,
        ...Array.from(steps.image.data.subarray(28 * row, 28 * row + 28), (value) => fixed(value)),
      ]),
    }));
  };
}

/** @param {Steps} steps @param {boolean} fromPad */
function descriptions({ gray, box, scaled, inked, lit, moved }, fromPad) {
  const [height, width] = gray.shape;
  const drawn = `${dimensions([width, height])} pixels${fromPad ? " from the pad" : ", converted to gray"}.`;
  if (!box || !moved) {
    return {
      gray: drawn,
      ink: "There is no ink yet.",
      crop: "Next: cut out the box around the ink.",
      scaled: "Next: scale to the size of MNIST’s digits.",
      image: "Next: move to the center.",
      numbers: "784 zeros.",
    };
  }
  const [top, bottom, left, right] = box;
  const factor = Math.max(...scaled.shape) / Math.max(bottom - top, right - left);
  const [down, across] = moved;
  return {
    gray: drawn,
    ink: `${fixed(100 * inked, 1)} % of the pixels have ink: rows ${top} to ${bottom - 1}, columns ${left} to ${right - 1}.`,
    crop: `The box around the ink: ${dimensions([right - left, bottom - top])} pixels.`,
    scaled: `Made ${factor < 1 ? "smaller" : "larger"}, so that the longer side has 20 pixels: ${dimensions([scaled.shape[1], scaled.shape[0]])}.`,
    image: `Placed so that the center of mass of the ink is in the middle of 28 × 28: ${across} pixels from the left, ${down} from the top.`,
    numbers: `All the network gets: the 28 rows one after another, from 0 (paper) to 1 (ink). ${lit} of them are not 0.`,
  };
}

/**
 * Black ink on a transparent background; css/theme.css inverts it in dark mode.
 * @param {Matrix} ink @param {ImageData} [old]
 */
const inkPicture = (ink, old) => pictureOf(ink, (value) => (255 * value) << 24, old);

/** @param {Matrix} gray */
const grayPicture = (gray) => pictureOf(gray, (value) => (255 << 24) | (Math.round(255 * value) * 0x010101));

/**
 * @param {Matrix} matrix @param {(value: number) => number} pixel  as 0xAABBGGRR
 * @param {ImageData} [old]  whose memory is used again if it has the same size
 */
function pictureOf({ shape: [height, width], data }, pixel, old) {
  const picture = old?.width === width && old.height === height ? old : new ImageData(width, height);
  const pixels = new Uint32Array(picture.data.buffer);
  for (let i = 0; i < data.length; i++) pixels[i] = pixel(data[i]);
  return picture;
}

/** Show a picture, or the part of it in a box. @param {HTMLCanvasElement} canvas @param {ImageData} picture @param {number[]} box */
function put(canvas, picture, [top, bottom, left, right] = [0, picture.height, 0, picture.width]) {
  const [width, height] = [right - left, bottom - top];
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.putImageData(picture, -left, -top, left, top, width, height);
}
