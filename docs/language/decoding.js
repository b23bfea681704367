/* The shares of the GPT's next letter, cut by three sliders; the rules are language/decoding.py's. */

import { add, dense, gelu, layerNorm, softmax, tensor } from "../assets/infer.js";
import { button, html, loadArrays, loadJSON, mount, player, resetButton, slider, stepper, svg } from "../assets/move.js";
import { draw, lot } from "./ngrams.js";

const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);

/** Places from the largest share on; of equal ones the first. */
const ranked = (p) => [...p.keys()].sort((a, b) => p[b] - p[a] || a - b);

function keep(p, places) {
  const all = sum(places.map((i) => p[i]));
  const kept = new Array(p.length).fill(0);
  places.forEach((i) => (kept[i] = p[i] / all));
  return kept;
}

/** The k likeliest, scaled to add up to 1. */
export const topK = (p, k) => keep(p, ranked(p).slice(0, k));

/** The likeliest, as few as reach a share together, scaled to add up to 1. */
export function topP(p, share) {
  let before = 0;
  return keep(p, ranked(p).filter((i) => {
    const needed = !before || before < share - 1e-9;
    before += p[i];
    return needed;
  }));
}

/** softmax(scores / temperature). */
export const temper = (scores, temperature) =>
  [...softmax(tensor(Float32Array.from(scores, (score) => score / temperature), [scores.length]))];

/** What is left of the shares after temperature, top-k and top-p, in this order. */
export const cut = (scores, { temperature, k, share }) => topP(topK(temper(scores, temperature), k), share);

/** A GPT that keeps its keys and values. It has read `ids`: the scores behind each, (1, V), and a function that
    reads one more and gives its scores. */
export function reader(net, ids, heads = 4) {
  const D = net["letter.weight"].shape[1];
  const d = D / heads;
  const kept = Object.keys(net).filter((name) => name.endsWith("qkv.weight")).map(() => ({ keys: [], values: [] }));
  const row = (name, i) => tensor(net[name].slice(i * D, (i + 1) * D), [1, D]);
  const layer = (name, x) => dense(x, net[`${name}.weight`], net[`${name}.bias`]);
  const norm = (name, x) => layerNorm(x, net[`${name}.weight`], net[`${name}.bias`]);
  /** What the new letter hears from all that were read, itself included. */
  function listen({ keys, values }, query) {
    const heard = new Float32Array(D);
    for (let h = 0; h < heads; h += 1) {
      const scores = keys.map((key) => {
        let all = 0;
        for (let i = h * d; i < (h + 1) * d; i += 1) all += query[i] * key[i];
        return all / Math.sqrt(d);
      });
      softmax(tensor(Float32Array.from(scores), [keys.length])).forEach((part, t) => {
        for (let i = h * d; i < (h + 1) * d; i += 1) heard[i] += part * values[t][i];
      });
    }
    return tensor(heard, [1, D]);
  }
  let place = 0;
  const read = (id) => {
    let x = add(row("letter.weight", id), row("place.weight", place));
    place += 1;
    kept.forEach((block, b) => {
      const all = layer(`blocks.${b}.attention.qkv`, norm(`blocks.${b}.norm1`, x));
      block.keys.push(all.slice(D, 2 * D));
      block.values.push(all.slice(2 * D));
      x = add(x, layer(`blocks.${b}.attention.out`, listen(block, all)));
      x = add(x, layer(`blocks.${b}.narrow`, gelu(layer(`blocks.${b}.wide`, norm(`blocks.${b}.norm2`, x)))));
    });
    return layer("out", norm("norm", x));
  };
  return { scores: ids.map((id) => read(id)), read };
}

const named = (letter) => ({ " ": "space", "\n": "line end" })[letter] ?? letter;
const seen = (text) => text.replaceAll("\n", "↵").replaceAll(" ", "␣");
const [FIRST, LAST, BARS] = ["The net learns ", 40, 10];

mount("cuts", async ({ stage, files, state, say }) => {
  const [net, { letters, context }] = await Promise.all([loadArrays(files["net.safetensors"]), loadJSON(files["letters.json"])]);
  const V = letters.length;
  const longest = context - LAST; // so that what is drawn has its places, too
  const between = (value, first, from, to) => Math.min(Math.max(Number.isFinite(Number(value)) ? Number(value) : first, from), to);
  const whole = (...given) => Math.round(between(...given));
  const readable = (value) => [...String(value)].filter((letter) => letters.includes(letter)).join("").slice(0, longest) || "\n";

  let begin = readable(state.get("text", FIRST));
  let luck = whole(state.get("luck", 0), 0, 0, 9999);
  const wanted = { temperature: state.get("temperature", 1), k: state.get("k", V), share: state.get("share", 0.9), step: state.get("step", 0) };
  let [written, scores, gpt] = [[], [], null];

  const label = html("label", { class: "cuts-text", text: "Your text " }, stage);
  const input = html("input", {
    type: "text", value: begin, maxlength: longest, spellcheck: "false", autocomplete: "off", autocapitalize: "off",
    oninput: () => {
      begin = readable(input.value);
      state.set("text", begin);
      again();
    },
  }, label);
  const knob = (key, options) => slider(stage, { ...options, change: (v) => (state.set(key, v), again()) });
  const temperature = knob("temperature", { label: "Temperature", min: 0.1, max: 2, step: 0.1, value: between(wanted.temperature, 1, 0.1, 2), text: (v) => v.toFixed(1) });
  const k = knob("k", { label: "Top-k", min: 1, max: V, step: 1, value: whole(wanted.k, V, 1, V), text: (v) => (v === V ? "all" : String(v)) });
  const share = knob("share", { label: "Top-p", min: 0.05, max: 1, step: 0.05, value: between(wanted.share, 0.9, 0.05, 1), text: (v) => v.toFixed(2) });
  say("");
  const bars = svg("svg", { viewBox: `0 0 320 ${22 * (BARS + 1) + 6}`, "aria-hidden": "true" }, stage);
  const walk = player(stepper(stage, { label: "Letters", last: LAST, reset: false, show, value: whole(wanted.step, 0, 0, LAST) }), { pace: 400 });
  button(walk.element, "New draw", () => {
    luck = (luck + 1) % 10000;
    state.set("luck", luck);
    again();
  });
  resetButton(walk.element);
  const line = html("p", { class: "cuts-line" }, stage);

  const settings = () => ({ temperature: temperature.value, k: k.value, share: share.value });

  function again() {
    gpt = reader(net, [...begin].map((letter) => letters.indexOf(letter)));
    [written, scores] = [[], [gpt.scores.at(-1)]];
    walk.show();
  }
  function show(steps) {
    state.set("step", steps);
    while (written.length < steps) {
      const id = draw(cut(scores.at(-1), settings()), lot(luck, written.length));
      written.push(letters[id]);
      scores.push(gpt.read(id));
    }
    const text = begin + written.slice(0, steps).join("");
    const [own, left] = [temper(scores[steps], 1), cut(scores[steps], settings())];
    drawBars(own, left);
    line.replaceChildren(seen(begin), html("strong", { text: seen(written.slice(0, steps).join("")) }));
    const kept = [...left.keys()].filter((i) => left[i] > 0);
    const best = ranked(left)[0];
    const strange = [...new Set(input.value)].filter((letter) => !letters.includes(letter));
    const out = strange.length ? `The net leaves out what it does not know: ${strange.join(" ")}. ` : "";
    say(`${out}After “${seen(text.slice(-12))}”, ${kept.length} of ${V} letters ${kept.length === 1 ? "stays" : "stay"}; `
      + `${kept.length === 1 ? "it has" : "together they have"} ${sum(kept.map((i) => own[i])).toFixed(2)} of the GPT's own shares. `
      + `Likeliest: ${named(letters[best])}, ${own[best].toFixed(2)} before, ${left[best].toFixed(2)} now.`);
  }
  function drawBars(own, left) {
    const order = ranked(own).slice(0, BARS);
    const rest = (p) => Math.max(0, 1 - sum(order.map((i) => p[i])));
    const rows = [...order.map((i) => [named(letters[i]), own[i], left[i], left[i] > 0]), ["all others", rest(own), rest(left), rest(left) > 1e-6]];
    bars.replaceChildren();
    rows.forEach(([name, before, now, stays], i) => {
      const y = 4 + 22 * i;
      svg("text", { x: 66, y: y + 13, "text-anchor": "end", opacity: stays ? 1 : 0.6, text: name }, bars);
      svg("rect", { x: 72, y, width: (150 * now).toFixed(1), height: 17, fill: i < BARS ? "var(--blue)" : "var(--muted)" }, bars);
      svg("rect", { x: 72, y, width: (150 * before).toFixed(1), height: 17, fill: "none", stroke: "var(--orange)", "stroke-width": 1.5 }, bars);
      svg("text", { x: 318, y: y + 13, "text-anchor": "end", text: `${before.toFixed(2)} → ${stays ? now.toFixed(2) : "cut"}` }, bars);
    });
  }

  again();
});
