// @ts-check

/**
 * Call `draw` now and whenever an element's size, the screen's pixel density or the color scheme changes.
 * @param {Element} element @param {() => void} draw
 */
export function onScreenChange(element, draw) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  const observer = new ResizeObserver(draw);
  try {
    observer.observe(element, { box: "device-pixel-content-box" }); // calls `draw` now as well
  } catch {
    observer.observe(element); // Safari cannot observe device pixels; its screens have one or two per CSS pixel
    matchMedia("(min-resolution: 1.5dppx)").addEventListener("change", draw);
  }
}
