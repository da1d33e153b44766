// @ts-check
// The page for teachers, teach.html: the question of every chapter, with its answer.

import { element, make, showLanguage } from "../page.js";

/** @typedef {import("./room.js").Text} Text */

showLanguage();
const chapters = /** @type {Text[]} */ (await (await fetch(new URL("chapters.json", import.meta.url))).json());

for (const [index, { title, question }] of chapters.entries()) {
  const { ask, choices, right, because } = question;
  element("questions").append(
    make(
      "li",
      {},
      make("a", { href: `./?room=learn&chapter=${index + 1}` }, title),
      make("p", {}, ask),
      make("ul", {}, ...choices.map((choice, at) => make("li", { className: at === right ? "right" : "" }, choice))),
      make("p", { className: "because" }, because),
    ),
  );
}
