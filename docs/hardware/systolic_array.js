/* A product runs through a systolic array, cycle by cycle; the reader steps through it. */

import { html, loadJSON, mount, player, slider, stepper } from "../assets/move.js";

/** What the registers hold after each cycle, as `systolic_cycles` of hardware/systolic_array.py. */
export function cycles(A, W) {
  const [M, S] = [A.length, W.length];
  const zeros = () => Array.from({ length: S }, () => Array(S).fill(0));
  let [weights, inputs, sums] = [zeros(), zeros(), zeros()];
  const all = [];
  for (const row of [...W].reverse()) {
    weights = [row, ...weights.slice(0, -1)]; // each row moves down by one cell
    all.push({ weights, inputs, sums, done: [], values: [] });
  }
  for (let t = 0; t < M + 2 * S - 1; t += 1) {
    // In column j, what leaves is the result of row t - S - j.
    const leaving = sums.at(-1).map((sum, j) => [t - S - j, j, sum]).filter(([m]) => m >= 0 && m < M);
    inputs = inputs.map((row, k) => [A[t - k]?.[k] ?? 0, ...row.slice(0, -1)]);
    sums = [Array(S).fill(0), ...sums.slice(0, -1)].map((row, k) =>
      row.map((above, j) => above + weights[k][j] * inputs[k][j]),
    );
    all.push({
      weights, inputs, sums, done: leaving.map(([m, j]) => [m, j]), values: leaving.map((l) => l[2]),
    });
  }
  return all;
}

/** Whether the cell in row k and column j multiplies for one of the M rows, t cycles after loading. */
const works = (t, k, j, M) => t - k - j >= 0 && t - k - j < M;

/** How many of the cells' cycles, of the first n, went into multiplying. */
export function used(n, M, S) {
  let count = 0;
  for (let t = 0; t < n - S; t += 1) {
    for (let k = 0; k < S; k += 1) for (let j = 0; j < S; j += 1) count += works(t, k, j, M);
  }
  return count;
}

mount("run", async ({ stage, files, state, say }) => {
  const run = await loadJSON(files["run.json"]);
  const [{ W }, S, most] = [run, run.W.length, 8];
  const whole = (v, low, high) => Math.min(Math.max(Math.round(Number(v)) || 0, low), high);
  const kept = whole(state.get("rows", run.A.length), 1, most);
  const first = whole(state.get("cycle", S + 3), 0, kept + 3 * S - 2);
  let [A, all] = [[], []];

  const both = html("div", { class: "systolic" }, stage);
  const titled = (title, kind) => {
    const part = html("div", {}, both);
    html("p", { text: title }, part);
    return html("div", { class: kind, style: `--side: ${S}` }, part);
  };
  const grid = titled("Inputs, and the grid", "systolic-grid");
  const result = titled("Results that are out", "systolic-result");
  const queues = [];
  const cells = W.map((row) => {
    queues.push(html("div", { class: "systolic-queue" }, grid));
    return row.map(() => {
      const cell = html("div", { class: "systolic-cell" }, grid);
      return [cell, ...[0, 1, 2].map(() => html("span", {}, cell))];
    });
  });
  let results = [];
  const controls = html("div", { class: "systolic-controls" }, stage);
  let steps = null;
  const bar = slider(stage, {
    label: "Cycle", min: 1, max: most + 3 * S - 1, step: 1, change: (cycle) => steps.to(Math.min(cycle, all.length) - 1),
  });
  const rows = slider(stage, {
    label: "Rows of inputs", min: 1, max: most, step: 1, change: (m) => feed(m, 0),
  });

  /** Start again with m rows: those of the example, over and over. */
  function feed(M, cycle) {
    A = Array.from({ length: M }, (_, i) => run.A[i % run.A.length]);
    all = cycles(A, W);
    result.replaceChildren();
    results = A.map((row) => row.map(() => html("div", { class: "systolic-cell" }, result)));
    controls.replaceChildren();
    steps = player(
      stepper(controls, { label: "Cycles", last: all.length - 1, value: cycle, show }),
      { pace: 900 },
    );
    rows.set(M);
    bar.element.querySelector("input").max = all.length;
    state.set("rows", M);
    steps.show();
  }

  function show(step) {
    const M = A.length;
    const { weights, inputs, sums } = all[step];
    const t = step - S; // the cycle of computing, counted on; below 0 the weights still move in
    queues.forEach((queue, k) => {
      const next = Math.max(t, -1) + 1 - k; // the row of A that enters next; below 0, a delay
      const waiting = Array.from({ length: Math.max(M - next, 0) }, (_, i) => next + i);
      const shown = waiting.slice(0, 6).map((m) => A[m]?.[k] ?? "·").reverse().join(" ");
      queue.textContent = waiting.length > 6 ? `… ${shown}` : shown;
    });
    let working = 0;
    cells.forEach((row, k) =>
      row.forEach(([cell, w, x, sum], j) => {
        const busy = works(t, k, j, M);
        w.textContent = t >= 0 || k <= step ? `w ${weights[k][j]}` : "";
        x.textContent = busy ? `x ${inputs[k][j]}` : "";
        sum.textContent = busy ? `↓ ${sums[k][j]}` : "";
        cell.classList.toggle("busy", busy);
        working += busy;
      }),
    );
    results.flat().forEach((cell) => (cell.textContent = ""));
    const out = all.slice(0, step + 1).flatMap(({ done, values }) => done.map((at, i) => [...at, values[i]]));
    for (const [m, j, value] of out) results[m][j].textContent = value;
    bar.set(step + 1);
    state.set("cycle", step);
    const done = used(step + 1, M, S);
    const share = ((100 * done) / (S * S * (step + 1))).toFixed(0);
    const now = t < 0 ? "the weights move in." : `${working} of ${S * S} cells multiply; results out: ${out.length}.`;
    say(`Cycle ${step + 1} of ${all.length}: ${now} Used so far: ${done} of ${S * S * (step + 1)} cell cycles, ${share}\u00a0%.`);
  }

  feed(kept, first);
});
