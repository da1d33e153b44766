// @ts-check
// The page without a network: sw.js keeps a copy of it, and says when there is a newer one.

import { scriptURL } from "./script_urls.js";

/** Wait so long (ms) once the page works: the copy must not compete with what one came for. */
const PATIENCE = 1500;

/** @param {HTMLElement} news appears when a new version waits; its button takes it */
export function stayOffline(news) {
  if (!("serviceWorker" in navigator)) return; // plain http from another machine
  const { serviceWorker } = navigator;
  let asked = false;
  const use = /** @type {HTMLButtonElement} */ (news.querySelector("button"));

  /** @param {ServiceWorkerRegistration} registration */
  function offer({ waiting }) {
    if (!waiting || !serviceWorker.controller) return;
    news.hidden = false;
    use.onclick = () => {
      asked = true;
      waiting.postMessage("use");
    };
  }
  // Every tab goes over to the new version at once: none may mix the two.
  const controlled = Boolean(serviceWorker.controller);
  serviceWorker.addEventListener("controllerchange", () => (controlled || asked) && location.reload());

  const opened = new MutationObserver(() => {
    if (document.documentElement.dataset.state !== "ready") return;
    opened.disconnect();
    setTimeout(async () => {
      try {
        const registration = await serviceWorker.register(scriptURL(new URL("../sw.js", import.meta.url)), {
          updateViaCache: "none",
        });
        offer(registration);
        registration.addEventListener("updatefound", () => {
          registration.installing?.addEventListener("statechange", () => offer(registration));
        });
      } catch {
        // the page works, only not without a network
      }
    }, PATIENCE);
  });
  opened.observe(document.documentElement, { attributeFilter: ["data-state"] });
}
