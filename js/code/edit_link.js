// @ts-check
// A patch as text for a link's fragment: #edit=…, base64url of its deflated text.

import { fromBase64url, toBase64url } from "../base64url.js";

/** Characters of a link that browsers and messengers are sure to keep. */
const LONGEST = 32_000;
/** Bytes that a link may unpack to. */
const MOST = 1_000_000;

/** @param {ReadableStream<any>} stream @returns {Promise<Uint8Array>} @throws where it is longer than MOST */
async function readAll(stream) {
  let size = 0;
  const limited = stream.pipeThrough(
    new TransformStream({
      transform(chunk, controller) {
        size += chunk.length;
        if (size > MOST) throw new RangeError();
        controller.enqueue(chunk);
      },
    }),
  );
  return new Uint8Array(await new Response(limited).arrayBuffer());
}

/** @param {string} patch @returns {Promise<string>} the fragment; "" if it is too long */
export async function linkToPatch(patch) {
  const packed = await readAll(new Blob([patch]).stream().pipeThrough(new CompressionStream("deflate-raw")));
  const fragment = `#edit=${toBase64url(packed)}`;
  return fragment.length <= LONGEST ? fragment : "";
}

/** @param {string} fragment @returns {Promise<string | null>} null if it carries no patch @throws {Error} a sentence */
export async function patchOf(fragment) {
  if (!fragment.startsWith("#edit=")) return null;
  try {
    const bytes = await readAll(
      new Blob([fromBase64url(fragment.slice(6))]).stream().pipeThrough(new DecompressionStream("deflate-raw")),
    );
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Error("The link to this code is broken, perhaps cut short. Ask for it again and copy all of it.");
  }
}
