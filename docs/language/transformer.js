/* One sentence through the encoder of language/transformer/reading.py, matrix by matrix; what each
   means, its line of code and its test are those of language/transformer/stages.py. */

import { choice, html, loadArrays, loadJSON, mount, resetButton, svg } from "../assets/move.js";

/** The rows of a weight that safetensors gave, or a bias as one row. */
const table = (array) => {
  const columns = array.shape.at(-1);
  return Array.from({ length: array.length / columns }, (_, i) => [...array.slice(i * columns, (i + 1) * columns)]);
};
const times = (X, W) => X.map((x) => W[0].map((_, j) => x.reduce((all, v, i) => all + v * W[i][j], 0)));
const plus = (X, Y) => X.map((x, t) => x.map((v, i) => v + Y[t % Y.length][i]));
const turned = (X) => X[0].map((_, j) => X.map((x) => x[j]));

function softmax(row) {
  const top = Math.max(...row);
  const powers = row.map((v) => Math.exp(v - top));
  const all = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / all);
}

function norm(X, weight, bias) {
  return X.map((x) => {
    const mean = x.reduce((a, b) => a + b) / x.length;
    const spread = Math.sqrt(x.reduce((all, v) => all + (v - mean) ** 2, 0) / x.length + 1e-5);
    return x.map((v, i) => ((v - mean) / spread) * weight[i] + bias[i]);
  });
}

/** The sines and cosines of `positions`, one row per place. */
export const positions = (places, dim) =>
  Array.from({ length: places }, (_, p) => Array.from({ length: dim }, (_, i) => {
    const angle = p / 10000 ** ((i - (i % 2)) / dim);
    return i % 2 ? Math.cos(angle) : Math.sin(angle);
  }));

/** All matrices from words to ending scores, as [name, value]: value is (T, D), or (heads, T, D). */
export function forward(net, ids, { heads = 4, layers = 2, placed = true } = {}) {
  const found = [];
  const keep = (name, value) => (found.push([name, value]), value);
  const w = Object.fromEntries(Object.entries(net).map(([name, array]) => [name, table(array)]));
  const dense = (X, name) => plus(times(X, w[name.replace("*", "W")]), w[name.replace("*", "b")]);
  const words = keep("words", ids.map((i) => w.word[i]));
  const D = words[0].length;
  const places = keep("places", placed ? positions(ids.length, D) : words.map((x) => x.map(() => 0)));
  let x = keep("x", plus(words, places));
  for (let l = 0; l < layers; l += 1) {
    const put = (name, value) => keep(`layer ${l + 1}: ${name}`, value);
    const norm1 = put("norm 1", norm(x, w[`${l}_weight1`][0], w[`${l}_bias1`][0]));
    const all = dense(norm1, `${l}_*qkv`);
    const d = D / heads;
    const split = (part) => Array.from({ length: heads }, (_, h) => all.map((row) => row.slice(part * D + h * d, part * D + (h + 1) * d)));
    const [q, k, v] = ["queries", "keys", "values"].map((name, part) => put(name, split(part)));
    const scores = put("scores", q.map((Q, h) => times(Q, turned(k[h])).map((row) => row.map((s) => s / Math.sqrt(d)))));
    const shares = put("shares", scores.map((S) => S.map(softmax)));
    const heard = put("heard", shares.map((A, h) => times(A, v[h])));
    const said = put("attention says", dense(ids.map((_, t) => heard.flatMap((H) => H[t])), `${l}_*o`));
    x = put("x after listening", plus(x, said));
    const norm2 = put("norm 2", norm(x, w[`${l}_weight2`][0], w[`${l}_bias2`][0]));
    const units = put("hidden units", dense(norm2, `${l}_*1`).map((row) => row.map((z) => Math.max(z, 0))));
    x = put("x after thinking", plus(x, put("the small net says", dense(units, `${l}_*2`))));
  }
  keep("ending scores", dense(keep("last norm", norm(x, w.weight[0], w.bias[0])), "*out"));
  return found;
}

const [FIRST, LONGEST] = ["the dog that the cats see sleep .", 14];
const STEMS = ["follow", "hear", "laugh", "like", "see", "sing", "sleep", "wait"];
const two = (v) => v.toFixed(2).replace("-", "−");
const flat = (value) => value.flat(3);
const size = (value) => (Array.isArray(value) ? [value.length, ...size(value[0])] : []);

mount("anatomy", async ({ root, stage, files, state, say, colours }) => {
  const [net, { words, stages, heads }] = await Promise.all([loadArrays(files["net.safetensors"]), loadJSON(files["stages.json"])]);
  const names = stages.map(({ name }) => name);
  const wanted = { name: state.get("matrix", "layer 1: shares"), head: state.get("head", "1"), places: state.get("places", "on") };
  let text = String(state.get("text", FIRST));
  let chosen = names.includes(wanted.name) ? wanted.name : "layer 1: shares";
  let matrices = new Map();

  const label = html("label", { class: "anatomy-text", text: "Sentence " }, stage);
  const input = html("input", {
    type: "text", value: text, maxlength: 90, spellcheck: "false", autocomplete: "off", autocapitalize: "off",
    oninput: () => (state.set("text", text = input.value), run()),
  }, label);
  html("p", { class: "move-hint", text: `Known words: ${words.slice(2).join(", ")}. Verbs have no ending.` }, stage);
  const tools = html("div", { class: "anatomy-tools" }, stage);
  const places = choice(tools, {
    label: "Positions", options: ["on", "off"], value: wanted.places === "off" ? "off" : "on",
    change: (v) => (state.set("places", v), run()),
  });
  resetButton(tools);
  say("");
  const map = html("div", { class: "anatomy-map" }, stage);
  const buttons = new Map();
  let group = "";
  let row = null;
  for (const name of names) {
    const [left, right] = name.includes(": ") ? name.split(": ") : [names.indexOf(name) < 3 ? "start" : "end", name];
    if (left !== group) {
      group = left;
      html("p", { class: "anatomy-group", text: left }, map);
      row = html("div", { class: "anatomy-row", role: "group", "aria-label": left }, map);
    }
    const one = html("button", { type: "button", onclick: () => (state.set("matrix", chosen = name), look()) }, row);
    html("canvas", { "aria-hidden": "true" }, one);
    html("span", { text: right }, one);
    buttons.set(name, one);
  }
  const title = html("p", { class: "anatomy-title", "aria-live": "polite" }, stage);
  const head = choice(stage, {
    label: "Head", options: Array.from({ length: heads }, (_, h) => `${h + 1}`), value: /^[1-4]$/.test(wanted.head) ? `${wanted.head}` : "1",
    change: (v) => (state.set("head", v), look()),
  });
  const picture = svg("svg", { role: "img" }, stage);
  const cell = html("p", { class: "move-hint" }, stage);
  const facts = html("dl", { class: "anatomy-facts" }, stage);

  const read = () => text.toLowerCase().replace(/\./g, " .").split(/\s+/).filter(Boolean);
  const known = () => read().filter((word) => words.indexOf(word) > 0).slice(0, LONGEST);

  function run() {
    const said = known().length ? known() : ["."];
    matrices = new Map(forward(net, said.map((word) => words.indexOf(word)), { heads, placed: places.value === "on" }));
    const strange = read().filter((word) => words.indexOf(word) < 1);
    const out = strange.length ? `Unknown, so left out: ${strange.join(" ")}. ` : "";
    const verbs = said.map((word, t) => [word, softmax(matrices.get("ending scores")[t])[1]]).filter(([word]) => STEMS.includes(word));
    const told = verbs.map(([word, p]) => `${word}${p > 0.5 ? "s" : ""} (−s: ${two(p)})`.replace("−s", "-s")).join(", ");
    say(`${out}${told ? `The net says: ${told}.` : "The sentence has no verb."}`);
    paint();
    look();
  }

  function paint() {
    const [blue, orange, paper] = ["blue", "orange", "paper"].map((name) => colours.now(name));
    for (const [name, value] of matrices) {
      const parts = size(value).length === 3 ? value : [value];
      const canvas = buttons.get(name).firstChild;
      const top = Math.max(1e-9, ...flat(value).map(Math.abs));
      [canvas.width, canvas.height] = [parts.length * (parts[0][0].length + 1) - 1, parts[0].length];
      const brush = canvas.getContext("2d");
      parts.forEach((part, h) => part.forEach((line, t) => line.forEach((v, i) => {
        brush.globalAlpha = 1;
        brush.fillStyle = paper;
        brush.fillRect(h * (line.length + 1) + i, t, 1, 1);
        brush.globalAlpha = Math.abs(v) / top;
        brush.fillStyle = v < 0 ? orange : blue;
        brush.fillRect(h * (line.length + 1) + i, t, 1, 1);
      })));
    }
  }

  function look() {
    buttons.forEach((one, name) => one.setAttribute("aria-pressed", name === chosen));
    const { meaning, code, where, test } = stages[names.indexOf(chosen)];
    const value = matrices.get(chosen);
    const shape = size(value);
    const perHead = shape.length === 3;
    const seen = perHead ? value[Number(head.value) - 1] : value;
    const said = known().length ? known() : ["."];
    const square = perHead && seen[0].length === said.length && /shares|scores/.test(chosen);
    title.textContent = `${chosen}${perHead ? `, head ${head.value}` : ""}: ${meaning}.`;
    const [left, high, up] = [66, 20, square ? 58 : 4];
    const wide = Math.min(40, 250 / seen[0].length);
    const top = Math.max(1e-9, ...flat(seen).map(Math.abs));
    picture.replaceChildren();
    picture.setAttribute("viewBox", `0 0 320 ${up + high * seen.length + 4}`);
    picture.setAttribute("aria-label", `${chosen}, ${seen.length} rows of ${seen[0].length} numbers each`);
    seen.forEach((line, t) => {
      const y = up + high * t;
      svg("text", { x: left - 6, y: y + 14, "text-anchor": "end", text: said[t] }, picture);
      line.forEach((v, i) => {
        const column = square ? `column ${said[i]}` : `number ${i + 1}`;
        svg("rect", {
          x: (left + i * wide).toFixed(2), y, width: wide.toFixed(2), height: high, stroke: "var(--grid)", "stroke-width": 0.5,
          fill: `var(--${v < 0 ? "orange" : "blue"})`, "fill-opacity": (Math.abs(v) / top).toFixed(3),
          onpointerenter: () => (cell.textContent = `Row ${said[t]}, ${column}: ${two(v)}.`),
        }, picture);
      });
    });
    if (square) {
      said.forEach((word, i) => svg("text", { transform: `translate(${left + (i + 0.5) * wide + 4} ${up - 5}) rotate(-55)`, text: word }, picture));
    }
    const span = flat(seen);
    cell.textContent = `Blue is above 0, orange below. The numbers go from ${two(Math.min(...span))} to ${two(Math.max(...span))}. Point at one to read it.`;
    facts.replaceChildren();
    const fact = (term, fill) => {
      html("dt", { text: term }, facts);
      fill(html("dd", {}, facts));
    };
    fact("Shape", (dd) => (dd.textContent = `(${shape.join(", ")}): ${perHead ? "heads, " : ""}words, ${square ? "words" : "numbers"}`));
    fact("Code", (dd) => {
      html("code", { text: code }, dd);
      html("span", { text: ` ${where}` }, dd);
    });
    fact("Test", (dd) => {
      const [file, name] = test.split("::");
      // Where the project is published, the page has a link to this lesson's tests.
      const link = root.ownerDocument.querySelector('a[href$="tests/language/test_transformer.py"]');
      const address = link?.href.replace("tests/language/test_transformer.py", file);
      if (address) html("a", { href: address, text: name }, dd);
      else html("code", { text: name }, dd);
      html("span", { text: ` ${file}` }, dd);
    });
  }

  run();
  const first = buttons.get(chosen); // on a phone its row slides
  first.parentElement.scrollLeft = first.offsetLeft - first.parentElement.offsetLeft - 20;
  colours.follow(() => paint());
});
