// @ts-check
// Edited files as text for a link's fragment: #edit=…, base64url of deflated JSON, { file: text }.

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

/** @param {Record<string, string>} edits @returns {Promise<string>} the fragment; "" if it is too long */
export async function linkToEdits(edits) {
  const packed = await readAll(new Blob([JSON.stringify(edits)]).stream().pipeThrough(new CompressionStream("deflate-raw")));
  const text = btoa(Array.from(packed, (byte) => String.fromCharCode(byte)).join(""));
  const fragment = `#edit=${text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
  return fragment.length <= LONGEST ? fragment : "";
}

/** @param {string} fragment @returns {Promise<Record<string, string> | null>} null if it carries no edits @throws {Error} a sentence */
export async function editsIn(fragment) {
  if (!fragment.startsWith("#edit=")) return null;
  try {
    const text = atob(fragment.slice(6).replaceAll("-", "+").replaceAll("_", "/"));
    const packed = Uint8Array.from(text, (char) => char.charCodeAt(0));
    const json = await readAll(new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw")));
    const edits = JSON.parse(new TextDecoder().decode(json));
    if (!isEdits(edits)) throw new TypeError();
    return edits;
  } catch {
    throw new Error("The link to this code is broken, perhaps cut short. Ask for it again and copy all of it.");
  }
}

/** @param {any} record @returns {boolean} whether it holds texts by file */
export const isEdits = (record) =>
  record !== null && typeof record === "object" && Object.values(record).every((text) => typeof text === "string");
