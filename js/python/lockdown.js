// @ts-check
// A worker that has all it needs gives up what reaches the network, the page or its storage, and what turns strings into
// code. A Content-Security-Policy would forbid both, but workers only get one as a header, which many hosts cannot send.

const FORBIDDEN =
  `fetch XMLHttpRequest WebSocket WebSocketStream WebTransport EventSource RTCPeerConnection Worker importScripts
  BroadcastChannel caches indexedDB FontFace fonts Notification postMessage close eval`.split(/\s+/);

/** In place of the constructors that take a function's source; `instanceof Function` stays true for functions. */
function NoFunction() {
  throw new TypeError("Strings are not run as code here");
}
NoFunction.prototype = Function.prototype;

export function lockDown() {
  for (const example of [() => {}, async () => {}, function* () {}, async function* () {}]) {
    Object.defineProperty(Object.getPrototypeOf(example), "constructor", { value: NoFunction });
  }
  Object.defineProperty(globalThis, "Function", { value: NoFunction });
  for (const name of FORBIDDEN) {
    for (let scope = globalThis; scope; scope = Object.getPrototypeOf(scope)) delete (/** @type {any} */ (scope)[name]);
    Object.defineProperty(globalThis, name, { value: undefined });
  }
  Object.defineProperty(globalThis, "navigator", { value: {} }); // it leads to locks and files that the page may use
  for (const name of /** @type {const} */ (["setTimeout", "setInterval"])) {
    const original = globalThis[name];
    const timer = (/** @type {any} */ action, /** @type {any[]} */ ...rest) => {
      if (typeof action !== "function") throw new TypeError(`${name} takes a function here`);
      return original(action, ...rest);
    };
    Object.defineProperty(globalThis, name, { value: timer });
  }
}
