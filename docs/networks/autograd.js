/* A computation as a graph: values go down it, slopes come back up, one box at a time.
   parse, values and slopes are the engine of networks/autograd for single numbers. */

import { html, make, mount, player, resetButton, slider, stepper, svg } from "../assets/move.js";

const NAMES = ["a", "b", "c"];
const WORDS = { tanh: "tanh", relu: "ReLU", exp: "exp" };
const SIGNS = { "+": "+", "-": "−", "*": "×", "/": "÷" };
const MOST = 24;

/** The boxes of an expression, each after those that it takes: {op, of, name or value or power}. */
export function parse(text) {
  const found = [...text.matchAll(/\s*(\*\*|[-+*/^()]|\d+(?:\.\d+)?|[A-Za-z]+|\S)/g)].map(([, part]) => part);
  const boxes = NAMES.map((name) => ({ op: "name", name, of: [] }));
  let at = 0;
  const fail = (message) => {
    throw new SyntaxError(message);
  };
  const add = (box) => {
    if (boxes.length === MOST) fail(`More than ${MOST} boxes do not fit here: write a shorter expression.`);
    return boxes.push(box) - 1;
  };
  const close = (what) => (found[at] === ")" ? (at += 1) : fail(`A ")" is missing behind ${what}.`));
  function one() {
    const part = found[at];
    at += 1;
    if (part === undefined) fail("Something is missing at the end.");
    if (NAMES.includes(part)) return NAMES.indexOf(part);
    if (/^\d/.test(part)) return add({ op: "number", value: Number(part), of: [] });
    if (part === "(") {
      const inner = sum();
      close("the bracket");
      return inner;
    }
    if (Object.hasOwn(WORDS, part)) {
      if (found[at] !== "(") fail(`Write a bracket behind ${part}, as in ${part}(a).`);
      at += 1;
      const inner = sum();
      close(part);
      return add({ op: part, of: [inner] });
    }
    return fail(`“${part}” cannot stand here. Use a, b, c, numbers, + − * / ^, tanh, relu, exp and brackets.`);
  }
  function power() {
    const base = one();
    if (!["^", "**"].includes(found[at])) return base;
    const n = Number(found[at + 1]);
    at += 2;
    if (!Number.isInteger(n) || n > 9) fail("Write a whole number from 0 to 9 after ^.");
    return add({ op: "power", power: n, of: [base] });
  }
  function signed() {
    if (found[at] !== "-") return power();
    at += 1;
    return add({ op: "minus", of: [signed()] });
  }
  const chain = (signs, inner) => () => {
    let left = inner();
    while (signs.includes(found[at])) {
      const op = found[at];
      at += 1;
      left = add({ op, of: [left, inner()] });
    }
    return left;
  };
  const product = chain(["*", "/"], signed);
  const sum = chain(["+", "-"], product);
  if (!found.length) fail("Write an expression of a, b and c, such as (a*b + c)^2.");
  const last = sum();
  if (at < found.length) fail(`“${found[at]}” cannot stand behind that. Is a sign missing, as in 2*a?`);
  if (!boxes[last].of.length) fail("Compute something with a, b and c.");
  return used(boxes, last);
}

/** Leave out what the last box does not use. */
function used(boxes, last) {
  const needed = new Set([last]);
  for (let i = last; i >= 0; i -= 1) if (needed.has(i)) boxes[i].of.forEach((j) => needed.add(j));
  const kept = boxes.map((_, i) => i).filter((i) => needed.has(i) && i <= last);
  return kept.map((i) => ({ ...boxes[i], of: boxes[i].of.map((j) => kept.indexOf(j)) }));
}

const VALUE = {
  "+": ([x, y]) => x + y,
  "-": ([x, y]) => x - y,
  "*": ([x, y]) => x * y,
  "/": ([x, y]) => x / y,
  minus: ([x]) => -x,
  power: ([x], { power }) => x ** power,
  tanh: ([x]) => Math.tanh(x),
  relu: ([x]) => Math.max(0, x),
  exp: ([x]) => Math.exp(x),
};
/** By how much each box that goes in moves the value, per unit. */
const LOCAL = {
  "+": () => [1, 1],
  "-": () => [1, -1],
  "*": ([x, y]) => [y, x],
  "/": ([x, y]) => [1 / y, -x / y ** 2],
  minus: () => [-1],
  power: ([x], { power }) => [power ? power * x ** (power - 1) : 0],
  tanh: ([x]) => [1 - Math.tanh(x) ** 2],
  relu: ([x]) => [x > 0 ? 1 : 0],
  exp: ([x]) => [Math.exp(x)],
};

/** The value of every box, for values of a, b and c. */
export function values(boxes, given) {
  const found = [];
  for (const box of boxes) {
    found.push(
      box.op === "name" ? given[box.name] : box.op === "number" ? box.value : VALUE[box.op](box.of.map((i) => found[i]), box),
    );
  }
  return found;
}

/** Slopes of the last box by every box: after each box, from the last, that handed its own back. */
export function slopes(boxes, found) {
  const now = boxes.map(() => 0);
  now[boxes.length - 1] = 1;
  const steps = [{ slopes: [...now], parts: [] }];
  for (let i = boxes.length - 1; i >= 0; i -= 1) {
    const { op, of } = boxes[i];
    if (!of.length) continue;
    const local = LOCAL[op](of.map((j) => found[j]), boxes[i]);
    const parts = of.map((to, k) => ({ from: i, to, local: local[k], part: now[i] * local[k] }));
    parts.forEach(({ to, part }) => (now[to] += part));
    steps.push({ slopes: [...now], parts });
  }
  return steps;
}

const number = (v) => {
  if (!Number.isFinite(v)) return Number.isNaN(v) ? "none" : v > 0 ? "∞" : "−∞";
  const text = Math.abs(v) >= 1e4 || (v && Math.abs(v) < 0.005) ? v.toExponential(1) : String(Number(v.toFixed(2)));
  return text.replace(/-/g, "−");
};
const title = (box) =>
  ({ name: box.name, number: "", power: `^${box.power}`, minus: "−" })[box.op] ?? WORDS[box.op] ?? SIGNS[box.op];

mount("graph", async ({ stage, state, say }) => {
  const label = html("label", { class: "ag-text" }, stage);
  html("span", { text: "Expression" }, label);
  const input = html("input", { type: "text", value: "", maxlength: 60, spellcheck: "false", autocomplete: "off" }, label);
  input.value = String(state.get("text", "(a*b + c)^2")).slice(0, 60);
  const first = { a: 2, b: -1, c: 4 };
  const sliders = Object.fromEntries(NAMES.map((name) => {
    const kept = Number(state.get(name, first[name]));
    return [name, slider(stage, {
      label: name, min: -4, max: 4, step: 0.5, value: Number.isFinite(kept) ? kept : first[name],
      text: number, change: (v) => (state.set(name, v), draw()),
    })];
  }));
  const frame = html("div", { class: "ag-frame" }, stage);
  const picture = svg("svg", { class: "ag-graph", role: "img" }, frame);
  say("");
  let boxes, walk;

  const forward = () => boxes.filter(({ of }) => of.length).map((box) => boxes.indexOf(box));
  function show(step) {
    state.set("step", step);
    draw();
  }
  function read() {
    try {
      boxes = parse(input.value);
      input.removeAttribute("aria-invalid");
      walk.last = 2 * forward().length + 1;
      return true;
    } catch (error) {
      input.setAttribute("aria-invalid", "true");
      say(error.message);
      picture.replaceChildren();
      return false;
    }
  }

  function draw() {
    if (!read()) return;
    const given = Object.fromEntries(NAMES.map((name) => [name, sliders[name].value]));
    const found = values(boxes, given);
    const back = slopes(boxes, found);
    const order = forward();
    const step = Math.min(walk.value, walk.last);
    const known = new Set(boxes.map((_, i) => i).filter((i) => !boxes[i].of.length || order.indexOf(i) < step));
    const turn = step - order.length - 1; // -1: values only
    const now = turn >= 0 ? back[turn] : { slopes: [], parts: [] };
    const active = turn >= 0 ? new Set([...now.parts.map(({ to }) => to)]) : new Set(step ? [order[step - 1]] : []);
    const reached = new Set(turn >= 0 ? [boxes.length - 1] : []);
    back.slice(0, turn + 1).forEach(({ parts }) => parts.forEach(({ to }) => reached.add(to)));
    paint({ found, known, reached, active, slopes: now.slopes, parts: back.slice(1, turn + 1).flatMap(({ parts }) => parts) });
    told({ step, order, found, turn, back });
  }

  function paint({ found, known, reached, active, slopes: slope, parts }) {
    const level = [];
    boxes.forEach(({ of }) => level.push(of.length ? 1 + Math.max(...of.map((i) => level[i])) : 0));
    // A number or a name stands one row above the first box that takes it.
    boxes.forEach(({ of }, i) => {
      if (!of.length) level[i] = Math.min(...boxes.flatMap((box, j) => (box.of.includes(i) ? [level[j] - 1] : [])));
    });
    const rows = Array.from({ length: Math.max(...level) + 1 }, (_, row) => boxes.map((_, i) => i).filter((i) => level[i] === row));
    const [tall, high, wide] = [90, 56, 76];
    const width = Math.max(340, Math.max(...rows.map((row) => row.length)) * (wide + 8));
    // A wide graph keeps its size and is moved sideways, also by the arrow keys.
    picture.style.minWidth = width > 340 ? `${width}px` : "";
    if (width > 340) make(frame, { tabindex: 0, role: "group", "aria-label": "The graph, which scrolls sideways" });
    else ["tabindex", "role", "aria-label"].forEach((name) => frame.removeAttribute(name));
    const middle = [];
    rows.forEach((row, r) => {
      const share = width / row.length;
      row.sort((i, j) => near(i, middle) - near(j, middle)).forEach((i, k) => (middle[i] = { x: share * (k + 0.5), y: 6 + r * tall }));
    });
    picture.setAttribute("viewBox", `0 0 ${width} ${rows.length * tall - tall + high + 12}`);
    picture.setAttribute("aria-label", `The graph of ${input.value}: ${boxes.length} boxes.`);
    picture.replaceChildren();
    boxes.forEach(({ of }, i) => of.forEach((j, k) => {
      const part = parts.some((one) => one.from === i && one.to === j);
      const [a, b] = [middle[j], middle[i]];
      const shift = of[0] === of[1] ? 14 * (2 * k - 1) : 0;
      svg("line", {
        x1: a.x + shift, y1: a.y + high, x2: b.x + shift, y2: b.y,
        stroke: part ? "var(--orange)" : "var(--muted)", "stroke-width": part ? 2 : 1,
      }, picture);
    }));
    boxes.forEach((box, i) => {
      const { x, y } = middle[i];
      const group = svg("g", { transform: `translate(${x} ${y})` }, picture);
      svg("rect", {
        x: -wide / 2, width: wide, height: high, rx: 6, fill: "var(--paper)",
        stroke: active.has(i) ? "var(--ink)" : "var(--muted)", "stroke-width": active.has(i) ? 2.5 : 1,
      }, group);
      const line = (y, text, colour) => {
        const written = svg("text", { y, "text-anchor": "middle", text }, group);
        written.style.fill = `var(--${colour})`;
      };
      line(15, title(box), "muted");
      line(box.op === "number" ? 26 : 32, known.has(i) ? number(found[i]) : "?", "ink");
      if (reached.has(i) && box.op !== "number") line(49, number(slope[i]), "orange");
    });
    parts.forEach(({ from, to, local }, n) => {
      const twice = parts.filter((one) => one.from === from && one.to === to);
      const side = twice.length > 1 ? 22 * (2 * twice.indexOf(parts[n]) - 1) : 0;
      const [a, b] = [middle[to], middle[from]];
      const down = (tall - high) / 2; // in the gap beneath the upper box, however long the line is
      const mark = svg("text", {
        x: a.x + side + ((b.x - a.x) * down) / (b.y - a.y - high), y: a.y + high + down + 4,
        "text-anchor": "middle", text: `×${number(local)}`,
      }, picture);
      // Readable on its line.
      Object.assign(mark.style, { fill: "var(--orange)", stroke: "var(--paper)", strokeWidth: "6px", paintOrder: "stroke" });
    });
  }
  const near = (i, middle) => {
    const above = boxes[i].of.map((j) => middle[j]?.x).filter(Number.isFinite);
    return above.length ? above.reduce((sum, x) => sum + x, 0) / above.length : i - 1e3;
  };

  function told({ step, order, found, turn, back }) {
    const name = (i) => ({ name: boxes[i].name, number: number(found[i]) })[boxes[i].op] ?? `box ${title(boxes[i])}`;
    if (step === 0) return say("No box has been computed yet. What will come out of the first? Press Next.");
    if (step <= order.length) {
      const i = order[step - 1];
      return say(`${boxes[i].of.map((j) => number(found[j])).join(" and ")} ${boxes[i].of.length > 1 ? "go" : "goes"} into ${title(boxes[i])}, and ${number(found[i])} comes out.`);
    }
    if (turn === 0) return say("Now go back. Nudge the result, and it moves by the same amount: its slope by itself is 1.");
    const { parts, slopes: slope } = back[turn];
    const own = number(back[turn - 1].slopes[parts[0].from]);
    const texts = parts.map(({ to, local, part }) => `${name(to)} gets ${own} · ${number(local)} = ${number(part)}`);
    const end = turn === order.length
      ? ` Done: ${NAMES.filter((n) => boxes.some((box) => box.name === n)).map((n) => `by ${n} the slope is ${number(slope[boxes.findIndex((box) => box.name === n)])}`).join(", ")}.`
      : "";
    return say(`At ${name(parts[0].from)} the slope is ${own}: ${texts.join("; ")}.${end}`);
  }

  input.addEventListener("input", () => {
    state.set("text", input.value);
    if (read()) walk.to(0);
  });
  walk = player(stepper(stage, { last: 7, value: 0, label: "Steps", reset: false, show }), { pace: 1500 });
  resetButton(walk.element);
  if (read()) {
    const kept = Number(state.get("step", 0));
    walk.to(Number.isFinite(kept) ? Math.max(0, Math.min(walk.last, Math.round(kept))) : 0);
  }
});
