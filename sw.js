// @ts-check
/// <reference lib="webworker" />
// The page without a network: a copy of one version of all its files, taken whole or not at all.
//
// precache.js is made by py/hosting and names the version: its files with their sha256. A published page comes from the copy
// alone, so that it is never half old and half new; a new version waits until all tabs are closed or somebody takes it.
// Under serve.py the network is asked first, and the copy serves only while the server is gone.

importScripts("precache.js");

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
/** @type {{ version: string, networkFirst: boolean, files: Record<string, string> }} */
const { version, networkFirst, files } = /** @type {any} */ (self).PRECACHE;

const SCOPE = new URL(worker.registration.scope);
/** Names of caches begin as js/storage.js names what it forgets. */
const OURS = `digits-from-scratch ${SCOPE.pathname} `;
const CACHE = OURS + version;
const SHA256 = "X-Sha256";
/** So many files come at the same time. */
const LANES = 6;

const address = (/** @type {string} */ path) => new URL(path, SCOPE).href;

worker.addEventListener("install", (event) => {
  event.waitUntil(takeCopy());
  if (networkFirst) worker.skipWaiting();
});

async function takeCopy() {
  const names = (await caches.keys()).filter((name) => name.startsWith(OURS));
  const cache = await caches.open(CACHE);
  const waiting = Object.entries(files)[Symbol.iterator]();
  await Promise.all(
    Array.from({ length: LANES }, async () => {
      for (const [path, sha256] of waiting) {
        const before = await Promise.all(names.map((cacheName) => caches.match(address(path), { cacheName })));
        const same = before.find((response) => response?.headers.get(SHA256) === sha256);
        await cache.put(address(path), same ?? (await fetched(path, sha256)));
      }
    }),
  );
}

/** @param {string} path @param {string} sha256 @returns {Promise<Response>} */
async function fetched(path, sha256) {
  const response = await fetch(address(path), { cache: "no-cache" });
  const bytes = await response.arrayBuffer();
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const hex = [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  if (hex !== sha256) throw new Error(`${path} is not of this version: the copy is taken another time.`);
  const headers = new Headers({ [SHA256]: sha256 });
  for (const name of ["Content-Type", "Content-Security-Policy"]) {
    const value = response.headers.get(name);
    if (value) headers.set(name, value);
  }
  return new Response(bytes, { headers });
}

worker.addEventListener("activate", (event) => event.waitUntil(dropOlder()));

async function dropOlder() {
  const older = (await caches.keys()).filter((name) => name.startsWith(OURS) && name !== CACHE);
  await Promise.all(older.map((name) => caches.delete(name)));
}

worker.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method !== "GET" || !url.startsWith(SCOPE.href)) return;
  const path = decodeURI(new URL(url).pathname).slice(SCOPE.pathname.length) || "index.html";
  if (!Object.hasOwn(files, path)) return; // MNIST’s parts, and what is not there
  event.respondWith(networkFirst ? fetch(event.request).catch(() => copied(path, event.request)) : copied(path, event.request));
});

/** @param {string} path @param {Request} request @returns {Promise<Response>} */
async function copied(path, request) {
  return (await caches.match(address(path), { cacheName: CACHE })) ?? fetch(request); // it may have been forgotten
}

worker.addEventListener("message", ({ data }) => {
  if (data === "use") worker.skipWaiting();
});
