/* The next letter, from counts in the course's prose: its probabilities as bars, and a text drawn from them.
   The page has the text itself and counts as the reader types. The rules are language/ngrams.py's. */

import { button, choice, html, loadJSON, mount, player, resetButton, slider, stepper, svg } from "../assets/move.js";

/** How often each of `letters` follows `context` in a text. */
export function follow(text, letters, context) {
  const counts = new Map([...letters].map((letter) => [letter, 0]));
  for (let at = text.indexOf(context); at >= 0 && at + context.length < text.length; at = text.indexOf(context, at + 1)) {
    const letter = text[at + context.length];
    counts.set(letter, counts.get(letter) + 1);
  }
  return [...counts.values()];
}

const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);

/** The counts of each letter behind `before`, for each length of the context from 0 to n − 1. */
export const after = (text, letters, before, n, count = (context) => follow(text, letters, context)) =>
  Array.from({ length: n }, (_, length) =>
    length > before.length ? Array(letters.length).fill(0) : count(before.slice(before.length - length)));

/** The longest context's counts with k added to each: one probability per letter. */
export function addK(rows, k) {
  const last = rows.at(-1);
  const total = sum(last) + k * last.length;
  return last.map((count) => (count + k) / total);
}

/** All contexts' counts, each with m added as the next shorter context says. */
export function interpolate(rows, m) {
  let p = rows[0].map((_, __, all) => 1 / all.length);
  for (const row of rows) {
    const total = sum(row) + m;
    p = row.map((count, i) => (count + m * p[i]) / total);
  }
  return p;
}

/** Which letter a number from 0 to 1 draws. */
export function draw(p, u) {
  let left = u;
  const found = p.findIndex((share) => (left -= share) < 0);
  return found < 0 ? p.length - 1 : found;
}

/** The number from 0 to 1 of letter i: the same for the same luck. */
export function lot(luck, i) {
  let z = (Math.imul(luck + 1, 0x9e3779b1) + Math.imul(i + 1, 0x85ebca6b)) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32;
}

const named = (letter) => ({ " ": "space", "\n": "line end" })[letter] ?? letter;
const short = (v) => String(Number(v.toPrecision(2)));
const [FIRST, LAST, BARS] = ["The net", 80, 10];

mount("next", async ({ stage, files, state, say }) => {
  const { text, letters } = await loadJSON(files["counted.json"]);
  const whole = (value, first, from, to) => Math.min(Math.max(Math.round(Number(value ?? first)) || 0, from), to);
  const readable = (value) => [...String(value)].filter((letter) => letters.includes(letter)).join("").slice(0, 40);
  const known = new Map();
  const count = (context) => {
    if (!known.has(context)) known.set(context, follow(text, letters, context));
    return known.get(context);
  };

  let begin = readable(state.get("text", FIRST));
  let luck = whole(state.get("luck", 0), 0, 0, 9999);
  const wanted = { n: state.get("n", 4), kind: state.get("kind", "add"), amount: state.get("amount", -1), step: state.get("step", 0) };
  let written = [];

  const label = html("label", { class: "ngrams-text", text: "Beginning " }, stage);
  const input = html("input", {
    type: "text", value: begin, maxlength: 40, spellcheck: "false", autocomplete: "off", autocapitalize: "off",
    oninput: () => {
      begin = readable(input.value);
      state.set("text", begin);
      again();
    },
  }, label);
  const n = slider(stage, {
    label: "n", min: 1, max: 8, step: 1, value: whole(wanted.n, 4, 1, 8), change: (v) => (state.set("n", v), again()),
  });
  const kind = choice(stage, {
    label: "Smoothing", options: { add: "add k to each count", interpolate: "interpolate with m" },
    value: wanted.kind === "interpolate" ? "interpolate" : "add", change: (v) => (state.set("kind", v), again()),
  });
  const amount = slider(stage, {
    label: "k or m", min: -3, max: 2, step: 0.25, value: Math.min(Math.max(Number(wanted.amount) || 0, -3), 2),
    text: (v) => short(10 ** v), change: (v) => (state.set("amount", v), again()),
  });
  const line = html("p", { class: "ngrams-line" }, stage);
  const picture = svg("svg", { viewBox: `0 0 320 ${22 * (BARS + 1) + 8}`, "aria-hidden": "true" }, stage);
  const walk = player(stepper(stage, { label: "Letters", last: LAST, reset: false, show, value: whole(wanted.step, 0, 0, LAST) }), { pace: 250 });
  button(walk.element, "New draw", () => {
    luck = (luck + 1) % 10000;
    state.set("luck", luck);
    again();
  });
  resetButton(walk.element);
  say("");

  /** The counts and probabilities behind a text. */
  function guess(before) {
    const rows = after(text, letters, before, n.value, count);
    const strength = 10 ** amount.value;
    return { rows, p: kind.value === "add" ? addK(rows, strength) : interpolate(rows, strength) };
  }
  function again() {
    written = [];
    walk.show();
  }
  function show(steps) {
    state.set("step", steps);
    while (written.length < steps) {
      written.push(letters[draw(guess(begin + written.join("")).p, lot(luck, written.length))]);
    }
    const before = begin + written.slice(0, steps).join("");
    const { rows, p } = guess(before);
    line.replaceChildren(begin, html("strong", { text: before.slice(begin.length) }));
    bars(p);
    const context = before.slice(before.length - Math.min(n.value - 1, before.length));
    const came = sum(rows.at(-1));
    const best = p.indexOf(Math.max(...p));
    const seen = n.value === 1 ? `Without a context, all ${came.toLocaleString("en")} letters count.`
      : context.length < n.value - 1 ? `The text is shorter than the context of ${n.value - 1} letters.`
        : came ? `“${context.replaceAll("\n", "↵")}” came ${came.toLocaleString("en")} ${came === 1 ? "time" : "times"} in the counted pages.`
          : `“${context.replaceAll("\n", "↵")}” never came in the counted pages.`;
    say(`${seen} Most probable: ${named(letters[best])}, ${p[best].toFixed(2)}. All ${letters.length} letters add up to ${sum(p).toFixed(2)}.`);
  }
  function bars(p) {
    const order = [...p.keys()].sort((a, b) => p[b] - p[a] || a - b).slice(0, BARS);
    const rows = [...order.map((i) => [named(letters[i]), p[i]]), ["all others", 1 - sum(order.map((i) => p[i]))]];
    picture.replaceChildren();
    rows.forEach(([name, share], i) => {
      const [y, width] = [4 + 22 * i, 190 * Math.max(share, 0)];
      svg("text", { x: 78, y: y + 13, "text-anchor": "end", text: name }, picture);
      svg("rect", { x: 84, y, width: width.toFixed(1), height: 17, fill: i < BARS ? "var(--blue)" : "var(--muted)" }, picture);
      svg("text", { x: (88 + width).toFixed(1), y: y + 13, text: share.toFixed(3) }, picture);
    });
  }

  walk.show();
});
