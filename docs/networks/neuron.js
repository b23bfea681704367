/* A neuron with two inputs: the reader moves its weights and its bias, or lets it learn.
   A point is [x1, x2, label], label 0 or 1; weights are [w1, w2, b], as in networks/neuron.py. */

import {
  axes, button, choice, draggable, html, loadJSON, mount, resetButton, slider, svg,
} from "../assets/move.js";

const MOST = 6; // how far a weight or the bias goes
const REACH = [-3, 4.5]; // of an input, in standard deviations
const TIP = 0.5; // the arrow's length for a weight of 1

const sum = ([w1, w2, b], [x1, x2]) => w1 * x1 + w2 * x2 + b;
export const sigmoid = (z) => (z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z)));
const logit = (p) => Math.log(p / (1 - p));

/** Minus the log of the probability that the weights give to the point's label. */
export function surprise(weights, point) {
  const against = (1 - 2 * point[2]) * sum(weights, point);
  return Math.max(against, 0) + Math.log1p(Math.exp(-Math.abs(against)));
}
export const loss = (weights, points) =>
  points.reduce((total, point) => total + surprise(weights, point), 0) / points.length;

/** The slopes of the loss by w1, w2 and b: the mean of error times input. */
export function gradient(weights, points) {
  const slopes = [0, 0, 0];
  for (const point of points) {
    const error = sigmoid(sum(weights, point)) - point[2];
    [point[0], point[1], 1].forEach((x, i) => (slopes[i] += (error * x) / points.length));
  }
  return slopes;
}

/** The weights after so many steps against the gradient. */
export function descend(weights, points, rate, steps) {
  let now = weights;
  for (let step = 0; step < steps; step += 1) {
    const slopes = gradient(now, points);
    now = now.map((w, i) => w - rate * slopes[i]);
  }
  return now;
}

const clamp = (v) => Math.min(Math.max(Number(v) || 0, -MOST), MOST);
const minus = (v, digits) => v.toFixed(digits).replace("-", "−").replace(/^−(0\.?0*)$/, "$1");

function mark(label, parent, x, y) {
  if (label) svg("rect", { x: x - 4, y: y - 4, width: 8, height: 8, fill: "var(--orange)" }, parent);
  else svg("circle", { cx: x, cy: y, r: 4.5, fill: "var(--blue)" }, parent);
}

mount("sure", async ({ stage, files, state, say }) => {
  const sets = await loadJSON(files["tumours.json"]);
  let [points, least] = [[], 0];
  let weights = state.get("weights", [0, 0, 0]).slice(0, 3).map(clamp);
  if (weights.length < 3) weights = [0, 0, 0];

  const picked = choice(stage, {
    label: "Tumours",
    options: { four: "4, by radius", tumours: `${sets.tumours.length}, by radius and texture` },
    value: state.get("set", "four"),
    change: (name) => (state.set("set", name), begin([0, 0, 0])),
  });

  const board = (height, label) =>
    svg("svg", { viewBox: `0 0 320 ${height}`, role: "group", "aria-label": label }, stage);
  const planes = board(300, "Tumours by radius and texture");
  const plane = axes({ x: REACH, y: REACH, width: 320, height: 300 });
  svg("rect", { width: 320, height: 300 }, svg("clipPath", { id: "neuron-plane" }, planes));
  svg("rect", { width: 320, height: 300, fill: "none", stroke: "var(--grid)" }, planes);
  const dots = svg("g", {}, planes);
  const lines = svg("g", { "clip-path": "url(#neuron-plane)" }, planes);
  svg("text", { x: 314, y: 294, "text-anchor": "end", text: "radius →" }, planes);
  svg("text", { x: 6, y: 16, text: "↑ texture" }, planes);

  const curves = board(190, "What the neuron says");
  const curve = axes({ x: REACH, y: [-0.08, 1.12], width: 320, height: 170 });
  for (const p of [0, 0.5, 1]) {
    svg("line", { x1: 0, x2: 320, y1: curve.y(p), y2: curve.y(p), stroke: "var(--grid)" }, curves);
    svg("text", { x: 2, y: curve.y(p) - 4, text: p }, curves);
  }
  const along = svg("text", { x: 314, y: 186, "text-anchor": "end" }, curves);
  const shape = svg("g", {}, curves);

  const bars = board(46, "Mean surprise");
  const inBar = (v) => Math.min(v / 2, 1) * 316;

  // A ring, so that a tumour below it is seen.
  const knob = (parent, options) => {
    const g = svg("g", {}, parent);
    const handle = draggable(g, parent === planes ? plane : curve, options);
    svg("circle", { r: 9, fill: "none", stroke: "var(--green)", "stroke-width": 3 }, g);
    return handle;
  };
  const tip = knob(planes, {
    x: 0, y: 0, step: 0.05, label: "The arrow of the weights",
    text: (x, y) => `w1 ${minus(x / TIP, 2)}, w2 ${minus(y / TIP, 2)}`,
    move: (x, y) => set([x / TIP, y / TIP, weights[2]]),
  });
  // Two handles hold the curve: what it says at radius 1, and at the mean.
  const held = (at, label, move) => knob(curves, {
    x: at, y: 0.5, along: "y", step: 0.02, label, text: (_, p) => `says ${p.toFixed(2)}`,
    move: (_, p) => move(logit(Math.min(Math.max(p, 0.002), 0.998))),
  });
  const middle = held(0, "What it says at 0: moves the bias", (z) => set([weights[0], weights[1], z]));
  const right = held(1, "What it says at radius 1: moves the weight", (z) => set([z - weights[2], 0, weights[2]]));

  const sliders = ["Weight of the radius, w1", "Weight of the texture, w2", "Bias, b"].map((label, i) =>
    slider(stage, {
      label, min: -MOST, max: MOST, step: 0.05, text: (v) => minus(v, 2),
      change: (v) => set(weights.map((w, k) => (k === i ? v : w))),
    }));
  const row = html("div", { class: "move-row", role: "group", "aria-label": "Learning" }, stage);
  const learn = (steps) => () => set(descend(weights, points, 1, steps));
  button(row, "One step", learn(1));
  button(row, "50 steps", learn(50));
  resetButton(row);
  html("p", {
    class: "move-hint",
    text: "Circles are benign, squares malignant. Drag a green ring, or select it and use the arrow keys.",
  }, stage);

  function begin(now) {
    points = sets[picked.value];
    const flat = picked.value === "four";
    planes.style.display = sliders[1].element.style.display = flat ? "none" : "";
    right.element.style.display = flat ? "" : "none";
    along.textContent = flat ? "radius →" : "distance along the arrow →";
    least = loss(descend([0, 0, 0], points, 1, 1000), points);
    dots.replaceChildren();
    for (const [x, y, label] of points) mark(label, dots, plane.x(x), plane.y(y));
    set(flat ? [now[0], 0, now[2]] : now);
  }

  function set(now) {
    weights = now.map(clamp);
    state.set("weights", weights);
    const [w1, w2, b] = weights;
    const size = picked.value === "four" ? w1 : Math.hypot(w1, w2);
    sliders.forEach((part, i) => part.set(weights[i]));
    tip.set(w1 * TIP, w2 * TIP);
    middle.set(0, sigmoid(b));
    right.set(1, sigmoid(size + b));

    lines.replaceChildren();
    if (size) {
      const [ux, uy] = [w1 / size, w2 / size];
      for (const p of [0.1, 0.5, 0.9]) {
        const far = (logit(p) - b) / size;
        const end = (t) => [plane.x(far * ux - t * uy), plane.y(far * uy + t * ux)];
        const [[x1, y1], [x2, y2]] = [end(-20), end(20)];
        const style = p === 0.5 ? { "stroke-width": 2.5 } : { "stroke-dasharray": "5 4" };
        svg("line", { x1, y1, x2, y2, stroke: "var(--ink)", ...style }, lines);
        const [x, y] = [plane.x(far * ux), plane.y(far * uy)];
        svg("text", { x: x + 4, y: y + 14, text: p }, lines);
      }
    }
    const arrow = { x1: plane.x(0), y1: plane.y(0), x2: plane.x(w1 * TIP), y2: plane.y(w2 * TIP) };
    svg("line", { ...arrow, stroke: "var(--green)", "stroke-width": 3 }, lines);

    shape.replaceChildren();
    const says = (d) => sigmoid(size * d + b);
    const steps = Array.from({ length: 121 }, (_, i) => REACH[0] + (i / 120) * (REACH[1] - REACH[0]));
    const path = steps.map((d) => `${curve.x(d).toFixed(1)},${curve.y(says(d)).toFixed(1)}`).join(" ");
    svg("polyline", { points: path, fill: "none", stroke: "var(--ink)", "stroke-width": 2 }, shape);
    for (const point of points) {
      const d = size ? (sum(weights, point) - b) / size : 0;
      const x = curve.x(picked.value === "four" ? point[0] : d);
      const y = curve.y(sigmoid(sum(weights, point)));
      if (picked.value === "four") {
        svg("line", { x1: x, x2: x, y1: y, y2: curve.y(point[2]), stroke: "var(--red)", "stroke-width": 2 }, shape);
      }
      mark(point[2], shape, x, y);
    }
    const cost = loss(weights, points);
    bars.replaceChildren();
    svg("rect", { x: 2, y: 18, width: 316, height: 10, fill: "var(--grid)" }, bars);
    svg("rect", { x: 2, y: 18, width: inBar(cost), height: 10, fill: "var(--red)" }, bars);
    svg("text", { x: 2, y: 13, text: "mean surprise" }, bars);
    for (const [at, name] of [[least, "least"], [Math.LN2, "coin"]]) {
      const x = 2 + inBar(at);
      svg("line", { x1: x, x2: x, y1: 15, y2: 31, stroke: "var(--ink)", "stroke-width": 2 }, bars);
      const anchor = name === "least" ? "end" : "start";
      svg("text", { x, y: 43, text: name, "text-anchor": anchor }, bars);
    }
    say(words(cost));
  }

  function words(cost) {
    const said = points.map((point) => sigmoid(sum(weights, point)));
    const told = `Mean surprise ${cost.toFixed(3)}; the least is ${least.toFixed(3)}.`;
    if (picked.value === "four") {
      return `${told} It says ${said.map((p) => p.toFixed(2)).join(", ")} for radius −1, 0, 1, 2.`;
    }
    const wrong = said.filter((p, i) => p >= 0.5 !== (points[i][2] === 1)).length;
    const worst = Math.max(...points.map((point) => surprise(weights, point)));
    return `${told} ${wrong} of ${points.length} are on the wrong side of ½; the largest surprise is ${worst.toFixed(2)}.`;
  }

  begin(weights);
});
