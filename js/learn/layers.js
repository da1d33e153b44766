// @ts-check
// Chapter 3: which neurons of both hidden layers fired; switch some off, or take out the activation functions.

import { barsView } from "../draw/room.js";
import { cellSelection } from "../inside/cell_selection.js";
import { fixed } from "../views/numbers.js";
import { SignedMaps } from "../views/signed_maps.js";
import { answerOf, button, likeliest, make, readout, row, toggle } from "./parts.js";

/** @param {HTMLElement} place @param {() => void} changed @returns {import("./room.js").Chapter} */
export function layersChapter(place, changed) {
  const linear = toggle("Take out the ReLUs", changed);
  const fields = [0, 1].map((layer) => field(layer, changed));
  const allOn = button("Switch all on", () => {
    for (const { off } of fields) off.clear();
    changed();
  });
  const bars = make("div", { className: "bars" });
  const now = readout("now", "It reads");
  const whole = readout("all", "With all of them:");
  place.append(
    make("div", { className: "pair-of" }, ...fields.map(({ figure }) => figure)),
    row({ element: allOn }, linear),
    bars,
    row(now, whole),
  );
  const showBars = barsView(bars);
  return {
    values: () => ({ off: Object.fromEntries(fields.map(({ off }, layer) => [layer, [...off]])), linear: linear.isOn() }),
    show({ fired, counts, probabilities, all }) {
      for (const [layer, field] of fields.entries()) field.show(fired[layer], counts[layer]);
      allOn.disabled = fields.every(({ off }) => !off.size);
      showBars({ digit: likeliest(probabilities.data), probabilities });
      now.show(...answerOf(probabilities.data));
      whole.show(...answerOf(all.data));
    },
  };
}

/** The neurons of one layer as squares. @param {number} layer @param {() => void} changed */
function field(layer, changed) {
  /** @type {Set<number>} */
  const off = new Set();
  const canvas = make("canvas", { ariaHidden: "true" });
  const maps = new SignedMaps(canvas);
  const frame = make(
    "div",
    { className: "neurons", ariaLabel: `Neurons of layer ${layer + 1}`, data: { layer: String(layer) } },
    canvas,
  );
  frame.setAttribute("aria-description", "Arrow keys move, Enter switches a neuron off or on");
  const caption = make("figcaption");
  /** @type {Float32Array | null} */
  let outputs = null;
  const flip = (/** @type {number} */ index) => {
    if (!off.delete(index)) off.add(index);
    changed();
  };
  const name = (/** @type {number} */ index) =>
    `Neuron ${index}: ${off.has(index) ? "switched off" : fixed(outputs?.[index] ?? 0, 2)}`;
  const update = cellSelection(frame, {
    count: () => maps.count,
    columns: () => maps.columns,
    at: (event) => maps.at(event),
    name,
    peek: (index) => (frame.title = index === null ? "" : name(index)),
    walk: () => {},
    select: flip,
    toggle: flip,
  });
  return {
    off,
    figure: make("figure", {}, frame, caption),
    /** @param {import("../python/client.js").Matrix} fired @param {number} count */
    show(fired, count) {
      outputs = fired.data;
      maps.show(fired, { off: [...off] });
      caption.textContent = `Layer ${layer + 1}: ${count} of ${fired.data.length} neurons fired`;
      update(null);
    },
  };
}
