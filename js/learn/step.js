// @ts-check
// Chapter 7: steps of gradient descent on the drawing, together with some test digits.

import { button, make } from "../page.js";
import { fixed } from "../views/numbers.js";
import { plotView } from "../views/plot.js";
import { SignedMaps } from "../views/signed_maps.js";
import { meantDigit } from "./meant.js";
import { answerOf, canvas, figure, readout, row, slider } from "./parts.js";

const MOST_STEPS = 10; // all of them are taken again for every point of the pen

/**
 * @param {HTMLElement} place @param {() => void} changed @param {import("./room.js").Page} page
 * @returns {import("./room.js").Chapter}
 */
export function stepChapter(place, changed, { samples }) {
  const meant = meantDigit("You meant", () => go(-steps));
  const rate = slider("Learning rate", { min: -3, max: 0.5, step: 0.1, value: -1.5 }, changed, (power) =>
    String(Number((10 ** power).toPrecision(2))),
  );
  let steps = 0;
  const go = (/** @type {number} */ more) => {
    steps = Math.min(steps + more, MOST_STEPS);
    changed();
  };
  const curve = canvas("The loss after each step");
  const weights = canvas("Changes of the weights of one neuron");
  const caption = make("figcaption");
  const before = readout("before", "Before:");
  const after = readout("after", "Now:");
  const loss = readout("loss", "Loss:");
  const verdict = make("p", { role: "status" });
  place.append(
    make("div", { className: "pair-of" }, figure("Loss after each step", curve, "plot"), make("figure", {}, weights, caption)),
    row(
      meant,
      button("Take a step", () => go(1)),
      button("Start over", () => go(-steps)),
    ),
    row(rate),
    row(before, after, loss),
    verdict,
  );
  const plot = plotView(curve);
  const maps = new SignedMaps(weights);
  return {
    values: () => ({ samples, target: meant.target(), rate: 10 ** rate.value, steps }),
    show({ target, losses: { data }, before: first, after: last, neuron, change }) {
      meant.show(target);
      const now = data[data.length - 1];
      const top = 1.2 * Math.max(1, ...Array.from(data).filter(Number.isFinite));
      plot({
        y: data,
        top,
        point: [data.length - 1, now],
        low: "0 steps",
        high: data.length > 1 ? `${data.length - 1}` : "",
      });
      maps.show(change);
      caption.textContent = `Changes of the weights of neuron ${neuron}`;
      before.show(...answerOf(first.data));
      if (Number.isFinite(now)) after.show(...answerOf(last.data));
      else after.show(NaN, "no longer a number");
      loss.show(now);
      if (data.length === 1) verdict.textContent = "";
      else if (!(now <= data[data.length - 2])) verdict.textContent = "The loss rose: this step was too large.";
      else verdict.textContent = `The step lowered the loss by ${fixed(data[data.length - 2] - now, 4)}.`;
    },
  };
}
