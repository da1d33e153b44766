// @ts-check
// The color scale of everything with a sign: orange is negative, blue is positive. css/theme.css defines the colors.

/** Number of shades on each side of zero. */
const SHADES = 127;

/** From the most negative to the most positive, as 0xAABBGGRR. @type {Uint32Array | null} */
let shades = null;
let ink = "";
const forget = () => {
  shades = null;
  ink = "";
};
addEventListener("repaint", forget, { capture: true }); // before the canvas that it is sent to: see js/when.js

/** The color of marks over a picture; cached, because getComputedStyle is slow. */
export const inkColor = () => (ink ||= getComputedStyle(document.documentElement).color);

/**
 * The color of each value, as 0xAABBGGRR; −scale and scale get the full colors.
 * @param {number} scale @returns {(value: number) => number}
 */
export function colorScale(scale) {
  shades ??= makeShades();
  const [colors, factor] = [shades, scale > 0 ? SHADES / scale : 0];
  return (value) => colors[SHADES + Math.min(Math.max(Math.round(value * factor), -SHADES), SHADES)];
}

/** The largest absolute value, as the scale for all of them. @param {Float32Array} values */
export function largest(values) {
  let most = 0;
  for (const value of values) if (Math.abs(value) > most) most = Math.abs(value);
  return most;
}

function makeShades() {
  const style = getComputedStyle(document.documentElement);
  const [negative, zero, positive] = ["--negative", "--track", "--positive"].map((name) => rgb(style.getPropertyValue(name)));
  return Uint32Array.from({ length: 2 * SHADES + 1 }, (_, i) => {
    const share = Math.abs(i - SHADES) / SHADES;
    const end = i < SHADES ? negative : positive;
    const [red, green, blue] = zero.map((from, channel) => Math.round(from + share * (end[channel] - from)));
    return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  });
}

/** @param {string} hex "#rrggbb" */
const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.trim().slice(at, at + 2), 16));
