/* Recurrent cells and nets of infer.js, which hands them on: import them from there. */

import { add, dense, fill, logistic, map, need, ranked, tanh, tensor, zeros } from "./infer.js";

// x (N, I), h and c (N, D), weights { weight_ih, weight_hh, bias_ih, bias_hh }.
const gates = (x, h, w) => [dense(x, w.weight_ih, w.bias_ih), dense(h, w.weight_hh, w.bias_hh)];

/** f is tanh or relu. */
export const rnnCell = (x, h, weights, f = tanh) => f(add(...gates(x, h, weights)));

/** Part k of sums (N, parts · D), each bent by f, with its place. */
const part = (all, [N, D], k, f = logistic) =>
  fill([N, D], (i) => f(all[Math.floor(i / D) * all.shape[1] + k * D + (i % D)], i));

/** { reset, update, candidate }, each (N, D). */
export function gruGates(x, h, weights) {
  const [a, b] = gates(x, h, weights);
  const [reset, update] = [0, 1].map((k) => part(add(a, b), h.shape, k));
  const heard = part(b, h.shape, 2, (v, i) => reset[i] * v);
  return { reset, update, candidate: part(a, h.shape, 2, (v, i) => Math.tanh(v + heard[i])) };
}
export function gruCell(x, h, weights) {
  const { update: z, candidate } = gruGates(x, h, weights);
  return map(h, (v, i) => (1 - z[i]) * candidate[i] + z[i] * v);
}

/** { input, forget, candidate, output }, each (N, D). */
export function lstmGates(x, h, weights) {
  const all = add(...gates(x, h, weights));
  const [input, forget, output] = [0, 1, 3].map((k) => part(all, h.shape, k));
  return { input, forget, candidate: part(all, h.shape, 2, Math.tanh), output };
}
/** [h, c] → [h′, c′]. */
export function lstmCell(x, [h, c], weights) {
  const { input, forget, candidate, output } = lstmGates(x, h, weights);
  const cell = map(c, (v, i) => forget[i] * v + input[i] * candidate[i]);
  return [map(cell, (v, i) => output[i] * Math.tanh(v)), cell];
}

/** x (T, N, I) through all layers of a state_dict (weight_ih_l0, …) → output, and last states. */
function sequence(x, weights, starts, cell) {
  ranked(x, 3);
  need(!weights.weight_ih_l0_reverse, "only one direction is supported");
  const ends = starts.map(() => []);
  for (let k = 0; weights[`weight_ih_l${k}`]; k += 1) {
    const names = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"];
    const layer = Object.fromEntries(names.map((name) => [name, weights[name + "_l" + k]]));
    const [[T, N, I], D] = [x.shape, layer.weight_hh.shape[1]];
    const slice = (all, i, width) => fill([N, width], (at) => all[i * N * width + at]);
    let states = starts.map((start) => (start ? slice(start, k, D) : zeros(N, D)));
    const out = zeros(T, N, D);
    for (let t = 0; t < T; t += 1) {
      states = cell(slice(x, t, I), states, layer);
      out.set(states[0], t * N * D);
    }
    states.forEach((state, i) => ends[i].push(state));
    x = out;
  }
  const stack = (all) => tensor(all.flatMap((s) => [...s]), [all.length, ...all[0].shape]);
  return [x, ...ends.map(stack)];
}
/** x (T, N, I), h (layers, N, D) or null → [output (T, N, D), h]. */
export const rnn = (x, weights, h = null, f = tanh) =>
  sequence(x, weights, [h], (v, [s], w) => [rnnCell(v, s, w, f)]);
export const gru = (x, weights, h = null) =>
  sequence(x, weights, [h], (v, [s], w) => [gruCell(v, s, w)]);
/** → [output, h, c]. */
export const lstm = (x, weights, [h, c] = [null, null]) => sequence(x, weights, [h, c], lstmCell);
