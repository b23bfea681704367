/* A trained LSTM reads a text letter by letter: its gates as bars, and the capital that it would name.
   The net is sequences/lstm/remembering.py's; its weights are those of the page's example. */

import { html, loadArrays, mount, player, resetButton, slider, stepper, svg } from "../assets/move.js";

export const LETTERS = "ABCDEFGHabcdefghijklmnopqrstuvwxyz";
const CAPITALS = 8;
const sigmoid = (z) => 1 / (1 + Math.exp(-z));

/** What can be read of a text: its letters A to H and a to z, with other capitals made small. */
export const readable = (text) =>
  [...text].map((letter) => (LETTERS.includes(letter) ? letter : letter.toLowerCase()))
    .filter((letter) => LETTERS.includes(letter)).slice(0, 40);

/** Read letters: for each the gates, the cell states, the outputs and the shares of A to H. */
export function read(net, letters) {
  const [H, K] = net.W.shape;
  let [h, c] = [new Array(H).fill(0), new Array(H).fill(0)];
  return letters.map((letter) => {
    const row = LETTERS.indexOf(letter) * K;
    const z = Array.from({ length: K }, (_, k) =>
      net.U[row + k] + net.b[k] + h.reduce((sum, v, j) => sum + v * net.W[j * K + k], 0));
    const [input, forget, candidate, output] = [sigmoid, sigmoid, Math.tanh, sigmoid]
      .map((bend, part) => z.slice(part * H, (part + 1) * H).map(bend));
    c = c.map((old, k) => forget[k] * old + input[k] * candidate[k]);
    h = c.map((state, k) => output[k] * Math.tanh(state));
    const powers = Array.from({ length: CAPITALS }, (_, k) =>
      Math.exp(net.out_bias[k] + h.reduce((sum, v, j) => sum + v * net.out_weight[j * CAPITALS + k], 0)));
    const all = powers.reduce((a, b) => a + b);
    return { input, forget, candidate, output, cell: c, shown: h, shares: powers.map((p) => p / all) };
  });
}

const two = (v) => v.toFixed(2).replace("-", "−");
const PARTS = [["forget", "forget gate", 0], ["input", "input gate", 0], ["candidate", "candidate", -1],
  ["output", "output gate", 0], ["cell", "cell state", -2.5], ["shown", "what it shows", -1]];
const FIRST = "DkwmoztesBrsuvnipy";

mount("gates", async ({ stage, files, state, say }) => {
  const net = await loadArrays(files["net.safetensors"]);
  const H = net.W.shape[0];
  const begin = (value) => (typeof value === "string" && readable(value).length ? readable(value) : readable(FIRST)).join("");
  let text = begin(state.get("text", FIRST));
  let letters = [...text];
  let seen = read(net, letters);

  const label = html("label", { class: "lstm-text", text: "Text " }, stage);
  const input = html("input", {
    type: "text", value: text, maxlength: 40, spellcheck: "false", autocomplete: "off", autocapitalize: "off",
    oninput: () => {
      text = readable(input.value).join("");
      if (!text) {
        say("Type letters: the capitals A to H are remembered, small letters come between.");
        return;
      }
      letters = [...text];
      seen = read(net, letters);
      state.set("text", text);
      walk.last = letters.length - 1;
      walk.to(letters.length - 1);
    },
  }, label);
  const line = html("p", { class: "lstm-line", "aria-hidden": "true" }, stage);
  const unit = slider(stage, {
    label: "Cell", min: 1, max: H, step: 1, value: Math.min(Math.max(Math.round(state.get("cell", 8)) || 1, 1), H),
    change: (v) => (state.set("cell", v), walk.show()),
  });
  const picture = svg("svg", { viewBox: "0 0 320 330", role: "img", "aria-label": "Gates of one cell, and shares of A to H" }, stage);
  const walk = player(stepper(stage, {
    label: "Letters", last: letters.length - 1, reset: false, show,
    value: Math.min(Math.max(Math.round(state.get("step", 0)) || 0, 0), letters.length - 1),
  }), { pace: 900 });
  resetButton(walk.element);
  say("");

  function bar(y, name, value, from, to, colour) {
    const x = (v) => 110 + (160 * (Math.min(Math.max(v, from), to) - from)) / (to - from);
    svg("text", { x: 104, y: y + 12, "text-anchor": "end", text: name }, picture);
    svg("rect", { x: 110, y, width: 160, height: 15, fill: "none", stroke: "var(--grid)" }, picture);
    svg("rect", {
      x: Math.min(x(0), x(value)), y, width: Math.abs(x(value) - x(0)), height: 15, fill: `var(--${colour})`,
    }, picture);
    svg("text", { x: 276, y: y + 12, text: two(value) }, picture);
  }

  function show(n) {
    const at = seen[n];
    const k = unit.value - 1;
    state.set("step", n);
    line.replaceChildren(...letters.map((letter, i) => html(i === n ? "strong" : "span", { text: letter })));
    picture.replaceChildren();
    PARTS.forEach(([key, name, from], i) =>
      bar(4 + 22 * i, name, at[key][k], from, from === -2.5 ? 2.5 : 1, ["blue", "orange", "orange", "green", "blue", "green"][i]));
    svg("text", { x: 110, y: 160, text: "Which capital came last?", style: "font-weight: 700" }, picture);
    at.shares.forEach((share, i) => bar(170 + 19 * i, LETTERS[i], share, 0, 1, "purple"));
    const best = at.shares.indexOf(Math.max(...at.shares));
    const last = letters.slice(0, n + 1).findLast((letter) => LETTERS.indexOf(letter) < CAPITALS);
    const before = n ? seen[n - 1].cell[k] : 0;
    say(`Letter ${n + 1}, ${letters[n]}: cell ${k + 1} keeps ${two(at.forget[k])} of ${two(before)}, adds ${two(at.input[k])} × ${two(at.candidate[k])}, `
      + `and holds ${two(at.cell[k])}. The net names ${LETTERS[best]}, ${Math.round(100 * at.shares[best])} %. `
      + (last ? (last === LETTERS[best] ? "That is right." : `It was ${last}.`) : "There was no capital yet."));
  }

  walk.show();
});
