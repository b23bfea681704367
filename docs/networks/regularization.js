/* A curve of any degree through ten noisy points: the reader sets the price of its weights.
   `ridge` solves what networks/regularization.py solves, and draws the errors for every price. */

import { axes, choice, draggable, html, loadJSON, mount, resetButton, slider, svg } from "../assets/move.js";

const DEGREE = 9;
const REACH = 2.6;
const [LOW, HIGH] = [-6, 2]; // powers of ten of the price; a step lower means none
const NONE = LOW - 0.25;

export const powers = (x, degree) => x.map((v) => Array.from({ length: degree + 1 }, (_, k) => v ** k));

/** The weights with the least ½ Σ errors² + ½ λ Σ weights², the first one free; by reflections.
    With more columns than rows a price above 0 is needed. */
export function ridge(X, y, price) {
  const columns = X[0].length;
  const rows = X.map((row, i) => [...row, y[i]]);
  for (let k = 1; k < columns; k += 1) {
    rows.push(Array.from({ length: columns + 1 }, (_, j) => (j === k ? Math.sqrt(price) : 0)));
  }
  for (let k = 0; k < columns; k += 1) {
    const length = Math.hypot(...rows.slice(k).map((row) => row[k]));
    const mirror = rows.map((row, i) => (i < k ? 0 : row[k]));
    mirror[k] += rows[k][k] < 0 ? -length : length;
    const square = mirror.reduce((sum, v) => sum + v * v, 0);
    for (let j = k; square && j <= columns; j += 1) {
      const share = (2 / square) * rows.reduce((sum, row, i) => sum + row[j] * mirror[i], 0);
      rows.forEach((row, i) => (row[j] -= share * mirror[i]));
    }
  }
  const w = Array(columns).fill(0);
  for (let k = columns - 1; k >= 0; k -= 1) {
    const rest = rows[k].slice(k + 1, columns).reduce((sum, v, j) => sum + v * w[k + 1 + j], 0);
    w[k] = (rows[k][columns] - rest) / rows[k][k];
  }
  return w;
}

export const predict = (w, x) => x.map((v) => w.reduceRight((sum, one) => sum * v + one, 0));

export function error(w, x, y) {
  const said = predict(w, x);
  return y.reduce((sum, v, i) => sum + (said[i] - v) ** 2, 0) / y.length;
}

const clamp = (v, low, high) => Math.min(Math.max(Number(v) || 0, low), high);
const minus = (text) => text.replace("-", "−");
const words = (v) => (v < LOW - 0.1 ? "none" : String(Number((10 ** v).toPrecision(2))));
const priceOf = (v) => (v < LOW - 0.1 ? 0 : 10 ** v);
const short = (v) => (v < 0.0005 ? "0.000" : v < 100 ? v.toFixed(3) : v.toFixed(0));

mount("curve", async ({ stage, files, state, say }) => {
  const draws = await loadJSON(files["draws.json"]);
  const names = Object.fromEntries(draws.map((_, i) => [String(i), `points ${i + 1}`]));
  let nth = clamp(Math.round(state.get("points", 0)), 0, draws.length - 1);
  let moved = state.get("moved", []);
  const first = [state.get("price", NONE), state.get("degree", DEGREE)];
  let { y } = draws[nth];
  const keep = (list) => list.length === y.length && list.every(Number.isFinite);
  if (keep(moved)) y = moved.map((v) => clamp(v, -REACH, REACH));

  choice(stage, {
    label: "Points", options: names, value: String(nth), select: true,
    change: (to) => {
      nth = Number(to);
      state.set("points", nth);
      state.set("moved", []);
      [y, moved] = [draws[nth].y, []];
      handles.forEach((handle, i) => handle.set(draws[nth].x[i], y[i]));
      draw();
    },
  });
  const strength = slider(stage, {
    label: "Price λ", min: NONE, max: HIGH, step: 0.25, text: words,
    change: (v) => (state.set("price", v), draw()),
  });
  const degree = slider(stage, {
    label: "Degree", min: 0, max: DEGREE, step: 1, text: String,
    change: (v) => (state.set("degree", v), draw()),
  });
  strength.set(clamp(first[0], NONE, HIGH));
  degree.set(clamp(first[1], 0, DEGREE));

  const plane = axes({ x: [-1, 1], y: [-REACH, REACH], width: 320, height: 240, pad: 12 });
  const picture = svg("svg", { viewBox: "0 0 320 240", role: "group", "aria-label": "Points and curve" }, stage);
  svg("rect", { width: 320, height: 240 }, svg("clipPath", { id: "curve-frame" }, picture));
  svg("rect", { width: 320, height: 240, fill: "var(--wash)", stroke: "var(--grid)" }, picture);
  const others = svg("g", { fill: "var(--muted)" }, picture);
  const line = svg("path", { fill: "none", stroke: "var(--blue)", "stroke-width": 2.2, "clip-path": "url(#curve-frame)" }, picture);
  svg("text", { x: 8, y: 18, text: "● fitted" }, picture);
  svg("text", { x: 74, y: 18, fill: "var(--muted)", text: "• held out" }, picture);

  const chart = svg("svg", { viewBox: "0 0 320 170", role: "img", "aria-label": "Errors for each price" }, stage);
  svg("rect", { width: 320, height: 170, fill: "var(--wash)", stroke: "var(--grid)" }, chart);
  const scale = axes({ x: [NONE, HIGH], y: [-3, 1], width: 320, height: 140, pad: 14 });
  for (const power of [-2, -1, 0]) {
    svg("line", { x1: 14, x2: 306, y1: scale.y(power), y2: scale.y(power), stroke: "var(--grid)" }, chart);
    svg("text", { x: 306, y: scale.y(power) - 3, "text-anchor": "end", fill: "var(--muted)", text: String(10 ** power) }, chart);
  }
  for (const at of [-6, -4, -2, 0, 2]) {
    const text = at < -2 ? `10${at === -6 ? "⁻⁶" : "⁻⁴"}` : String(10 ** at);
    svg("text", { x: scale.x(at) + (at === 2 ? -8 : 0), y: 148, "text-anchor": "middle", fill: "var(--muted)", text }, chart);
  }
  svg("text", { x: 314, y: 164, "text-anchor": "end", text: "price λ →" }, chart);
  svg("text", { x: 8, y: 16, text: "error" }, chart);
  const layer = svg("g", {}, chart);
  const bottom = html("div", { class: "move-row" }, stage);
  resetButton(bottom);
  html("p", { class: "move-hint", text: "Drag a black point up or down, or select it and use the arrow keys." }, stage);

  const handles = draws[nth].x.map((x, i) => {
    const dot = svg("g", {}, picture);
    const handle = draggable(dot, plane, {
      x, y: y[i], along: "y", step: 0.1, label: `Point ${i + 1}`,
      text: (_, v) => `y ${minus(v.toFixed(2))}`,
      move: (_, v) => {
        y = y.map((old, j) => (j === i ? v : old));
        state.set("moved", y);
        draw();
      },
    });
    svg("circle", { r: 5, fill: "var(--ink)" }, dot);
    return handle;
  });

  function draw() {
    const { x, xNew, yNew } = draws[nth];
    const X = powers(x, degree.value);
    const found = (v) => {
      const w = ridge(X, y, priceOf(v));
      return { w, errors: [error(w, x, y), error(w, xNew, yNew)] };
    };
    others.replaceChildren();
    xNew.forEach((v, i) => {
      if (Math.abs(yNew[i]) < REACH) svg("circle", { cx: plane.x(v), cy: plane.y(yNew[i]), r: 1.6 }, others);
    });
    const { w, errors } = found(strength.value);
    const grid = Array.from({ length: 161 }, (_, k) => -1 + k / 80);
    const at = predict(w, grid).map((v, k) => `${plane.x(grid[k]).toFixed(1)} ${clamp(plane.y(v), -2e3, 2e3).toFixed(1)}`);
    line.setAttribute("d", `M${at.join("L")}`);
    const steps = Array.from({ length: (HIGH - NONE) * 4 + 1 }, (_, k) => NONE + k / 4);
    const all = steps.map((v) => found(v).errors);
    layer.replaceChildren();
    ["ink", "blue"].forEach((colour, k) => {
      const y2 = (e) => scale.y(clamp(Math.log10(Math.max(e, 1e-3)), -3, 1)).toFixed(1);
      const points = steps.map((v, i) => `${scale.x(v).toFixed(1)},${y2(all[i][k])}`).join(" ");
      svg("polyline", { points, fill: "none", stroke: `var(--${colour})`, "stroke-width": 1.8 }, layer);
      svg("circle", { cx: scale.x(strength.value), cy: y2(errors[k]), r: 5, fill: `var(--${colour})` }, layer);
    });
    const largest = Math.max(0, ...w.slice(1).map(Math.abs));
    say(`Degree ${degree.value}, price ${words(strength.value)}. Mean squared error: ${short(errors[0])} on the ten fitted points (black line), ${short(errors[1])} on 200 held-out points (blue). Largest weight: ${largest.toFixed(1)}.`);
  }
  draw();
});
