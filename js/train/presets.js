// @ts-check
// Runs worth watching: each is a link with its settings, and a sentence on what to watch.

import { explained } from "../glossary.js";
import { make } from "../page.js";

/** @typedef {import("../python/training_client.js").Settings} Settings */

/** @type {{ title: string, watch: string, settings: Settings }[]} */
const PRESETS = [
  {
    title: "The network of this page",
    watch: "The layers of the page’s “Dense” network. Watch the [test accuracy] pass 97 % within seconds.",
    settings: {},
  },
  {
    title: "One layer",
    watch: "No hidden layers. It stops near 92 %, and the pictures of its [weights] look like blurred digits.",
    settings: { layers: "784-10" },
  },
  {
    title: "Too small",
    watch: "Four [neurons] must do everything. Training and test [loss] both stay high: it cannot even learn what it sees.",
    settings: { layers: "784-4-10" },
  },
  {
    title: "Too fast a learning rate",
    watch: "A [learning rate] 50 times as high. The [loss] jumps about and the network reads badly.",
    settings: { "learning-rate": "0.1", schedule: "constant" },
  },
  {
    title: "100 images: overfitting",
    watch: "The training [loss] falls to nothing while the test loss rises: [overfitting].",
    settings: { samples: "100", batch: "20", epochs: "100" },
  },
  {
    title: "Convolutional",
    watch: "[Convolutions] first. Each image takes longer, but it reads better with fewer [parameters].",
    settings: { layers: "28x28-conv8x5-pool-conv16x5-pool-10", epochs: "2" },
  },
];

/**
 * @param {HTMLElement} place a list @param {Settings} defaults of all settings
 * @param {(settings: Settings) => void} choose
 * @returns {(settings: Settings) => void} marks the preset with these settings
 */
export function presetsView(place, defaults, choose) {
  const presets = PRESETS.map(({ title, watch, settings }) => {
    const link = make("a", { href: `?${new URLSearchParams({ room: "train", ...settings })}` }, title);
    const all = { ...defaults, ...settings };
    link.addEventListener("click", (event) => {
      event.preventDefault();
      choose(all);
    });
    place.append(make("li", {}, link, make("p", {}, ...explained(watch))));
    return { link, all };
  });
  return (settings) => {
    for (const { link, all } of presets) {
      const isChosen = Object.entries(all).every(([name, value]) => settings[name] === value);
      link.ariaCurrent = isChosen ? "true" : null;
    }
  };
}
