/* Detection: a box is dragged over a scene, and all boxes of a net are thinned out and scored.
   A box is [left, top, right, bottom]; iou, nms and average precision as in vision/detection. */

import { axes, choice, draggable, html, loadArrays, mount, resetButton, slider, svg } from "../assets/move.js";

const SIDE = 48;
const SIZE = 320;
const AT = 0.5;

/** The area in both of two boxes, divided by the area in at least one. */
export function iou(a, b) {
  const both = [0, 1].reduce((area, k) => area * Math.max(0, Math.min(a[k + 2], b[k + 2]) - Math.max(a[k], b[k])), 1);
  const area = (c) => (c[2] - c[0]) * (c[3] - c[1]);
  return both / (area(a) + area(b) - both);
}

/** Row n of an array of boxes (…, 4). */
const row = (boxes, n) => Array.from(boxes.subarray(4 * n, 4 * n + 4));
/** The true boxes of one scene. */
const own = (truth, of, scene) => [...of.keys()].filter((n) => of[n] === scene).map((n) => row(truth, n));

/** The boxes of one scene that a threshold and NMS leave, the surest first, judged. */
function judged(boxes, scores, scene, truth, least, limit) {
  const count = scores.shape[1];
  const order = [...Array(count).keys()].map((n) => scene * count + n).sort((m, n) => scores[n] - scores[m] || m - n);
  const [kept, taken] = [[], new Set()];
  for (const n of order) {
    const box = row(boxes, n);
    if (scores[n] < least || kept.some((other) => iou(other.box, box) > limit)) continue;
    const overlaps = truth.map((one) => iou(one, box));
    const best = overlaps.indexOf(Math.max(...overlaps));
    const right = overlaps[best] >= AT && !taken.has(best);
    if (right) taken.add(best);
    kept.push({ box, score: scores[n], right });
  }
  return { kept, missed: truth.filter((_, n) => !taken.has(n)) };
}

/** All scenes: what is kept in each, how many are right, wrong and missed, and AP. */
export function score(boxes, scores, truth, of, least, limit) {
  const found = Array.from({ length: scores.shape[0] }, (_, scene) =>
    judged(boxes, scores, scene, own(truth, of, scene), least, limit));
  // Stable: of equal scores those of the earlier scene come first.
  const list = found.flatMap(({ kept }) => kept).sort((a, b) => b.score - a.score);
  let [right, sum] = [0, 0];
  list.forEach((one, n) => {
    if (one.right) sum += (right += 1) / (n + 1);
  });
  return { scenes: found.map(({ kept }) => kept), found, right, wrong: list.length - right, missed: of.length - right, ap: sum / of.length };
}

/** A picture of the test set as dark squares; boxes are drawn above it. */
function sheet(stage, label) {
  const picture = svg("svg", { viewBox: `0 0 ${SIZE} ${SIZE}`, role: "group", "aria-label": label }, stage);
  svg("rect", { width: SIZE, height: SIZE, fill: "var(--wash)", stroke: "var(--grid)" }, picture);
  const [ink, lines] = [svg("g", { fill: "var(--ink)" }, picture), svg("g", { fill: "none" }, picture)];
  const pixel = SIZE / SIDE;
  return {
    picture, lines,
    show(pictures, scene) {
      ink.replaceChildren();
      for (let n = 0; n < SIDE * SIDE; n += 1) {
        const dark = pictures[scene * SIDE * SIDE + n];
        if (dark < 8) continue;
        const place = { x: (n % SIDE) * pixel, y: Math.floor(n / SIDE) * pixel, width: pixel + 0.2, height: pixel + 0.2 };
        svg("rect", { ...place, opacity: (dark / 255).toFixed(2) }, ink);
      }
    },
    box([left, top, right, bottom], style) {
      const place = { x: left * pixel, y: top * pixel, width: (right - left) * pixel, height: (bottom - top) * pixel };
      return svg("rect", { ...place, "stroke-width": 2.5, ...style }, lines);
    },
  };
}

const TRUE = { stroke: "var(--blue)", "stroke-dasharray": "2 4" };
const fixed = (v) => v.toFixed(2);
const within = (v, most) => (Number.isFinite(v) ? Math.max(0, Math.min(most, v)) : 0);
const words = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;

/** A choice among the scenes that have a picture. */
function scenePicker(stage, state, pictures, change) {
  const names = Array.from({ length: pictures.shape[0] }, (_, n) => String(n + 1));
  const first = state.get("scene", "1");
  return choice(stage, {
    label: "Test scene", options: names, value: names.includes(first) ? first : "1", select: true,
    change: (name) => (state.set("scene", name), change()),
  });
}

mount("overlap", async ({ stage, files, state, say }) => {
  const { pictures, truth, of } = await loadArrays(files["boxes.safetensors"]);
  const picked = scenePicker(stage, state, pictures, begin);
  const paper = sheet(stage, "A scene, a true box, and a box that you drag");
  // Handles count upwards, as axes do; boxes count downwards.
  const scale = axes({ x: [0, SIDE], y: [0, SIDE], width: SIZE, height: SIZE });
  const first = [4, 4, 20, 20];
  const kept = state.get("box", first).map((v) => within(Number(v), SIDE));
  const corner = (label, [left, top], move) => {
    const dot = svg("g", {}, paper.picture);
    const text = (x, y) => `${fixed(x)} from the left, ${fixed(SIDE - y)} from the top`;
    const part = draggable(dot, scale, { x: left, y: SIDE - top, label, step: 0.5, text, move });
    svg("rect", { x: -6, y: -6, width: 12, height: 12, fill: "var(--orange)" }, dot);
    return part;
  };
  const place = kept.length === 4 ? kept : first;
  const start = corner("Upper left corner of your box", place.slice(0, 2), () => shift());
  const end = corner("Lower right corner of your box", place.slice(2), () => draw());
  html("p", {
    class: "move-hint",
    text: "The upper left handle moves your box, the lower right one changes its size. Or select a handle and use the arrow keys.",
  }, stage);
  resetButton(html("div", {}, stage));
  let size = [end.x - start.x, start.y - end.y];

  /** The whole box goes along with its first corner. */
  function shift() {
    start.set(Math.min(start.x, SIDE - size[0]), Math.max(start.y, size[1]));
    end.set(start.x + size[0], start.y - size[1]);
    draw();
  }
  function draw() {
    start.set(Math.min(start.x, SIDE - 1), Math.max(start.y, 1));
    end.set(Math.max(end.x, start.x + 1), Math.min(end.y, start.y - 1));
    size = [end.x - start.x, start.y - end.y];
    const box = [start.x, SIDE - start.y, end.x, SIDE - end.y];
    state.set("box", box);
    const real = own(truth, of, Number(picked.value) - 1);
    const overlaps = real.map((one) => iou(one, box));
    const most = Math.max(...overlaps);
    paper.lines.replaceChildren();
    real.forEach((one, n) => paper.box(one, { ...TRUE, "stroke-width": most > 0 && overlaps[n] === most ? 4 : 2 }));
    paper.box(box, { stroke: "var(--orange)" });
    say(most > 0
      ? `IoU ${fixed(most)} with the true box that your box overlaps most. ${most >= AT ? "It counts as found." : "It does not count as found."}`
      : "Your box shares nothing with a true box: IoU 0.");
  }
  function begin() {
    paper.show(pictures, Number(picked.value) - 1);
    draw();
  }
  begin();
});

mount("boxes", async ({ stage, files, state, say }) => {
  const { pictures, truth, of, boxes, scores } = await loadArrays(files["boxes.safetensors"]);
  const picked = scenePicker(stage, state, pictures, begin);
  const paper = sheet(stage, "A scene, its true boxes, and the network's boxes");
  const control = (key, label, value) => slider(stage, {
    label, min: 0, max: 1, step: 0.01, value: within(state.get(key, value), 1), text: fixed,
    change: (v) => (state.set(key, v), draw()),
  });
  const least = control("least", "Threshold: lowest score that is kept", 0.5);
  const limit = control("limit", "NMS: largest IoU with a kept box", 0.3);
  html("p", {
    class: "move-hint",
    text: "Green lines: right. Orange dashes: wrong. Blue dots: a missed true box. Each number is a score.",
  }, stage);
  resetButton(html("div", {}, stage));

  function draw() {
    const told = score(boxes, scores, truth, of, least.value, limit.value);
    const { kept, missed } = told.found[Number(picked.value) - 1];
    paper.lines.replaceChildren();
    missed.forEach((box) => paper.box(box, { ...TRUE, "stroke-width": 3 }));
    [...kept].reverse().forEach(({ box, right, score: sure }) => {
      const colour = right ? "var(--green)" : "var(--orange)";
      paper.box(box, { stroke: colour, "stroke-dasharray": right ? false : "7 4" });
      if (kept.length > 12) return;
      const at = { x: (box[0] * SIZE) / SIDE + 2, y: Math.max(12, (box[1] * SIZE) / SIDE - 4) };
      svg("text", { ...at, text: fixed(sure), style: `fill: ${colour}` }, paper.lines);
    });
    const hits = kept.filter(({ right }) => right).length;
    const said = told.right + told.wrong;
    say(`This scene: ${hits} right, ${kept.length - hits} wrong, ${missed.length} missed. `
      + `All ${words(told.scenes.length, "scene")}: ${told.right} right, ${told.wrong} wrong, ${told.missed} missed. `
      + `Precision ${said ? fixed(told.right / said) : "undefined"}, recall ${fixed(told.right / of.length)}, AP of the boxes kept ${fixed(told.ap)}.`);
  }
  function begin() {
    paper.show(pictures, Number(picked.value) - 1);
    draw();
  }
  begin();
});
