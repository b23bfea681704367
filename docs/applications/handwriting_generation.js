/* A net of this build writes digits, pen step by pen step. The rule is that of
   applications/handwriting_generation in Python, with the same random numbers. */

import { dense, gruCell, tensor, zeros } from "../assets/infer.js";
import { button, choice, html, loadArrays, mount, reducedMotion, resetButton, slider, svg } from "../assets/move.js";

const [SHEET, STEP, LONGEST, THIN, MIDDLE] = [28, 4, 24, -3.5, 13.5];
const [DRAW, LIFT, STOP] = [0, 1, 2];
const { exp, cos, sin, sqrt, PI, hypot } = Math;
const softplus = (v) => (v > 20 ? v : Math.log1p(exp(v)));

/** Shares that add up to 1. */
function shares(logits) {
  const top = Math.max(...logits);
  const each = logits.map((v) => exp(v - top));
  const all = each.reduce((a, b) => a + b, 0);
  return each.map((v) => v / all);
}
/** The first place at which the running sum passes u. */
function drawn(logits, u) {
  let sum = 0;
  const k = shares(logits).findIndex((v) => (sum += v) > u);
  return k < 0 ? logits.length - 1 : k;
}

/** Name the head's numbers: the Gaussians, with logit, mean, spread and tilt, and the pen's three. */
export function split(said) {
  const all = [...said];
  const M = (all.length - 3) / 6;
  const parts = Array.from({ length: M }, (_, j) => ({
    logit: all[j], mean: all.slice(M + 2 * j, M + 2 * j + 2),
    spread: all.slice(3 * M + 2 * j, 3 * M + 2 * j + 2).map((v) => exp(THIN + softplus(v - THIN))),
    tilt: 0.95 * Math.tanh(all[5 * M + j]),
  }));
  return { parts, pen: all.slice(6 * M) };
}

/** The next step from the head's numbers, with four random numbers u. */
export function choose(said, u, bias) {
  const { parts, pen } = split(said);
  const part = parts[drawn(parts.map(({ logit }) => logit * (1 + bias)), u[0])];
  const radius = sqrt(-2 * Math.log1p(-u[1]));
  const [one, two] = [radius * cos(2 * PI * u[2]), radius * sin(2 * PI * u[2])];
  const z = [one, part.tilt * one + sqrt(1 - part.tilt ** 2) * two];
  const move = z.map((v, i) => part.mean[i] + part.spread[i] * exp(-bias) * v);
  return [...move, drawn(pen.map((v) => v * (1 + bias)), u[3])];
}

/** Read one step: the new state, and the head's numbers. */
export function advance(net, digit, step, h) {
  const x = zeros(1, 13);
  x.set(step);
  x[3 + digit] = 1;
  const state = gruCell(x, h, net);
  return { h: state, said: dense(state, net["out.weight"], net["out.bias"]) };
}

/** The steps of one digit; `given` are the first ones. */
export function write(net, digit, us, bias, given = []) {
  let now = { h: zeros(1, net.weight_hh.shape[1]) };
  for (const step of [[0, 0, LIFT], ...given]) now = advance(net, digit, step, now.h);
  const steps = [...given];
  for (const u of us) {
    steps.push(choose(now.said, u, bias));
    if (steps.at(-1)[2] === STOP) break;
    now = advance(net, digit, steps.at(-1), now.h);
  }
  return steps;
}

/** Places (x, y, whether a line leads there) on the sheet. */
export function places(steps) {
  let [x, y, down] = [MIDDLE, MIDDLE, false];
  return steps.map(([dx, dy, after]) => {
    [x, y] = [x + STEP * dx, y + STEP * dy];
    const place = [x, y, down];
    down = after === DRAW;
    return place;
  });
}

/** Steps of about four pixels along a line that was drawn, from the middle of the sheet. */
export function toSteps(line) {
  const along = [0];
  for (let i = 1; i < line.length; i += 1) along.push(along[i - 1] + hypot(line[i][0] - line[i - 1][0], line[i][1] - line[i - 1][1]));
  const count = Math.max(1, Math.round(along.at(-1) / STEP));
  let [before, i] = [[MIDDLE, MIDDLE], 0];
  return Array.from({ length: count + 1 }, (_, k) => {
    const at = (along.at(-1) * k) / count;
    while (i < along.length - 2 && along[i + 1] < at) i += 1;
    const span = along.length > 1 ? along[i + 1] - along[i] : 0;
    const part = span ? (at - along[i]) / span : 0;
    const to = line.length > 1 ? line[i].map((v, c) => v + part * (line[i + 1][c] - v)) : line[0];
    const step = [(to[0] - before[0]) / STEP, (to[1] - before[1]) / STEP, DRAW];
    before = to;
    return step;
  });
}

/** Random numbers in [0, 1) from a seed (mulberry32). */
export function randoms(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** The axes of an ellipse with spreads (s, t) and tilt r: lengths, and the angle in degrees. */
export function ellipse([s, t], r) {
  const [mean, half] = [(s * s + t * t) / 2, (s * s - t * t) / 2];
  const root = hypot(half, r * s * t);
  const angle = (90 / PI) * Math.atan2(2 * r * s * t, s * s - t * t);
  return [sqrt(mean + root), sqrt(Math.max(mean - root, 0)), angle];
}

const KINDS = { mixture: "mixture", single: "one Gaussian" };
const MOST = 6;
const clamp = (v, low, high) => Math.min(Math.max(v, low), high);
const clean = (text) => String(text).replace(/\D/g, "").slice(0, MOST);

mount("pen", async ({ stage, files, state, say }) => {
  const [mixture, single] = await Promise.all(["writer", "single"].map((name) => loadArrays(files[`${name}.safetensors`])));
  const nets = { mixture, single };
  const asked = state.get("net", "mixture");
  const kind = choice(stage, {
    label: "Net", options: KINDS, value: asked in KINDS ? asked : "mixture",
    change: (v) => (state.set("net", v), start()),
  });
  const input = html("input", {
    type: "text", inputmode: "numeric", maxlength: MOST, autocomplete: "off", value: clean(state.get("number", "2026")) || "2026",
    oninput: () => ((input.value = clean(input.value)), state.set("number", input.value), start()),
  }, html("label", { class: "pen-text", text: "A number to write " }, stage));
  const neat = slider(stage, {
    label: "Neatness", min: 0, max: 3, step: 0.25, value: clamp(Number(state.get("neat", 2)) || 0, 0, 3),
    change: (v) => (state.set("neat", v), start()),
  });
  let [seed, digits, given, done, now, us, timer, held] = [clamp(Math.round(state.get("seed", 1)) || 1, 1, 9999), [], [], [], null, null, 0, null];
  const picture = svg("svg", { class: "pen-sheet", tabindex: 0, role: "application", "aria-label": "The sheet. Draw the start of the first digit, or use the arrow keys. Enter: write. Backspace: clear your start." }, stage);
  const bar = html("div", { class: "pen-buttons" }, stage);
  const go = button(bar, "Write", () => (timer ? stop() : play()));
  button(bar, "Step", () => (stop(), over() ? start() : forward(), tell()));
  button(bar, "Another", () => ((seed = (seed % 9999) + 1), state.set("seed", seed), start(), play()));
  button(bar, "Clear my start", () => ((given = []), start()));
  resetButton(bar);
  html("p", { class: "move-hint", text: "Ellipses: two spreads around where each Gaussian puts the next step; tiny ones are drawn larger. Darker is likelier. Orange: your own start." }, stage);
  say("");

  const at = () => done.length - 1;
  const over = () => !digits.length || (at() === digits.length - 1 && done[at()].at(-1)?.[2] === STOP) || (at() === digits.length - 1 && done[at()].length >= LONGEST);
  /** A new digit begins, with the reader's start if it is the first. */
  function begin() {
    const k = done.length;
    done.push(k ? [] : [...given]);
    us = randoms(1000 * seed + k);
    now = { h: zeros(1, nets[kind.value].weight_hh.shape[1]) };
    for (const step of [[0, 0, LIFT], ...done[k]]) now = advance(nets[kind.value], digits[k], step, now.h);
  }
  function forward() {
    if (over()) return stop();
    const mine = done[at()];
    const step = choose(now.said, [us(), us(), us(), us()], neat.value);
    mine.push(step);
    if (step[2] === STOP || mine.length >= LONGEST) {
      if (done.length < digits.length) begin();
    } else now = advance(nets[kind.value], digits[at()], step, now.h);
    if (over()) stop();
    draw();
  }
  function tell() {
    const text = digits.join("");
    if (!text) say("Type a number to write.");
    else if (over()) say(`${text} is written, by the ${KINDS[kind.value]}, with neatness ${neat.value}.`);
    else {
      const { parts, pen } = split(now.said);
      const [top, chance] = [Math.max(...shares(parts.map(({ logit }) => logit * (1 + neat.value)))), shares(pen.map((v) => v * (1 + neat.value)))];
      say(`Digit ${digits[at()]}, ${done[at()].length} steps. Next: the likeliest Gaussian has ${Math.round(100 * top)} %; then the pen draws on with ${Math.round(100 * chance[0])} %, lifts with ${Math.round(100 * chance[1])} %, stops with ${Math.round(100 * chance[2])} %.`);
    }
  }
  function play() {
    if (over()) start();
    if (over()) return;
    go.textContent = "Pause";
    say(`Writing ${digits.join("")}.`);
    timer = setInterval(() => (stage.isConnected && !document.hidden ? forward() : stop()), reducedMotion() ? 400 : 110);
  }
  function stop() {
    if (!timer) return;
    timer = clearInterval(timer);
    go.textContent = "Write";
    tell();
  }
  function start() {
    stop();
    digits = [...clean(input.value)].map(Number);
    done = [];
    if (digits.length) begin();
    draw();
    tell();
  }
  function stroke(points, shift, colour) {
    const d = points.map(([x, y, down], i) => `${down && i ? "L" : "M"} ${(x + shift).toFixed(2)} ${y.toFixed(2)}`).join(" ");
    if (d) svg("path", { d, fill: "none", stroke: `var(--${colour})`, "stroke-width": 1.8, "stroke-linecap": "round", "stroke-linejoin": "round" }, picture);
  }
  function draw() {
    const wide = Math.max(digits.length, 2) * SHEET;
    picture.replaceChildren();
    picture.setAttribute("viewBox", `0 0 ${wide} ${SHEET + 2}`);
    svg("rect", { width: wide, height: SHEET + 2, fill: "var(--wash)" }, picture);
    svg("rect", { width: SHEET, height: SHEET + 2, fill: "none", stroke: "var(--grid)", "stroke-width": 0.3 }, picture);
    done.forEach((steps, k) => {
      const points = places(steps);
      stroke(points, k * SHEET, "blue");
      if (!k && given.length) stroke(points.slice(0, given.length), 0, "orange");
    });
    if (held) stroke(held.map(([x, y], i) => [x, y, i > 0]), 0, "orange");
    if (over() || held) return;
    const [x, y] = places(done[at()]).at(-1) ?? [MIDDLE, MIDDLE];
    const { parts } = split(now.said);
    const weights = shares(parts.map(({ logit }) => logit * (1 + neat.value)));
    parts.forEach(({ mean, spread, tilt }, j) => {
      const [cx, cy] = [x + at() * SHEET + STEP * mean[0], y + STEP * mean[1]];
      const [rx, ry, angle] = ellipse(spread.map((s) => s * STEP * exp(-neat.value)), tilt);
      svg("ellipse", { rx: Math.max(2 * rx, 0.6).toFixed(2), ry: Math.max(2 * ry, 0.6).toFixed(2), fill: "var(--green)", "fill-opacity": (0.6 * weights[j]).toFixed(3), stroke: "var(--green)", "stroke-opacity": Math.min(1, 2 * weights[j]).toFixed(3), "stroke-width": 0.3, transform: `translate(${cx.toFixed(2)} ${cy.toFixed(2)}) rotate(${angle.toFixed(1)})` }, picture);
    });
    svg("circle", { cx: x + at() * SHEET, cy: y, r: 0.9, fill: "var(--ink)" }, picture);
  }

  /** Where a pointer is, in the first digit's square. */
  function place(event) {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(picture.getScreenCTM().inverse());
    return [clamp(point.x, 0, SHEET), clamp(point.y, 0, SHEET)];
  }
  picture.addEventListener("pointerdown", (event) => {
    stop();
    held = [place(event)];
    picture.setPointerCapture(event.pointerId);
    draw();
  });
  picture.addEventListener("pointermove", (event) => {
    if (!held) return;
    held.push(place(event));
    draw();
  });
  const release = (event) => {
    if (!held) return;
    const line = held;
    held = null;
    if (event.type === "pointerup" && line.length > 2) given = toSteps(line).slice(0, LONGEST - 4);
    start();
  };
  picture.addEventListener("pointerup", release);
  picture.addEventListener("pointercancel", release);
  picture.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (way && given.length < LONGEST - 4) given = [...(given.length ? given : [[0, -2, DRAW]]), [...way, DRAW]];
    else if (event.key === "Backspace") given = [];
    else if (event.key === "Enter") return timer ? stop() : play();
    else return;
    event.preventDefault();
    start();
  });
  start();
  while (!over()) forward(); // the figure starts with the number written
  tell();
});
