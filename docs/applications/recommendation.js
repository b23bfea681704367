/* Rate dishes: your taste vector is found from your ratings, on a map that a model of this build
   learned from made-up people. The rule is fold_in of applications/recommendation in Python. */

import { button, choice, html, loadJSON, mount, resetButton, svg } from "../assets/move.js";

const [SIZE, REACH, TOP] = [320, 115, 5];
const dot = (a, b) => a.reduce((sum, v, k) => sum + v * b[k], 0);

/** Solve a small system of linear equations by elimination. */
export function solve(left, right) {
  const rows = left.map((row, i) => [...row, right[i]]);
  for (let i = 0; i < rows.length; i += 1) {
    const best = rows.slice(i).reduce((at, row, k) => (Math.abs(row[i]) > Math.abs(rows[at][i]) ? i + k : at), i);
    [rows[i], rows[best]] = [rows[best], rows[i]];
    rows.forEach((row, j) => {
      if (j === i) return;
      const times = row[i] / rows[i][i];
      rows[j] = row.map((v, k) => v - times * rows[i][k]);
    });
  }
  return rows.map((row, i) => row.at(-1) / row[i]);
}

/** The bias and the taste vector of somebody new, from ratings of which 0 means none. */
export function foldIn({ mean, item, Q, shrink }, rated) {
  const size = 1 + Q[0].length;
  const left = Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => (i === j ? shrink[i ? 1 : 0] : 0)));
  const right = Array(size).fill(0);
  rated.forEach((rating, n) => {
    if (!rating) return;
    const x = [1, ...Q[n]];
    x.forEach((v, i) => {
      right[i] += v * (rating - mean - item[n]);
      x.forEach((w, j) => (left[i][j] += v * w));
    });
  });
  const [bias, ...taste] = solve(left, right);
  return { bias, taste };
}

/** The predicted rating of each dish, from 1 to 5, before rounding. */
export const expected = ({ mean, item, Q }, { bias, taste }) =>
  Q.map((q, n) => Math.min(Math.max(mean + bias + item[n] + dot(taste, q), 1), 5));

/** The dishes that are not rated, the best first. */
export const ranked = (said, rated) =>
  said.map((_, n) => n).filter((n) => !rated[n]).sort((a, b) => said[b] - said[a] || a - b);

const signed = (v) => (v < 0 ? "−" : "+") + Math.abs(v).toFixed(1);

mount("dishes", async ({ stage, files, state, say }) => {
  const model = await loadJSON(files["dishes.json"]);
  const { names, Q, reach, sides } = model;
  const first = model.start.join("");
  const kept = state.get("rated", first);
  let rated = [...(kept.length === names.length && /^[0-5]+$/.test(kept) ? kept : first)].map(Number);
  const asked = Math.round(state.get("dish", names.indexOf("chilli beans")));

  const dish = choice(stage, {
    label: "Dish", options: Object.fromEntries(names.map((name, n) => [n, name])), select: true,
    value: asked in names ? asked : 0, change: () => choose(Number(dish.value)),
  });
  const bar = html("div", { class: "dishes-buttons", role: "group", "aria-label": "Your rating" }, stage);
  const marks = [1, 2, 3, 4, 5, 0].map((v) => [v, button(bar, v || "no rating", () => give(v))]);
  const plane = svg("svg", { viewBox: `0 0 ${SIZE} ${SIZE}`, class: "dishes-plane", "aria-hidden": "true" }, stage);
  const lists = html("div", { class: "dishes-lists" }, stage);
  const [mine, all] = ["Your list", "The list without taste"].map((title) => {
    const box = html("div", {}, lists);
    html("p", { text: title }, box);
    return html("ol", {}, box);
  });
  const row = html("div", { class: "dishes-buttons" }, stage);
  button(row, "Clear all ratings", () => ((rated = rated.map(() => 0)), save()));
  resetButton(row);
  html("p", { class: "move-hint", text: "Tap a dish on the map, or choose it above, then rate it. The larger a dot, the higher the prediction for you. An orange dot is a dish that you rated. The arrow is your taste vector: dishes on its side gain, dishes on the other side lose." }, stage);
  say("");

  const spots = Q.map((q) => [SIZE / 2 + (REACH * q[0]) / reach, SIZE / 2 - (REACH * q[1]) / reach]);
  plane.addEventListener("click", ({ clientX, clientY }) => {
    const at = new DOMPoint(clientX, clientY).matrixTransform(plane.getScreenCTM().inverse());
    const far = spots.map(([x, y]) => Math.hypot(x - at.x, y - at.y));
    const near = far.indexOf(Math.min(...far));
    if (far[near] < 30) choose(near);
  });

  function choose(n) {
    dish.set(n);
    state.set("dish", n);
    show();
  }
  function give(v) {
    rated[Number(dish.value)] = v;
    save();
  }
  function save() {
    state.set("rated", rated.join(""));
    show();
  }

  function draw(taste, said) {
    plane.replaceChildren();
    const centre = SIZE / 2;
    for (const [x1, y1, x2, y2] of [[8, centre, SIZE - 8, centre], [centre, 8, centre, SIZE - 8]]) {
      svg("line", { x1, y1, x2, y2, stroke: "var(--grid)" }, plane);
    }
    const faint = { style: "font-size: 10px; font-style: italic; fill: var(--muted)" };
    svg("text", { x: SIZE - 6, y: centre - 5, "text-anchor": "end", text: "sweeter →", ...faint }, plane);
    svg("text", { x: centre + 5, y: 14, text: "↑ hotter", ...faint }, plane);
    spots.forEach(([x, y], n) => {
      const chosen = n === Number(dish.value);
      const r = 2 + 1.1 * (said[n] - 1);
      svg("circle", { cx: x, cy: y, r, fill: rated[n] ? "var(--orange)" : "var(--blue)" }, plane);
      if (chosen) svg("circle", { cx: x, cy: y, r: r + 3, fill: "none", stroke: "var(--ink)", "stroke-width": 1.5 }, plane);
      const [dx, dy, anchor] = { start: [9, 3, "start"], end: [-9, 3, "end"], above: [0, -9, "middle"], below: [0, 15, "middle"] }[sides[n]];
      svg("text", {
        x: x + dx, y: y + dy, "text-anchor": anchor, style: `font-size: 10px${chosen ? "; font-weight: 700" : ""}`,
        text: names[n] + (rated[n] ? ` ${rated[n]}` : ""),
      }, plane);
    });
    const long = Math.hypot(...taste) * reach;
    if (long < 0.02) return;
    const times = (REACH * reach * Math.min(1, 1.2 / long));
    const [x, y] = [centre + times * taste[0], centre - times * taste[1]];
    const angle = (-Math.atan2(taste[1], taste[0]) * 180) / Math.PI;
    svg("line", { x1: centre, y1: centre, x2: x, y2: y, stroke: "var(--orange)", "stroke-width": 3 }, plane);
    svg("path", { d: "M 4 0 L -7 5 L -7 -5 Z", transform: `translate(${x} ${y}) rotate(${angle})`, fill: "var(--orange)" }, plane);
  }

  function fill(list, order, said) {
    list.replaceChildren();
    for (const n of order.slice(0, TOP)) {
      const line = html("li", {}, list);
      html("span", { text: names[n] }, line);
      html("span", { text: said[n].toFixed(1) }, line);
    }
  }

  function show() {
    const you = foldIn(model, rated);
    const said = expected(model, you);
    const plain = expected(model, { bias: you.bias, taste: you.taste.map(() => 0) });
    for (const [v, mark] of marks) mark.setAttribute("aria-pressed", v === rated[Number(dish.value)]);
    draw(you.taste, said);
    const [order, other] = [ranked(said, rated), ranked(plain, rated)];
    fill(mine, order, said);
    fill(all, other, plain);
    const count = rated.filter(Boolean).length;
    const gain = Q.map((q) => dot(you.taste, q));
    const [up, down] = [Math.max(...gain), Math.min(...gain)];
    const [n, name] = [Number(dish.value), names[dish.value]];
    say(`${name}: ${rated[n] ? `you gave ${rated[n]}` : "not rated"}, predicted ${said[n].toFixed(1)}. `
      + (count ? `You rated ${count} of ${names.length}. Your taste adds most to ${names[gain.indexOf(up)]} (${signed(up)}) and least to ${names[gain.indexOf(down)]} (${signed(down)}).` : "No ratings yet: your taste vector is 0, and both lists are the same.")
      + (order.length ? ` First on your list: ${names[order[0]]}.` : " You have rated all dishes."));
  }
  show();
});
