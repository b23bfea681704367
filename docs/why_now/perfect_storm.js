/* Three switches: the net of each of eight cells answers the same digits, and the gains so far are
   the steps of a stair. Which step a switch makes depends on what is on already. */

import { axes, button, html, loadJSON, mount, resetButton, slider, svg } from "../assets/move.js";

const COLOURS = ["blue", "orange", "green"];
const SIDE = 16;

/** The name of the cell where these switches are on: "101" for the first and the third. */
export const cellOf = (path) => [0, 1, 2].map((k) => Number(path.includes(k))).join("");

/** The steps of a stair: which switch, and the value before and after it. */
export const climb = (values, path) => path.map((which, k) => ({
  which, before: values[cellOf(path.slice(0, k))], after: values[cellOf(path.slice(0, k + 1))],
}));

/** A path as it may stand in anyone's link: each of the three switches once at most. */
export const clean = (path) => (Array.isArray(path) ? [...new Set(path)].filter((k) => [0, 1, 2].includes(k)) : []);

/** A gain with its sign, in percentage points. */
export const gain = (v) => `${v < 0 ? "−" : "+"}${Math.abs(v).toFixed(1)}`;

/** What the figure shows, in words. */
export function told(names, cells, path, guess) {
  const cell = cells[cellOf(path)];
  const on = names.filter((_, k) => path.includes(k));
  const read = `${on.length === 3 ? "All on" : on.length ? `On: ${on.join(" and ")}` : "All off"}. Such nets read ${cell.right.toFixed(1)} % ± ${cell.half.toFixed(1)} of unseen digits.`;
  if (!path.length) return read;
  const steps = climb(Object.fromEntries(Object.entries(cells).map(([key, c]) => [key, c.right])), path);
  const last = steps.at(-1);
  const step = ` The last step, ${names[last.which]}: ${gain(last.after - last.before)} points.`;
  return read + step + (path.length === 3 ? ` You guessed ${guess} %.` : "");
}

mount("switches", async ({ stage, files, state, say }) => {
  const { switches, cells, labels, ink } = await loadJSON(files["cells.json"]);
  const values = Object.fromEntries(Object.entries(cells).map(([key, cell]) => [key, cell.right]));
  let path = clean(state.get("path", []));
  const kept = state.get("found", []);
  let found = (Array.isArray(kept) ? kept : []).filter((one) => clean(one).length === 3).map(clean).slice(0, 6);
  const first = Number(state.get("guess", 20));

  const guess = slider(stage, {
    label: "Your guess first: how much does the net with all three on read?", min: 0, max: 100, step: 1,
    value: Number.isFinite(first) ? Math.min(Math.max(first, 0), 100) : 20, text: (v) => `${v} %`,
    change: (v) => (state.set("guess", v), draw()),
  });
  const bar = html("div", { class: "move-row storm-switches", role: "group", "aria-label": "Three switches" }, stage);
  const pressed = switches.map((_, k) => button(bar, "", () => {
    path = path.includes(k) ? path.filter((one) => one !== k) : [...path, k];
    state.set("path", path);
    if (path.length === 3 && !found.some((one) => one.join() === path.join())) {
      found = [...found, path];
      state.set("found", found);
    }
    draw();
  }));
  resetButton(bar);
  say("");
  const digits = svg("svg", { viewBox: "0 0 320 140", role: "img" }, stage);
  const answers = labels.map((_, n) => {
    const [x, y] = [(n % 6) * 54, Math.floor(n / 6) * 72];
    svg("rect", { x, y, width: 48, height: 48, fill: "var(--wash)", stroke: "var(--grid)" }, digits);
    ink[n].forEach((v, k) => {
      if (v) svg("rect", { x: x + (k % SIDE) * 3, y: y + Math.floor(k / SIDE) * 3, width: 3, height: 3, fill: "var(--ink)", opacity: (v / 9).toFixed(2) }, digits);
    });
    return svg("text", { x: x + 24, y: y + 63, "text-anchor": "middle" }, digits);
  });
  const stair = svg("svg", { viewBox: "0 0 320 214", role: "img" }, stage);
  const list = html("p", { class: "move-hint" }, stage);

  const at = axes({ x: [-0.6, 3.6], y: [0, 100], width: 320, height: 190, pad: 26 });

  function bars() {
    stair.replaceChildren();
    for (const v of [0, 50, 100]) {
      svg("line", { x1: 30, x2: 316, y1: at.y(v), y2: at.y(v), stroke: "var(--grid)" }, stair);
      svg("text", { x: 26, y: at.y(v) + 4, "text-anchor": "end", text: v }, stair);
    }
    svg("text", { x: 0, y: 12, text: "digits read, %" }, stair);
    const rect = (k, low, high, fill) => svg("rect", {
      x: at.x(k) - 22, y: at.y(Math.max(low, high)), width: 44,
      height: Math.max(1, Math.abs(at.y(low) - at.y(high))), fill,
    }, stair);
    const under = (k, text, dy) => svg("text", { x: at.x(k), y: 182 + dy, "text-anchor": "middle", text }, stair);
    rect(0, 0, values["000"], "var(--muted)");
    under(0, "all off", 0);
    under(0, values["000"].toFixed(1), 16);
    const steps = climb(values, path);
    steps.forEach(({ which, before, after }, k) => {
      svg("line", { x1: at.x(k) + 22, x2: at.x(k + 1) - 22, y1: at.y(before), y2: at.y(before), stroke: "var(--muted)" }, stair);
      rect(k + 1, before, after, `var(--${COLOURS[which]})`);
      under(k + 1, switches[which], 0);
      under(k + 1, gain(after - before), 16);
    });
    const { right, half } = cells[cellOf(path)];
    const x = at.x(path.length) + 28;
    svg("line", { x1: x, x2: x, y1: at.y(Math.min(right + half, 100)), y2: at.y(Math.max(right - half, 0)), stroke: "var(--ink)", "stroke-width": 2 }, stair);
    svg("line", { x1: x - 5, x2: x + 5, y1: at.y(right), y2: at.y(right), stroke: "var(--ink)", "stroke-width": 2 }, stair);
    svg("line", { x1: at.x(3) - 30, x2: 316, y1: at.y(guess.value), y2: at.y(guess.value), stroke: "var(--purple)", "stroke-dasharray": "4 3", "stroke-width": 2 }, stair);
    svg("text", { x: 316, y: at.y(guess.value) - 4, "text-anchor": "end", style: "fill: var(--purple)", text: "guess" }, stair);
    stair.setAttribute("aria-label", `A stair from all off, ${values["000"].toFixed(1)} %: ${steps.map((s) => `${switches[s.which]} ${gain(s.after - s.before)}`).join(", ") || "no step yet"}`);
  }

  function draw() {
    const cell = cells[cellOf(path)];
    pressed.forEach((one, k) => {
      const on = path.includes(k);
      one.textContent = `${switches[k]}: ${on ? "on" : "off"}`;
      one.setAttribute("aria-pressed", on);
    });
    answers.forEach((text, n) => {
      const right = cell.answers[n] === labels[n];
      text.textContent = `${cell.answers[n]} ${right ? "✓" : "✗"}`;
      text.setAttribute("style", `fill: var(--${right ? "blue" : "orange"}); font-weight: 700`);
    });
    const hits = labels.filter((label, n) => label === cell.answers[n]).length;
    digits.setAttribute("aria-label", `Twelve digits and one net's answers: ${hits} right`);
    bars();
    list.textContent = `One such net answers the twelve digits: ${hits} right. The vertical line beside the last bar is the 95 % interval of ten nets. `
      + (found.length ? `Orders climbed, ${found.length} of 6: ${found.map((one) => climb(values, one).map((s) => `${switches[s.which]} ${gain(s.after - s.before)}`).join(", ")).join("; ")}.` : "No order climbed yet, of six.");
    say(told(switches, cells, path, guess.value));
  }
  draw();
});
