/* A walk down a surface of two weights: the reader moves its start, its rate and its momentum.
   Weights are [w1, w2]; surfaces and steps as in networks/gradient_descent.py. */

import { axes, choice, draggable, html, mount, player, resetButton, slider, stepper, svg } from "../assets/move.js";

const REACH = [-4, 4];
const SIZE = 320;
const FAR = 1e6; // a walk that is farther away is not followed
const STEPS = 60;
const TOP = 0.2541; // of the ridge between the two valleys

const quadratic = (a, b) => ({
  loss: ([w1, w2]) => a * w1 ** 2 + b * w2 ** 2,
  slope: ([w1, w2]) => [2 * a * w1, 2 * b * w2],
  steepest: () => 2 * Math.max(a, b),
  levels: [0.4, 2, 5, 10, 18, 30].map((v) => v * Math.sqrt(a * b)),
});
export const SURFACES = {
  bowl: { ...quadratic(1, 1), most: 1.3, rate: 0.1 },
  ravine: { ...quadratic(1, 10), most: 0.16, rate: 0.08 },
  valleys: {
    loss: ([w1, w2]) => (w1 ** 2 - 4) ** 2 / 16 + w1 / 4 + w2 ** 2,
    slope: ([w1, w2]) => [(w1 * (w1 ** 2 - 4)) / 4 + 0.25, 2 * w2],
    // Of the valley on the side of w1, at its lowest point.
    steepest: ([w1]) => Math.max((3 * bottom(w1) ** 2 - 4) / 4, 2),
    levels: [-0.4, -0.2, 0, 0.2, 0.45, 0.8, 1.2, 2, 4, 8],
    most: 1.3,
    rate: 0.1,
  },
};
const NAMES = { ravine: "ravine", bowl: "bowl", valleys: "two valleys" };

export const loss = (name, w) => SURFACES[name].loss(w);
export const slope = (name, w) => SURFACES[name].slope(w);

/** Where the slope along w1 is 0, in the valley on the side of w1. */
function bottom(w1) {
  let at = w1 < TOP ? -2 : 2;
  for (let i = 0; i < 30; i += 1) at -= ((at * (at ** 2 - 4)) / 4 + 0.25) / ((3 * at ** 2 - 4) / 4);
  return at;
}

/** The rate beyond which steps lead away from the lowest point of the valley where w lies. */
export const border = (name, w, momentum) => (2 * (1 + momentum)) / SURFACES[name].steepest(w);

/** The weights before the first step and after each; it ends early where they are very far. */
export function walk(name, start, rate, momentum, steps) {
  const path = [start];
  let velocity = [0, 0];
  while (path.length <= steps) {
    const now = path.at(-1);
    const g = slope(name, now);
    velocity = velocity.map((v, i) => momentum * v + g[i]);
    const next = now.map((w, i) => w - rate * velocity[i]);
    if (!(Math.hypot(...next) < FAR)) break;
    path.push(next);
  }
  return path;
}

/** Lines of equal height of f([w1, w2]), as a path: each cell of a grid is cut where the level lies. */
export function contour(f, level, scale, cells = 80) {
  const at = (k) => REACH[0] + (k / cells) * (REACH[1] - REACH[0]);
  const heights = Array.from({ length: cells + 1 }, (_, i) =>
    Array.from({ length: cells + 1 }, (__, j) => f([at(i), at(j)]) - level),
  );
  let d = "";
  for (let i = 0; i < cells; i += 1) {
    for (let j = 0; j < cells; j += 1) {
      const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
      const cuts = corners.flatMap(([a, b], k) => {
        const [c, e] = corners[(k + 1) % 4];
        const [low, high] = [heights[a][b], heights[c][e]];
        if (low < 0 === high < 0) return [];
        const t = low / (low - high);
        return [`${scale.x(at(a + t * (c - a))).toFixed(1)} ${scale.y(at(b + t * (e - b))).toFixed(1)}`];
      });
      for (let k = 0; k + 1 < cuts.length; k += 2) d += `M${cuts[k]}L${cuts[k + 1]}`;
    }
  }
  return d;
}

const clamp = (v, low, high) => Math.min(Math.max(Number(v) || 0, low), high);
const short = (v) => {
  const size = Math.abs(v);
  if (size > 0 && size < 1e-4) return "almost 0";
  if (size >= 1e5) return `${v < 0 ? "below −" : "above "}100,000`;
  return v.toFixed(size < 0.1 ? 4 : 2).replace("-", "−");
};

mount("walk", ({ stage, state, say }) => {
  const scale = axes({ x: REACH, y: REACH, width: SIZE, height: SIZE });
  const named = state.get("surface", "ravine");
  let name = named in SURFACES ? named : "ravine";
  let [start, path] = [state.get("start", [3.5, 1.5]).slice(0, 2).map((v) => clamp(v, ...REACH)), []];
  if (start.length < 2) start = [3.5, 1.5];
  const first = [state.get("rate", -1), state.get("momentum", 0), state.get("step", 3)];

  const picked = choice(stage, {
    label: "Surface",
    options: NAMES,
    value: name,
    change: (to) => {
      name = to;
      state.set("surface", name);
      momentum.set(0);
      state.set("momentum", 0);
      begin(SURFACES[name].rate);
    },
  });
  const picture = svg("svg", { viewBox: `0 0 ${SIZE} ${SIZE}`, role: "group", "aria-label": "Surface and walk" }, stage);
  svg("rect", { width: SIZE, height: SIZE }, svg("clipPath", { id: "descent-frame" }, picture));
  svg("rect", { width: SIZE, height: SIZE, fill: "var(--wash)", stroke: "var(--grid)" }, picture);
  const rings = svg("g", { fill: "none", stroke: "var(--muted)" }, picture);
  svg("text", { x: 314, y: 314, "text-anchor": "end", text: "w₁ →" }, picture);
  svg("text", { x: 6, y: 16, text: "↑ w₂" }, picture);
  const layer = svg("g", { "clip-path": "url(#descent-frame)" }, picture);
  const ring = svg("g", {}, picture);
  const handle = draggable(ring, scale, {
    x: start[0], y: start[1], step: 0.1, label: "Where the walk starts",
    text: (x, y) => `w1 ${short(x)}, w2 ${short(y)}`,
    move: (x, y) => {
      start = [x, y];
      state.set("start", start);
      draw();
    },
  });
  svg("circle", { r: 8, fill: "none", stroke: "var(--green)", "stroke-width": 3 }, ring);

  const rate = slider(stage, {
    label: "Rate η", min: 0, max: 1, step: 0.001, text: (v) => v.toFixed(3),
    change: (v) => (state.set("rate", v), draw()),
  });
  const momentum = slider(stage, {
    label: "Momentum α", min: 0, max: 0.95, step: 0.05, text: (v) => v.toFixed(2),
    change: (v) => (state.set("momentum", v), draw()),
  });
  momentum.set(first[1]);
  const steps = player(
    stepper(stage, { label: "Steps", last: STEPS, value: first[2], reset: false, show: draw }), { pace: 300 },
  );
  resetButton(steps.element);
  html("p", {
    class: "move-hint",
    text: "Drag the green ring, or select it and use the arrow keys. Next takes one more step.",
  }, stage);

  /** Draw the surface that is chosen, and set the rate. */
  function begin(to) {
    const { most, levels } = SURFACES[name];
    const input = rate.element.querySelector("input");
    [input.max, input.step] = [most, most / 200 > 0.002 ? 0.01 : 0.001];
    rate.set(to);
    state.set("rate", rate.value);
    rings.replaceChildren();
    for (const level of levels) svg("path", { d: contour(SURFACES[name].loss, level, scale) }, rings);
    draw();
  }

  function draw() {
    path = walk(name, start, rate.value, momentum.value, steps.value);
    state.set("step", steps.value);
    layer.replaceChildren();
    const at = ([a, b]) => [clamp(scale.x(a), -1e4, 1e4), clamp(scale.y(b), -1e4, 1e4)];
    const line = path.map((w) => at(w).map((v) => v.toFixed(1)).join(",")).join(" ");
    svg("polyline", { points: line, fill: "none", stroke: "var(--blue)", "stroke-width": 1.8 }, layer);
    for (const w of path) {
      const [cx, cy] = at(w);
      svg("circle", { cx, cy, r: 3, fill: "var(--blue)" }, layer);
    }
    const [cx, cy] = at(path.at(-1));
    svg("circle", { cx, cy, r: 6, fill: "var(--orange)" }, layer);
    say(words());
  }

  function words() {
    const now = path.at(-1);
    const limit = border(name, now, momentum.value);
    const gone = path.length <= steps.value;
    const where = gone
      ? `After ${path.length - 1} steps it is so far away that we stop following it.`
      : `After ${steps.value} ${steps.value === 1 ? "step" : "steps"}: w₁ ${short(now[0])}, w₂ ${short(now[1])}, loss ${short(loss(name, now))}.`;
    const near = Math.abs(rate.value - limit) < 1e-9;
    const side = near ? "at" : rate.value > limit ? "beyond" : "below";
    const formula = momentum.value ? "2(1 + α)/\u2060λ" : "2/\u2060λ";
    const here = name === "valleys" ? " at the lowest point of this valley" : "";
    return `${where} The rate is ${side} the border ${formula}\u00a0=\u00a0${limit.toFixed(3)}${here}.`;
  }

  steps.value = clamp(first[2], 0, STEPS);
  begin(first[0] >= 0 ? first[0] : SURFACES[name].rate);
});
