/* The GPT of language/gpt/stages.py; each tensor names the Python that makes it. */

import {
  add, attention, dense, embedding, gelu, layerNorm, reshape, softmax, tensor,
} from "../assets/infer.js";
import { button, choice, html, loadArrays, loadJSON, mount, player, resetButton, slider, stepper, svg } from "../assets/move.js";
import { draw, lot } from "./ngrams.js";

const START = "x = self.letter(ids) + self.place(torch.arange(ids.shape[1]))";
const QKV = "q, k, v = (self.split(part) for part in self.qkv(x).chunk(3, dim=-1))";
const LISTEN = "x = x + self.attention(self.norm1(x))";
const THINK = "return x + self.narrow(gelu(self.wide(self.norm2(x))))";
const END = "return self.out(self.norm(x))";

/** As `Attention.split`: a third of (T, 3 D) as (1, H, T, D / H). */
function split(all, part, heads) {
  const [T, width] = all.shape;
  const [D, d] = [width / 3, width / 3 / heads];
  const out = new Float32Array(T * D);
  for (let h = 0; h < heads; h += 1) {
    for (let t = 0; t < T; t += 1) {
      for (let i = 0; i < d; i += 1) out[(h * T + t) * d + i] = all[t * width + part * D + h * d + i];
    }
  }
  return tensor(out, [1, heads, T, d]);
}

/** (1, H, T, d) → (T, H d). */
function join(x) {
  const [, H, T, d] = x.shape;
  const out = new Float32Array(x.length);
  for (let h = 0; h < H; h += 1) {
    for (let t = 0; t < T; t += 1) {
      for (let i = 0; i < d; i += 1) out[t * H * d + h * d + i] = x[(h * T + t) * d + i];
    }
  }
  return tensor(out, [T, H * d]);
}

/** Scores before softmax, T × T per head, later letters included. */
function products(q, k) {
  const [, H, T, d] = q.shape;
  const out = new Float32Array(H * T * T);
  for (let h = 0; h < H; h += 1) {
    for (let t = 0; t < T; t += 1) {
      for (let s = 0; s < T; s += 1) {
        let all = 0;
        for (let i = 0; i < d; i += 1) all += q[(h * T + t) * d + i] * k[(h * T + s) * d + i];
        out[(h * T + t) * T + s] = all / Math.sqrt(d);
      }
    }
  }
  return tensor(out, [H, T, T]);
}

/** All tensors from letters to scores: [{ name, value, meaning, code }]. */
export function forward(net, ids, { heads = 4, blocks = 2, causal = true } = {}) {
  const found = [];
  const keep = (name, value, meaning, code) => (found.push({ name, value, meaning, code }), value);
  const T = ids.length;
  const D = net["letter.weight"].shape[1];
  const rows = keep("letter rows", embedding(ids, net["letter.weight"]), "the learned row of each letter", START);
  const places = keep("place rows", tensor(net["place.weight"].slice(0, T * D), [T, D]), "the learned row of each place", START);
  let x = keep("x at the start", add(rows, places), "letter and place rows, added", START);
  for (let b = 0; b < blocks; b += 1) {
    const w = (name) => net[`blocks.${b}.${name}`];
    const put = (name, ...rest) => keep(`block ${b + 1}: ${name}`, ...rest);
    const norm1 = put("norm 1", layerNorm(x, w("norm1.weight"), w("norm1.bias")), "each letter's numbers, mean 0 and variance 1, scaled", LISTEN);
    const all = dense(norm1, w("attention.qkv.weight"), w("attention.qkv.bias"));
    const [q, k, v] = [0, 1, 2].map((part) => split(all, part, heads));
    const flat = (y) => reshape(y, y.shape.slice(1));
    put("queries", flat(q), "what each letter asks for, per head", QKV);
    put("keys", flat(k), "what each letter is found by, per head", QKV);
    put("values", flat(v), "what each letter passes on, per head", QKV);
    put("scores", products(q, k), "how well each query (row) fits each key (column), before the mask",
      "scores = q @ k.mT / q.shape[-1] ** 0.5  # (N, heads, T, T)");
    const seen = attention(q, k, v, { causal });
    put("shares", flat(seen.weights), "how much each letter (row) listens to each (column)",
      "heard = scores.softmax(dim=-1) @ v  # (N, heads, T, D / heads)");
    put("heard", flat(seen.output), "the values, mixed by the shares",
      "heard = scores.softmax(dim=-1) @ v  # (N, heads, T, D / heads)");
    const out = put("attention's output", dense(join(seen.output), w("attention.out.weight"), w("attention.out.bias")),
      "the heads joined: what is added to x", "return self.out(heard.transpose(1, 2).flatten(2))");
    x = put("x after listening", add(x, out), "the letter plus what it heard", LISTEN);
    const norm2 = put("norm 2", layerNorm(x, w("norm2.weight"), w("norm2.bias")), "mean 0 and variance 1 again, scaled", THINK);
    const wide = put("wide", dense(norm2, w("wide.weight"), w("wide.bias")), "four times as many hidden units", THINK);
    const bent = put("after GELU", gelu(wide), "negative numbers nearly cut off", THINK);
    const narrow = put("the small net's output", dense(bent, w("narrow.weight"), w("narrow.bias")), "what the small net adds to x", THINK);
    x = put("x after thinking", add(x, narrow), "the output of the block", THINK);
  }
  x = keep("last norm", layerNorm(x, net["norm.weight"], net["norm.bias"]), "mean 0 and variance 1, scaled", END);
  keep("letter scores", dense(x, net["out.weight"], net["out.bias"]), "one score for each letter that may come next", END);
  return found;
}

/** The probability of each letter after place t. */
export function next(scores, t, temperature) {
  const V = scores.shape[1];
  return softmax(tensor(scores.slice(t * V, (t + 1) * V).map((score) => score / temperature), [V]));
}

const named = (letter) => ({ " ": "space", "\n": "line end" })[letter] ?? letter;
const shown = (letter) => ({ " ": "␣", "\n": "↵" })[letter] ?? letter;
const plain = (v) => v.toFixed(2).replace("-", "−");
const [FIRST, LAST, BARS, HEADS, BLOCKS] = ["The net learns to", 120, 8, 4, 2];

mount("gpt", async ({ stage, files, state, say, colours }) => {
  const [net, { letters, context }] = await Promise.all([loadArrays(files["net.safetensors"]), loadJSON(files["letters.json"])]);
  const whole = (value, first, from, to) => Math.min(Math.max(Math.round(Number(value ?? first)) || 0, from), to);
  const readable = (value) => [...String(value)].filter((letter) => letters.includes(letter)).join("").slice(0, context) || "\n"; // a text begins behind a line end
  const code = (text) => [...text].map((letter) => letters.indexOf(letter));

  let begin = readable(state.get("text", FIRST));
  let luck = whole(state.get("luck", 0), 0, 0, 9999);
  const wanted = Object.fromEntries(
    Object.entries({ temperature: 0.8, mask: "on", block: "2", head: "1", at: 0, tensor: "block 2: shares", step: 0 })
      .map(([key, first]) => [key, state.get(key, first)]));
  let at = whole(wanted.at, 0, 0, context); // 0 is the last letter
  let [written, tensors] = [[], []];

  const label = html("label", { class: "gpt-text", text: "Your text " }, stage);
  const input = html("input", {
    type: "text", value: begin, maxlength: context, spellcheck: "false", autocomplete: "off", autocapitalize: "off",
    oninput: () => {
      begin = readable(input.value);
      state.set("text", begin);
      pick(0);
      again();
    },
  }, label);
  const walk = player(stepper(stage, { label: "Letters", last: LAST, reset: false, show, value: whole(wanted.step, 0, 0, LAST) }), { pace: 400 });
  button(walk.element, "New draw", () => {
    luck = (luck + 1) % 10000;
    state.set("luck", luck);
    again();
  });
  resetButton(walk.element);
  const temperature = slider(stage, {
    label: "Temperature", min: 0.1, max: 2, step: 0.1, value: Math.min(Math.max(Number(wanted.temperature) || 0.8, 0.1), 2),
    text: (v) => v.toFixed(1), change: (v) => (state.set("temperature", v), again()),
  });
  say("");
  const bars = svg("svg", { viewBox: `0 0 320 ${20 * (BARS + 1) + 6}`, "aria-hidden": "true" }, stage);
  html("p", { class: "gpt-title", text: "Where does it listen? Choose a letter:" }, stage);
  const line = html("div", { class: "gpt-letters", role: "group", "aria-label": "Letters: choose one; arrow keys move" }, stage);
  const listens = html("p", { class: "gpt-listens", "aria-live": "polite" }, stage);
  const one = (key, options, first) => (options.includes(wanted[key]) ? wanted[key] : first);
  const set = (key, then) => (v) => (state.set(key, v), then());
  const block = choice(stage, { label: "Block", options: ["1", "2"], value: one("block", ["1", "2"], "2"), change: set("block", look) });
  const head = choice(stage, { label: "Head", options: ["1", "2", "3", "4"], value: one("head", ["1", "2", "3", "4"], "1"), change: set("head", look) });
  const mask = choice(stage, { label: "Mask", options: { on: "on, as trained", off: "off" }, value: one("mask", ["on", "off"], "on"), change: set("mask", again) });
  const names = forward(net, [0]).map(({ name }) => name);
  const chosen = choice(stage, {
    label: "Tensor", options: names, select: true, value: one("tensor", names, "block 2: shares"), change: set("tensor", look),
  });
  const facts = html("dl", { class: "gpt-facts" }, stage);
  const canvas = html("canvas", { class: "gpt-map", role: "img" }, stage);
  const hint = html("p", { class: "move-hint" }, stage);

  const run = (text) => forward(net, code(text), { heads: HEADS, blocks: BLOCKS, causal: mask.value === "on" });
  const read = () => (begin + written.slice(0, walk.value).join("")).slice(-context);
  const value = (name) => tensors.find((found) => found.name === name);

  function again() {
    written = [];
    walk.show();
  }
  function pick(place) {
    at = place;
    state.set("at", at);
  }
  function show(steps) {
    state.set("step", steps);
    while (written.length < steps) {
      const text = (begin + written.join("")).slice(-context);
      const scores = run(text).at(-1).value;
      written.push(letters[draw(next(scores, text.length - 1, temperature.value), lot(luck, written.length))]);
    }
    if (at > read().length) pick(0);
    tensors = run(read());
    look();
  }

  function look() {
    const text = read();
    const place = at ? at - 1 : text.length - 1;
    const p = next(tensors.at(-1).value, place, temperature.value);
    const order = [...p.keys()].sort((a, b) => p[b] - p[a] || a - b).slice(0, BARS);
    drawBars(order.map((i) => [named(letters[i]), p[i]]), p);
    const share = value(`block ${block.value}: shares`).value;
    const T = text.length;
    const from = ((Number(head.value) - 1) * T + place) * T;
    const row = [...share.slice(from, from + T)];
    drawLine(text, place, row);
    const best = [...row.keys()].sort((a, b) => row[b] - row[a]).slice(0, 3).filter((s) => row[s] >= 0.005);
    listens.textContent = `Block ${block.value}, head ${head.value}: letter ${place + 1}, ${named(text[place])}, listens most to `
      + best.map((s) => `${named(text[s])} (${s === place ? "itself" : s < place ? `${place - s} back` : `${s - place} ahead`}, ${row[s].toFixed(2)})`).join(", ") + ".";
    drawTensor(value(chosen.value), place);
    const whom = at && at !== T ? `After “${text.slice(Math.max(0, place - 11), place + 1).replaceAll("\n", "↵")}”` : "Next";
    const came = at && at !== T ? ` Next in the text: ${named(text[place + 1])}, ${p[letters.indexOf(text[place + 1])].toFixed(3)}.` : "";
    const strange = [...new Set(input.value)].filter((letter) => !letters.includes(letter));
    const out = strange.length ? `The net leaves out unknown letters: ${strange.join(" ")}. ` : "";
    say(`${out}${whom}, most probable: ${named(letters[order[0]])}, ${p[order[0]].toFixed(2)}.${came} The mask is ${mask.value}.`);
  }

  function drawBars(found, p) {
    const rows = [...found, ["all others", Math.max(0, 1 - found.reduce((all, [, share]) => all + share, 0))]];
    bars.replaceChildren();
    rows.forEach(([name, share], i) => {
      const [y, width] = [4 + 20 * i, 190 * share];
      svg("text", { x: 78, y: y + 12, "text-anchor": "end", text: name }, bars);
      svg("rect", { x: 84, y, width: width.toFixed(1), height: 15, fill: i < p.length && i < BARS ? "var(--blue)" : "var(--muted)" }, bars);
      svg("text", { x: (88 + width).toFixed(1), y: y + 12, text: share.toFixed(3) }, bars);
    });
  }

  function drawLine(text, place, row) {
    const focused = line.contains(document.activeElement);
    while (line.children.length > text.length) line.lastChild.remove();
    while (line.children.length < text.length) {
      const t = line.children.length;
      html("button", {
        type: "button",
        onclick: () => (pick(t + 1), look()),
        onkeydown: (event) => {
          const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
          const to = t + step;
          if (!step || to < 0 || to >= line.children.length) return;
          event.preventDefault();
          pick(to + 1);
          look();
          line.children[to].focus();
        },
      }, line);
    }
    [...line.children].forEach((cell, t) => {
      cell.textContent = shown(text[t]);
      cell.classList.toggle("gpt-drawn", t >= text.length - walk.value);
      cell.style.setProperty("--share", `${Math.round(100 * row[t])}%`);
      cell.setAttribute("aria-pressed", t === place);
      cell.setAttribute("aria-label", `letter ${t + 1}, ${named(text[t])}, share ${row[t].toFixed(2)}`);
      cell.tabIndex = t === place ? 0 : -1;
    });
    if (focused && !line.contains(document.activeElement)) line.children[place].focus();
  }

  function drawTensor(found, place) {
    const { shape } = found.value;
    const perHead = shape.length === 3;
    const [rows, columns] = shape.slice(-2);
    const skip = perHead ? (Number(head.value) - 1) * rows * columns : 0;
    const seen = found.value.slice(skip, skip + rows * columns);
    facts.replaceChildren();
    for (const [term, text] of [
      ["Shape", `(${shape.join(", ")})${perHead ? `; head ${head.value} is drawn` : ""}`],
      ["Meaning", found.meaning], ["Code", found.code],
    ]) {
      html("dt", { text: term }, facts);
      if (term === "Code") html("code", { text }, html("dd", {}, facts));
      else html("dd", { text }, facts);
    }
    const top = seen.reduce((all, v) => Math.max(all, Math.abs(v)), 1e-9);
    const low = seen.reduce((all, v) => Math.min(all, v), Infinity);
    hint.textContent = `One row per letter, from top to bottom; blue is above 0, orange below. From ${plain(low)} to ${plain(seen.reduce((all, v) => Math.max(all, v), -Infinity))}. `
      + `The framed row is letter ${place + 1}.`;
    canvas.setAttribute("aria-label", `${found.name}: ${hint.textContent}`);
    const size = Math.max(2, Math.floor(640 / columns));
    const height = Math.max(4, Math.min(size, Math.floor(400 / rows)));
    [canvas.width, canvas.height] = [size * columns, height * rows];
    paint = () => {
      const brush = canvas.getContext("2d");
      const [blue, orange, paper, ink] = ["blue", "orange", "paper", "ink"].map((name) => colours.now(name));
      brush.globalAlpha = 1;
      brush.fillStyle = paper;
      brush.fillRect(0, 0, canvas.width, canvas.height);
      seen.forEach((v, i) => {
        brush.globalAlpha = Math.min(1, Math.abs(v) / top);
        brush.fillStyle = v < 0 ? orange : blue;
        brush.fillRect((i % columns) * size, Math.floor(i / columns) * height, size, height);
      });
      brush.globalAlpha = 1;
      brush.strokeStyle = ink;
      brush.lineWidth = 2;
      brush.strokeRect(1, place * height + 1, canvas.width - 2, Math.max(1, height - 2));
    };
    paint();
  }

  let paint = () => {};
  walk.show();
  colours.follow(() => paint());
});
