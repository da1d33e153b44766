// @ts-check
// The menu "Share": a result as an image, a drawing as a link. And the way to delete what is stored here.

import { SIDE } from "../pad/ink.js";
import { linkTo } from "../pad/ink_link.js";
import { element } from "../page.js";
import { save } from "../save_file.js";
import { forgetEverything } from "../storage.js";
import { resultImage } from "./result_image.js";

/** @typedef {import("../pad/pad.js").Pad} Pad @typedef {import("./room.js").DrawRoom} DrawRoom */

/** @param {Pad} pad @param {DrawRoom} draw */
export function connectShareMenu(pad, draw) {
  const outcome = element("share-outcome");
  /** @type {Record<string, () => Promise<string>>} what each button does; the result is shown below the buttons */
  const actions = {
    "copy-result": () =>
      withResult(async (image) => {
        try {
          await navigator.clipboard.write([new ClipboardItem({ "image/png": image() })]);
          return "Copied.";
        } catch {
          // plain http has no clipboard, and the browser may refuse
          saveImage(await image());
          return "The browser does not allow copying: saved as a file instead.";
        }
      }),
    "save-result": () =>
      withResult(async (image) => {
        saveImage(await image());
        return "Saved.";
      }),
    "copy-link": copyLink,
    forget: async () => {
      try {
        await forgetEverything();
        return "Deleted: this browser no longer stores anything from this page.";
      } catch {
        return "Not everything could be deleted: close other tabs of this page and try again, or delete its data in the browser’s settings.";
      }
    },
  };
  for (const [id, action] of Object.entries(actions)) {
    element(id).addEventListener("click", async () => (outcome.textContent = await action()));
  }
  element("share").addEventListener("toggle", () => (outcome.textContent = ""));

  /** @param {(image: () => Promise<Blob>) => Promise<string>} use @returns {Promise<string>} */
  async function withResult(use) {
    const { answer, digit } = draw;
    if (!answer || pad.ink.isEmpty) return "There is no result yet: draw a digit first.";
    const probabilities = pad.width === SIDE && digit ? digit.probabilities.data : null;
    return use(() => resultImage(pad.ink.drawing, pad.width, answer, probabilities));
  }

  async function copyLink() {
    const { picture, strokes } = pad.ink.drawing;
    if (picture) return "A link can contain strokes but not a picture: save the result instead.";
    if (!strokes.length) return "There is nothing to link to yet: draw a digit first.";
    const fragment = linkTo(pad.ink.drawing);
    if (!fragment) return "This drawing is too long for a link: save the result instead.";
    const link = new URL(fragment, location.href).href;
    try {
      await navigator.clipboard.writeText(link);
      return "Copied.";
    } catch {
      history.replaceState(history.state, "", link);
      return "The browser does not allow copying: copy the link from the address bar instead.";
    }
  }

  /** @param {Blob} image */
  function saveImage(image) {
    save(image, `${pad.width === SIDE ? "digit" : "number"}-${draw.answer?.value || "none"}.png`);
  }
}
