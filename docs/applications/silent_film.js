/* A silent film that a net has not seen, its curve with a limit to move, and the sound that follows. */

import { axes, button, choice, html, loadArrays, loadJSON, mount, player, reducedMotion, resetButton, slider, stepper, svg } from "../assets/move.js";

const [WIDTH, HIGH, RATE] = [320, 96, 8000];

/** The frames of the peaks above a limit: larger than the two before, no smaller than the two after. */
export const rings = (curve, limit) =>
  [...curve.keys()].filter((t) => curve[t] > limit && [-2, -1, 1, 2].every((k) => {
    const other = curve[t + k] ?? -Infinity;
    return k < 0 ? curve[t] > other : curve[t] >= other;
  }));

/** Pairs of a sound and a hit, by their places in the two lists; each is in one at most. */
export function pairs(said, truth, slack = 1) {
  const found = [];
  for (let [i, j] = [0, 0]; i < said.length && j < truth.length;) {
    if (Math.abs(said[i] - truth[j]) <= slack) found.push([i++, j++]);
    else if (said[i] < truth[j]) i += 1;
    else j += 1;
  }
  return found;
}

export const f1 = (right, said, truth) => (said + truth ? (2 * right) / (said + truth) : NaN);

/** Pairs, sounds and hits over several films. */
export function counts(curves, hits, limit) {
  const all = [0, 0, 0];
  curves.forEach((curve, i) => {
    const said = rings(curve, limit);
    [pairs(said, hits[i]).length, said.length, hits[i].length].forEach((n, k) => (all[k] += n));
  });
  return all;
}

/** The sounds of several hits, each a sum of sine waves that die away: [hertz, loudness, seconds]. */
export function track(starts, waves, seconds, rate) {
  const mix = new Float64Array(Math.floor(seconds * rate));
  starts.forEach((start, k) => {
    const first = Math.round(start * rate);
    for (let i = first; i < mix.length; i += 1) {
      const t = (i - first) / rate;
      for (const [pitch, loud, fades] of waves[k]) mix[i] += loud * Math.exp(-t / fades) * Math.sin(2 * Math.PI * pitch * t);
    }
  });
  const peak = mix.reduce((most, v) => Math.max(most, Math.abs(v)), 1);
  return mix.map((v) => v / peak);
}

/** What is heard, in words: a sound per part, then the hits that get none. */
export function heard(said, truth, materials, own, fps, misses = []) {
  const matched = pairs(said, truth);
  const time = (frame) => `${(frame / fps).toFixed(1)} s`;
  const near = (t) => misses.some((m) => Math.abs(m - t) <= 1);
  const sounds = said.map((t, i) => {
    const right = matched.some(([k]) => k === i);
    const name = materials[i];
    if (right) return `${time(t)} ${name}${name === own ? "" : ` (it is ${own})`}`;
    return `${time(t)} ${name} (${near(t) ? "the stick stopped short" : "no hit"})`;
  });
  const lost = truth.filter((_, j) => !matched.some(([, k]) => k === j)).map(time);
  return (sounds.length ? `Heard: ${sounds.join(", ")}.` : "Nothing is heard.") + (lost.length ? ` Missed: ${lost.join(", ")}.` : "");
}

mount("sound", async ({ root, stage, files, state, say, colours }) => {
  const [{ frames }, given] = await Promise.all([loadArrays(files["films.safetensors"]), loadJSON(files["given.json"])]);
  const [count, T, H, W] = frames.shape;
  const { ways, hits, fps, materials, partials } = given;
  const names = Object.keys(ways);
  const within = (v, low, high) => Math.min(Math.max(Number(v) || 0, low), high);

  let n = within(Math.round(state.get("film", 0)), 0, count - 1);
  const film = choice(stage, {
    label: "Film", options: Object.fromEntries(given.films.map(({ name }, i) => [i, name])), value: n, select: true,
    change: () => ((n = Number(film.value)), state.set("film", n), steps.to(0)),
  });
  const asked = state.get("way", names[0]);
  const way = choice(stage, {
    label: "Who listens?", options: names, value: names.includes(asked) ? asked : names[0],
    change: () => (hush(), state.set("way", way.value), knob.set(ways[way.value].limit), put()),
  });
  const canvas = html("canvas", { width: W, height: H, role: "img", class: "film-canvas" }, stage);
  const pencil = canvas.getContext("2d");
  const image = pencil.createImageData(W, H);

  const scale = axes({ x: [-0.5, T - 0.5], y: [0, 1], width: WIDTH, height: HIGH, pad: 6 });
  const board = svg("svg", { viewBox: `0 0 ${WIDTH} ${HIGH + 34}`, role: "img" }, stage);
  const line = (colour, width) => svg("polyline", { fill: "none", stroke: `var(--${colour})`, "stroke-width": width }, board);
  const [whole, seen] = [line("muted", 1), line("blue", 2.5)];
  const limitLine = svg("line", { x1: 6, x2: WIDTH - 6, stroke: "var(--ink)", "stroke-dasharray": "4 3" }, board);
  const cursor = svg("line", { y1: 2, y2: HIGH + 28, stroke: "var(--ink)", "stroke-width": 1.5 }, board);
  const marks = svg("g", {}, board);
  html("p", { class: "move-hint", text: "Curve: how sure the listener is of a hit. Dashed: the limit. Dots: it rings (ring: wrongly). Below: ▲ a hit, × the stick stops short." }, stage);

  const knob = slider(stage, {
    label: "Limit", min: 0, max: 1, step: 0.01, value: within(state.get("limit", ways[way.value].limit), 0, 1),
    text: (v) => v.toFixed(2), change: () => (hush(), put()),
  });
  const steps = player(stepper(stage, { last: T - 1, value: state.get("frame", 0), label: "Frames", reset: false, show: () => put() }), { pace: 1000 / fps });
  const halt = steps.stop;
  steps.stop = () => (halt(), hush());
  const loud = button(steps.element, "Play with sound", () => (playing ? hush() : ring()));
  resetButton(steps.element);

  let playing = null; // the sound that is heard
  function hush() {
    if (!playing) return;
    const { context } = playing;
    playing = null;
    context.close();
    loud.textContent = "Play with sound";
    put();
  }
  function ring() {
    halt();
    const { said, names: of } = now();
    const samples = track(said.map((t) => t / fps), of.map((name) => partials[name]), T / fps, RATE);
    const context = new AudioContext();
    const buffer = context.createBuffer(1, samples.length, RATE);
    buffer.copyToChannel(Float32Array.from(samples, (v) => 0.5 * v), 0);
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(context.destination);
    const begin = context.currentTime + 0.05;
    const mine = (playing = { context });
    source.onended = () => playing === mine && hush();
    source.start(begin);
    loud.textContent = "Stop";
    const follow = () => {
      if (playing !== mine) return;
      if (!stage.isConnected) return void context.close();
      if (!reducedMotion()) steps.to(Math.floor(within(context.currentTime - begin, 0, T / fps) * fps), true);
      requestAnimationFrame(follow);
    };
    follow();
  }

  function now() {
    const { curves, says } = ways[way.value];
    const curve = curves[given.films[n].at];
    const said = rings(curve, knob.value);
    return { curve, said, names: said.map((t) => materials[says[n][t]]), curves };
  }

  function put() {
    const { curve, said, names: of, curves } = now();
    const { at, misses, material } = given.films[n];
    const [t, truth] = [steps.value, hits[at]];
    for (let i = 0; i < H * W; i += 1) {
      const grey = frames[(n * T + t) * H * W + i];
      image.data.set([grey, grey, grey, 255], 4 * i);
    }
    pencil.putImageData(image, 0, 0);
    const points = curve.map((v, k) => `${scale.x(k)},${scale.y(v)}`);
    whole.setAttribute("points", points.join(" "));
    seen.setAttribute("points", points.slice(0, t + 1).join(" "));
    for (const side of ["y1", "y2"]) limitLine.setAttribute(side, scale.y(knob.value));
    for (const side of ["x1", "x2"]) cursor.setAttribute(side, scale.x(t));
    marks.replaceChildren();
    const matched = pairs(said, truth);
    said.forEach((k, i) => {
      const right = matched.some(([a]) => a === i);
      svg("circle", { cx: scale.x(k), cy: scale.y(curve[k]), r: 4.5, fill: right ? "var(--blue)" : "var(--paper)", stroke: right ? "var(--blue)" : "var(--orange)", "stroke-width": 2.5 }, marks);
    });
    const sign = (text, y) => (k) => svg("text", { x: scale.x(k), y, "text-anchor": "middle", text }, marks);
    truth.forEach(sign("▲", HIGH + 13));
    misses.forEach(sign("×", HIGH + 28));

    const hundredths = (v) => (Number.isNaN(v) ? "none" : v.toFixed(2));
    canvas.setAttribute("aria-label", `Frame ${t + 1} of ${T}: a stick and an object of ${materials[material]}`);
    board.setAttribute("aria-label", `The curve over ${T} frames; it rings ${said.length} times`);
    state.set("frame", playing ? 0 : t);
    state.set("limit", knob.value);
    if (playing) return;
    const total = counts(curves, hits, knob.value);
    say(`Frame ${t + 1} of ${T}, ${hundredths(curve[t])} sure of a hit. ${heard(said, truth, of, materials[material], fps, misses)} `
      + `F1 of this film: ${hundredths(f1(matched.length, said.length, truth.length))}. F1 of all ${hits.length} test films: ${hundredths(f1(...total))}.`);
  }
  steps.element.addEventListener("click", ({ target }) => target !== loud && hush(), true);
  root.addEventListener("move-reset", () => (playing?.context.close(), (playing = null)), { once: true });
  put();
});
