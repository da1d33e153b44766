// @ts-check
// Which digit was meant: the same choice in every chapter that needs a right answer.

import { make } from "../page.js";

/** "" for the network's second guess, so that there is something to learn. */
let meant = "";

/** @param {string} label @param {() => void} changed */
export function meantDigit(label, changed) {
  const guess = new Option("its second guess", "");
  const select = make(
    "select",
    {},
    guess,
    ...Array.from({ length: 10 }, (_, digit) => new Option(String(digit), String(digit))),
  );
  select.value = meant;
  select.addEventListener("change", () => {
    meant = select.value;
    changed();
  });
  return {
    element: make("label", { className: "choice" }, `${label} `, select),
    target: () => (meant === "" ? null : Number(meant)),
    /** @param {number} target that was used */
    show(target) {
      guess.text = meant === "" ? `${target}, its second guess` : "its second guess";
    },
  };
}
