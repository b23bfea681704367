/* Hidden units that bend: the reader moves the joint, slope and weight of each, sees their sum, and
   folds the interval before it. A unit is [joint, slope, weight]: weight · ReLU(slope · (x − joint)). */

import { axes, button, choice, draggable, html, mount, resetButton, slider, svg } from "../assets/move.js";

const [MOST, REACH, STEEP, HEAVY] = [8, 2.2, 4, 16]; // units, heights, slopes, weights
const COLOURS = ["blue", "orange", "green", "purple", "red"];
const BUMP = [[0.25, 1, 4], [0.5, 1, -8], [0.75, 1, 4]];
const CURVES = {
  none: ["nothing", null],
  square: ["x²", (x) => x * x],
  wave: ["a wave", (x) => Math.sin(2 * Math.PI * x)],
  root: ["√x", Math.sqrt],
};

export const fold = (x) => 2 * Math.max(x, 0) - 4 * Math.max(x - 0.5, 0);
const unit = ([joint, slope, weight], x) => weight * Math.max(slope * (x - joint), 0);

/** The sum of the units and of c, at x after so many folds. */
export function curve(units, c, x, folds = 0) {
  let at = x;
  for (let k = 0; k < folds; k += 1) at = fold(at);
  return units.reduce((sum, one) => sum + unit(one, at), c);
}

/** The units, and c, of the net through points: one unit per piece. */
export function through(xs, ys) {
  let before = 0;
  const units = xs.slice(1).map((x, i) => {
    const slope = (ys[i + 1] - ys[i]) / (x - xs[i]);
    const change = slope - before;
    before = slope;
    return [xs[i], 1, change];
  });
  return { units, c: ys[0] };
}

/** Where the curve after so many folds has a corner, between 0 and 1. */
export function corners(units, folds) {
  const slopeAt = (x, side) => units.reduce((sum, [joint, slope, weight]) => {
    const on = slope * (x - joint) > 0 || (x === joint && slope * side > 0);
    return sum + (on ? slope * weight : 0);
  }, 0);
  const bends = (a, b) => Math.abs(a - b) > 1e-9;
  let at = [...new Set(units.map(([joint]) => joint))].sort((a, b) => a - b)
    .filter((x) => x > 0 && x < 1 && bends(slopeAt(x, -1), slopeAt(x, 1)));
  let [first, last] = [slopeAt(0, 1), slopeAt(1, -1)];
  for (let k = 0; k < folds; k += 1) {
    const half = at.map((x) => x / 2);
    at = [...half, ...(bends(last, -last) ? [0.5] : []), ...half.map((x) => 1 - x).reverse()];
    [first, last] = [2 * first, -2 * first];
  }
  return at;
}

const clamp = (v, low, high) => Math.min(Math.max(Number(v) || 0, low), high);
const plain = (v, digits = 2) => v.toFixed(digits).replace("-", "−").replace(/^−(0\.?0*)$/, "$1");
const legal = (list) => list.slice(0, MOST).filter(Array.isArray)
  .map(([joint, slope, weight]) => [clamp(joint, 0, 1), clamp(slope, -STEEP, STEEP), clamp(weight, -99, 99)]);

mount("bends", async ({ stage, state, say }) => {
  let units = legal(state.get("units", BUMP));
  if (!units.length) units = BUMP;
  let c = clamp(state.get("c", 0), -REACH, REACH);
  let chosen = clamp(Math.round(state.get("unit", 0)), 0, units.length - 1);
  const known = state.get("follow", "none");

  const follow = choice(stage, {
    label: "Follow", options: Object.fromEntries(Object.entries(CURVES).map(([k, [text]]) => [k, text])),
    value: known in CURVES ? known : "none",
    change: (to) => (state.set("follow", to), draw()),
  });
  const count = slider(stage, {
    label: "Hidden units", min: 1, max: MOST, step: 1, text: String,
    change: (n) => {
      units = Array.from({ length: n }, (_, i) => units[i] ?? [(((i * 3) % MOST) + 0.5) / MOST, 1, 0]);
      chosen = Math.min(chosen, n - 1);
      keep();
    },
  });
  count.set(units.length);
  const row = html("div", { class: "move-row" }, stage);
  button(row, "Build", () => {
    const f = CURVES[follow.value][1];
    if (!f) [units, c] = [BUMP, 0];
    else {
      const xs = Array.from({ length: count.value + 1 }, (_, i) => i / count.value);
      ({ units, c } = through(xs, xs.map(f)));
    }
    chosen = Math.min(chosen, units.length - 1);
    count.set(units.length);
    keep();
  });
  resetButton(row);

  const board = (label, height, role = "group") => {
    const picture = svg("svg", { viewBox: `0 0 320 ${height}`, role, "aria-label": label }, stage);
    svg("rect", { width: 320, height, fill: "var(--wash)", stroke: "var(--grid)" }, picture);
    const plane = axes({ x: [0, 1], y: [-REACH, REACH], width: 320, height, pad: 14 });
    const id = `bends-${height}`;
    svg("rect", { width: 320, height }, svg("clipPath", { id }, picture));
    for (const y of [-1, 0, 1]) {
      svg("line", { x1: 14, x2: 306, y1: plane.y(y), y2: plane.y(y), stroke: y ? "var(--grid)" : "var(--muted)" }, picture);
    }
    for (const y of [-1, 1]) svg("text", { x: 3, y: plane.y(y) + 4, fill: "var(--muted)", text: plain(y, 0) }, picture);
    return { picture, plane, layer: svg("g", { fill: "none", "clip-path": `url(#${id})` }, picture) };
  };
  const top = board("The units and their sum", 250);
  const bottom = board("The same net behind the folds", 150, "img");
  const title = svg("text", { x: 18, y: 14 }, bottom.picture);
  svg("text", { x: 18, y: 244, text: "x = 0" }, top.picture);
  svg("text", { x: 306, y: 244, "text-anchor": "end", text: "1" }, top.picture);

  const picks = html("div", {}, stage);
  const [steepness, heaviness] = [["Its slope w", STEEP, 1], ["Its weight v", HEAVY, 2]].map(([label, most, k]) =>
    slider(stage, {
      label, min: -most, max: most, step: 0.25, text: (v) => plain(v),
      change: (v) => {
        units = units.map((one, i) => (i === chosen ? one.map((old, j) => (j === k ? v : old)) : one));
        keep();
      },
    }));
  const folds = slider(stage, {
    label: "Folds in front", min: 0, max: 4, step: 1, text: String,
    change: (n) => (state.set("folds", n), draw()),
  });
  folds.set(clamp(state.get("folds", 0), 0, 4));
  html("p", {
    class: "move-hint",
    text: "Drag a numbered joint sideways, or select it and use the arrow keys. The thick line is "
      + "the sum, the thin lines are the units, and the dashed line is the curve to follow.",
  }, stage);

  const colour = (i) => `var(--${COLOURS[i % COLOURS.length]})`;
  let handles = [];
  let pick = null;
  function rebuild() {
    handles.forEach(({ element }) => element.remove());
    handles = units.map(([joint], i) => {
      const g = svg("g", {}, top.picture);
      const handle = draggable(g, top.plane, {
        x: joint, y: 0, along: "x", step: 0.01, label: `Joint of unit ${i + 1}`, text: (x) => plain(x),
        move: (x) => {
          units = units.map((one, j) => (j === i ? [Number(x.toFixed(3)), one[1], one[2]] : one));
          chosen = i;
          keep();
        },
      });
      svg("circle", { r: 9, fill: "var(--paper)", stroke: colour(i), "stroke-width": 3 }, g);
      svg("text", { y: 4, "text-anchor": "middle", text: i + 1 }, g);
      return handle;
    });
    picks.replaceChildren();
    pick = choice(picks, {
      label: "Unit", options: Object.fromEntries(units.map((_, i) => [`n${i}`, String(i + 1)])), value: `n${chosen}`,
      change: (to) => ((chosen = Number(to.slice(1))), keep()),
    });
  }
  function keep() {
    state.set("units", units);
    state.set("c", c);
    state.set("unit", chosen);
    draw();
  }

  const xs = Array.from({ length: 801 }, (_, i) => i / 800);
  const path = (f, plane) => {
    const spot = (x) => `${plane.x(x).toFixed(1)} ${clamp(plane.y(f(x)), -999, 999).toFixed(1)}`;
    return `M${xs.map(spot).join("L")}`;
  };
  function draw() {
    if (handles.length !== units.length) rebuild();
    pick.set(`n${chosen}`);
    units.forEach(([joint], i) => handles[i].set(joint, 0));
    steepness.set(units[chosen][1]);
    heaviness.set(units[chosen][2]);
    const target = CURVES[follow.value][1];
    const n = folds.value;
    top.layer.replaceChildren();
    units.forEach((one, i) => {
      const width = i === chosen ? 2.2 : 1;
      svg("path", { d: path((x) => unit(one, x), top.plane), stroke: colour(i), "stroke-width": width }, top.layer);
    });
    if (target) {
      svg("path", { d: path(target, top.plane), stroke: "var(--muted)", "stroke-width": 2, "stroke-dasharray": "5 4" }, top.layer);
    }
    const f = (x) => curve(units, c, x);
    svg("path", { d: path(f, top.plane), stroke: "var(--ink)", "stroke-width": 2.6 }, top.layer);
    bottom.picture.style.display = n ? "" : "none";
    bottom.layer.replaceChildren();
    svg("path", { d: path((x) => curve(units, c, x, n), bottom.plane), stroke: "var(--ink)", "stroke-width": 2 }, bottom.layer);
    title.textContent = `The same net behind ${n} fold${n === 1 ? "" : "s"}`;
    const told = (k) => {
      const pieces = corners(units, k).length + 1;
      return `${pieces} straight piece${pieces === 1 ? "" : "s"}`;
    };
    const [joint, slope, weight] = units[chosen];
    const gap = target && Math.max(...xs.map((x) => Math.abs(f(x) - target(x))));
    say(`Unit ${chosen + 1}: joint ${String(Number(joint.toFixed(3)))}, slope ${plain(slope)}, weight ${plain(weight)}. `
      + `${units.length} hidden unit${units.length === 1 ? "" : "s"}: ${told(0)}.`
      + (target ? ` Largest error: ${gap.toFixed(4)}.` : "")
      + (n ? ` With ${2 * n} more units that fold: ${told(n)}.` : ""));
  }
  draw();
});
