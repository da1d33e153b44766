// @ts-check
// What the pad asks of Python: to read what is on it, and to find the ink in a picture.

/** @typedef {import("../python/client.js").Request} Request */

const PATH = "uploads/picture";

/**
 * Read what is on the pad; a picture that nothing was drawn over is read from its file.
 * @param {import("./pad.js").Pad} pad @param {object | null} inside what the room Inside shows of it: see Inside.read in py/web
 * @returns {{ revision: number } & Request}
 */
export function readRequest(pad, inside) {
  const { revision, picture, strokes } = pad.ink;
  if (picture?.file && !strokes.length) return { revision, ...pictureRequest("read_picture", picture.file, { inside }) };
  return { revision, kind: "read", values: { inside }, pixels: pad.pixels() };
}

/** @param {"picture" | "read_picture"} kind @param {Uint8Array} file @param {object} [values] @returns {Request} */
export const pictureRequest = (kind, file, values) => ({
  kind,
  values: { file: PATH, ...values },
  contents: { [PATH]: file },
  archives: ["pillow"],
});
