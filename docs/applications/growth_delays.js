/* Drag a child's heights over the centile curves: z, two rules, a weighted sum and a GRU read them
   visit by visit. All are those of applications/growth_delays in Python; the models are of this build. */

import { dense, gruCell, logistic, tensor, zeros } from "../assets/infer.js";
import { choice, draggable, html, loadArrays, loadJSON, mount, resetButton, svg } from "../assets/move.js";

const clamp = (v, low, high) => Math.min(Math.max(v, low), high);

/** L, M and S of an age in months, in a straight line between the ages of a table. */
export function lms({ months, L, M, S }, age) {
  const i = clamp(months.findIndex((m) => m >= age), 1, months.length - 1);
  const t = (age - months[i - 1]) / (months[i] - months[i - 1]);
  return [L, M, S].map((column) => column[i - 1] + t * (column[i] - column[i - 1]));
}

/** The z of a height. */
export const zScore = (height, [L, M, S]) => (L ? ((height / M) ** L - 1) / L : Math.log(height / M)) / S;

/** The height of a z. */
export const heightAt = (z, [L, M, S]) => M * (L ? (1 + L * S * z) ** (1 / L) : Math.exp(S * z));

/** How far z has fallen since the latest visit at least so many months ago, or else the first one. */
export const fallSince = (ages, z, months, start = 0) => ages.map((age, t) => {
  const known = ages.slice(0, t + 1).map((_, i) => i).filter((i) => ages[i] >= start);
  const old = known.filter((i) => ages[i] <= age - months);
  return known.length ? z[old.at(-1) ?? known[0]] - z[t] : 0;
});

/** What the weighted sum weighs at each visit: 23 numbers. */
export function falls(ages, z) {
  const base = [z, ...[0.1, 6, 12, 24, 36, 1000].map((months) => fallSince(ages, z, months))];
  return ages.map((age, t) => {
    const a = (age - 72) / 24;
    return [...[1, a, a * a].flatMap((m) => base.map((b) => b[t] * m)), a, a * a];
  });
}

/** The weighted sum of each visit. */
export const summed = ({ w, b }, ages, z) =>
  falls(ages, z).map((row) => row.reduce((all, v, i) => all + v * w[i], b[0]));

/** The net's log-odds at each visit. */
export function watch(net, ages, z) {
  let state = zeros(1, net.weight_hh.shape[1]);
  return ages.map((age, t) => {
    const gap = t ? age - ages[t - 1] : 0;
    state = gruCell(tensor([(age - 72) / 24, z[t], (gap - 7) / 3], [1, 3]), state, net);
    return dense(state, net.out_weight, net.out_bias)[0];
  });
}

/** Whatever watches, and how high its bar stands at a score: a half at its limit. */
const WATCHERS = {
  bands: "Fall since the first visit", rule: "Fall over a while, from 4 years", sum: "Weighted sum of falls", net: "GRU",
};
export const bar = (way, score, limit) =>
  way === "sum" || way === "net" ? logistic(score - limit) : clamp(score / (2 * limit), 0, 1);

/** An age in months as years and months. */
export const years = (age) => `${Math.floor(Math.round(age) / 12)} y ${Math.round(age) % 12} m`;

const signed = (z, digits = 1) => z.toFixed(digits).replace(/^-(0\.?0*)$/, "$1").replace("-", "−");
const CENTILES = { 3: -1.881, 10: -1.282, 25: -0.674, 50: 0, 75: 0.674, 90: 1.282, 97: 1.881 };
const [WIDTH, CHART, ROW, LOW, HIGH, LEFT, RIGHT] = [320, 270, 58, 75, 155, 28, 296];
const X = (age) => LEFT + ((age - 24) / 96) * (RIGHT - LEFT);
const Y = (height) => CHART - 20 - ((height - LOW) / (HIGH - LOW)) * (CHART - 28);
const SCALE = {
  x: X, y: Y, unx: (x) => 24 + ((x - LEFT) / (RIGHT - LEFT)) * 96,
  uny: (y) => LOW + ((CHART - 20 - y) / (CHART - 28)) * (HIGH - LOW), range: { x: [24, 120], y: [LOW, HIGH] },
};

mount("grow", async ({ stage, files, state, say }) => {
  const [{ cases, table, rule, limits }, models] = await Promise.all([
    loadJSON(files["children.json"]), loadArrays(files["models.safetensors"]),
  ]);
  const names = Object.keys(cases);
  const asked = state.get("child", names[0]);
  const child = choice(stage, {
    label: "Child", options: names, value: names.includes(asked) ? asked : names[0], select: true,
    change: (v) => (state.set("child", v), state.set("heights", []), begin([])),
  });
  const how = choice(stage, {
    label: "Dragging moves", options: { after: "this and all later visits", one: "this visit" },
    value: state.get("drag", "after") === "one" ? "one" : "after", change: (v) => state.set("drag", v),
  });
  resetButton(stage);
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${CHART + 28 + 4 * ROW}`, role: "group", "aria-label": "A growth chart" }, stage);
  html("p", { class: "move-hint", text: "Grey curves: 3, 10, 25, 50, 75, 90 and 97 % of boys are shorter. Bars: the score at each visit. A bar above its dashed line is a flag (orange, with a dot). An upright dashed line: the child falls ill there. Drag a height, or select it and use the up and down arrow keys (with Shift: 2.5 cm)." }, stage);
  say("");

  const write = (parent, x, y, text, more) => svg("text", { x, y, text, style: "font-size: 10px", ...more }, parent);
  for (let age = 2; age <= 10; age += 2) write(picture, X(12 * age), CHART - 6, age === 10 ? "10 years" : age, { "text-anchor": age === 10 ? "end" : "middle" });
  for (let cm = 80; cm <= 140; cm += 20) {
    svg("line", { x1: LEFT, x2: RIGHT, y1: Y(cm), y2: Y(cm), stroke: "var(--grid)" }, picture);
    write(picture, LEFT - 4, Y(cm) + 3, cm, { "text-anchor": "end" });
  }
  write(picture, LEFT - 4, 14, "cm", { "text-anchor": "end" });
  for (const [name, z] of Object.entries(CENTILES)) {
    const points = Array.from({ length: 49 }, (_, i) => 24 + 2 * i).map((age) => `${X(age).toFixed(1)} ${Y(heightAt(z, lms(table, age))).toFixed(1)}`);
    svg("path", { d: `M ${points.join(" L ")}`, fill: "none", stroke: "var(--muted)", "stroke-width": name === "50" ? 1.4 : 0.7 }, picture);
    write(picture, RIGHT + 4, Y(heightAt(z, lms(table, 120))) + 3, name);
  }
  const onset = svg("line", { y1: 8, y2: CHART - 20, stroke: "var(--orange)", "stroke-dasharray": "4 3" }, picture);
  const trail = svg("path", { fill: "none", stroke: "var(--blue)", "stroke-width": 1.6 }, picture);
  const handles = svg("g", {}, picture);
  const below = svg("g", { "aria-hidden": "true" }, picture);
  let [ages, heights, parts, latest] = [[], [], [], 0];

  function begin(given) {
    const own = cases[child.value];
    ages = own.ages;
    heights = ages.map((_, i) => (Number.isFinite(given[i]) ? clamp(given[i], LOW, HIGH) : own.heights[i]));
    for (const end of ["x1", "x2"]) onset.setAttribute(end, X(own.onset || 24));
    onset.setAttribute("visibility", own.onset ? "visible" : "hidden");
    handles.replaceChildren();
    parts = ages.map((age, i) => {
      const g = svg("g", {}, handles);
      svg("circle", { r: 5, fill: "var(--blue)", stroke: "var(--paper)" }, g);
      return draggable(g, SCALE, {
        x: age, y: heights[i], along: "y", step: 0.5, label: `Height at ${years(age)}`,
        text: (_, cm) => `${cm.toFixed(1)} cm, z ${signed(zScore(cm, lms(table, age)), 2)}`,
        move: (_, cm) => drag(i, cm),
      });
    });
    latest = ages.length - 1;
    show();
  }
  function drag(i, cm) {
    const by = Math.round(10 * cm) / 10 - heights[i];
    for (let k = i; k < (how.value === "one" ? i + 1 : ages.length); k += 1) {
      heights[k] = Math.round(10 * clamp(heights[k] + by, LOW, HIGH)) / 10;
      parts[k].set(ages[k], heights[k]);
    }
    latest = i;
    state.set("heights", heights);
    show();
  }
  function show() {
    const z = heights.map((cm, i) => zScore(cm, lms(table, ages[i])));
    const scores = {
      bands: fallSince(ages, z, 1000), rule: fallSince(ages, z, ...rule), sum: summed(models, ages, z), net: watch(models, ages, z),
    };
    trail.setAttribute("d", `M ${ages.map((age, i) => `${X(age).toFixed(1)} ${Y(heights[i]).toFixed(1)}`).join(" L ")}`);
    below.replaceChildren();
    write(below, 4, CHART + 10, "z");
    let [edge, low] = [0, false]; // two rows, where numbers would touch
    ages.forEach((age, i) => {
      low = X(age) - edge < 25 && !low;
      edge = low ? edge : X(age);
      write(below, X(age), CHART + (low ? 20 : 10), signed(z[i]), { "text-anchor": "middle" });
    });
    const told = Object.entries(WATCHERS).map(([way, text], k) => {
      const [top, foot] = [CHART + 26 + k * ROW, CHART + 22 + (k + 1) * ROW];
      const up = (share) => foot - share * 28;
      write(below, LEFT, top + 12, text, { style: "font-size: 11px; font-weight: 700" });
      svg("line", { x1: LEFT, x2: RIGHT, y1: foot, y2: foot, stroke: "var(--muted)" }, below);
      svg("line", { x1: LEFT, x2: RIGHT, y1: up(0.5), y2: up(0.5), stroke: "var(--muted)", "stroke-dasharray": "3 3" }, below);
      const flags = ages.map((age, i) => {
        const [share, flag] = [bar(way, scores[way][i], limits[way]), scores[way][i] > limits[way]];
        svg("rect", { x: X(age) - 5, width: 10, y: up(share), height: 28 * share, fill: `var(--${flag ? "orange" : "blue"})` }, below);
        if (flag) svg("circle", { cx: X(age), cy: up(share) - 4, r: 2.5, fill: "var(--orange)" }, below);
        return flag;
      });
      return `${text}: ${flags.includes(true) ? `flag at ${years(ages[flags.indexOf(true)])}` : "no flag"}.`;
    });
    say(`At ${years(ages[latest])}: ${heights[latest].toFixed(1)} cm, z ${signed(z[latest], 2)}. ${told.join(" ")}`);
  }
  begin(state.get("heights", []));
});
