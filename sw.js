// @ts-check
/// <reference lib="webworker" />
// The page without a network: a copy of one version of all its files, taken whole or not at all.
//
// precache.js is made by py/hosting and names the version: its files with their sha256. A published page comes from the copy
// alone, so that it is never half old and half new; a new version waits until all tabs are closed or somebody takes it.
// Under serve.py every page asks first whether any file has changed since: if so, all come from the server.

importScripts("precache.js");

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
/** @type {{ version: string, networkFirst: boolean, files: Record<string, string> }} */
const { version, networkFirst, files } = /** @type {any} */ (self).PRECACHE;

const SCOPE = new URL(worker.registration.scope);
/** Names of caches begin as js/storage.js names what it forgets. */
const OURS = `digits-from-scratch ${SCOPE.pathname} `;
const CACHE = OURS + version;
/** So many files are downloaded at the same time. */
const LANES = 6;
const FOLDERS = ["archives", "assets", "css", "js", "vendor", "weights"];

/**
 * Most hosts send no policy, and the one in index.html does not apply to workers. This worker needs nothing but its scripts.
 */
const POLICIES = /** @type {Record<string, string>} */ ({
  "js/python/worker.js": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'",
});

/** Python starts without its snapshot too, only slower: on a slow or metered link that is not worth 5 MB. */
const { saveData, effectiveType } = /** @type {any} */ (navigator).connection ?? {};
const isSpared = (/** @type {string} */ path) => path.startsWith("snapshot/") && (saveData || /[23]g/.test(effectiveType));

const address = (/** @type {string} */ path) => new URL(path, SCOPE).href;
const paths = new Map(Object.keys(files).map((path) => [address(path), path]));
paths.set(SCOPE.href, "index.html");

worker.addEventListener("install", (event) => {
  event.waitUntil(copyAll());
  if (networkFirst) return worker.skipWaiting();
  // Browsers that can take these files from the copy without waiting for this worker.
  const source = { cacheName: CACHE };
  const routes = FOLDERS.map((folder) => ({ condition: { urlPattern: `${folder}/*` }, source }));
  event.waitUntil(/** @type {any} */ (event).addRoutes?.(routes));
});

/** @returns {Promise<number>} how many files were missing or damaged in the copy */
async function copyAll() {
  const older = (await caches.keys()).filter((name) => name.startsWith(OURS) && name !== CACHE);
  const cache = await caches.open(CACHE);
  const waiting = Object.keys(files)[Symbol.iterator]();
  let replaced = 0;
  async function copy() {
    for (const path of waiting) {
      if (isSpared(path) || (await kept(path, CACHE))) continue;
      const found = await Promise.all(older.map((name) => kept(path, name)));
      await cache.put(address(path), found.find(Boolean) ?? (await downloaded(path)));
      replaced += 1;
    }
  }
  await Promise.all(Array.from({ length: LANES }, copy));
  return replaced;
}

/** A file in a cache, if it is of this version. @param {string} path @param {string} cacheName */
async function kept(path, cacheName) {
  const response = await caches.match(address(path), { cacheName });
  return response && (await isGenuine(path, await response.clone().arrayBuffer())) ? response : null;
}

/** @param {string} path @returns {Promise<Response>} */
async function downloaded(path) {
  const response = await fetch(address(path), { cache: "no-cache" });
  const bytes = await response.arrayBuffer();
  if (!response.ok || !(await isGenuine(path, bytes))) {
    const pages = networkFirst ? [] : await worker.clients.matchAll({ includeUncontrolled: true });
    for (const page of pages) page.postMessage({ altered: path }); // js/offline.js says so
    throw new Error(`The offline copy is not made: the host sends another ${path} than the one that was published.`);
  }
  const headers = new Headers();
  for (const name of ["Content-Type", "Content-Security-Policy"]) {
    const value = response.headers.get(name) ?? (name === "Content-Security-Policy" && POLICIES[path]);
    if (value) headers.set(name, value);
  }
  return new Response(bytes, { headers });
}

/** @param {string} path @param {ArrayBuffer} bytes */
async function isGenuine(path, bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const hex = [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  if (hex === files[path]) return true;
  // Some hosts minify HTML or add to it: what still names this version is taken as it is.
  return path.endsWith(".html") && new TextDecoder().decode(bytes).includes(version);
}

worker.addEventListener("activate", (event) => event.waitUntil(dropOlder()));

async function dropOlder() {
  const older = (await caches.keys()).filter((name) => name.startsWith(OURS) && name !== CACHE);
  await Promise.all(older.map((name) => caches.delete(name)));
}

/** Whether the copy is of the files as they are now. */
let isCurrent = Promise.resolve(!networkFirst);

async function askServer() {
  try {
    return (await (await fetch(address("precache.js"), { cache: "no-cache" })).text()).includes(version);
  } catch {
    return true; // the server is gone
  }
}

worker.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const path = paths.get(url.replace(/[?#].*/s, ""));
  if (method !== "GET" || !path) return; // MNIST's parts, and what is not there
  const asksServer = networkFirst && mode === "navigate";
  if (asksServer) isCurrent = askServer();
  const takesCopy = asksServer ? Promise.resolve(false) : isCurrent;
  event.respondWith(takesCopy.then((takes) => (takes ? copied(path, event.request) : newest(path, event.request))));
});

/** @param {string} path @param {Request} request */
const newest = (path, request) => fetch(request).catch(() => copied(path, request));

/** @param {string} path @param {Request} request @returns {Promise<Response>} */
async function copied(path, request) {
  // No script of the page could repair a damaged index.html; all other files are checked when js/offline.js asks for it.
  const found = path === "index.html" ? kept(path, CACHE) : caches.match(address(path), { cacheName: CACHE });
  const response = await found;
  if (!response && isSpared(path)) return new Response(null, { status: 204 });
  return response ?? fetch(request); // it may have been forgotten
}

worker.addEventListener("message", ({ data, ports }) => {
  if (data === "use") worker.skipWaiting();
  if (data !== "repair") return;
  copyAll().then(
    (replaced) => ports[0].postMessage(replaced),
    () => ports[0].postMessage(0), // without a network, or under serve.py after an edit
  );
});
