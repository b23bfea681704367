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

mount("run", async ({ stage, files, state, say }) => {
  const { A, W } = await loadJSON(files["run.json"]);
  const [M, S] = [A.length, W.length];
  const all = cycles(A, W);

  const both = html("div", { class: "systolic" }, stage);
  const titled = (title, kind) => {
    const part = html("div", {}, both);
    html("p", { text: title }, part);
    return html("div", { class: kind, style: `--side: ${S}` }, part);
  };
  const grid = titled("Inputs, and the array", "systolic-grid");
  const result = titled("Results that are out", "systolic-result");
  const queues = [];
  const cells = W.map((row) => {
    queues.push(html("div", { class: "systolic-queue" }, grid));
    return row.map(() => {
      const cell = html("div", { class: "systolic-cell" }, grid);
      return [cell, ...[0, 1, 2].map(() => html("span", {}, cell))];
    });
  });
  const results = A.map((row) => row.map(() => html("div", { class: "systolic-cell" }, result)));

  const steps = player(
    stepper(stage, { label: "Cycles", last: all.length - 1, value: state.get("cycle", S + 3), show }),
    { pace: 900 },
  );
  const bar = slider(stage, {
    label: "Cycle", min: 1, max: all.length, step: 1, change: (cycle) => steps.to(cycle - 1),
  });

  function show(step) {
    const { weights, inputs, sums } = all[step];
    const t = step - S; // the cycle of computing, from 0; below 0 the weights still move in
    queues.forEach((queue, k) => {
      const first = Math.max(t, -1) + 1 - k; // the row of A that enters next; below 0, a delay
      const waiting = Array.from({ length: Math.max(M - first, 0) }, (_, i) => first + i);
      queue.textContent = waiting.map((m) => A[m]?.[k] ?? "·").reverse().join(" ");
    });
    let working = 0;
    cells.forEach((row, k) =>
      row.forEach(([cell, w, x, sum], j) => {
        const busy = t - k - j >= 0 && t - k - j < M;
        w.textContent = t >= 0 || k <= step ? `w ${weights[k][j]}` : "";
        x.textContent = busy ? `x ${inputs[k][j]}` : "";
        sum.textContent = busy ? `→ ${sums[k][j]}` : "";
        cell.classList.toggle("busy", busy);
        working += busy;
      }),
    );
    results.flat().forEach((cell) => (cell.textContent = ""));
    const out = all.slice(0, step + 1).flatMap(({ done, values }) => done.map((at, i) => [...at, values[i]]));
    for (const [m, j, value] of out) results[m][j].textContent = value;
    bar.set(step + 1);
    state.set("cycle", step);
    say(
      `Cycle ${step + 1} of ${all.length}: ` +
        (t < 0 ? "the weights move in." : `${working} of ${S * S} cells work; results out: ${out.length}.`),
    );
  }
  steps.show();
});
