/* Steps through the training run of a perceptron that the page carries as JSON:
   points [x, y, ±1], and steps [w1, w2, b, index]: the line after the mistake on that point. */

const SIZE = 320;
const PACE = 900; // milliseconds a step
const SVG = "http://www.w3.org/2000/svg";

const draw = (tag, attributes = {}, parent = null) => {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  parent?.append(element);
  return element;
};

/** The part of a convex polygon on which w·x + b ≥ 0. */
function clip(polygon, [w1, w2, b]) {
  const side = ([x, y]) => w1 * x + w2 * y + b;
  return polygon.flatMap((p, i) => {
    const q = polygon[(i + 1) % polygon.length];
    const [s, t] = [side(p), side(q)];
    const kept = s >= 0 ? [p] : [];
    if (s >= 0 !== t >= 0) kept.push(p.map((value, k) => value + (s / (s - t)) * (q[k] - value)));
    return kept;
  });
}

function start(root) {
  const run = JSON.parse(root.querySelector(".perceptron-run").textContent);
  const { points, steps, mistakes, bound } = run;
  const xs = points.map((p) => p[0]);
  const ys = points.map((p) => p[1]);
  const middle = (v) => (Math.min(...v) + Math.max(...v)) / 2;
  const span = Math.max(...[xs, ys].map((v) => Math.max(...v) - Math.min(...v))) * 1.16 || 1;
  const [left, low] = [middle(xs) - span / 2, middle(ys) - span / 2];
  const place = ([x, y]) => [((x - left) / span) * SIZE, (1 - (y - low) / span) * SIZE];
  const square = [[0, 0], [1, 0], [1, 1], [0, 1]].map(([x, y]) => [left + x * span, low + y * span]);
  const path = (polygon) => polygon.map((p) => place(p).map((v) => v.toFixed(1))).join(" ");

  const last = steps.length - 1;
  const svg = root.querySelector("svg");
  const [slider, output] = [root.querySelector("input"), root.querySelector("output")];
  const [back, play, next] = root.querySelectorAll("button");

  svg.setAttribute("viewBox", `0 0 ${SIZE} ${SIZE}`);
  const minus = draw("polygon", { class: "p-minus" }, svg);
  const plus = draw("polygon", { class: "p-plus" }, svg);
  const old = draw("polygon", { class: "p-old" }, svg);
  const line = draw("polygon", { class: "p-line" }, svg);
  const ring = draw("circle", { r: 11, class: "p-ring" }, svg);
  for (const point of points) {
    const [x, y] = place(point);
    if (point[2] > 0) draw("circle", { cx: x, cy: y, r: 4.6, class: "p-circle" }, svg);
    else draw("rect", { x: x - 4.2, y: y - 4.2, width: 8.4, height: 8.4, class: "p-square" }, svg);
  }

  let step = 0;
  let timer = 0;
  // The line is where both half-planes end: the polygon of one side, cut back to its edge.
  const edge = (w) => {
    const ends = clip(square, w).filter((p) => Math.abs(w[0] * p[0] + w[1] * p[1] + w[2]) < 1e-6);
    return path(ends);
  };

  function show(to) {
    step = Math.min(Math.max(to, 0), last);
    const [w1, w2, b, index] = steps[step];
    const drawn = w1 || w2;
    plus.setAttribute("points", drawn ? path(clip(square, [w1, w2, b])) : "");
    minus.setAttribute("points", drawn ? path(clip(square, [-w1, -w2, -b])) : "");
    line.setAttribute("points", drawn ? edge([w1, w2, b]) : "");
    old.setAttribute("points", step ? edge(steps[step - 1]) : "");
    ring.toggleAttribute("hidden", index < 0);
    if (index >= 0) {
      const [x, y] = place(points[index]);
      ring.setAttribute("cx", x);
      ring.setAttribute("cy", y);
    }
    const text = step
      ? `Mistake ${step} of ${mistakes}; never more than ${bound}`
      : `No mistake yet, and no line; never more than ${bound}`;
    output.textContent = text + (step === last ? ". Done: every point is on its side." : ".");
    slider.value = step;
    slider.setAttribute("aria-valuetext", output.textContent);
    if (step === last) pause();
  }

  function pause() {
    clearInterval(timer);
    timer = 0;
    play.textContent = "Play";
    output.setAttribute("aria-live", "polite");
  }

  function playOn() {
    if (step === last) show(0);
    output.setAttribute("aria-live", "off"); // nobody wants to hear every step
    timer = setInterval(() => show(step + 1), PACE);
    play.textContent = "Pause";
  }

  slider.max = last;
  slider.addEventListener("input", () => (pause(), show(Number(slider.value))));
  back.addEventListener("click", () => (pause(), show(step - 1)));
  next.addEventListener("click", () => (pause(), show(step + 1)));
  play.addEventListener("click", () => (timer ? pause() : playOn()));
  // Halfway the still picture has everything in it.
  show(Math.ceil(last / 2));
}

document.querySelectorAll(".perceptron").forEach(start);
