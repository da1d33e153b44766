// @ts-check
// Lines on a canvas, with the largest value at the axis.

import { translated } from "../language/language.js";
import { canvasView } from "./canvas_view.js";
import { fixed } from "./numbers.js";

/**
 * @typedef {object} Plot
 * @property {ArrayLike<number>} y @property {ArrayLike<number>} [x]  the index in `y` if there is none
 * @property {ArrayLike<number>} [before]  other values, in gray @property {[number, number]} [point]  is marked
 * @property {number} top  of the vertical axis, which begins at 0
 * @property {string} low @property {string} high  labels of the ends of the horizontal axis
 */

/** @param {HTMLCanvasElement} canvas @returns {(plot: Plot) => void} */
export const plotView = (canvas) =>
  canvasView(canvas, (context, /** @type {Plot} */ plot) => {
    const { y, x = Array.from(y, (_, index) => index), before, point, top, low, high } = plot;
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

    context.lineWidth = 2 * devicePixelRatio;
    for (const [values, color] of /** @type {const} */ ([
      [before, "--quiet"],
      [y, "--accent"],
    ])) {
      context.beginPath();
      context.strokeStyle = context.fillStyle = style.getPropertyValue(color);
      for (let i = 0; values && i < x.length; i++) context.lineTo(across(x[i]), up(values[i]));
      context.stroke();
    }
    if (!point) return;
    context.beginPath();
    context.arc(across(point[0]), up(point[1]), 0.4 * em, 0, 2 * Math.PI);
    context.fill();
  });
