/* An all-reduce on a ring, round by round; the reader chooses how many workers there are. */

import { html, mount, player, resetButton, slider, stepper, svg } from "../assets/move.js";

/** What the workers hold before the first round and after each, as `ring_steps` of the lesson. */
export function rounds(vectors) {
  const P = vectors.length;
  const all = [vectors.map((row) => [...row])];
  for (let step = 0; step < 2 * (P - 1); step += 1) {
    const before = all.at(-1);
    const held = before.map((row) => [...row]);
    for (let r = 0; r < P; r += 1) {
      const [to, piece] = [(r + 1) % P, (((r - step) % P) + P) % P];
      held[to][piece] = before[r][piece] + (step < P - 1 ? before[to][piece] : 0);
    }
    all.push(held);
  }
  return all;
}

/** Worker and piece that are sent in this round, one for each worker. */
export const sends = (step, P) =>
  Array.from({ length: P }, (_, r) => [r, (((r - step) % P) + P) % P]);

mount("ring", async ({ stage, state, say }) => {
  const whole = (v, low, high) => Math.min(Math.max(Math.round(Number(v)) || low, low), high);
  const start = whole(state.get("workers", 3), 2, 6);
  const first = Math.min(Math.max(Math.round(Number(state.get("round", 0))) || 0, 0), 2 * (start - 1));
  let [steps, all, counts, P] = [null, [], [], start];

  const workers = slider(stage, {
    label: "Workers", min: 2, max: 6, step: 1, value: start, change: (n) => begin(n, 0),
  });
  const board = svg("svg", { viewBox: "0 0 320 232", role: "img" }, stage);
  const controls = html("div", {}, stage);
  html("p", {
    class: "move-hint",
    text: "A row is a worker, a column a piece of its gradient. The number is what it holds. Blue: a sum of some, green: of all. A ring marks what has just arrived from the worker above (the first row gets it from the last).",
  }, stage);
  resetButton(stage);

  function begin(n, round) {
    P = n;
    const vectors = Array.from({ length: P }, (_, r) => Array.from({ length: P }, (_, p) => ((3 * r + 5 * p) % 9) + 1));
    all = rounds(vectors);
    counts = rounds(vectors.map((row) => row.map(() => 1)));
    workers.set(P);
    state.set("workers", P);
    controls.replaceChildren();
    steps = player(stepper(controls, { label: "Rounds", last: all.length - 1, value: round, reset: false, show }), { pace: 1200 });
    steps.show();
  }

  function show(round) {
    state.set("round", round);
    board.replaceChildren();
    const [wide, high] = [Math.min(60, 244 / P), Math.min(40, 206 / P)];
    const arrived = round ? sends(round - 1, P).map(([r, piece]) => `${(r + 1) % P} ${piece}`) : [];
    for (let r = 0; r < P; r += 1) {
      const y = 20 + r * high;
      svg("text", { x: 2, y: y + high / 2 + 4, text: `worker ${r}` }, board);
      for (let p = 0; p < P; p += 1) {
        const x = 68 + p * wide;
        const count = counts[round][r][p];
        const fill = count === P ? "var(--green-soft)" : count > 1 ? "var(--blue-soft)" : "none";
        const got = arrived.includes(`${r} ${p}`);
        svg("rect", {
          x: x + 2, y: y + 2, width: wide - 4, height: high - 4, fill, rx: 3,
          stroke: got ? "var(--ink)" : "var(--grid)", "stroke-width": got ? 2.5 : 1,
        }, board);
        svg("text", { x: x + wide / 2, y: y + high / 2 + 4, text: all[round][r][p], "text-anchor": "middle", "font-weight": count === P ? 700 : 400 }, board);
      }
    }
    for (let p = 0; p < P; p += 1) svg("text", { x: 68 + (p + 0.5) * wide, y: 13, text: `piece ${p}`.slice(P > 4 ? 6 : 0), "text-anchor": "middle" }, board);
    const finished = counts[round].flat().filter((count) => count === P).length;
    const last = 2 * (P - 1);
    const what = !round ? "Each worker holds its own gradient." : round < P ? `Round ${round} of ${last}: what arrives is added.` : `Round ${round} of ${last}: what arrives replaces.`;
    const words = `${what} Finished: ${finished} of ${P * P}. Each worker has sent ${round} pieces of ${P}, ${(round / P).toFixed(2)} of a gradient.`;
    board.setAttribute("aria-label", `${P} workers hold ${all[round].map((row) => row.join(" ")).join("; ")}.`);
    say(words);
  }
  begin(start, first);
});
