// @ts-check
// The page without a network, and installed: sw.js keeps a copy of it, and says when there is a newer one.

import { find, make } from "./page.js";
import { repairOfflineCopy } from "./python/downloads.js";
import { scriptURL } from "./python/start_worker.js";

/** Wait for this long (ms) once the page works: all this must not compete with what people came for. */
const PATIENCE = 1500;

/**
 * @param {HTMLElement} news appears when a new version waits; its button takes it
 * @param {(sentence: string) => void} say
 * @param {ServiceWorker | null | undefined} version  has the offline copy that this page came from
 */
export function stayOffline(news, say, version) {
  if (!("serviceWorker" in navigator)) return; // plain http from another machine
  const { serviceWorker } = navigator;
  let asked = false;

  /** @param {ServiceWorkerRegistration} registration */
  function offer({ waiting }) {
    if (!waiting || !serviceWorker.controller) return;
    news.hidden = false;
    find(news, "button").onclick = () => {
      asked = true;
      waiting.postMessage("use");
    };
  }
  serviceWorker.addEventListener("message", ({ data }) => {
    if (data.altered)
      say(`This page could not be stored for use offline: its host does not send ${data.altered} as it was published.`);
  });
  // Every tab goes over to the new version at once: none may mix the two.
  serviceWorker.addEventListener("controllerchange", () => (version || asked) && location.reload());
  if (version && version !== serviceWorker.controller) location.reload();

  setTimeout(async () => {
    document.head.append(make("link", { rel: "manifest", href: "manifest.webmanifest" }));
    try {
      const registration = await serviceWorker.register(scriptURL(new URL("../sw.js", import.meta.url)), {
        updateViaCache: "none",
      });
      offer(registration);
      registration.addEventListener("updatefound", () => {
        registration.installing?.addEventListener("statechange", () => offer(registration));
      });
      await repairOfflineCopy(); // for the next visit
    } catch {
      // the page works, but not without a network
    }
  }, PATIENCE);
}
