/* A trained net dreams: each step changes the pixels so that a part of the net fires more.
   Pictures are tensors (H, W) of which 0 is the mean; slope, soften and ascend are those of
   applications/deep_dreaming/dream.py. Layers: 1, 2, 3, and 4 for the classes. */

import { choice, drawPad, html, loadArrays, mount, player, resetButton, slider, stepper } from "../assets/move.js";
import { softmax, tensor, zeros } from "../assets/infer.js";

const SIDE = 64;
const STEPS = 48;
const MOST = 2.5;
const NAMES = ["brick", "grass", "gravel", "coins", "stars", "print", "fur", "tissue"];
const clamp = (v, low, high) => Math.min(Math.max(v, low), high);

/** Go through all rows of places that a kernel (O, C, k, k) joins, with zeros around. Forward, an
    output gets weight times input; backward, an input's slope gets weight times the output's. */
function joined(weight, inputs, outputs, [C, H, W], stride, backward) {
  const k = weight.shape[2];
  const [h, w, pad] = [H / stride, W / stride, (k - 1) / 2];
  const first = (tap) => Math.max(0, Math.ceil((pad - tap) / stride));
  const last = (tap, size, n) => Math.min(n, Math.floor((size - 1 + pad - tap) / stride) + 1);
  for (let at = 0; at < weight.length; at += 1) {
    const tap = at % (k * k);
    const [down, across, o, c] = [Math.floor(tap / k), tap % k, Math.floor(at / (k * k * C)), Math.floor(at / (k * k)) % C];
    const [bottom, left, v] = [last(down, H, h), first(across), weight[at]];
    const n = last(across, W, w) - left;
    for (let y = first(down); y < bottom; y += 1) {
      const a = (c * H + y * stride + down - pad) * W + left * stride + across - pad;
      const b = (o * h + y) * w + left;
      if (backward) for (let i = 0; i < n; i += 1) inputs[a + i * stride] += v * outputs[b + i];
      else for (let i = 0; i < n; i += 1) outputs[b + i] += v * inputs[a + i * stride];
    }
  }
}

/** Maps (C, H, W) through kernels and ReLU: (O, H/stride, W/stride). */
function layer(x, weight, bias, stride) {
  const [, H, W] = x.shape;
  const out = zeros(weight.shape[0], H / stride, W / stride);
  const area = (H * W) / stride ** 2;
  bias.forEach((b, o) => out.fill(b, o * area, (o + 1) * area));
  joined(weight, x, out, x.shape, stride, false);
  for (let i = 0; i < out.length; i += 1) if (out[i] < 0) out[i] = 0;
  return out;
}

/** Slopes of a layer's outputs (O, …), already 0 where ReLU was, become those of its inputs (C, H, W). */
function back(g, weight, shape, stride) {
  const out = zeros(...shape);
  joined(weight, out, g, shape, stride, true);
  return out;
}

/** Maps (C, H, W), averaged over blocks of 2 × 2. */
function halved(x) {
  const [C, H, W] = x.shape;
  const out = zeros(C, H / 2, W / 2);
  for (let i = 0; i < x.length; i += 1) {
    out[(Math.floor(i / W) >> 1) * (W / 2) + ((i % W) >> 1)] += x[i] / 4;
  }
  return out;
}

/** All that a net makes of a picture. */
function forward(x, net) {
  const a = layer(tensor(x.subarray(), [1, ...x.shape]), net.w1, net.b1, 2);
  const b = layer(a, net.w2, net.b2, 1);
  const pooled = halved(b);
  const c = layer(pooled, net.w3, net.b3, 1);
  const [maps, area] = [c.shape[0], c.shape[1] * c.shape[2]];
  const means = Float64Array.from({ length: maps }, (_, m) =>
    c.subarray(m * area, (m + 1) * area).reduce((all, v) => all + v, 0) / area);
  const sums = tensor(Array.from(net.b4, (bias, k) =>
    means.reduce((all, v, m) => all + v * net.w4[k * maps + m], bias)), [net.b4.length]);
  return { a, b, pooled, c, sums };
}

/** Each class's share. */
export const shares = (x, net) => softmax(forward(x, net).sums);

/** How the excitement changes with each pixel, (H, W). Unit -1 is the whole layer. */
export function slope(x, net, depth, unit) {
  const { a, b, pooled, c, sums } = forward(x, net);
  const reached = [a, b, c][Math.min(depth, 3) - 1];
  let g = zeros(...reached.shape);
  const area = g.shape[1] * g.shape[2];
  if (depth === 4) {
    const [share, maps] = [softmax(sums), c.shape[0]];
    for (let m = 0; m < maps; m += 1) {
      let each = net.w4[unit * maps + m];
      share.forEach((p, k) => (each -= p * net.w4[k * maps + m]));
      g.fill(each / area, m * area, (m + 1) * area);
    }
  } else if (unit < 0) g.set(reached.map((v) => v / reached.length));
  else g.fill(1 / area, unit * area, (unit + 1) * area);
  const gate = (maps) => {
    for (let i = 0; i < g.length; i += 1) if (!maps[i]) g[i] = 0;
  };
  if (depth > 2) {
    gate(c);
    const small = back(g, net.w3, pooled.shape, 1);
    const W = b.shape[2];
    g = zeros(...b.shape);
    for (let i = 0; i < g.length; i += 1) g[i] = small[(Math.floor(i / W) >> 1) * (W / 2) + ((i % W) >> 1)] / 4;
  }
  if (depth > 1) {
    gate(b);
    g = back(g, net.w2, a.shape, 1);
  }
  gate(a);
  return tensor(back(g, net.w1, [1, ...x.shape], 2), x.shape);
}

/** Average each pixel with its neighbours, ¼, ½, ¼ across and down; edges repeat. */
export function soften(g, times) {
  const [H, W] = g.shape;
  for (let t = 0; t < times; t += 1) {
    const across = g.map((v, i) => (2 * v + g[i % W ? i - 1 : i] + g[i % W < W - 1 ? i + 1 : i]) / 4);
    g = tensor(across.map((v, i) =>
      (2 * v + across[i < W ? i : i - W] + across[i < (H - 1) * W ? i + W : i]) / 4), [H, W]);
  }
  return g;
}

/** Shift a picture down and across; what leaves comes in at the other side. */
export function rolled(x, [down, across]) {
  const [H, W] = x.shape;
  const at = (v, n) => ((v % n) + n) % n;
  return tensor(x.map((_, i) => x[at(Math.floor(i / W) - down, H) * W + at((i % W) - across, W)]), [H, W]);
}

/** One step: shift, slope, shift back, soften, add. */
export function ascend(x, net, depth, unit, { rate, blur, shift }) {
  let g = slope(rolled(x, shift), net, depth, unit);
  g = soften(rolled(g, shift.map((v) => -v)), blur);
  const size = g.reduce((all, v) => all + Math.abs(v), 0) / g.length + 1e-12;
  return tensor(x.map((v, i) => clamp(v + (rate * g[i]) / size, -MOST, MOST)), x.shape);
}

export const smaller = (x) => {
  const half = halved(tensor(x.subarray(), [1, ...x.shape]));
  return tensor(half, half.shape.slice(1));
};

/** Twice the size, by straight lines between pixels. */
export function larger(x) {
  const [H, W] = x.shape;
  return tensor(Float32Array.from({ length: 4 * H * W }, (_, i) => {
    const near = (v, n) => {
      const place = clamp((v + 0.5) / 2 - 0.5, 0, n - 1);
      const first = Math.floor(place);
      return [first, Math.min(first + 1, n - 1), place - first];
    };
    const [[p, q, s], [l, r, t]] = [near(Math.floor(i / (2 * W)), H), near(i % (2 * W), W)];
    const row = (k) => x[k * W + l] * (1 - t) + x[k * W + r] * t;
    return row(p) * (1 - s) + row(q) * s;
  }), [2 * H, 2 * W]);
}

/** A dream as a list of pictures, of which the first is the start; next() adds one. */
function dreamer(start, net, depth, unit, { octaves, rate, blur, jitter, steps }) {
  const bases = [start];
  while (bases.length < octaves) bases.unshift(smaller(bases[0]));
  const pictures = [start];
  let x = bases[0];
  // Shifts that look random, and are the same at each play.
  const lot = (n) => (((n * 2654435761) >>> 8) % (2 * jitter + 1)) - jitter;
  const next = () => {
    const [n, each] = [pictures.length - 1, steps / octaves];
    const k = Math.floor(n / each);
    if (k && n % each === 0) {
      const [grown, was] = [larger(tensor(x.map((v, i) => v - bases[k - 1][i]), x.shape)), bases[k]];
      x = tensor(was.map((v, i) => v + grown[i]), was.shape);
    }
    x = ascend(x, net, depth, unit, { rate, blur, shift: [lot(2 * n + 1), lot(2 * n + 2)] });
    pictures.push(x);
  };
  return { pictures, next };
}

/** A whole dream: its last picture. */
export function dreamed(start, net, depth, unit, how) {
  const { pictures, next } = dreamer(start, net, depth, unit, how);
  while (pictures.length <= how.steps) next();
  return pictures.at(-1);
}

const hundred = (v) => (v > 0.99 ? "over 99" : v < 0.01 ? "under 1" : String(Math.round(100 * v)));

mount("dream", async ({ stage, files, state, say }) => {
  const [net, second, starts] = await Promise.all(
    ["dreamer", "judge", "starts"].map((name) => loadArrays(files[`${name}.safetensors`])));
  const targets = Object.fromEntries([
    ...NAMES.map((name, k) => [`4.${k}`, `class: ${name}`]),
    ...[1, 2, 3].map((d) => [`${d}.-1`, `layer ${d}: whatever fires`]),
    ...[...Array(24).keys()].map((m) => [`3.${m}`, `layer 3, map ${m + 1}`]),
  ]);
  const pick = (key, label, options, first) => choice(stage, {
    label, options, select: true, value: Object.hasOwn(options, state.get(key, first)) ? state.get(key, first) : first,
    change: (v) => (state.set(key, v), begin()),
  });
  const target = pick("target", "Let it fire for", targets, "4.4");
  const source = pick("start", "Begin with", {
    noise: "noise", astronaut: "a photograph: astronaut", coffee: "a photograph: coffee", own: "your own drawing",
  }, "astronaut");
  const row = html("div", { class: "dream-row" }, stage);
  const canvas = html("canvas", { "aria-hidden": "true", width: SIDE, height: SIDE }, row);
  const bars = html("div", { class: "dream-bars", "aria-hidden": "true" }, row);
  const lines = NAMES.map((name) => {
    const line = html("p", {}, bars);
    html("span", { text: name }, line);
    return ["dream-own", "dream-second"].map((c) => html("i", { class: c }, line));
  });
  html("p", { class: "move-hint", text: "Shares of the classes. Upper bar: the net that dreams. Lower bar: a second net." }, bars);
  const pad = drawPad(html("div", { hidden: true }, row), {
    n: SIDE, label: "Draw what the dream begins with", change: () => begin(),
  });
  // What is said stands under the picture, above the sliders.
  html("p", { class: "move-say", role: "status", "aria-live": "polite" }, stage);
  const steps = player(stepper(stage, { last: STEPS, value: state.get("step", 0), label: "Steps of the dream", reset: false, show }), { pace: 150 });
  const slide = (key, label, min, max, step, first, text) => slider(stage, {
    label, min, max, step, value: clamp(state.get(key, first), min, max), text,
    change: (v) => (state.set(key, v), begin()),
  });
  const rate = slide("rate", "Strength of a step", 0.02, 0.5, 0.02, 0.08);
  const blur = slide("blur", "Softening", 0, 6, 1, 1, (v) => `${v} ×`);
  const octaves = slide("octaves", "Octaves", 1, 3, 1, 2);
  const jitter = slide("shift", "Largest shift", 0, 6, 1, 2, (v) => `${v} pixels`);
  resetButton(stage);

  let run = null;
  function first() {
    if (source.value === "own") return tensor(Float32Array.from(pad.pixels, (ink) => 1 - 3 * ink), [SIDE, SIDE]);
    return tensor(Float32Array.from(starts[source.value]), [SIDE, SIDE]);
  }
  function begin(step = 0) {
    pad.element.parentNode.hidden = source.value !== "own";
    const [depth, unit] = target.value.split(".").map(Number);
    run = dreamer(first(), net, depth, unit, {
      octaves: octaves.value, rate: rate.value, blur: blur.value, jitter: jitter.value, steps: STEPS,
    });
    steps.to(step);
  }
  function show(n) {
    while (run.pictures.length <= n) run.next();
    state.set("step", n);
    const x = run.pictures[n];
    const [h, w] = x.shape;
    Object.assign(canvas, { width: w, height: h });
    const image = new ImageData(w, h);
    x.forEach((v, i) => image.data.set([...Array(3).fill(Math.round(255 * clamp(0.5 + v / 5, 0, 1))), 255], 4 * i));
    canvas.getContext("2d").putImageData(image, 0, 0);
    const [mine, theirs] = [net, second].map((each) => shares(x, each));
    lines.forEach((pair, k) => pair.forEach((bar, j) => {
      bar.style.width = `${100 * [mine, theirs][j][k]}%`;
    }));
    const told = [mine, theirs].map((all) => {
      const top = all.indexOf(Math.max(...all));
      return `${NAMES[top]}, ${hundred(all[top])} out of 100`;
    });
    const [before, now] = [run.pictures[n - 1], x];
    const still = n && before.length === now.length && now.every((v, i) => v === before[i]);
    say(`Step ${n}, ${h} × ${w} pixels. The net that dreams sees ${told[0]}; a second net sees ${told[1]}.`
      + (still ? " Nothing changes: every slope is 0." : ""));
  }
  begin(steps.value);
});
