/* The nearest words of a typed word, and analogies, in the vectors of this build.
   The vectors have length 1, so a dot product is a cosine. The rules are language/embeddings.py's. */

import { choice, html, loadArrays, loadJSON, mount, resetButton, svg } from "../assets/move.js";

const row = (vectors, i) => vectors.subarray(i * vectors.shape[1], (i + 1) * vectors.shape[1]);

/** Divide a vector by its length. */
function unit(x) {
  const length = Math.hypot(...x);
  return Array.from(x, (v) => v / length);
}

/** What is looked for: the vector of one word, or b − a + c of three. */
function target(vectors, question) {
  const [a, b, c] = question.map((i) => unit(row(vectors, i)));
  return unit(question.length === 1 ? a : a.map((v, d) => b[d] - v + c[d]));
}

/** The `count` rows with the largest cosines, as [row, cosine]; `without` leaves the question's out. */
export function nearest(vectors, question, without, count) {
  const aim = target(vectors, question);
  return Array.from({ length: vectors.shape[0] }, (_, i) => {
    const x = row(vectors, i);
    let [dot, square] = [0, 0];
    for (let d = 0; d < x.length; d++) {
      dot += x[d] * aim[d];
      square += x[d] * x[d];
    }
    return [i, dot / Math.sqrt(square)];
  })
    .filter(([i]) => !(without && question.includes(i)))
    .sort((p, q) => q[1] - p[1] || p[0] - q[0])
    .slice(0, count);
}

const [COUNT, SIZE] = [8, 300];
const FIRST = { near: ["", "", "variance"], analogy: ["array", "arrays", "column"] };
const NAMES = ["Word", "is to", "as"];
// Where a name may stand: from its dot right and down, and which part of its width lies to the left.
const ABOVE = [[0, -7, 0.5], [0, 15, 0.5], [7, 4, 0], [-7, 4, 1]];
const BESIDE = [[5, 4, 0], [-5, 4, 1], [0, -6, 0.5], [0, 14, 0.5], [5, -4, 0], [5, 12, 0], [-5, -4, 1], [-5, 12, 1]];

mount("near", async ({ stage, files, state, say }) => {
  const [words, { vectors, map }] = await Promise.all([loadJSON(files["words.json"]), loadArrays(files["vectors.safetensors"])]);
  const place = new Map(words.map((word, i) => [word, i]));
  const clean = (text) => String(text).toLowerCase().replace(/[^a-z]/g, "").slice(0, 24);

  const ask = choice(stage, {
    label: "Ask for", options: { near: "neighbours of a word", analogy: "an analogy" },
    value: state.get("ask", "near") === "analogy" ? "analogy" : "near",
    change: (v) => (state.set("ask", v), fill(FIRST[v]), show()),
  });
  const kept = ["a", "b", "c"].map((key, i) => clean(state.get(key, FIRST[ask.value][i])));
  const fields = html("div", { class: "embeddings-words" }, stage);
  const inputs = NAMES.map((name, i) => {
    const label = html("label", {}, fields);
    const text = html("span", { text: name }, label);
    const input = html("input", {
      type: "text", value: kept[i], maxlength: 24, spellcheck: "false", autocomplete: "off", autocapitalize: "off",
      oninput: () => (state.set("abc"[i], clean(input.value)), show()),
    }, label);
    return { label, text, input };
  });
  const leave = choice(stage, {
    label: "Words of the question", options: { out: "left out", in: "may be the answer" },
    value: state.get("leave", "out") === "in" ? "in" : "out", change: (v) => (state.set("leave", v), show()),
  });
  const bars = svg("svg", { viewBox: `0 0 320 ${22 * COUNT + 8}`, "aria-hidden": "true" }, stage);
  say("");
  const chart = svg("svg", { viewBox: `0 0 ${SIZE + 20} ${SIZE + 20}`, "aria-hidden": "true" }, stage);
  resetButton(stage);

  // Where each word lies on the flat map.
  const spots = [0, 1].map((axis) => {
    const values = words.map((_, i) => map[2 * i + axis]);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return values.map((v) => 10 + (SIZE * (axis ? high - v : v - low)) / (high - low));
  });
  const dots = words.map((_, i) => `M${spots[0][i].toFixed(1)} ${spots[1][i].toFixed(1)}h.01`).join("");
  svg("path", { d: dots, stroke: "var(--muted)", "stroke-width": 1.6, "stroke-linecap": "round", opacity: 0.4 }, chart);
  const marks = svg("g", {}, chart);
  let taken = []; // what names must not cover: left, top, right, bottom

  function fill(values) {
    inputs.forEach(({ input }, i) => {
      input.value = values[i];
      state.set("abc"[i], values[i]);
    });
  }

  function show() {
    const three = ask.value === "analogy";
    inputs.forEach(({ label, text }, i) => {
      label.hidden = !three && i < 2;
      text.textContent = NAMES[three ? i : 0];
    });
    const asked = inputs.slice(three ? 0 : 2).map(({ input }) => clean(input.value));
    const unknown = asked.filter((word) => !place.has(word));
    bars.replaceChildren();
    marks.replaceChildren();
    if (unknown.length) {
      const begun = unknown[0] && words.filter((word) => word.startsWith(unknown[0].slice(0, 3))).slice(0, 5);
      say(!unknown[0] ? "Type a word." : `“${unknown[0]}” is not among the ${words.length.toLocaleString("en")} words.${begun.length ? ` These are: ${begun.join(", ")}.` : ""}`);
      return;
    }
    const question = asked.map((word) => place.get(word));
    const found = nearest(vectors, question, leave.value === "out", COUNT);
    found.forEach(([i, cosine], n) => {
      const [y, width] = [4 + 22 * n, 130 * Math.max(cosine, 0)];
      svg("text", { x: 134, y: y + 13, "text-anchor": "end", text: `${n + 1}  ${words[i]}` }, bars);
      svg("rect", { x: 140, y, width: width.toFixed(1), height: 17, fill: question.includes(i) ? "var(--orange)" : "var(--blue)" }, bars);
      svg("text", { x: (144 + width).toFixed(1), y: y + 13, text: cosine.toFixed(2) }, bars);
    });
    const shown = [...new Set([...question, ...found.map(([i]) => i)])];
    taken = shown.map((i) => [spots[0][i] - 4, spots[1][i] - 4, spots[0][i] + 4, spots[1][i] + 4]);
    for (const i of shown) {
      if (question.includes(i)) mark(i, "var(--orange)", words[i], ABOVE);
      else mark(i, "var(--blue)", String(found.findIndex(([j]) => j === i) + 1), BESIDE);
    }
    const best = words[found[0][0]];
    say(three
      ? `“${asked[0]}” is to “${asked[1]}” as “${asked[2]}” is to “${best}”${question.includes(found[0][0]) ? ", a word of the question itself" : ""}. Nearest to “${asked[2]}” alone: “${words[nearest(vectors, [question[2]], true, 1)[0][0]]}”.`
      : `Nearest to “${asked[0]}”: ${found.slice(0, 3).map(([i]) => `“${words[i]}”`).join(", ")}. The map shows all words as dots, and these as numbers.`);
  }

  /** A dot, and its name on the first side where it covers no other; else on the first side. */
  function mark(i, colour, name, sides) {
    const [x, y, width] = [spots[0][i], spots[1][i], 7 * name.length];
    svg("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: 3.5, fill: colour }, marks);
    const places = sides.map(([dx, dy, shift]) => {
      const left = Math.min(Math.max(x + dx - shift * width, 0), SIZE + 20 - width);
      return [left, y + dy - 10, left + width, y + dy + 1];
    });
    const meets = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
    const free = places.find((a) => !taken.some((b) => meets(a, b))) ?? places[0];
    taken.push(free);
    svg("text", { class: "embeddings-name", x: free[0].toFixed(1), y: (free[3] - 1).toFixed(1), text: name }, marks);
  }

  show();
});
