/* One of each part, and what becomes of a figure that cannot start. */
import { axes, button, choice, draggable, drawPad, html, mount, slider, svg } from "./assets/move.js";

mount("parts", ({ stage, state, say, colours }) => {
  const told = () => {
    const ink = pad.pixels.reduce((a, b) => a + b, 0);
    say(`Rule ${rule.value}, optimiser ${which.value}, ink ${ink.toFixed(1)}, mark ${mark.x.toFixed(1)}.`);
  };
  const keep = (key) => (value) => (state.set(key, value), told());
  const options = { and: "Both", or: "Any", xor: "Exactly one" };
  const rule = choice(stage, {
    label: "Rule", options, value: state.get("rule", "or"), change: keep("rule"),
  });
  const which = choice(stage, {
    label: "Optimiser", options: ["SGD", "Adam"], select: true, value: state.get("which", "SGD"),
    change: keep("which"),
  });
  const scale = axes({ x: [0, 10], y: [0, 1], height: 60, pad: 20 });
  const drawing = svg("svg", { viewBox: "0 0 320 60" }, stage);
  svg("path", { d: "M20 30H300", stroke: "var(--muted)" }, drawing);
  const handle = svg("g", {}, drawing);
  svg("circle", { r: 7, fill: colours.purple }, handle);
  const mark = draggable(handle, scale, {
    x: state.get("mark", 5), y: 0.5, along: "x", label: "Mark", text: (x) => `at ${x.toFixed(1)}`,
    move: keep("mark"),
  });
  const canvas = html("canvas", { width: 8, height: 8, class: "probe" }, stage);
  colours.follow(() => {
    const pencil = canvas.getContext("2d");
    pencil.fillStyle = colours.now("blue-soft");
    pencil.fillRect(0, 0, 8, 8);
  });
  slider(stage, { label: "Width", min: 0, max: 8, step: 1, text: (v) => `${v} units` });
  const pad = drawPad(stage, { n: 14, label: "Draw a letter", change: told });
  button(stage, "Tell", told);
  told();
});

mount("fails", () => {
  throw new Error("on purpose");
});
