// @ts-check
// A game for number mode: 60 seconds of sums, with answers written on the pad. An answer counts as soon as it is read.

import { element } from "../page.js";
import { debounce, listen } from "../when.js";

/** @typedef {import("../pad/pad.js").Pad} Pad @typedef {import("../number/mode.js").NumberReading} NumberReading */
/** @typedef {{ text: string, result: number }} Sum */

const SECONDS = 60;
/** An answer is taken once the pen has rested for this long (ms), so that a 1 is not taken for the start of 16. */
const REST = 400;

/** @param {Pad} pad @param {EventTarget} numbers dispatches `number` with a NumberReading */
export function connectSums(pad, numbers) {
  const panel = element("sums");
  const untimed = /** @type {HTMLInputElement} */ (element("sums-untimed"));
  untimed.checked = matchMedia("(prefers-reduced-motion: reduce)").matches;
  /** @type {Sum} */
  let sum = { text: "", result: 0 };
  let score = 0;
  let started = 0;
  let timer = 0;

  function ask() {
    sum = nextSum(sum);
    element("sum").textContent = `${sum.text} =`;
    element("sums-score").textContent = `${score} solved`;
    pad.clear();
  }

  function start() {
    score = 0;
    started = performance.now();
    panel.dataset.stage = "playing";
    element("sums-outcome").textContent = "";
    ask();
    pad.canvas.focus({ preventScroll: true });
    element("sums-time").textContent = "";
    clearInterval(timer);
    if (untimed.checked) return;
    showTime();
    timer = setInterval(showTime, 1000);
  }

  function showTime() {
    const left = SECONDS - Math.round((performance.now() - started) / 1000);
    element("sums-time").textContent = `${Math.max(left, 0)} s`;
    if (left <= 0) end();
  }

  function end() {
    clearInterval(timer);
    panel.dataset.stage = "over";
    element("sum").textContent = "";
    element("sums-time").textContent = "";
    element("sums-outcome").textContent = outcome();
    pad.clear();
    element("sums-start").focus();
  }

  function outcome() {
    const seconds = Math.min(Math.round((performance.now() - started) / 1000), untimed.checked ? Infinity : SECONDS);
    return `I solved ${score} ${score === 1 ? "sum" : "sums"} in ${seconds} seconds, written by hand.`;
  }

  const judge = debounce((/** @type {NumberReading} */ { revision, number }) => {
    if (panel.dataset.stage !== "playing" || revision !== pad.ink.revision || number !== String(sum.result)) return;
    score += 1;
    ask();
  }, REST);
  listen(numbers, { number: judge });

  element("sums-start").addEventListener("click", start);
  element("sums-skip").addEventListener("click", ask);
  element("sums-end").addEventListener("click", end);
  function close() {
    clearInterval(timer);
    panel.hidden = true;
    panel.dataset.stage = "ready";
  }
  pad.addEventListener("resize", close);
  element("sums-close").addEventListener("click", () => {
    close();
    element("play").focus();
  });
  element("sums-share").addEventListener("click", async () => {
    const text = `${element("sums-outcome").textContent} ${location.href}`;
    try {
      await navigator.clipboard.writeText(text);
      element("sums-shared").textContent = "Copied.";
    } catch {
      element("sums-shared").textContent = `The browser does not allow copying. Your score: ${text}`;
    }
  });
  return () => {
    panel.hidden = false;
    element("sums-start").focus();
  };
}

/** A sum other than the last one, with a result from 0 to 99. @param {Sum} last @returns {Sum} */
function nextSum(last) {
  const random = (/** @type {number} */ least, /** @type {number} */ most) =>
    least + Math.floor(Math.random() * (most - least + 1));
  const [a, b] = [random(2, 9), random(2, 9)];
  const large = random(10, 90);
  const sums = [
    { text: `${a} × ${b}`, result: a * b },
    { text: `${large} + ${b}`, result: large + b },
    { text: `${large} − ${b}`, result: large - b },
  ];
  const sum = sums[random(0, sums.length - 1)];
  return sum.text === last.text ? nextSum(last) : sum;
}
