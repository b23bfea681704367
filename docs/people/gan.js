/* Two things to move: the reader places made points and the best critic answers; a training is
   watched, with the critic of each moment. Blobs and widths as in people/gan.py. */

import { axes, choice, draggable, html, loadArrays, mount, player, resetButton, slider, stepper, svg } from "../assets/move.js";
import { dense, logistic, relu, tensor } from "../assets/infer.js";

const REACH = [-1.6, 1.6];
const SIZE = 320;
const CELLS = 64;
const WIDTH = 0.08;
const BLOBS = Array.from({ length: 8 }, (_, k) => [Math.cos((k * Math.PI) / 4), Math.sin((k * Math.PI) / 4)]);
const PIXEL = SIZE / (REACH[1] - REACH[0]);

const WIDE = 0.2; // blobs of the figure in which the reader places points

/** log of the mean of equally wide bells around the centres, up to a constant. */
function logDensity([x, y], centres) {
  const logs = centres.map(([a, b]) => -((x - a) ** 2 + (y - b) ** 2) / (2 * WIDE ** 2));
  const top = Math.max(...logs);
  return top + Math.log(logs.reduce((all, v) => all + Math.exp(v - top), 0) / centres.length);
}

/** p / (p + q): real points come from the eight blobs, made ones from blobs around `made`. */
export const bestAnswer = (place, made) =>
  logistic(logDensity(place, BLOBS) - logDensity(place, made));

/** How many of the eight blobs have a made point within one width. */
export const reached = (made) =>
  BLOBS.filter(([a, b]) => made.some(([x, y]) => Math.hypot(x - a, y - b) <= WIDE)).length;

/** What a trained critic says of places [[x, y], …]. */
export function criticSays(places, { w0, b0, w1, b1, w2, b2 }) {
  const x = tensor(places.flat(), [places.length, 2]);
  return [...dense(relu(dense(relu(dense(x, w0, b0)), w1, b1)), w2, b2)].map(logistic);
}

const GRID = Array.from({ length: CELLS ** 2 }, (_, i) => {
  const at = (k) => REACH[0] + ((k + 0.5) / CELLS) * (REACH[1] - REACH[0]);
  return [at(i % CELLS), -at(Math.floor(i / CELLS))];
});
const mean = (list) => list.reduce((a, b) => a + b, 0) / list.length;
const percent = (v) => `${(100 * v).toFixed(0)} %`;

/** A square with a shading under its points: `shade(answers)` wants one for each place of GRID. */
function field(stage, colours, label) {
  const picture = svg("svg", { viewBox: `0 0 ${SIZE} ${SIZE}`, role: "group", "aria-label": label }, stage);
  const canvas = html("canvas", { width: CELLS, height: CELLS });
  const image = svg("image", { width: SIZE, height: SIZE, preserveAspectRatio: "none" }, picture);
  let answers = [];
  const paint = () => {
    if (!answers.length) return;
    const pencil = canvas.getContext("2d");
    const [real, made] = [colours.now("blue"), colours.now("orange")];
    pencil.clearRect(0, 0, CELLS, CELLS);
    answers.forEach((answer, i) => {
      pencil.fillStyle = answer > 0.5 ? real : made;
      pencil.globalAlpha = Math.abs(answer - 0.5);
      pencil.fillRect(i % CELLS, Math.floor(i / CELLS), 1, 1);
    });
    image.setAttribute("href", canvas.toDataURL());
  };
  svg("rect", { width: SIZE, height: SIZE, fill: "none", stroke: "var(--grid)" }, picture);
  colours.follow(paint);
  return { picture, shade: (found) => ((answers = found), paint()) };
}

const scale = axes({ x: REACH, y: REACH, width: SIZE, height: SIZE });
const triangle = (r) => `M0 ${-r}L${r} ${0.8 * r}L${-r} ${0.8 * r}Z`;
function legend(stage, text) {
  html("p", { class: "move-hint", text }, stage);
}

mount("make", ({ stage, state, say, colours }) => {
  const first = Array.from({ length: 8 }, (_, i) => [i % 2 ? 1.1 : 0.9, 0.3 - 0.2 * Math.floor(i / 2)]);
  const kept = state.get("points", first);
  const right = kept.length === 8 && kept.every((p) => p?.length === 2 && p.every(Number.isFinite));
  const made = (right ? kept : first).map((p) => [...p]);
  const { picture, shade } = field(stage, colours, "Real blobs, your points, and the critic's answer");
  for (const [a, b] of BLOBS) {
    svg("circle", {
      cx: scale.x(a), cy: scale.y(b), r: WIDE * PIXEL, fill: "none", stroke: "var(--blue)", "stroke-width": 1.5,
    }, picture);
  }
  const handles = made.map(([x, y], i) => {
    const group = svg("g", {}, picture);
    svg("path", { d: triangle(7), fill: "var(--orange)", stroke: "var(--paper)" }, group);
    const part = draggable(group, scale, {
      x, y, step: 0.05, label: `Your point ${i + 1}`,
      text: (a, b) => `x ${a.toFixed(2)}, y ${b.toFixed(2)}`,
      move: (a, b) => {
        made[i] = [a, b];
        state.set("points", made);
        draw();
      },
    });
    made[i] = [part.x, part.y];
    return part;
  });
  resetButton(stage);
  legend(stage, "Rings: where real points lie. Triangles: your points; drag them, or select one and use the arrow keys.  Blue: the critic says real. Orange: it says made.");

  function draw() {
    shade(GRID.map((place) => bestAnswer(place, made)));
    const answers = made.map((place) => bestAnswer(place, made));
    handles.forEach(({ element }, i) =>
      element.setAttribute("aria-description", `The critic says ${percent(answers[i])} real.`));
    const blobs = reached(made);
    const won = mean(answers) > 0.495 ? " It can no longer tell them apart." : "";
    say(`At your points the critic says ${percent(mean(answers))} real, on average. They reach ${blobs} of 8 blobs.${won}`);
  }
  draw();
});

mount("train", async ({ stage, files, state, say, colours }) => {
  const run = await loadArrays(files["run.safetensors"]);
  const [, frames, N] = run.points.shape;
  const names = { 1: "equal", 2: "critic's rate doubled" };
  const row = (array, r, f) => {
    const shape = array.shape.slice(2);
    const size = shape.reduce((a, b) => a * b, 1);
    const at = (r * frames + f) * size;
    return tensor(array.subarray(at, at + size), shape);
  };
  const pairs = (flat) => Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]);
  const kept = String(state.get("rates", 1));
  const rates = choice(stage, {
    label: "Rates", options: names, value: names[kept] ? kept : "1",
    change: (v) => (state.set("rates", Number(v)), steps.show()),
  });
  const { picture, shade } = field(stage, colours, "Real points, made points, and the critic's answer");
  const real = svg("g", { fill: "var(--blue)" }, picture);
  for (const [x, y] of pairs(run.real)) svg("circle", { cx: scale.x(x), cy: scale.y(y), r: 2 }, real);
  const layer = svg("g", { fill: "var(--orange)", stroke: "var(--paper)", "stroke-width": 0.5 }, picture);
  const marks = Array.from({ length: N }, () => svg("path", { d: triangle(4) }, layer));
  const steps = player(
    stepper(stage, { label: "Training", last: frames - 1, value: state.get("frame", 0), reset: false, show }),
    { pace: 350 },
  );
  resetButton(steps.element);
  const bar = slider(stage, {
    label: "Steps of training", min: 0, max: frames - 1, step: 1, value: steps.value,
    text: (v) => `${50 * v}`, change: (v) => steps.to(v),
  });
  legend(stage, "Dots: real points, synthetic. Triangles: made points. Blue: the critic says real. Orange: it says made.");

  function show(frame) {
    const r = Number(rates.value) - 1;
    state.set("frame", frame);
    bar?.set(frame);
    const critic = Object.fromEntries(["w0", "b0", "w1", "b1", "w2", "b2"].map((k) => [k, row(run[k], r, frame)]));
    const made = pairs(row(run.points, r, frame));
    made.forEach(([x, y], i) => marks[i].setAttribute("transform", `translate(${scale.x(x)} ${scale.y(y)})`));
    shade(criticSays(GRID, critic));
    const near = BLOBS.map(([a, b]) => made.filter(([x, y]) => Math.hypot(x - a, y - b) <= 3 * WIDTH).length);
    const blobs = near.filter((n) => n >= made.length / 16).length;
    const fooled = mean(criticSays(made, critic));
    say(`After ${50 * frame} steps: ${blobs} of 8 blobs found. At the made points the critic says ${percent(fooled)} real, on average.`);
  }
  steps.show();
});
