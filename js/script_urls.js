// @ts-check
// Trusted Types: where the browser has them, it loads workers only from URLs that this policy admits.

const OURS = ["python/worker.js", "../sw.js"].map((path) => new URL(path, import.meta.url).href);

/** @typedef {{ createScriptURL(url: string): any }} Policy  TypeScript's library does not know Trusted Types */
/** @typedef {{ trustedTypes?: { createPolicy(name: string, rules: Policy): Policy } }} Browser */

const policy = /** @type {Browser} */ (globalThis).trustedTypes?.createPolicy("digits-from-scratch", {
  createScriptURL(url) {
    if (!OURS.includes(url)) throw new TypeError(`${url} is not a worker of this page.`);
    return url;
  },
});

/** The URL of one of the page's own workers as the browser accepts it. @param {URL} url @returns {URL} @throws {TypeError} */
export const scriptURL = (url) => policy?.createScriptURL(url.href) ?? url;
