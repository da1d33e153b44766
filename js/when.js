// @ts-check
// When to call a function: once calls pause, once an element is in sight, whenever the screen changes.

/**
 * A function that runs `action` once it has not been called for `wait` ms, with the arguments of the last call.
 * @template {any[]} Arguments @param {(...values: Arguments) => void} action @param {number} wait
 */
export function debounce(action, wait) {
  let timer = 0;
  const later = (/** @type {Arguments} */ ...values) => {
    clearTimeout(timer);
    timer = setTimeout(action, wait, ...values);
  };
  return Object.assign(later, { cancel: () => clearTimeout(timer) });
}

/** What is out of sight is updated once the drawing has rested for this long (ms). */
const REST = 150;

/**
 * The same view, which outside the visible part of the page updates only when it comes into sight or the drawing rests.
 * @template {any[]} T @param {Element} place @param {(...data: T) => void} view @returns {(...data: T) => void}
 */
export function whenVisible(place, view) {
  let visible = true;
  /** @type {T | null} */
  let missed = null;
  const catchUp = () => {
    if (missed) view(...missed);
    missed = null;
  };
  const catchUpLater = debounce(catchUp, REST);
  new IntersectionObserver((entries) => {
    visible = entries[entries.length - 1].isIntersecting;
    if (visible) catchUp();
  }).observe(place);
  return (...data) => {
    missed = data;
    if (visible) catchUp();
    else catchUpLater();
  };
}

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
