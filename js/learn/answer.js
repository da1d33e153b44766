// @ts-check
// Chapter 4: ten logits, softmax at a temperature, and the evidence that it is a digit at all.

import { logitsView } from "../inside/logits.js";
import { make } from "../page.js";
import { fixed } from "../views/numbers.js";
import { largest } from "../views/signed_colors.js";
import { answerOf, figure, likeliest, readout, row, slider } from "./parts.js";

/** @param {HTMLElement} place @param {() => void} changed @returns {import("./room.js").Chapter} */
export function answerChapter(place, changed) {
  const temperature = slider("Temperature", { min: -2, max: 3, step: 0.05, value: 0 }, changed, (power) =>
    fixed(2 ** power, 2),
  );
  const logits = make("div", { role: "img" });
  const show = logitsView(logits).show;
  const answer = readout("answer", "Answer");
  const evidence = readout("evidence", "Evidence");
  const verdict = make("p");
  place.append(
    figure("Logits, and the shares that softmax makes of them", logits),
    row(temperature),
    row(answer, evidence),
    verdict,
  );
  return {
    values: () => ({ temperature: 2 ** temperature.value }),
    show({ logits: z, probabilities: { data }, evidence: found, least }) {
      const digit = likeliest(data);
      show(z, { scale: largest(z.data), chosen: digit }, data);
      logits.ariaLabel = Array.from(data, (share, k) => `${k}: logit ${fixed(z.data[k], 1)}, ${fixed(100 * share, 1)} %`).join(
        "; ",
      );
      answer.show(...answerOf(data));
      evidence.show(found, fixed(found, 2));
      const enough = found >= least ? "That is enough: this is a digit." : "That is too little: this is not a digit.";
      verdict.textContent =
        least === null
          ? "This network has no threshold, so it cannot tell what is not a digit."
          : `All scores together give the evidence. The page asks for at least ${fixed(least, 2)}. ${enough}`;
    },
  };
}
