/* Residual nets: a number on its way through layers that multiply it, plain and with shortcuts; and
   what goes through real nets of a depth that the reader chooses, before they learn. */

import { axes, choice, html, loadJSON, mount, resetButton, slider, svg } from "../assets/move.js";

/** The number 1 after each of `layers` layers f(x) = factor · x: by itself, and as x + share · f(x). */
export function chain(layers, factor, share) {
  const through = (by) => Array.from({ length: layers + 1 }, (_, n) => by ** n);
  return { plain: through(factor), shortcut: through(1 + share * factor) };
}

const ten = (power) => `10${[...String(power)].map((c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]).join("")}`;

/** A number in words: three digits, powers of ten where it is very small or large. */
export function amount(v) {
  if (v === 0 || (Math.abs(v) >= 0.001 && Math.abs(v) < 1e6)) return String(Number(v.toPrecision(3)));
  const [digits, power] = v.toExponential(1).split("e");
  return `${digits} · ${ten(Number(power))}`.replace("-", "−");
}

const KINDS = [["plain", "orange"], ["with shortcuts", "blue"]];

/** Two lines on a logarithmic axis from 10^low to 10^high; what lies outside is drawn at the border. */
function draw(picture, lines, { low, high, last, name }) {
  const at = axes({ x: [0, last], y: [low, high], width: 320, height: 240, pad: 36 });
  const y = (v) => at.y(Math.min(Math.max(Math.log10(Math.max(v, 1e-300)), low), high));
  picture.replaceChildren();
  svg("rect", { x: 36, y: 36, width: 248, height: 168, fill: "none", stroke: "var(--grid)" }, picture);
  for (let power = low; power <= high; power += high - low > 6 ? 3 : 1) {
    svg("line", { x1: 36, x2: 284, y1: at.y(power), y2: at.y(power), stroke: "var(--grid)" }, picture);
    const label = svg("text", { x: 32, y: at.y(power) + 4, "text-anchor": "end" }, picture);
    label.textContent = power < -3 || power > 3 ? ten(power) : String(10 ** power);
  }
  for (const x of [0, last / 2, last]) {
    svg("text", { x: at.x(x), y: 220, "text-anchor": "middle", text: String(x) }, picture);
  }
  svg("text", { x: 160, y: 236, "text-anchor": "middle", text: "after layer" }, picture);
  svg("text", { x: 4, y: 12, text: name }, picture);
  lines.forEach(([places, values], i) => {
    const [title, colour] = KINDS[i];
    const points = values.map((v, k) => [at.x(places[k]), y(v)]);
    svg("polyline", { points: points.join(" "), fill: "none", stroke: `var(--${colour})`, "stroke-width": 2 }, picture);
    for (const [cx, cy] of points) {
      if (i) svg("circle", { cx, cy, r: 3, fill: `var(--${colour})` }, picture);
      else svg("path", { d: `M${cx - 3.5},${cy + 3}h7l-3.5,-6z`, fill: `var(--${colour})` }, picture);
    }
    svg("text", { x: [40, 120][i], y: 30, style: `fill: var(--${colour}); font-weight: 700`, text: title }, picture);
  });
}

const sheet = (stage, label) => svg("svg", { viewBox: "0 0 320 242", role: "img", "aria-label": label }, stage);
const within = (v, low, high) => (Number.isFinite(v) ? Math.min(Math.max(v, low), high) : low);

mount("chain", ({ stage, state, say }) => {
  const kept = (key, first, options) => slider(stage, {
    ...options, value: within(Number(state.get(key, first)), options.min, options.max),
    change: (v) => (state.set(key, v), show()),
  });
  const layers = kept("layers", 20, { label: "Layers", min: 2, max: 40, step: 2 });
  const factor = kept("factor", 0.5, { label: "Each multiplies by", min: 0.1, max: 2, step: 0.1, text: (v) => v.toFixed(1) });
  const share = kept("share", 0.1, { label: "Share of its answer that is added", min: 0, max: 1, step: 0.1, text: (v) => v.toFixed(1) });
  resetButton(html("div", {}, stage));
  const picture = sheet(stage, "The number after each layer");
  function show() {
    const [n, f, a] = [layers.value, factor.value, share.value];
    const { plain, shortcut } = chain(n, f, a);
    const places = plain.map((_, i) => i);
    draw(picture, [[places, plain], [places, shortcut]], { low: -9, high: 9, last: n, name: "the number, from 1" });
    const by = Number((1 + a * f).toFixed(2));
    say(`${n} layers. Plain: ${amount(f)} to the power of ${n} is ${amount(plain[n])}. `
      + `With shortcuts: ${by} to the power of ${n} is ${amount(shortcut[n])}.`);
  }
  show();
});

mount("depth", async ({ stage, files, state, say }) => {
  const flows = await loadJSON(files["flows.json"]);
  const { depths } = flows;
  const names = Object.keys(flows.read);
  const LOOKS = { slope: "slopes, coming back", size: "sizes, going forward" };
  const first = state.get("look", "slope");
  const place = within(Math.round(state.get("depth", 2)), 0, depths.length - 1);
  const depth = slider(stage, {
    label: "Depth", min: 0, max: depths.length - 1, step: 1, value: place, text: (v) => `${depths[v]} layers`,
    change: (v) => (state.set("depth", v), show()),
  });
  const look = choice(stage, {
    label: "Show", options: LOOKS, value: Object.hasOwn(LOOKS, first) ? first : "slope", change: (v) => (state.set("look", v), show()),
  });
  resetButton(html("div", {}, stage));
  const picture = sheet(stage, "Slopes or sizes after each block of two nets");
  function show() {
    const at = depth.value;
    const lines = names.map((name) => flows[look.value][name][at]);
    const places = lines[0].map((_, block) => 2 * block);
    draw(picture, lines.map((line) => [places, line]), {
      low: -3, high: 1, last: depths[at], name: look.value === "slope" ? "slope of the loss" : "size of the numbers",
    });
    const ends = names.map((name, i) => {
      const [start, end] = [lines[i][0], lines[i].at(-1)];
      return look.value === "slope" ? `${name} ${amount(end)} at the last maps and ${amount(start)} at the first`
        : `${name} ${amount(start)} at the first maps and ${amount(end)} at the last`;
    });
    const read = names.map((name) => flows.read[name][at]);
    say(`${depths[at]} layers, before learning: ${ends.join("; ")}. `
      + (read[0] === null ? "Nets of this depth were not trained here."
        : `After learning, of the digits that they learned from: ${names.map((name, i) => `${name} ${Math.round(read[i])} % read`).join(", ")}.`));
  }
  show();
});
