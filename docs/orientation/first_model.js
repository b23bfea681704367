/* Draw, and the net that the example trained answers with its ten shares.
   centred and shares are those of orientation/first_model.py. */

import { choice, drawPad, html, loadArrays, loadJSON, mount, resetButton, svg } from "../assets/move.js";
import { dense, relu, reshape, softmax, tensor, zeros } from "../assets/infer.js";

const [BOX, SHEET] = [20, 28];
const whole = (x) => Math.floor(x + 0.5 + 1e-9); // of two, the larger, whichever way a sum was rounded

/** For each pixel of a line of `fresh`, where it lies between two pixels of a line of `old`. */
function between(old, fresh) {
  return Array.from({ length: fresh }, (_, i) => {
    const at = Math.min(Math.max(((i + 0.5) * old) / fresh - 0.5, 0), old - 1);
    const first = Math.floor(at);
    return [first, Math.min(first + 1, old - 1), at - first];
  });
}

/** Where a line of ink begins if its centre of mass is to be nearest to pixel 14. */
function start(ink) {
  const middle = ink.reduce((all, v, i) => all + v * i, 0) / ink.reduce((all, v) => all + v, 0);
  return Math.min(Math.max(whole(SHEET / 2 - middle), 0), SHEET - ink.length);
}

/** The ink (H, W), scaled and shifted as the digits of MNIST were: (28, 28). */
export function centred(ink) {
  const [sheet, W] = [zeros(SHEET, SHEET), ink.shape[1]];
  const places = [...ink.keys()].filter((i) => ink[i] > 0);
  if (!places.length) return sheet;
  const [rows, columns] = [places.map((i) => Math.floor(i / W)), places.map((i) => i % W)];
  const [top, left] = [Math.min(...rows), Math.min(...columns)];
  const sizes = [Math.max(...rows) - top + 1, Math.max(...columns) - left + 1];
  const [down, across] = sizes.map((n) =>
    between(n, Math.max(1, whole((BOX * n) / Math.max(...sizes)))));
  const at = (r, c) => ink[(top + r) * W + left + c];
  const box = down.map(([r, s, v]) =>
    across.map(([c, d, u]) =>
      (1 - v) * ((1 - u) * at(r, c) + u * at(r, d)) + v * ((1 - u) * at(s, c) + u * at(s, d))));
  const add = (all, v) => all + v;
  const y = start(box.map((row) => row.reduce(add, 0)));
  const x = start(across.map((_, c) => box.map((row) => row[c]).reduce(add, 0)));
  box.forEach((row, r) => sheet.set(row, (y + r) * SHEET + x));
  return sheet;
}

/** The net's ten shares for a sheet (28, 28). */
export const shares = (sheet, { W1, b1, W2, b2 }) =>
  softmax(dense(relu(dense(reshape(sheet, [1, SHEET * SHEET]), W1, b1)), W2, b2));

const hundredths = (share, more, less) =>
  share > 0.99 ? `${more}99` : share < 0.01 ? `${less}1` : String(Math.round(100 * share));

/** What the net says, in words. */
export function words(share) {
  const [first, second] = [...share.keys()].sort((a, b) => share[b] - share[a]);
  const [most, next] = [first, second].map((k) => hundredths(share[k], "over ", "less than "));
  return `It says ${first}, with ${most} of 100 shares. Next comes ${second}, with ${next}.`;
}

mount("draw", async ({ stage, files, state, say, colours }) => {
  const [net, { names, labels }] = await Promise.all([
    loadArrays(files["net.safetensors"]), loadJSON(files["given.json"]),
  ]);
  const own = "own";
  const options = Object.fromEntries([...names.map((name, i) => [`p${i}`, name]), [own, "Your own drawing"]]);
  const wanted = state.get("picture", "p0");
  const picked = choice(stage, {
    label: "Picture", options, value: wanted in options ? wanted : "p0", select: true, change: put,
  });
  const board = html("div", { class: "first-model" }, stage);
  const pad = drawPad(board, { n: SHEET, label: "Draw a digit", change: () => (own === picked.value || chose(own), answer()) });

  const side = html("div", { class: "first-model-side" }, board);
  const chart = svg("svg", { viewBox: "0 0 320 236", "aria-hidden": "true" }, side);
  const seen = html("figure", { class: "first-model-seen" }, side);
  const canvas = html("canvas", { width: SHEET, height: SHEET, role: "img", "aria-label": "The drawing as the net sees it" }, seen);
  html("figcaption", { text: "What the net sees: scaled and centred like the digits that it learned from." }, seen);

  const bars = Array.from({ length: 10 }, (_, k) => {
    const y = 22 * k + 8;
    svg("text", { x: 8, y: y + 14, text: k }, chart);
    const bar = svg("rect", { x: 26, y, width: 0, height: 18, fill: "var(--blue)" }, chart);
    return { bar, text: svg("text", { x: 30, y: y + 14 }, chart) };
  });
  say("");
  resetButton(stage);

  let sheet, timer;
  function chose(value) {
    picked.set(value);
    state.set("picture", value);
  }
  function put(value) {
    state.set("picture", value);
    const size = SHEET * SHEET;
    const at = Number(value.slice(1)) * size;
    const given = value === own ? new Uint8Array(size) : net.pictures.subarray(at, at + size);
    pad.set(Float32Array.from(given, (v) => v / 255));
    answer();
  }
  function paint() {
    const pencil = canvas.getContext("2d");
    pencil.clearRect(0, 0, SHEET, SHEET);
    pencil.fillStyle = colours.now("ink");
    sheet?.forEach((ink, i) => {
      pencil.globalAlpha = ink;
      if (ink) pencil.fillRect(i % SHEET, Math.floor(i / SHEET), 1, 1);
    });
  }
  function answer() {
    sheet = centred(tensor(pad.pixels, [SHEET, SHEET]));
    const share = shares(sheet, net);
    const best = share.indexOf(Math.max(...share));
    paint();
    bars.forEach(({ bar, text }, k) => {
      const width = 250 * share[k];
      bar.setAttribute("width", width.toFixed(1));
      bar.setAttribute("fill", k === best ? "var(--blue)" : "var(--muted)");
      text.setAttribute("x", (30 + width).toFixed(1));
      text.textContent = hundredths(share[k], ">", "<");
    });
    // Not at each pixel of a stroke: the line is read out.
    clearTimeout(timer);
    timer = setTimeout(() => say(`${told(best)}${words(share)}`), 250);
  }
  function told(best) {
    if (!pad.pixels.some((ink) => ink > 0)) return "Nothing is drawn, and it answers all the same. ";
    if (picked.value === own) return "";
    const label = labels[Number(picked.value.slice(1))];
    if (label === undefined) return "This is no digit, and it answers all the same. ";
    return `This is a ${label}: ${label === best ? "right" : "wrong"}. `;
  }

  colours.follow(paint);
  put(picked.value);
});
