// @ts-check
// The exercises of the room Code: a task, a start, a hint, a solution and a check each. Which are solved is stored.

import { element } from "../page.js";
import { keep, kept } from "../storage.js";

/**
 * @typedef {{ name: string, title: string, task: string, hint: string, file: string, start: string, solution: string }} Exercise
 */

const areNames = (/** @type {any} */ record) => Array.isArray(record) && record.every((name) => typeof name === "string");

/**
 * @param {Exercise[]} exercises
 * @param {(file: string, text: string) => void} edit  puts a text into the editor
 * @param {(name: string) => Promise<string>} check  what is still wrong; "" if nothing is
 */
export async function exercisesView(exercises, edit, check) {
  const picker = /** @type {HTMLSelectElement} */ (element("exercise"));
  const say = (/** @type {string} */ sentence) => (element("exercise-outcome").textContent = sentence);
  const chosen = () => exercises[picker.selectedIndex];
  const solved = new Set((await kept("exercises", areNames)) ?? []);
  picker.replaceChildren(...exercises.map(({ name }) => new Option("", name)));
  const show = () => {
    for (const [index, { name, title }] of exercises.entries()) {
      picker.options[index].text = `${index + 1}. ${title}${solved.has(name) ? " (solved)" : ""}`;
    }
    element("exercise-task").textContent = chosen().task;
  };
  show();
  picker.addEventListener("change", () => {
    say("");
    show();
  });
  element("exercise-begin").addEventListener("click", () => {
    say("");
    edit(chosen().file, chosen().start);
  });
  element("exercise-hint").addEventListener("click", () => say(chosen().hint));
  element("exercise-solution").addEventListener("click", () => edit(chosen().file, chosen().solution));
  element("exercise-check").addEventListener("click", async () => {
    const { name } = chosen();
    say("Checking …");
    const wrong = await check(name);
    if (!wrong) await keep("exercises", [...solved.add(name)]);
    show();
    say(wrong ? `Not yet: ${wrong}.` : "Solved.");
  });
}
