// @ts-check
// Taking a photo with a computer's camera. Phones use their own camera app, which returns the photo as a file.

import { element, find } from "../page.js";

/** @typedef {import("./pictures.js").Pictures} Pictures */

/** @type {Record<string, string>} */
const TROUBLE = {
  NotAllowedError: "This page may not use the camera: allow it in the browser’s settings, or choose a picture instead.",
  NotFoundError: "No camera was found: connect one, or choose a picture instead.",
  NotReadableError: "Another program is using the camera: close it, or choose a picture instead.",
};

/** @param {Pictures} pictures @param {(sentence: string) => void} say  what went wrong */
export function connectCamera(pictures, say) {
  const dialog = /** @type {HTMLDialogElement} */ (element("camera-dialog"));
  const video = /** @type {HTMLVideoElement} */ (find(dialog, "video"));
  const shutter = /** @type {HTMLButtonElement} */ (element("shutter"));
  /** @type {MediaStream | null} */
  let stream = null;
  let asking = false; // the button stays enabled meanwhile, so that it keeps the focus

  element("camera").addEventListener("click", async () => {
    if (!navigator.mediaDevices) {
      say("Browsers allow the camera only over https: take the photo first, then choose its file.");
      return;
    }
    if (asking) return;
    asking = true;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
    } catch (error) {
      const { name } = /** @type {DOMException} */ (error);
      say(TROUBLE[name] ?? "The camera could not be opened: choose a picture instead.");
      return;
    } finally {
      asking = false;
    }
    shutter.disabled = true;
    video.srcObject = stream; // plays by itself
    dialog.showModal();
  });

  video.addEventListener("loadeddata", () => {
    shutter.disabled = false;
    shutter.focus();
  });
  shutter.addEventListener("click", async () => {
    const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
    /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d")).drawImage(video, 0, 0);
    dialog.close();
    pictures.bring(await canvas.convertToBlob(), "the photo");
  });
  element("camera-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    for (const track of stream?.getTracks() ?? []) track.stop();
    video.srcObject = stream = null;
  });
}
