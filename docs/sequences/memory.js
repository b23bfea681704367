/* Scores of three kinds of net while they learn, and three trained nets that read the reader's text:
   how much of a nudge at each letter is left at the end. Scores and weights are the example's. */

import { dense, gruCell, gruGates, lstmCell, lstmGates, rnnCell, softmax, tensor, zeros } from "../assets/infer.js";
import { axes, choice, html, loadArrays, loadJSON, mount, resetButton, slider, svg } from "../assets/move.js";

const KINDS = { rnn: ["recurrent net", "orange"], lstm: ["LSTM", "blue"], gru: ["GRU", "green"] };
const LETTERS = "ABCDabcd";
const FIRST = "Bccdcddaabbddabdadabdbbb";
const LONGEST = 40;
const mean = (all) => all.reduce((a, b) => a + b, 0) / all.length;

mount("learn", async ({ stage, files, state, say }) => {
  const tasks = await loadJSON(files["curves.json"]);
  const LOOK = {
    recall: { top: 1, lazy: 0.25, text: "guessing", y: "right answers", show: (v) => `${Math.round(100 * v)} %`, unit: "letters" },
    adding: { top: 0.5, lazy: 1 / 6, text: "always 1", y: "squared error, up to 0.5", show: (v) => v.toFixed(3), unit: "numbers" },
  };
  let task = state.get("task", "recall");
  if (!LOOK[task]) task = "recall";
  const place = (v) => Math.min(Math.max(Math.round(v) || 0, 0), tasks[task].lengths.length - 1);
  choice(stage, {
    label: "Task", options: { recall: "name the first letter", adding: "add two numbers" }, value: task,
    change: (v) => ((task = v), state.set("task", v), build()),
  });
  const room = html("div", {}, stage);
  resetButton(stage);
  const picture = svg("svg", { viewBox: "0 0 320 250", role: "img", "aria-label": "Scores by updates" }, stage);
  let length = state.get("length", 0);

  function build() {
    length = place(length);
    room.replaceChildren();
    slider(room, {
      label: "Length", min: 0, max: tasks[task].lengths.length - 1, step: 1, value: length,
      text: (v) => `${tasks[task].lengths[v]} ${LOOK[task].unit}`,
      change: (v) => ((length = v), state.set("length", v), draw()),
    });
    draw();
  }

  function draw() {
    const [{ lengths, updates, scores }, look] = [tasks[task], LOOK[task]];
    const at = axes({ x: [0, updates.at(-1)], y: [0, look.top], width: 320, height: 250, pad: 34 });
    picture.replaceChildren();
    svg("rect", { x: 34, y: 34, width: 252, height: 182, fill: "none", stroke: "var(--grid)" }, picture);
    svg("text", { x: 34, y: 12, text: look.y }, picture);
    for (const v of [0, look.top / 2, look.top]) svg("text", { x: 30, y: at.y(v) + 4, "text-anchor": "end", text: look.show(v).replace(/ ?%|0$/g, "") || "0" }, picture);
    for (const v of [0, updates.at(-1)]) svg("text", { x: at.x(v), y: 232, "text-anchor": "middle", text: v }, picture);
    svg("text", { x: 160, y: 246, "text-anchor": "middle", text: "updates" }, picture);
    const lazy = at.y(look.lazy);
    svg("line", { x1: 34, x2: 286, y1: lazy, y2: lazy, stroke: "var(--muted)", "stroke-dasharray": "4 4" }, picture);
    const path = (row, colour, width, opacity) => svg("polyline", {
      points: row.map((v, k) => `${at.x(updates[k])},${at.y(Math.min(v, look.top))}`).join(" "),
      fill: "none", stroke: `var(--${colour})`, "stroke-width": width, opacity,
    }, picture);
    const ends = Object.entries(KINDS).map(([kind, [name, colour]], i) => {
      const nets = scores[kind][length];
      nets.forEach((row) => path(row, colour, 1, 0.4));
      const middle = updates.map((_, k) => mean(nets.map((row) => row[k])));
      path(middle, colour, 3, 1);
      svg("text", { x: [34, 150, 210][i], y: 28, fill: `var(--${colour})`, style: `fill: var(--${colour}); font-weight: 700`, text: name }, picture);
      return `${name}s ${look.show(middle.at(-1))}`;
    });
    svg("text", { x: 282, y: lazy - 4, "text-anchor": "end", text: look.text }, picture);
    say(`With ${lengths[length]} ${look.unit}, after ${updates.at(-1)} updates, on average: ${ends.join(", ")}. `
      + `${task === "recall" ? "Guessing" : "Always 1"}: ${look.show(look.lazy)}.`);
  }
  build();
});

/** One step: the new state, and its slopes for the old one, row by row, (S, S). */
function step(kind, x, state, w) {
  const H = w.weight_hh.shape[1];
  const [S, W] = [state.length, (part, i, j) => w.weight_hh[(part * H + i) * H + j]];
  const slopes = new Float64Array(S * S);
  const each = (f) => {
    for (let i = 0; i < H; i += 1) for (let j = 0; j < H; j += 1) f(i, j, i === j ? 1 : 0);
  };
  const h = tensor(state.slice(0, H), [1, H]);
  if (kind === "rnn") {
    const next = rnnCell(x, h, w);
    each((i, j) => (slopes[i * S + j] = (1 - next[i] ** 2) * W(0, i, j)));
    return [next, slopes];
  }
  if (kind === "gru") {
    const { reset: r, update: z, candidate } = gruGates(x, h, w);
    const said = dense(h, w.weight_hh, w.bias_hh).slice(2 * H);
    each((i, j, same) => {
      const heard = r[i] * W(2, i, j) + said[i] * r[i] * (1 - r[i]) * W(0, i, j);
      slopes[i * S + j] = same * z[i] + (h[i] - candidate[i]) * z[i] * (1 - z[i]) * W(1, i, j)
        + (1 - z[i]) * (1 - candidate[i] ** 2) * heard;
    });
    return [gruCell(x, h, w), slopes];
  }
  const c = tensor(state.slice(H), [1, H]);
  const { input: a, forget: f, candidate: g, output: o } = lstmGates(x, h, w);
  const [shown, cell] = lstmCell(x, [h, c], w);
  each((i, j, same) => {
    const t = Math.tanh(cell[i]);
    const hears = c[i] * f[i] * (1 - f[i]) * W(1, i, j) + g[i] * a[i] * (1 - a[i]) * W(0, i, j)
      + a[i] * (1 - g[i] ** 2) * W(2, i, j);
    slopes[(H + i) * S + j] = hears;
    slopes[(H + i) * S + H + j] = same * f[i];
    slopes[i * S + j] = o[i] * (1 - t * t) * hears + t * o[i] * (1 - o[i]) * W(3, i, j);
    slopes[i * S + H + j] = same * o[i] * (1 - t * t) * f[i];
  });
  return [Float32Array.of(...shown, ...cell), slopes];
}

/** A net of a kind reads letters: how much of a nudge after each is left at the end, the Frobenius
    norm of the slopes by √S; and its shares of A to D. */
export function read(kind, w, letters) {
  const H = w.weight_hh.shape[1];
  const S = kind === "lstm" ? 2 * H : H;
  let state = new Float32Array(S);
  const steps = letters.map((letter) => {
    const x = zeros(1, LETTERS.length);
    x[LETTERS.indexOf(letter)] = 1;
    const [next, slopes] = step(kind, x, state, w);
    state = next;
    return slopes;
  });
  let all = Float64Array.from({ length: S * S }, (_, i) => (i % (S + 1) ? 0 : 1));
  const left = [1];
  for (let t = letters.length - 1; t > 0; t -= 1) {
    const next = new Float64Array(S * S);
    for (let i = 0; i < S; i += 1) for (let k = 0; k < S; k += 1) {
      for (let j = 0; j < S; j += 1) next[i * S + j] += all[i * S + k] * steps[t][k * S + j];
    }
    all = next;
    left.unshift(Math.sqrt(all.reduce((sum, v) => sum + v * v, 0) / S));
  }
  const shares = softmax(dense(tensor(state.slice(0, H), [1, H]), w.out_weight, w.out_bias));
  return { left, shares };
}

/** What can be read of a text: A to D, a to d. */
export const readable = (text) => [...text].filter((letter) => LETTERS.includes(letter)).slice(0, LONGEST);

/** A share in words: not more digits than are seen. */
export const amount = (v) => (v >= 0.01 ? v.toFixed(2) : v >= 1e-6 ? "under a hundredth" : "under a millionth");

mount("reach", async ({ stage, files, state, say }) => {
  const arrays = await loadArrays(files["nets.safetensors"]);
  const nets = Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, Object.fromEntries(
    Object.entries(arrays).filter(([name]) => name.startsWith(`${kind}_`)).map(([name, array]) => [name.slice(kind.length + 1), array]),
  )]));
  let letters = readable(state.get("text", FIRST));
  if (!letters.length) letters = readable(FIRST);
  const first = state.get("letter", 1);
  const field = html("input", {
    type: "text", value: letters.join(""), maxlength: LONGEST, spellcheck: "false", autocomplete: "off", autocapitalize: "off",
    oninput: () => {
      const found = readable(field.value);
      if (!found.length) return say("Type a capital A to D, and then small letters a to d.");
      letters = found;
      state.set("text", letters.join(""));
      choose(Math.min(at, letters.length));
    },
  }, html("label", { class: "letters-text", text: "Text " }, stage));
  const line = html("p", { class: "letters-line", "aria-hidden": "true" }, stage);
  const room = html("div", {}, stage);
  resetButton(stage);
  const picture = svg("svg", { viewBox: "0 0 320 300", role: "img", "aria-label": "What is left of a nudge at each letter, in three nets" }, stage);
  let at = Math.min(Math.max(Math.round(first) || 1, 1), letters.length);

  function choose(letter) {
    at = letter;
    room.replaceChildren();
    slider(room, {
      label: "Letter", min: 1, max: Math.max(letters.length, 2), step: 1, value: at, text: (v) => `${v}, ${letters[v - 1] ?? ""}`,
      change: (v) => ((at = Math.min(v, letters.length)), state.set("letter", at), draw()),
    });
    draw();
  }

  function draw() {
    line.replaceChildren(...letters.map((letter, i) => html(i === at - 1 ? "strong" : "span", { text: letter })));
    picture.replaceChildren();
    const width = 320 / letters.length;
    const said = Object.entries(KINDS).map(([kind, [name, colour]], row) => {
      const { left, shares } = read(kind, nets[kind], letters);
      const [base, best] = [96 + 100 * row, shares.indexOf(Math.max(...shares))];
      const names = `names ${LETTERS[best]}, ${Math.round(100 * shares[best])} %`;
      svg("text", { x: 0, y: base - 82, style: "font-weight: 700", text: `${name} ${names}` }, picture);
      svg("line", { x1: 0, x2: 320, y1: base, y2: base, stroke: "var(--muted)" }, picture);
      left.forEach((v, i) => {
        const height = 72 * Math.min(v, 1);
        svg("rect", { x: i * width + 0.5, y: base - height, width: Math.max(width - 1, 1), height, fill: `var(--${colour})`,
          opacity: i === at - 1 ? 1 : 0.55 }, picture);
      });
      return `${amount(left[at - 1])} in the ${name}, which ${names}`;
    });
    const right = LETTERS.indexOf(letters[0]) < 4 ? `The first letter is ${letters[0]}.` : "These nets learned on texts that begin with a capital.";
    say(`Of a nudge after letter ${at}, ${letters[at - 1]}, this is left at the end: ${said.join("; ")}. ${right}`);
  }
  choose(at);
});
