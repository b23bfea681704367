/* The silent-bug lab: curves of a broken training beside a healthy one, checks with the messages
   that they gave, and a mystery. All numbers and messages were measured by examples/networks/training.py. */

import { axes, button, choice, html, loadJSON, mount, resetButton, svg } from "../assets/move.js";

const [WIDTH, HEIGHT, TOP] = [320, 210, 3];
const SPLITS = 6;

/** The run that round n of the mystery shows: its name and its split; each name once in a while. */
export function riddle(round, names) {
  const stride = [7, 5, 3, 2, 1].find((s) => names.length % s !== 0 || s === 1);
  return [names[(stride * round + 3) % names.length], 1 + (round % (SPLITS - 1))];
}

/** What a check said to a run. */
export const verdict = (run, check) => {
  const seen = run.caught[check];
  return seen ? `Caught: ${seen}${seen.endsWith("?") ? "" : "."}` : "It passes.";
};

const percent = (v) => `${(100 * v).toFixed(0)} %`;
const number = (v) => (v >= 1000 ? Math.round(v).toLocaleString("en") : v.toFixed(2));
const clamp = (v, low, high) => Math.min(Math.max(Math.round(Number(v)) || 0, low), high);

function panel(parent, { title, most, lines, epochs }) {
  const box = html("div", {}, parent);
  html("p", { text: title }, box);
  const board = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": title }, box);
  const scale = axes({ x: [1, epochs], y: [0, most], width: WIDTH - 46, height: HEIGHT - 44 });
  const place = (i, v) => [34 + scale.x(i), 10 + scale.y(Math.min(v, most))];
  const marks = most === 1 ? 4 : most;
  for (let i = 0; i <= marks; i += 1) {
    const v = (most * i) / marks;
    const [, y] = place(1, v);
    svg("line", { x1: 34, x2: WIDTH - 12, y1: y, y2: y, stroke: "var(--grid)" }, board);
    svg("text", { x: 29, y: y + 4, "text-anchor": "end", text: most === 1 ? v.toFixed(2) : v }, board);
  }
  for (let i = 1; i <= epochs; i += 1) {
    svg("text", { x: place(i, 0)[0], y: HEIGHT - 18, "text-anchor": "middle", text: i }, board);
  }
  svg("text", { x: WIDTH - 12, y: HEIGHT - 3, "text-anchor": "end", text: "pass" }, board);
  for (const { values, colour, dashed, thin } of lines) {
    const points = values.map((v, i) => place(i + 1, v).map((p) => p.toFixed(1)).join(",")).join(" ");
    const style = { fill: "none", stroke: `var(--${colour})`, "stroke-width": thin ? 1.5 : 2.6 };
    svg("polyline", { points, ...style, "stroke-dasharray": dashed ? "6 4" : "none" }, board);
  }
}

mount("lab", async ({ stage, files, state, say }) => {
  const { epochs, checks, runs } = await loadJSON(files["lab.json"]);
  const bugs = Object.keys(runs).filter((name) => runs[name].wrong);
  const names = [...bugs, "digits"];
  const titles = Object.fromEntries(names.map((name) => [name, runs[name].title]));
  let mode = state.get("mode", "look") === "mystery" ? "mystery" : "look";
  const asked = [state.get("bug", bugs[0]), state.get("check", checks[0]), state.get("ran", 0)];
  let name = bugs.includes(asked[0]) ? asked[0] : bugs[0];
  let check = checks.includes(asked[1]) ? asked[1] : checks[0];
  let ran = Boolean(asked[2]);
  let round = clamp(state.get("round", 0), 0, 999);
  let guess = names[0];
  let answered = false;

  choice(stage, {
    label: "Mode",
    options: { look: "Look at a bug", mystery: "Mystery" },
    value: mode,
    change: (to) => (state.set("mode", (mode = to)), (answered = false), arrange()),
  });
  const controls = html("div", { class: "lab-controls" }, stage);
  const lines = html("div", { class: "lab-lines" }, stage);
  const boards = html("div", { class: "lab-boards" }, stage);
  html("p", {
    class: "move-hint",
    text: "Thick: this run. Thin and grey: a healthy run, in Mystery on another split. Solid lines: in training. "
      + "Dashes: in validation. A loss above 3 is drawn at 3.",
  }, stage);
  const row = html("div", { class: "move-row" }, stage);
  say(" ");
  resetButton(row);

  function arrange() {
    controls.replaceChildren();
    if (mode === "look") {
      choice(controls, {
        label: "Bug", options: Object.fromEntries(bugs.map((bug) => [bug, titles[bug]])), value: name, select: true,
        change: (to) => (state.set("bug", (name = to)), forget()),
      });
      choice(controls, {
        label: "Check", options: checks, value: check, select: true,
        change: (to) => (state.set("check", (check = to)), forget()),
      });
      button(controls, "Run the check", () => ((ran = true), state.set("ran", 1), draw()));
    } else {
      guess = names[0];
      choice(controls, {
        label: "It is", options: titles, value: guess, select: true,
        change: (to) => ((guess = to), (answered = false), draw()),
      });
      button(controls, "Answer", () => ((answered = true), draw()));
      button(controls, "Next mystery", () => {
        round = (round + 1) % 1000;
        state.set("round", round);
        answered = false;
        draw();
      });
    }
    draw();
  }

  function forget() {
    ran = false;
    state.set("ran", 0);
    draw();
  }

  function draw() {
    const [shown, split] = mode === "look" ? [name, 0] : riddle(round, names);
    const run = runs[shown];
    // A healthy mystery would lie on its own grey curve: there the grey one is of another split.
    const [curve, calm] = [run.curves[split], runs[run.base].curves[0]];
    boards.replaceChildren();
    const grey = { colour: "muted", thin: true };
    panel(boards, {
      title: "Loss", most: TOP, epochs,
      lines: [
        { values: calm.loss, ...grey }, { values: calm.val_loss, ...grey, dashed: true },
        { values: curve.loss, colour: "blue" }, { values: curve.val_loss, colour: "orange", dashed: true },
      ],
    });
    panel(boards, {
      title: "Right in validation", most: 1, epochs,
      lines: [
        { values: calm.val_right, ...grey, dashed: true }, { values: curve.val_right, colour: "orange", dashed: true },
      ],
    });
    lines.replaceChildren();
    const end = `After ${epochs} passes: loss ${number(curve.loss.at(-1))} in training, `
      + `${number(curve.val_loss.at(-1))} in validation; ${percent(curve.val_right.at(-1))} right in validation`;
    const truth = `, ${percent(run.truth[split])} of the test digits`;
    if (mode === "look") {
      for (const [label, text] of [["wrong", run.wrong], ["right", run.right]]) {
        const line = html("p", {}, lines);
        html("span", { text: `${label}: ` }, line);
        html("code", { text }, line);
      }
      const said = ran
        ? ` ${check}, on this loop: ${verdict(run, check)} On the healthy loop: ${verdict(runs[run.base], check)}`
        : "";
      say(`${end}${truth}.${said}`);
    } else {
      const kind = run.base === "parity" ? " The question here is: odd or even?" : "";
      const line = run.wrong ? ` The line with the bug: ${run.wrong}` : "";
      const result = guess === shown ? "Yes: " : "No. It is: ";
      say(answered ? `${result}${run.title}. ${end}${truth}.${line}` : `Mystery ${round + 1}. ${end}.${kind} What is it?`);
    }
  }

  arrange();
});
