/* Draw, and the net that the example trained answers with its ten shares.
   centred (of the shared digit.js) and shares are those of orientation/first_model.py. */

import { choice, drawPad, html, loadArrays, loadJSON, mount, resetButton, svg } from "../assets/move.js";
import { centred, SHEET } from "../assets/digit.js";
import { dense, relu, reshape, softmax, tensor } from "../assets/infer.js";

export { centred };

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
