/* Which of three times decides how long an epoch takes? All computed from published peaks. */

import { choice, loadJSON, mount, resetButton, slider, svg } from "../assets/move.js";

const BATCHES = [8, 16, 32, 64, 128, 256, 512, 1024, 2048];
const KERNELS = [1, 10, 30, 100, 300];
const COLOURS = { arithmetic: "blue", memory: "orange", starts: "red" };

/** Seconds of an epoch at best: by arithmetic, by memory, and to start its kernels one by one. */
export function times({ flops, bytes, images }, [peak, bandwidth, size], batch, kernels, micros) {
  const steps = Math.ceil(images / batch);
  return {
    arithmetic: flops / peak,
    memory: (bytes * size) / bandwidth,
    starts: steps * kernels * micros * 1e-6,
  };
}

const shown = (seconds) => (seconds >= 1 ? `${Number(seconds.toPrecision(3))} s` : `${Number((1000 * seconds).toPrecision(2))} ms`).replace(" ", "\u00a0");

mount("floor", async ({ stage, files, state, say }) => {
  const epoch = await loadJSON(files["epoch.json"]);
  const { chips } = epoch;
  const whole = (v, high) => Math.min(Math.max(Math.round(Number(v)) || 0, 0), high);
  const first = {
    chip: whole(state.get("chip", 1), chips.length - 1),
    batch: whole(state.get("batch", 2), BATCHES.length - 1),
    kernels: whole(state.get("kernels", 3), KERNELS.length - 1),
    micros: whole(state.get("micros", 5), 20) || 1,
  };
  const chip = choice(stage, {
    label: "Chip", options: Object.fromEntries(chips.map(([name], i) => [i, name])),
    value: String(first.chip), select: true, change: () => draw(),
  });
  const batch = slider(stage, {
    label: "Images in a batch", min: 0, max: BATCHES.length - 1, step: 1, value: first.batch,
    text: (i) => BATCHES[i].toLocaleString("en"), change: () => draw(),
  });
  const kernels = slider(stage, {
    label: "Starts in a step", min: 0, max: KERNELS.length - 1, step: 1, value: first.kernels,
    text: (i) => (KERNELS[i] === 1 ? "1 (a graph)" : String(KERNELS[i])), change: () => draw(),
  });
  const micros = slider(stage, {
    label: "One start takes", min: 1, max: 20, step: 1, value: first.micros, text: (v) => `${v} µs`, change: () => draw(),
  });
  const board = svg("svg", { viewBox: "0 0 320 148", role: "img" }, stage);
  resetButton(stage);

  function draw() {
    const keep = { chip: Number(chip.value), batch: batch.value, kernels: kernels.value, micros: micros.value };
    Object.entries(keep).forEach(([key, value]) => state.set(key, value));
    const [name, ...numbers] = chips[chip.value];
    const took = times(epoch, numbers, BATCHES[batch.value], KERNELS[kernels.value], micros.value);
    const longest = Object.keys(took).sort((a, b) => took[b] - took[a])[0];
    board.replaceChildren();
    Object.entries(took).forEach(([what, seconds], i) => {
      const y = 16 + 48 * i;
      const text = `${what}: ${shown(seconds)}`;
      svg("text", { x: 2, y, text, "font-weight": what === longest ? 700 : 400 }, board);
      svg("rect", { x: 2, y: y + 6, height: 18, width: Math.max((316 * seconds) / took[longest], 1), fill: `var(--${COLOURS[what]})` }, board);
    });
    board.setAttribute("aria-label", Object.entries(took).map(([what, s]) => `${what} ${shown(s)}`).join(", "));
    const steps = Math.ceil(epoch.images / BATCHES[batch.value]).toLocaleString("en");
    const words = { arithmetic: "Arithmetic decides", memory: "Memory decides", starts: "Starting kernels decides" }[longest];
    say(`${name}: ${steps} steps. ${words}: an epoch takes at least ${shown(took[longest])}.`);
  }
  draw();
});
