/* Write the rule yourself: two measures, a limit for each, scored at once on the threes and eights to
   learn from, and on request on the unseen ones. limitsSay is limits_say of
   orientation/what_is_deep_learning.py. */

import { axes, button, choice, draggable, html, loadJSON, mount, resetButton, svg } from "../assets/move.js";

const SIZE = 320;
const PAD = 8;
const NAMES = {
  ink: "Ink: share of the sheet",
  left: "Left: share of the ink in the left half",
  strokes: "Strokes: per row of pixels",
  holes: "Holes: paper with ink all around",
};
const SHORT = { ink: "ink", left: "left share", strokes: "strokes", holes: "holes" };

/** Whether each row of two measures is called an 8: both above their limits, or one of them. */
export function limitsSay(values, limits, both) {
  const above = (row) => row.map((v, k) => v > limits[k]);
  return values.map((row) => (both ? above(row).every(Boolean) : above(row).some(Boolean)));
}

/** How many rows are called what they are; eight is 1 for an 8, 0 for a 3. */
export const right = (values, eight, limits, both) =>
  limitsSay(values, limits, both).filter((said, i) => Number(said) === eight[i]).length;

/** The rule in words. */
export function rule([a, b], limits, both) {
  const part = (name, limit) => `${SHORT[name]} above ${limit.toFixed(2)}`;
  return `An 8 has ${part(a, limits[0])} ${both ? "and" : "or"} ${part(b, limits[1])}.`;
}

mount("rule", async ({ stage, files, state, say }) => {
  const { measures, train, test, rivals } = await loadJSON(files["task.json"]);
  const column = (part, name) => part.values.map((row) => row[measures.indexOf(name)]);
  const known = (name, other) => (measures.includes(name) ? name : other);
  // Equal for both parts, so that no picture moves when the unseen digits are scored.
  const reach = Object.fromEntries(measures.map((name) => {
    const all = [...column(train, name), ...column(test, name)];
    const [low, high] = [Math.min(...all), Math.max(...all)];
    return [name, name === "holes" ? [-0.6, high + 0.6] : [low - 0.05 * (high - low), high + 0.05 * (high - low)]];
  }));
  const middle = (name) => (reach[name][0] + reach[name][1]) / 2;

  const chosen = [known(state.get("x", "ink"), "ink"), known(state.get("y", "left"), "left")];
  let limits = state.get("limits", [0.1, 0.4]);
  if (limits.length !== 2 || !limits.every(Number.isFinite)) limits = [0.1, 0.4];
  let way = state.get("way", "and") === "or" ? "or" : "and";
  let scale, handles, dots, lines, field;

  const picks = ["Across", "Up"].map((label, k) =>
    choice(stage, {
      label, options: NAMES, value: chosen[k], select: true,
      change: (name) => {
        chosen[k] = name;
        state.set("xy"[k], name);
        limits[k] = middle(name);
        begin();
      },
    }));
  const joined = choice(stage, {
    label: "It is an 8", options: { and: "if both are above", or: "if one is above" }, value: way,
    change: (value) => (state.set("way", (way = value)), table.replaceChildren(), draw()),
  });
  const picture = svg("svg", { viewBox: `0 0 ${SIZE} ${SIZE + 18}`, role: "group", "aria-label": "800 digits by two measures, and two limits" }, stage);
  html("p", { class: "move-hint", text: "Circles are eights, squares are threes. Filled ones are wrong. Drag a line by its handle, or select the handle and use the arrow keys. In the tinted area the rule says 8." }, stage);
  say("");
  const bar = html("div", { class: "what-is-buttons" }, stage);
  const asked = button(bar, "Score it on the unseen digits", score);
  resetButton(bar);
  const table = html("div", { class: "what-is-scores", "aria-live": "polite" }, stage);

  function begin() {
    picture.replaceChildren();
    table.replaceChildren();
    scale = axes({ x: reach[chosen[0]], y: reach[chosen[1]], width: SIZE, height: SIZE, pad: PAD });
    limits = limits.map((limit, k) => Math.min(Math.max(limit, reach[chosen[k]][0]), reach[chosen[k]][1]));
    svg("rect", { width: SIZE, height: SIZE, fill: "var(--wash)", stroke: "var(--grid)" }, picture);
    field = svg("g", {}, picture);
    // Whole numbers would lie on top of each other: spread them a little, for the eye alone.
    const spread = (name, i, k) => (name === "holes" ? (((i + 1) * (k ? 0.755 : 0.57)) % 1) * 0.7 - 0.35 : 0);
    const [xs, ys] = chosen.map((name) => column(train, name));
    dots = train.eight.map((eight, i) => {
      const [x, y] = [scale.x(xs[i] + spread(chosen[0], i, 0)), scale.y(ys[i] + spread(chosen[1], i, 1))];
      return eight
        ? svg("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: 2.6, stroke: "var(--blue)" }, picture)
        : svg("rect", { x: (x - 2.3).toFixed(1), y: (y - 2.3).toFixed(1), width: 4.6, height: 4.6, stroke: "var(--orange)" }, picture);
    });
    const stroke = { stroke: "var(--ink)", "stroke-width": 2, "pointer-events": "none" };
    lines = [svg("line", { y1: 0, y2: SIZE, ...stroke }, picture), svg("line", { x1: 0, x2: SIZE, ...stroke }, picture)];
    svg("text", { x: SIZE, y: SIZE + 14, "text-anchor": "end", text: `${SHORT[chosen[0]]} →` }, picture);
    svg("text", { x: 4, y: SIZE + 14, text: `↑ ${SHORT[chosen[1]]}` }, picture);
    handles = [0, 1].map((k) => {
      const knob = svg("g", {}, picture);
      const [x, y] = k ? [scale.unx(SIZE - 16), limits[1]] : [limits[0], scale.uny(SIZE - 16)];
      const [from, to] = reach[chosen[k]];
      const handle = draggable(knob, scale, {
        x, y, along: "xy"[k], label: `Limit for ${SHORT[chosen[k]]}`, step: (to - from) / 100,
        text: (a, b) => (k ? b : a).toFixed(2),
        move: (a, b) => {
          limits[k] = k ? b : a;
          table.replaceChildren();
          draw();
        },
      });
      svg("circle", { r: 8, fill: "var(--ink)", stroke: "var(--paper)", "stroke-width": 2 }, knob);
      return handle;
    });
    draw();
  }

  const pairs = (part) => {
    const [xs, ys] = chosen.map((name) => column(part, name));
    return xs.map((x, i) => [x, ys[i]]);
  };

  function draw() {
    const [x, y] = [scale.x(limits[0]), scale.y(limits[1])];
    lines[0].setAttribute("x1", x);
    lines[0].setAttribute("x2", x);
    lines[1].setAttribute("y1", y);
    lines[1].setAttribute("y2", y);
    field.replaceChildren();
    const corner = `M${x} 0H${SIZE}V${y}H${x}Z`;
    const bent = `M0 0H${SIZE}V${SIZE}H${x}V${y}H0Z`;
    svg("path", { d: way === "and" ? corner : bent, fill: "var(--blue-soft)", opacity: 0.7 }, field);
    const values = pairs(train);
    limitsSay(values, limits, way === "and").forEach((said, i) => {
      const wrong = Number(said) !== train.eight[i];
      dots[i].setAttribute("fill", wrong ? dots[i].getAttribute("stroke") : "none");
      dots[i].setAttribute("stroke-opacity", wrong ? 1 : 0.55);
    });
    state.set("limits", limits);
    const got = right(values, train.eight, limits, way === "and");
    say(`${rule(chosen, limits, way === "and")} Right: ${got} of ${train.eight.length}.`);
  }

  function score() {
    const got = right(pairs(test), test.eight, limits, way === "and");
    const rows = Object.entries({ "your rule": got, ...rivals });
    table.replaceChildren();
    const list = html("table", {}, table);
    html("caption", { text: `Right out of ${test.eight.length} unseen threes and eights` }, list);
    const body = html("tbody", {}, list);
    for (const [name, count] of rows) {
      const row = html("tr", {}, body);
      html("th", { scope: "row", text: name }, row);
      html("td", { text: count }, row);
    }
  }

  begin();
});
