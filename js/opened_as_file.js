// biome-ignore-all lint/complexity: browsers too old for modules must be able to read it
// The only classic script: it says why nothing happens where module scripts do not run.
(function () {
  /** @param {string} sentence */
  function fail(sentence) {
    var alert = /** @type {HTMLElement} */ (document.getElementById("alert"));
    alert.appendChild(document.createElement("p")).textContent = sentence;
    alert.hidden = false;
    document.documentElement.setAttribute("data-state", "failed");
  }

  if (location.protocol === "file:") {
    fail("Browsers do not let a page opened as a file run Python: start it with “python3 serve.py” instead.");
  } else if (!("noModule" in document.createElement("script"))) {
    fail("This browser is too old to run the page: please open it in a current browser.");
  } else {
    addEventListener("load", function () {
      if (document.documentElement.hasAttribute("data-running")) return; // js/main.js was run
      fail("The page’s scripts cannot be run: check that the host serves js/main.js as text/javascript, then reload the page.");
      var controller = navigator.serviceWorker && navigator.serviceWorker.controller;
      if (!controller) return;
      var channel = new MessageChannel(); // as js/offline.js does: the offline copy may be damaged
      channel.port1.onmessage = function (event) {
        if (event.data > 0) location.reload();
      };
      controller.postMessage("repair", [channel.port2]);
    });
  }
})();
