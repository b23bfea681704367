/* ADALINE's error as a bowl: the reader sets the learning rate and steps down, or out of it.
   M v - p is the slope at the weights v, as in history/adaline.py. */

import { axes, choice, html, loadJSON, mount, player, resetButton, slider, stepper, svg } from "../assets/move.js";

const STEPS = 40;
const FAR = 1e6;

/** The weights before the first step of gradient descent and after each one. */
export function descend({ M, p, start }, rate, steps) {
  const path = [start];
  for (let t = 0; t < steps; t += 1) {
    const v = path.at(-1);
    const next = v.map((value, i) =>
      value + rate * (p[i] - M[i].reduce((total, m, j) => total + m * v[j], 0)));
    path.push(next);
  }
  return path;
}

/** Half the mean squared error at the weights v; c is that of zero weights. */
export function loss({ M, p, c }, v) {
  const curved = v.reduce((total, a, i) => total + v.reduce((s, b, j) => s + a * M[i][j] * b, 0), 0);
  return c - v.reduce((total, a, i) => total + a * p[i], 0) + curved / 2;
}

const inside = (value, [low, high]) => Math.min(Math.max(value, low - (high - low)), high + (high - low));

mount("bowl", async ({ stage, files, state, say }) => {
  const bowls = await loadJSON(files["bowls.json"]);
  const kinds = Object.keys(bowls);
  const picked = choice(stage, {
    label: "Bowl", options: Object.fromEntries(kinds.map((kind) => [kind, bowls[kind].name])),
    value: state.get("bowl", kinds[0]),
    change: (kind) => {
      state.set("bowl", kind);
      begin(bowls[kind].first, 0);
    },
  });
  const picture = svg("svg", { viewBox: "0 0 320 260", role: "img" }, stage);
  const clip = svg("clipPath", { id: "adaline-box" }, picture);
  svg("rect", { x: 34, y: 6, width: 280, height: 224 }, clip);
  const layer = svg("g", {}, picture);
  const walk = player(stepper(stage, { label: "Steps", last: STEPS, reset: false, show }), { pace: 350 });
  resetButton(walk.element);
  const rates = slider(stage, {
    label: "Learning rate η", min: 0, max: 1, step: 0.01, text: (v) => String(Number(v.toPrecision(3))),
    change: (rate) => {
      state.set("rate", rate);
      path = descend(bowls[picked.value], rate, STEPS);
      walk.to(0);
    },
  });
  html("p", { class: "move-hint", text: "The dot starts with weights of zero. Set the rate, then Next or Play. The cross is the lowest point." }, stage);
  let path = [];

  function begin(rate, step) {
    const bowl = bowls[picked.value];
    const input = rates.element.querySelector("input");
    [input.min, input.max, input.step] = [bowl.step, bowl.most, bowl.step];
    rates.set(Math.min(Math.max(rate, bowl.step), bowl.most));
    path = descend(bowl, Number(input.value), STEPS);
    walk.to(step);
  }

  const plane = ({ x, y }) => {
    const scale = axes({ x, y, width: 280, height: 224 });
    return { x: (v) => 34 + scale.x(inside(v, x)), y: (v) => 6 + scale.y(inside(v, y)) };
  };

  function show(step) {
    state.set("step", step);
    const bowl = bowls[picked.value];
    const scale = plane(bowl);
    layer.replaceChildren();
    svg("rect", { x: 34, y: 6, width: 280, height: 224, fill: "var(--wash)", stroke: "var(--grid)" }, layer);
    const drawn = svg("g", { "clip-path": "url(#adaline-box)" }, layer);
    const at = bowl.M.length === 1
      ? (v) => [scale.x(v[0]), scale.y(loss(bowl, v))]
      : (v) => [scale.x(v[0]), scale.y(v[1])];
    if (bowl.M.length === 1) curve(bowl, at, drawn);
    else contours(bowl, at, drawn);
    const walked = path.slice(0, step + 1).map((v) => at(v).map((q) => q.toFixed(1)).join(","));
    svg("polyline", { points: walked.join(" "), fill: "none", stroke: "var(--orange)", "stroke-width": 1.5 }, drawn);
    for (const v of path.slice(0, step)) {
      const [cx, cy] = at(v);
      svg("circle", { cx, cy, r: 2.5, fill: "var(--orange)" }, drawn);
    }
    const [bx, by] = at(bowl.best);
    svg("path", { d: `M${bx - 5} ${by - 5}l10 10m0 -10l-10 10`, stroke: "var(--ink)", "stroke-width": 2 }, drawn);
    const [cx, cy] = at(path[step]);
    svg("circle", { cx, cy, r: 6, fill: "var(--orange)", stroke: "var(--ink)" }, drawn);
    for (const [v, name] of [[bowl.x[0], "start"], [bowl.x[1], "end"]]) {
      svg("text", { x: scale.x(v), y: 244, text: String(v).replace("-", "−"), "text-anchor": name }, layer);
    }
    for (const v of bowl.y) svg("text", { x: 30, y: scale.y(v) + (v === bowl.y[1] ? 10 : 0), text: String(v).replace("-", "−"), "text-anchor": "end" }, layer);
    svg("text", { x: 174, y: 256, text: bowl.across, "text-anchor": "middle" }, layer);
    svg("text", { x: 40, y: 20, text: bowl.up }, layer);
    const words = told(bowl, step);
    picture.setAttribute("aria-label", words);
    say(words);
  }

  function curve(bowl, at, drawn) {
    const points = Array.from({ length: 121 }, (_, i) => [bowl.x[0] + (i / 120) * (bowl.x[1] - bowl.x[0])]);
    const line = points.map((v) => at(v).map((q) => q.toFixed(1)).join(",")).join(" ");
    svg("polyline", { points: line, fill: "none", stroke: "var(--ink)", "stroke-width": 2 }, drawn);
  }

  /** Lines of equal error: ellipses around the lowest point, along M's two directions. */
  function contours(bowl, at, drawn) {
    const [[a, b], [, d]] = bowl.M;
    const [mean, gap] = [(a + d) / 2, Math.hypot((a - d) / 2, b)];
    const turn = Math.atan2(2 * b, a - d) / 2; // of the steepest direction
    const start = loss(bowl, bowl.start) - loss(bowl, bowl.best);
    for (const share of [0.05, 0.25, 0.6, 1, 2, 4, 8]) {
      const [long, short] = [mean - gap, mean + gap].map((l) => Math.sqrt((2 * share * start) / l));
      const ring = Array.from({ length: 73 }, (_, i) => {
        const [u, w] = [short * Math.cos((i * Math.PI) / 36), long * Math.sin((i * Math.PI) / 36)];
        const v = [u * Math.cos(turn) - w * Math.sin(turn), u * Math.sin(turn) + w * Math.cos(turn)];
        return at(bowl.best.map((best, k) => best + v[k])).map((q) => q.toFixed(1)).join(",");
      });
      svg("polygon", { points: ring.join(" "), fill: "none", stroke: "var(--blue)", opacity: share === 1 ? 1 : 0.5 }, drawn);
    }
  }

  function told(bowl, step) {
    const v = path[step];
    const off = loss(bowl, v) - loss(bowl, bowl.best);
    const before = step ? loss(bowl, path[step - 1]) - loss(bowl, bowl.best) : off;
    const first = loss(bowl, path[0]) - loss(bowl, bowl.best);
    const share = off / first;
    const size = share > FAR ? "more than a million times" : `${Number(share.toPrecision(3))} times`;
    const where = v.map((w) => (Math.abs(w) > FAR ? "huge" : String(Math.abs(w) < 1e-9 ? 0 : Number(w.toPrecision(3))).replace("-", "−"))).join(", ");
    const trend = !step ? "" : share < 1e-6 ? " It has arrived." : off > before * (1 + 1e-9) ? " It is going up." : off > before * (1 - 1e-9) ? " No lower than before." : " It is going down.";
    return `Step ${step}: weights ${where}; error above the lowest point: ${size} that of the start.${trend}`;
  }

  begin(state.get("rate", bowls[picked.value]?.first ?? 0.1), state.get("step", 0));
});
