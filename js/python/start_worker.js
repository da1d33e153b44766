// @ts-check
// Starts workers, from the only two URLs that may become one. This is the page's first script: the first worker starts while
// the others still load.

export const ROOT = new URL("../..", import.meta.url);

// Trusted Types: where the browser has them, it loads workers only from URLs that this policy admits.
const WORKERS = ["js/python/worker.js", "sw.js"].map((path) => new URL(path, ROOT).href);

/** @typedef {{ createScriptURL(url: string): any }} Policy  TypeScript's library does not know Trusted Types */
/** @typedef {{ trustedTypes?: { createPolicy(name: string, rules: Policy): Policy } }} Browser */

const policy = /** @type {Browser} */ (globalThis).trustedTypes?.createPolicy("digits-from-scratch", {
  createScriptURL(url) {
    if (!WORKERS.includes(url)) throw new TypeError(`${url} is not a worker of this page.`);
    return url;
  },
});

/** The URL of one of the page's own workers as the browser accepts it. @param {URL} url @returns {URL} @throws {TypeError} */
export const scriptURL = (url) => policy?.createScriptURL(url.href) ?? url;

/** Whether sw.js answers this page from its offline copy. */
export const isCopied = Boolean(navigator.serviceWorker?.controller);

/**
 * Start a worker for Python, which waits for what Python starts from.
 * @returns {{ worker: Worker, failed: Promise<void> } | null} failed: resolves if its script cannot be run or throws; null if
 *   the browser has no module workers
 */
export function startWorker() {
  let modules = false;
  const worker = new Worker(scriptURL(new URL("worker.js", import.meta.url)), {
    name: isCopied ? "copied" : "",
    get type() {
      modules = true; // only a browser that has module workers asks
      return /** @type {const} */ ("module");
    },
  });
  const failed = new Promise((/** @type {(value: void) => void} */ resolve) => {
    worker.onerror = (event) => {
      event.preventDefault();
      resolve();
    };
  });
  if (modules) return { worker, failed };
  worker.terminate();
  return null;
}

/** The worker of the Python that reads the pad. */
export const firstWorker = startWorker();
