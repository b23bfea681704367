/* Words arrive one by one, and a trained net speaks: at fixed waits, or while it is sure. The net is
   applications/real_time_translation/net.py's `Interpreter`. */

import { argmax, dense, embedding, gruCell, softmax, tanh, tensor, zeros } from "../assets/infer.js";
import { button, choice, html, loadArrays, loadJSON, mount, player, resetButton, slider, stepper, svg } from "../assets/move.js";

// Places in the lists of words and pieces, as Python's HEARD and GERMAN have them.
const [HUNDRED, THOUSAND, AND, PAUSE] = [28, 29, 30, 31];
const [EINS, UND, HUNDERT, TAUSEND, END] = [10, 29, 30, 31, 32];
const split = (n) => [Math.floor(n / 1000), Math.floor((n % 1000) / 100), Math.floor((n % 100) / 10), n % 10];

/** A number from 1 to 9,999 as places of English words, with the pause. */
export function english(n) {
  const [thousands, hundreds, tens, unit] = split(n);
  return [
    ...(thousands ? [thousands, THOUSAND] : []),
    ...(hundreds ? [hundreds, HUNDRED] : []),
    ...(n > 99 && n % 100 ? [AND] : []),
    ...(tens === 1 ? [10 + unit] : [...(tens ? [18 + tens] : []), ...(unit ? [unit] : [])]),
    PAUSE,
  ];
}

/** The same as places of German pieces, with the end. */
export function german(n) {
  const [thousands, hundreds, tens, unit] = split(n);
  return [
    ...(thousands ? [thousands, TAUSEND] : []),
    ...(hundreds ? [hundreds, HUNDERT] : []),
    ...(tens === 1 ? [11 + unit] : tens && unit ? [unit, UND, 19 + tens] : tens ? [19 + tens] : unit === 1 ? [EINS] : unit ? [unit] : []),
    END,
  ];
}

/** What was typed, as a whole number from 1 to 9,999; 0 if it is none. */
export function asked(text) {
  const plain = text.trim().replace(/^(\d),(\d{3})$/, "$1$2");
  return /^0*[1-9]\d{0,3}$/.test(plain) ? Number(plain) : 0;
}

let pairs = null;
const begins = (row, start) => start.every((v, i) => row[i] === v);

/** Among all 9,999 numbers: how many say which piece next, after what was heard and said. */
export function following(heard, said) {
  pairs ??= Array.from({ length: 9999 }, (_, i) => [english(i + 1), german(i + 1)]);
  const counts = {};
  for (const [words, pieces] of pairs) {
    if (!begins(words, heard) || !begins(pieces, said) || pieces.length <= said.length) continue;
    counts[pieces[said.length]] = (counts[pieces[said.length]] ?? 0) + 1;
  }
  return counts;
}

/** How many words behind, on average; `heard` before each piece, of so many words. */
export function lagging(heard, words) {
  const last = heard.includes(words) ? heard.indexOf(words) : heard.length - 1;
  return heard.slice(0, last + 1).reduce((sum, g, t) => sum + g - (t * words) / heard.length, 0) / (last + 1);
}

const slice = (x, i) => {
  const size = x.length / x.shape[0];
  return tensor(x.subarray(i * size, (i + 1) * size), x.shape.slice(1));
};
const gru = (net, i) =>
  Object.fromEntries(["weight_ih", "weight_hh", "bias_ih", "bias_hh"].map((name) => [name, slice(net[`grus.${name}`], i)]));

/** Let the net hear and speak. `wait` is { k } or { limit }. What is done in order: each hears a word
    or says a piece, and has the chances of the next piece after it. */
export function interpret(net, words, wait, most = 12) {
  const [reader, writer] = [gru(net, 0), gru(net, 1)];
  const D = net["words.weight"].shape[1];
  const states = zeros(words.length, D);
  let h = zeros(1, D);
  words.forEach((word, s) => states.set((h = gruCell(embedding([word], net["words.weight"]), h, reader)), s * D));
  const remember = (piece, memory) => gruCell(embedding([piece], net["pieces.weight"]), memory, writer);
  let memory = remember(0, zeros(1, D));
  const next = (heard) => {
    const known = tensor(states.subarray(0, heard * D), [heard, D]);
    const share = softmax(dense(dense(memory, net["ask.weight"]), known));
    const both = zeros(1, 2 * D);
    both.set(memory);
    for (let s = 0; s < heard; s += 1) for (let d = 0; d < D; d += 1) both[D + d] += share[s] * known[s * D + d];
    return softmax(dense(tanh(dense(both, net["mix.weight"], net["mix.bias"])), net["out.weight"], net["out.bias"]));
  };
  const done = [];
  const said = [];
  let heard = 1;
  for (let piece = null; ; ) {
    const ended = said.at(-1) === END || said.length >= most;
    const chances = ended ? null : next(heard);
    done.push({ piece, heard, said: said.length, chances: chances && [...chances] });
    if (ended) return done;
    const best = argmax(chances);
    const waits = wait.k ? heard < said.length + wait.k : chances[best] < wait.limit || heard < said.length + 1;
    if (waits && heard < words.length) {
      heard += 1;
      piece = null;
    } else {
      said.push((piece = best));
      memory = remember(best, memory);
    }
  }
}

const PICKS = { 347: "347", 47: "47", 4721: "4,721", 1001: "1,001", 40: "40" };
const percent = (v) => (v < 0.005 ? "0 %" : v > 0.995 && v < 1 ? ">99 %" : `${Math.round(100 * v)} %`);
const count = (n, one, many) => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

mount("interpret", async ({ stage, files, state, say }) => {
  const [net, { heard: WORDS, german: PIECES, limit, trained }] = await Promise.all([loadArrays(files["net.safetensors"]), loadJSON(files["words.json"])]);
  const whole = (value, low, high, first) => (Number.isFinite(Number(value)) && value !== "" ? Math.min(Math.max(Math.trunc(value), low), high) : first);
  let number = whole(state.get("number", 347), 1, 9999, 347);
  let k = whole(state.get("k", 2), 1, 8, 2);
  let how = state.get("how", "fixed") === "unsure" ? "unsure" : "fixed";
  let [done, words, right] = [[], [], []];

  const input = html("input", {
    type: "text", inputmode: "numeric", maxlength: 5, value: number,
    oninput: () => {
      const typed = asked(input.value);
      if (typed) take(typed);
    },
    onchange: () => (input.value = number),
  }, html("label", { class: "live-number", text: "A number from 1 to 9,999 " }, stage));
  const picks = html("div", { class: "live-row", role: "group", "aria-label": "Numbers to try" }, stage);
  for (const [n, text] of Object.entries(PICKS)) button(picks, text, () => ((input.value = n), take(Number(n))));
  button(picks, "Any", () => {
    const any = 1 + Math.floor(9999 * Math.random());
    input.value = any;
    take(any);
  });
  choice(stage, {
    label: "The net waits", options: { fixed: "for a fixed number of words", unsure: `while it is less than ${Math.round(100 * limit)} % sure` }, value: how,
    change: (v) => {
      state.set("how", (how = v));
      begin(0);
    },
  });
  const wait = slider(stage, {
    label: "Words to wait, k", min: 1, max: 8, step: 1, value: k,
    change: (v) => {
      state.set("k", (k = v));
      begin(0);
    },
  });
  const steps = player(stepper(stage, { label: "Words and pieces", last: 20, reset: false, show, value: whole(state.get("step", 6), 0, 20, 0) }), { pace: 900 });
  resetButton(steps.element);
  const board = html("div", { class: "live-board" }, stage);
  const texts = html("div", {}, board);
  html("p", { class: "move-hint", text: "Heard so far, of the English words:" }, texts);
  const english_ = html("div", { class: "live-row live-line" }, texts);
  html("p", { class: "move-hint", text: "Said so far, piece by piece:" }, texts);
  const german_ = html("div", { class: "live-row live-line" }, texts);
  html("p", { class: "move-hint", text: "The next piece: what the net thinks (blue), and the share of the numbers that fit so far (orange):" }, texts);
  const bars = html("div", { class: "live-bars" }, texts);
  const picture = svg("svg", { viewBox: "0 0 300 300", class: "live-stairs", role: "img" }, board);

  function take(n) {
    state.set("number", (number = n));
    begin(0);
  }
  function begin(step) {
    [words, right] = [english(number), german(number)];
    done = interpret(net, words, how === "fixed" ? { k } : { limit });
    wait.element.style.display = how === "fixed" ? "" : "none";
    steps.last = done.length;
    steps.to(Math.min(step, done.length));
  }
  const spelt = (all) => all.map((i) => (i === END ? "" : PIECES[i])).join("");

  function show(step) {
    if (!done.length) return;
    state.set("step", step);
    const now = step ? done[step - 1] : { heard: 0, said: 0, chances: null };
    const past = done.slice(0, step);
    const said = past.flatMap(({ piece }) => (piece === null ? [] : [piece]));
    english_.replaceChildren();
    words.forEach((word, i) => html("span", { class: i < now.heard ? "live-word" : "live-word live-unheard", text: i < now.heard ? WORDS[word] : "…" }, english_));
    german_.replaceChildren();
    said.forEach((piece, i) => html("span", { class: piece === right[i] ? "live-piece" : "live-piece live-wrong", text: (piece === END ? "(end)" : PIECES[piece]) + (piece === right[i] ? "" : " ✗") }, german_));
    const possible = step ? following(words.slice(0, now.heard), said) : {};
    const all = Object.values(possible).reduce((a, b) => a + b, 0);
    doubts(now.chances, possible, all);
    stairs(past);
    tell(step, now, said, possible, all);
  }
  function doubts(chances, possible, all) {
    bars.replaceChildren();
    if (!chances) return;
    const share = (i) => (possible[i] ?? 0) / (all || 1);
    const order = [...chances.keys()].slice(1).sort((a, b) => chances[b] - chances[a] || share(b) - share(a)).slice(0, 5);
    for (const i of order) {
      html("span", { text: i === END ? "(end)" : PIECES[i] }, bars);
      const box = html("span", { class: "live-two", "aria-hidden": "true" }, bars);
      for (const [value, colour] of [[chances[i], "blue"], [share(i), "orange"]]) {
        html("span", { style: `width: ${(100 * value).toFixed(1)}%; background: var(--${colour})` }, box);
      }
      html("span", { text: `${percent(chances[i])} · ${all ? `${(possible[i] ?? 0).toLocaleString("en")} of ${all.toLocaleString("en")}` : "no number"}` }, bars);
    }
  }
  function stairs(past) {
    picture.replaceChildren();
    const [S, T] = [words.length, Math.max(right.length, done.at(-1).said)];
    const [x, y] = [(v) => 40 + (v * 250) / S, (v) => 30 + (v * 260) / T];
    for (let s = 0; s <= S; s += 1) svg("line", { x1: x(s), x2: x(s), y1: y(0), y2: y(T), stroke: "var(--grid)" }, picture);
    for (let t = 0; t <= T; t += 1) svg("line", { x1: x(0), x2: x(S), y1: y(t), y2: y(t), stroke: "var(--grid)" }, picture);
    for (let s = 1; s <= S; s += 1) svg("text", { x: x(s - 0.5), y: 24, "text-anchor": "middle", "font-size": 12, fill: "var(--muted)", text: s }, picture);
    for (let t = 1; t <= T; t += 1) svg("text", { x: 30, y: y(t - 0.5) + 4, "text-anchor": "end", "font-size": 12, fill: "var(--muted)", text: t }, picture);
    svg("text", { x: x(0), y: 10, "font-size": 12, fill: "var(--muted)", text: "words heard →" }, picture);
    svg("text", { x: 10, y: y(T), "font-size": 12, fill: "var(--muted)", transform: `rotate(-90 10 ${y(T)})`, text: "← pieces said" }, picture);
    svg("line", { x1: x(0), y1: y(0), x2: x(S), y2: y(T), stroke: "var(--muted)", "stroke-dasharray": "4 4" }, picture);
    svg("text", { x: x(0.8 * S) - 10, y: y(0.8 * T) + 8, "text-anchor": "end", "font-size": 12, fill: "var(--muted)", text: "no delay" }, picture);
    let path = `M${x(0)} ${y(0)}`;
    for (const { heard, said } of past) path += `L${x(heard)} ${y(said)}`;
    svg("path", { d: path, fill: "none", stroke: "var(--blue)", "stroke-width": 3 }, picture);
    for (const { piece, heard, said } of past) {
      if (piece === null) continue;
      const [cx, cy] = [x(heard), y(said - 0.5)];
      if (piece === right[said - 1]) svg("circle", { cx, cy, r: 5, fill: "var(--blue)" }, picture);
      else svg("path", { d: `M${cx - 5} ${cy - 5}l10 10m0-10l-10 10`, stroke: "var(--orange)", "stroke-width": 3 }, picture);
    }
    picture.setAttribute("aria-label", `Staircase: ${past.map(({ piece, said }) => (piece === null ? "hears" : piece === right[said - 1] ? "says, right" : "says, wrong")).join("; ") || "nothing yet"}.`);
  }
  function tell(step, now, said, possible, all) {
    if (!step) return say(`Nothing has been heard yet. ${trained.includes(number) ? "The net trained on this number." : "The net did not train on this number."} Press Next or Play.`);
    const last = done[step - 1].piece;
    const act = last === null ? `Heard “${WORDS[words[now.heard - 1]]}”.` : `Said “${last === END ? "end" : PIECES[last]}”${last === right[now.said - 1] ? "" : ", which is wrong"}.`;
    if (!now.chances) {
      const lag = lagging(done.flatMap(({ piece, heard }) => (piece === null ? [] : [heard])), words.length);
      const verdict = spelt(said) === spelt(right) && said.length === right.length ? "Right" : `Wrong: right would be ${spelt(right)}`;
      return say(`${act} ${spelt(said) || "Nothing"} was said. ${verdict}. Lag: ${lag.toFixed(2)} words.`);
    }
    const kinds = Object.keys(possible).length;
    const fits = all ? `${count(all, "number still fits", "numbers still fit")}, with ${count(kinds, "possible next piece", "possible next pieces")}.` : "No number fits any more.";
    const best = argmax(now.chances);
    say(`${act} ${fits} The net’s likeliest piece is “${best === END ? "end" : PIECES[best]}”, at ${percent(now.chances[best])}. It ${done[step].piece === null ? "waits" : "will say it"}.`);
  }
  begin(steps.value);
});
