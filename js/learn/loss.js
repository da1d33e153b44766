// @ts-check
// Chapter 5: the loss as a number, and as a curve over the share that the network gives to the digit that was meant.

import { fixed, percent, scientific } from "../views/numbers.js";
import { plotView } from "../views/plot.js";
import { meantDigit } from "./meant.js";
import { canvas, figure, readout, row } from "./parts.js";

/** A share that may be tiny. @param {number} share */
function inPercent(share) {
  if (share >= 0.001) return percent(share);
  return share >= 1e-6 ? fixed(100 * share, 4) : scientific(100 * share);
}

/** @param {HTMLElement} place @param {() => void} changed @returns {import("./room.js").Chapter} */
export function lossChapter(place, changed) {
  const meant = meantDigit("You meant", changed);
  const share = readout("share", "Its share:");
  const loss = readout("loss", "Loss:");
  const curve = canvas("The loss for every share");
  place.append(row(meant), figure("The loss for every share that the right digit could get", curve, "plot"), row(share, loss));
  const plot = plotView(curve);
  return {
    values: () => ({ target: meant.target() }),
    show({ target, probabilities: { data }, loss: value, shares, losses }) {
      meant.show(target);
      share.show(data[target], `${inPercent(data[target])} %`);
      loss.show(value);
      curve.ariaLabel = `The loss falls from 5 at a share of 1 % to 0 at 100 %; here it is ${fixed(value, 3)}`;
      plot({
        x: shares.data,
        y: losses.data,
        top: Math.max(6, 1.2 * value),
        point: [data[target], value],
        low: "0 %",
        high: "100 %",
      });
    },
  };
}
