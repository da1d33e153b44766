// @ts-check
// When to call a function: at events, once calls pause, once an element is in sight, whenever the screen changes.

/**
 * Call listeners with the details of events.
 * @param {EventTarget} target @param {Record<string, (detail: any) => unknown>} listeners  by the names of the events
 */
export function listen(target, listeners) {
  for (const [name, listener] of Object.entries(listeners)) {
    target.addEventListener(name, (event) => listener(/** @type {CustomEvent} */ (event).detail));
  }
}

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
 * Call `draw` now and whenever the canvas's size, the screen's pixel density or the colors change.
 * @param {Element} canvas @param {() => void} draw
 */
export function onScreenChange(canvas, draw) {
  new ResizeObserver(draw).observe(canvas); // calls it now as well
  canvas.addEventListener("repaint", draw);
}

function repaintAll() {
  for (const canvas of document.querySelectorAll("canvas")) canvas.dispatchEvent(new Event("repaint"));
}

/** On paper, the colors are the light ones: see css/theme.css. @param {boolean} isPrinting */
function changePaper(isPrinting) {
  document.documentElement.toggleAttribute("data-printing", isPrinting);
  repaintAll();
}

function watchDensity() {
  const density = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
  const changed = () => {
    repaintAll();
    watchDensity();
  };
  density.addEventListener("change", changed, { once: true });
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaintAll);
addEventListener("beforeprint", () => changePaper(true));
addEventListener("afterprint", () => changePaper(false));
watchDensity();
