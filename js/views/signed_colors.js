// @ts-check
// The one scale for everything with a sign: orange below zero, blue above it. Its colours stand in css/page.css, for light and dark.

/** So many shades on each side of zero. */
const SHADES = 127;

/** @type {Uint32Array | null} from the most negative to the most positive, as ImageData wants them */
let shades = null;
let ink = "";
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  shades = null;
  ink = "";
});

/** The colour of what is written over a picture. To ask the browser for it costs too much to do so at every picture. */
export const inkColour = () => (ink ||= getComputedStyle(document.documentElement).color);

/**
 * Write values as colours, from −scale to scale.
 * @param {Uint32Array} pixels @param {number} to  where the first goes
 * @param {Float32Array} values @param {number} from  where the first is; each next one is `step` further
 * @param {number} step @param {number} count @param {number} scale
 */
export function colour(pixels, to, values, from, step, count, scale) {
  shades ??= mix();
  const factor = scale > 0 ? SHADES / scale : 0;
  for (let i = 0; i < count; i++, from += step) {
    const shade = Math.round(values[from] * factor);
    pixels[to + i] = shades[SHADES + (shade > SHADES ? SHADES : shade < -SHADES ? -SHADES : shade)];
  }
}

/** The largest size among values: the scale that shows them all. @param {Float32Array} values */
export function largest(values) {
  let most = 0;
  for (const value of values) if (Math.abs(value) > most) most = Math.abs(value);
  return most;
}

function mix() {
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
