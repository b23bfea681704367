/* A kernel steps over a picture: nine products at each place, and their sums are a new picture.
   A picture is a list of rows, brightness 0 to 100; a kernel is nine numbers, row by row. */

import {
  axes, choice, draggable, html, loadJSON, mount, player, resetButton, slider, stepper, svg,
} from "../assets/move.js";

const SIDE = 3;
const KERNELS = {
  upright: [-1, 0, 1, -1, 0, 1, -1, 0, 1],
  level: [-1, -1, -1, 0, 0, 0, 1, 1, 1],
  blur: [0.1, 0.1, 0.1, 0.1, 0.2, 0.1, 0.1, 0.1, 0.1],
  sharpen: [0, -1, 0, -1, 5, -1, 0, -1, 0],
};

/** How many windows fit along a side. */
export const outputSize = (size, stride, padding) =>
  Math.floor((size + 2 * padding - SIDE) / stride) + 1;

/** The nine pixels under the window whose first corner is at (top, left); outside they are 0. */
export const windowAt = (picture, top, left) =>
  Array.from({ length: SIDE * SIDE }, (_, i) =>
    picture[top + Math.floor(i / SIDE)]?.[left + (i % SIDE)] ?? 0);

/** The sums of all windows, row by row. */
export function slide(picture, kernel, stride, padding) {
  const [rows, columns] = [picture.length, picture[0].length].map((n) => outputSize(n, stride, padding));
  return Array.from({ length: rows }, (_, row) => Array.from({ length: columns }, (_, column) =>
    windowAt(picture, row * stride - padding, column * stride - padding)
      .reduce((sum, pixel, i) => sum + pixel * kernel[i], 0)));
}

const number = (v) => String(Number(v.toFixed(2))).replace("-", "−").replace(/^−0$/, "0");
const cancels = (kernel) => Math.abs(kernel.reduce((sum, w) => sum + w, 0)) < 1e-9;

/** Sums as brightness 0 to 100; where the weights cancel, middle grey is zero. */
function brightness(sums, kernel) {
  if (!cancels(kernel)) return sums;
  const most = Math.max(...sums.flat().map(Math.abs)) || 1;
  return sums.map((row) => row.map((v) => 50 + (50 * v) / most));
}

function paint(canvas, rows, count = Infinity) {
  const [height, width] = [rows.length, rows[0].length];
  canvas.width = width;
  canvas.height = height;
  const image = new ImageData(width, height);
  rows.flat().slice(0, count).forEach((v, i) => {
    const grey = Math.round(2.55 * Math.min(Math.max(v, 0), 100));
    image.data.set([grey, grey, grey, 255], 4 * i);
  });
  canvas.getContext("2d").putImageData(image, 0, 0);
}

mount("slide", async ({ stage, files, state, say }) => {
  const pictures = await loadJSON(files["pictures.json"]);
  const kept = state.get("kernel", KERNELS.upright);
  let kernel = KERNELS.upright.map((w, i) => (Number.isFinite(kept[i]) ? tame(kept[i]) : w));
  const first = state.get("step", -1);
  let picture, sums, shown, stride, padding, columns, steps, bar, handle, home, outputs;

  const whole = { change: () => begin(-1) };
  const source = choice(stage, {
    label: "Picture", options: { hand: "4 × 4, by hand", man: "photograph", wall: "wall" },
    value: state.get("picture", "hand"), ...whole,
  });
  const ready = choice(stage, {
    label: "Kernel", select: true,
    options: { upright: "vertical edges", level: "horizontal edges", blur: "blur", sharpen: "sharpen", own: "your own" },
    change: (name) => {
      if (!KERNELS[name]) return;
      kernel = [...KERNELS[name]];
      inputs.forEach((input, i) => (input.value = kernel[i]));
      work();
    },
  });
  const strides = choice(stage, { label: "Stride", options: [1, 2, 3], value: state.get("stride", 1), ...whole });
  const paddings = choice(stage, { label: "Padding", options: [0, 1, 2], value: state.get("padding", 0), ...whole });

  const pair = html("div", { class: "conv-pair" }, stage);
  const [before, after] = ["Picture", "Output"].map((name) => {
    const box = html("div", {}, pair);
    const title = html("p", { text: name }, box);
    const paper = html("div", { class: "conv-paper" }, box);
    const canvas = html("canvas", { "aria-hidden": "true" }, paper);
    const drawing = svg("svg", { viewBox: "0 0 320 320" }, paper);
    return { title, canvas, numbers: svg("g", { "aria-hidden": "true" }, drawing), top: svg("g", {}, drawing) };
  });
  const nine = html("div", { class: "conv-sum" }, stage);
  const cells = () => {
    const box = html("div", { class: "conv-nine", "aria-hidden": "true" }, nine);
    return Array.from({ length: 9 }, () => html("span", {}, box));
  };
  const pixels = cells();
  html("span", { text: "×", "aria-hidden": "true" }, nine);
  const field = html("fieldset", { class: "conv-nine", "aria-label": "The nine weights" }, nine);
  const inputs = kernel.map((w, i) => html("input", {
    type: "number", step: "any", value: w, "aria-label": `Weight, row ${Math.floor(i / 3) + 1}, column ${(i % 3) + 1}`,
    oninput: (event) => {
      kernel[i] = tame(event.target.valueAsNumber);
      work();
    },
  }, field));
  html("span", { text: "=", "aria-hidden": "true" }, nine);
  const products = cells();
  const total = html("strong", { "aria-hidden": "true" }, nine);
  const walk = html("div", { class: "conv-walk" }, stage);
  say("");
  const size = html("p", { class: "move-hint" }, stage);

  /** A picture, a stride or a padding is new: other windows. */
  function begin(step) {
    [stride, padding] = [Number(strides.value), Number(paddings.value)];
    picture = pictures[source.value];
    const [height, rows] = [picture.length, outputSize(picture.length, stride, padding)];
    columns = outputSize(picture[0].length, stride, padding);
    const frame = Array(padding).fill(0);
    const wide = picture.map((row) => [...frame, ...row, ...frame]);
    const line = frame.map(() => wide[0].map(() => 0));
    const framed = [...line, ...wide, ...line];
    paint(before.canvas, framed);
    write(before, framed);
    walk.replaceChildren();
    const by = source.value === "hand";
    steps = player(stepper(walk, { label: "Windows", last: rows * columns - 1, reset: false, show }), { pace: by ? 900 : 30 });
    resetButton(steps.element);
    bar = slider(walk, { label: "Window", min: 1, max: rows * columns, step: 1, change: (n) => steps.to(n - 1) });
    const cell = 320 / framed.length;
    const scale = axes({
      x: [0, Math.max(columns - 1, 1e-6)], y: [-Math.max(rows - 1, 1e-6), 0], pad: 1.5 * cell,
      width: ((columns - 1) * stride + SIDE) * cell, height: ((rows - 1) * stride + SIDE) * cell,
    });
    before.top.replaceChildren();
    const grip = svg("g", {}, before.top);
    svg("rect", {
      x: -1.5 * cell, y: -1.5 * cell, width: SIDE * cell, height: SIDE * cell,
      fill: "transparent", stroke: "var(--orange)", "stroke-width": 3,
    }, grip);
    handle = draggable(grip, scale, {
      x: 0, y: 0, step: 1, label: "The window",
      text: (x, y) => `row ${1 - Math.round(y)}, column ${1 + Math.round(x)}`,
      move: (x, y) => steps.to(columns * Math.round(-y) + Math.round(x)),
    });
    outputs = `Output size: (${height} + 2 · ${padding} − 3) ÷ ${stride}${stride > 1 ? ", rounded down," : ""} + 1 = ${rows}. `
      + "Drag the window, or select it and use the arrow keys. Type other weights. ";
    state.set("picture", source.value);
    state.set("stride", stride);
    state.set("padding", padding);
    home = by ? 0 : steps.last; // for a photograph the whole answer is shown first
    steps.value = step < 0 ? home : Math.min(Math.round(step), steps.last);
    work();
  }

  /** The kernel is new: other sums at the same windows. */
  function work() {
    ready.set(Object.keys(KERNELS).find((name) => String(KERNELS[name]) === String(kernel)) ?? "own");
    state.set("kernel", kernel);
    sums = slide(picture, kernel, stride, padding);
    shown = brightness(sums, kernel);
    size.textContent = outputs + (cancels(kernel)
      ? "The weights add up to zero: middle grey means an answer of zero."
      : "The weights do not add up to zero: an answer of 0 or less is drawn black, 100 or more white.");
    steps.show();
  }

  function show(n) {
    const [row, column] = [Math.floor(n / columns), n % columns];
    const seen = windowAt(picture, row * stride - padding, column * stride - padding);
    const terms = seen.map((pixel, i) => pixel * kernel[i]);
    bar.set(n + 1);
    handle.set(column, -row);
    paint(after.canvas, shown, n + 1);
    write(after, sums, n + 1, shown);
    const cell = 320 / columns;
    after.top.replaceChildren();
    svg("rect", {
      x: column * cell, y: row * cell, width: cell, height: cell,
      fill: "none", stroke: "var(--orange)", "stroke-width": 3,
    }, after.top);
    after.title.textContent = `Output, ${sums.length} × ${columns}`;
    seen.forEach((pixel, i) => (pixels[i].textContent = number(pixel)));
    terms.forEach((term, i) => (products[i].textContent = number(term)));
    total.textContent = `sum ${number(sums[row][column])}`;
    state.set("step", n === home ? -1 : n);
    say(words(n, row, column, terms));
  }

  function words(n, row, column, terms) {
    const sum = sums[row][column];
    const added = terms.map(number).join(" + ").replaceAll("+ −", "− ");
    const meaning = !cancels(kernel) ? "This is the new brightness."
      : Math.abs(sum) < 1e-9 ? "Zero: the products cancel."
        : `The picture is brighter under the ${sum > 0 ? "positive" : "negative"} weights.`;
    return `Window ${n + 1} of ${steps.last + 1}, row ${row + 1}, column ${column + 1}: ${added} = ${number(sum)}. ${meaning}`;
  }

  /** Write each number into its cell, where there is room. */
  function write({ numbers }, rows, count = Infinity, greys = rows) {
    numbers.replaceChildren();
    const cell = 320 / rows[0].length;
    if (cell < 30) return;
    rows.flat().slice(0, count).forEach((v, i) => svg("text", {
      x: (i % rows[0].length + 0.5) * cell, y: (Math.floor(i / rows[0].length) + 0.5) * cell + 8,
      text: number(v), "text-anchor": "middle",
      style: `font-size: 24px; fill: ${greys.flat()[i] > 45 ? "#000" : "#fff"}`,
    }, numbers));
  }

  begin(first);
});

/** A weight as it may be. */
function tame(v) {
  return Math.min(Math.max(v || 0, -99), 99);
}
