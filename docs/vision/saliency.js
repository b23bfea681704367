/* Which pixels made the answer: three maps of a digit, and what a flipped pixel really does.
   slopes, smooth, gradCam and enlarge are those of vision/saliency.py. */

import { button, choice, drawPad, html, loadArrays, mount, resetButton } from "../assets/move.js";
import { centred, SHEET } from "../assets/digit.js";
import { conv2d, dense, fill, maxPool2d, relu, reshape, softmax, tensor, zeros } from "../assets/infer.js";

const AREA = SHEET * SHEET;

/** All that the net makes of a sheet (28, 28). */
function forward(sheet, { w1, b1, w2, b2, w3, b3 }) {
  const z1 = conv2d(reshape(sheet, [1, 1, SHEET, SHEET]), w1, b1);
  const a1 = relu(z1);
  const z2 = conv2d(maxPool2d(a1, 2), w2, b2);
  const a2 = relu(z2);
  const z3 = dense(reshape(maxPool2d(a2, 2), [1, 192]), w3, b3);
  return { z1, a1, z2, a2, z3 };
}

/** The ten sums of a sheet, and its shares. */
export function answer(sheet, net) {
  const { z3 } = forward(sheet, net);
  return { sums: z3, shares: softmax(z3) };
}

/** Each slope goes to the number of its 2 × 2 that was the largest, the first of equal ones. */
function unpool(a, slope) {
  const [, C, H, W] = a.shape;
  const back = zeros(...a.shape);
  slope.forEach((v, i) => {
    const [c, r, q] = [Math.floor((4 * i) / (H * W)), Math.floor(i / (W / 2)) % (H / 2), i % (W / 2)];
    const at = (c % C) * H * W + 2 * r * W + 2 * q;
    const four = [at, at + 1, at + W, at + W + 1];
    back[four.reduce((best, j) => (a[j] > a[best] ? j : best))] = v;
  });
  return back;
}

/** Kernels (O, I, n, n) that carry slopes back: turned by half a circle, in and out exchanged. */
function turned(w) {
  const [O, I, n] = w.shape;
  return fill([I, O, n, n], (at) => {
    const [tap, o, i] = [at % (n * n), Math.floor(at / (n * n)) % O, Math.floor(at / (n * n * O))];
    return w[(o * I + i) * n * n + n * n - 1 - tap];
  });
}

/** The slope of sum k by each pixel (28, 28), and by each number of the last maps (12, 8, 8). */
export function slopes(sheet, net, k) {
  const { z1, a1, z2, a2 } = forward(sheet, net);
  const through = (z, slope) => fill(z.shape, (i) => (z[i] > 0 ? slope[i] : 0));
  const last = unpool(a2, net.w3.subarray(192 * k, 192 * (k + 1)));
  const pooled = conv2d(through(z2, last), turned(net.w2), null, { padding: 4 });
  const x = conv2d(through(z1, unpool(a1, pooled)), turned(net.w1), null, { padding: 4 });
  return { x: reshape(x, [SHEET, SHEET]), last: reshape(last, [12, 8, 8]), a2 };
}

/** The mean slope over copies with noise (M, 28, 28). */
export function smooth(sheet, net, k, noise) {
  const all = zeros(SHEET, SHEET);
  const copies = noise.length / AREA;
  for (let m = 0; m < copies; m += 1) {
    const noisy = fill([SHEET, SHEET], (i) => sheet[i] + noise[m * AREA + i]);
    slopes(noisy, net, k).x.forEach((v, i) => (all[i] += v / copies));
  }
  return all;
}

/** Grad-CAM, laid over the picture (28, 28). */
export function gradCam(sheet, net, k) {
  const { last, a2 } = slopes(sheet, net, k);
  const places = new Float64Array(64);
  for (let c = 0; c < 12; c += 1) {
    const weight = last.subarray(64 * c, 64 * (c + 1)).reduce((all, v) => all + v, 0) / 64;
    for (let p = 0; p < 64; p += 1) places[p] += weight * a2[64 * c + p];
  }
  const share = (pixel, place) =>
    Math.max(0, 1 - Math.abs(Math.min(Math.max((pixel - 6.5) / 2, 0), 7) - place));
  return fill([SHEET, SHEET], (i) => {
    const [row, column] = [Math.floor(i / SHEET), i % SHEET];
    return places.reduce((all, v, p) =>
      all + Math.max(0, v) * share(row, Math.floor(p / 8)) * share(column, p % 8), 0);
  });
}

const MAPS = { slope: "Slope", smooth: "SmoothGrad", cam: "Grad-CAM" };
const number = (v) => v.toFixed(2).replace(/^-0\.00$/, "0.00").replace("-", "−");
const hundred = (v) => (v > 0.99 ? "over 99" : v < 0.01 ? "less than 1" : String(Math.round(100 * v)));

mount("pixels", async ({ stage, files, state, say, colours }) => {
  const all = await loadArrays(files["nets.safetensors"]);
  const names = ["w1", "b1", "w2", "b2", "w3", "b3"];
  const nets = {
    trained: all, random: Object.fromEntries(names.map((name) => [name, all[`r${name}`]])),
  };
  const digits = { ...Object.fromEntries([...Array(10).keys()].map((d) => [`d${d}`, `A ${d}`])), own: "Your own drawing" };
  const known = (key, first, allowed) => {
    const found = state.get(key, first);
    return allowed.includes(found) ? found : first;
  };
  const pick = (key, label, options, first, change, select = false) =>
    choice(stage, {
      label, options, select, value: known(key, first, Object.keys(options)),
      change: (v) => (state.set(key, v), change(v)),
    });
  const digit = pick("digit", "Digit", digits, "d2", put, true);
  const kind = pick("map", "Map", MAPS, "slope", look);
  const weights = pick("net", "Weights", { trained: "trained", random: "random, never trained" }, "trained", look);
  const area = html("div", { class: "sal-row" }, stage);
  const board = html("div", {
    class: "sal-board", tabindex: 0, role: "application", "aria-roledescription": "map",
    // A mouse looks around; what it chose by a click comes back when it leaves for the button.
    onpointermove: (event) => event.pointerType === "mouse" && point(event, false),
    onpointerleave: (event) => event.pointerType === "mouse" && move(chosen),
    onpointerdown: (event) => point(event, true),
    onkeydown(event) {
      const way = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key];
      if (event.key === "Enter") flip();
      else if (way) choose(chosen.map((v, i) => v + way[i]));
      else return;
      event.preventDefault();
    },
  }, area);
  const canvas = html("canvas", { width: SHEET, height: SHEET, "aria-hidden": "true" }, board);
  const mark = html("span", {}, board);
  const told = html("div", { class: "sal-told" }, area);
  html("p", { class: "move-hint", text: "Blue is above zero, orange below. The digit's ink is grey." }, told);
  const line = Object.fromEntries(["net", "pixel", "guess"].map((name) => [name, html("p", {}, told)]));
  const flipper = button(told, "Flip this pixel", flip);
  const pad = drawPad(html("div", { class: "sal-pad", hidden: true }, area), {
    n: SHEET, label: "Draw a digit",
    change: (pixels) => ((sheet = centred(tensor(Float32Array.from(pixels), [SHEET, SHEET]))), fresh()),
  });
  say("");
  resetButton(stage);

  let [sheet, map, by, first, before, k, flips, timer] = [zeros(SHEET, SHEET), null, null, null, null, 0, 0, 0];
  let [at, chosen] = [null, state.get("at", [8, 13])];
  const net = () => nets[weights.value];

  function put() {
    const own = digit.value === "own";
    pad.element.parentNode.hidden = !own;
    const from = Number(digit.value.slice(1)) * AREA;
    if (own) sheet = centred(tensor(Float32Array.from(pad.pixels), [SHEET, SHEET]));
    else sheet = fill([SHEET, SHEET], (i) => all.pictures[from + i] / 255);
    fresh();
  }
  function fresh() {
    flips = 0;
    look();
  }
  function look() {
    before = answer(sheet, net());
    // After flips the question stays the same: the digit that was said at first.
    if (!flips) first = before.shares.indexOf(Math.max(...before.shares));
    k = flips ? first : before.shares.indexOf(Math.max(...before.shares));
    by = slopes(sheet, net(), k).x;
    map = { slope: () => by, smooth: () => smooth(sheet, net(), k, all.noise), cam: () => gradCam(sheet, net(), k) }[kind.value]();
    draw();
    choose(chosen);
  }
  function draw() {
    const pencil = canvas.getContext("2d");
    pencil.clearRect(0, 0, SHEET, SHEET);
    const reach = map.reduce((most, v) => Math.max(most, Math.abs(v)), 0) || 1;
    const [blue, orange, ink] = ["blue", "orange", "ink"].map(colours.now);
    sheet.forEach((v, i) => {
      const place = [i % SHEET, Math.floor(i / SHEET), 1, 1];
      for (const [colour, alpha] of [[ink, 0.45 * v], [map[i] > 0 ? blue : orange, Math.abs(map[i]) / reach]]) {
        pencil.globalAlpha = Math.min(1, Math.max(0, alpha));
        pencil.fillStyle = colour;
        pencil.fillRect(...place);
      }
    });
  }
  function point(event, keep) {
    const box = canvas.getBoundingClientRect();
    (keep ? choose : move)([((event.clientY - box.top) / box.height) * SHEET - 0.5, ((event.clientX - box.left) / box.width) * SHEET - 0.5]);
  }
  function choose(to) {
    move(to);
    chosen = at;
    state.set("at", chosen);
    flipper.textContent = `Flip row ${at[0] + 1}, column ${at[1] + 1}`;
  }
  function move(to) {
    at = to.map((v) => Math.min(Math.max(Math.round(v) || 0, 0), SHEET - 1));
    const [i, step] = [at[0] * SHEET + at[1], 100 / SHEET];
    Object.assign(mark.style, { left: `${at[1] * step}%`, top: `${at[0] * step}%`, width: `${step}%`, height: `${step}%` });
    const other = tensor(Float32Array.from(sheet), [SHEET, SHEET]);
    other[i] = 1 - sheet[i];
    const after = answer(other, net());
    const change = other[i] - sheet[i];
    const top = after.shares.indexOf(Math.max(...after.shares));
    const now = before.shares.indexOf(Math.max(...before.shares));
    line.net.textContent = `It says ${now}. The sum for ${k} is ${number(before.sums[k])}, its share ${hundred(before.shares[k])} out of 100.` + (flips ? ` ${flips} flipped.` : "");
    line.pixel.textContent = `Row ${at[0] + 1}, column ${at[1] + 1}: ink ${number(sheet[i])}, slope ${number(by[i])}.`
      + (kind.value === "slope" ? "" : ` ${MAPS[kind.value]}: ${number(map[i])}.`);
    line.guess.textContent = `A flip changes its ink by ${number(change)}. By the slope, the sum changes by ${number(by[i] * change)}.`;
    const real = `Really: by ${number(after.sums[k] - before.sums[k])}. Its share: ${hundred(after.shares[k])} out of 100`
      + (top === now ? "." : `, and the network says ${top}.`);
    board.setAttribute("aria-label", `Row ${at[0] + 1}, column ${at[1] + 1}. Slope ${number(by[i])}. Arrow keys move, Enter flips.`);
    clearTimeout(timer);
    timer = setTimeout(() => say(`Row ${at[0] + 1}, column ${at[1] + 1} flipped. ${real}`), 200);
  }
  function flip() {
    const i = chosen[0] * SHEET + chosen[1];
    sheet = tensor(Float32Array.from(sheet), [SHEET, SHEET]);
    sheet[i] = 1 - sheet[i];
    flips += 1;
    look();
  }

  put();
  colours.follow(draw);
});
