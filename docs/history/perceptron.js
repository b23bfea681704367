/* The perceptron learns a line, mistake by mistake; the reader moves its points.
   A point is [x1, x2, label]; weights are [w1, w2, b], as in history/perceptron.py. */

import {
  axes, choice, clip, draggable, html, loadJSON, mount, player, resetButton, slider, stepper, svg,
} from "../assets/move.js";

const SIZE = 320;
const MOST = 200; // mistakes shown of a run that does not end

const sum = ([w1, w2, b], [x, y]) => w1 * x + w2 * y + b;
const isWrong = (weights, point) => point[2] * sum(weights, point) <= 0;

/** The weights after each mistake, from zero on, and the point that each was made on. */
export function run(points, most = MOST) {
  const steps = [{ weights: [0, 0, 0], index: -1 }];
  let mistakes;
  do {
    mistakes = 0;
    for (let index = 0; index < points.length && steps.length <= most; index += 1) {
      const { weights } = steps.at(-1);
      if (!isWrong(weights, points[index])) continue;
      const [x, y, label] = points[index];
      const change = [label * x, label * y, label];
      steps.push({ weights: weights.map((w, i) => w + change[i]), index });
      mistakes += 1;
    }
  } while (mistakes && steps.length <= most);
  return { steps, ended: mistakes === 0 };
}

/** Whether some line has the two classes on different sides, with no point on it. */
export function separable(points) {
  const classes = [1, -1].map((label) => points.filter((p) => p[2] === label));
  // Where two convex shapes lie apart, the shortest way between them runs from a corner to a
  // corner, or at a right angle to an edge.
  const ways = [];
  for (const p of classes[0]) for (const q of classes[1]) ways.push([p[0] - q[0], p[1] - q[1]]);
  for (const own of classes) {
    own.forEach((p, i) => own.slice(i + 1).forEach((q) => ways.push([q[1] - p[1], p[0] - q[0]])));
  }
  const apart = ([a, b]) => {
    const [plus, minus] = classes.map((own) => own.map((p) => a * p[0] + b * p[1]));
    const gap = Math.max(
      Math.min(...plus) - Math.max(...minus), Math.min(...minus) - Math.max(...plus),
    );
    return gap > 1e-12 * Math.hypot(a, b);
  };
  return classes.some((own) => !own.length) || ways.some(apart);
}

const on = (weights) => (p) => sum(weights, p);

/** Show the run; `first` names the points that it begins with. */
export async function start({ stage, files, state, say }, first = "or") {
  const sets = await loadJSON(files["run.json"]);
  let points, scale, square, result, dots;

  const picked = choice(stage, {
    label: "Points",
    options: { or: "OR, 4 points", points: "24 points" },
    value: state.get("set", first),
    change: (name) => (state.set("set", name), state.set("moved", []), begin(0)),
  });
  const picture = svg("svg", { viewBox: `0 0 ${SIZE} ${SIZE}`, role: "group", "aria-label": "Points and line" }, stage);
  svg("rect", { width: SIZE, height: SIZE, fill: "var(--wash)", stroke: "var(--grid)" }, picture);
  const layer = svg("g", {}, picture);
  const handles = svg("g", {}, picture);
  const steps = player(stepper(stage, { label: "Mistakes", reset: false, show }));
  resetButton(steps.element);
  const bar = slider(stage, {
    label: "Mistakes made", min: 0, max: 1, step: 1, change: (step) => steps.to(step),
  });
  html("p", {
    class: "move-hint",
    text: "Drag a point, or select it and use the arrow keys. The ring marks the last mistake, the dotted line is where the line was.",
  }, stage);

  const path = (polygon) => polygon.map((p) => `${scale.x(p[0]).toFixed(1)},${scale.y(p[1]).toFixed(1)}`).join(" ");
  const edge = (w) => path(clip(square, on(w)).filter((p) => Math.abs(sum(w, p)) < 1e-9 * (1 + Math.hypot(...w))));

  /** Show the set of points that is chosen, as the reader has moved them. */
  function begin(step) {
    points = sets[picked.value].map((point) => [...point]);
    for (const [index, x, y] of state.get("moved", [])) {
      if (points[index]) points[index].splice(0, 2, x, y);
    }
    const reach = picked.value === "or" ? [-1.7, 1.7] : [-0.75, 1.75];
    scale = axes({ x: reach, y: reach, width: SIZE, height: SIZE });
    square = [[0, 0], [1, 0], [1, 1], [0, 1]].map((corner) => corner.map((c) => reach[c]));
    handles.replaceChildren();
    dots = points.map(([x, y, label], index) => {
      const dot = svg("g", {}, handles);
      const handle = draggable(dot, scale, {
        x, y, step: 0.05,
        label: `Point ${index + 1}, ${label > 0 ? "circle, should be +1" : "square, should be −1"}`,
        move: (a, b) => move(index, a, b),
      });
      if (label > 0) svg("circle", { r: 5.5, fill: "var(--blue)" }, dot);
      else svg("rect", { x: -5, y: -5, width: 10, height: 10, fill: "var(--orange)" }, dot);
      return handle;
    });
    learn(step);
  }

  function move(index, x, y) {
    points[index] = [x, y, points[index][2]];
    const moved = state.get("moved", []).filter(([other]) => other !== index);
    state.set("moved", [...moved, [index, x, y]]);
    learn(0);
  }

  function learn(step) {
    result = run(points);
    steps.last = result.steps.length - 1;
    bar.element.querySelector("input").max = steps.last;
    steps.to(step);
  }

  function show(step) {
    const { weights, index } = result.steps[step];
    bar.set(step);
    state.set("step", step);
    layer.replaceChildren();
    const drawn = weights[0] || weights[1];
    if (drawn) {
      svg("polygon", { points: path(clip(square, on(weights))), fill: "var(--blue-soft)", opacity: 0.6 }, layer);
      svg("polygon", { points: path(clip(square, on(weights.map((w) => -w)))), fill: "var(--orange-soft)", opacity: 0.6 }, layer);
    }
    const before = step ? result.steps[step - 1].weights : [0, 0, 0];
    if (before[0] || before[1]) {
      svg("polyline", { points: edge(before), stroke: "var(--muted)", "stroke-width": 1.5, "stroke-dasharray": "2 4" }, layer);
    }
    if (drawn) {
      svg("polyline", { points: edge(weights), stroke: "var(--ink)", "stroke-width": 2 }, layer);
      arrow(weights);
    }
    if (index >= 0) {
      const [x, y] = points[index];
      svg("circle", { cx: scale.x(x), cy: scale.y(y), r: 12, fill: "none", stroke: "var(--red)", "stroke-width": 2.5 }, layer);
    }
    say(words(step, weights, index));
  }

  function arrow([w1, w2, b]) {
    const size = Math.hypot(w1, w2);
    const foot = [(-b * w1) / size ** 2, (-b * w2) / size ** 2];
    const [x, y] = [scale.x(foot[0]), scale.y(foot[1])];
    const [dx, dy] = [(w1 / size) * 42, (-w2 / size) * 42];
    const style = { stroke: "var(--green)", "stroke-width": 2.5, fill: "none" };
    svg("path", { d: `M${x} ${y}l${dx} ${dy}`, ...style }, layer);
    const [ux, uy] = [dx / 42, dy / 42];
    const head = `M${x + dx - 9 * ux - 5 * uy} ${y + dy - 9 * uy + 5 * ux}L${x + dx} ${y + dy}L${x + dx - 9 * ux + 5 * uy} ${y + dy - 9 * uy - 5 * ux}`;
    svg("path", { d: head, ...style }, layer);
    svg("text", { x: x + dx + 6, y: y + dy + 4, text: "w", "font-weight": 700, style: "fill: var(--green)" }, layer);
  }

  function words(step, weights, index) {
    const line = `Some line divides these points: ${separable(points) ? "yes" : "no"}.`;
    if (!step) return `No mistake yet. ${line}`;
    const wrong = points.filter((point) => isWrong(weights, point)).length;
    const said = `Mistake ${step}, on a ${points[index][2] > 0 ? "circle" : "square"}. Now ${wrong} wrong. ${line}`;
    if (step < steps.last) return said;
    return result.ended ? `${said} Done: it makes no more mistakes.` : `${said} It goes on; only the first ${MOST} mistakes are shown.`;
  }

  begin(state.get("step", 0));
}

mount("run", (figure) => start(figure));
