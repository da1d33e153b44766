// @ts-check
// Tar files, unpacked into Pyodide's file system.

const BLOCK = 512;

/**
 * @param {any} FS  Pyodide's @param {Uint8Array} tar  which the files go on using
 */
export function unpack(FS, tar) {
  const text = (/** @type {number} */ from, /** @type {number} */ length) =>
    new TextDecoder().decode(tar.subarray(from, from + length)).replace(/\0.*$/s, "");
  const folders = new Set();
  // A header: the name at byte 0, the size in octal digits at 124, what comes before the name at 345 (POSIX.1, "ustar").
  for (let at = 0; tar[at]; ) {
    const path = [text(at + 345, 155), text(at, 100)].filter(Boolean).join("/");
    const size = Number.parseInt(text(at + 124, 12), 8);
    const folder = `/${path.slice(0, path.lastIndexOf("/"))}`;
    if (!folders.has(folder)) FS.mkdirTree(folder);
    folders.add(folder);
    at += BLOCK;
    FS.writeFile(`/${path}`, tar.subarray(at, at + size), { canOwn: true });
    at += Math.ceil(size / BLOCK) * BLOCK;
  }
}
