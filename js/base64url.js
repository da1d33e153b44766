// @ts-check
// Bytes as base64url without padding (RFC 4648, section 5): text that a URL's fragment can carry.

/** @param {ArrayLike<number>} bytes @returns {string} */
export function toBase64url(bytes) {
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {string} text @returns {Uint8Array<ArrayBuffer>} @throws {Error} if it is not base64url */
export function fromBase64url(text) {
  if (!/^[\w-]+$/.test(text)) throw new SyntaxError("not base64url");
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
}
