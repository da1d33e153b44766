// @ts-check
// A photo by the camera of a computer. Phones do not come here: their own camera brings the photo as a file.

/** @typedef {import("./pictures.js").Pictures} Pictures */

const TROUBLE = /** @type {Record<string, string>} */ ({
  NotAllowedError: "The camera was refused: allow it for this page in the browser’s settings, or choose a picture instead.",
  NotFoundError: "No camera was found: plug one in, or choose a picture instead.",
  NotReadableError: "The camera is busy: close what else uses it, or choose a picture instead.",
});

/**
 * @param {HTMLElement} button opens the camera @param {HTMLDialogElement} room where one sees what it sees
 * @param {Pictures} pictures @param {(sentence: string) => void} say
 */
export function openCamera(button, room, pictures, say) {
  const video = /** @type {HTMLVideoElement} */ (room.querySelector("video"));
  const shutter = /** @type {HTMLButtonElement} */ (room.querySelector("#shutter"));
  /** @type {MediaStream | null} */
  let stream = null;
  let asking = false; // the button stays enabled meanwhile: the focus comes back to it

  button.addEventListener("click", async () => {
    if (!navigator.mediaDevices) {
      say("Browsers give the camera only to pages of this machine or over https: take the photo first, then choose its file.");
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
    room.showModal();
  });

  video.addEventListener("loadeddata", () => {
    shutter.disabled = false;
    shutter.focus();
  });
  shutter.addEventListener("click", async () => {
    const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
    /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d")).drawImage(video, 0, 0);
    room.close();
    pictures.bring(await canvas.convertToBlob(), "the photo");
  });
  room.querySelector("#camera-close")?.addEventListener("click", () => room.close());
  room.addEventListener("close", () => {
    for (const track of stream?.getTracks() ?? []) track.stop();
    video.srcObject = stream = null;
  });
}
