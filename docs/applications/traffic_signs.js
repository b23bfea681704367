/* Hold a sign before a made-up camera, and watch what a net of this build makes of it. Signs, camera
   and nets are those of applications/traffic_signs in Python. Pictures are tensors (1, 3, 24, 24). */

import { conv2d, dense, fill, relu, reshape, softmax, tensor } from "../assets/infer.js";
import { choice, draggable, html, loadArrays, mount, resetButton, slider, svg } from "../assets/move.js";

const [SIZE, SIDE, FOG, SOFT] = [24, 40, 0.85, 0.06];
const LABEL = [0, 0.8, 0.2, 1, 0.85, 0.1];
const KINDS = ["limit 30", "limit 50", "limit 80", "stop", "give way", "no entry", "priority road", "bend left",
  "bend right", "crossroads", "straight on", "turn right", "limit 60", "other danger", "no parking", "parking"];
const clamp = (v, low, high) => Math.min(Math.max(v, low), high);

/** Four numbers of a drawn sign at a place on it, from -1 to 1; transparent beyond its edge. */
function look(textures, kind, u, v) {
  const out = [0, 0, 0, 0];
  if (kind < 0) return out;
  const [x, y] = [((u + 1) * SIDE - 1) / 2, ((v + 1) * SIDE - 1) / 2];
  const [left, top] = [Math.floor(x), Math.floor(y)];
  for (const [i, down] of [[top, top + 1 - y], [top + 1, y - top]]) {
    for (const [j, across] of [[left, left + 1 - x], [left + 1, x - left]]) {
      if (i < 0 || j < 0 || i >= SIDE || j >= SIDE) continue;
      for (let c = 0; c < 4; c += 1) out[c] += down * across * textures[((kind * 4 + c) * SIDE + i) * SIDE + j];
    }
  }
  return out;
}

/** Take one picture. A view has kind, radius, turn, narrow, shift, fog, light, blur, stickers, behind
    (3 · 24 · 24) and noise, which may be missing. */
export function take(view, textures) {
  const { kind, radius, turn, narrow, shift, fog, light, blur, stickers, behind, noise } = view;
  const [c, s] = [Math.cos((turn * Math.PI) / 180), Math.sin((turn * Math.PI) / 180)];
  const seen = new Float64Array(3 * SIZE * SIZE);
  for (let p = 0; p < SIZE * SIZE; p += 1) {
    const sum = [0, 0, 0, 0];
    for (let k = 0; k < 4; k += 1) {
      const x = (p % SIZE) + 0.25 + (k % 2) / 2 - SIZE / 2 - shift[0];
      const y = Math.floor(p / SIZE) + 0.25 + (k >> 1) / 2 - SIZE / 2 - shift[1];
      const [u, v] = [(c * x + s * y) / (radius * narrow), (c * y - s * x) / radius];
      const sign = look(textures, kind, u, v);
      for (const [right, down, half, ...colour] of stickers) {
        if (!half) continue;
        const off = Math.max(Math.abs(u - right), Math.abs(v - down));
        const over = clamp((half - off) / SOFT + 0.5, 0, 1) * sign[3];
        [...colour, 1].forEach((paint, i) => (sign[i] += over * (paint - sign[i])));
      }
      sign.forEach((value, i) => (sum[i] += value / 4));
    }
    for (let i = 0; i < 3; i += 1) {
      const at = i * SIZE * SIZE + p;
      const bare = sum[i] + (1 - sum[3]) * behind[at];
      seen[at] = light * ((1 - fog) * bare + fog * FOG);
    }
  }
  const spread = smear(blur);
  const once = blurred(seen, spread, 1);
  const twice = blurred(once, spread, SIZE);
  return fill([1, 3, SIZE, SIZE], (i) => twice[i] + (noise ? noise[i] : 0));
}

/** Weights of a blur along one axis: each row adds up to 1. */
export function smear(blur) {
  return Array.from({ length: SIZE }, (_, i) => {
    const row = Array.from({ length: SIZE }, (__, j) => Math.exp(-0.5 * ((i - j) / Math.max(blur, 0.05)) ** 2));
    const all = row.reduce((a, b) => a + b);
    return row.map((weight) => weight / all);
  });
}

/** Blur along the axis whose neighbours lie `step` apart. */
function blurred(seen, spread, step) {
  return seen.map((_, at) => {
    const place = Math.floor(at / step) % SIZE;
    const first = at - place * step;
    return spread[place].reduce((all, weight, j) => all + weight * seen[first + j * step], 0);
  });
}

/** The chances of the twelve signs, for pictures (N, 3, 24, 24): (N, 12). */
export function chances({ w1, b1, w2, b2, w3, b3, w4, b4 }, pictures) {
  const shifted = tensor(pictures.map((v) => v - 0.5), pictures.shape);
  const first = relu(conv2d(shifted, w1, b1, { stride: 2, padding: 2 }));
  const second = relu(conv2d(first, w2, b2, { stride: 2, padding: 1 }));
  const hidden = relu(dense(reshape(second, [pictures.shape[0], w3.shape[1]]), w3, b3));
  return softmax(dense(hidden, w4, b4));
}

/** A chance in percent: never 100 if it is less, nor 0 if it is more. */
export const percent = (chance) =>
  chance > 0.995 ? "over 99 %" : chance < 0.005 ? "under 1 %" : `${Math.round(100 * chance)} %`;

/** Where the sticker is, in percent of half of the sign's side. */
export function place(x, y) {
  const across = Math.round(100 * Math.abs(x));
  const up = Math.round(100 * Math.abs(y));
  return `${across} % ${x < 0 ? "left" : "right"} of the middle, ${up} % ${y < 0 ? "below" : "above"} it`;
}

const PAINTS = ["none", "label", "white", "black"];
const COLOURS = { label: LABEL.slice(3), white: [0.95, 0.95, 0.95], black: [0.07, 0.07, 0.07] };
const SLIDERS = { // first value, reach, step, up to where training went
  fog: ["Fog", 0, [0, 0.9], 0.05, [0, 0.2], (v) => `${Math.round(100 * v)} %`],
  light: ["Light", 1, [0.1, 1], 0.05, [0.6, 1], (v) => `${Math.round(100 * v)} % of day`],
  radius: ["Size", 10, [2.5, 10.5], 0.5, [5.5, 10.5], (v) => `${2 * v} pixels`],
  turn: ["Turn", 0, [-60, 60], 2, [-8, 8], (v) => `${v}°`],
  blur: ["Blur", 0, [0, 3], 0.1, [0, 0.7], (v) => `${v} pixels`],
};
const ZOOM = 10;

mount("hold", async ({ stage, files, state, say }) => {
  const [arrays, { textures: bytes, behind: streets }] = await Promise.all([
    loadArrays(files["nets.safetensors"]), loadArrays(files["signs.safetensors"]),
  ]);
  const textures = Float32Array.from(bytes, (v) => v / 255);
  const street = Float32Array.from(streets, (v) => v / 255);
  const net = (short) => Object.fromEntries(Object.entries(arrays).filter(([name]) => name.startsWith(`${short}.`))
    .map(([name, values]) => [name.slice(short.length + 1), values]));
  const nets = { any: net("any"), linked: net("linked") };
  const known = (key, options, first) => (options.includes(state.get(key, first)) ? state.get(key, first) : first);

  const names = { ...Object.fromEntries(KINDS.map((name, k) => [name, k < 12 ? name : `${name} (never seen)`])), nothing: "no sign (never seen)" };
  const sign = choice(stage, {
    label: "Sign", options: names, value: known("sign", Object.keys(names), "limit 30"), select: true,
    change: (v) => (state.set("sign", v), draw()),
  });
  const which = choice(stage, {
    label: "Yellow sticker in training", options: { any: "on any sign", linked: "on 80 signs only" }, value: known("net", ["any", "linked"], "any"),
    change: (v) => (state.set("net", v), draw()),
  });
  const paint = choice(stage, {
    label: "Sticker", options: { none: "none", label: "yellow", white: "white", black: "black" },
    value: known("sticker", PAINTS, "none"),
    change: (v) => (state.set("sticker", v), draw()),
  });

  const row = html("div", { class: "signs-row" }, stage);
  const board = svg("svg", { viewBox: `0 0 ${SIZE * ZOOM} ${SIZE * ZOOM}`, class: "signs-board", role: "group", "aria-label": "The picture, 24 by 24 pixels" }, row);
  const picture = svg("image", { width: SIZE * ZOOM, height: SIZE * ZOOM, class: "signs-picture" }, board);
  const axis = svg("g", {}, board);
  const handle = svg("g", {}, axis);
  const square = svg("rect", { class: "signs-frame" }, handle);
  const bars = svg("svg", { viewBox: "0 0 240 240", "aria-hidden": "true", class: "signs-bars" }, row);

  const sliders = {};
  const box = html("div", { class: "signs-sliders" }, stage);
  for (const [key, [label, first, [min, max], step, , text]] of Object.entries(SLIDERS)) {
    sliders[key] = slider(box, {
      label, min, max, step, text, value: clamp(Number(state.get(key, first)) || 0, min, max),
      change: (v) => (state.set(key, v), draw()),
    });
  }
  html("p", { class: "move-hint", text: "Blue is the right answer, orange are the others. Drag the sticker, or select it and use the arrow keys. In training, fog went up to 20\u00a0%, light down to 60\u00a0%, size down to 11 pixels, turn up to 8°, blur up to 0.7\u00a0pixels." }, stage);
  resetButton(stage);

  // A place on the sign in pixels of the screen; up is up.
  const reach = () => sliders.radius.value * ZOOM;
  const scale = {
    x: (v) => v * reach(), unx: (p) => p / reach(), y: (v) => -v * reach(), uny: (p) => -p / reach(),
    range: { x: [-0.9, 0.9], y: [-0.9, 0.9] },
  };
  const at = (key, first) => clamp(Number(state.get(key, first)) || 0, -0.9, 0.9);
  const sticker = draggable(handle, scale, {
    x: at("right", LABEL[0]), y: at("up", -LABEL[1]), step: 0.1, label: "Sticker",
    text: place,
    move(x, y) {
      state.set("right", x);
      state.set("up", y);
      draw();
    },
  });

  function draw() {
    const kind = sign.value === "nothing" ? -1 : KINDS.indexOf(sign.value);
    const value = Object.fromEntries(Object.entries(sliders).map(([key, part]) => [key, part.value]));
    const on = paint.value !== "none";
    const stickers = on ? [[sticker.x, -sticker.y, LABEL[2], ...COLOURS[paint.value]]] : [];
    const found = take({ kind, narrow: 1, shift: [0, 0], stickers, behind: street, ...value }, textures);
    const share = [...chances(nets[which.value], found)];

    const canvas = html("canvas", { width: SIZE, height: SIZE });
    const image = new ImageData(SIZE, SIZE);
    for (let p = 0; p < SIZE * SIZE; p += 1) {
      for (let c = 0; c < 3; c += 1) image.data[4 * p + c] = Math.round(255 * clamp(found[c * SIZE * SIZE + p], 0, 1));
      image.data[4 * p + 3] = 255;
    }
    canvas.getContext("2d").putImageData(image, 0, 0);
    picture.setAttribute("href", canvas.toDataURL());
    axis.setAttribute("transform", `translate(${(SIZE / 2) * ZOOM} ${(SIZE / 2) * ZOOM}) rotate(${value.turn})`);
    handle.style.display = on ? "" : "none";
    const half = LABEL[2] * reach();
    for (const [name, v] of Object.entries({ x: -half, y: -half, width: 2 * half, height: 2 * half })) square.setAttribute(name, v);
    sticker.set(sticker.x, sticker.y);

    const best = share.indexOf(Math.max(...share));
    bars.replaceChildren();
    share.forEach((chance, k) => {
      const y = 20 * k;
      svg("text", { x: 92, y: y + 14, "text-anchor": "end", text: KINDS[k], style: k === best ? "font-weight: 700" : "" }, bars);
      svg("rect", { x: 98, y: y + 3, width: Math.max(1, 76 * chance), height: 14, fill: `var(--${k === kind ? "blue" : "orange"})` }, bars);
      svg("text", { x: 238, y: y + 14, "text-anchor": "end", text: percent(chance) }, bars);
    });
    const beyond = Object.entries(SLIDERS).filter(([key, [, , , , [low, high]]]) => value[key] < low || value[key] > high);
    const told = kind === best ? "Correct." : kind < 0 ? "In truth there is no sign." : `In truth: ${sign.value}${kind > 11 ? ", which it has never seen" : ""}.`;
    const far = beyond.length ? ` Beyond training: ${beyond.map(([, [label]]) => label.toLowerCase()).join(", ")}.` : "";
    say(`The net says ${KINDS[best]}, ${percent(share[best])}. ${told}${far}`);
  }
  draw();
});
