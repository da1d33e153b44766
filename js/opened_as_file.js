// The only classic script: it says why nothing happens where module scripts cannot run.
// biome-ignore lint/complexity/useArrowFunction: a browser too old for modules must be able to read it
(function () {
  var sentence =
    location.protocol === "file:"
      ? "Browsers do not let a page opened as a file run Python: start it with “python3 serve.py” instead."
      : !("noModule" in document.createElement("script"))
        ? "This browser is too old to run the page: please open it in a current browser."
        : "";
  if (!sentence) return;
  var alert = /** @type {HTMLElement} */ (document.getElementById("alert"));
  alert.appendChild(document.createElement("p")).textContent = sentence;
  alert.hidden = false;
  document.documentElement.setAttribute("data-state", "failed");
})();
