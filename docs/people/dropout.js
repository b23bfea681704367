/* Two nets lose the same hidden units, by click or at random, and both answer at once. */

import { button, choice, html, loadArrays, mount, resetButton, svg } from "../assets/move.js";

const [UNITS, SIDE] = [64, 8];

/** What the hidden units put out for a picture: relu(x W1 + b1). */
export const strengths = (x, W1, b1) =>
  Array.from(b1, (b, j) => {
    const sum = x.reduce((all, v, i) => all + v * W1[i * b1.length + j], 0);
    return Math.max(sum + b, 0);
  });

/** The scores from the units that are on (1); what stays makes up for what is missing. */
export function scores(a, on, W2, b2) {
  const scale = a.length / Math.max(on.reduce((n, v) => n + v, 0), 1);
  return Array.from(b2, (b, k) =>
    a.reduce((all, v, j) => all + v * on[j] * scale * W2[j * b2.length + k], b));
}

export function softmax(z) {
  const e = z.map((v) => Math.exp(v - Math.max(...z)));
  const all = e.reduce((s, v) => s + v, 0);
  return e.map((v) => v / all);
}

/** The n-th draw: half of the units on (1), half off; the same n gives the same units. */
export function lot(n, units = UNITS) {
  let seed = (n * 2654435761 + 12345) >>> 0;
  const random = () => {
    seed = (seed + 0x6d2b79f5) >>> 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const order = Array.from({ length: units }, (_, i) => i);
  for (let i = units - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  const on = Array(units).fill(0);
  order.slice(0, units / 2).forEach((j) => (on[j] = 1));
  return on;
}

const pack = (on) =>
  Array.from({ length: UNITS / 4 }, (_, i) => parseInt(on.slice(4 * i, 4 * i + 4).join(""), 2).toString(16)).join("");
const unpack = (text) =>
  /^[0-9a-f]{16}$/.test(text)
    ? [...text].flatMap((c) => [...parseInt(c, 16).toString(2).padStart(4, "0")].map(Number))
    : Array(UNITS).fill(1);
const top = (shares) => shares.indexOf(Math.max(...shares));
const percent = (v) => (100 * v).toFixed(0);

mount("thin", async ({ stage, files, state, say }) => {
  const all = await loadArrays(files["nets.safetensors"]);
  const nets = ["with", "without"].map((name, i) => ({
    name: `${name} dropout`, colour: `var(--${i ? "orange" : "blue"})`,
    ...Object.fromEntries(["W1", "b1", "W2", "b2"].map((key) => [key, all[`${name}_${key}`]])),
  }));
  const whole = (v, most) => Math.min(Math.max(Math.round(Number(v)) || 0, 0), most);
  let on = unpack(state.get("on", "f".repeat(16)));
  let drawn = whole(state.get("drawn", 0), 999);

  const digit = choice(stage, {
    label: "Digit", options: Object.fromEntries(Array.from({ length: 10 }, (_, d) => [d, d])),
    value: String(whole(state.get("digit", 3), 9)), select: true, change: () => look(),
  });
  const row = html("div", { class: "move-row", role: "group", "aria-label": "At random" }, stage);
  button(row, "Drop half at random", () => more(1));
  button(row, "30 times", () => more(30));
  button(row, "All units back", () => ((on = Array(UNITS).fill(1)), draw()));
  resetButton(row);

  const grid = html("div", { class: "dropout-units", role: "group", "aria-label": "64 hidden units; arrow keys move among them" }, stage);
  const cells = on.map((_, j) => {
    const cell = html("button", { type: "button", tabindex: j ? -1 : 0, onclick: () => ((on[j] = 1 - on[j]), focus(j), draw()) }, grid);
    return { cell, bars: nets.map(({ colour }) => html("i", { style: `background:${colour}` }, cell)) };
  });
  function focus(j) {
    cells.forEach(({ cell }, i) => (cell.tabIndex = i === j ? 0 : -1));
    cells[j].cell.focus({ preventScroll: true });
  }
  const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -SIDE, ArrowDown: SIDE };
  grid.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const to = cells.findIndex(({ cell }) => cell === document.activeElement) + step;
    if (to >= 0 && to < UNITS) focus(to);
  });
  const charts = html("div", { class: "dropout-answers" }, stage);
  const drawings = nets.map(({ name }) => {
    const figure = html("figure", {}, charts);
    html("figcaption", { text: name }, figure);
    return svg("svg", { viewBox: "0 0 250 116", role: "img" }, figure);
  });
  html("p", { class: "dropout-key", text: "Bar: the units that are on. Circle: all units. Line: mean of the thin nets drawn." }, stage);

  function look() {
    const picture = all.pictures.subarray(Number(digit.value) * 196, (Number(digit.value) + 1) * 196);
    const x = Array.from(picture, (v) => v / 255);
    for (const net of nets) {
      net.a = strengths(x, net.W1, net.b1);
      net.full = softmax(scores(net.a, Array(UNITS).fill(1), net.W2, net.b2));
      net.sum = Array(10).fill(0);
      net.counted = 0;
    }
    draw();
  }
  function more(times) {
    drawn = Math.min(drawn + times, 999);
    on = lot(drawn);
    draw();
  }
  function draw() {
    const d = Number(digit.value);
    state.set("digit", d);
    state.set("on", pack(on));
    state.set("drawn", drawn);
    const off = UNITS - on.reduce((n, v) => n + v, 0);
    const strongest = nets.map(({ a }) => Math.max(...a, 1e-9));
    cells.forEach(({ cell, bars }, j) => {
      cell.setAttribute("aria-pressed", Boolean(on[j]));
      cell.setAttribute("aria-label", `Unit ${j + 1}`);
      bars.forEach((bar, i) => (bar.style.height = `${(100 * on[j] * nets[i].a[j]) / strongest[i]}%`));
    });
    const said = nets.map((net, i) => {
      for (; net.counted < drawn; net.counted += 1) {
        const shares = softmax(scores(net.a, lot(net.counted + 1), net.W2, net.b2));
        shares.forEach((v, k) => (net.sum[k] += v));
      }
      const now = softmax(scores(net.a, on, net.W2, net.b2));
      const chart = drawings[i];
      chart.replaceChildren();
      const y = (v) => 92 - 84 * v;
      now.forEach((v, k) => {
        const x = 5 + 24 * k;
        svg("rect", { x, y: y(v), width: 20, height: Math.max(84 * v, 0.7), fill: net.colour }, chart);
        svg("circle", { cx: x + 10, cy: y(net.full[k]), r: 3.4, fill: "var(--paper)", stroke: "var(--ink)", "stroke-width": 1.5 }, chart);
        const mean = y(net.sum[k] / Math.max(drawn, 1));
        if (drawn) svg("line", { x1: x - 1, x2: x + 21, y1: mean, y2: mean, stroke: "var(--ink)", "stroke-width": 2.5 }, chart);
        svg("text", { x: x + 10, y: 110, text: k, "text-anchor": "middle", "font-weight": k === d ? 700 : 400 }, chart);
      });
      chart.setAttribute("aria-label", `${net.name}: ${now.map((v, k) => `${k} ${percent(v)} %`).join(", ")}.`);
      const mean = drawn ? `, with all units ${percent(net.full[d])} %, as the mean of ${drawn} thin nets ${percent(net.sum[d] / drawn)} %` : "";
      return `${i ? "Without" : "With"} dropout the net says ${top(now)}. It gives the ${d} a share of ${percent(now[d])} %${mean}.`;
    });
    say(`${off} of ${UNITS} units are off. ${said.join(" ")}`);
  }
  look();
});
