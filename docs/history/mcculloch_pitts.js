/* Threshold units whose weights the reader sets: one, or three in two layers.
   A unit is [w1, w2, threshold], as in history/mcculloch_pitts.py; a net is A, B and the output. */

import { axes, button, choice, clip, html, mount, resetButton, slider, svg } from "../assets/move.js";

export const ROWS = [[0, 0], [0, 1], [1, 0], [1, 1]];
const MOST = 2; // of a weight
const NAMES = [
  "always 0", "AND", "x₁ and not x₂", "x₁", "x₂ and not x₁", "x₂", "XOR", "OR",
  "NOR", "both alike", "NOT x₂", "x₁ or not x₂", "NOT x₁", "x₂ or not x₁", "NAND", "always 1",
]; // by the four outputs, read as a binary number

const sum = ([w1, w2], [x1, x2]) => w1 * x1 + w2 * x2;
export const fires = (unit, x) => Number(sum(unit, x) >= unit[2]);
const overall = ([a, b, out], x) => fires(out, [fires(a, x), fires(b, x)]);

/** The four outputs of one unit, or of a net of three. */
export function table(units) {
  return ROWS.map((x) => (units.length === 1 ? fires(units[0], x) : overall(units, x)));
}

const place = (outputs) => outputs.reduce((number, bit) => 2 * number + bit, 0);

/** A unit for each truth table that one unit reaches. */
function single() {
  const found = new Map();
  for (const threshold of [0.5, -0.5, 1.5, -1.5]) {
    for (const w1 of [1, 0, -1]) {
      for (const w2 of [1, 0, -1]) {
        const unit = [w1, w2, threshold];
        const key = place(table([unit]));
        if (!found.has(key)) found.set(key, unit);
      }
    }
  }
  return found;
}

/** Units that compute the truth table of this number, one or three; nothing if there are none. */
export function wayTo(number, many) {
  const units = [...single().values()];
  if (!many) return single().has(number) ? [single().get(number)] : null;
  const out = [[1, 1, 1.5], [1, 1, 0.5]]; // AND, OR
  for (const a of units) {
    for (const b of units) {
      for (const c of out) if (place(table([a, b, c])) === number) return [a, b, c];
    }
  }
  return null;
}

/** The part of a convex polygon on which the unit fires, or on which it does not. */
export function part(polygon, unit, side) {
  if (!unit[0] && !unit[1]) return (unit[2] <= 0) === side > 0 ? polygon : [];
  return clip(polygon, (p) => side * (sum(unit, p) - unit[2]));
}

const shown = (v) => String(v).replace("-", "−");
const clamp = (v, most) => Math.round(2 * Math.min(Math.max(Number(v) || 0, -most), most)) / 2;

mount("gates", async ({ stage, state, say }) => {
  const start = { one: [[0, 0, 0.5]], two: [[1, 1, 0.5], [0, 0, 0.5], [1, 1, 1.5]] };
  const units = {};
  for (const kind of ["one", "two"]) {
    const kept = state.get(kind, start[kind]);
    units[kind] = start[kind].map((unit, i) =>
      unit.map((v, k) => clamp(kept[i]?.[k] ?? v, k < 2 ? MOST : 2 * MOST)));
  }
  const reached = { one: new Set(state.get("got1", [])), two: new Set(state.get("got2", [])) };
  let at = 0; // the unit that the sliders move

  const kind = choice(stage, {
    label: "Made of", options: { one: "one unit", two: "two layers" },
    value: state.get("kind", "one"),
    change: (value) => (state.set("kind", value), pick(0)),
  });
  const goal = choice(stage, {
    label: "Goal", options: Object.fromEntries(NAMES.map((name, i) => [i, name])),
    value: String(state.get("goal", 7)), select: true,
    change: (value) => (state.set("goal", Number(value)), draw()),
  });

  const board = svg("svg", { viewBox: "0 0 320 250", role: "img" }, stage);
  const plane = axes({ x: [-0.5, 1.5], y: [-0.5, 1.5], width: 190, height: 190 });
  const square = [[-0.5, -0.5], [1.5, -0.5], [1.5, 1.5], [-0.5, 1.5]];
  const layer = svg("g", {}, board);
  const tiles = svg("svg", { viewBox: "0 0 320 92", role: "img" }, stage);

  const which = choice(stage, {
    label: "Unit", options: { 0: "A", 1: "B", 2: "output" }, value: "0",
    change: (value) => pick(Number(value)),
  });
  const parts = ["Weight w₁", "Weight w₂", "Threshold θ"].map((label, k) =>
    slider(stage, {
      label, min: k < 2 ? -MOST : -2 * MOST, max: k < 2 ? MOST : 2 * MOST, step: 0.5, text: shown,
      change: (v) => {
        units[kind.value][at][k] = v;
        draw();
      },
    }));
  const row = html("div", { class: "move-row", role: "group", "aria-label": "Help" }, stage);
  button(row, "Show one way", () => {
    const way = wayTo(Number(goal.value), kind.value === "two");
    if (!way) return say(`No weights of one unit give “${NAMES[goal.value]}”: one line cannot do it. Build it from two layers.`);
    units[kind.value] = way.map((unit) => [...unit]);
    return pick(at);
  });
  resetButton(row);
  html("p", {
    class: "move-hint",
    text: "A filled corner is a row with output 1, the shaded part is where it fires. A ring marks a corner that the goal wants otherwise. Each little square below the picture is one of the 16 truth tables; those that you have reached are blue.",
  }, stage);

  function pick(unit) {
    at = Math.min(unit, units[kind.value].length - 1);
    which.set(String(at));
    draw();
  }

  const path = (polygon) => polygon.map((p) => `${plane.x(p[0]).toFixed(1)},${plane.y(p[1]).toFixed(1)}`).join(" ");

  function draw() {
    const now = units[kind.value];
    const outputs = table(now);
    const number = place(outputs);
    const wanted = ROWS.map((_, i) => (Number(goal.value) >> (3 - i)) & 1);
    reached[kind.value].add(number);
    state.set(kind.value, now);
    state.set(kind.value === "one" ? "got1" : "got2", [...reached[kind.value]].sort((a, b) => a - b));
    which.element.style.display = kind.value === "two" ? "" : "none";
    parts.forEach((part, k) => part.set(now[at][k]));

    layer.replaceChildren();
    const here = svg("g", { transform: "translate(8 8)" }, layer);
    shade(here, now);
    ROWS.forEach((x, i) => {
      const [cx, cy] = [plane.x(x[0]), plane.y(x[1])];
      const fill = outputs[i] ? "var(--ink)" : "var(--paper)";
      svg("circle", { cx, cy, r: 7, fill, stroke: "var(--ink)", "stroke-width": 1.5 }, here);
      if (outputs[i] !== wanted[i]) svg("circle", { cx, cy, r: 12, fill: "none", stroke: "var(--red)", "stroke-width": 2.5 }, here);
    });
    svg("text", { x: 95, y: 206, text: "x₁ →", "text-anchor": "middle" }, here);
    svg("text", { x: 6, y: 14, text: "x₂ ↑" }, here);
    columns(now, outputs, wanted);
    if (kind.value === "two") drawing(now);
    else svg("text", { x: 8, y: 243, text: `fires if  ${shown(now[0][0])}·x₁ + ${shown(now[0][1])}·x₂ ≥ ${shown(now[0][2])}`.replaceAll("+ −", "− ") }, layer);
    collection(number);
    const right = outputs.filter((bit, i) => bit === wanted[i]).length;
    const told = `It computes “${NAMES[number]}”: ${right} of 4 rows as “${NAMES[goal.value]}” wants.`;
    const words = `${told} Reached with ${kind.value === "one" ? "one unit" : "two layers"}: ${reached[kind.value].size} of 16 tables.`;
    board.setAttribute("aria-label", `Rows 00, 01, 10, 11 give ${outputs.join(", ")}; wanted ${wanted.join(", ")}.`);
    say(words);
  }

  /** Where it fires, and the line of each unit that sees the inputs. */
  function shade(here, now) {
    svg("rect", { width: 190, height: 190, fill: "var(--wash)", stroke: "var(--grid)" }, here);
    const first = now.length === 1 ? now : now.slice(0, 2);
    for (const sides of now.length === 1 ? [[1]] : [[1, 1], [1, -1], [-1, 1], [-1, -1]]) {
      const on = now.length === 1 || fires(now[2], sides.map((s) => Number(s > 0)));
      const region = sides.reduce((polygon, side, i) => part(polygon, first[i], side), square);
      if (on && region.length) svg("polygon", { points: path(region), fill: "var(--blue-soft)" }, here);
    }
    first.forEach((unit, i) => {
      const edge = part(square, unit, 1).filter((p) => Math.abs(sum(unit, p) - unit[2]) < 1e-9);
      if (edge.length < 2 || !(unit[0] || unit[1])) return;
      const dash = i ? { "stroke-dasharray": "6 4" } : {};
      svg("polyline", { points: path(edge), fill: "none", stroke: "var(--ink)", "stroke-width": 2, ...dash }, here);
    });
  }

  function columns(now, outputs, wanted) {
    const heads = now.length === 1 ? ["x₁", "x₂", "sum", "out"] : ["x₁", "x₂", "A", "B", "out"];
    const cells = ROWS.map((x, i) => [...x, ...(now.length === 1
      ? [shown(sum(now[0], x))] : now.slice(0, 2).map((unit) => fires(unit, x))), outputs[i]]);
    const wide = 116 / heads.length;
    [heads, ...cells].forEach((line, r) => line.forEach((text, c) => {
      const wrong = r && c === heads.length - 1 && outputs[r - 1] !== wanted[r - 1];
      const style = wrong ? { style: "fill: var(--red)", "font-weight": 700 } : {};
      svg("text", { x: 204 + (c + 0.5) * wide, y: 34 + 28 * r, text: wrong ? `${text} ✗` : text, "text-anchor": "middle", ...style }, layer);
    }));
    svg("line", { x1: 206, x2: 319, y1: 42, y2: 42, stroke: "var(--grid)" }, layer);
  }

  /** In words, which weights each unit of the net has. */
  function drawing(now) {
    const names = ["A", "B", "output"];
    now.forEach((unit, i) => {
      const [p, q] = i < 2 ? ["x₁", "x₂"] : ["A", "B"];
      const text = `${names[i]}: ${shown(unit[0])}·${p} + ${shown(unit[1])}·${q} ≥ ${shown(unit[2])}`.replaceAll("+ −", "− ");
      const style = i === at ? { "font-weight": 700 } : {};
      svg("text", { x: i === 1 ? 165 : 8, y: i < 2 ? 228 : 246, text, ...style }, layer);
    });
  }

  function collection(number) {
    tiles.replaceChildren();
    tiles.setAttribute("aria-label", `Tables reached: ${[...reached[kind.value]].map((n) => NAMES[n]).join(", ")}.`);
    for (let n = 0; n < 16; n += 1) {
      const [x, y] = [4 + 40 * (n % 8), 6 + 46 * Math.floor(n / 8)];
      const got = reached[kind.value].has(n);
      const stroke = n === number ? "var(--ink)" : "var(--grid)";
      svg("rect", { x, y, width: 32, height: 32, fill: got ? "var(--blue-soft)" : "var(--paper)", stroke, "stroke-width": n === number ? 2.5 : 1 }, tiles);
      ROWS.forEach(([x1, x2], i) => {
        const fill = (n >> (3 - i)) & 1 ? "var(--ink)" : "none";
        svg("circle", { cx: x + 9 + 14 * x1, cy: y + 23 - 14 * x2, r: 3.5, fill, stroke: "var(--ink)", opacity: got ? 1 : 0.45 }, tiles);
      });
    }
  }

  pick(0);
});
