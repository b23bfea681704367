/* A real series, an origin and a horizon: four forecasts beside what came. The rules are computed
   here from the series; the weights of the linear model and of the GRU are the example's. */

import { dense, gru, tensor, zeros } from "../assets/infer.js";
import { axes, html, loadArrays, mount, resetButton, slider, svg } from "../assets/move.js";

const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const RIVALS = { season: ["a season ago", "muted"], usual: ["as usual", "orange"], linear: ["linear model", "blue"], gru: ["GRU", "green"] };
const [FIRST, LAST, EACH, READ, FAR, PAST] = [480, 719, 60, 12, 12, 24];
const range = (n) => Array.from({ length: n }, (_, i) => i);

/** The month before an origin, in words; the series begins in January 1950. */
export const named = (place) => `${MONTHS[place % 12]} ${1950 + Math.floor(place / 12)}`;

/** Twelve months by four rivals, from the first `origin` numbers of the series alone. */
export function forecasts(arrays, origin) {
  const [k, sea] = [Math.floor((origin - FIRST) / EACH), arrays.sea];
  const own = (name) => arrays[`${k}_${name}`];
  const usual = (t) => own("usual")[t % 12];
  const base = range(FAR).map((h) => usual(origin + h));
  const rest = (t) => sea[t] - usual(t);
  const W = own("linear");
  const lags = W.length / FAR - 1;
  const linear = base.map((mean, h) => range(lags).reduce(
    (sum, j) => sum + rest(origin - lags + j) * W[j * FAR + h], mean + W[lags * FAR + h],
  ));
  const scale = own("scale")[0];
  const X = tensor(range(READ).map((j) => rest(origin - READ + j) / scale), [READ, 1, 1]);
  const layer = Object.fromEntries(["weight_ih", "weight_hh", "bias_ih", "bias_hh"].map((name) => [`${name}_l0`, own(name)]));
  const [, state] = gru(X, layer, zeros(1, 1, own("out_weight").shape[1]));
  const said = dense(tensor([...state], [1, state.length]), own("out_weight"), own("out_bias"));
  return {
    season: range(FAR).map((h) => sea[origin - 12 + (h % 12)]),
    usual: base,
    linear,
    gru: base.map((mean, h) => mean + scale * said[h]),
  };
}

mount("ahead", async ({ stage, files, state, say }) => {
  const arrays = await loadArrays(files["models.safetensors"]);
  const { sea, errors } = arrays;
  const whole = (v, from, to) => Math.min(Math.max(Math.round(v) || from, from), to);
  let origin = whole(state.get("origin", 569), FIRST, LAST);
  let horizon = whole(state.get("horizon", 1), 1, FAR);
  slider(stage, {
    label: "Known up to", min: FIRST, max: LAST, step: 1, value: origin, text: (v) => named(v - 1),
    change: (v) => ((origin = v), state.set("origin", v), draw()),
  });
  slider(stage, {
    label: "Horizon", min: 1, max: FAR, step: 1, value: horizon, text: (v) => `${v} ${v > 1 ? "months" : "month"}`,
    change: (v) => ((horizon = v), state.set("horizon", v), draw()),
  });
  resetButton(stage);
  const picture = svg("svg", { viewBox: "0 0 320 250", role: "img", "aria-label": "The series, four forecasts and what came" }, stage);
  const at = axes({ x: [1 - PAST, FAR + 1], y: [17, 31], width: 320, height: 250, pad: 34 });
  const table = html("tbody", {}, html("table", {}, stage));

  function line(points, colour, width) {
    svg("polyline", { points: points.map(([x, y]) => `${at.x(x)},${at.y(y)}`).join(" "), fill: "none", stroke: `var(--${colour})`, "stroke-width": width }, picture);
  }

  function draw() {
    const said = forecasts(arrays, origin);
    const shown = range(horizon);
    picture.replaceChildren();
    svg("rect", { x: 34, y: 34, width: 252, height: 182, fill: "none", stroke: "var(--grid)" }, picture);
    for (const v of [18, 22, 26, 30]) svg("text", { x: 30, y: at.y(v) + 4, "text-anchor": "end", text: v }, picture);
    svg("text", { x: 34, y: 26, text: "°C" }, picture);
    svg("line", { x1: at.x(0.5), x2: at.x(0.5), y1: 34, y2: 216, stroke: "var(--muted)", "stroke-dasharray": "4 4" }, picture);
    svg("text", { x: at.x(0.5) - 4, y: 232, "text-anchor": "end", text: "known" }, picture);
    svg("text", { x: at.x(0.5) + 4, y: 232, text: "to come" }, picture);
    line(range(PAST).map((j) => [j + 1 - PAST, sea[origin - PAST + j]]), "ink", 2);
    Object.entries(RIVALS).forEach(([name, [, colour]]) => {
      line([[0, sea[origin - 1]], ...shown.map((h) => [h + 1, said[name][h]])], colour, 1.5);
      svg("circle", { cx: at.x(horizon), cy: at.y(said[name][horizon - 1]), r: 4, fill: `var(--${colour})` }, picture);
    });
    for (const h of shown) {
      svg("circle", { cx: at.x(h + 1), cy: at.y(sea[origin + h]), r: h + 1 === horizon ? 5 : 3, fill: "none", stroke: "var(--ink)", "stroke-width": 2 }, picture);
    }
    const came = sea[origin + horizon - 1];
    const head = html("tr");
    for (const text of ["", "says, °C", "misses by", "on average"]) html("th", { scope: "col", text }, head);
    table.replaceChildren(head);
    const misses = Object.entries(RIVALS).map(([name, [text, colour]], i) => {
      const value = said[name][horizon - 1];
      const row = html("tr", {}, table);
      html("th", { scope: "row", style: `color: var(--${colour})`, text }, row);
      for (const v of [value, Math.abs(value - came), errors[i * FAR + horizon - 1]]) html("td", { text: v.toFixed(2) }, row);
      return [Math.abs(value - came), text];
    });
    const best = misses.reduce((a, b) => (b[0] < a[0] ? b : a));
    const which = misses.every(([miss]) => miss > 0) && Object.keys(RIVALS).every((name) => said[name][horizon - 1] < came)
      ? "All four are below it." : Object.keys(RIVALS).every((name) => said[name][horizon - 1] > came) ? "All four are above it." : "";
    say(`${named(origin + horizon - 1)}, ${horizon} ahead: ${came.toFixed(2)} °C came (circle). ${which} Nearest: ${best[1]}, off by ${best[0].toFixed(2)}.`.replace("  ", " "));
  }
  draw();
});
