/* One weight of a layer, and where NumPy, Keras and PyTorch keep it. */

import { button, choice, html, mount, resetButton, slider, svg } from "../assets/move.js";

/** What a layer gives: inputs (n) times a matrix (n, m), row by row, and no bias. */
export const layer = (x, W) => W[0].map((_, j) => x.reduce((sum, v, i) => sum + v * W[i][j], 0));

/** Rows become columns. */
export const turned = (W) => W[0].map((_, j) => W.map((row) => row[j]));

/** The numbers that PyTorch keeps as (m, n), copied from (n, m): turned, or poured in row by row. */
export function kept(W, way) {
  if (way === "turned") return turned(W);
  const all = W.flat();
  const n = W.length;
  return W[0].map((_, j) => all.slice(n * j, n * (j + 1)));
}

/** PyTorch's layer: inputs times the transpose of what it keeps. */
export const torchLayer = (x, weight) => layer(x, turned(weight));

mount("layout", ({ stage, state, say }) => {
  const whole = (v, low, high) => Math.min(Math.max(Math.round(Number(v)) || low, low), high);
  const WAYS = { turned: "transposed", as: "as they are" };
  const make = () => Array.from({ length: ins.value }, (_, i) =>
    Array.from({ length: outs.value }, (_, j) => outs.value * i + j + 1));
  const ins = slider(stage, { label: "Inputs", min: 2, max: 4, step: 1, value: whole(state.get("inputs", 3), 2, 4), text: String, change: () => draw() });
  const outs = slider(stage, { label: "Outputs", min: 2, max: 4, step: 1, value: whole(state.get("outputs", 2), 2, 4), text: String, change: () => draw() });
  const asked = state.get("way", "turned");
  const way = choice(stage, { label: "Copy the numbers into PyTorch", options: WAYS, value: WAYS[asked] ? asked : "turned", change: () => draw() });
  let [from_, to] = [whole(state.get("from", 1), 1, 4) - 1, whole(state.get("to", 2), 1, 4) - 1];
  const net = svg("svg", { viewBox: "0 0 320 130", role: "img" }, stage);
  const row = html("div", { class: "move-row", role: "group", "aria-label": "Weight" }, stage);
  button(row, "Next weight", () => {
    to += 1;
    if (to >= outs.value) [from_, to] = [(from_ + 1) % ins.value, 0];
    draw();
  });
  const tables = html("div", { class: "software-tables" }, stage);
  resetButton(stage);

  function grid(title, M, mark) {
    const box = html("div", {}, tables);
    html("p", { text: title }, box);
    const table = html("table", {}, box);
    for (const [i, values] of M.entries()) {
      const tr = html("tr", {}, table);
      for (const [j, v] of values.entries()) {
        html("td", { text: v, class: v === mark ? "software-mark" : null }, tr);
      }
    }
  }

  function draw() {
    from_ = Math.min(from_, ins.value - 1);
    to = Math.min(to, outs.value - 1);
    for (const [key, v] of Object.entries({ inputs: ins.value, outputs: outs.value, way: way.value, from: from_ + 1, to: to + 1 })) state.set(key, v);
    const W = make();
    const weight = kept(W, way.value);
    const mark = W[from_][to];
    net.replaceChildren();
    const y = (k, n) => 65 + 30 * (k - (n - 1) / 2);
    W.forEach((values, i) => values.forEach((v, j) => {
      const chosen = v === mark;
      svg("line", { x1: 60, x2: 260, y1: y(i, ins.value), y2: y(j, outs.value), stroke: chosen ? "var(--blue)" : "var(--grid)", "stroke-width": chosen ? 4 : 1.5 }, net);
    }));
    for (const [x, n] of [[60, ins.value], [260, outs.value]]) {
      for (let k = 0; k < n; k += 1) {
        svg("circle", { cx: x, cy: y(k, n), r: 11, fill: "var(--paper)", stroke: "var(--ink)", "stroke-width": 1.5 }, net);
        svg("text", { x, y: y(k, n) + 4, "text-anchor": "middle", text: k + 1 }, net);
      }
    }
    net.setAttribute("aria-label", `A layer of ${ins.value} inputs and ${outs.value} outputs; the weight from input ${from_ + 1} to output ${to + 1} is marked`);
    tables.replaceChildren();
    grid(`NumPy and Keras: (${ins.value}, ${outs.value})`, W, mark);
    grid(`PyTorch: (${outs.value}, ${ins.value})`, weight, mark);
    const x = Array.from({ length: ins.value }, (_, i) => i + 1);
    const [ours, theirs] = [layer(x, W), torchLayer(x, weight)];
    const equal = ours.every((v, j) => v === theirs[j]);
    const found = weight.findIndex((values) => values.includes(mark));
    const place = `Weight ${mark}, from input ${from_ + 1} to output ${to + 1}, is in row ${from_ + 1}, column ${to + 1} of NumPy's matrix and in row ${found + 1}, column ${weight[found].indexOf(mark) + 1} of PyTorch's.`;
    say(`${place} Inputs ${x.join(", ")} give ${ours.join(", ")} in NumPy and ${theirs.join(", ")} in PyTorch: ${equal ? "equal" : "not equal, and no error"}.`);
  }
  draw();
});
