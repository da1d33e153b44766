// @ts-check
// A line on a canvas with one point marked, and the largest value at the axis.

import { translated } from "../language/language.js";
import { canvasView } from "../views/canvas_view.js";
import { fixed } from "../views/numbers.js";

/** @typedef {{ x: ArrayLike<number>, y: ArrayLike<number>, top: number, point: [number, number], low: string, high: string }} Line
 *   top: of the vertical axis, which begins at 0; low, high: labels of the ends of the horizontal one */

/** @param {HTMLCanvasElement} canvas @returns {(line: Line) => void} */
export const plotView = (canvas) =>
  canvasView(canvas, (context, /** @type {Line} */ line) => {
    const { x, y, top, point, low, high } = line;
    const style = getComputedStyle(canvas);
    const em = parseFloat(style.fontSize) * devicePixelRatio;
    const [least, most] = [x[0], x[x.length - 1]];
    const [left, right, bottom, upper] = [3 * em, canvas.width - em, canvas.height - 1.5 * em, 0.7 * em];
    const across = (/** @type {number} */ value) => left + ((value - least) / (most - least || 1)) * (right - left);
    // What is not a number has left the picture at its top.
    const up = (/** @type {number} */ value) => bottom - (value <= top ? value / top : 1) * (bottom - upper);

    context.font = `${em}px ${style.fontFamily}`;
    context.fillStyle = style.getPropertyValue("--quiet");
    context.strokeStyle = style.getPropertyValue("--line");
    context.lineWidth = devicePixelRatio;
    context.strokeRect(left, upper, right - left, bottom - upper);
    context.textAlign = "right";
    context.textBaseline = "middle";
    context.fillText(translated(fixed(top, top < 10 ? 1 : 0)), left - 0.4 * em, upper);
    context.fillText("0", left - 0.4 * em, bottom);
    context.textBaseline = "top";
    context.fillText(high, right, bottom + 0.3 * em);
    context.textAlign = "left";
    context.fillText(translated(low), left, bottom + 0.3 * em);

    context.beginPath();
    context.strokeStyle = context.fillStyle = style.getPropertyValue("--accent");
    context.lineWidth = 2 * devicePixelRatio;
    for (let i = 0; i < x.length; i++) context.lineTo(across(x[i]), up(y[i]));
    context.stroke();
    context.beginPath();
    context.arc(across(point[0]), up(point[1]), 0.4 * em, 0, 2 * Math.PI);
    context.fill();
  });
