// @ts-check
// Chapter 3: which neurons of both hidden layers fired; switch some off, or take out the activation functions.

import { barsView } from "../draw/room.js";
import { button, make } from "../page.js";
import { neuronField } from "./neuron_field.js";
import { answerOf, likeliest, readout, row, toggle } from "./parts.js";

/** @param {HTMLElement} place @param {() => void} changed @returns {import("./room.js").Chapter} */
export function layersChapter(place, changed) {
  const linear = toggle("Take out the ReLUs", changed);
  /** The neurons of each layer that are switched off. @type {Set<number>[]} */
  const off = [new Set(), new Set()];
  const fields = off.map((indices, layer) =>
    neuronField(`Neurons of layer ${layer + 1}`, "switches a neuron off or on", (index) => {
      if (!indices.delete(index)) indices.add(index);
      changed();
    }),
  );
  const allOn = button("Switch all on", () => {
    for (const indices of off) indices.clear();
    changed();
  });
  const bars = make("div", { className: "bars" });
  const now = readout("now", "It reads");
  const whole = readout("all", "With all of them:");
  place.append(
    make("div", { className: "pair-of" }, ...fields.map(({ figure }) => figure)),
    row(allOn, linear),
    bars,
    row(now, whole),
  );
  const showBars = barsView(bars);
  return {
    values: () => ({ off: Object.fromEntries(off.map((indices, layer) => [layer, [...indices]])), linear: linear.isOn() }),
    show({ fired, counts, probabilities, all }) {
      for (const [layer, { show }] of fields.entries()) {
        const caption = `Layer ${layer + 1}: ${counts[layer]} of ${fired[layer].data.length} neurons fired`;
        show(fired[layer], caption, { off: [...off[layer]] });
      }
      allOn.disabled = off.every(({ size }) => !size);
      showBars({ digit: likeliest(probabilities.data), probabilities });
      now.show(...answerOf(probabilities.data));
      whole.show(...answerOf(all.data));
    },
  };
}
