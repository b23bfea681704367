/* Four in a row against the net of this build, a perfect player or chance. A state is two whole
   numbers, the mover's stones and all stones; the functions are those of orientation/milestones. */

import { button, choice, html, loadArrays, mount, resetButton, slider, svg } from "../assets/move.js";

const [COLUMNS, ROWS, CELLS] = [5, 4, 20];
const ORDER = [2, 1, 3, 0, 4];
const STEP = 2 ** -20;

export const moves = ([, every]) => ORDER.filter((c) => !((every >> (5 * c + 3)) & 1));
export const play = ([own, every], c) => [own ^ every, every | (every + (1 << (5 * c)))];
export function four(stones) {
  return [1, 4, 5, 6].some((step) => {
    const pairs = stones & (stones >> step);
    return pairs & (pairs >> (2 * step));
  });
}
/** As many moves of a list as the rules allow: an address may say anything. */
export function legal(list) {
  let state = [0, 0];
  const wrong = list.findIndex((c) => {
    if (outcome(state) !== null || !moves(state).includes(c)) return true;
    state = play(state, c);
    return false;
  });
  return wrong < 0 ? list : list.slice(0, wrong);
}
/** -1 if the player to move has lost, 0 for a draw, null if the game goes on. */
export const outcome = (state) => (four(state[0] ^ state[1]) ? -1 : moves(state).length ? null : 0);

const rint = (v) => Math.round(v / STEP) * STEP;

/** What the net says: a share per column, and who is ahead, from -1 to 1. */
export function judge({ w1, b1, w2, b2, w3, b3 }, state) {
  const [own, every] = state;
  let x = [];
  for (const stones of [own, every ^ own]) {
    for (let i = 0; i < CELLS; i += 1) x.push((stones >> (5 * Math.floor(i / ROWS) + (i % ROWS))) & 1);
  }
  const dense = (v, w, b) => Array.from(b, (bias, o) =>
    v.reduce((all, value, i) => all + value * w[o * v.length + i], 0) + bias);
  const relu = (v) => v.map((value) => Math.max(value, 0));
  x = relu(dense(relu(dense(x, w1, b1)), w2, b2));
  const out = dense(x, w3, b3);
  const free = moves(state);
  const parts = out.slice(0, COLUMNS).map((v, c) => (free.includes(c) ? Math.exp(Math.min(v, 50)) : 0));
  const total = Math.max(parts.reduce((a, b) => a + b, 0), 1e-30);
  return { promise: parts.map((v) => rint(v / total)), value: rint(Math.tanh(out[COLUMNS])) };
}

function node(net, state) {
  const ended = outcome(state);
  const { promise, value } = ended === null ? judge(net, state) : { promise: [], value: ended };
  return { state, ended: ended !== null, value, promise, child: [], N: [0, 0, 0, 0, 0], W: [0, 0, 0, 0, 0] };
}

/** Monte Carlo tree search with the net: how often each move is tried. */
export function search(net, state, looks, c = 1) {
  const root = node(net, state);
  for (let look = 0; look < looks; look += 1) {
    let at = root;
    const path = [];
    while (at && !at.ended) {
      const all = Math.sqrt(1 + at.N.reduce((a, b) => a + b, 0));
      let [best, most] = [-1, -Infinity];
      for (const move of moves(at.state)) {
        const score = at.W[move] / Math.max(at.N[move], 1) + (c * at.promise[move] * all) / (1 + at.N[move]);
        if (score > most) [best, most] = [move, score];
      }
      path.push([at, best]);
      const fresh = !at.child[best];
      at.child[best] ??= node(net, play(at.state, best));
      at = at.child[best];
      if (fresh) break;
    }
    let { value } = at;
    for (const [before, move] of path.reverse()) {
      value = -value;
      before.N[move] += 1;
      before.W[move] += value;
    }
  }
  return root.N;
}

/** The move tried most; of several, the one nearest to the middle. */
export const mostTried = (visits) => ORDER.reduce((best, c) => (visits[c] > visits[best] ? c : best), 2);

const known = new Map();
/** The value for the player to move, if it lies between low and high: alpha-beta that remembers. */
function value(state, low, high) {
  const free = moves(state);
  if (!free.length) return 0;
  const after = free.map((c) => play(state, c));
  if (after.some(([own, every]) => four(own ^ every))) return 1;
  const key = state[0] * 2 ** 25 + state[1];
  const [least, most] = known.get(key) ?? [-1, 1];
  if (least >= high || least === most) return least;
  if (most <= low) return most;
  let best = Math.max(low, least);
  const from = best;
  let found = -1;
  for (const next of after) {
    found = Math.max(found, -value(next, -high, -best));
    best = Math.max(best, found);
    if (best >= high) break;
  }
  if (found >= high) known.set(key, [found, most]);
  else if (found <= from) known.set(key, [least, Math.min(most, from)]);
  else known.set(key, [found, found]);
  return found >= high || found > from ? found : Math.min(most, from);
}

/** What each move is worth with best play: { column: 1 wins, 0 draws, -1 loses }. */
export function worth(state) {
  const free = moves(state);
  return Object.fromEntries(free.map((c) => {
    const next = play(state, c);
    return [c, four(next[0] ^ next[1]) ? 1 : -value(next, -1, 1)];
  }));
}

const WORDS = { 1: "wins", 0: "draws", "-1": "loses" };
const WHO = { net: "the net", perfect: "a perfect player", chance: "random moves" };

mount("play", async ({ stage, files, state, say }) => {
  const net = await loadArrays(files["net.safetensors"]);
  let kept = legal(state.get("moves", [2]));
  const first = state.get("first", "machine") === "you" ? "you" : "machine";
  const asked = state.get("against", "net");
  const rival = choice(stage, {
    label: "You play against", options: WHO, value: asked in WHO ? asked : "net", select: true,
    change: (v) => (state.set("against", v), draw()),
  });
  const begins = choice(stage, {
    label: "Who moves first", options: { machine: "the machine", you: "you" }, value: first,
    change: (v) => (state.set("first", v), begin()),
  });
  const looks = slider(stage, {
    label: "Looks per move", min: 4, max: 128, step: 4, text: (v) => String(v),
    value: Math.min(Math.max(state.get("looks", 32), 4), 128),
    change: (v) => (state.set("looks", v), draw()),
  });
  const picture = svg("svg", {
    viewBox: "0 0 320 282", role: "group", "aria-label": "The board", style: "touch-action: manipulation",
  }, stage);
  const bar = html("div", { class: "milestones-buttons" }, stage);
  const undo = button(bar, "Undo", () => {
    do kept.pop(); while (kept.length && !yours());
    if (!kept.length && begins.value === "machine") answer();
    draw();
  });
  resetButton(bar);
  html("p", { class: "move-hint", text: "Press a column, or select the board and press 1 to 5. You have the squares if the machine moves first, otherwise the circles." }, stage);
  say("");

  const at = () => kept.reduce(play, [0, 0]);
  const yours = () => (kept.length % 2 === 0) === (begins.value === "you");
  const words = (game) => {
    const ended = outcome(game);
    if (ended === null) return "";
    return ended === 0 ? "A draw." : yours() ? "The machine has four in a row." : "You have four in a row. You win.";
  };

  function think(game) {
    if (rival.value === "net") return search(net, game, looks.value);
    return rival.value === "perfect" ? worth(game) : {};
  }
  function pick(game, thought) {
    const free = moves(game);
    if (rival.value === "net") return mostTried(thought);
    if (rival.value === "chance") return free[Math.floor(Math.random() * free.length)];
    const most = Math.max(...Object.values(thought));
    return free.find((c) => thought[c] === most);
  }
  function answer() {
    const game = at();
    if (outcome(game) === null) kept.push(pick(game, think(game)));
  }
  function begin() {
    kept = [];
    if (begins.value === "machine") answer();
    draw();
  }
  function press(c) {
    const game = at();
    if (!yours() || outcome(game) !== null || !moves(game).includes(c)) return;
    kept.push(c);
    answer();
    draw(c);
  }

  function draw(focus) {
    const game = at();
    const ended = outcome(game);
    undo.disabled = kept.length < 2;
    state.set("moves", kept);
    picture.replaceChildren();
    svg("rect", { y: 26, width: 320, height: 256, fill: "var(--wash)", stroke: "var(--grid)" }, picture);
    // What the machine considered before its last move, or would play in your place.
    const before = ended === null ? game : kept.slice(0, -1).reduce(play, [0, 0]);
    const thought = think(before);
    const free = moves(before);
    const stones = [[], [], [], [], []];
    kept.forEach((c, turn) => stones[c].push(turn));
    for (let c = 0; c < COLUMNS; c += 1) {
      const x = 32 + 64 * c;
      const text = !free.includes(c) || rival.value === "chance" ? "" : rival.value === "net" ? String(thought[c]) : WORDS[thought[c]];
      svg("text", { x, y: 18, "text-anchor": "middle", text }, picture);
      for (let row = 0; row < ROWS; row += 1) {
        const y = 250 - 64 * row;
        const turn = stones[c][row];
        const last = turn === kept.length - 1 ? { stroke: "var(--ink)", "stroke-width": 3 } : {};
        if (turn === undefined) svg("circle", { cx: x, cy: y, r: 24, fill: "none", stroke: "var(--grid)" }, picture);
        else if (turn % 2) svg("rect", { x: x - 22, y: y - 22, width: 44, height: 44, fill: "var(--orange)", ...last }, picture);
        else svg("circle", { cx: x, cy: y, r: 24, fill: "var(--blue)", ...last }, picture);
      }
      const able = ended === null && moves(game).includes(c);
      const tap = svg("rect", {
        x: 64 * c + 1, y: 27, width: 62, height: 254, fill: "transparent", role: "button", tabindex: 0,
        "aria-label": `Column ${c + 1}, ${ROWS - stones[c].length} cells free`, "aria-disabled": !able,
        onclick: () => press(c),
      }, picture);
      if (able) tap.style.cursor = "pointer";
      tap.addEventListener("keydown", (event) => {
        const number = Number(event.key) - 1;
        if (number >= 0 && number < COLUMNS) press(number);
        else if (event.key === "Enter" || event.key === " ") press(c);
        else return;
        event.preventDefault();
      });
      if (c === focus) tap.focus({ preventScroll: true });
    }
    const mine = kept.length ? `The last piece fell into column ${kept.at(-1) + 1}. ` : "";
    const sees = rival.value === "net"
      ? `The net's value is ${judge(net, game).value.toFixed(2).replace(/^-0\.00$/, "0.00").replace("-", "−")} for you; the numbers count its looks at your moves.`
      : rival.value === "perfect" ? "Above each column: what it is worth to you, if nobody makes a mistake." : "Random moves: nothing is considered.";
    say(mine + (ended === null ? `Your turn. ${sees}` : words(game)));
  }

  if (!yours()) answer();
  draw();
});
