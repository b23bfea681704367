/* A net of two inputs, two hidden units and one output, stepped forward and back.
   W[i][k] joins input i to hidden unit k, v[k] hidden unit k to the output; b and c are biases. */

import { button, html, mount, player, resetButton, stepper, svg } from "../assets/move.js";

export const START = { W: [[2, -2], [-1, 1]], b: [0, Math.log(3)], v: [3, -2], c: 0 };
const CASE = { x: [1, 2], t: 1 };
const MOST = 50; // training steps

const bend = (z) => 0.5 * (1 + Math.tanh(0.5 * z));

/** Every value on the way to the error. */
export function forward({ W, b, v, c }, x, t) {
  const z = [0, 1].map((k) => x[0] * W[0][k] + x[1] * W[1][k] + b[k]);
  const h = z.map(bend);
  const s = h[0] * v[0] + h[1] * v[1] + c;
  const y = bend(s);
  return { z, h, s, y, error: (y - t) ** 2 / 2 };
}

/** The slope of the error for every value and every weight. */
export function backward(net, x, t) {
  const { h, y } = forward(net, x, t);
  const dy = y - t;
  const ds = dy * y * (1 - y);
  const dh = net.v.map((v) => ds * v);
  const dz = dh.map((d, k) => d * h[k] * (1 - h[k]));
  return { y: dy, s: ds, v: h.map((a) => ds * a), c: ds, h: dh, z: dz, W: x.map((xi) => dz.map((d) => xi * d)), b: dz };
}

/** The net after so many steps against the slopes, each of size 1 times the slope. */
export function train(net, x, t, steps) {
  let now = net;
  for (let n = 0; n < steps; n += 1) {
    const d = backward(now, x, t);
    const less = (p, g) => p.map((value, k) => value - g[k]);
    now = { W: now.W.map((row, i) => less(row, d.W[i])), b: less(now.b, d.b), v: less(now.v, d.v), c: now.c - d.c };
  }
  return now;
}

const text = (v) => {
  const rounded = Math.abs(v) < 5e-6 ? 0 : Number(v.toPrecision(3));
  return String(rounded).replace("-", "−");
};
const sum = (terms) => terms.map(text).join(" + ").replaceAll("+ −", "− ");

mount("net", async ({ stage, state, say }) => {
  const { x, t } = CASE;
  let taken = Math.min(Math.max(Math.round(state.get("taken", 0)), 0), MOST);
  const picture = svg("svg", { viewBox: "0 0 320 236", role: "img" }, stage);
  const words = [];
  const walk = player(stepper(stage, { label: "Through the net", last: 11, reset: false, show }), { pace: 1600 });
  const row = html("div", { class: "move-row", role: "group", "aria-label": "Training" }, stage);
  button(row, "Move all weights one step", () => {
    taken = Math.min(taken + 1, MOST);
    state.set("taken", taken);
    walk.to(5);
  });
  resetButton(row);
  html("p", { class: "move-hint", text: "Blue: values, computed forward. Orange: slopes of the error, computed backward. On the lines: weights, or their slopes. A bias stands under its unit." }, stage);

  const places = { x: [[34, 60], [34, 170]], h: [[150, 60], [150, 170]], y: [[262, 115]] };

  function node([cx, cy], lines, style) {
    svg("circle", { cx, cy, r: 25, fill: `var(--${style}-soft)`, stroke: `var(--${style})`, "stroke-width": 2 }, picture);
    lines.forEach((line, i) => svg("text", { x: cx, y: cy + 4 + 14 * (i - (lines.length - 1) / 2), text: line, "text-anchor": "middle" }, picture));
  }

  function edge([x1, y1], [x2, y2], label, lit, at) {
    const far = Math.hypot(x2 - x1, y2 - y1);
    const end = (r, back) => [x1 + ((x2 - x1) * (back ? far - r : r)) / far, y1 + ((y2 - y1) * (back ? far - r : r)) / far];
    const [a, b] = [end(27, false), end(27, true)];
    svg("line", { x1: a[0], y1: a[1], x2: b[0], y2: b[1], stroke: lit ? "var(--orange)" : "var(--muted)", "stroke-width": lit ? 2.5 : 1.2 }, picture);
    const [px, py] = [x1 + at * (x2 - x1), y1 + at * (y2 - y1)];
    const wide = 7 * label.length + 4;
    svg("rect", { x: px - wide / 2, y: py - 8, width: wide, height: 16, fill: "var(--paper)" }, picture);
    const style = lit ? { style: "fill: var(--orange)", "font-weight": 700 } : {};
    svg("text", { x: px, y: py + 4, text: label, "text-anchor": "middle", ...style }, picture);
  }

  function show(step) {
    state.set("step", step);
    const net = train(START, x, t, taken);
    const f = forward(net, x, t);
    const d = backward(net, x, t);
    picture.replaceChildren();
    for (const i of [0, 1]) {
      for (const k of [0, 1]) {
        const lit = step >= 11;
        edge(places.x[i], places.h[k], text(lit ? d.W[i][k] : net.W[i][k]), lit, i === k ? 0.5 : 0.3);
      }
      const lit = step >= 8;
      edge(places.h[i], places.y[0], text(lit ? d.v[i] : net.v[i]), lit, 0.5);
      node(places.x[i], [`x${"₁₂"[i]}`, text(x[i])], "blue");
    }
    const hidden = (k) => {
      if (step >= 10) return [[`slope z`, text(d.z[k])], "orange"];
      if (step === 9) return [[`slope h`, text(d.h[k])], "orange"];
      if (step >= 2) return [[`h${"₁₂"[k]}`, text(f.h[k])], "blue"];
      return [step ? [`z${"₁₂"[k]}`, text(f.z[k])] : [`hidden`, String(k + 1)], "blue"];
    };
    for (const k of [0, 1]) {
      node(places.h[k], ...hidden(k));
      bias(places.h[k], net.b[k], d.b[k], step >= 11);
    }
    const output = step >= 7 ? [["slope s", text(d.s)], "orange"]
      : step === 6 ? [["slope y", text(d.y)], "orange"]
        : step >= 4 ? [["y", text(f.y)], "blue"] : [step === 3 ? ["s", text(f.s)] : ["output"], "blue"];
    node(places.y[0], ...output);
    bias(places.y[0], net.c, d.c, step >= 8);
    svg("text", { x: 262, y: 24, text: `target ${t}`, "text-anchor": "middle" }, picture);
    if (step >= 5) svg("text", { x: 262, y: 42, text: `error ${text(f.error)}`, "text-anchor": "middle", "font-weight": 700 }, picture);
    words.splice(0, Infinity, ...told(net, f, d));
    const after = taken ? `After ${taken} training ${taken === 1 ? "step" : "steps"}. ` : "";
    picture.setAttribute("aria-label", words[step]);
    say(after + words[step]);
  }

  function bias([cx, cy], value, slope, lit) {
    const style = lit ? { style: "fill: var(--orange)", "font-weight": 700 } : {};
    svg("text", { x: cx, y: cy + 41, text: lit ? `bias: ${text(slope)}` : `bias ${text(value)}`, "text-anchor": "middle", ...style }, picture);
  }

  function told(net, f, d) {
    const { W, b, v, c } = net;
    const terms = (k) => sum([W[0][k] * x[0], W[1][k] * x[1], b[k]]);
    return [
      "The net with its weights, and the case that goes in. Next: forward.",
      `Forward: the sums of the hidden units. First: ${terms(0)} = ${text(f.z[0])}. Second: ${terms(1)} = ${text(f.z[1])}.`,
      `The bend makes ${text(f.h[0])} and ${text(f.h[1])} of them.`,
      `The output's sum: ${sum([v[0] * f.h[0], v[1] * f.h[1], c])} = ${text(f.s)}.`,
      `The bend makes the output ${text(f.y)}.`,
      `The error: half the square of ${text(f.y - t)}, ${text(f.error)}. Now back.`,
      `The slope for the output is output minus target: ${text(f.y)} − ${t} = ${text(d.y)}.`,
      `Back through the bend: times ${text(f.y)} · ${text(1 - f.y)}. The slope for the sum, and for the bias, is ${text(d.s)}.`,
      `Slopes for the output's weights: that, times what came in. ${text(d.s)} · ${text(f.h[0])} = ${text(d.v[0])} and ${text(d.s)} · ${text(f.h[1])} = ${text(d.v[1])}.`,
      `Blame for the hidden units: that, times their weights. ${text(d.s)} · ${text(v[0])} = ${text(d.h[0])} and ${text(d.s)} · ${text(v[1])} = ${text(d.h[1])}.`,
      `Back through their bends: ${text(d.z[0])} and ${text(d.z[1])}.`,
      `Slopes for their weights: times the inputs ${x[0]} and ${x[1]}; for their biases, times 1. Every weight and bias has its slope. Move all weights one step, and see the error.`,
    ];
  }

  walk.to(Math.min(Math.max(Math.round(state.get("step", 0)), 0), 11));
});
