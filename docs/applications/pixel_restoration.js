/* Part of a photograph loses 3 or 15 pixels of each block, and four ways fill them in.
   Pictures are tensors (1, 1, H, W), with brightness from 0 to 1. */

import { add, avgPool2d, conv2d, fill, relu } from "../assets/infer.js";
import { choice, draggable, html, loadArrays, mount, resetButton, svg } from "../assets/move.js";

const SIDE = 48;
const TAPS = [-27, 225, 67, -9].map((v) => v / 256);
const STEP = 4; // the square's corner is at a multiple of this

const clamp = (v, low, high) => Math.min(Math.max(v, low), high);
const sides = (x) => x.shape.slice(2);

/** Part of a picture; beyond an edge, its last pixel is repeated. */
export function cut(x, top, left, h, w) {
  const [H, W] = sides(x);
  return fill([1, 1, h, w], (i) => {
    const row = clamp(top + Math.floor(i / w), 0, H - 1);
    return x[row * W + clamp(left + (i % w), 0, W - 1)];
  });
}
const widened = (x, by) => cut(x, -by, -by, x.shape[2] + 2 * by, x.shape[3] + 2 * by);

/** Four maps, (1, 4, h, w), become the four pixels of each place. */
function shuffled(maps) {
  const [h, w] = sides(maps);
  return fill([1, 1, 2 * h, 2 * w], (i) => {
    const [row, column] = [Math.floor(i / (2 * w)), i % (2 * w)];
    const which = 2 * (row % 2) + (column % 2);
    return maps[(which * h + (row >> 1)) * w + (column >> 1)];
  });
}

export function nearest(x) {
  const [h, w] = sides(x);
  return fill([1, 1, 2 * h, 2 * w], (i) => x[(Math.floor(i / (2 * w)) >> 1) * w + ((i % (2 * w)) >> 1)]);
}

/** A pixel at the lower right takes the taps as they are, one at the upper left the other way round. */
export function bicubic(x) {
  const weigh = (late, k) => (k < 0 || k > 3 ? 0 : TAPS[late ? k : 3 - k]);
  const kernels = fill([4, 1, 5, 5], (i) => {
    const [which, row, column] = [Math.floor(i / 25), Math.floor((i % 25) / 5), i % 5];
    const [down, right] = [which >> 1, which % 2];
    return weigh(down, row - down) * weigh(right, column - right);
  });
  return filtered(x, kernels);
}

/** Four weighted sums, (4, 1, 5, 5), of the pixels around each one. */
export const filtered = (x, kernels) => shuffled(conv2d(widened(x, 2), kernels));

/** The filter, and what the three layers add to it. */
export function restored(x, weights) {
  const mean = avgPool2d(widened(x, 1), 3, { stride: 1 });
  const detail = fill(x.shape, (i) => x[i] - mean[i]);
  const layer = (z, k) => conv2d(z, weights[`w${k}`], weights[`b${k}`], { padding: 1 });
  const added = layer(relu(layer(relu(layer(detail, 0)), 1)), 2);
  return shuffled(add(conv2d(widened(x, 2), weights.filter), added));
}

/** Double a picture, by the name of a way. */
export function doubled(way, x, weights) {
  if (way === "net") return restored(x, weights);
  if (way === "learned filter") return filtered(x, weights.filter);
  return way === "bicubic" ? bicubic(x) : nearest(x);
}

export function psnr(truth, guess) {
  const error = truth.reduce((all, v, i) => all + (v - guess[i]) ** 2, 0) / truth.length;
  return error ? -10 * Math.log10(error) : Infinity;
}

/** Shrink a photograph around a square by 2 or 4, and enlarge it once or twice: the square again.
    What a way sees beyond the square is part of the photograph, as if it had all of it. */
export function enlarge(way, photograph, [top, left], factor, weights, side = SIDE) {
  const [H, W] = sides(photograph);
  const around = (by) => [
    Math.max(0, top - by), Math.max(0, left - by), Math.min(H, top + side + by), Math.min(W, left + side + by),
  ];
  const part = (x, [t, l], [a, b, c, d], size) =>
    cut(x, (a - t) / size, (b - l) / size, (c - a) / size, (d - b) / size);
  let box = around(factor === 4 ? 24 : 8);
  let x = avgPool2d(part(photograph, [0, 0], box, 1), factor);
  for (let size = factor / 2; size >= 1; size /= 2) {
    const next = around(size === 2 ? 8 : 0);
    x = part(doubled(way, x, weights), box, next, size);
    box = next;
  }
  return x.map((v) => clamp(v, 0, 1));
}

function paint(canvas, [h, w], shade) {
  Object.assign(canvas, { width: w, height: h });
  const image = new ImageData(w, h);
  for (let i = 0; i < h * w; i += 1) image.data.set([...shade(i), 255], 4 * i);
  canvas.getContext("2d").putImageData(image, 0, 0);
}
const grey = (v) => Array(3).fill(Math.round(255 * v));

mount("place", async ({ stage, files, state, say }) => {
  const [weights, bytes] = await Promise.all([loadArrays(files["net.safetensors"]), loadArrays(files["photographs.safetensors"])]);
  const photographs = Object.fromEntries(Object.entries(bytes).map(([name, values]) =>
    [name, fill([1, 1, ...values.shape], (i) => values[i] / 255)]));
  const ways = ["nearest", "bicubic", "learned filter", "net"];
  const names = Object.keys(photographs);
  const known = (key, options, first) => (options.includes(state.get(key, first)) ? state.get(key, first) : first);
  const photo = choice(stage, {
    label: "Photograph", options: names, value: known("photo", names, "camera"),
    change: (v) => (state.set("photo", v), open()),
  });
  const factor = choice(stage, {
    label: "Keep one pixel of", options: { 2: "4", 4: "16" }, value: known("factor", ["2", "4"], "2"),
    change: (v) => (state.set("factor", v), draw()),
  });

  const board = svg("svg", { role: "group", class: "restore-whole" }, stage);
  html("p", { class: "move-hint", text: "Drag the square, or select it and use the arrow keys." }, stage);
  const row = html("div", { class: "restore-row" }, stage);
  const panel = (text) => {
    const box = html("div", {}, row);
    const label = html("p", { text }, box);
    return { label, picture: html("canvas", { "aria-hidden": "true" }, box), under: html("canvas", { "aria-hidden": "true" }, box) };
  };
  const panels = Object.fromEntries(ways.map((name) => [name, panel(name)]));
  const real = panel("truth");
  html("p", { class: "move-hint", text: "Below each: its error, black is 0.2 or more. Below the truth: what is left of it." }, stage);
  resetButton(stage);

  let [top, left] = [0, 0];
  let image;
  function open() {
    image = photographs[photo.value];
    const [H, W] = sides(image);
    const within = (v, most) => clamp(STEP * Math.round((Number(v) || 0) / STEP), 0, STEP * Math.floor((most - SIDE) / STEP));
    [top, left] = [within(state.get("top", 40), H), within(state.get("left", 92), W)];
    const canvas = html("canvas");
    paint(canvas, [H, W], (i) => grey(image[i]));
    board.replaceChildren();
    board.setAttribute("viewBox", `0 0 ${W} ${H}`);
    board.setAttribute("aria-label", `The photograph ${photo.value}, and a square in it`);
    svg("image", { href: canvas.toDataURL(), width: W, height: H }, board);
    const handle = svg("g", {}, board);
    const [half, last] = [SIDE / 2, [W - SIDE, H - SIDE]];
    const scale = { // up is up: the place is counted from the lower edge
      x: (v) => v + half, unx: (v) => v - half, y: (v) => last[1] - v + half, uny: (v) => last[1] + half - v,
      range: { x: [0, last[0]], y: [0, last[1]] },
    };
    svg("rect", { x: -half, y: -half, width: SIDE, height: SIDE, class: "restore-dark" }, handle);
    svg("rect", { x: -half, y: -half, width: SIDE, height: SIDE, class: "restore-light" }, handle);
    const knob = draggable(handle, scale, {
      x: left, y: last[1] - top, step: STEP, label: "Square",
      text: (x, y) => `column ${Math.round(x)}, row ${Math.round(last[1] - y)}`,
      move(x, y) {
        const next = [within(last[1] - y, H), within(x, W)];
        if (`${next}` === `${[top, left]}`) return;
        [top, left] = next;
        state.set("top", top);
        state.set("left", left);
        draw();
      },
    });
    knob.element.addEventListener("keyup", () => knob.set(left, last[1] - top));
    draw();
  }

  function draw() {
    const times = Number(factor.value);
    const truth = cut(image, top, left, SIDE, SIDE);
    const left_over = avgPool2d(truth, times);
    paint(real.picture, [SIDE, SIDE], (i) => grey(truth[i]));
    paint(real.under, sides(left_over), (i) => grey(left_over[i]));
    const said = ways.map((name) => {
      const guess = enlarge(name, image, [top, left], times, weights);
      const [at, score] = [panels[name], psnr(truth, guess).toFixed(1)];
      paint(at.picture, [SIDE, SIDE], (i) => grey(guess[i]));
      paint(at.under, [SIDE, SIDE], (i) => grey(clamp(1 - 5 * Math.abs(guess[i] - truth[i]), 0, 1)));
      at.label.textContent = `${name}\n${score} dB`;
      return `${name} ${score}`;
    });
    say(`PSNR in decibels: ${said.join(", ")}.`);
  }
  open();
});
