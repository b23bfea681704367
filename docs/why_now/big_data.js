/* The number of examples is slid, and three models divide the plane. Pictures and scores come from the
   example, examples/why_now/big_data.py. */

import { axes, button, choice, html, loadJSON, mount, resetButton, slider, svg } from "../assets/move.js";

const SIDE = 32;
const SIZE = 160;
const NAMES = { moons: "moons", straight: "straight, a tenth of the labels flipped" };

/** The cells of class 1 in a picture of side² letters 0 and 1, as [row, first, behind the last]. */
export function runs(text, side) {
  const found = [];
  for (let row = 0; row < side; row += 1) {
    for (const run of text.slice(row * side, (row + 1) * side).matchAll(/1+/g)) {
      found.push([row, run.index, run.index + run[0].length]);
    }
  }
  return found;
}

const percent = (right, fresh) => `${((100 * right) / fresh - 1e-9).toFixed(1)} %`;

/** What the figure shows, in words; right is how many of the fresh points each model gets right. */
export function words(n, right, fresh) {
  const parts = Object.entries(right).map(([name, count]) => `${name} ${percent(count, fresh)}`);
  return `${n} points learned. Right answers on ${fresh.toLocaleString("en")} fresh points: ${parts.join(", ")}.`;
}

mount("planes", async ({ stage, files, state, say }) => {
  const { sizes, fresh, tasks } = await loadJSON(files["planes.json"]);
  const scale = axes({ x: [-2, 2], y: [-2, 2], width: SIZE, height: SIZE });
  const kept = state.get("task", "moons");
  const task = choice(stage, {
    label: "Task", options: NAMES, value: kept in tasks ? kept : "moons", select: true,
    change: (v) => (state.set("task", v), draw()),
  });
  const first = Math.min(Math.max(Math.round(state.get("k", 1)) || 0, 0), sizes.length - 1);
  const many = slider(stage, {
    label: "Points to learn from", min: 0, max: sizes.length - 1, step: 1, value: first,
    text: (k) => String(sizes[k]), change: (k) => (state.set("k", k), draw()),
  });
  const row = html("div", { class: "big-planes" }, stage);
  const planes = Object.keys(tasks.moons.models).map((name) => {
    const box = html("div", {}, row);
    html("p", { text: name }, box);
    const picture = svg("svg", { viewBox: `0 0 ${SIZE} ${SIZE}`, role: "img" }, box);
    return { name, picture, score: html("p", { class: "big-score" }, box) };
  });
  html("p", { class: "move-hint", text: "Circles and the tinted area: class 1. Squares: class 0. All three models learn from the same points." }, stage);
  say("");
  let open = state.get("scored", "no") === "yes";
  const bar = html("div", { class: "move-row" }, stage);
  button(bar, "Score on fresh points", () => ((open = true), state.set("scored", "yes"), draw()));
  resetButton(bar);

  function draw() {
    const k = many.value;
    const { points, models } = tasks[task.value];
    const seen = points.slice(0, sizes[k]);
    const right = Object.fromEntries(planes.map(({ name }) => [name, models[name].right[k]]));
    const cell = SIZE / SIDE;
    for (const { name, picture, score } of planes) {
      picture.replaceChildren();
      svg("rect", { width: SIZE, height: SIZE, fill: "var(--wash)", stroke: "var(--grid)" }, picture);
      for (const [line, from, to] of runs(models[name].one[k], SIDE)) {
        svg("rect", { x: from * cell, y: line * cell, width: (to - from) * cell, height: cell + 0.2, fill: "var(--blue-soft)" }, picture);
      }
      const r = seen.length > 100 ? 1.6 : 3.2;
      for (const [x, y, kind] of seen) {
        const [a, b] = [scale.x(x), scale.y(y)];
        if (kind) svg("circle", { cx: a, cy: b, r, fill: "var(--blue)" }, picture);
        else svg("rect", { x: a - r, y: b - r, width: 2 * r, height: 2 * r, fill: "var(--orange)" }, picture);
      }
      picture.setAttribute("aria-label", `${name}: the plane, divided after ${sizes[k]} points`);
      score.textContent = open ? `${percent(right[name], fresh)} right` : " ";
    }
    say(open ? words(sizes[k], right, fresh) : `${sizes[k]} points learned. Which model will get most of ${fresh.toLocaleString("en")} fresh points right?`);
  }

  draw();
});
