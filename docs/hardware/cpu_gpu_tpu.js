/* Which takes longer, arithmetic or memory? The reader sizes an operation and the chip. */

import { axes, choice, loadJSON, mount, resetButton, slider, svg } from "../assets/move.js";

const WIDTH = 4096; // inputs and units of the dense layer
const KINDS = {
  add: { name: "add two vectors", sizes: [1e3, 1e4, 1e5, 1e6, 1e7, 1e8], size: "numbers" },
  dense: { name: "dense layer", sizes: [1, 4, 16, 64, 256, 1024, 4096], size: "rows at a time" },
  matmul: { name: "square matrices", sizes: [16, 64, 256, 1024, 4096, 16384], size: "rows and columns" },
};

/** What an operation does and moves: FLOP and bytes, with numbers of `size` bytes. */
export function work(kind, n, size) {
  if (kind === "add") return { flops: n, bytes: 3 * size * n };
  if (kind === "dense") return { flops: 2 * n * WIDTH ** 2, bytes: size * (2 * n * WIDTH + WIDTH ** 2) };
  return { flops: 2 * n ** 3, bytes: 3 * size * n ** 2 };
}

/** Seconds that each takes at best. */
export function seconds({ flops, bytes }, peak, bandwidth) {
  return { arithmetic: flops / peak, memory: bytes / bandwidth };
}

/** A number with three digits and a unit of thousands. */
export function short(value, unit) {
  const prefixes = ["n", "µ", "m", "", "k", "M", "G", "T", "P"];
  const step = Math.min(Math.max(Math.floor(Math.log10(value * (1 + 1e-9)) / 3), -3), 5);
  return `${Number((value / 1000 ** step).toPrecision(3))}\u00a0${prefixes[step + 3]}${unit}`;
}

mount("roof", async ({ stage, files, state, say }) => {
  const machines = await loadJSON(files["machines.json"]);
  const whole = (v, high) => Math.min(Math.max(Math.round(Number(v)) || 0, 0), high);
  const keptKind = state.get("kind", "add");
  const places = { machine: whole(state.get("machine", 0), machines.length - 1) };
  const start = [whole(state.get("size", 4), 6), whole(state.get("arithmetic", 0), 4), whole(state.get("memory", 0), 4)];

  const chip = choice(stage, {
    label: "Machine", options: Object.fromEntries(machines.map(([name], i) => [i, name])),
    value: String(places.machine), select: true, change: () => draw(),
  });
  const kind = choice(stage, {
    label: "Operation", options: Object.fromEntries(Object.entries(KINDS).map(([key, { name }]) => [key, name])),
    value: KINDS[keptKind] ? keptKind : "add", change: () => (size.set(2), draw()),
  });
  const size = slider(stage, {
    label: "Size", min: 0, max: 6, step: 1, value: start[0], change: () => draw(),
    text: (v) => `${KINDS[kind.value].sizes[Math.min(v, KINDS[kind.value].sizes.length - 1)].toLocaleString("en")} ${KINDS[kind.value].size}`,
  });
  const times = (v) => `× ${2 ** v}`;
  const more = slider(stage, { label: "More arithmetic", min: 0, max: 4, step: 1, value: start[1], text: times, change: () => draw() });
  const wider = slider(stage, { label: "Faster memory", min: 0, max: 4, step: 1, value: start[2], text: times, change: () => draw() });

  const board = svg("svg", { viewBox: "0 0 320 96", role: "img" }, stage);
  const roof = svg("svg", { viewBox: "0 0 320 196", role: "img" }, stage);
  resetButton(stage);

  function draw() {
    const { sizes } = KINDS[kind.value];
    if (size.value >= sizes.length) size.set(sizes.length - 1);
    size.set(size.value);
    const [name, peakOne, bandOne, bytes] = machines[chip.value];
    const [peak, bandwidth] = [peakOne * 2 ** more.value, bandOne * 2 ** wider.value];
    const job = work(kind.value, sizes[size.value], bytes);
    const took = seconds(job, peak, bandwidth);
    const longer = took.memory > took.arithmetic ? "memory" : "arithmetic";
    const keep = { machine: Number(chip.value), kind: kind.value, size: size.value, arithmetic: more.value, memory: wider.value };
    Object.entries(keep).forEach(([key, value]) => state.set(key, value));
    bars(took, longer);
    picture(job, peak, bandwidth, longer);
    const ratio = Math.max(took.memory, took.arithmetic) / Math.min(took.memory, took.arithmetic);
    const best = short(took[longer], "s");
    board.setAttribute("aria-label", `Memory takes ${short(took.memory, "s")}, arithmetic ${short(took.arithmetic, "s")}.`);
    say(`On ${name} it takes ${best} at best. ${longer === "memory" ? "Memory" : "Arithmetic"} takes ${Number(ratio.toPrecision(2)).toLocaleString("en")} times as long as the other.`);
  }

  /** The two times; the longer one has the whole width. */
  function bars(took, longer) {
    board.replaceChildren();
    ["memory", "arithmetic"].forEach((what, i) => {
      const y = 16 + 48 * i;
      const colour = what === "memory" ? "var(--orange)" : "var(--blue)";
      const text = `${what}: ${short(took[what], "s")}`;
      svg("text", { x: 2, y, text, "font-weight": what === longer ? 700 : 400 }, board);
      svg("rect", { x: 2, y: y + 6, height: 18, width: Math.max((316 * took[what]) / took[longer], 1), fill: colour }, board);
    });
  }

  /** The roof, and where the operation stands beneath it. */
  function picture(job, peak, bandwidth, longer) {
    roof.replaceChildren();
    const [left, right] = [-1.5, 4]; // log10 of FLOP per byte
    const [low, high] = [8, 16.5]; // log10 of FLOP a second
    const scale = axes({ x: [left, right], y: [low, high], width: 300, height: 150 });
    const at = (i, r) => [16 + scale.x(i), 8 + scale.y(Math.min(Math.max(r, low), high))];
    const ridge = Math.log10(peak / bandwidth);
    const [a, b, c] = [at(left, left + Math.log10(bandwidth)), at(ridge, Math.log10(peak)), at(right, Math.log10(peak))];
    svg("rect", { x: 16, y: 8, width: 300, height: 150, fill: "none", stroke: "var(--grid)" }, roof);
    svg("polyline", { points: `${a} ${b}`, fill: "none", stroke: "var(--orange)", "stroke-width": 2.5 }, roof);
    svg("polyline", { points: `${b} ${c}`, fill: "none", stroke: "var(--blue)", "stroke-width": 2.5 }, roof);
    const intensity = Math.log10(job.flops / job.bytes);
    const [x, y] = at(intensity, Math.log10(Math.min(peak, (job.flops / job.bytes) * bandwidth)));
    svg("line", { x1: x, x2: x, y1: 158, y2: y, stroke: "var(--muted)", "stroke-dasharray": "3 3" }, roof);
    svg("circle", { cx: x, cy: y, r: 6, fill: longer === "memory" ? "var(--orange)" : "var(--blue)", stroke: "var(--ink)" }, roof);
    for (const power of [-1, 0, 1, 2, 3]) {
      svg("text", { x: at(power, low)[0], y: 174, text: String(10 ** power), "text-anchor": "middle" }, roof);
    }
    for (const power of [9, 12, 15]) {
      const [, line] = at(left, power);
      svg("line", { x1: 311, x2: 316, y1: line, y2: line, stroke: "var(--muted)" }, roof);
      svg("text", { x: 307, y: line + 4, "text-anchor": "end", text: { 9: "1 GFLOP/s", 12: "1 TFLOP/s", 15: "1 PFLOP/s" }[power] }, roof);
    }
    svg("text", { x: 316, y: 192, text: "FLOP per byte →", "text-anchor": "end" }, roof);
    roof.setAttribute("aria-label", `The roof bends at ${Number((peak / bandwidth).toPrecision(2))} FLOP per byte; this operation does ${Number((job.flops / job.bytes).toPrecision(2))} FLOP per byte.`);
  }
  draw();
});
