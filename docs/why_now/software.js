/* One layer as Keras and as PyTorch keep it: choose sizes, a weight, and how to copy. */

import { choice, html, loadJSON, mount, resetButton, slider } from "../assets/move.js";

/** The table that arrives in PyTorch, and None where it refuses: `copied` of why_now/software.py. */
export function arrives(W, how) {
  const [D, H] = [W.length, W[0].length];
  if (how === "transposed") return W[0].map((_, j) => W.map((row) => row[j]));
  if (how === "as it is") return D === H ? W : null;
  const all = W.flat();
  return Array.from({ length: H }, (_, j) => all.slice(j * D, (j + 1) * D));
}

/** The layer's sums after the copy, or null. */
export function copied(W, x, how) {
  const M = arrives(W, how);
  return M && M.map((row) => row.reduce((sum, w, i) => sum + w * x[i], 0));
}

const WAYS = ["transposed", "as it is", "reshaped"];
const list = (values) => values.map((v) => String(v).replace("-", "−")).join(", ");

mount("layer", async ({ stage, files, state, say }) => {
  const { W: all, x: inputs } = await loadJSON(files["layer.json"]);
  const size = (key, first) => Math.min(Math.max(Math.round(state.get(key, first)), 1), 4);
  const kept = state.get("how", "transposed");
  let [row, column] = state.get("weight", [1, 0]);

  const slide = (label, key, first) =>
    slider(stage, { label, min: 1, max: 4, step: 1, value: size(key, first), text: String, change: () => draw() });
  const D = slide("Inputs", "inputs", 3);
  const H = slide("Units", "units", 2);
  const how = choice(stage, {
    label: "Copy to PyTorch", options: WAYS, value: WAYS.includes(kept) ? kept : "transposed", change: () => draw(),
  });
  const sides = html("div", { class: "layer-sides" }, stage);
  const line = html("div", { class: "move-row", role: "group", "aria-label": "Figure" }, stage);
  resetButton(line);

  function grid(name, M, shape, picked, sums) {
    const box = html("div", { class: "layer-side" }, sides);
    html("p", { class: "layer-name", text: `${name}: (${shape.join(", ")})` }, box);
    if (M) {
      const table = html("div", { class: "layer-grid", role: "group", "aria-label": `Weights in ${name}`, style: `--columns: ${M[0].length}` }, box);
      M.forEach((values, r) => values.forEach((value, c) => {
        const on = picked(r, c);
        html("button", {
          type: "button", class: "layer-cell", text: value, "aria-pressed": on, "data-at": `${name} ${r} ${c}`,
          "aria-label": `${name}, row ${r + 1}, column ${c + 1}: ${value}`,
          onclick: () => choose(all.flat().indexOf(value), name, r, c),
        }, table);
      }));
    } else html("p", { class: "layer-refused", text: `Refused: the layer keeps (${H.value}, ${D.value}), not (${D.value}, ${H.value}).` }, box);
    html("p", { text: sums ? `Outputs: ${list(sums)}` : "No outputs." }, box);
  }

  function choose(index, name, r, c) {
    [row, column] = [Math.floor(index / 4), index % 4];
    draw();
    sides.querySelector(`[data-at="${name} ${r} ${c}"]`)?.focus();
  }

  function draw() {
    row = Math.min(Math.max(Number(row) || 0, 0), D.value - 1);
    column = Math.min(Math.max(Number(column) || 0, 0), H.value - 1);
    const W = all.slice(0, D.value).map((values) => values.slice(0, H.value));
    const [x, chosen] = [inputs.slice(0, D.value), W[row][column]];
    const right = copied(W, x, "transposed");
    const theirs = copied(W, x, how.value);
    const M = arrives(W, how.value);
    sides.replaceChildren();
    grid("Keras", W, [D.value, H.value], (r, c) => r === row && c === column, right);
    grid("PyTorch", M, [H.value, D.value], (r, c) => M[r][c] === chosen, theirs);
    const keep = { inputs: D.value, units: H.value, how: how.value, weight: [row, column] };
    Object.entries(keep).forEach(([key, value]) => state.set(key, value));
    const lead = `With inputs ${list(x)}. In Keras ${chosen} leads from input ${row + 1} to unit ${column + 1}`;
    if (!M) return say(`${lead}. PyTorch raises an error: the shapes differ. That is the lucky case.`);
    const r = M.findIndex((values) => values.includes(chosen));
    const c = M[r].indexOf(chosen);
    const place = r === column && c === row ? "in PyTorch, too" : `in PyTorch from input ${c + 1} to unit ${r + 1}`;
    const same = theirs.every((v, i) => v === right[i]);
    const end = same ? "The outputs are equal." : "No error, and the outputs differ.";
    return say(`${lead}; ${place}. ${end}`);
  }
  draw();
});
