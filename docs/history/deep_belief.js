/* A restricted Boltzmann machine dreams: hidden units are drawn from the visible ones, and the
   visible ones made again from the hidden. The rules are those of history/deep_belief.py. */

import { button, choice, html, loadArrays, mount, player, resetButton, stepper, svg } from "../assets/move.js";

const N = 64; // units in each layer
const LAST = 60;

const bend = (z) => 0.5 * (1 + Math.tanh(0.5 * z));

/** How likely each hidden unit is to be on. */
export function hiddenOf({ W, b, c }, v) {
  return Array.from(c, (start, j) => {
    let sum = start;
    for (let i = 0; i < b.length; i += 1) sum += v[i] * W[i * c.length + j];
    return bend(sum);
  });
}

/** How likely each visible unit is to be on. */
export function visibleOf({ W, b, c }, h) {
  return Array.from(b, (start, i) => {
    let sum = start;
    for (let j = 0; j < c.length; j += 1) sum += h[j] * W[i * c.length + j];
    return bend(sum);
  });
}

/** Numbers from 0 to 1, the same ones for the same seed. */
function dice(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Pictures and hidden units, step by step. */
export function dream(rbm, start, steps, seed) {
  const random = dice(seed);
  const path = [{ v: Array.from(start), h: null }];
  for (let n = 0; n < steps; n += 1) {
    const h = hiddenOf(rbm, path.at(-1).v).map((p) => Number(random() < p));
    path.push({ v: visibleOf(rbm, h), h });
  }
  return path;
}

mount("dream", async ({ stage, files, state, say }) => {
  const { digits, ...rbm } = await loadArrays(files["rbm.safetensors"]);
  let seed = Math.round(Math.abs(state.get("seed", 1))) % 100000;
  let path = [];
  const names = { noise: "noise", ...Object.fromEntries(Array.from({ length: 10 }, (_, d) => [d, `${d === 8 ? "an" : "a"} ${d}`])) };
  const first = choice(stage, {
    label: "Begin with", options: names, select: true, value: state.get("first", "noise"),
    change: (value) => (state.set("first", value), begin(0)),
  });
  const picture = svg("svg", { viewBox: "0 0 320 178", role: "img" }, stage);
  const walk = player(stepper(stage, { label: "Steps", last: LAST, reset: false, show }), { pace: 300 });
  button(walk.element, "New draw", () => {
    seed = (seed + 1) % 100000;
    state.set("seed", seed);
    begin(walk.value);
  });
  resetButton(walk.element);
  html("p", { class: "move-hint", text: "Left: the visible units, 8 × 8 pixels. Right: the 64 hidden units, each drawn: filled is on. In each step the hidden units are drawn from the picture, and a new picture is made from them." }, stage);

  function begin(step) {
    const random = dice(1000 + seed);
    const digit = Number(first.value);
    const start = first.value === "noise" ? Array.from({ length: N }, random) : Array.from(digits.slice(N * digit, N * digit + N), (v) => v / 16);
    path = dream(rbm, start, LAST, seed);
    walk.to(step);
  }

  function show(step) {
    state.set("step", step);
    const { v, h } = path[step];
    picture.replaceChildren();
    const side = 18;
    svg("text", { x: 0, y: 13, text: "visible" }, picture);
    svg("text", { x: 176, y: 13, text: "hidden" }, picture);
    for (let i = 0; i < N; i += 1) {
      const [x, y] = [(i % 8) * side, 22 + Math.floor(i / 8) * side];
      svg("rect", { x, y, width: side, height: side, fill: "var(--paper)", stroke: "var(--grid)", "stroke-width": 0.5 }, picture);
      svg("rect", { x, y, width: side, height: side, fill: "var(--ink)", opacity: v[i].toFixed(3) }, picture);
      const on = h && h[i];
      svg("rect", { x: 176 + x + 2, y: y + 2, width: side - 4, height: side - 4, fill: on ? "var(--blue)" : "none", stroke: "var(--blue)", "stroke-width": 0.8 }, picture);
    }
    const lit = h ? h.filter(Boolean).length : 0;
    const words = step
      ? `Step ${step}: ${lit} of 64 hidden units are on, and made the picture.`
      : `Step 0: ${first.value === "noise" ? "noise" : "a test digit"}. The hidden units have not been drawn yet.`;
    picture.setAttribute("aria-label", words);
    say(words);
  }

  begin(Math.min(Math.max(Math.round(state.get("step", 0)), 0), LAST));
});
