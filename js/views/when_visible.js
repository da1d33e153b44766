// @ts-check
// What nobody sees need not be painted sixty times a second.

const REST = 150; // ms

/**
 * The same view, but while its place is off the screen it waits for the drawing to rest, or for the place to come in.
 * @template {any[]} T @param {Element} place @param {(...data: T) => void} view @returns {(...data: T) => void}
 */
export function onScreen(place, view) {
  let seen = true;
  let resting = 0;
  /** @type {T | null} */
  let missed = null;
  const catchUp = () => {
    clearTimeout(resting);
    if (missed) view(...missed);
    missed = null;
  };
  new IntersectionObserver((entries) => {
    seen = entries[entries.length - 1].isIntersecting;
    if (seen) catchUp();
  }).observe(place);
  return (...data) => {
    missed = data;
    if (seen) return catchUp();
    clearTimeout(resting);
    resting = setTimeout(catchUp, REST);
  };
}
