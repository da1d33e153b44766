// @ts-check
// A question with some answers to choose from.

import { button, make } from "../page.js";

/** @typedef {{ ask: string, choices: string[], right: number, because: string }} Question */

/** @param {Question} question @param {boolean} isSolved @param {() => void} solve  called after the right answer */
export function questionView({ ask, choices, right, because }, isSolved, solve) {
  const says = make("p", { role: "status" }, isSolved ? `Answered. ${because}` : "");
  const buttons = choices.map((choice, index) =>
    button(choice, () => {
      buttons[index].classList.add(index === right ? "right" : "wrong");
      says.textContent = index === right ? `Right. ${because}` : "Not quite. Try another one.";
      if (index === right) solve();
    }),
  );
  if (isSolved) buttons[right].classList.add("right");
  const group = make("div", { className: "parts", role: "group", ariaLabel: ask }, ...buttons);
  return make("section", { className: "question", ariaLabel: "Question" }, make("p", { className: "ask" }, ask), group, says);
}
