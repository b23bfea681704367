/* Cases without a name: loss curves of nets that were made ill. The reader runs checks, names the
   illness, is told why, and keeps a score. All was measured by examples/networks/diagnosis.py. */

import { axes, button, choice, html, loadJSON, mount, resetButton, svg } from "../assets/move.js";

const [WIDTH, HEIGHT, TOP] = [320, 220, 3];
const NONE = "–";

/** The patient of case n: each once, in an order that is not that of the list. */
export function dealt(n, names) {
  const stride = [5, 3, 7, 2, 1].find((s) => names.length % s !== 0 || s === 1);
  return names[(2 + stride * n) % names.length];
}

/** What answers [patient, guess, checks run] are worth. */
export const score = (answers) => ({
  right: answers.filter(([is, guess]) => is === guess).length,
  seen: answers.length,
  checks: answers.reduce((sum, [, , checks]) => sum + checks, 0),
});

const number = (v) => (v >= 1000 ? Math.round(v).toLocaleString("en") : v.toFixed(2));

mount("ward", async ({ stage, files, state, say }) => {
  const { epochs, guess: chance, healthy, patients } = await loadJSON(files["ward.json"]);
  const names = Object.keys(patients);
  const checks = Object.keys(healthy);
  const titles = Object.fromEntries(names.map((name) => [name, patients[name].title]));
  const listed = Object.fromEntries(
    names.slice().sort((a, b) => titles[a].localeCompare(titles[b])).map((name) => [name, titles[name]]),
  );
  const whole = (v) => Math.min(Math.max(Math.round(Number(v)) || 0, 0), 999);
  const asked = {
    n: state.get("case", 0), ran: state.get("ran", []), answers: state.get("answers", []), told: state.get("told", ""),
  };
  let n = whole(asked.n);
  let ran = (Array.isArray(asked.ran) ? asked.ran : []).map(whole).filter((i, at, all) => i < checks.length && all.indexOf(i) === at);
  let answers = (Array.isArray(asked.answers) ? asked.answers : []).slice(0, 200)
    .filter((a) => Array.isArray(a) && a.length === 3 && titles[a[0]] && titles[a[1]] && Number.isFinite(a[2]))
    .map(([is, guess, count]) => [is, guess, Math.min(whole(count), checks.length)]);
  let told = titles[asked.told] ? asked.told : "";

  const heading = html("p", {}, stage);
  const board = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" }, stage);
  html("p", {
    class: "move-hint",
    text: "Solid: loss in training. Dashed: loss in validation. Dotted: the loss of a guess. A loss above 3 is drawn at 3.",
  }, stage);
  const first = html("div", { class: "move-row" }, stage);
  const check = choice(first, {
    label: "Check", options: Object.fromEntries(checks.map((what, i) => [String(i), `${i + 1}. ${what}`])), value: "0", select: true,
    change: () => {},
  });
  button(first, "Run the check", () => {
    const i = Number(check.value);
    if (!ran.includes(i)) state.set("ran", (ran = [...ran, i]));
    if (i + 1 < checks.length) check.set(String(i + 1));
    draw();
  });
  const results = html("ol", { class: "ward-results" }, stage);
  const second = html("div", { class: "move-row" }, stage);
  const guess = choice(second, {
    label: "It is", options: { [NONE]: "choose an illness", ...listed }, value: NONE, select: true, change: () => draw(),
  });
  const answer = button(second, "Answer", () => {
    if (told || guess.value === NONE) return draw();
    answers = [...answers, [dealt(n, names), guess.value, ran.length]];
    told = guess.value;
    state.set("answers", answers);
    state.set("told", told);
    draw();
  });
  button(second, "Next case", () => {
    n = (n + 1) % 1000;
    [ran, told] = [[], ""];
    state.set("case", n);
    state.set("ran", ran);
    state.set("told", told);
    guess.set(NONE);
    check.set("0");
    draw();
  });
  say(" ");
  const tally = html("p", {}, stage);
  resetButton(html("div", { class: "move-row" }, stage));
  if (told) guess.set(told);

  function curve(patient) {
    board.replaceChildren();
    board.setAttribute("aria-label", `Loss curves of case ${n + 1}`);
    const scale = axes({ x: [1, epochs], y: [0, TOP], width: WIDTH - 46, height: HEIGHT - 44 });
    const place = (i, v) => [30 + scale.x(i), 10 + scale.y(Math.min(v, TOP))];
    for (let v = 0; v <= TOP; v += 1) {
      const [, y] = place(1, v);
      svg("line", { x1: 30, x2: WIDTH - 16, y1: y, y2: y, stroke: "var(--grid)" }, board);
      svg("text", { x: 24, y: y + 4, "text-anchor": "end", text: v }, board);
    }
    for (let i = 1; i <= epochs; i += 1) {
      svg("text", { x: place(i, 0)[0], y: HEIGHT - 18, "text-anchor": "middle", text: i }, board);
    }
    svg("text", { x: WIDTH - 12, y: HEIGHT - 3, "text-anchor": "end", text: "pass" }, board);
    const line = (values, look) => {
      const points = values.map((v, i) => place(i + 1, v).map((p) => p.toFixed(1)).join(",")).join(" ");
      svg("polyline", { points, fill: "none", ...look }, board);
    };
    line(Array(epochs).fill(chance), { stroke: "var(--muted)", "stroke-width": 1.5, "stroke-dasharray": "2 4" });
    line(patient.loss, { stroke: "var(--blue)", "stroke-width": 2.6 });
    line(patient.val, { stroke: "var(--orange)", "stroke-width": 2.6, "stroke-dasharray": "6 4" });
  }

  function draw() {
    const name = dealt(n, names);
    const patient = patients[name];
    curve(patient);
    heading.textContent = `Case ${n + 1}. After ${epochs} passes: loss ${number(patient.loss.at(-1))} in training, `
      + `${number(patient.val.at(-1))} in validation; ${(100 * patient.right.at(-1)).toFixed(0)} % right there.`;
    results.replaceChildren();
    for (const i of ran) {
      const what = checks[i];
      const [said, symptom] = patient.found[what];
      html("li", { value: i + 1, text: `${what}: ${said} (healthy: ${healthy[what]})${symptom ? ": a symptom" : ""}` }, results);
    }
    answer.disabled = Boolean(told) || guess.value === NONE;
    if (told) {
      const symptoms = checks.filter((what) => patient.found[what][1]);
      const seen = symptoms.length ? `It shows in: ${symptoms.join("; ")}.` : "All nine checks are silent: only the two curves show it.";
      const verdict = told === name ? "Yes" : `You said: ${titles[told]}. It is`;
      say(`${verdict}: ${patient.title}. What was done: ${patient.cause}. ${seen} What to do: ${patient.cure}.`);
    } else {
      const last = ran.at(-1);
      const heard = ran.length ? `${checks[last]}: ${patient.found[checks[last]][0]}. ` : "";
      say(`${heard}What is it? Run a check, or name the illness.`);
    }
    const { right, seen, checks: count } = score(answers);
    tally.textContent = `Score: ${right} of ${seen} named correctly, ${count} checks run.`;
  }

  draw();
});
