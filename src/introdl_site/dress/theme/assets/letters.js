/* A trained net of sequences/lstm/remembering.py reads the reader's text letter by letter; shared by
   the lessons that show its gates. */

import { html, player, resetButton, slider, stepper, svg } from "./move.js";
import { dense, lstmCell, lstmGates, softmax, zeros } from "./infer.js";

export const LETTERS = "ABCDEFGHabcdefghijklmnopqrstuvwxyz";
export const CAPITALS = 8;
const FIRST = "DkwmoztesBrsuvnipy";
const LONGEST = 60;

/** What can be read of a text: its letters A to H and a to z, with other capitals made small. */
export const readable = (text) =>
  [...text].map((letter) => (LETTERS.includes(letter) ? letter : letter.toLowerCase()))
    .filter((letter) => LETTERS.includes(letter)).slice(0, LONGEST);

/** A letter as the net takes it, (1, 34): 1 at its place, 0 elsewhere. */
export function one(letter) {
  const x = zeros(1, LETTERS.length);
  x[LETTERS.indexOf(letter)] = 1;
  return x;
}

/** What a trained LSTM has after each letter: gates, cell states, what it shows, shares of A to H. */
export function readLSTM(net, letters) {
  const H = net.weight_hh.shape[1];
  let [shown, cell] = [zeros(1, H), zeros(1, H)];
  return letters.map((letter) => {
    const gates = lstmGates(one(letter), shown, net);
    [shown, cell] = lstmCell(one(letter), [shown, cell], net);
    return { ...gates, cell, shown, shares: softmax(dense(shown, net.out_weight, net.out_bias)) };
  });
}

/** The bars of an LSTM's cell, for cellBars. */
export const LSTM_PARTS = [["forget", "forget gate", "blue"], ["input", "input gate", "orange"],
  ["candidate", "candidate", "orange", 1], ["output", "output gate", "green"],
  ["cell", "cell state", "blue", 2.5], ["shown", "what it shows", "green", 1]];

/** The letter that a net names, its share in percent, and whether that is right. */
export function answer(shares, letters, n) {
  const best = shares.indexOf(Math.max(...shares));
  const last = letters.slice(0, n + 1).findLast((letter) => LETTERS.indexOf(letter) < CAPITALS);
  const verdict = !last ? "There was no capital yet." : last === LETTERS[best] ? "That is right." : `It was ${last}.`;
  return `${LETTERS[best]}, ${Math.round(100 * shares[best])} %. ${verdict}`;
}

export const two = (v) => v.toFixed(2).replace("-", "−");

/** A bar with its name and its number, on a scale from one number to another. */
export function bar(picture, y, name, value, { from = 0, to = 1, colour }) {
  const x = (v) => 110 + (160 * (Math.min(Math.max(v, from), to) - from)) / (to - from);
  svg("text", { x: 104, y: y + 12, "text-anchor": "end", text: name }, picture);
  svg("rect", { x: 110, y, width: 160, height: 15, fill: "none", stroke: "var(--grid)" }, picture);
  svg("rect", {
    x: Math.min(x(0), x(value)), y, width: Math.abs(x(value) - x(0)), height: 15, fill: `var(--${colour})`,
  }, picture);
  svg("text", { x: 276, y: y + 12, text: two(value) }, picture);
}

/** One cell of a net after a letter, and the net's shares: parts [[key, name, colour, limit]]. */
export function cellBars(picture, title, parts, seen, unit) {
  picture.replaceChildren();
  const bold = { style: "font-weight: 700" };
  svg("text", { x: 110, y: 14, text: title, ...bold }, picture);
  parts.forEach(([key, name, colour, limit = 0], i) =>
    bar(picture, 22 + 22 * i, name, seen[key][unit], { from: -limit, to: limit || 1, colour }));
  svg("text", { x: 110, y: 178, text: "Which capital came last?", ...bold }, picture);
  [...seen.shares].forEach((share, i) => bar(picture, 188 + 19 * i, LETTERS[i], share, { colour: "purple" }));
}

/** The text with its steps. nets: [{ key, label, name, cells, first, read }]; read(letters) gives
    what is seen after each letter, and draw(pictures, { n, letters, seen, units }) what is said. */
export function reading({ stage, state, say }, nets, draw) {
  const asked = state.get("text", FIRST);
  let letters = readable(typeof asked === "string" ? asked : FIRST);
  if (!letters.length) letters = readable(FIRST);
  let seen = nets.map(({ read }) => read(letters));
  const whole = (value, low, high, first) => Math.min(Math.max(Math.round(value) || first, low), high);

  const field = html("input", {
    type: "text", value: letters.join(""), maxlength: LONGEST, spellcheck: "false", autocomplete: "off", autocapitalize: "off",
    oninput: () => {
      const found = readable(field.value);
      if (!found.length) {
        say("Type letters: the capitals A to H are remembered, small letters come between.");
        return;
      }
      letters = found;
      seen = nets.map(({ read }) => read(letters));
      state.set("text", letters.join(""));
      walk.last = letters.length - 1;
      walk.to(letters.length - 1);
    },
  }, html("label", { class: "letters-text", text: "Text " }, stage));
  const line = html("p", { class: "letters-line", "aria-hidden": "true" }, stage);
  const units = nets.map(({ key, label, cells, first }) => slider(stage, {
    label, min: 1, max: cells, step: 1, value: whole(state.get(key, first), 1, cells, first),
    change: (v) => (state.set(key, v), walk.show()),
  }));
  const walk = player(stepper(stage, {
    label: "Letters", last: letters.length - 1, reset: false, show,
    value: whole(state.get("step", 0), 0, letters.length - 1, 0),
  }), { pace: 900 });
  resetButton(walk.element);
  const row = html("div", { class: "letters-nets" }, stage);
  const pictures = nets.map(({ name }) =>
    svg("svg", { viewBox: "0 0 320 342", role: "img", "aria-label": `Gates of one cell of the ${name}, and its shares of A to H` }, row));
  say("");

  function show(n) {
    state.set("step", n);
    line.replaceChildren(...letters.map((letter, i) => html(i === n ? "strong" : "span", { text: letter })));
    say(`Letter ${n + 1}, ${letters[n]}: ` + draw(pictures, { n, letters, seen, units: units.map(({ value }) => value - 1) }));
  }
  walk.show();
}
