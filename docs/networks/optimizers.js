/* A race: several optimisers run from one start on one surface, each at its own rate. The surfaces
   are those of gradient descent and the ravine turned; rules as in networks/optimizers/rules.py. */

import { axes, choice, draggable, html, mount, player, resetButton, slider, stepper, svg } from "../assets/move.js";
import { contour, SURFACES as PLAIN } from "./gradient_descent.js";

const REACH = [-4, 4];
const SIZE = 320;
const FAR = 1e6; // a run that is farther away is not followed
const STEPS = 100;

const SURFACES = {
  ravine: PLAIN.ravine,
  turned: {
    loss: ([a, b]) => 5.5 * a ** 2 + 9 * a * b + 5.5 * b ** 2,
    slope: ([a, b]) => [11 * a + 9 * b, 9 * a + 11 * b],
    levels: PLAIN.ravine.levels,
  },
  bowl: PLAIN.bowl,
  valleys: PLAIN.valleys,
};
const NAMES = { ravine: "ravine", turned: "turned ravine", bowl: "bowl", valleys: "two valleys" };

/** What each rule does to one weight: it keeps its memory in `own`, and returns the step by rate. */
const velocity = (own, g) => (own.v = 0.9 * own.v + g);
const square = (own, g, share) => (own.v = share * own.v + (1 - share) * g ** 2);
const RULES = {
  SGD: { colour: "ink", rate: 0.085, step: (own, g) => g },
  momentum: { colour: "blue", rate: 0.02, step: velocity },
  Nesterov: { colour: "green", rate: 0.02, step: (own, g) => g + 0.9 * velocity(own, g) },
  RMSProp: { colour: "orange", rate: 0.1, step: (own, g) => g / (Math.sqrt(square(own, g, 0.99)) + 1e-8) },
  Adam: {
    colour: "red",
    rate: 0.3,
    step(own, g, t) {
      own.m = 0.9 * own.m + 0.1 * g;
      const v = square(own, g, 0.999) / (1 - 0.999 ** t);
      return own.m / (1 - 0.9 ** t) / (Math.sqrt(v) + 1e-8);
    },
  },
};
const ALL = Object.keys(RULES);

export const loss = (surface, w) => SURFACES[surface].loss(w);

/** The weights before the first step and after each; it ends early where they are very far. */
export function race(surface, rule, start, rate, steps) {
  const path = [start];
  const own = start.map(() => ({ m: 0, v: 0 }));
  for (let t = 1; t <= steps; t += 1) {
    const now = path.at(-1);
    const g = SURFACES[surface].slope(now);
    const next = now.map((w, i) => w - rate * RULES[rule].step(own[i], g[i], t));
    if (!(Math.hypot(...next) < FAR)) break;
    path.push(next);
  }
  return path;
}

const clamp = (v, low, high) => Math.min(Math.max(Number(v) || 0, low), high);
const short = (v) => {
  if (v !== 0 && Math.abs(v) < 1e-4) return "almost 0";
  return v.toFixed(Math.abs(v) < 0.1 ? 4 : 2).replace("-", "−");
};
const LOWEST = -3; // of the rates' exponents
const HIGHEST = 0.3;

mount("race", ({ stage, state, say }) => {
  const scale = axes({ x: REACH, y: REACH, width: SIZE, height: SIZE });
  const named = state.get("surface", "ravine");
  let surface = named in SURFACES ? named : "ravine";
  let start = state.get("start", [3.5, 1.5]).slice(0, 2).map((v) => clamp(v, ...REACH));
  if (start.length < 2) start = [3.5, 1.5];
  const usual = ALL.map((name) => Number(Math.log10(RULES[name].rate).toFixed(2)));
  const kept = state.get("rates", usual);
  const rates = usual.map((v, i) => clamp(kept[i] ?? v, LOWEST, HIGHEST));
  const off = new Set(state.get("off", ["Nesterov"]).filter((name) => ALL.includes(name)));

  choice(stage, {
    label: "Surface", options: NAMES, value: surface,
    change: (to) => (state.set("surface", (surface = to)), rings(), draw()),
  });
  const picture = svg("svg", { viewBox: `0 0 ${SIZE} ${SIZE}`, role: "group", "aria-label": "Surface and runs" }, stage);
  svg("rect", { width: SIZE, height: SIZE }, svg("clipPath", { id: "race-frame" }, picture));
  svg("rect", { width: SIZE, height: SIZE, fill: "var(--wash)", stroke: "var(--grid)" }, picture);
  const heights = svg("g", { fill: "none", stroke: "var(--muted)", "stroke-opacity": 0.6 }, picture);
  svg("text", { x: 314, y: 314, "text-anchor": "end", text: "w₁ →" }, picture);
  svg("text", { x: 6, y: 16, text: "↑ w₂" }, picture);
  const layer = svg("g", { "clip-path": "url(#race-frame)" }, picture);
  const ring = svg("g", {}, picture);
  draggable(ring, scale, {
    x: start[0], y: start[1], step: 0.1, label: "Where all start",
    text: (x, y) => `w1 ${short(x)}, w2 ${short(y)}`,
    move: (x, y) => (state.set("start", (start = [x, y])), draw()),
  });
  svg("circle", { r: 8, fill: "none", stroke: "var(--ink)", "stroke-width": 3 }, ring);

  const steps = player(
    stepper(stage, { label: "Steps", last: STEPS, value: state.get("step", 1), reset: false, show: draw }), { pace: 200 },
  );
  resetButton(steps.element);
  const board = html("div", { class: "race-rules" }, stage);
  ALL.forEach((name, i) => {
    const row = html("div", { class: "race-rule" }, board);
    row.style.setProperty("--own", `var(--${RULES[name].colour})`);
    const tick = html("input", {
      type: "checkbox", "aria-label": `${name} runs`,
      onchange() {
        off[tick.checked ? "delete" : "add"](name);
        state.set("off", [...off]);
        draw();
      },
    }, row);
    tick.checked = !off.has(name);
    slider(row, {
      label: `${name}, rate`, min: LOWEST, max: HIGHEST, step: 0.01, value: rates[i],
      text: (v) => Number((10 ** v).toPrecision(2)).toString(),
      change: (v) => ((rates[i] = v), state.set("rates", rates), draw()),
    });
  });
  html("p", {
    class: "move-hint",
    text: "Drag the ring, or select it and use the arrow keys. Tick a rule to run it; its slider sets its rate.",
  }, stage);

  function rings() {
    heights.replaceChildren();
    const { loss: f, levels } = SURFACES[surface];
    for (const level of levels) svg("path", { d: contour(f, level, scale) }, heights);
  }

  function draw() {
    state.set("step", steps.value);
    layer.replaceChildren();
    const at = ([a, b]) => [clamp(scale.x(a), -1e4, 1e4), clamp(scale.y(b), -1e4, 1e4)];
    const ends = [];
    ALL.forEach((name, i) => {
      if (off.has(name)) return;
      const path = race(surface, name, start, 10 ** rates[i], steps.value);
      const colour = `var(--${RULES[name].colour})`;
      const points = path.map((w) => at(w).map((v) => v.toFixed(1)).join(",")).join(" ");
      svg("polyline", { points, fill: "none", stroke: colour, "stroke-width": 1.8 }, layer);
      for (const w of path.slice(1)) {
        const [cx, cy] = at(w);
        svg("circle", { cx, cy, r: 2, fill: colour }, layer);
      }
      const [cx, cy] = at(path.at(-1));
      svg("circle", { cx, cy, r: 6, fill: colour, stroke: "var(--wash)" }, layer);
      ends.push([name, path.length > steps.value ? loss(surface, path.at(-1)) : Infinity]);
    });
    const lines = ends.map(([name, value]) => `${name} ${value === Infinity ? "too far away" : short(value)}`);
    const count = `${steps.value} ${steps.value === 1 ? "step" : "steps"}`;
    say(ends.length ? `Loss after ${count}: ${lines.join(", ")}.` : "No rule is running: tick one.");
  }

  rings();
  steps.value = clamp(steps.value, 0, STEPS);
  draw();
});
