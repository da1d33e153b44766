// @ts-check

import { debounce } from "../debounce.js";

const REST = 150; // ms

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
