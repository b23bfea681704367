/* The trained net of sequences/rnn.py reads the reader's word, letter by letter. */

import { html, loadArrays, mount, player, resetButton, stepper, svg } from "../assets/move.js";
import { dense, rnn, softmax, tensor } from "../assets/infer.js";

const ALPHABET = ".abcdefghijklmnopqrstuvwxyz"; // the mark stands before a word and after it
const LONGEST = 12;
const FIRST = "morrison";

/** States (T + 1, H) from the mark before the word on, and shares (T + 1, 27) of what comes next. */
export function read(word, weights) {
  const codes = [0, ...[...word].map((letter) => ALPHABET.indexOf(letter))];
  const x = tensor(new Float32Array(codes.length * 27), [codes.length, 1, 27]);
  codes.forEach((code, t) => (x[t * 27 + code] = 1));
  const [states] = rnn(x, weights);
  const shares = softmax(dense(states, weights.out_weight, weights.out_bias));
  const rows = (all) => codes.map((_, t) => [...all.slice((t * all.length) / codes.length, ((t + 1) * all.length) / codes.length)]);
  return { states: rows(states), shares: rows(shares) };
}

/** How much of a small nudge to each state is left in the last: |∂h_T/∂h_t| / √H, Frobenius. */
export function memory(weight, states) {
  const H = states[0].length;
  let slopes = Float64Array.from({ length: H * H }, (_, i) => (i % (H + 1) ? 0 : 1));
  const left = [1];
  for (let t = states.length - 1; t > 0; t -= 1) {
    // One step further back: slopes · diag(1 − h_t²) · weight, where row i of weight makes h_t[i].
    const next = new Float64Array(H * H);
    for (let k = 0; k < H; k += 1) {
      const slope = 1 - states[t][k] ** 2;
      for (let i = 0; i < H; i += 1) {
        const through = slopes[i * H + k] * slope;
        for (let j = 0; j < H; j += 1) next[i * H + j] += through * weight[k * H + j];
      }
    }
    slopes = next;
    left.unshift(Math.sqrt(slopes.reduce((all, v) => all + v * v, 0) / H));
  }
  return left;
}

/** The letters of what was typed that the net knows. */
export const spelled = (text) =>
  text.normalize("NFD").toLowerCase().replace(/[^a-z]/g, "").slice(0, LONGEST);

const percent = (share) => (share < 0.01 ? "under 1 %" : `${Math.round(100 * share)} %`);
const named = (code) => (code ? ALPHABET[code] : "end");

mount("read", async ({ stage, files, state, say }) => {
  const weights = await loadArrays(files["net.safetensors"]);
  let word = spelled(state.get("word", FIRST));
  let result, columns;

  const form = html("label", { class: "read-word", text: "A name " }, stage);
  const field = html("input", {
    type: "text", value: word, maxlength: 20, autocomplete: "off", autocapitalize: "off", spellcheck: "false",
  }, form);
  field.addEventListener("input", () => {
    word = spelled(field.value);
    state.set("word", word);
    begin(word.length);
  });
  const first = state.get("step", word.length);
  const steps = player(stepper(stage, { label: "Letters read", reset: false, show }));
  resetButton(steps.element);

  const title = (text) => html("p", { class: "read-title", text }, stage);
  title("What is left of each state in the latest one");
  const past = svg("svg", { viewBox: "0 0 320 112", role: "group", "aria-label": "Letters, and what is left of each" }, stage);
  title("The state: 64 numbers, up to +1 above the line, down to −1 below");
  const numbers = svg("svg", { viewBox: "0 0 320 60", role: "img", "aria-label": "The state as bars" }, stage);
  title("Its guess: what comes next");
  const guess = svg("svg", { viewBox: "0 0 320 92", role: "img", "aria-label": "The five likeliest next letters" }, stage);

  /** Read the word, and make a column for each letter. */
  function begin(step) {
    result = read(word, weights);
    past.replaceChildren();
    columns = ["start", ...word].map((letter, t) => {
      const x = t ? 40 + (t - 1) * 23.3 : 0;
      const width = t ? 21 : 36;
      const column = svg("g", { class: "read-letter", role: "button", tabindex: 0, "aria-label": t ? `Letter ${t}, ${letter}` : "Start" }, past);
      svg("rect", { x, y: 0, width, height: 112, fill: "transparent" }, column);
      const bar = svg("rect", { x: x + width / 2 - 8, width: 16, fill: "var(--blue)" }, column);
      const value = svg("text", { x: x + width / 2, "text-anchor": "middle", style: "font-size: 11px" }, column);
      svg("text", { x: x + width / 2, y: 106, "text-anchor": "middle", text: letter, style: t ? "" : "font-size: 11px" }, column);
      for (const type of ["pointerenter", "focus", "click"]) {
        column.addEventListener(type, () => steps.value === t || steps.to(t));
      }
      return { column, bar, value };
    });
    steps.last = word.length;
    steps.to(Math.min(step, word.length));
  }

  function show(step) {
    state.set("step", step);
    const left = memory(weights.weight_hh_l0, result.states.slice(0, step + 1));
    columns.forEach(({ column, bar, value }, t) => {
      const height = 76 * Math.min(left[t] ?? 0, 1);
      bar.setAttribute("y", 90 - height);
      bar.setAttribute("height", height);
      value.setAttribute("y", 87 - height);
      value.textContent = t > step ? "" : left[t] === 1 ? "1" : left[t].toFixed(2).replace(/^0/, "");
      column.toggleAttribute("aria-current", t === step);
      column.classList.toggle("read-unread", t > step);
    });
    numbers.replaceChildren();
    svg("line", { x1: 0, x2: 320, y1: 30, y2: 30, stroke: "var(--muted)" }, numbers);
    result.states[step].forEach((v, i) => {
      const height = 28 * Math.abs(v);
      svg("rect", { x: 5 * i + 0.5, y: v > 0 ? 30 - height : 30, width: 4, height, fill: `var(--${v > 0 ? "blue" : "orange"})` }, numbers);
    });
    const shares = result.shares[step];
    const best = [...shares.keys()].sort((a, b) => shares[b] - shares[a]).slice(0, 5);
    guess.replaceChildren();
    best.forEach((code, i) => {
      const y = 18 * i;
      svg("text", { x: 30, y: y + 13, "text-anchor": "end", text: named(code) }, guess);
      svg("rect", { x: 38, y: y + 2, width: Math.max(1, 220 * shares[code]), height: 14, fill: "var(--green)" }, guess);
      svg("text", { x: 44 + Math.max(1, 220 * shares[code]), y: y + 13, text: percent(shares[code]) }, guess);
    });
    const before = step ? `After “${word.slice(0, step)}”` : "Before the first letter";
    const next = `it expects ${best.slice(0, 2).map((code) => `${code ? `“${named(code)}”` : "the end"} (${percent(shares[code])})`).join(" or ")}`;
    const faded = step > 1 ? ` Of a nudge after the first letter, ${left[1].toFixed(2)} is left.` : "";
    say(`${before} ${next}.${faded}`);
  }

  begin(first);
});
