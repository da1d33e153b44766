// @ts-check

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
