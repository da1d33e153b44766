// @ts-check
// Chapter 9: a changed drawing, and what two networks read in it.

import { make } from "../page.js";
import { paintDigit } from "../views/ink_image.js";
import { SignedMaps } from "../views/signed_maps.js";
import { meantDigit } from "./meant.js";
import { answerOf, canvas, figure, readout, row, slider } from "./parts.js";

const KINDS = {
  gradient: "Along the gradient",
  noise: "Noise of the same size",
  rotation: "Rotation",
  missing: "Missing strokes",
};

/** @param {HTMLElement} place @param {() => void} changed @returns {import("./room.js").Chapter} */
export function foolChapter(place, changed) {
  const meant = meantDigit("Make it read", changed);
  const kind = make("select", {}, ...Object.entries(KINDS).map(([value, text]) => new Option(text, value)));
  kind.addEventListener("change", changed);
  const strength = slider("Strength", { min: 0, max: 100, step: 1, value: 0 }, changed, (share) => `${share} %`);
  const picture = make("canvas", { className: "black-ink", role: "img", ariaLabel: "The changed drawing" });
  const change = canvas("What was changed");
  const dense = readout("dense", "The dense network reads");
  const page = readout("page", "The network of the page reads");
  const size = readout("size", "Size of the change:");
  place.append(
    make(
      "div",
      { className: "pair-of" },
      figure("The changed drawing", make("div", { className: "tile" }, picture)),
      figure("The change: blue adds ink, orange removes it", change),
    ),
    row(make("label", { className: "choice" }, "Change ", kind), meant),
    row(strength),
    row(dense, page, size),
  );
  const maps = new SignedMaps(change);
  return {
    values: () => ({ target: meant.target(), kind: kind.value, strength: strength.value / 100 }),
    show({ target, image, change, size: length, dense: first, page: second }) {
      meant.show(target);
      meant.element.hidden = kind.value !== "gradient";
      paintDigit(picture, image.data, 1);
      maps.show(change, { scale: 1 });
      dense.show(...answerOf(first.data));
      page.show(...answerOf(second.data));
      size.show(length);
    },
  };
}
