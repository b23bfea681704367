/* Pooling: a digit is moved, and its map of windows is drawn beside that of the digit in place.
   A picture is a list of rows, ink from 0 to 100. */

import { choice, html, loadJSON, mount, resetButton, slider } from "../assets/move.js";

/** Move a picture; zeros come in, and what leaves is lost. */
export const shift = (picture, down, right) =>
  picture.map((row, i) => row.map((_, j) => picture[i - down]?.[j - right] ?? 0));

const KEEP = {
  largest: (window) => Math.max(...window),
  average: (window) => window.reduce((sum, v) => sum + v, 0) / window.length,
  first: (window) => window[0],
};

/** Keep one number of each window of `size` × `size`: the largest, the average or the first. */
export function pool(picture, size, way) {
  const fit = (n) => Math.floor(n / size);
  return Array.from({ length: fit(picture.length) }, (_, i) =>
    Array.from({ length: fit(picture[0].length) }, (_, j) =>
      KEEP[way](picture.slice(i * size, (i + 1) * size)
        .flatMap((row) => row.slice(j * size, (j + 1) * size)))));
}

/** How many numbers differ, and the root of the squared differences' sum as a share of the same before. */
export function change(before, after) {
  const [a, b] = [before.flat(), after.flat()];
  const length = (values) => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0));
  return {
    changed: a.filter((v, i) => Math.abs(v - b[i]) > 1e-9).length,
    share: length(b.map((v, i) => v - a[i])) / length(a),
  };
}

function paint(canvas, rows) {
  canvas.width = rows[0].length;
  canvas.height = rows.length;
  const image = new ImageData(canvas.width, canvas.height);
  rows.flat().forEach((v, i) => {
    const grey = Math.round(255 - 2.55 * v);
    image.data.set([grey, grey, grey, 255], 4 * i);
  });
  canvas.getContext("2d").putImageData(image, 0, 0);
}

const REACH = 4;
const SIZES = [2, 4, 7];

mount("shift", async ({ stage, files, state, say }) => {
  const digits = await loadJSON(files["digits.json"]);
  const whole = (v) => (Number.isFinite(v) ? Math.max(-REACH, Math.min(REACH, Math.round(v))) : 0);
  const kept = (key, label, options, value) => choice(stage, {
    label, options, value: state.get(key, value), change: (v) => (state.set(key, v), draw()),
  });
  const digit = kept("digit", "Digit", { zero: "0", two: "2", four: "4", seven: "7", eight: "8" }, "two");
  const size = kept("size", "Window", { 2: "2 × 2", 4: "4 × 4", 7: "7 × 7" }, "4");
  const way = kept("way", "Keep from each window", { largest: "largest", average: "average", first: "first pixel" }, "largest");
  const pictures = html("div", { class: "pool-pictures" }, stage);
  const [before, after, small, smallAfter] = ["in place", "moved", "its windows", "its windows, moved"].map((name) => {
    const box = html("div", {}, pictures);
    html("p", { text: name }, box);
    return html("canvas", { "aria-hidden": "true" }, box);
  });
  const mover = (key, label) => slider(stage, {
    label, min: -REACH, max: REACH, step: 1, value: whole(state.get(key, 0)),
    text: (v) => `${Math.abs(v)} ${Math.abs(v) === 1 ? "pixel" : "pixels"}${v < 0 ? " the other way" : ""}`,
    change: (v) => (state.set(key, v), draw()),
  });
  const [right, down] = [mover("right", "To the right"), mover("down", "Down")];
  resetButton(html("div", {}, stage));
  say("");

  function draw() {
    const picture = digits[digit.value];
    const moved = shift(picture, down.value, right.value);
    const n = SIZES.includes(Number(size.value)) ? Number(size.value) : 4;
    const [old, now] = [picture, moved].map((rows) => pool(rows, n, way.value));
    [[before, picture], [after, moved], [small, old], [smallAfter, now]].forEach(([canvas, rows]) => paint(canvas, rows));
    const pixels = change(picture, moved);
    const windows = change(old, now);
    say(down.value || right.value
      ? `${windows.changed} of ${old.flat().length} windows changed, and ${pixels.changed} of ${picture.flat().length} pixels. `
        + `Size of the change: ${Math.round(100 * windows.share)} % for the windows, ${Math.round(100 * pixels.share)} % for the pixels.`
      : `The digit is in place. Its ${picture.flat().length} pixels became ${old.flat().length} windows.`);
  }

  draw();
});
