// @ts-check
// Numbers and shapes as text, with a real minus sign.

/** 1.2345 → "1.23", −0.5 → "−0.50". @param {number} value @param {number} [places] */
export function fixed(value, places = 2) {
  const text = Math.abs(value).toFixed(places);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/** 1.2345 → "+1.23". @param {number} value @param {number} [places] */
export const signed = (value, places = 2) => (value < 0 ? fixed(value, places) : `+${fixed(value, places)}`);

/** The next term of a sum: " + 1.23" or " − 1.23". @param {number} value @param {number} [places] */
export const addend = (value, places = 2) => (value < 0 ? ` − ${fixed(-value, places)}` : ` + ${fixed(value, places)}`);

/** 0…1 as a percentage with one decimal, never rounded up to 100. @param {number} share */
export const percent = (share) => Math.min(Math.round(share * 1000), share < 1 ? 999 : 1000) / 10;

/** 2.5e-8 → "2.5 × 10⁻⁸". @param {number} value */
export function scientific(value) {
  if (value === 0) return "0";
  const [digits, exponent] = value.toExponential(1).split("e");
  const raised = [...String(Number(exponent))].map((sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)]);
  return `${digits} × 10${raised.join("")}`;
}

/** [28, 28] → "28 × 28". @param {number[]} sides */
export const dimensions = (sides) => sides.join(" × ");

/** [128] → "(128,)", as NumPy writes a shape. @param {number[]} shape */
export const tuple = (shape) => (shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`);
