/* A letter of a typeface that the net has not seen, and the net's ten best guesses, live. */

import { choice, html, loadArrays, loadJSON, mount, resetButton, slider, svg } from "../assets/move.js";
import { conv2d, dense, maxPool2d, relu, reshape, softmax, tensor } from "../assets/infer.js";

const SIDE = 24;
const ROWS = 10;

/** One score for each class: small_net of people/top_five, for a picture of 0 to 1. */
export function scored(picture, { w1, b1, w2, b2, w3, b3 }) {
  const x = tensor(Float32Array.from(picture), [1, 1, SIDE, SIDE]);
  const first = maxPool2d(relu(conv2d(x, w1, b1)), 2);
  const second = maxPool2d(relu(conv2d(first, w2, b2)), 2);
  return [...dense(reshape(second, [1, second.length]), w3, b3)];
}

/** The classes among the first `count`, best guess first; in a tie the right one comes last. */
export const guesses = (scores, count, label) =>
  [...scores.keys()].slice(0, count)
    .sort((a, b) => scores[b] - scores[a] || (a === label) - (b === label));

/** The place of the right class among the guesses, from 1; 0 if it cannot be chosen. */
export const rank = (scores, count, label) => guesses(scores, count, label).indexOf(label) + 1;

/** The shares of 1 that the guesses get. */
export const shares = (scores, count) => [...softmax(tensor(scores.slice(0, count), [count]))];

/** The other classes whose picture is the same in this face. */
export function twinsOf(groups, classes, face, label) {
  const group = groups.subarray(face * classes, (face + 1) * classes);
  return [...group.keys()].filter((c) => c !== label && group[c] === group[label]);
}

const percent = (share) => (share > 0.99 ? ">99" : share < 0.01 ? "<1" : (100 * share).toFixed(0));
const ordinal = (n) => `${n}${n % 100 > 10 && n % 100 < 14 ? "th" : ["th", "st", "nd", "rd"][n % 10] ?? "th"}`;

mount("guess", async ({ stage, files, state, say, colours }) => {
  const [net, { names, characters, faces, sets }] = await Promise.all([
    loadArrays(files["net.safetensors"]), loadJSON(files["names.json"]),
  ]);
  const letters = [...characters];
  const asked = letters.indexOf(state.get("letter", "P"));
  const sizes = Object.fromEntries(Object.entries(sets).map(([text, count]) => [count, `${count}: ${text}`]));
  const all = String(letters.length);
  const kept = { face: state.get("face", faces[0]), among: String(state.get("among", letters.length)) };
  const many = Math.round(Number(state.get("k", 5))) || 5;

  const letter = choice(stage, {
    label: "Drawn as", options: Object.fromEntries(letters.map((c, i) => [`c${i}`, `${c}  ${names[i]}`])),
    value: `c${asked < 0 ? letters.indexOf("P") : asked}`, select: true, change: () => draw(),
  });
  const face = choice(stage, {
    label: "Face", options: faces, value: faces.includes(kept.face) ? kept.face : faces[0], change: () => draw(),
  });
  const among = choice(stage, {
    label: "Classes to choose among", options: sizes, value: kept.among in sizes ? kept.among : all,
    select: true, change: () => draw(),
  });
  const k = slider(stage, {
    label: "Guesses that count, k", min: 1, max: ROWS, step: 1, value: Math.min(Math.max(many, 1), ROWS),
    change: () => draw(),
  });
  const board = html("div", { class: "top-five" }, stage);
  const sheet = html("figure", {}, board);
  const canvas = html("canvas", { width: SIDE, height: SIDE, role: "img" }, sheet);
  html("figcaption", { text: "What the net sees" }, sheet);
  const side = html("div", { class: "top-five-guesses" }, board);
  const chart = svg("svg", { viewBox: `0 0 320 ${24 * ROWS + 12}`, role: "img" }, side);
  resetButton(stage);
  let picture = [];

  function paint() {
    const pencil = canvas.getContext("2d");
    pencil.clearRect(0, 0, SIDE, SIDE);
    pencil.fillStyle = colours.now("ink");
    picture.forEach((ink, i) => {
      pencil.globalAlpha = ink;
      pencil.fillRect(i % SIDE, Math.floor(i / SIDE), 1, 1);
    });
  }

  function draw() {
    const label = Number(letter.value.slice(1));
    const style = faces.indexOf(face.value);
    const count = Number(among.value);
    state.set("letter", letters[label]);
    state.set("face", face.value);
    state.set("among", count);
    state.set("k", k.value);
    const start = (style * letters.length + label) * SIDE * SIDE;
    picture = Array.from(net.pictures.subarray(start, start + SIDE * SIDE), (v) => v / 255);
    canvas.setAttribute("aria-label", `A picture drawn as ${names[label]}`);
    paint();

    const scores = scored(picture, net);
    const order = guesses(scores, count, label);
    const share = shares(scores, count);
    const twins = twinsOf(net.groups, letters.length, style, label);
    chart.replaceChildren();
    order.slice(0, ROWS).forEach((c, i) => {
      const y = 24 * i + (i < k.value ? 0 : 8);
      const weight = c === label ? 700 : 400;
      const fill = i < k.value ? "var(--blue)" : "var(--muted)";
      const mark = c === label ? "label" : twins.includes(c) ? "same" : "";
      svg("text", { x: 16, y: y + 16, text: i + 1, "text-anchor": "end", "font-weight": weight }, chart);
      svg("text", { x: 22, y: y + 16, text: letters[c], "font-weight": weight }, chart);
      svg("text", { x: 42, y: y + 16, text: names[c], "font-weight": weight }, chart);
      svg("rect", { x: 208, y: y + 3, width: Math.max(42 * share[c], 1), height: 16, fill }, chart);
      svg("text", { x: 213 + 42 * share[c], y: y + 16, text: percent(share[c]) }, chart);
      svg("text", { x: 319, y: y + 16, text: mark, "text-anchor": "end", "font-weight": weight }, chart);
    });
    const y = 24 * Math.min(k.value, order.length) + 3;
    svg("line", { x1: 0, x2: 320, y1: y, y2: y, stroke: "var(--ink)", "stroke-dasharray": "4 3" }, chart);
    const listed = order.slice(0, ROWS).map((c, i) => `${i + 1} ${names[c]} ${percent(share[c])}`);
    chart.setAttribute("aria-label", `Guesses and their shares of 100: ${listed.join(", ")}.`);

    const place = rank(scores, count, label);
    const fate = !place ? "This character is not among the classes, so no guess can be right."
      : `The label is the ${ordinal(place)} guess. With k = ${k.value}, that counts as ${place <= k.value ? "right" : "wrong"}.`;
    const alike = twins.length ? ` Drawn exactly the same in this face: ${twins.map((c) => names[c]).join(", ")}.` : "";
    say(`Drawn as ${names[label]}. ${fate}${alike}`);
  }
  draw();
  colours.follow(paint);
});
