/* Segmentation: shares become a mask by a threshold, and each pixel is a hit or one of two errors.
   Pictures are flat lists of 28 × 28 numbers; shares go from 0 to 100. */

import { choice, html, loadArrays, mount, resetButton, slider } from "../assets/move.js";

/** Mark shares of at least `threshold`, and compare with the mask: each pixel's kind, counts, scores.
    A pixel's kind is 0 empty in both, 1 a hit, 2 missed, 3 a false alarm. */
export function compare(shares, mask, threshold) {
  const kinds = Array.from(mask, (t, i) => {
    const marked = shares[i] >= threshold;
    return t ? (marked ? 1 : 2) : marked ? 3 : 0;
  });
  const [empty, hits, missed, alarms] = [0, 1, 2, 3].map((k) => kinds.filter((v) => v === k).length);
  const either = hits + missed + alarms;
  return {
    kinds, hits, missed, alarms,
    right: (empty + hits) / kinds.length,
    iou: either ? hits / either : 1,
    dice: either ? (2 * hits) / (hits + either) : 1,
  };
}

const SIDE = 28;
const ZOOM = 12;
const WAYS = { dark: "darkness", net: "U-Net", without: "U-Net without connections" };
const NAMES = { a: "on a cameraman", b: "on a cat", c: "on coins", d: "the net's lowest IoU" };
const ROW = { net: 0, without: 1, dark: 2 };
const FIRST = 60;

function grey(canvas, values, most) {
  Object.assign(canvas, { width: SIDE, height: SIDE });
  const image = new ImageData(SIDE, SIDE);
  values.forEach((v, i) => {
    const shade = Math.round((255 * v) / most);
    image.data.set([shade, shade, shade, 255], 4 * i);
  });
  canvas.getContext("2d").putImageData(image, 0, 0);
}

/** The error map: hits of ink, misses with a stroke across, false alarms with a hole. */
function draw(canvas, kinds, side, colours) {
  Object.assign(canvas, { width: ZOOM * side, height: ZOOM * side });
  const pencil = canvas.getContext("2d");
  const [paper, ink, orange, blue] = ["paper", "muted", "orange", "blue"].map((name) => colours.now(name));
  pencil.fillStyle = paper;
  pencil.fillRect(0, 0, canvas.width, canvas.height);
  kinds.forEach((kind, i) => {
    if (!kind) return;
    const [x, y] = [ZOOM * (i % side), ZOOM * Math.floor(i / side)];
    pencil.fillStyle = [paper, ink, orange, blue][kind];
    pencil.fillRect(x, y, ZOOM, ZOOM);
    if (kind === 2) {
      pencil.strokeStyle = paper;
      pencil.lineWidth = 2;
      pencil.beginPath();
      pencil.moveTo(x + 1, y + ZOOM - 1);
      pencil.lineTo(x + ZOOM - 1, y + 1);
      pencil.stroke();
    }
    if (kind === 3) {
      pencil.fillStyle = paper;
      pencil.fillRect(x + 4, y + 4, ZOOM - 8, ZOOM - 8);
    }
  });
}

mount("threshold", async ({ stage, files, state, say, colours }) => {
  const { pictures, masks, shares } = await loadArrays(files["pictures.safetensors"]);
  const size = SIDE * SIDE;
  const part = (values, i) => Array.from(values.subarray(i * size, (i + 1) * size));
  const known = (key, first, options) => {
    const found = state.get(key, first);
    return found in options ? found : first;
  };
  const kept = (key, label, options, first) => choice(stage, {
    label, options, value: known(key, first, options), change: (v) => (state.set(key, v), show()),
  });
  const picture = kept("picture", "Picture", NAMES, "b");
  const way = kept("way", "How sure: by", WAYS, "dark");
  const given = state.get("threshold", FIRST);
  const threshold = slider(stage, {
    label: "Threshold", min: 1, max: 100, step: 1,
    value: Number.isFinite(given) ? Math.max(1, Math.min(100, Math.round(given))) : FIRST,
    text: (v) => `${v} of 100`,
    change: (v) => (state.set("threshold", v), show()),
  });
  const row = html("div", { class: "seg-pictures" }, stage);
  const [seen, sure, errors] = ["the picture", "shares: white is 100", "each pixel of the answer"].map((text) => {
    const box = html("div", {}, row);
    html("p", { text }, box);
    return html("canvas", { "aria-hidden": "true" }, box);
  });
  const key = html("p", { class: "seg-key" }, stage);
  const legend = [[1, "hit"], [2, "missed"], [3, "false alarm"]].map(([kind, text]) => {
    const item = html("span", {}, key);
    const canvas = html("canvas", { "aria-hidden": "true" }, item);
    html("span", { text }, item);
    return [canvas, kind];
  });
  resetButton(html("div", {}, stage));
  say("");

  function paint(found) {
    draw(errors, found.kinds, SIDE, colours);
    for (const [canvas, kind] of legend) draw(canvas, [kind], 1, colours);
  }
  let found;
  function show() {
    const i = Object.keys(NAMES).indexOf(picture.value);
    const values = part(shares, ROW[way.value] * Object.keys(NAMES).length + i);
    grey(seen, part(pictures, i), 255);
    grey(sure, values, 100);
    found = compare(values, part(masks, i), threshold.value);
    paint(found);
    const errors = `${found.missed} missed, ${found.alarms} false ${found.alarms === 1 ? "alarm" : "alarms"}`;
    say(`${found.hits} ${found.hits === 1 ? "hit" : "hits"}, ${errors}. IoU ${found.iou.toFixed(2)}, `
      + `Dice ${found.dice.toFixed(2)}. Pixels right: ${(100 * found.right).toFixed(1)} %.`);
  }

  show();
  colours.follow(() => paint(found));
});
