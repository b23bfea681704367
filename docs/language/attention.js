/* Attention: a query and keys to drag, and a trained net that translates number words.
   The net is language/attention/translating.py's `Translator`, one of its nets; the words and their
   numbers are language/attention/numbers.py's. */

import {
  axes, button, choice, draggable, html, loadArrays, loadJSON, mount, resetButton, slider, svg,
} from "../assets/move.js";

const dot = (a, b) => a.reduce((all, v, i) => all + v * b[i], 0);
const two = (v) => v.toFixed(2).replace("-", "−");

/** Shares of scores: each power of e, divided by the sum of all. */
export function softmax(scores) {
  const top = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - top));
  const all = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / all);
}

/** Mix values by the shares that a query gives to their keys. */
export function attend(query, keys, values, divisor) {
  const scores = keys.map((key) => dot(query, key) / divisor);
  const shares = softmax(scores);
  const mixed = values[0].map((_, i) => dot(shares, values.map((value) => value[i])));
  return { scores, shares, mixed };
}

const TENS = 18; // 18 + 2 is "twenty"; "one" to "nineteen" are 1 to 19
const [HUNDRED, THOUSAND, END] = [28, 29, 30];
const [EINS, ZIG, UND, HUNDERT, TAUSEND, ENDE] = [10, 19, 29, 30, 31, 32];

/** The English words of a number from 1 to 9,999 and the parts of the German one, as indices. */
export function spell(number) {
  const [english, german] = [[], []];
  const counts = [[Math.floor(number / 1000), THOUSAND, TAUSEND], [Math.floor(number / 100) % 10, HUNDRED, HUNDERT]];
  for (const [count, word, part] of counts) {
    if (!count) continue;
    english.push(count, word);
    german.push(count, part);
  }
  const rest = number % 100;
  const [tens, unit] = [Math.floor(rest / 10), rest % 10];
  if (tens > 1) {
    english.push(TENS + tens, ...(unit ? [unit] : []));
    german.push(...(unit ? [unit, UND] : []), ZIG + tens);
  } else if (rest) {
    english.push(rest);
    german.push(rest === 1 ? EINS : rest < 10 ? rest : rest + 1);
  }
  return { english: [...english, END], german: [...german, ENDE] };
}

const row = (table, i) => [...table.subarray(i * table.shape[1], (i + 1) * table.shape[1])];
const times = (x, weight) => {
  const n = weight.shape[1];
  return Array.from({ length: n }, (_, j) => x.reduce((all, v, i) => all + v * weight[i * n + j], 0));
};
const layer = (x, weight) => times(x, weight).map(Math.tanh);

/** Let the net write, part by part, each time the likeliest: parts, and the shares of each. */
export function translate(net, words, most = 8) {
  const x = words.map((word) => row(net.english, word));
  const none = x[0].map(() => 0);
  const near = (i) => [...(x[i - 1] ?? none), ...x[i], ...(x[i + 1] ?? none)];
  const keys = x.map((_, i) => times(layer(near(i), net.window), net.key));
  const values = x.map((word) => times(word, net.value));
  const [parts, shares] = [[0, 0], []];
  while (shares.length < most && parts.at(-1) !== ENDE) {
    const last = [...row(net.german, parts.at(-1)), ...row(net.german, parts.at(-2))];
    const heard = attend(times(last, net.query), keys, values, Math.sqrt(net.query.shape[1]));
    const scores = times(layer([...heard.mixed, ...last], net.hidden), net.out);
    parts.push(scores.indexOf(Math.max(...scores)));
    shares.push(heard.shares);
  }
  return { parts: parts.slice(2), shares };
}

const NAMES = ["A", "B", "C"];
const COLOURS = ["blue", "orange", "green"];
const KEYS = [[1, 0], [0, 1], [-1, -1]];
const VALUES = [[4, 0], [0, 8], [8, 8]];
const REACH = [-2, 2];

mount("mix", ({ stage, state, say }) => {
  const number = choice(stage, {
    label: "Words", options: { 2: "two", 3: "three" }, value: state.get("words", "2"),
    change: (n) => (state.set("words", n), begin()),
  });
  const scale = axes({ x: REACH, y: REACH, width: 320, height: 300, pad: 14 });
  const plane = svg("svg", { viewBox: "0 0 320 300", role: "group", "aria-label": "Query and keys" }, stage);
  const lines = svg("g", {}, plane);
  const handles = svg("g", {}, plane);
  const result = svg("svg", { viewBox: "0 0 320 190", role: "img", "aria-label": "Shares, and the mix of the values" }, stage);
  const room = axes({ x: [0, 8], y: [0, 8], width: 160, height: 190, pad: 22 });
  const divide = slider(stage, {
    label: "Divide the scores by", min: 0.25, max: 4, step: 0.05, value: state.get("divisor", 1),
    change: (v) => (state.set("divisor", v), draw()),
  });
  const tools = html("div", { class: "attend-tools" }, stage);
  html("p", {
    class: "move-hint",
    text: "Drag the query q or a key, or select one and use the arrow keys. The cross beside the bars is the mix of the values.",
  }, stage);
  let [query, keys] = [[], []];

  const inside = (v) => (Number.isFinite(v) ? Math.min(REACH[1], Math.max(REACH[0], v)) : 0);
  const kept = (name, first) => {
    const found = state.get(name, first);
    return first.map((_, i) => inside(found[i]));
  };

  function handle(name, at, colour, moved) {
    const g = svg("g", {}, handles);
    draggable(g, scale, {
      x: at[0], y: at[1], step: 0.1, label: name === "q" ? "Query" : `Key of word ${name}`,
      move: (x, y) => (moved([x, y]), state.set(name, [x, y]), draw()),
    });
    svg("circle", { r: 10, fill: `var(--${colour})` }, g);
    svg("text", { y: 4, "text-anchor": "middle", "font-weight": 700, text: name, style: "fill: var(--paper)" }, g);
  }

  function begin() {
    handles.replaceChildren();
    query = kept("q", [Math.log(3), 0]);
    keys = KEYS.slice(0, Number(number.value)).map((key, i) => kept(NAMES[i], key));
    keys.forEach((key, i) => handle(NAMES[i], key, COLOURS[i], (to) => (keys[i] = to)));
    // Above the key that it would hide at the start.
    handle("q", query, "ink", (to) => (query = to));
    draw();
  }

  function arrow(to, attributes) {
    svg("line", { x1: scale.x(0), y1: scale.y(0), x2: scale.x(to[0]), y2: scale.y(to[1]), "stroke-width": 2, ...attributes }, lines);
  }

  function draw() {
    lines.replaceChildren();
    result.replaceChildren();
    svg("line", { x1: 0, x2: 320, y1: scale.y(0), y2: scale.y(0), stroke: "var(--grid)" }, lines);
    svg("line", { x1: scale.x(0), x2: scale.x(0), y1: 0, y2: 300, stroke: "var(--grid)" }, lines);
    keys.forEach((key, i) => arrow(key, { stroke: `var(--${COLOURS[i]})` }));
    arrow(query, { stroke: "var(--ink)", "stroke-dasharray": "5 4" });
    const values = VALUES.slice(0, keys.length);
    const { scores, shares, mixed } = attend(query, keys, values, divide.value);
    shares.forEach((share, i) => {
      const y = 30 + 52 * i;
      svg("text", { x: 4, y, text: `${NAMES[i]}: score ${two(scores[i])}` }, result);
      svg("rect", { x: 4, y: y + 6, width: 100, height: 14, fill: "none", stroke: "var(--grid)" }, result);
      svg("rect", { x: 4, y: y + 6, width: 100 * share, height: 14, fill: `var(--${COLOURS[i]})` }, result);
      svg("text", { x: 110, y: y + 18, text: two(share) }, result);
    });
    const space = svg("g", { transform: "translate(155 0)" }, result);
    const at = ([a, b]) => `${room.x(a).toFixed(1)},${room.y(b).toFixed(1)}`;
    svg("polygon", { points: values.map(at).join(" "), fill: "var(--wash)", stroke: "var(--muted)" }, space);
    values.forEach((value, i) => {
      const [cx, cy] = [room.x(value[0]), room.y(value[1])];
      svg("circle", { cx, cy, r: 5, fill: `var(--${COLOURS[i]})` }, space);
      svg("text", { x: cx, y: cy + (value[1] ? -9 : 19), "text-anchor": "middle", text: `(${value})` }, space);
    });
    const [x, y] = [room.x(mixed[0]), room.y(mixed[1])];
    svg("path", { d: `M${x - 6} ${y - 6}l12 12m0 -12l-12 12`, stroke: "var(--ink)", "stroke-width": 2.5 }, space);
    const words = shares.map((share, i) => `${NAMES[i]} ${two(share)}`).join(", ");
    say(`Shares: ${words}. Mix: (${mixed.map(two).join(", ")}).`);
  }

  begin();
  resetButton(tools);
});

mount("align", async ({ stage, files, state, say }) => {
  const [net, words] = await Promise.all([loadArrays(files["net.safetensors"]), loadJSON(files["words.json"])]);
  const number = slider(stage, {
    label: "Number", min: 1, max: 9999, step: 1, value: state.get("number", 7421),
    change: (n) => to(n, 0),
  });
  const tools = html("div", { class: "attend-tools" }, stage);
  button(tools, "Another number", () => {
    const any = 1 + Math.floor(9999 * Math.random());
    number.set(any);
    to(any, 0);
  });
  resetButton(tools);
  html("p", { class: "move-hint", text: "The English words, each with its share:" }, stage);
  const english = html("div", { class: "attend-words" }, stage);
  html("p", { class: "move-hint", text: "The German parts: point at one, or tap it." }, stage);
  const german = html("div", { class: "attend-words", role: "group", "aria-label": "German parts" }, stage);
  let [said, read] = [null, null];

  function to(n, part) {
    read = spell(n);
    said = translate(net, read.english);
    state.set("number", n);
    german.replaceChildren();
    said.parts.forEach((index, t) => {
      const one = button(german, words.german[index], () => listen(t));
      one.addEventListener("pointerenter", () => listen(t));
      one.addEventListener("focus", () => listen(t));
    });
    listen(Math.min(Math.max(0, Math.trunc(part)), said.parts.length - 1));
  }

  function listen(t) {
    state.set("part", t);
    [...german.children].forEach((one, i) => one.setAttribute("aria-pressed", i === t));
    english.replaceChildren();
    const shares = said.shares[t];
    read.english.forEach((index, s) => {
      const word = html("span", { class: "attend-word" }, english);
      word.style.setProperty("--share", `${(100 * shares[s]).toFixed(1)}%`);
      html("span", { text: words.english[index] }, word);
      html("span", { class: "attend-share", text: two(shares[s]) }, word);
    });
    const most = shares.indexOf(Math.max(...shares));
    const known = words.trained.includes(number.value) ? "The net trained on this number" : "The net did not train on this number";
    const right = `${said.parts}` === `${read.german}` ? "wrote it correctly" : "wrote it wrongly";
    say(`${number.value}. For “${words.german[said.parts[t]]}” the net listens most to “${words.english[read.english[most]]}”, ${two(shares[most])}. ${known} and ${right}.`);
  }

  to(number.value, state.get("part", 2));
});
