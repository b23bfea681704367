/* A drawing as a net that learned from MNIST expects it: centred of orientation/first_model.py. */

import { zeros } from "./infer.js";

const BOX = 20;
/** Pixels of one side of a digit's sheet. */
export const SHEET = 28;
const whole = (x) => Math.floor(x + 0.5 + 1e-9); // of two, the larger, whichever way a sum was rounded

/** For each pixel of a line of `fresh`, where it lies between two pixels of a line of `old`. */
function between(old, fresh) {
  return Array.from({ length: fresh }, (_, i) => {
    const at = Math.min(Math.max(((i + 0.5) * old) / fresh - 0.5, 0), old - 1);
    const first = Math.floor(at);
    return [first, Math.min(first + 1, old - 1), at - first];
  });
}

/** Where a line of ink begins if its centre of mass is to be nearest to pixel 14. */
function start(ink) {
  const middle = ink.reduce((all, v, i) => all + v * i, 0) / ink.reduce((all, v) => all + v, 0);
  return Math.min(Math.max(whole(SHEET / 2 - middle), 0), SHEET - ink.length);
}

/** The ink (H, W), scaled and shifted as the digits of MNIST were: (28, 28). */
export function centred(ink) {
  const [sheet, W] = [zeros(SHEET, SHEET), ink.shape[1]];
  const places = [...ink.keys()].filter((i) => ink[i] > 0);
  if (!places.length) return sheet;
  const [rows, columns] = [places.map((i) => Math.floor(i / W)), places.map((i) => i % W)];
  const [top, left] = [Math.min(...rows), Math.min(...columns)];
  const sizes = [Math.max(...rows) - top + 1, Math.max(...columns) - left + 1];
  const [down, across] = sizes.map((n) =>
    between(n, Math.max(1, whole((BOX * n) / Math.max(...sizes)))));
  const at = (r, c) => ink[(top + r) * W + left + c];
  const box = down.map(([r, s, v]) =>
    across.map(([c, d, u]) =>
      (1 - v) * ((1 - u) * at(r, c) + u * at(r, d)) + v * ((1 - u) * at(s, c) + u * at(s, d))));
  const add = (all, v) => all + v;
  const y = start(box.map((row) => row.reduce(add, 0)));
  const x = start(across.map((_, c) => box.map((row) => row[c]).reduce(add, 0)));
  box.forEach((row, r) => sheet.set(row, (y + r) * SHEET + x));
  return sheet;
}
