/* Four nets on one new task, by the number of labelled digits: first a guess, then what each read,
   its first kernels and its answers. All numbers come from the example of vision/transfer. */

import { axes, button, choice, html, loadJSON, mount, resetButton, slider, svg } from "../assets/move.js";

/** What is shown for one number of labels: per arm its mean, the ends of its interval, and its rank. */
export function standing({ arms, means }, at) {
  const rows = arms.map((arm) => {
    const [mean, half] = means[arm][at];
    return { arm, mean, low: mean - half, high: mean + half };
  });
  const order = [...rows].sort((a, b) => b.mean - a.mean);
  return rows.map((row) => ({ ...row, rank: order.indexOf(row) + 1 }));
}

/** The other rows whose intervals overlap the best one's. */
export const overlapping = (rows) => {
  const best = rows.find(({ rank }) => rank === 1);
  return rows.filter((row) => row !== best && row.high > best.low);
};

const WIDTH = 320;
const ROW = 34;
const COLOURS = { frozen: "orange", "fine-tuned": "blue", "from scratch": "ink", "random, frozen": "muted" };

/** Blue above zero, orange below, for kernels; ink for pictures. */
function paint(canvas, values, n, colours, signed) {
  if (canvas.width !== n) Object.assign(canvas, { width: n, height: n });
  const pencil = canvas.getContext("2d");
  const reach = signed ? Math.max(...values.map(Math.abs)) || 1 : 1;
  pencil.clearRect(0, 0, n, n);
  values.forEach((v, k) => {
    pencil.globalAlpha = Math.min(1, Math.abs(v) / reach);
    pencil.fillStyle = colours.now(signed ? (v > 0 ? "blue" : "orange") : "ink");
    if (v) pencil.fillRect(k % n, Math.floor(k / n), 1, 1);
  });
}

mount("arms", async ({ stage, files, state, say, colours }) => {
  const run = await loadJSON(files["arms.json"]);
  const last = run.sizes.length - 1;
  const given = Math.round(Number(state.get("at", 0)));
  const kept = (key, first, allowed) => {
    const found = String(state.get(key, first));
    return allowed.includes(found) ? found : first;
  };
  let shown = kept("shown", "no", ["no", "yes"]) === "yes";

  const labels = slider(stage, {
    label: "Labelled digits", min: 0, max: last, step: 1,
    value: Number.isFinite(given) ? Math.min(Math.max(given, 0), last) : 0,
    text: (v) => `${run.sizes[Math.round(v)]}`,
    change: (v) => (state.set("at", Math.round(v)), draw()),
  });
  const guess = choice(stage, {
    label: "Which net reads most digits?", options: run.arms, value: kept("guess", run.arms[2], run.arms),
    change: (v) => (state.set("guess", v), draw()),
  });
  const line = html("div", { class: "tra-row" }, stage);
  const reveal = button(line, "Show", () => {
    shown = true;
    state.set("shown", "yes");
    draw();
  });
  resetButton(line);

  const result = html("div", { class: "tra-all" }, stage);
  const height = ROW * run.arms.length + 24;
  const chart = svg("svg", { viewBox: `0 0 ${WIDTH} ${height}`, role: "img" }, result);
  // From the tens below the lowest end of an interval, so that the intervals can be seen.
  const ends = run.sizes.flatMap((_, k) => standing(run, k).map(({ low }) => low));
  const floor = Math.max(0, 10 * Math.floor(Math.min(...ends) / 10));
  const at = axes({ x: [floor, 100], y: [0, 1], width: 190, height: 1 });
  const x = (v) => 122 + at.x(v);
  for (const v of [floor, (floor + 100) / 2, 100]) {
    svg("line", { x1: x(v), x2: x(v), y1: 0, y2: height - 18, stroke: colours.grid }, chart);
    svg("text", { x: x(v), y: height - 4, "text-anchor": v === 100 ? "end" : "middle", text: `${v} %` }, chart);
  }
  const marks = run.arms.map((arm, k) => {
    const y = ROW * k + ROW / 2;
    const colour = colours[COLOURS[arm]];
    svg("text", { x: 0, y: y + 4, text: arm }, chart);
    return {
      line: svg("line", { y1: y, y2: y, stroke: colour, "stroke-width": 12, "stroke-opacity": 0.35 }, chart),
      dot: svg("circle", { cy: y, r: 3.5, fill: colour }, chart),
      number: svg("text", { y: y - 8, "text-anchor": "middle" }, chart),
    };
  });

  html("p", { class: "tra-name", text: "Dot: mean of sixteen nets. Band: its 95 % interval." }, result);
  const arm = choice(result, {
    label: "Look inside", options: run.arms, value: kept("arm", run.arms[0], run.arms), select: true,
    change: (v) => (state.set("arm", v), draw()),
  });
  html("p", { class: "tra-name", text: "The eight kernels of one such net: blue is above zero, orange below" }, result);
  const kernels = html("div", { class: "tra-row", "aria-hidden": "true" }, result);
  const small = Array.from({ length: 8 }, () => html("canvas", {}, kernels));
  html("p", { class: "tra-name", text: "Eight test digits, and the net's answers; a wrong answer is struck out" }, result);
  const digits = html("div", { class: "tra-row" }, result);
  const tests = run.pictures.map((_, k) => {
    const box = html("div", {}, digits);
    const canvas = html("canvas", { role: "img", "aria-label": `a ${run.digits[k]}` }, box);
    return { canvas, answer: html("span", {}, box) };
  });
  say("");

  function draw() {
    const k = Math.round(labels.value);
    const rows = standing(run, k);
    result.hidden = !shown;
    if (shown) reveal.remove();
    rows.forEach(({ mean, low, high }, i) => {
      marks[i].line.setAttribute("x1", x(low));
      marks[i].line.setAttribute("x2", x(high));
      marks[i].dot.setAttribute("cx", x(mean));
      marks[i].number.setAttribute("x", x(mean));
      marks[i].number.textContent = mean.toFixed(1);
    });
    chart.setAttribute("aria-label", rows.map((row) => `${row.arm}: ${row.mean.toFixed(1)} %`).join(", "));
    run.kernels[arm.value][k].forEach((values, i) => paint(small[i], values, 5, colours, true));
    run.pictures.forEach((values, i) => {
      const said = run.answers[arm.value][k][i];
      paint(tests[i].canvas, values, 28, colours, false);
      tests[i].answer.textContent = said;
      tests[i].answer.className = said === run.digits[i] ? "" : "tra-wrong";
    });
    if (!shown) {
      say(`${run.sizes[k]} labelled digits: choose the net that you expect to read most digits, then press Show.`);
      return;
    }
    const best = rows.find(({ rank }) => rank === 1);
    const mine = rows.find((row) => row.arm === guess.value);
    const right = run.digits.filter((d, i) => run.answers[arm.value][k][i] === d).length;
    const near = overlapping(rows).map((row) => row.arm).join(" and ");
    const doubt = near ? `; its interval overlaps that of ${near}` : "";
    const verdict = (mine === best ? "as you said" : `you said ${mine.arm}, with ${mine.mean.toFixed(1)} %`) + doubt;
    say(`With ${run.sizes[k]} labelled digits the highest mean is ${best.mean.toFixed(1)} %, ${best.arm}: ${verdict}. `
      + `Of the eight digits below, one net of the kind “${arm.value}” reads ${right}.`);
  }

  draw();
  colours.follow(draw);
});
