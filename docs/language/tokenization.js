/* The reader's text, cut into bytes and merged step by step by the merges of this build.
   The rules are language/tokenization.py's. */

import { button, html, loadJSON, mount, player, resetButton, slider, stepper } from "../assets/move.js";

const PIECE = / ?[A-Za-z\x80-\xff]+| ?[0-9]+| ?[^ A-Za-z0-9\x80-\xff]+| /g;
const BYTES = 256;

/** The bytes of a text in pieces, across which nothing is merged. */
export function split(text) {
  const line = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");
  return (line.match(PIECE) ?? []).map((piece) => Array.from(piece, (mark) => mark.charCodeAt(0)));
}

/** `made` in the place of a pair, from left to right. */
export function merge(ids, [first, second], made) {
  const out = [];
  for (const token of ids) {
    if (out.length && out.at(-1) === first && token === second) out[out.length - 1] = made;
    else out.push(token);
  }
  return out;
}

/** The pieces before the first merge and after each, with the merge's place in the order learned. */
export function steps(text, merges) {
  const ranks = new Map(merges.map(([first, second], rank) => [`${first} ${second}`, rank]));
  const found = [{ rank: -1, pieces: split(text) }];
  for (;;) {
    const { pieces } = found.at(-1);
    let rank = Infinity;
    for (const ids of pieces) {
      for (let i = 1; i < ids.length; i++) rank = Math.min(rank, ranks.get(`${ids[i - 1]} ${ids[i]}`) ?? Infinity);
    }
    if (rank === Infinity) return found;
    found.push({ rank, pieces: pieces.map((ids) => merge(ids, merges[rank], BYTES + rank)) });
  }
}

/** The token numbers of a text. */
export const encode = (text, merges) => steps(text, merges).at(-1).pieces.flat();

/** The bytes of each token. */
export function vocabulary(merges) {
  const tokens = Array.from({ length: BYTES }, (_, byte) => [byte]);
  for (const [first, second] of merges) tokens.push([...tokens[first], ...tokens[second]]);
  return tokens;
}

/** The text of token numbers. */
export function decode(ids, merges) {
  const tokens = vocabulary(merges);
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(new Uint8Array(ids.flatMap((id) => tokens[id])));
}

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");

/** A token as it is shown: its characters, or its bytes in hex where these are no whole characters. */
export function readable(bytes) {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(new Uint8Array(bytes));
    return /[\p{C}\p{M}]/u.test(text) ? hex(bytes) : text.replaceAll(" ", "␣");
  } catch {
    return hex(bytes);
  }
}

const [FIRST, LONGEST] = ["the networks", 40];

/** What the box takes of a text; half a character becomes U+FFFD, as an address cannot hold it. */
export const shortened = (value) => Array.from(String(value)).slice(0, LONGEST).join("").replace(/\p{Cs}/gu, "\ufffd");

const SIZES = [0, 10, 30, 100, 300, 1000, 2000];
const counted = (n, what) => `${n.toLocaleString("en")} ${what}${n === 1 ? "" : "s"}`;

mount("merges", async ({ stage, files, state, say }) => {
  const learnt = await loadJSON(files["merges.json"]);
  const tokens = vocabulary(learnt.merges);
  const named = (id) => readable(tokens[id]);
  const whole = (value, from, to) => Math.min(Math.max(Math.round(Number(value)) || 0, from), to);

  let text = shortened(state.get("text", FIRST));
  const wanted = { size: state.get("merges", SIZES.length - 1), step: state.get("step", 0) };
  let run = [];
  let picked = -1;

  const label = html("label", { text: "Your text " }, stage);
  const input = html("input", {
    type: "text", value: text, maxlength: LONGEST, spellcheck: "false", autocomplete: "off", autocapitalize: "off",
    oninput: () => {
      text = shortened(input.value);
      state.set("text", text);
      again();
    },
  }, label);
  const samples = html("div", { class: "tokens-tools" }, stage);
  for (const sample of ["learning to learn", "Größe 🙂", "γλώσσα", "1000 + 1847"]) {
    button(samples, sample, () => {
      input.value = text = sample;
      state.set("text", text);
      again();
    });
  }
  const size = slider(stage, {
    label: "Merges learned", min: 0, max: SIZES.length - 1, step: 1, value: whole(wanted.size, 0, SIZES.length - 1),
    text: (v) => SIZES[v].toLocaleString("en"), change: (v) => (state.set("merges", v), again()),
  });
  const row = html("div", { class: "tokens-row", role: "group", "aria-label": "Tokens" }, stage);
  const detail = html("p", { class: "tokens-detail", "aria-live": "polite" }, stage);
  const walk = player(stepper(stage, { label: "Merges made", last: 0, reset: false, show }), { pace: 900 });
  button(walk.element, "All merges", () => walk.to(walk.last));
  resetButton(walk.element);
  say("");

  function compute() {
    run = steps(text, learnt.merges.slice(0, SIZES[size.value]));
    walk.last = run.length - 1;
  }
  function again() {
    compute();
    walk.to(0);
  }
  function show(step) {
    state.set("step", step);
    picked = -1;
    const { rank, pieces } = run[step];
    const ids = pieces.flat();
    row.replaceChildren();
    const boxes = pieces.map((piece) => {
      const group = html("span", { class: "tokens-piece" }, row);
      return piece.map((id) => {
        const box = html("button", { type: "button", class: "tokens-token", "aria-pressed": "false" }, group);
        if (id === BYTES + rank) box.classList.add("tokens-new");
        html("span", { text: named(id) }, box);
        html("span", { class: "tokens-id", text: String(id) }, box);
        return box;
      });
    }).flat();
    boxes.forEach((box, place) => box.addEventListener("click", () => pick(boxes, ids, place)));
    detail.textContent = characters();
    const left = step === walk.last ? "No learned merge is left to make." : step ? "" : "Which two are joined first?";
    const [first, second] = learnt.merges[rank] ?? [];
    const made = rank < 0
      ? `${counted(Array.from(text).length, "character")}, cut into ${counted(ids.length, "byte")}.`
      : `Merge ${(rank + 1).toLocaleString("en")}: ${named(first)} + ${named(second)}, a pair that came ${learnt.times[rank].toLocaleString("en")} times in the prose. ${counted(ids.length, "token")}.`;
    say(ids.length ? `${made} ${left}` : "Type a text.");
  }
  /** Which characters of the text are more than one byte. */
  function characters() {
    const long = [...new Set(text)].filter((character) => character.codePointAt(0) > 127);
    const listed = long.slice(0, 4).map((character) => `${character} is ${hex(new TextEncoder().encode(character))}`);
    const more = long.length > 4 ? `, and ${long.length - 4} more` : "";
    return long.length ? `In bytes: ${listed.join(", ")}${more}.` : "Choose a token to see its bytes.";
  }
  function pick(boxes, ids, place) {
    picked = picked === place ? -1 : place;
    boxes.forEach((box, i) => box.setAttribute("aria-pressed", String(i === picked)));
    if (picked < 0) {
      detail.textContent = characters();
      return;
    }
    const id = ids[place];
    const [first, second] = learnt.merges[id - BYTES] ?? [];
    const origin = id < BYTES ? "It is a single byte" : `Merge ${(id - BYTES + 1).toLocaleString("en")} made it from ${named(first)} (${first}) and ${named(second)} (${second})`;
    detail.textContent = `Token ${id}, ${named(id)}: ${counted(tokens[id].length, "byte")}, ${hex(tokens[id])} in hex. ${origin}.`;
  }

  compute();
  walk.to(whole(wanted.step, 0, walk.last));
});
