// @ts-check

/**
 * Call `draw` now and whenever an element's size, the screen's pixel density or the color scheme changes. For elements that
 * stay: the page never stops watching.
 * @param {Element} element @param {() => void} draw
 */
export function onScreenChange(element, draw) {
  new ResizeObserver(draw).observe(element); // calls it now as well
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  const watchDensity = () => {
    const density = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
    const changed = () => {
      draw();
      watchDensity();
    };
    density.addEventListener("change", changed, { once: true });
  };
  watchDensity();
}
