/* A trained net writes a number in German, letter by letter; the reader can force a wrong letter. The
   net is applications/machine_translation/net.py's `Translator`. */

import { argmax, dense, embedding, gru, softmax, tanh, tensor } from "../assets/infer.js";
import { button, choice, html, loadArrays, loadJSON, mount, player, resetButton, stepper } from "../assets/move.js";

const UNITS = "one two three four five six seven eight nine".split(" ");
const TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(" ");
const TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
const EINER = "ein zwei drei vier fünf sechs sieben acht neun".split(" ");
const ZEHNER = "zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn".split(" ");
const ZIGER = "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig".split(" ");

const apart = (n, by) => [Math.floor(n / by), n % by];

/** A number from 1 to 99,999 as English words. */
export function english(n) {
  const [[thousands], [hundreds, rest]] = [apart(n, 1000), apart(n % 1000, 100)];
  const [tens, unit] = apart(rest, 10);
  return [
    ...(thousands ? [...english(thousands), "thousand"] : []),
    ...(hundreds ? [UNITS[hundreds - 1], "hundred"] : []),
    ...(rest && n > rest ? ["and"] : []),
    ...(tens === 1 ? [TEENS[unit]] : [...(tens ? [TENS[tens - 2]] : []), ...(unit ? [UNITS[unit - 1]] : [])]),
  ];
}

/** The same as one German word; "eins" becomes "ein" where more follows. */
export function german(n, last = true) {
  const [[thousands], [hundreds, rest]] = [apart(n, 1000), apart(n % 1000, 100)];
  const [tens, unit] = apart(rest, 10);
  const small = tens === 1 ? ZEHNER[unit]
    : tens && unit ? `${EINER[unit - 1]}und${ZIGER[tens - 2]}`
      : tens ? ZIGER[tens - 2] : unit ? EINER[unit - 1] + (unit === 1 && last ? "s" : "") : "";
  return (thousands ? `${german(thousands, false)}tausend` : "") + (hundreds ? `${EINER[hundreds - 1]}hundert` : "") + small;
}

const column = (x) => tensor(x.subarray(), [x.shape[0], 1, x.shape[1]]);
const table = (x) => tensor(x.subarray(), [x.shape[0], x.shape[2]]);
const parts = (net, name, end) =>
  Object.fromEntries(["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"].map((part) => [part, net[`${name}.${part}${end}`]]));

/** The state of each word (S, D): read forwards, and read backwards. */
export function read(net, words) {
  const there = table(gru(column(embedding(words, net["words.weight"])), parts(net, "reader", ""))[0]);
  const back = table(gru(column(embedding([...words].reverse(), net["words.weight"])), parts(net, "reader", "_reverse"))[0]);
  const [S, D] = there.shape;
  const states = new Float32Array(2 * S * D);
  for (let s = 0; s < S; s += 1) {
    states.set(there.subarray(s * D, (s + 1) * D), 2 * s * D);
    states.set(back.subarray((S - 1 - s) * D, (S - s) * D), (2 * s + 1) * D);
  }
  return tensor(states, [S, 2 * D]);
}

/** Let the net write, each time the likeliest letter; `forced` is { place: letter }. Letters, the
    probabilities of all letters at each place, and the shares of the words. */
export function translate(net, words, most, forced = {}) {
  const states = read(net, words);
  const [S, D] = states.shape;
  const end = net["letters.weight"].shape[0] - 1;
  const [letters, chances, shares] = [[], [], []];
  let [last, memory] = [0, null];
  while (letters.length < most && last !== end) {
    const [wrote, kept] = gru(column(embedding([last], net["letters.weight"])), parts(net, "writer", ""), memory);
    memory = kept;
    const state = table(wrote);
    const share = softmax(dense(dense(state, net["ask.weight"]), states)); // (1, S)
    const heard = new Float32Array(2 * D);
    heard.set(state);
    for (let s = 0; s < S; s += 1) for (let d = 0; d < D; d += 1) heard[D + d] += share[s] * states[s * D + d];
    const mixed = tanh(dense(tensor(heard, [1, 2 * D]), net["mix.weight"], net["mix.bias"]));
    const chance = softmax(dense(mixed, net["out.weight"], net["out.bias"]));
    last = forced[letters.length] ?? argmax(chance);
    letters.push(last);
    chances.push([...chance]);
    shares.push([...share]);
  }
  return { letters, chances, shares };
}

const MOST = 60;
const EXAMPLES = { 4721: "4,721", 6046: "6,046", 47302: "47,302", 10: "10" };
const percent = (v) => (v < 0.005 ? "<1 %" : v > 0.995 && v < 1 ? ">99 %" : `${Math.round(100 * v)} %`);

mount("translate", async ({ stage, files, state, say }) => {
  const [net, { words, letters, pairs, trained }] = await Promise.all([loadArrays(files["net.safetensors"]), loadJSON(files["words.json"])]);
  const END = letters.length - 1;
  const whole = (value, low, high, first) => (Number.isFinite(Number(value)) && value !== "" ? Math.min(Math.max(Math.trunc(value), low), high) : first);
  let number = whole(state.get("number", 4721), 1, 99999, 4721);
  let force = state.get("force", []).map(Number); // [place, letter]
  if (!(force.length === 2 && force[0] >= 0 && force[0] < MOST && force[1] > 0 && force[1] <= END)) force = [];
  let said = null;

  const label = html("label", { class: "translate-number", text: "A number from 1 to 99,999 " }, stage);
  const input = html("input", {
    type: "text", inputmode: "numeric", maxlength: 6, value: number,
    oninput: () => {
      const typed = whole(input.value.replace(/\D/g, ""), 1, 99999, 0);
      if (typed) take(typed);
    },
  }, label);
  const picks = html("div", { class: "translate-row", role: "group", "aria-label": "Numbers to try" }, stage);
  for (const [n, text] of Object.entries(EXAMPLES)) button(picks, text, () => ((input.value = n), take(Number(n))));
  button(picks, "Any", () => {
    const any = 1 + Math.floor(9999 * Math.random());
    input.value = any;
    take(any);
  });
  html("p", { class: "move-hint", text: "English, with the share of each word for the letter that is framed:" }, stage);
  const english_ = html("div", { class: "translate-row" }, stage);
  html("p", { class: "move-hint", text: "German, as the net writes it:" }, stage);
  const german_ = html("div", { class: "translate-row translate-letters", role: "group", "aria-label": "Letters written" }, stage);
  const steps = player(stepper(stage, { label: "Letters", last: MOST, reset: false, show, value: whole(state.get("letter", 1), 1, MOST, 1) }), { pace: 350 });
  resetButton(steps.element);
  const menu = html("div", {}, stage);

  function take(n) {
    [number, force] = [n, []];
    state.set("number", number);
    state.set("force", force);
    write(1);
  }
  function write(step) {
    said = translate(net, english(number).map((word) => words.indexOf(word)), MOST, force.length ? { [force[0]]: force[1] } : {});
    steps.last = said.letters.length;
    steps.to(step);
  }
  const spelt = (all) => all.map((i) => (i === END ? "" : i ? letters[i] : "·")).join("");

  function show(step) {
    if (!said) return;
    if (step < 1) return void steps.to(1);
    state.set("letter", step);
    const t = step - 1;
    const held = german_.contains(document.activeElement);
    german_.replaceChildren();
    said.letters.slice(0, step).forEach((i, k) => {
      const one = button(german_, i === END ? "end" : letters[i] || "·", () => steps.to(k + 1));
      one.setAttribute("aria-pressed", k === t);
      if (k === force[0]) one.classList.add("translate-forced");
      if (held && k === t) one.focus();
    });
    english_.replaceChildren();
    const shares = said.shares[t];
    english(number).forEach((word, s) => {
      const box = html("span", { class: "translate-word" }, english_);
      box.style.setProperty("--share", `${(100 * shares[s]).toFixed(1)}%`);
      html("span", { text: word }, box);
      html("span", { class: "translate-share", text: percent(shares[s]) }, box);
    });
    const order = [...letters.keys()].slice(1).sort((a, b) => said.chances[t][b] - said.chances[t][a]);
    const text = (i) => `${i === END ? "end" : letters[i]}, ${percent(said.chances[t][i])}`;
    menu.replaceChildren();
    choice(menu, {
      label: `Letter ${step} is`, select: true,
      options: Object.fromEntries(order.map((i) => [`${i} `, text(i)])),
      change: (v) => {
        force = Number(v) === order[0] ? [] : [t, Number(v)];
        state.set("force", force);
        write(step);
        menu.querySelector("select").focus();
      },
    }).set(`${said.letters[t]} `);
    tell(t, shares, step);
  }
  function tell(t, shares, step) {
    const most = shares.indexOf(Math.max(...shares));
    const word = said.letters[t] === END ? "the end" : `“${letters[said.letters[t]]}”`;
    const full = spelt(said.letters);
    const why = number > 9999 ? "It never saw a number above 9,999. " : Math.floor(number / 1000) === 6 ? "It never saw “six thousand”. "
      : pairs.includes(number % 100) ? "It never saw this pair of tens and unit. " : trained.includes(number) ? "It trained on this number. " : "It did not train on this number. ";
    const done = step < said.letters.length ? "" : full === german(number) ? "The word is right. " : `Right would be ${german(number)}. `;
    const forced = force.length && force[0] <= t ? `You forced letter ${force[0] + 1}. ` : "";
    say(`Letter ${step}, ${word}, ${percent(said.chances[t][said.letters[t]])}: it looks most at “${english(number)[most]}”. ${why}${forced}So far: ${spelt(said.letters.slice(0, step))}. ${done}`.trim());
  }
  write(steps.value);
});
