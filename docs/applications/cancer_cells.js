/* A limit on the scores of 569 real tumours, and what its alarms are worth among 1,000 people. */

import { axes, choice, draggable, html, loadJSON, mount, resetButton, slider, svg } from "../assets/move.js";

const [WIDTH, HEIGHT, BINS, PEOPLE] = [320, 150, 25, 1000];

/** How many tumours are found, missed, falsely alarmed and cleared: `rings` means above the limit. */
export function outcomes(scores, labels, limit) {
  const boxes = [0, 0, 0, 0];
  scores.forEach((score, i) => (boxes[score > limit ? (labels[i] ? 0 : 2) : labels[i] ? 1 : 3] += 1));
  return boxes;
}

/** How likely cancer is once the alarm has rung; NaN if no alarm can ring. */
export function chanceOfCancer(sensitivity, specificity, share) {
  const [real, wrong] = [sensitivity * share, (1 - specificity) * (1 - share)];
  return real + wrong ? real / (real + wrong) : NaN;
}

/** The boxes of 1,000 people, of whom so many have cancer, in whole numbers. */
export function people(sensitivity, specificity, sick) {
  const [found, cleared] = [Math.round(sensitivity * sick), Math.round(specificity * (PEOPLE - sick))];
  return [found, sick - found, PEOPLE - sick - cleared, cleared];
}

/** A share in percent, in whole numbers; "<1" and ">99" where a round 0 or 100 would be false. */
export const percent = (share) =>
  share > 0 && share < 0.01 ? "<1" : share < 1 && share > 0.99 ? ">99" : (100 * share).toFixed(0);

mount("limit", async ({ stage, files, state, say }) => {
  const { labels, ways } = await loadJSON(files["scores.json"]);
  const names = Object.keys(ways);
  const clamp = (v, low, high) => Math.min(Math.max(Number(v) || 0, low), high);
  const asked = state.get("way", "deep net");
  const way = choice(stage, {
    label: "Scores of", options: names, value: names.includes(asked) ? asked : "deep net",
    change: () => ((limit = ways[way.value].limit), knob.set(limit, 0.5), draw()),
  });
  let limit = clamp(state.get("limit", ways[way.value].limit), -1, 101);

  const scale = axes({ x: [-2, 102], y: [0, 1], width: WIDTH, height: HEIGHT, pad: 8 });
  const board = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT + 22}`, role: "group", "aria-label": "How many tumours have which score, and the limit" }, stage);
  const columns = svg("g", {}, board);
  svg("text", { x: 8, y: HEIGHT + 16, text: "← no alarm" }, board);
  svg("text", { x: WIDTH - 8, y: HEIGHT + 16, "text-anchor": "end", text: "alarm →" }, board);
  const line = svg("line", { y1: 6, y2: HEIGHT - 4, stroke: "var(--ink)", "stroke-width": 2, "pointer-events": "none" }, board);
  const handle = svg("g", {}, board);
  const knob = draggable(handle, scale, {
    x: limit, y: 0.5, along: "x", step: 1, label: "Limit", text: (x) => x.toFixed(0),
    move: (x) => ((limit = clamp(x, -1, 101)), draw()),
  });
  svg("circle", { r: 8, fill: "var(--ink)", stroke: "var(--paper)", "stroke-width": 2 }, handle);
  html("p", { class: "move-hint", text: "Blue bars (up): malignant. Orange bars (down): benign. Drag the limit, or select it and use the arrow keys." }, stage);

  const table = html("table", {}, html("div", { class: "cancer-table" }, stage));
  const sick = slider(stage, {
    label: "People with cancer, out of 1,000 tested", min: 1, max: 500, step: 1,
    value: clamp(state.get("sick", 373), 1, 500), text: String, change: () => draw(),
  });
  const crowd = svg("svg", { viewBox: "0 0 320 112", role: "img" }, stage);
  const heads = Array.from({ length: PEOPLE }, (_, i) =>
    svg("circle", { cx: 4 + 6.4 * Math.floor(i / 20), cy: 4 + 5.5 * (i % 20), r: 2.1, "stroke-width": 1 }, crowd));
  html("p", { class: "move-hint", text: "One dot per person. Blue: cancer, found. Blue ring: cancer, missed. Orange: a false alarm. Grey ring: cleared." }, stage);
  resetButton(stage);

  function bars(scores) {
    const counts = [0, 1].map((kind) => {
      const found = Array(BINS).fill(0);
      scores.forEach((score, i) => labels[i] === kind && (found[Math.min(Math.floor(score / (100 / BINS)), BINS - 1)] += 1));
      return found;
    });
    const most = Math.max(...counts.flat());
    columns.replaceChildren();
    counts.forEach((found, kind) => found.forEach((n, b) => {
      if (!n) return;
      const high = 2 + (66 * n) / most; // even one tumour can be seen
      const [x, next] = [scale.x((100 / BINS) * b), scale.x((100 / BINS) * (b + 1))];
      svg("rect", { x, width: next - x - 1, y: kind ? HEIGHT / 2 - high : HEIGHT / 2, height: high, fill: kind ? "var(--blue)" : "var(--orange)" }, columns);
    }));
  }

  function fill(cells) {
    table.replaceChildren();
    const row = (parts, tag) => parts.reduce((tr, text, k) => (html(k ? tag : "th", { text, scope: tag === "th" ? "col" : k ? null : "row" }, tr), tr), html("tr", {}, table));
    row(["", "alarm", "no alarm"], "th");
    row(["malignant", `${cells[0]} found`, `${cells[1]} missed`], "td");
    row(["benign", `${cells[2]} false alarms`, `${cells[3]} cleared`], "td");
  }

  function draw() {
    const { scores } = ways[way.value];
    state.set("way", way.value);
    state.set("limit", limit);
    state.set("sick", sick.value);
    bars(scores);
    line.setAttribute("x1", scale.x(limit));
    line.setAttribute("x2", scale.x(limit));
    const cells = outcomes(scores, labels, limit);
    fill(cells);
    const [sensitivity, specificity] = [cells[0] / (cells[0] + cells[1]), cells[3] / (cells[2] + cells[3])];
    const some = people(sensitivity, specificity, sick.value);
    const looks = [["var(--blue)", "var(--blue)"], ["none", "var(--blue)"], ["var(--orange)", "var(--orange)"], ["none", "var(--muted)"]];
    const kinds = some.flatMap((n, k) => Array(n).fill(k));
    heads.forEach((head, i) => {
      head.setAttribute("fill", looks[kinds[i]][0]);
      head.setAttribute("stroke", looks[kinds[i]][1]);
    });
    crowd.setAttribute("aria-label", `Of 1,000 people: ${some[0]} found, ${some[1]} missed, ${some[2]} false alarms, ${some[3]} cleared`);
    const worth = chanceOfCancer(sensitivity, specificity, sick.value / PEOPLE);
    const alarm = Number.isNaN(worth) ? "No alarm rings." : `If the alarm rings, the chance of cancer is ${percent(worth)} %.`;
    say(`Sensitivity ${(100 * sensitivity).toFixed(1)} %, specificity ${(100 * specificity).toFixed(1)} %. ${sick.value} out of 1,000 have cancer. ${alarm}`);
  }
  draw();
});
