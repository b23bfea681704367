/* Fifty layers of random weights: how large the activations are on their way up, and the slopes on
   their way down. Sizes and layer norm as in networks/initialization.py. */

import { axes, button, choice, html, mount, resetButton, slider, svg } from "../assets/move.js";

const EPS = 1e-5;
const BENDS = {
  identity: ["none", (z) => z, () => 1],
  tanh: ["tanh", Math.tanh, (z) => 1 / Math.cosh(z) ** 2],
  relu: ["ReLU", (z) => Math.max(z, 0), (z) => (z > 0 ? 1 : 0)],
};

/** Numbers drawn from the normal distribution with mean 0 and standard deviation 1. */
export function normals(seed, count) {
  let a = (seed * 2654435761) >>> 0;
  const uniform = () => { // the generator called mulberry32
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return Array.from({ length: count }, () =>
    Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()));
}

/** The root of the mean square of all entries. */
function size(rows) {
  let total = 0;
  for (const row of rows) for (const v of row) total += v * v;
  return Math.sqrt(total / rows.length / rows[0].length);
}

/** Rows times a matrix (width × width, flat), or times its transpose. */
function times(rows, W, transposed) {
  const n = rows[0].length;
  return rows.map((row) => {
    const out = new Float64Array(n);
    let k = 0;
    for (let i = 0; i < n; i += 1) {
      if (transposed) {
        let sum = 0;
        for (let j = 0; j < n; j += 1) sum += row[j] * W[(k += 1) - 1];
        out[i] = sum;
      } else {
        const v = row[i];
        for (let j = 0; j < n; j += 1) out[j] += v * W[(k += 1) - 1];
      }
    }
    return out;
  });
}

function mean(row) {
  let sum = 0;
  for (const v of row) sum += v;
  return sum / row.length;
}

/** Layer norm of one example, and what it was divided by. */
function standard(row) {
  const middle = mean(row);
  const root = Math.sqrt(mean(row.map((v) => (v - middle) ** 2)) + EPS);
  return { y: row.map((v) => (v - middle) / root), root };
}

/** Sizes of the activations, and of the slopes by them, from the examples to the last layer. */
export function sizes(X, weights, dA, name, norm) {
  const [, bend, slope] = BENDS[name];
  const up = [size(X)];
  const kept = [];
  let rows = X.map((x) => Float64Array.from(x)); // plain lists would be slow
  for (const W of weights) {
    const sums = times(rows, W, false).map((z) => (norm ? standard(z) : { y: z, root: 1 }));
    kept.push(sums);
    rows = sums.map(({ y }) => y.map(bend));
    up.push(size(rows));
  }
  const down = [size(dA)];
  rows = dA.map((d) => Float64Array.from(d));
  for (let l = weights.length - 1; l >= 0; l -= 1) {
    const dZ = rows.map((row, k) => {
      const { y, root } = kept[l][k];
      const d = y.map((z, j) => row[j] * slope(z));
      if (!norm) return d;
      const [all, along] = [mean(d), mean(d.map((v, j) => v * y[j]))];
      return d.map((v, j) => (v - all - along * y[j]) / root);
    });
    rows = times(dZ, weights[l], true);
    down.unshift(size(rows));
  }
  return [up, down];
}

const [LAYERS, WIDTH, EXAMPLES] = [50, 100, 5];
const MOST = 16; // the axis ends at 10 to this power, and at 10 to minus it
const cut = (all, rows, columns) =>
  Array.from({ length: rows }, (_, i) => Float64Array.from(all.slice(i * columns, (i + 1) * columns)));
const raised = (n) => String(n).replace("-", "−").replace(/[−\d]/g, (c) => (c === "−" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]));

function short(v) {
  if (v === 0) return "0";
  if (v >= 0.01 && v < 1000) return Number(v.toPrecision(2)).toString();
  const [head, power] = v.toExponential(0).split("e");
  return `${head} · 10${raised(Number(power))}`;
}
const fate = (v) => (v < 1e-3 ? "they die" : v > 1e3 ? "they explode" : "they live");

mount("signals", ({ stage, state, say }) => {
  const known = state.get("bend", "relu");
  let gain = Math.min(Math.max(Number(state.get("gain", 1)) || 1, 0.5), 3);
  let seed = Math.min(Math.max(Math.round(Number(state.get("seed", 1))) || 1, 1), 9999);
  const normed = state.get("norm", "no");
  let drawn;

  const bend = choice(stage, {
    label: "Bend",
    options: Object.fromEntries(Object.entries(BENDS).map(([name, [words]]) => [name, words])),
    value: known in BENDS ? known : "relu",
    change: (name) => (state.set("bend", name), draw()),
  });
  const norm = choice(stage, {
    label: "Layer norm", options: ["no", "yes"], value: normed === "yes" ? "yes" : "no",
    change: (yes) => (state.set("norm", yes), draw()),
  });
  const gains = slider(stage, {
    label: "Gain", min: 0.5, max: 3, step: 0.01, value: gain, text: (v) => v.toFixed(2),
    change: (v) => ((gain = v), state.set("gain", Number(v.toFixed(2))), draw()),
  });
  gain = gains.value;

  const [left, wide, high] = [42, 320, 250];
  const board = svg("svg", { viewBox: `0 -20 ${wide} ${high + 54}`, role: "img", "aria-label": "Sizes through 50 layers" }, stage);
  const scale = axes({ x: [0, LAYERS], y: [-MOST, MOST], width: wide - left - 8, height: high });
  const plot = svg("g", { transform: `translate(${left} 0)` }, board);
  svg("rect", { width: wide - left - 8, height: high }, svg("clipPath", { id: "signals-frame" }, plot));
  svg("rect", { width: wide - left - 8, height: high, fill: "var(--wash)" }, plot);
  for (let v = -12; v <= 12; v += 4) {
    const y = scale.y(v);
    svg("line", { x1: 0, x2: wide - left - 8, y1: y, y2: y, stroke: v === 0 ? "var(--muted)" : "var(--grid)" }, plot);
    svg("text", { x: -5, y: y + 4, "text-anchor": "end", text: v === 0 ? "1" : `10${raised(v)}` }, plot);
  }
  for (let l = 0; l <= LAYERS; l += 10) {
    svg("text", { x: scale.x(l), y: high + 14, "text-anchor": "middle", text: l }, plot);
  }
  svg("text", { x: scale.x(25), y: high + 29, "text-anchor": "middle", text: "layer" }, plot);
  svg("text", { x: 0, y: -6, text: "activations ———", style: "fill: var(--blue)" }, plot);
  svg("text", { x: 150, y: -6, text: "slopes – – –", style: "fill: var(--orange)" }, plot);
  const inside = svg("g", { "clip-path": "url(#signals-frame)", fill: "none", "stroke-width": 2.5 }, plot);
  const lines = [
    svg("polyline", { stroke: "var(--blue)" }, inside),
    svg("polyline", { stroke: "var(--orange)", "stroke-dasharray": "6 4" }, inside),
  ];
  const row = html("div", { class: "move-row" }, stage);
  button(row, "New weights", () => (state.set("seed", (seed += 1)), deal(), draw()));
  resetButton(row);
  html("p", {
    class: "move-hint",
    text: "Activations start with size 1 at layer 0, slopes with size 1 at layer 50. "
      + "Each weight is gain / √100 times a random number of size 1.",
  }, stage);

  function deal() {
    const [n, square] = [EXAMPLES * WIDTH, WIDTH * WIDTH];
    const all = normals(seed, 2 * n + LAYERS * square);
    drawn = {
      X: cut(all, EXAMPLES, WIDTH),
      dA: cut(all.slice(n), EXAMPLES, WIDTH),
      weights: cut(all.slice(2 * n), LAYERS, square),
    };
    const [up, down] = [size(drawn.X), size(drawn.dA)];
    drawn.X = drawn.X.map((x) => x.map((v) => v / up));
    drawn.dA = drawn.dA.map((x) => x.map((v) => v / down));
  }

  function draw() {
    const weights = drawn.weights.map((W) => W.map((w) => (w * gain) / Math.sqrt(WIDTH)));
    const both = sizes(drawn.X, weights, drawn.dA, bend.value, norm.value === "yes");
    both.forEach((row, k) => {
      const at = (v, l) => `${scale.x(l).toFixed(1)},${scale.y(Math.max(Math.log10(v), -99)).toFixed(1)}`;
      lines[k].setAttribute("points", row.map(at).join(" "));
    });
    const [top, bottom] = [both[0][LAYERS], both[1][0]];
    say(`Gain ${gain.toFixed(2)}: activations of size 1 end at ${short(top)} after 50 layers: ${fate(top)}. `
      + `Slopes of size 1 end at ${short(bottom)}: ${fate(bottom)}.`);
  }

  deal();
  draw();
});
