/* Eighty years in four lanes; the reader steps from event to event. */

import { axes, choice, html, loadJSON, mount, slider, stepper, svg } from "../assets/move.js";

const LANES = ["idea", "technology", "result", "setback"];
const NAMES = { idea: "Ideas", technology: "Technology", result: "Results", setback: "Setbacks" };
const COLOURS = { idea: "blue", technology: "orange", result: "green", setback: "red" };
const SHAPES = {
  idea: (r) => `M${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`,
  technology: (r) => `M${-r} ${-r}H${r}V${r}H${-r}Z`,
  result: (r) => `M0 ${-1.3 * r}L${1.3 * r} 0L0 ${1.3 * r}L${-1.3 * r} 0Z`,
  setback: (r) => `M${-r} ${-r}L${r} ${r}M${-r} ${r}L${r} ${-r}`,
};
const HEIGHT = 46; // of a lane
const scale = axes({ x: [1941, 2026], y: [0, 1], width: 312, height: 1 });
const X = (year) => 4 + scale.x(year);
/** How far down the first mark of each year stands in a lane. */
const base = (kind) => 34 + HEIGHT * (LANES.indexOf(kind) + 0.78);

/** The place of each event in its lane: how many of its lane's events of that year lie below it. */
export function heights(events) {
  const below = new Map();
  return events.map(([year, , , , kind]) => {
    const key = `${kind} ${year}`;
    below.set(key, (below.get(key) ?? -1) + 1);
    return below.get(key);
  });
}

/** The middle of each mark; marks of one lane and year stand on each other, 8 apart. */
export function marks(events) {
  const place = heights(events);
  return events.map(([year, , , , kind], i) => [X(year), base(kind) - 8 * place[i]]);
}

/** Which of these points lies nearest to (x, y). */
export function nearest(points, x, y) {
  const far = points.map(([a, b]) => (a - x) ** 2 + (b - y) ** 2);
  return far.indexOf(Math.min(...far));
}

/** How long a line of work waited, in words. */
export function waited(name, [start, end]) {
  if (start === end) return `${name}: idea and success in ${start}.`;
  return `${name}: idea in ${start}, success in ${end}, ${end - start} years later.`;
}

mount("walk", async ({ stage, files, state, say }) => {
  const { events, winters, lines } = await loadJSON(files["events.json"]);
  const last = events.length - 1;
  const first = Math.min(Math.max(Math.round(Number(state.get("event", 0)) || 0), 0), last);
  const kept = state.get("line", "none");

  const board = svg("svg", { viewBox: "0 0 320 240", role: "img" }, stage);
  const points = marks(events);

  winters.forEach(([from_, to]) => {
    svg("rect", { x: X(from_), y: 18, width: X(to) - X(from_), height: 204, fill: "var(--blue-soft)" }, board);
  });
  svg("text", { x: (X(winters[0][0]) + X(winters[1][1])) / 2, y: 12, "text-anchor": "middle", text: "two AI winters" }, board);
  LANES.forEach((kind) => {
    const y = base(kind) + 6;
    svg("line", { x1: 4, x2: 316, y1: y, y2: y, stroke: "var(--grid)" }, board);
    svg("text", { x: 4, y: y - 30, text: NAMES[kind], style: `fill: var(--${COLOURS[kind]})`, "font-weight": 600 }, board);
  });
  for (let year = 1950; year <= 2020; year += 10) {
    svg("line", { x1: X(year), x2: X(year), y1: 222, y2: 226, stroke: "var(--muted)" }, board);
    if (year % 20 === 0) svg("text", { x: X(year), y: 238, "text-anchor": "middle", text: year }, board);
  }
  const wait = svg("g", {}, board);
  events.forEach(([, , , , kind], i) => {
    const colour = `var(--${COLOURS[kind]})`;
    const paint = kind === "setback" ? { stroke: colour, "stroke-width": 2, fill: "none" } : { fill: colour };
    svg("path", { d: SHAPES[kind](3), transform: `translate(${points[i]})`, ...paint }, board);
  });
  const ring = svg("circle", { r: 7, fill: "none", stroke: "var(--ink)", "stroke-width": 2 }, board);
  board.style.cursor = "pointer";
  board.addEventListener("click", (event) => {
    const box = board.getBoundingClientRect();
    const unit = 320 / box.width;
    steps.to(nearest(points, (event.clientX - box.left) * unit, (event.clientY - box.top) * unit));
  });

  const card = html("div", { class: "timeline-card" }, stage);
  const bar = slider(stage, { label: "Event", min: 1, max: last + 1, step: 1, change: (n) => steps.to(n - 1) });
  const steps = stepper(stage, { label: "Events", last, value: first, show });
  const line = choice(stage, {
    label: "Line of work", options: { none: "none", ...Object.fromEntries(Object.keys(lines).map((name) => [name, name])) },
    value: kept === "none" || lines[kept] ? kept : "none", select: true,
    change: (value) => (state.set("line", value), show(steps.value)),
  });

  function show(n) {
    const [year, title, people, what, kind, lesson] = events[n];
    ring.setAttribute("cx", points[n][0]);
    ring.setAttribute("cy", points[n][1]);
    card.replaceChildren();
    html("p", { class: "timeline-year", text: `${year} · ${title}` }, card);
    html("p", { text: people }, card);
    html("p", { text: what }, card);
    if (lesson) html("a", { href: `../${lesson}/`, text: "The lesson that runs it again" }, card);
    bar.set(n + 1);
    state.set("event", n);
    wait.replaceChildren();
    const years = lines[line.value];
    if (years) {
      const [a, b] = years.map(X);
      const y = base("result") - 27;
      svg("line", { x1: a, x2: Math.max(b, a + 1), y1: y, y2: y, stroke: "var(--purple)", "stroke-width": 4 }, wait);
      for (const x of [a, b]) svg("line", { x1: x, x2: x, y1: y - 7, y2: y + 7, stroke: "var(--purple)", "stroke-width": 2 }, wait);
    }
    board.setAttribute("aria-label", `${events.length} events from ${events[0][0]} to ${events[last][0]} in four lanes: ideas, technology, results, setbacks. Chosen: ${year}, ${title}, ${NAMES[kind].toLowerCase()}.`);
    say(years ? waited(line.value, years) : `Event ${n + 1} of ${events.length}: ${year}, ${title}.`);
  }
  steps.show();
});
