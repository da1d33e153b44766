// The only classic script: it says why the page stays still where module scripts cannot run at all.
(function () {
  var sentence =
    location.protocol === "file:"
      ? "Browsers do not let a page opened as a file run Python: start it with “python3 serve.py” instead."
      : !("noModule" in document.createElement("script"))
        ? "This browser is too old to run the page: please open it in a current browser."
        : "";
  if (!sentence) return;
  document.getElementById("alert-sentence").textContent = sentence;
  document.getElementById("retry").hidden = true;
  document.getElementById("alert").hidden = false;
  document.documentElement.setAttribute("data-state", "failed");
})();
