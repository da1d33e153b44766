// @ts-check
// What one takes away: a result as a picture, a drawing as a link. And the way to leave nothing behind.

import { linkTo } from "../pad/ink_link.js";
import { save } from "../save_file.js";
import { forgetEverything } from "../storage.js";
import { resultPicture } from "./result_image.js";

/** @typedef {import("../pad/pad.js").Pad} Pad @typedef {import("../python/client.js").Reading} Reading */

/**
 * @param {HTMLElement} menu @param {Pad} pad @param {() => Reading | null} newest the newest reading
 * @param {(sentence: string) => void} say what went wrong
 */
export function shareFrom(menu, pad, newest, say) {
  const says = /** @type {HTMLElement} */ (menu.querySelector("#share-says"));
  /** @param {string} id @param {() => Promise<string>} action what it returns is said */
  const on = (id, action) =>
    menu.querySelector(`#${id}`)?.addEventListener("click", async () => {
      says.textContent = await action();
    });

  /** @param {(picture: () => Promise<Blob>) => Promise<string>} use @returns {Promise<string>} */
  async function withResult(use) {
    const reading = newest();
    if (!reading || pad.ink.isEmpty) return "There is no result yet: draw a digit first.";
    return use(() => resultPicture(pad.ink.drawing, reading));
  }

  on("copy-result", () =>
    withResult(async (picture) => {
      try {
        await navigator.clipboard.write([new ClipboardItem({ "image/png": picture() })]);
        return "Copied.";
      } catch {
        // no clipboard over plain http, or it is refused
        savePicture(await picture());
        return "The browser gives no access to the clipboard: saved as a file instead.";
      }
    }),
  );

  on("save-result", () =>
    withResult(async (picture) => {
      savePicture(await picture());
      return "Saved.";
    }),
  );

  on("copy-link", async () => {
    const { picture, strokes } = pad.ink.drawing;
    if (picture) return "A link can carry strokes, but no picture: save the result instead.";
    if (!strokes.length) return "There is nothing to link to yet: draw a digit first.";
    const fragment = linkTo(pad.ink.drawing);
    if (!fragment) return "This drawing is too long for a link: save the result instead.";
    const link = new URL(fragment, location.href).href;
    try {
      await navigator.clipboard.writeText(link);
      return "Copied.";
    } catch {
      history.replaceState(history.state, "", link);
      return "The browser gives no access to the clipboard: the link now stands in the address bar, to be copied there.";
    }
  });

  on("forget", async () => {
    try {
      await forgetEverything();
      return "Forgotten: this browser keeps nothing of this page any more.";
    } catch {
      return "Not all could be forgotten: close other tabs of this page and try again, or delete its data in the browser’s settings.";
    }
  });

  menu.addEventListener("toggle", () => (says.textContent = ""));

  /** @param {Blob} picture */
  function savePicture(picture) {
    save(picture, `digit-${newest()?.digit ?? "none"}.png`);
    say("");
  }
}
