// @ts-check
// The whole network, small: the drawing, every stage and the answer, each a button that opens it.

import { changeText, make } from "../page.js";
import { paintDigit } from "../views/ink_image.js";
import { dimensions } from "../views/numbers.js";
import { SignedMaps } from "../views/signed_maps.js";

/** @typedef {import("./room.js").Inspection} Inspection @typedef {import("./room.js").Stage} Stage */
/** @typedef {import("../python/client.js").Reading} Reading */
/** @typedef {(inspection: Inspection, reading: Reading) => void} View */

/** "16 maps of 14 × 14", "128 neurons", "10 logits". @param {Stage} stage @param {boolean} last */
export function sizeInWords({ sums }, last) {
  const [height, width, count] = sums.shape;
  if (width > 1) return `${count} maps of ${dimensions([width, height])}`;
  return `${count} ${last ? "logits" : "neurons"}`;
}

/**
 * @param {HTMLElement} place @param {(part: string) => void} open  "0" is the preprocessing, "1" the first stage
 * @returns {(inspection: Inspection, reading: Reading, opened: string) => void}
 */
export function overview(place, open) {
  let drawn = "";
  /** @type {View[]} */
  let views = [];
  return (inspection, reading, opened) => {
    const { stages } = inspection;
    const network = String(stages.map(({ sums }) => sums.shape));
    if (network !== drawn) {
      drawn = network;
      place.replaceChildren();
      views = [
        drawingTile(tile("0", "Drawing", "28 × 28 pixels", "canvas")),
        ...stages
          .slice(0, -1)
          .map((stage, i) => stageTile(tile(String(i + 1), `Layer ${i + 1}`, sizeInWords(stage, false), "canvas"), i)),
        answerTile(tile(String(stages.length), "Answer", "10 scores", "b")),
      ];
    }
    for (const view of views) view(inspection, reading);
    for (const button of /** @type {HTMLElement[]} */ ([...place.children])) {
      button.ariaPressed = String(button.dataset.part === opened);
    }
  };

  /** @param {string} part @param {string} name @param {string} size @param {"canvas" | "b"} picture */
  function tile(part, name, size, picture) {
    const shown = make(picture);
    const tile = make("span", { className: "tile" }, shown);
    const button = make(
      "button",
      { type: "button", className: "part", data: { part } },
      tile,
      make("span", {}, name),
      make("small", {}, size),
    );
    button.addEventListener("click", () => {
      open(part);
      button.scrollIntoView({ block: "nearest", inline: "nearest" });
    });
    place.append(button);
    return shown;
  }
}

/** @param {HTMLElement} canvas @returns {View} */
function drawingTile(canvas) {
  canvas.className = "black-ink";
  return ({ steps }) => paintDigit(/** @type {HTMLCanvasElement} */ (canvas), steps.image.data, 1);
}

/** @param {HTMLElement} canvas @param {number} number @returns {View} */
function stageTile(canvas, number) {
  const maps = new SignedMaps(/** @type {HTMLCanvasElement} */ (canvas), { square: true });
  return ({ stages }) => maps.show(stages[number].sums, { off: stages[number].off });
}

/** @param {HTMLElement} text @returns {View} */
function answerTile(text) {
  return (_, { digit, verdict }) => {
    changeText(text, verdict === "not-a-digit" ? "?" : String(digit ?? ""));
  };
}
