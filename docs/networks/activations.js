/* Seven activations: the curve, its slope where the reader drags, and the border of a net trained
   with it. A net is {W: [[…], […]], b, v, c}, as in networks/activations.py. */

import { axes, choice, draggable, html, loadJSON, mount, resetButton, svg } from "../assets/move.js";
import { erf } from "../assets/infer.js";

const logistic = (z) => (z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z)));
const below = (z) => (1 + erf(z / Math.SQRT2)) / 2; // the share of the bell to the left of z
const bell = (z) => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);

/** By name: what it is called, what it answers, and its slope. */
const KINDS = {
  identity: ["none", (z) => z, () => 1],
  step: ["step", (z) => (z >= 0 ? 1 : 0), () => 0],
  sigmoid: ["sigmoid", logistic, (z) => logistic(z) * logistic(-z)],
  tanh: ["tanh", Math.tanh, (z) => 1 - Math.tanh(z) ** 2],
  relu: ["ReLU", (z) => Math.max(z, 0), (z) => (z > 0 ? 1 : 0)],
  leaky_relu: ["leaky ReLU", (z) => (z > 0 ? z : 0.01 * z), (z) => (z > 0 ? 1 : 0.01)],
  gelu: ["GELU", (z) => z * below(z), (z) => below(z) + z * bell(z)],
};
export const answer = (name, z) => KINDS[name][1](z);
export const slope = (name, z) => KINDS[name][2](z);

/** The net's output before the sigmoid: above 0 it answers 1. */
export const netInput = (name, { W, b, v, c }, [x1, x2]) =>
  v.reduce((sum, vj, j) => sum + vj * answer(name, W[0][j] * x1 + W[1][j] * x2 + b[j]), c);

/** Where f is 0 in the square from −reach to reach: pieces [x1, y1, x2, y2], one or two per cell. */
function border(f, reach, cells) {
  const at = (i) => -reach + (2 * reach * i) / cells;
  const values = Array.from({ length: cells + 1 }, (_, i) =>
    Array.from({ length: cells + 1 }, (_, j) => f([at(i), at(j)])));
  const pieces = [];
  for (let i = 0; i < cells; i += 1) {
    for (let j = 0; j < cells; j += 1) {
      const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
      const met = corners.flatMap(([p, q], k) => {
        const [r, s] = corners[(k + 1) % 4];
        const [one, two] = [values[p][q], values[r][s]];
        if (one > 0 === two > 0) return [];
        const t = one / (one - two);
        return [[at(p) + t * (at(r) - at(p)), at(q) + t * (at(s) - at(q))]];
      });
      for (let k = 0; k + 1 < met.length; k += 2) pieces.push([...met[k], ...met[k + 1]]);
    }
  }
  return pieces;
}

export const netBorder = (name, net, reach, cells) =>
  border((point) => netInput(name, net, point), reach, cells);

const REACH = 2.4; // of the inputs, in standard deviations
const MOST = 3; // of z
const minus = (v) => v.toFixed(2).replace("-", "−").replace(/^−(0\.00)$/, "$1");
const path = (pieces, plane) =>
  pieces.map(([a, b, c, d]) =>
    `M${plane.x(a).toFixed(1)} ${plane.y(b).toFixed(1)}L${plane.x(c).toFixed(1)} ${plane.y(d).toFixed(1)}`).join("");

mount("bend", async ({ stage, files, state, say }) => {
  const { points, nets } = await loadJSON(files["nets.json"]);
  const known = state.get("activation", "identity");
  let z = Math.min(Math.max(Number(state.get("z", 1)) || 0, -MOST), MOST);

  const picked = choice(stage, {
    label: "Activation",
    options: Object.fromEntries(Object.entries(KINDS).map(([name, [words]]) => [name, words])),
    value: known in KINDS ? known : "identity",
    change: (name) => (state.set("activation", name), draw()),
  });
  const boards = html("div", { class: "bend-boards" }, stage);
  const board = (label, title) => {
    const box = html("div", {}, boards);
    html("p", { text: title }, box);
    return svg("svg", { viewBox: "0 0 320 320", role: "group", "aria-label": label }, box);
  };

  const curves = board("The activation and its slope", "One unit: its sum z, its answer a");
  const scale = axes({ x: [-MOST, MOST], y: [-MOST, MOST] });
  for (let v = -MOST; v <= MOST; v += 1) {
    const stroke = v === 0 ? "var(--muted)" : "var(--grid)";
    svg("line", { x1: scale.x(v), x2: scale.x(v), y1: 0, y2: 320, stroke }, curves);
    svg("line", { x1: 0, x2: 320, y1: scale.y(v), y2: scale.y(v), stroke }, curves);
  }
  svg("text", { x: 316, y: scale.y(0) + 15, "text-anchor": "end", text: "z →" }, curves);
  svg("text", { x: scale.x(0) - 6, y: 14, "text-anchor": "end", text: "a ↑" }, curves);
  for (const v of [-2, 2]) svg("text", { x: scale.x(v) + 3, y: scale.y(0) + 15, text: v < 0 ? "−2" : "2" }, curves);
  const curve = svg("path", { fill: "none", stroke: "var(--blue)", "stroke-width": 2.5 }, curves);
  const tangent = svg("line", { stroke: "var(--orange)", "stroke-width": 3 }, curves);
  const ring = svg("g", {}, curves);
  const handle = draggable(ring, scale, {
    x: z, y: 0, step: 0.1, label: "The sum z of the unit",
    text: (x) => `z ${minus(x)}, slope ${minus(slope(picked.value, x))}`,
    move: (x) => ((z = x), state.set("z", Number(x.toFixed(3))), touch()),
  });
  svg("circle", { r: 8, fill: "none", stroke: "var(--green)", "stroke-width": 3 }, ring);

  const planes = board("Moons, and the border of the net", "A net of such units, trained on two moons");
  const plane = axes({ x: [-REACH, REACH], y: [-REACH, REACH] });
  svg("rect", { width: 320, height: 320, fill: "var(--blue-soft)" }, planes);
  const side = svg("path", { fill: "var(--orange-soft)" }, planes);
  const joints = svg("path", { stroke: "var(--muted)", "stroke-dasharray": "2 3" }, planes);
  for (const [x1, x2, label] of points) {
    const [x, y] = [plane.x(x1), plane.y(x2)];
    if (label) svg("rect", { x: x - 3, y: y - 3, width: 6, height: 6, fill: "var(--orange)" }, planes);
    else svg("circle", { cx: x, cy: y, r: 3.4, fill: "var(--blue)" }, planes);
  }
  const edge = svg("path", { stroke: "var(--ink)", "stroke-width": 2.5, "stroke-linecap": "round" }, planes);
  resetButton(html("div", { class: "move-row" }, stage));
  html("p", {
    class: "move-hint",
    text: "Drag the green ring, or select it and use the arrow keys. The orange line shows the slope at the ring. "
      + "Dotted lines, if there is a bend, show where the sum of a hidden unit is 0.",
  }, stage);

  function draw() {
    const name = picked.value;
    const f = (point) => netInput(name, nets[name], point);
    const xs = Array.from({ length: 301 }, (_, i) => MOST * (i / 150 - 1));
    curve.setAttribute("d", xs.map((x, i) =>
      `${i ? "L" : "M"}${scale.x(x).toFixed(1)} ${scale.y(answer(name, x)).toFixed(1)}`).join(""));
    edge.setAttribute("d", path(netBorder(name, nets[name], REACH, name === "step" ? 320 : 80), plane));
    let runs = "";
    for (let y = 1; y < 320; y += 2) {
      for (let x = 1, from = null; x <= 321; x += 2) {
        const one = x < 320 && f([plane.unx(x), plane.uny(y)]) > 0;
        if (one && from === null) from = x - 1;
        if (!one && from !== null) [runs, from] = [`${runs}M${from} ${y - 1}H${x - 1}V${y + 1}H${from}z`, null];
      }
    }
    side.setAttribute("d", runs);
    const { W, b } = nets[name];
    const lines = b.flatMap((bj, j) => border(([x1, x2]) => W[0][j] * x1 + W[1][j] * x2 + bj, REACH, 1));
    joints.setAttribute("d", name === "identity" ? "" : path(lines, plane));
    touch();
  }

  function touch() {
    const name = picked.value;
    const [a, s] = [answer(name, z), slope(name, z)];
    handle.set(z, a);
    const reach = 1 / Math.hypot(1, s);
    const end = (t) => [scale.x(z + t), scale.y(a + t * s)];
    const [[x1, y1], [x2, y2]] = [end(-reach), end(reach)];
    for (const [key, v] of Object.entries({ x1, y1, x2, y2 })) tangent.setAttribute(key, v);
    const right = points.filter((point) => netInput(name, nets[name], point) > 0 === (point[2] === 1)).length;
    const what = name === "identity" ? "No activation" : KINDS[name][0];
    say(`${what}: at z = ${minus(z)} the activation is a = ${minus(a)}, and the slope is ${minus(s)}. `
      + `The net gives the right answer for ${right} of the ${points.length} points that it learned from.`);
  }

  draw();
});
