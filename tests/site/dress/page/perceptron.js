/* A perceptron learns, one mistake at a time; a proof of what move.js is for. */
import {
  axes, draggable, loadJSON, mount, player, resetButton, slider, stepper, svg,
} from "./assets/move.js";

/** [w1, w2, b, index of the point] after each mistake on points [x, y, ±1]. */
export function learn(points, rate = 1, most = 60) {
  let w = [0, 0, 0];
  const steps = [[...w, -1]];
  for (let right = 0, i = 0; right < points.length && steps.length <= most; i += 1) {
    const [x, y, label] = points[i % points.length];
    const wrong = label * (w[0] * x + w[1] * y + w[2]) <= 0;
    right = wrong ? 0 : right + 1;
    if (!wrong) continue;
    w = [w[0] + rate * label * x, w[1] + rate * label * y, w[2] + rate * label];
    steps.push([...w, i % points.length]);
  }
  return steps;
}

/** Where the line w·x + b = 0 crosses the square from −2 to 2. */
export function edge([w1, w2, b]) {
  const ends = [-2, 2].flatMap((v) => [[v, -(b + w1 * v) / w2], [-(b + w2 * v) / w1, v]]);
  return ends.filter(([x, y]) => Math.abs(x) <= 2 && Math.abs(y) <= 2).slice(0, 2);
}

mount("perceptron", async ({ stage, files, state, say }) => {
  const first = await loadJSON(files["points.json"]);
  const points = first.map(([x, y, label], i) => [...state.get(`p${i}`, [x, y]), label]);
  const scale = axes({ x: [-2, 2], y: [-2, 2] });
  const drawing = svg("svg", { viewBox: "0 0 320 320" }, stage);
  svg("rect", { width: 320, height: 320, fill: "var(--wash)" }, drawing);
  const line = svg("path", { stroke: "var(--ink)", "stroke-width": 2, fill: "none" }, drawing);
  const ring = svg("circle", { r: 9, stroke: "var(--red)", "stroke-width": 2, fill: "none" }, drawing);

  let steps = [];
  const wrong = ([w1, w2, b]) => points.filter(([x, y, label]) => label * (w1 * x + w2 * y + b) <= 0);
  function show(n) {
    const [w1, w2, b, index] = steps[n];
    const ends = edge([w1, w2, b]).map(([x, y]) => `${scale.x(x)} ${scale.y(y)}`);
    line.setAttribute("d", ends.length === 2 ? `M${ends.join("L")}` : "");
    ring.setAttribute("display", index < 0 ? "none" : "inline");
    if (index >= 0) {
      ring.setAttribute("cx", scale.x(points[index][0]));
      ring.setAttribute("cy", scale.y(points[index][1]));
    }
    const done = n === walk.last ? (steps.length > 60 ? " It may never stop." : " It stops.") : "";
    say(`Mistake ${n} of ${walk.last}; wrong: ${wrong(steps[n]).length}.${done}`);
    state.set("step", n);
  }
  const controls = { label: "Mistakes", reset: false, value: state.get("step", 0), show };
  const walk = player(stepper(stage, controls), { pace: 300 });
  function again() {
    steps = learn(points, rate.value);
    walk.last = steps.length - 1;
    walk.show();
  }
  const rate = slider(stage, {
    label: "Size of a step", min: 0.25, max: 2, step: 0.25, value: state.get("rate", 1),
    change: (v) => (state.set("rate", v), again()),
  });
  points.forEach(([x, y, label], i) => {
    const handle = svg("g", {}, drawing);
    if (label > 0) svg("circle", { r: 6, fill: "var(--blue)" }, handle);
    else svg("rect", { x: -5.5, y: -5.5, width: 11, height: 11, fill: "var(--orange)" }, handle);
    draggable(handle, scale, {
      x, y, label: `${label > 0 ? "Circle" : "Square"} ${i + 1}`, step: 0.1,
      move(...to) {
        points[i] = [...to, label];
        state.set(`p${i}`, to);
        again();
      },
    });
  });
  resetButton(walk.element);
  again();
});
