/* The widest gap between points that the reader drags, and a ring lifted to a third axis.
   `smo` is that of history/svm.py, with dot products as the kernel. */

import { axes, clip, draggable, html, loadJSON, mount, resetButton, slider, svg } from "../assets/move.js";

const SPAN = 1.6;

/** Weights and bias of the widest gap, its multipliers, and whether the search ended. */
export function widest(points, labels, C, tol = 1e-6, most = 20000) {
  const dot = (p, q) => p[0] * q[0] + p[1] * q[1];
  const K = points.map((p) => points.map((q) => dot(p, q)));
  const low = labels.map((y) => (y > 0 ? 0 : -C));
  const high = labels.map((y) => (y > 0 ? C : 0));
  const beta = labels.map(() => 0);
  const F = labels.map(Number);
  const n = points.length;
  for (let step = 0; ; step += 1) {
    let [i, lowest] = [-1, Infinity];
    for (let k = 0; k < n; k += 1) {
      if (beta[k] < high[k] && (i < 0 || F[k] > F[i])) i = k;
      if (beta[k] > low[k] && F[k] < lowest) lowest = F[k];
    }
    if (i < 0 || lowest === Infinity || F[i] - lowest <= tol || step === most) {
      const w = [0, 1].map((d) => beta.reduce((total, b, k) => total + b * points[k][d], 0));
      return { w, b: (F[i] + lowest) / 2, beta, ended: step < most };
    }
    let [j, best] = [-1, -1];
    const curved = (k) => Math.max(K[i][i] + K[k][k] - 2 * K[i][k], 1e-12);
    for (let k = 0; k < n; k += 1) {
      const gap = beta[k] > low[k] ? Math.max(F[i] - F[k], 0) : 0;
      if (gap ** 2 / curved(k) > best) [j, best] = [k, gap ** 2 / curved(k)];
    }
    const t = Math.min((F[i] - F[j]) / curved(j), high[i] - beta[i], beta[j] - low[j]);
    beta[i] += t;
    beta[j] -= t;
    for (let k = 0; k < n; k += 1) F[k] -= t * (K[i][k] - K[j][k]);
  }
}

function mark(label, parent, x, y, size = 5.5) {
  if (label > 0) return svg("circle", { cx: x, cy: y, r: size, fill: "var(--blue)" }, parent);
  return svg("rect", { x: x - size, y: y - size, width: 2 * size, height: 2 * size, fill: "var(--orange)" }, parent);
}

mount("margin", async ({ stage, files, state, say }) => {
  const { gap } = await loadJSON(files["points.json"]);
  const labels = gap.map((p) => p[2]);
  const points = gap.map((p) => p.slice(0, 2));
  const within = (v) => Math.min(Math.max(Number(v) || 0, -SPAN), SPAN);
  for (const [k, x, y] of state.get("moved", [])) if (points[k]) points[k] = [within(x), within(y)];
  const picture = svg("svg", { viewBox: "0 0 320 320", role: "group", "aria-label": "Points and the widest gap" }, stage);
  const scale = axes({ x: [-SPAN, SPAN], y: [-SPAN, SPAN], width: 320, height: 320 });
  const square = [[-1, -1], [1, -1], [1, 1], [-1, 1]].map((corner) => corner.map((c) => SPAN * c));
  svg("rect", { width: 320, height: 320, fill: "var(--wash)", stroke: "var(--grid)" }, picture);
  const layer = svg("g", {}, picture);
  points.forEach(([x, y], k) => {
    const dot = svg("g", {}, picture);
    draggable(dot, scale, {
      x, y, step: 0.05, label: `Point ${k + 1}, ${labels[k] > 0 ? "circle, +1" : "square, −1"}`,
      move: (a, b) => {
        points[k] = [a, b];
        state.set("moved", [...state.get("moved", []).filter(([other]) => other !== k), [k, a, b]]);
        draw();
      },
    });
    mark(labels[k], dot, 0, 0);
  });
  const price = slider(stage, {
    label: "Price C of a breach", min: -2, max: 3, step: 0.25, value: state.get("price", 3),
    text: (v) => String(Number((10 ** v).toPrecision(2))),
    change: (v) => (state.set("price", v), draw()),
  });
  resetButton(html("div", { class: "move-row" }, stage));
  html("p", { class: "move-hint", text: "Drag a point, or select it and use the arrow keys. Solid: the line. Dashed: the edges of the gap. Rings: the support vectors." }, stage);

  function draw() {
    const C = 10 ** Number(price.value ?? state.get("price", 3));
    const { w, b, beta, ended } = widest(points, labels, C);
    const size = Math.hypot(...w);
    layer.replaceChildren();
    const f = ([x, y]) => w[0] * x + w[1] * y + b;
    const path = (polygon) => polygon.map((p) => `${scale.x(p[0]).toFixed(1)},${scale.y(p[1]).toFixed(1)}`).join(" ");
    if (size > 1e-9) {
      svg("polygon", { points: path(clip(clip(square, (p) => f(p) + 1), (p) => 1 - f(p))), fill: "var(--blue-soft)", opacity: 0.6 }, layer);
      for (const level of [-1, 0, 1]) {
        const edge = clip(clip(square, (p) => f(p) - level), (p) => level - f(p) + 1e-9 * (1 + size));
        const style = level ? { "stroke-dasharray": "6 4" } : { "stroke-width": 2.5 };
        if (edge.length > 1) svg("polyline", { points: path(edge), fill: "none", stroke: "var(--ink)", ...style }, layer);
      }
    }
    const support = points.filter((_, k) => Math.abs(beta[k]) > 1e-7 * C);
    for (const [x, y] of support) svg("circle", { cx: scale.x(x), cy: scale.y(y), r: 11, fill: "none", stroke: "var(--ink)", "stroke-width": 2 }, layer);
    const inside = points.filter((p, k) => labels[k] * f(p) < 1 - 1e-3).length;
    const wrong = points.filter((p, k) => labels[k] * f(p) < -1e-9).length;
    const margin = size > 1e-9 ? (1 / size).toFixed(2) : "none";
    const end = ended ? "" : " The search was stopped before its end.";
    say(`Margin ${margin}; ${support.length} support vectors of ${points.length} points; ${inside} inside the gap or beyond it, ${wrong} on the wrong side.${end}`);
  }

  draw();
});

/** How many points a cut at this height has on their correct side: the ring (+1) above it. */
export const above = (points, cut) => points.filter(([x, y, label]) => (x * x + y * y > cut) === label > 0).length;

mount("lift", async ({ stage, files, state, say }) => {
  const { ring } = await loadJSON(files["points.json"]);
  const picture = svg("svg", { viewBox: "0 0 320 280", role: "img" }, stage);
  const lift = slider(stage, {
    label: "Lift", min: 0, max: 1, step: 0.05, value: state.get("lift", 0),
    text: (v) => (v >= 1 ? "height = x₁² + x₂²" : `${Math.round(100 * v)} % of x₁² + x₂²`),
    change: (v) => (state.set("lift", v), draw(v, Number(cut.value))),
  });
  const cut = slider(stage, {
    label: "Height of the cut", min: 0, max: 1.2, step: 0.02, value: state.get("cut", 0),
    text: (v) => v.toFixed(2), change: (v) => (state.set("cut", v), draw(Number(lift.value), v)),
  });
  resetButton(html("div", { class: "move-row" }, stage));
  html("p", { class: "move-hint", text: "The points of the plane, seen from the side. Circles (the ring) should lie above the cut, squares (the disc) below it. The dashed circle lies in the plane, below the place where the cut meets the bowl of lifted points." }, stage);
  const at = (x, y, z) => [160 + 118 * x, 190 - 42 * y - 130 * z];

  function draw(up, height) {
    picture.replaceChildren();
    const loop = (r, z) => Array.from({ length: 61 }, (_, i) =>
      at(r * Math.cos((i * Math.PI) / 30), r * Math.sin((i * Math.PI) / 30), z).map((v) => v.toFixed(1)).join(",")).join(" ");
    const corner = (z) => [[-1.2, -1.2], [1.2, -1.2], [1.2, 1.2], [-1.2, 1.2]].map(([x, y]) => at(x, y, z).join(",")).join(" ");
    svg("polygon", { points: corner(0), fill: "var(--wash)", stroke: "var(--grid)" }, picture);
    svg("polyline", { points: loop(Math.sqrt(height), 0), fill: "none", stroke: "var(--ink)", "stroke-dasharray": "5 4" }, picture);
    const sorted = ring.map(([x, y, label]) => ({ x, y, label, z: x * x + y * y })).sort((p, q) => q.y - p.y);
    const dots = (list) => {
      for (const p of list) {
        const [gx, gy] = at(p.x, p.y, 0);
        const [px, py] = at(p.x, p.y, up * p.z);
        if (up) svg("line", { x1: gx, y1: gy, x2: px, y2: py, stroke: "var(--grid)" }, picture);
        mark(p.label, picture, px, py, 4);
      }
    };
    dots(sorted.filter((p) => p.z <= height));
    svg("polygon", { points: corner(up * height), fill: "var(--green)", opacity: 0.18 }, picture);
    svg("polygon", { points: corner(up * height), fill: "none", stroke: "var(--green)", "stroke-width": 1.5 }, picture);
    dots(sorted.filter((p) => p.z > height));
    const right = above(ring, height);
    const words = up ? `The cut at ${height.toFixed(2)} puts ${right} of ${ring.length} points on the correct side.` : `Flat: all points lie in the plane, and no straight line divides them. Lift them.`;
    picture.setAttribute("aria-label", words);
    say(words);
  }

  draw(Number(lift.value), Number(cut.value));
});
