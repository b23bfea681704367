/* Inference of small networks, on Float32Arrays that carry their .shape: loadArrays gives such, and
   tensor(data, shape). Weights have PyTorch's names, layout and order of gates. Sums are made in
   float64. N batch, T steps, C channels, H × W pixels, D width, I and O in and out. */

const { exp, floor, max, sqrt } = Math;

export const tensor = (data, shape) => {
  need(data.length === size(shape), `${data.length} values are not of shape (${shape})`);
  return Object.assign(data instanceof Float32Array ? data : Float32Array.from(data), { shape });
};
export const reshape = (x, shape) => tensor(x.subarray(), shape);
export const zeros = (...shape) => tensor(new Float32Array(size(shape)), shape);
export const fill = (shape, f) => tensor(zeros(...shape).map((_, i) => f(i)), shape);
const size = (shape) => shape.reduce((a, b) => a * b, 1);
function sum(n, f) {
  let all = 0;
  for (let i = 0; i < n; i += 1) all += f(i);
  return all;
}

export const need = (right, message) => {
  if (!right) throw new Error(message);
};
const like = (x, shape, name) =>
  need(!x || `${x.shape}` === `${shape}`, `${name} has shape (${x?.shape}), expected (${shape})`);
export const ranked = (x, rank) => need(x.shape.length === rank, `(${x.shape}) has not ${rank} axes`);

// Each value by itself.
export const map = (x, f) => fill(x.shape, (i) => f(x[i], i));
export const relu = (x) => map(x, (v) => (v < 0 ? 0 : v)); // NaN stays
export const sigmoid = (x) => map(x, logistic);
export const tanh = (x) => map(x, Math.tanh);
export const gelu = (x) => map(x, (v) => (v * (1 + erf(v / Math.SQRT2))) / 2);
export const add = (x, y) => (like(y, x.shape, "y"), fill(x.shape, (i) => x[i] + y[i]));
export const logistic = (v) => 1 / (1 + exp(-v));

/** 2/√π · exp(−x²) · Σ 2ⁿ x²ⁿ⁺¹ / (2n+1)!!, whose terms have one sign. */
export function erf(x) {
  if (!(Math.abs(x) < 6)) return x > 0 ? 1 : x < 0 ? -1 : x;
  let [all, term] = [0, x];
  for (let n = 3; Math.abs(term) > 1e-17 * Math.abs(all); n += 2) {
    all += term;
    term *= (2 * x * x) / n;
  }
  return (2 / sqrt(Math.PI)) * exp(-x * x) * all;
}

function rows(x, f) {
  const [D, out] = [x.shape.at(-1), zeros(...x.shape)];
  for (let i = 0; i < x.length; i += D) f(x.subarray(i, i + D), out.subarray(i, i + D));
  return out;
}
const largest = (row) => row.reduce((a, b) => max(a, b), -Infinity);

const exponents = (x, f) =>
  rows(x, (row, out) => {
    const top = largest(row);
    const all = sum(row.length, (i) => exp(row[i] - top));
    row.forEach((v, i) => (out[i] = f(v - top, all)));
  });
/** Over the last axis. */
export const softmax = (x) => exponents(x, (v, all) => exp(v) / all);
export const logSoftmax = (x) => exponents(x, (v, all) => v - Math.log(all));

/** Over the last axis: x (…, D), weight and bias (D). */
export function layerNorm(x, weight = null, bias = null, eps = 1e-5) {
  const D = x.shape.at(-1);
  like(weight, [D], "weight");
  like(bias, [D], "bias");
  return rows(x, (row, out) => {
    const mean = sum(D, (i) => row[i]) / D;
    const scale = 1 / sqrt(sum(D, (i) => (row[i] - mean) ** 2) / D + eps);
    row.forEach((v, i) => (out[i] = (v - mean) * scale * (weight?.[i] ?? 1) + (bias?.[i] ?? 0)));
  });
}

/** x (…, I), weight (O, I), bias (O) or null → (…, O). */
export function dense(x, weight, bias = null) {
  const [O, I] = weight.shape;
  need(x.shape.at(-1) === I, `x has shape (${x.shape}), expected (…, ${I}) for weight (${O},${I})`);
  like(bias, [O], "bias");
  return fill([...x.shape.slice(0, -1), O], (at) => {
    const [row, o] = [floor(at / O) * I, at % O];
    return (bias?.[o] ?? 0) + sum(I, (i) => x[row + i] * weight[o * I + i]);
  });
}

/** indices (any shape, or a list), weight (V, D) → (…, D). */
export function embedding(indices, weight) {
  const [V, D] = weight.shape;
  const out = zeros(...(indices.shape ?? [indices.length]), D);
  indices.forEach((index, i) => {
    need(index in weight && index < V, `index ${index} is not below ${V}`);
    out.set(weight.subarray(index * D, (index + 1) * D), i * D);
  });
  return out;
}

// Images. A number stands for both axes.
const pair = (v) => (Array.isArray(v) ? v : [v, v]);

/** For each output of a sliding window: places in the image, and their taps. */
function slide([H, W], kernel, { stride = 1, padding = 0, dilation = 1 }) {
  const [[kh, kw], [sh, sw], [ph, pw], [dh, dw]] = [kernel, stride, padding, dilation].map(pair);
  const oh = floor((H + 2 * ph - dh * (kh - 1) - 1) / sh) + 1;
  const ow = floor((W + 2 * pw - dw * (kw - 1) - 1) / sw) + 1;
  need(oh > 0 && ow > 0, `a window of ${kh} × ${kw} does not fit into ${H} × ${W}`);
  const windows = Array.from({ length: oh * ow }, (_, p) => {
    const [places, taps] = [[], []];
    for (let tap = 0; tap < kh * kw; tap += 1) {
      const y = floor(p / ow) * sh - ph + floor(tap / kw) * dh;
      const x = (p % ow) * sw - pw + (tap % kw) * dw;
      if (y < 0 || y >= H || x < 0 || x >= W) continue;
      places.push(y * W + x);
      taps.push(tap);
    }
    return [places, taps];
  });
  return { oh, ow, windows, area: kh * kw };
}

/** x (N, C, H, W), weight (O, C, kh, kw), bias (O) or null → (N, O, H′, W′). */
export function conv2d(x, weight, bias = null, options = {}) {
  ranked(x, 4);
  const [[N, C, H, W], [O, , kh, kw]] = [x.shape, weight.shape];
  like(weight, [O, C, kh, kw], "weight");
  like(bias, [O], "bias");
  const { oh, ow, windows, area } = slide([H, W], [kh, kw], options);
  return fill([N, O, oh, ow], (i) => {
    const [places, taps] = windows[i % windows.length];
    const [o, n] = [floor(i / windows.length) % O, floor(i / windows.length / O)];
    const channel = (c) => {
      const [image, kernel] = [(n * C + c) * H * W, (o * C + c) * area];
      return sum(taps.length, (t) => x[image + places[t]] * weight[kernel + taps[t]]);
    };
    return (bias?.[o] ?? 0) + sum(C, channel);
  });
}

function pool(x, kernel, options, f) {
  ranked(x, 4);
  const [N, C, H, W] = x.shape;
  const { oh, ow, windows, area } = slide([H, W], kernel, { stride: kernel, ...options });
  return fill([N, C, oh, ow], (i) => {
    const image = floor(i / windows.length) * H * W;
    return f(windows[i % windows.length][0].map((place) => x[image + place]), area);
  });
}
/** x (N, C, H, W) → (N, C, H′, W′); the stride is the window's size unless given. */
export const maxPool2d = (x, kernel, options) => pool(x, kernel, options, largest);
/** The zeros of the padding count, as is PyTorch's default. */
export const avgPool2d = (x, kernel, options) =>
  pool(x, kernel, options, (seen, area) => sum(seen.length, (i) => seen[i]) / area);

// Recurrent cells and nets.
export * from "./recurrent.js";

/** q (N, heads, L, D), k (…, S, D), v (…, S, E) → { output (…, L, E), weights (…, L, S) }.
    Causal: query i sees keys 0 … i. */
export function attention(q, k, v, { causal = false } = {}) {
  ranked(q, 4);
  const [[N, heads, L, D], S, E] = [q.shape, k.shape[2], v.shape[3]];
  like(k, [N, heads, S, D], "k");
  like(v, [N, heads, S, E], "v");
  const scores = fill([N, heads, L, S], (i) => {
    const [j, row] = [i % S, floor(i / S)];
    if (causal && j > row % L) return -Infinity;
    const [a, b] = [row * D, (floor(row / L) * S + j) * D];
    return sum(D, (d) => q[a + d] * k[b + d]) / sqrt(D);
  });
  const weights = softmax(scores);
  const output = fill([N, heads, L, E], (i) => {
    const row = floor(i / E);
    const from = floor(row / L) * S * E + (i % E);
    return sum(S, (j) => weights[row * S + j] * v[from + j * E]);
  });
  return { output, weights };
}

/** (A, B, C, D) → (A, C, B, D). */
function swap(x) {
  const [A, B, C, D] = x.shape;
  return fill([A, C, B, D], (i) => {
    const [d, b, c, a] = [i % D, floor(i / D) % B, floor(i / D / B) % C, floor(i / D / B / C)];
    return x[((a * B + b) * C + c) * D + d];
  });
}

/** nn.MultiheadAttention with batch_first: query (N, L, D), key, value (N, S, D), its state_dict →
    { output (N, L, D), weights (N, heads, L, S) }. */
export function multiHeadAttention(query, key, value, weights, { heads, causal = false }) {
  const D = query.shape[2];
  need(D % heads === 0, `a width of ${D} does not divide into ${heads} heads`);
  const { in_proj_weight: W, in_proj_bias: b } = weights;
  like(W, [3 * D, D], "in_proj_weight");
  const [q, k, v] = [query, key, value].map((x, i) => {
    const third = (all, shape) => fill(shape, (at) => all[i * size(shape) + at]);
    const projected = dense(x, third(W, [D, D]), b && third(b, [D]));
    return swap(reshape(projected, [x.shape[0], x.shape[1], heads, D / heads]));
  });
  const seen = attention(q, k, v, { causal });
  const joined = reshape(swap(seen.output), query.shape);
  const output = dense(joined, weights["out_proj.weight"], weights["out_proj.bias"]);
  return { ...seen, output };
}

/** The place of the largest value. */
export function argmax(x) {
  const place = x.indexOf(largest(x));
  need(place >= 0, "a value is not a number");
  return place;
}

/** An index drawn from softmax(logits / temperature) over the topK largest; random() in [0, 1). */
export function sample(logits, { temperature = 1, topK = logits.length, random = Math.random } = {}) {
  if (!temperature) return argmax(logits);
  const order = [...logits.keys()].sort((a, b) => logits[b] - logits[a]).slice(0, topK);
  const chances = softmax(tensor(order.map((i) => logits[i] / temperature), [order.length]));
  let left = random() * chances.reduce((a, b) => a + b);
  return order[chances.findIndex((chance) => (left -= chance) < 0)] ?? order.at(-1);
}
