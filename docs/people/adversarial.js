/* A digit is pushed at random or against the net, which answers live. */

import { choice, html, loadArrays, mount, resetButton, slider, svg } from "../assets/move.js";
import { conv2d, dense, maxPool2d, relu, reshape, softmax, tensor } from "../assets/infer.js";

const SIDE = 28;

/** A picture of 0 to 1, each pixel moved by `size` along its sign (1 or −1), and kept in 0 to 1. */
export const pushed = (picture, signs, size) =>
  Array.from(picture, (v, i) => Math.min(Math.max(v + size * signs[i], 0), 1));

/** The shares of the ten digits that the net of vision/cnn gives to a picture. */
export function answer(picture, { w1, b1, w2, b2, w3, b3 }) {
  const x = tensor(Float32Array.from(picture), [1, 1, SIDE, SIDE]);
  const first = maxPool2d(relu(conv2d(x, w1, b1)), 2);
  const second = maxPool2d(relu(conv2d(first, w2, b2)), 2);
  return [...softmax(dense(reshape(second, [1, second.length]), w3, b3))];
}

mount("push", async ({ stage, files, state, say, colours }) => {
  const [digits, net] = await Promise.all([
    loadArrays(files["digits.safetensors"]), loadArrays(files["net.safetensors"]),
  ]);
  const whole = (v, most) => Math.min(Math.max(Math.round(Number(v)) || 0, 0), most);
  const at = (values, d) => values.subarray(d * SIDE * SIDE, (d + 1) * SIDE * SIDE);
  const kinds = { random: "at random", signs: "against the net" };
  const kept = state.get("kind", "random");

  const digit = choice(stage, {
    label: "Digit", options: Object.fromEntries(Array.from({ length: 10 }, (_, d) => [d, d])),
    value: String(whole(state.get("digit", 3), 9)), select: true, change: () => draw(),
  });
  const kind = choice(stage, {
    label: "Push", options: kinds, value: kinds[kept] ? kept : "random", change: () => draw(),
  });
  const size = slider(stage, {
    label: "Size", min: 0, max: 0.4, step: 0.01, value: whole(100 * state.get("size", 0), 40) / 100,
    text: (v) => v.toFixed(2), change: () => draw(),
  });
  const pictures = html("div", { class: "adversarial-pictures" }, stage);
  const sheets = ["the digit", "pushed"].map((title) => {
    const figure = html("figure", {}, pictures);
    const canvas = html("canvas", { width: SIDE, height: SIDE, role: "img", "aria-label": title }, figure);
    html("figcaption", { text: title }, figure);
    return canvas;
  });
  const bars = svg("svg", { viewBox: "0 0 320 128", role: "img" }, stage);
  resetButton(stage);
  let shown = [[], []];

  /** Ink on paper, as the palette has them. */
  function paint(canvas, picture) {
    const pencil = canvas.getContext("2d");
    pencil.clearRect(0, 0, SIDE, SIDE);
    pencil.fillStyle = colours.now("ink");
    picture.forEach((v, i) => {
      pencil.globalAlpha = v;
      pencil.fillRect(i % SIDE, Math.floor(i / SIDE), 1, 1);
    });
  }
  const repaint = () => sheets.forEach((canvas, i) => paint(canvas, shown[i]));

  function draw() {
    const d = Number(digit.value);
    state.set("digit", d);
    state.set("kind", kind.value);
    state.set("size", size.value);
    const picture = Array.from(at(digits.pictures, d), (v) => v / 255);
    const signs = Array.from(at(digits[kind.value], d), (v) => v - 1);
    shown = [picture, pushed(picture, signs, size.value)];
    repaint();
    const shares = answer(shown[1], net);
    const said = shares.indexOf(Math.max(...shares));
    bars.replaceChildren();
    shares.forEach((share, k) => {
      const x = 6 + 31 * k;
      const fill = k === d ? "var(--blue)" : "var(--red)";
      svg("rect", { x, y: 100 - 84 * share, width: 24, height: Math.max(84 * share, 1), fill }, bars);
      svg("text", { x: x + 12, y: 118, text: k, "text-anchor": "middle", "font-weight": k === said ? 700 : 400 }, bars);
    });
    const sure = (100 * shares[said]).toFixed(0);
    bars.setAttribute("aria-label", `The net's shares: ${shares.map((s, k) => `${k} ${(100 * s).toFixed(0)} %`).join(", ")}.`);
    say(`Pushed ${kinds[kind.value]} by ${size.value.toFixed(2)}: the net says ${said}, ${sure} % sure, which is ${said === d ? "right" : "wrong"}.`);
  }
  draw();
  colours.follow(repaint);
});
