/* Lay a line through fifty years of chips: how fast does it double? */

import { axes, button, choice, html, loadJSON, mount, resetButton, slider, svg } from "../assets/move.js";

const NAMES = { transistors: "transistors", clock: "clock", cores: "threads" };
const UNITS = { transistors: (v) => short(v * 1000), clock: (v) => `${short(v * 1e6)} Hz`, cores: (v) => short(v) };

function short(v) {
  const step = Math.max(Math.floor(Math.log10(v * (1 + 1e-9)) / 3), 0);
  return `${Number((v / 1000 ** step).toPrecision(3))}${["", " thousand", " million", " billion"][step] ?? ""}`;
}

/** Doublings in a year and the value in the first year, as `doublings` of why_now/hardware.py. */
export function fit(years, values) {
  const first = Math.min(...years);
  const [x, y] = [years.map((v) => v - first), values.map(Math.log2)];
  const mean = (list) => list.reduce((a, b) => a + b, 0) / list.length;
  const [mx, my] = [mean(x), mean(y)];
  const spread = x.reduce((sum, v) => sum + (v - mx) ** 2, 0);
  const rate = x.reduce((sum, v, i) => sum + (v - mx) * (y[i] - my), 0) / spread;
  return [rate, 2 ** (my - rate * mx)];
}

/** The factor by which a line misses the points, as the root mean square of the doublings. */
export function miss(years, values, rate, start) {
  const first = Math.min(...years);
  const off = values.map((v, i) => Math.log2(v) - Math.log2(start) - rate * (years[i] - first));
  return 2 ** Math.sqrt(off.reduce((sum, d) => sum + d * d, 0) / off.length);
}

mount("law", async ({ stage, files, state, say }) => {
  const chips = await loadJSON(files["chips.json"]);
  const clamp = (v, low, high, first) => Math.min(Math.max(Number.isFinite(Number(v)) ? Number(v) : first, low), high);
  const kept = state.get("what", "transistors");
  const first = {
    every: clamp(state.get("every", 1), 1, 10, 1), start: clamp(state.get("start", 0), -3, 30, 0),
    since: clamp(state.get("since", 1971), 1971, 2010, 1971), until: clamp(state.get("until", 2022), 1980, 2022, 2022),
  };
  let start = 2 ** first.start; // on the line, in the first year
  let rate = state.get("rate", null); // set by a fit; else the slider's
  rate = rate === null || !Number.isFinite(Number(rate)) ? null : clamp(rate, -2, 2, 0);

  const what = choice(stage, {
    label: "Quantity", options: NAMES, value: NAMES[kept] ? kept : "transistors", change: () => anew(),
  });
  const since = slider(stage, { label: "From the year", min: 1971, max: 2010, step: 1, value: Math.round(first.since), text: String, change: () => anew() });
  const until = slider(stage, { label: "Up to the year", min: 1980, max: 2022, step: 1, value: Math.round(first.until), text: String, change: () => anew() });
  const every = slider(stage, {
    label: "My line doubles every", min: 1, max: 10, step: 0.1, value: first.every, text: (v) => `${v.toFixed(1)} years`,
    change: (v) => { rate = null; begin(v); draw(); },
  });
  const board = svg("svg", { viewBox: "0 0 320 230", role: "img" }, stage);
  const row = html("div", { class: "move-row", role: "group", "aria-label": "Line" }, stage);
  button(row, "Best line", () => {
    const [years, values] = chosen();
    if (years.length < 3) return say("Too few chips in these years for a line.");
    [rate, start] = fit(years, values);
    return draw();
  });
  resetButton(row);

  function chosen() {
    const [years, values] = chips[what.value];
    const keep = years.map((year) => year >= since.value && year < Math.max(until.value, since.value + 3));
    return [years.filter((_, i) => keep[i]), values.filter((_, i) => keep[i])];
  }
  /** The reader's line goes through the first chip of the years. */
  function begin() {
    start = chosen()[1][0] ?? 1;
  }
  function anew() {
    rate = null;
    begin();
    draw();
  }

  function draw() {
    const [years, values] = chosen();
    const slope = rate ?? 1 / every.value;
    const keep = { what: what.value, since: since.value, until: until.value, every: every.value };
    Object.entries(keep).forEach(([key, value]) => state.set(key, value));
    state.set("rate", rate);
    if (rate !== null) state.set("start", Math.log2(start));
    board.replaceChildren();
    const all = chips[what.value][1];
    const [low, high] = [Math.log10(Math.min(...all)) - 0.4, Math.log10(Math.max(...all)) + 0.6];
    const scale = axes({ x: [1970, 2023], y: [low, high], width: 300, height: 190 });
    const X = (year) => 16 + scale.x(year);
    const Y = (value) => 8 + scale.y(Math.min(Math.max(Math.log10(value), low), high));
    svg("rect", { x: 16, y: 8, width: 300, height: 190, fill: "none", stroke: "var(--grid)" }, board);
    const allYears = chips[what.value][0];
    all.forEach((value, i) => {
      const inside = allYears[i] >= since.value && allYears[i] < Math.max(until.value, since.value + 3);
      svg("circle", { cx: X(allYears[i]).toFixed(1), cy: Y(value).toFixed(1), r: 3, fill: inside ? "var(--blue)" : "var(--grid)" }, board);
    });
    if (years.length) {
      const from_ = Math.min(...years);
      const points = [];
      for (let year = from_; year <= Math.max(...years) + 0.01; year += 0.5) {
        const value = start * 2 ** (slope * (year - from_));
        if (Math.log10(value) <= high && Math.log10(value) >= low) points.push(`${X(year).toFixed(1)},${Y(value).toFixed(1)}`);
      }
      svg("polyline", { points: points.join(" "), fill: "none", stroke: "var(--orange)", "stroke-width": 2.5 }, board);
    }
    for (let year = 1980; year <= 2020; year += 10) svg("text", { x: X(year), y: 214, text: year, "text-anchor": "middle" }, board);
    svg("text", { x: 312, y: 190, "text-anchor": "end", text: `from ${UNITS[what.value](Math.min(...all))} to ${UNITS[what.value](Math.max(...all))}` }, board);
    const doubles = Math.abs(slope) < 0.02 ? "hardly changes" : slope > 0 ? `doubles every ${(1 / slope).toFixed(2)} years` : `halves every ${(-1 / slope).toFixed(1)} years`;
    const off = years.length ? ` It misses the ${years.length} chips by a typical factor of ${Number(miss(years, values, slope, start).toPrecision(2)).toLocaleString("en")}.` : "";
    board.setAttribute("aria-label", `${NAMES[what.value]} of ${all.length} chips against the year; the line ${doubles}.`);
    say(`${rate === null ? "Your line" : "The best line"} ${doubles}.${off}`);
  }
  if (rate === null) begin();
  draw();
});
