/* A digit is turned, zoomed and shifted, and two nets answer: one learned from unchanged digits,
   the other from digits changed at random. warp and shares are those of vision/augmentation. */

import { choice, html, loadArrays, mount, resetButton, slider } from "../assets/move.js";
import { conv2d, dense, relu, reshape, softmax, tensor } from "../assets/infer.js";

/** Mirror, zoom, turn (degrees, against the clock) and shift a picture (H, W): each new pixel asks
    for its old place, and gets a mean of the four pixels around it; outside all is 0. */
export function warp(picture, { turn = 0, zoom = 1, down = 0, right = 0, mirror = false }) {
  const [height, width] = picture.shape;
  const angle = (turn * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle) / zoom, Math.sin(angle) / zoom];
  const [y, x] = [(height - 1) / 2, (width - 1) / 2];
  const at = (i, j) => (i < 0 || j < 0 || i >= height || j >= width ? 0 : picture[i * width + j]);
  const out = Float32Array.from({ length: height * width }, (_, k) => {
    const u = Math.floor(k / width) - y - down;
    const v = (k % width) - x - right;
    const row = cos * u + sin * v + y;
    const column = (cos * v - sin * u) * (mirror ? -1 : 1) + x;
    const [i, j] = [Math.floor(row), Math.floor(column)];
    const [a, b] = [row - i, column - j];
    return (1 - a) * ((1 - b) * at(i, j) + b * at(i, j + 1))
      + a * ((1 - b) * at(i + 1, j) + b * at(i + 1, j + 1));
  });
  return tensor(out, [height, width]);
}

/** What a net gives to each of the ten digits, for a picture (28, 28): shares of one whole, (10). */
export function shares(picture, { w1, b1, w2, b2, w3, b3 }) {
  const maps = relu(conv2d(reshape(picture, [1, 1, 28, 28]), w1, b1, { stride: 4 }));
  const units = relu(dense(reshape(maps, [1, maps.length]), w2, b2));
  return reshape(softmax(dense(units, w3, b3)), [10]);
}

const SIDE = 28;
const NETS = { plain: "unchanged digits", changed: "digits changed at random" };
const LIMITS = { turn: [-180, 180, 5, 0], zoom: [0.5, 1.6, 0.05, 1], right: [-8, 8, 0.5, 0], down: [-8, 8, 0.5, 0] };
const hundredths = (v) => (v > 0.99 ? "over 99" : v < 0.01 ? "less than 1" : String(Math.round(100 * v)));
const pixels = (v, ways) => `${Math.abs(v)} ${Math.abs(v) === 1 ? "pixel" : "pixels"}${v ? ` ${ways[v > 0 ? 0 : 1]}` : ""}`;
const WORDS = {
  turn: (v) => `${Math.abs(v)}°${v && Math.abs(v) < 180 ? ` to the ${v > 0 ? "left" : "right"}` : ""}`,
  zoom: (v) => `${Math.round(100 * v)} %`,
  right: (v) => pixels(v, ["to the right", "to the left"]),
  down: (v) => pixels(v, ["down", "up"]),
};

function paint(canvas, picture, colours) {
  const pencil = canvas.getContext("2d");
  pencil.clearRect(0, 0, SIDE, SIDE);
  pencil.fillStyle = colours.now("ink");
  picture.forEach((ink, k) => {
    pencil.globalAlpha = ink;
    if (ink > 0) pencil.fillRect(k % SIDE, Math.floor(k / SIDE), 1, 1);
  });
}

mount("know", async ({ stage, files, state, say, colours }) => {
  const arrays = await loadArrays(files["nets.safetensors"]);
  const nets = Object.keys(NETS).map((kind) =>
    Object.fromEntries(["w1", "b1", "w2", "b2", "w3", "b3"].map((name) => [name, arrays[`${kind}_${name}`]])));
  const numbers = Array.from({ length: 10 }, (_, d) => String(d));
  const kept = (key, first, allowed) => {
    const found = String(state.get(key, first));
    return allowed.includes(found) ? found : first;
  };
  const digit = choice(stage, {
    label: "Digit", options: numbers, value: kept("digit", "4", numbers), select: true,
    change: (v) => (state.set("digit", v), draw()),
  });

  const top = html("div", { class: "aug-top" }, stage);
  const canvas = html("canvas", { width: SIDE, height: SIDE, role: "img" }, top);
  const answers = Object.values(NETS).map((name) => {
    const box = html("div", { class: "aug-net" }, top);
    html("p", { text: `Learned from ${name}` }, box);
    const bars = html("div", { "aria-hidden": "true" }, box);
    const rows = numbers.map((d) => {
      const row = html("div", {}, bars);
      html("span", { text: d }, row);
      return { row, bar: html("i", {}, row), text: html("span", {}, row) };
    });
    return { rows };
  });

  const sliders = Object.fromEntries(
    Object.entries({ turn: "Turn", zoom: "Zoom", right: "Shift to the right", down: "Shift down" }).map(([key, label]) => {
      const [min, max, step, first] = LIMITS[key];
      const found = Number(state.get(key, first));
      const value = Number.isFinite(found) ? Math.min(Math.max(found, min), max) : first;
      return [key, slider(stage, {
        label, min, max, step, value, text: WORDS[key], change: (v) => (state.set(key, v), draw()),
      })];
    }));
  const mirror = choice(stage, {
    label: "Mirror", options: { no: "no", yes: "yes" }, value: kept("mirror", "no", ["no", "yes"]),
    change: (v) => (state.set("mirror", v), draw()),
  });
  resetButton(html("div", {}, stage));
  say("");

  let timer;
  let shown;
  function draw() {
    const d = Number(digit.value);
    const sheet = arrays.digits.subarray(d * SIDE * SIDE, (d + 1) * SIDE * SIDE);
    const picture = tensor(Float32Array.from(sheet, (v) => v / 255), [SIDE, SIDE]);
    const change = Object.fromEntries(Object.entries(sliders).map(([key, part]) => [key, part.value]));
    shown = warp(picture, { ...change, mirror: mirror.value === "yes" });
    paint(canvas, shown, colours);
    canvas.setAttribute("aria-label", `The ${d}, turned by ${WORDS.turn(change.turn)}`);
    const said = nets.map((net, n) => {
      const given = shares(shown, net);
      const best = given.indexOf(Math.max(...given));
      answers[n].rows.forEach(({ row, bar, text }, k) => {
        bar.style.width = `${(65 * given[k]).toFixed(1)}%`;
        bar.style.background = k === d ? "var(--blue)" : k === best ? "var(--orange)" : "var(--muted)";
        row.classList.toggle("aug-best", k === best);
        text.textContent = hundredths(given[k]).replace("over ", ">").replace("less than ", "<");
      });
      return `says ${best}, with ${hundredths(given[best])} out of 100 shares`;
    });
    clearTimeout(timer);
    timer = setTimeout(() => say(`It is a ${d}. The net that learned from unchanged digits ${said[0]}. The other ${said[1]}.`), 250);
  }

  draw();
  colours.follow(() => paint(canvas, shown, colours));
});
