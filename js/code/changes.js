// @ts-check
// The changes as a patch and as a link, and those that a link brings: they run only after a click.

import { element } from "../page.js";
import { save } from "../save_file.js";
import { editsIn, linkToEdits } from "./edit_link.js";

/** @typedef {Record<string, string>} Edits  texts by file */

/** @param {() => Edits} edits @param {(edits: Edits) => Promise<string>} diff @returns {() => void} to be called after every change */
export function changesView(edits, diff) {
  const details = /** @type {HTMLDetailsElement} */ (element("changes"));
  const say = (/** @type {string} */ sentence) => (element("changes-outcome").textContent = sentence);
  const show = async () => {
    if (!details.open) return;
    try {
      element("code-diff").textContent = (await diff(edits())) || "Nothing is changed.";
    } catch (error) {
      say(/** @type {Error} */ (error).message); // Python was stopped, say
    }
  };
  details.addEventListener("toggle", show);
  element("code-patch").addEventListener("click", async () => {
    save(new Blob([await diff(edits())], { type: "text/x-diff" }), "digits.patch");
  });
  element("code-link").addEventListener("click", async () => {
    const fragment = await linkToEdits(edits());
    if (!fragment) return say("That is too much for a link: save it as a patch.");
    const url = new URL("?room=code", location.href);
    url.hash = fragment;
    try {
      await navigator.clipboard.writeText(url.href);
      say("Copied. Who opens the link sees the change first, and runs it with a click.");
    } catch {
      say("This browser does not let pages copy: save it as a patch.");
    }
  });
  return show;
}

/**
 * Show what the URL brings.
 * @param {(edits: Edits) => Promise<string>} diff  known files only @param {(edits: Edits) => void} run
 * @param {(sentence: string) => void} say
 */
export async function openLinkedEdits(diff, run, say) {
  const place = element("linked");
  try {
    const edits = await editsIn(location.hash);
    if (!edits) return;
    element("linked-diff").textContent = (await diff(edits)) || "It changes nothing of this version.";
    const finish = (/** @type {Edits} */ wanted) => {
      place.hidden = true;
      history.replaceState(history.state, "", location.pathname + location.search);
      run(wanted);
    };
    element("linked-run").onclick = () => finish(edits);
    element("linked-discard").onclick = () => finish({});
    place.hidden = false;
  } catch (error) {
    say(/** @type {Error} */ (error).message);
  }
}
