// @ts-check
// The changes as a patch and as a link, and those that a link brings: they run only after a click.

import { element } from "../page.js";
import { save } from "../save_file.js";
import { linkToPatch, patchOf } from "./edit_link.js";

/** @typedef {import("../stored_edits.js").Edits} Edits */

/** @param {() => Promise<string>} diff  the changes as a patch @returns {() => void} to be called after every change */
export function changesView(diff) {
  const details = /** @type {HTMLDetailsElement} */ (element("changes"));
  const say = (/** @type {string} */ sentence) => (element("changes-outcome").textContent = sentence);
  const show = async () => {
    if (!details.open) return;
    try {
      element("code-diff").textContent = (await diff()) || "Nothing is changed.";
    } catch (error) {
      say(/** @type {Error} */ (error).message); // Python was stopped, say
    }
  };
  details.addEventListener("toggle", show);
  element("code-patch").addEventListener("click", async () => {
    save(new Blob([await diff()], { type: "text/x-diff" }), "digits.patch");
  });
  element("code-link").addEventListener("click", async () => {
    const fragment = await linkToPatch(await diff());
    if (!fragment) return say("That is too much for a link: save it as a patch.");
    const url = new URL("?room=code", location.href);
    url.hash = fragment;
    try {
      await navigator.clipboard.writeText(url.href);
      say("Copied. Whoever opens the link sees the change first, and runs it with a click.");
    } catch {
      say("This browser does not let pages copy: save it as a patch.");
    }
  });
  return show;
}

/**
 * Show the patch that the URL brings.
 * @param {(patch: string) => Promise<Edits>} apply  rejects where the patch does not fit this version of the page
 * @param {(edits: Edits) => void} run @param {(sentence: string) => void} say  what is wrong with the link; "" if nothing is
 */
export async function openLinkedPatch(apply, run, say) {
  const runButton = /** @type {HTMLButtonElement} */ (element("linked-run"));
  const place = element("linked");
  const finish = (/** @type {Edits} */ wanted) => {
    place.hidden = true;
    history.replaceState(history.state, "", location.pathname + location.search);
    run(wanted);
  };
  /** @type {string | null} */
  let patch = null;
  try {
    patch = await patchOf(location.hash);
    if (!patch) return;
    say("");
    const edits = await apply(patch);
    runButton.onclick = () => finish(edits);
    runButton.disabled = false;
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    say(patch ? `The change from the link cannot be used with this version of the page: ${message}.` : message);
    if (!patch) return;
    runButton.disabled = true;
  }
  element("linked-diff").textContent = patch;
  element("linked-discard").onclick = () => finish({});
  place.hidden = false;
}
