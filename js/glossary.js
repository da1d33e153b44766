// @ts-check
// Words that a reader may not know. A button with the class `term` explains itself where it stands: index.html has some,
// and `explained` and `term` make others. The browser opens and closes the explanation (popovertarget).

import { english, translated } from "./language/language.js";
import { element, make } from "./page.js";

/** @type {Record<string, string>} */
const GLOSSARY = {
  activation:
    "What a neuron does with its weighted sum before it passes it on. Without one, many layers could do no more than one layer.",
  augmentation:
    "Every training image is changed a little each time: turned, shifted, bent, thinner or thicker. The network learns what stays the same.",
  backpropagation:
    "Computes how much each weight contributed to the loss, from the last layer back to the first, with the chain rule.",
  batch:
    "The images that the network sees in one training step. Larger batches give steadier steps, and fewer of them in an epoch.",
  "batch size":
    "How many images the network sees in one training step. Their gradients are averaged before the weights change.",
  bias: "A number that a neuron adds to its weighted sum. It says how easily the neuron becomes active.",
  "confusion matrix":
    "A table of all test digits: the row is what was drawn, the column is what the network read. Mistakes are off the diagonal.",
  convolution:
    "One small grid of weights slides over the picture and computes a weighted sum at each place, so a stroke is found wherever it is.",
  "dense network":
    "The simpler of the page’s two networks. Each neuron gets all numbers of the layer before. Learn explains this one, as its neurons are few.",
  epoch: "One pass over all training images.",
  "feature map": "What one filter of a convolutional layer found, place by place: a picture of where its pattern occurs.",
  gradient: "How fast a result changes when a number changes a little: the loss with a weight, or a logit with a pixel.",
  layer: "A group of neurons that all work on the same numbers. What they compute is the input of the next layer.",
  "learning rate":
    "How far each step moves the weights. If it is too small, learning takes forever; if it is too large, the steps overshoot and the loss grows.",
  logit:
    "The score of one digit, as the last layer computes it: any number, positive or negative. Softmax turns the ten logits into probabilities.",
  loss: "How wrong the network is, as one number (cross-entropy): 0 if it gives the right digit all the probability, 2.3 if it guesses. Training makes it smaller.",
  "max pooling":
    "Keeps only the largest of each 2 × 2 neighboring numbers, so that the picture becomes half as wide and half as high.",
  mnist:
    "70,000 handwritten digits of 28 × 28 pixels, collected in the 1990s. The networks learn from 60,000 of them; 10,000 are for testing.",
  neuron:
    "Multiplies each of its inputs by a weight, adds the products and its bias, and passes on what the activation function makes of the sum.",
  optimizer:
    "The rule that turns gradients into changes of the weights. SGD follows the gradient; Adam gives each weight a step size of its own.",
  overfitting: "The network learns its training images by heart: it reads them perfectly, and new digits worse.",
  parameter: "A weight or a bias: a number that training changes.",
  "random seed":
    "The number that determines everything random in a run: the first weights, the order of the images. The same seed gives the same run.",
  relu: "An activation function that passes on a positive sum unchanged, and 0 instead of a negative one.",
  schedule: "How the learning rate changes during the run. One cycle: it rises at first, then falls to almost nothing.",
  softmax: "Turns ten scores into ten probabilities that add up to 100 %. The largest score gets the most.",
  "test accuracy": "How many digits the network reads correctly, of 10,000 that it was not trained on.",
  "training image": "How many of MNIST’s images the network learns from. With few, it learns them by heart.",
  weight: "How strongly one input counts in a neuron’s sum. A negative weight counts against it. Training finds the weights.",
};

/** What the glossary says about a word, in the singular or the plural. @param {string} word */
export function meaning(word) {
  const key = word.toLowerCase();
  return GLOSSARY[key] ?? GLOSSARY[key.replace(/s$/, "")];
}

/** A word that explains itself. @param {string} word @param {string} [entry]  its name in the glossary, if it differs */
export function term(word, entry = word) {
  const button = make("button", { type: "button", className: "term", data: { entry } }, word);
  button.setAttribute("popovertarget", "explanation");
  return button;
}

/**
 * A text with its terms marked, "the [logits] of the digits", as nodes. In translations, [word|entry] names the entry.
 * @param {string} text @returns {(string | Node)[]}
 */
export function explained(text) {
  const parts = translated(text).split(/\[(.*?)\]/);
  return parts.map((part, i) => (i % 2 ? term(.../** @type {[string, string?]} */ (part.split("|"))) : part));
}

document.addEventListener("click", ({ target }) => {
  const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest(".term"));
  if (!button) return;
  const place = element("explanation");
  place.autofocus = true; // in the HTML, the browser would try it when the page opens
  place.ariaLabel = button.textContent;
  place.textContent = meaning(button.dataset.entry ?? english(button)) ?? "";
  const { left, top, bottom } = button.getBoundingClientRect();
  const height = document.documentElement.clientHeight;
  const isAbove = bottom > 0.6 * height; // there is more room
  place.style.setProperty("--left", `${left}px`);
  place.style.top = isAbove ? "auto" : `${bottom + scrollY}px`;
  place.style.bottom = isAbove ? `${height - top - scrollY}px` : "auto";
});
