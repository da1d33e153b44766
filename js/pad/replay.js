// @ts-check
// Replay: shows the strokes again as they were drawn. The ink and its reading do not change.

/** @typedef {import("./pad.js").Pad} Pad */

/** The longest pause between two strokes, and the longest replay (ms). */
const LONGEST_PAUSE = 350;
const LONGEST = 6000;

/** @param {Pad} pad @param {HTMLButtonElement} button */
export function replayWith(pad, button) {
  let frame = 0;

  function stop() {
    if (!frame) return;
    cancelAnimationFrame(frame);
    frame = 0;
    button.ariaPressed = "false";
    pad.show(null);
  }

  function play() {
    const { picture, strokes } = pad.ink.drawing;
    if (!strokes.length) return;
    const times = timetable(strokes);
    const length = times[times.length - 1].at(-1) ?? 0;
    const speed = Math.max(1, length / LONGEST);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const start = performance.now();
    button.ariaPressed = "true";

    const paint = (/** @type {number} */ now) => {
      const time = (now - start) * speed;
      if (time > length + LONGEST_PAUSE) return stop();
      const drawn = strokes.map((stroke, i) => {
        const end = times[i].at(-1) ?? 0;
        // With reduced motion, a stroke appears as a whole once it is complete.
        const count = still ? (end <= time ? stroke.points.length : 0) : times[i].filter((at) => at <= time).length;
        return { ...stroke, points: stroke.points.slice(0, count) };
      });
      pad.show({ picture, strokes: drawn.filter(({ points }) => points.length) });
      frame = requestAnimationFrame(paint);
    };
    frame = requestAnimationFrame(paint);
  }

  button.addEventListener("click", () => (frame ? stop() : play()));
  pad.addEventListener("change", () => {
    button.classList.toggle("idle", !pad.ink.strokes.length);
    stop();
  });
}

/**
 * When to show each point of each stroke, in ms after the first, with long pauses shortened.
 * @param {readonly import("./ink.js").Stroke[]} strokes
 */
function timetable(strokes) {
  let shift = 0;
  let last = strokes[0].points[0].time;
  return strokes.map(({ points }) => {
    const pause = points[0].time - last;
    shift += Math.min(Math.max(pause, 0), LONGEST_PAUSE) - pause;
    last = points[points.length - 1].time;
    return points.map(({ time }) => time + shift - strokes[0].points[0].time);
  });
}
