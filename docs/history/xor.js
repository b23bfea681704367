/* XOR: the reader drags a line that cannot do it; then sees a trained net move the corners.
   A net is nine numbers, as the page has them: W by rows, the hidden biases, v, c. */

import { axes, button, choice, clip, draggable, html, loadJSON, mount, player, resetButton, slider, stepper, svg } from "../assets/move.js";

export const ROWS = [[0, 0], [0, 1], [1, 0], [1, 1]];
const WANTED = [0, 1, 1, 0];
const BOX = [-0.5, 1.5];
const SQUARE = [[0, 0], [1, 0], [1, 1], [0, 1]].map((corner) => corner.map((c) => BOX[c]));

const bend = (z) => 0.5 * (1 + Math.tanh(0.5 * z));
export const hidden = (p, [x1, x2]) =>
  [0, 1].map((k) => bend(p[k] * x1 + p[2 + k] * x2 + p[4 + k]));
const last = (p, [h1, h2]) => p[6] * h1 + p[7] * h2 + p[8];
export const output = (p, x) => bend(last(p, hidden(p, x)));
export const error = (p) =>
  ROWS.reduce((total, x, i) => total + 0.5 * (output(p, x) - WANTED[i]) ** 2, 0);

/** On which side of the line through two points a third lies: its sign. */
export const side = ([a, b], [c, d], [x, y]) => Math.sign((c - a) * (y - b) - (d - b) * (x - a));

const path = (scale, polygon) =>
  polygon.map((p) => `${scale.x(p[0]).toFixed(1)},${scale.y(p[1]).toFixed(1)}`).join(" ");

/** A corner of XOR: a circle where it is true, a square where it is false. */
function mark(i, parent, x, y) {
  if (WANTED[i]) svg("circle", { cx: x, cy: y, r: 7, fill: "var(--blue)" }, parent);
  else svg("rect", { x: x - 6.5, y: y - 6.5, width: 13, height: 13, fill: "var(--orange)" }, parent);
}

mount("line", async ({ stage, state, say }) => {
  const picture = svg("svg", { viewBox: "0 0 300 300", role: "group", "aria-label": "XOR and a line" }, stage);
  const scale = axes({ x: BOX, y: BOX, width: 300, height: 300 });
  svg("rect", { width: 300, height: 300, fill: "var(--wash)", stroke: "var(--grid)" }, picture);
  const layer = svg("g", {}, picture);
  const ends = state.get("ends", [[-0.2, 1], [1.2, 0.8]]);
  let turned = state.get("turned", false);
  const inside = (v) => Math.min(Math.max(Number(v) || 0, BOX[0]), BOX[1]);
  const points = [0, 1].map((i) => [0, 1].map((k) => inside(ends[i]?.[k])));
  const handles = points.map(([x, y], i) => {
    const dot = svg("g", {}, picture);
    const handle = draggable(dot, scale, {
      x, y, step: 0.05, label: `End ${i + 1} of the line`,
      move: (a, b) => {
        points[i] = [a, b];
        state.set("ends", points);
        draw();
      },
    });
    svg("circle", { r: 8, fill: "var(--paper)", stroke: "var(--green)", "stroke-width": 3 }, dot);
    return handle;
  });
  const row = html("div", { class: "move-row", role: "group", "aria-label": "Line" }, stage);
  button(row, "Other side", () => {
    turned = !turned;
    state.set("turned", turned);
    draw();
  });
  resetButton(row);
  html("p", { class: "move-hint", text: "Drag a green ring, or select it and use the arrow keys. The unit fires on the shaded side: circles should lie there, squares should not." }, stage);

  function draw() {
    handles.forEach((handle, i) => handle.set(...points[i]));
    const [p, q] = turned ? [points[1], points[0]] : points;
    const value = ([x, y]) => (q[0] - p[0]) * (y - p[1]) - (q[1] - p[1]) * (x - p[0]);
    const none = Math.hypot(q[0] - p[0], q[1] - p[1]) < 1e-9;
    layer.replaceChildren();
    if (!none) {
      svg("polygon", { points: path(scale, clip(SQUARE, value)), fill: "var(--blue-soft)" }, layer);
      const long = [-20, 20].map((t) => p.map((v, k) => v + t * (q[k] - v)));
      const edge = clip(clip(SQUARE, value), (z) => -value(z) + 1e-9);
      svg("polyline", { points: path(scale, edge.length > 1 ? edge : long), fill: "none", stroke: "var(--ink)", "stroke-width": 2 }, layer);
    }
    const right = ROWS.map((x, i) => !none && (side(p, q, x) >= 0) === Boolean(WANTED[i]));
    ROWS.forEach((x, i) => {
      const [cx, cy] = [scale.x(x[0]), scale.y(x[1])];
      mark(i, layer, cx, cy);
      if (!right[i]) svg("circle", { cx, cy, r: 13, fill: "none", stroke: "var(--red)", "stroke-width": 2.5 }, layer);
    });
    const count = right.filter(Boolean).length;
    say(none ? "The two ends lie on one another: no line." : `${count} of 4 corners on the side where they belong.`);
  }

  draw();
});

mount("fold", async ({ stage, files, state, say }) => {
  const { steps, nets } = await loadJSON(files["nets.json"]);
  const names = Object.keys(nets);
  const picked = choice(stage, {
    label: "Start", options: Object.fromEntries(names.map((seed) => [seed, `seed ${seed}`])),
    value: state.get("seed", names[0]),
    change: (seed) => (state.set("seed", seed), walk.to(0)),
  });
  const pair = html("div", { class: "dl-pair" }, stage);
  const board = (label) => {
    const picture = svg("svg", { viewBox: "0 0 300 322", role: "img" }, html("div", { style: "flex: 1 1 13rem" }, pair));
    svg("text", { x: 0, y: 12, text: label }, picture);
    const plane = svg("g", { transform: "translate(0 20)" }, picture);
    return { picture, plane };
  };
  const [left, right] = [board("inputs: x₁ →, x₂ ↑"), board("hidden units: h₁ →, h₂ ↑")];
  const scale = axes({ x: BOX, y: BOX, width: 300, height: 300 });
  const near = axes({ x: [-0.15, 1.15], y: [-0.15, 1.15], width: 300, height: 300 });
  const unit = [[0, 0], [1, 0], [1, 1], [0, 1]].map((corner) => corner.map((c) => [-0.15, 1.15][c]));
  const walk = player(stepper(stage, { label: "Snapshots", last: steps.length - 1, reset: false, show }), { pace: 500 });
  resetButton(walk.element);
  const bar = slider(stage, {
    label: "Training step", min: 0, max: steps.length - 1, step: 1,
    text: (i) => String(steps[i]), change: (i) => walk.to(i),
  });
  html("p", { class: "move-hint", text: "Circles should give 1, squares 0; shaded is where the output is above ½. The labels name the rows." }, stage);

  function show(step) {
    bar.set(step);
    state.set("step", step);
    const p = nets[picked.value][step];
    left.plane.replaceChildren();
    right.plane.replaceChildren();
    for (const plane of [left.plane, right.plane]) {
      svg("rect", { width: 300, height: 300, fill: "var(--wash)", stroke: "var(--grid)" }, plane);
    }
    const n = 60; // strips, each shaded where the output is above ½
    let shaded = "";
    for (let row = 0; row < n; row += 1) {
      const y = BOX[0] + ((row + 0.5) / n) * (BOX[1] - BOX[0]);
      for (let column = 0, from = -1; column <= n; column += 1) {
        const x = BOX[0] + ((column + 0.5) / n) * (BOX[1] - BOX[0]);
        const on = column < n && output(p, [x, y]) > 0.5;
        if (on && from < 0) from = column;
        if (!on && from >= 0) {
          shaded += `M${from * 5} ${300 - (row + 1) * 5}h${(column - from) * 5}v5h${(from - column) * 5}z`;
          from = -1;
        }
      }
    }
    svg("path", { d: shaded, fill: "var(--blue-soft)" }, left.plane);
    svg("polygon", { points: path(near, clip(unit, (h) => last(p, h))), fill: "var(--blue-soft)" }, right.plane);
    const edge = clip(clip(unit, (h) => last(p, h)), (h) => -last(p, h) + 1e-9);
    svg("polyline", { points: path(near, edge), fill: "none", stroke: "var(--ink)", "stroke-width": 2 }, right.plane);
    ROWS.forEach((x, i) => {
      const h = hidden(p, x);
      mark(i, left.plane, scale.x(x[0]), scale.y(x[1]));
      const [hx, hy] = [near.x(h[0]), near.y(h[1])];
      mark(i, right.plane, hx, hy);
      const at = { x: hx + (hx > 250 ? -12 : 12), y: hy + [-10, 4, 18, -24][i] / 1.2 };
      svg("text", { ...at, text: x.join(""), "text-anchor": hx > 250 ? "end" : "start" }, right.plane);
    });
    const said = ROWS.map((x) => output(p, x).toFixed(2));
    const correct = ROWS.filter((x, i) => (output(p, x) > 0.5) === Boolean(WANTED[i])).length;
    left.picture.setAttribute("aria-label", `Inputs: outputs ${said.join(", ")} for 00, 01, 10, 11.`);
    right.picture.setAttribute("aria-label", `Hidden units: ${ROWS.map((x) => hidden(p, x).map((v) => v.toFixed(2)).join(" ")).join("; ")}.`);
    say(`Step ${steps[step]}: error ${error(p).toFixed(3)}; outputs ${said.join(", ")} for 00, 01, 10, 11; ${correct} of 4 right.`);
  }

  walk.to(Math.min(state.get("step", 0), steps.length - 1));
});
