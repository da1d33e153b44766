// @ts-check

import { make } from "./page.js";

/** Save a file to where the browser puts downloads. @param {Blob} content @param {string} name */
export function save(content, name) {
  const link = make("a", { href: URL.createObjectURL(content), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
