/* Each word of a typed sentence: its share of the bag's score, and what the LSTM's score loses when
   the word is left out. The rules are language/sentiment's; the weights are those of this build. */

import { dense, embedding, lstm, reshape, tensor } from "../assets/infer.js";
import { button, html, loadArrays, loadJSON, mount, resetButton, svg } from "../assets/move.js";

const [FIRST, LONGEST, MOST] = ["It is good, not bad.", 160, 24];
const UNKNOWN = 1;

export const words = (text) => text.toLowerCase().match(/[a-z']*[a-z][a-z']*/g) ?? [];

/** The share of each word of a sentence, places in the vocabulary or -1, in the bag's score. */
export function shares(places, rarity, weights) {
  const counts = new Map();
  for (const i of places) if (i >= 0) counts.set(i, (counts.get(i) ?? 0) + 1);
  const length = Math.hypot(...[...counts].map(([i, n]) => n * rarity[i])) || 1;
  return places.map((i) => (i < 0 ? 0 : (rarity[i] * weights[i]) / length));
}

/** The LSTM's score of a sentence, given as rows of the embedding. */
export function read(net, rows) {
  if (!rows.length) return dense(tensor(new Float32Array(net.out_weight.shape[1]), [1, net.out_weight.shape[1]]), net.out_weight, net.out_bias)[0];
  const x = embedding(rows, net.embedding);
  const [shown] = lstm(reshape(x, [rows.length, 1, x.shape[1]]), net);
  const H = shown.shape[2];
  const mean = Float32Array.from({ length: H }, (_, j) => {
    let sum = 0;
    for (let t = 0; t < rows.length; t += 1) sum += shown[t * H + j];
    return sum / rows.length;
  });
  return dense(tensor(mean, [1, H]), net.out_weight, net.out_bias)[0];
}

/** By how much that score falls when each word is left out. */
export function leftOut(net, rows) {
  const whole = read(net, rows);
  return rows.map((_, t) => whole - read(net, rows.filter((_, i) => i !== t)));
}

const signed = (v) => (v < -0.005 ? "−" : v > 0.005 ? "+" : "") + Math.abs(v).toFixed(2);
const percent = (s) => `${Math.round(100 / (1 + Math.exp(-s)))} %`;

mount("share", async ({ stage, files, state, say }) => {
  const [vocabulary, net] = await Promise.all([loadJSON(files["words.json"]), loadArrays(files["models.safetensors"])]);
  const place = new Map(vocabulary.map((word, i) => [word, i]));
  const asked = state.get("text", FIRST);

  const input = html("input", {
    type: "text", value: (typeof asked === "string" ? asked : FIRST).slice(0, LONGEST), maxlength: LONGEST,
    spellcheck: "false", autocomplete: "off", autocapitalize: "off",
    oninput: () => {
      state.set("text", input.value);
      show();
    },
  }, html("label", { class: "sentiment-text", text: "Sentence " }, stage));
  const row = html("p", { class: "sentiment-buttons" }, stage);
  button(row, "Shuffle the words", () => {
    const all = words(input.value);
    const found = all.slice(0, MOST); // what is not read stays behind, so that the bag's words stay
    for (let i = found.length - 1; i > 0; i -= 1) {
      const j = Math.floor(Math.random() * (i + 1));
      [found[i], found[j]] = [found[j], found[i]];
    }
    input.value = [...found, ...all.slice(MOST)].join(" ");
    state.set("text", input.value);
    show();
  });
  resetButton(row);
  const picture = svg("svg", { "aria-hidden": "true" }, stage);
  html("p", { class: "move-hint", text: `Blue: what a word adds to the bag's score. Orange: how far the LSTM's score falls without the word. At most ${LONGEST} characters, of which the first ${MOST} words are read.` }, stage);
  say("");

  /** A bar from a middle line, with its number. */
  function bar(middle, y, value, scale, colour) {
    const width = Math.abs(value) * scale;
    svg("rect", { x: value < 0 ? middle - width : middle, y, width, height: 14, fill: `var(--${colour})` }, picture);
    svg("text", { x: middle + 76, y: y + 12, "text-anchor": "end", text: signed(value) }, picture);
  }

  function show() {
    const all = words(input.value);
    const found = all.slice(0, MOST);
    const places = found.map((word) => place.get(word) ?? -1);
    const rows = places.map((i) => (i < 0 ? UNKNOWN : i + 2));
    picture.replaceChildren();
    picture.setAttribute("viewBox", `0 0 320 ${36 + 21 * (found.length + 2)}`);
    if (!found.length) {
      picture.setAttribute("viewBox", "0 0 320 4");
      say("Type a sentence in English.");
      return;
    }
    const bag = shares(places, net.rarity, net.weights);
    const out = leftOut(net, rows);
    const bagScore = bag.reduce((a, v) => a + v, net.bias[0]);
    const netScore = read(net, rows);
    const scale = 36 / Math.max(1, ...[...bag, ...out].map(Math.abs));
    const bold = { style: "font-weight: 700" };
    svg("text", { x: 86, y: 14, text: "bag: share", ...bold }, picture);
    svg("text", { x: 206, y: 14, text: "LSTM: left out", ...bold }, picture);
    found.forEach((word, t) => {
      const y = 24 + 21 * t;
      const unknown = places[t] < 0;
      const name = word.length > 12 ? `${word.slice(0, 11)}…` : word;
      svg("text", { x: 80, y: y + 12, "text-anchor": "end", text: unknown ? `${name} ?` : name, fill: unknown ? "var(--muted)" : "var(--ink)" }, picture);
      bar(124, y, bag[t], scale, "blue");
      bar(244, y, out[t], scale, "orange");
    });
    const y = 24 + 21 * found.length;
    for (const x of [124, 244]) svg("line", { x1: x, x2: x, y1: 20, y2: y, stroke: "var(--muted)" }, picture);
    [["bias", signed(net.bias[0]), ""], ["score", signed(bagScore), signed(netScore)]].forEach(([name, first, second], i) => {
      svg("text", { x: 80, y: y + 14 + 21 * i, "text-anchor": "end", text: name, ...bold }, picture);
      svg("text", { x: 200, y: y + 14 + 21 * i, "text-anchor": "end", text: first, ...bold }, picture);
      svg("text", { x: 320, y: y + 14 + 21 * i, "text-anchor": "end", text: second, ...bold }, picture);
    });
    const strange = [...new Set(found.filter((_, t) => places[t] < 0))];
    const most = (all) => {
      const t = all.reduce((best, v, i) => (Math.abs(v) > Math.abs(all[best]) ? i : best), 0);
      return `most from “${found[t]}”, ${signed(all[t])}`;
    };
    say(`The bag says ${percent(bagScore)} positive (${most(bag)}), the LSTM ${percent(netScore)} (${most(out)}).`
      + (strange.length ? ` Unknown, marked with “?”: ${strange.join(", ")}.` : "")
      + (all.length > MOST ? ` Only the first ${MOST} of ${all.length} words are read.` : ""));
  }
  show();
});
