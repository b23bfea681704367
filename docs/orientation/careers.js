/* Choose a role, and see its way through the course: read from the page's own table of lessons by
   roles, so that there is one source. And five salaries to drag, with their mean and median. */

import { axes, choice, draggable, html, mount, resetButton, svg } from "../assets/move.js";

const [GOAL, WAY] = ["●", "○"];

/** The table's rows: title, link, minutes of the page and of its exercises, a mark per role. */
export const rowsOf = (table) =>
  [...table.tBodies[0].rows].map(({ cells: [lesson, minutes, ...marks] }) => {
    const [reading, practice] = minutes.textContent.split("+").map(Number);
    const link = lesson.querySelector("a");
    return { title: lesson.textContent.trim(), href: link?.href ?? "", reading, practice, marks: marks.map((m) => m.textContent.trim()) };
  });

/** The way of one role: the lessons on it, those that are left out, and the minutes in all. */
export function wayOf(rows, role) {
  const on = rows.filter((row) => [GOAL, WAY].includes(row.marks[role]));
  const sum = (key) => on.reduce((total, row) => total + row[key], 0);
  return { on, out: rows.filter((row) => !on.includes(row)), reading: sum("reading"), practice: sum("practice") };
}

/** Minutes in words: hours, to the nearest half, from two hours on. */
export function inWords(minutes) {
  if (minutes < 120) return `${minutes} minutes`;
  const halves = Math.round(minutes / 30);
  return `${Math.floor(halves / 2)}${halves % 2 ? "½" : ""} hours`;
}

/** Mean and median of numbers; of an even number, the middle between the two in the middle. */
export function middles(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  const median = (sorted[Math.ceil(half) - 1] + sorted[Math.floor(half)]) / 2;
  return { mean: values.reduce((a, b) => a + b, 0) / values.length, median };
}

mount("path", ({ stage, state, say }) => {
  const isRoles = (table) => table.tHead?.rows[0].cells[1]?.textContent.trim() === "Minutes";
  const table = [...document.querySelectorAll("article table")].find(isRoles);
  if (!table) throw new Error("the page has no table of lessons by roles");
  const rows = rowsOf(table);
  const list = [...document.querySelectorAll("article ol")].find((ol) => ol.querySelector("li > small"));
  const names = [...list.children].map((item) => item.querySelector("strong").textContent);
  let role = Math.min(Math.max(Math.round(Number(state.get("role", 1))) || 1, 1), names.length) - 1;

  choice(stage, {
    label: "Role", options: Object.fromEntries(names.map((name, k) => [k + 1, `${k + 1}. ${name}`])),
    value: role + 1, select: true,
    change: (value) => (state.set("role", Number(value)), draw((role = Number(value) - 1))),
  });
  say("");
  const way = html("ol", { class: "careers-way" }, stage);
  const fold = html("details", { class: "careers-out" }, stage);
  const summary = html("summary", {}, fold);
  const rest = html("ul", { class: "careers-way" }, fold);
  resetButton(stage);

  function links(parent, lessons, marked) {
    parent.replaceChildren();
    for (const lesson of lessons) {
      const item = html("li", {}, parent);
      const goal = marked && lesson.marks[role] === GOAL;
      html("a", { href: lesson.href, text: lesson.title }, goal ? html("strong", {}, item) : item);
    }
  }

  function draw() {
    const { on, out, reading, practice } = wayOf(rows, role);
    const goals = on.filter((lesson) => lesson.marks[role] === GOAL).length;
    say(`${names[role]}: ${on.length} of ${rows.length} lessons, ${goals} of them, in bold, for this role itself. `
      + `About ${inWords(reading)} to work through, and ${inWords(practice)} of exercises.`);
    links(way, on, true);
    summary.textContent = `Left out: ${out.length} lessons`;
    links(rest, out, false);
  }

  draw();
});

const [WIDTH, HEIGHT, TOP] = [320, 172, 400];
const rowAt = (k) => 28 + 28 * k; // each person has a row, so that no point hides another

mount("mean", ({ stage, state, say }) => {
  const first = [30, 35, 40, 45, 350];
  const given = state.get("pay", first);
  const fits = Array.isArray(given) && given.length === 5 && given.every(Number.isFinite);
  const pay = (fits ? given : first).map((v) => Math.min(Math.max(v, 0), TOP));
  const scale = axes({ x: [0, TOP], y: [0, 1], width: WIDTH, height: HEIGHT, pad: 10 });
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT + 16}`, role: "group", "aria-label": "Five salaries on a line, their mean and their median" }, stage);
  for (const k of first.keys()) {
    svg("line", { x1: scale.x(0), x2: scale.x(TOP), y1: rowAt(k), y2: rowAt(k), stroke: "var(--grid)", "stroke-width": 2 }, picture);
  }
  for (const tick of [0, 100, 200, 300, 400]) {
    svg("text", { x: scale.x(tick), y: HEIGHT + 12, "text-anchor": "middle", text: tick }, picture);
  }
  const mark = (colour, dash, text, y, y1, y2) => ({
    line: svg("line", { y1, y2, stroke: `var(--${colour})`, "stroke-width": 2.5, "stroke-dasharray": dash }, picture),
    label: svg("text", { y, text }, picture),
  });
  const [mean, median] = [mark("orange", "none", "mean", 10, 0, 152), mark("blue", "5 4", "median", 168, 14, 170)];
  say("");
  html("p", { class: "move-hint", text: "Thousand a year. Drag a point, or select one and use the arrow keys." }, stage);
  resetButton(stage);

  function draw() {
    const found = middles(pay);
    for (const [{ line, label }, value] of [[mean, found.mean], [median, found.median]]) {
      const x = scale.x(value);
      line.setAttribute("x1", x);
      line.setAttribute("x2", x);
      label.setAttribute("x", x + (x > WIDTH - 70 ? -4 : 4));
      label.setAttribute("text-anchor", x > WIDTH - 70 ? "end" : "start");
    }
    const below = pay.filter((v) => v < found.mean).length;
    state.set("pay", pay);
    say(`Mean ${found.mean.toFixed(1)}, median ${found.median}. Below the mean: ${below} of 5.`);
  }

  pay.forEach((value, k) => {
    const knob = svg("g", {}, picture);
    draggable(knob, scale, {
      x: value, y: scale.uny(rowAt(k)), along: "x", step: 1, label: `Salary ${k + 1}`,
      text: (x) => `${Math.round(x)} thousand`,
      move: (x) => ((pay[k] = Math.round(x)), draw()),
    });
    svg("circle", { r: 8, fill: "var(--ink)", stroke: "var(--paper)", "stroke-width": 2 }, knob);
  });
  draw();
});
