/* Every map of a small convolutional network, live: from all maps to one number to its sum.
   look and parts are ConvNet.maps of vision/cnn.py, opened. */

import { choice, drawPad, html, loadArrays, loadJSON, mount, resetButton } from "../assets/move.js";
import { centred, SHEET } from "../assets/digit.js";
import { conv2d, dense, maxPool2d, relu, reshape, softmax, tensor } from "../assets/infer.js";

/** All stages of a sheet (28, 28): each (C, H, W), the ten sums as maps of one square; the shares (10). */
export function look(sheet, { w1, b1, w2, b2, w3, b3 }) {
  const x = reshape(sheet, [1, 1, SHEET, SHEET]);
  const z1 = conv2d(x, w1, b1);
  const p1 = maxPool2d(relu(z1), 2);
  const z2 = conv2d(p1, w2, b2);
  const p2 = maxPool2d(relu(z2), 2);
  const z3 = dense(reshape(p2, [1, p2.length]), w3, b3);
  const maps = (y) => reshape(y, y.shape.slice(1));
  return {
    x: maps(x), z1: maps(z1), a1: maps(relu(z1)), p1: maps(p1),
    z2: maps(z2), a2: maps(relu(z2)), p2: maps(p2),
    z3: reshape(z3, [10, 1, 1]), shares: reshape(softmax(z3), [10]),
  };
}

/** What each kind of map is made of: the stage before, and how. */
const FROM = {
  z1: ["x", "w1", "b1"], a1: ["z1"], p1: ["a1"],
  z2: ["p1", "w2", "b2"], a2: ["z2"], p2: ["a2"],
  z3: ["p2", "w3", "b3"],
};
const square = (maps, map, row, column, n) =>
  Array.from({ length: n * n }, (_, i) =>
    maps[(map * maps.shape[1] + row + Math.floor(i / n)) * maps.shape[2] + column + (i % n)]);
const total = (values) => values.reduce((all, v) => all + v, 0);

/** One number opened: per map before it, the patch, the kernel and the sum of their products. */
export function parts(stages, net, stage, map, row, column) {
  const [before, weights, bias] = FROM[stage];
  const old = stages[before];
  if (!weights) {
    const n = stage[0] === "p" ? 2 : 1;
    const patch = square(old, map, n * row, n * column, n);
    return { channels: [{ patch }], value: n === 2 ? Math.max(...patch) : Math.max(0, patch[0]) };
  }
  // The weights of a sum that sees all of its maps are kernels of the maps' size.
  const w = net[weights];
  const [C, n] = w.shape.length > 2 ? w.shape.slice(1) : old.shape;
  const channels = Array.from({ length: C }, (_, c) => {
    const patch = square(old, c, row, column, n);
    const kernel = Array.from(w.subarray((map * C + c) * n * n, (map * C + c + 1) * n * n));
    const products = patch.map((v, i) => v * kernel[i]);
    return { patch, kernel, products, sum: total(products) };
  });
  const b = net[bias][map];
  return { channels, bias: b, value: total(channels.map(({ sum }) => sum)) + b };
}

/** The same place on another stage's maps. A sum of one square keeps it as on the first maps. */
export function carried(stages, at, from, to) {
  const [old, next] = [from, to].map((name) => stages[name === "z3" ? "z1" : name].shape);
  return at.map((v, i) => Math.floor((v * next[i + 1]) / old[i + 1]));
}

const STAGES = {
  z1: "sums of the first kernels", a1: "ReLU", p1: "pooled",
  z2: "sums of the second kernels", a2: "ReLU again", p2: "pooled again",
  z3: "the ten sums",
};
const number = (v, digits = 2) => v.toFixed(digits).replace(/^-0(\.0*)?$/, "0$1").replace("-", "−");
const hundredths = (v) => (v > 0.99 ? "over 99" : v < 0.01 ? "less than 1" : String(Math.round(100 * v)));

/** Blue above zero, orange below, in strength; 0 leaves the paper. */
function paint(canvas, values, [height, width], reach, colours) {
  if (canvas.width !== width) Object.assign(canvas, { width, height });
  const pencil = canvas.getContext("2d");
  pencil.clearRect(0, 0, width, height);
  const [blue, orange] = [colours.now("blue"), colours.now("orange")];
  values.forEach((v, i) => {
    pencil.globalAlpha = Math.min(1, Math.abs(v) / reach) || 0;
    pencil.fillStyle = v > 0 ? blue : orange;
    pencil.fillRect(i % width, Math.floor(i / width), 1, 1);
  });
}
const reachOf = (values) => values.reduce((most, v) => Math.max(most, Math.abs(v)), 0) || 1;

mount("look", async ({ stage, files, state, say, colours }) => {
  const [net, { names, at }] = await Promise.all([
    loadArrays(files["net.safetensors"]), loadJSON(files["given.json"]),
  ]);
  const own = "own";
  const options = { ...Object.fromEntries(names.map((name, i) => [`p${i}`, name])), [own]: "Your own drawing" };
  const known = (key, first, allowed) => {
    const found = state.get(key, first);
    return allowed.includes(found) ? found : first;
  };
  const picked = choice(stage, {
    label: "Picture", options, value: known("picture", "p2", Object.keys(options)), select: true, change: put,
  });
  const top = html("div", { class: "cnn-top" }, stage);
  const pad = drawPad(top, {
    n: SHEET, label: "Draw a digit",
    change() {
      if (picked.value !== own) {
        picked.set(own);
        state.set("picture", own);
      }
      answer();
    },
  });
  const sheet = html("figure", { class: "cnn-sheet" }, top);
  const sees = html("canvas", { role: "img", "aria-label": "The picture as the net sees it" }, sheet);
  html("figcaption", { text: "What the net sees" }, sheet);
  const bars = html("div", { class: "cnn-bars", "aria-hidden": "true" }, top);
  const rows = Array.from({ length: 10 }, (_, k) => {
    const row = html("div", {}, bars);
    html("span", { text: k }, row);
    return { bar: html("i", {}, row), text: html("span", {}, row) };
  });

  // All maps; a press chooses one.
  const spot = { stage: known("stage", "z1", Object.keys(STAGES)), map: state.get("map", 0), at: state.get("at", at) };
  const below = html("div", { class: "cnn-below" }, stage);
  const overview = html("div", { class: "cnn-all", role: "group", "aria-label": "All maps" }, below);
  const thumbs = Object.entries({ z1: 6, a1: 6, p1: 6, z2: 12, a2: 12, p2: 12, z3: 10 }).flatMap(([name, count]) => {
    html("p", { text: STAGES[name] }, overview);
    const line = html("div", { class: "cnn-line" }, overview);
    return Array.from({ length: count }, (_, map) => {
      const button = html("button", {
        type: "button", "aria-label": name === "z3" ? `the sum for ${map}` : `${STAGES[name]}, map ${map + 1}`,
        onclick: () => choose(name, map),
        onkeydown(event) {
          const step = { ArrowRight: 1, ArrowDown: 6, ArrowLeft: -1, ArrowUp: -6 }[event.key];
          const next = thumbs[thumbs.findIndex((one) => one.button === button) + step];
          if (!step || !next) return;
          event.preventDefault();
          choose(next.name, next.map);
          next.button.focus();
        },
      }, line);
      const canvas = html("canvas", { "aria-hidden": "true" }, button);
      if (name === "z3") html("span", { text: map, "aria-hidden": "true" }, button);
      return { name, map, button, canvas };
    });
  });

  // One map, large, and the square whose number is opened.
  const detail = html("div", { class: "cnn-detail" }, below);
  const large = html("div", {
    class: "cnn-large", tabindex: 0, role: "application", "aria-roledescription": "map",
    onpointerdown: point,
    onpointermove: (event) => event.buttons && point(event),
    onkeydown(event) {
      const way = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key];
      if (!way) return;
      event.preventDefault();
      move(spot.at.map((v, i) => v + way[i]));
    },
  }, detail);
  const [canvas, mark] = [html("canvas", { "aria-hidden": "true" }, large), html("span", {}, large)];
  const sum = html("div", { class: "cnn-sum" }, detail);
  const channel = choice(sum, {
    label: "Patch of map", options: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], value: state.get("from", 1), select: true,
    change: (v) => (state.set("from", Number(v)), open()),
  });
  const grids = ["patch", "kernel", "products"].map((name) => {
    const box = html("div", {}, sum);
    html("p", { text: { patch: "patch", kernel: "× kernel", products: "= products" }[name] }, box);
    return { name, box, grid: html("div", { class: "cnn-grid" }, box) };
  });
  const told = html("p", { class: "cnn-told" }, sum);
  say("");
  resetButton(stage);

  let stages, timer;
  // Of the maps that the square is on: while a sum is open, the first ones.
  const size = () => stages[spot.stage === "z3" ? "z1" : spot.stage].shape;
  const one = (name, map) => {
    const [, h, w] = stages[name].shape;
    return stages[name].subarray(map * h * w, (map + 1) * h * w);
  };
  const whole = (v, most) => Math.min(Math.max(Math.round(v) || 0, 0), most);

  function choose(name, map) {
    spot.at = carried(stages, spot.at, spot.stage, name);
    Object.assign(spot, { stage: name, map });
    state.set("stage", name);
    state.set("map", map);
    move(spot.at);
  }
  function move(at) {
    const [, h, w] = size();
    spot.at = [whole(at[0], h - 1), whole(at[1], w - 1)];
    state.set("at", spot.at);
    open();
  }
  function point(event) {
    const box = canvas.getBoundingClientRect();
    const [, h, w] = size();
    move([((event.clientY - box.top) / box.height) * h - 0.5, ((event.clientX - box.left) / box.width) * w - 0.5]);
  }
  function open() {
    const [, h, w] = size();
    large.hidden = spot.stage === "z3";
    spot.map = whole(spot.map, stages[spot.stage].shape[0] - 1);
    spot.at = [whole(spot.at[0], h - 1), whole(spot.at[1], w - 1)];
    const reach = reachOf(stages[spot.stage]);
    if (!large.hidden) paint(canvas, one(spot.stage, spot.map), [h, w], reach, colours);
    Object.assign(mark.style, {
      left: `${(100 * spot.at[1]) / w}%`, top: `${(100 * spot.at[0]) / h}%`, width: `${100 / w}%`, height: `${100 / h}%`,
    });
    thumbs.forEach(({ name, map, button }) => {
      const on = name === spot.stage && map === spot.map;
      button.setAttribute("aria-pressed", on);
      button.tabIndex = on ? 0 : -1;
    });
    const found = parts(stages, net, spot.stage, spot.map, ...(large.hidden ? [0, 0] : spot.at));
    const many = found.channels.length;
    const several = many > 1;
    channel.element.hidden = !several;
    channel.element.querySelectorAll("option").forEach((one, i) => (one.hidden = one.disabled = i >= many));
    if (channel.value > many) channel.set(many);
    const shown = found.channels[several ? channel.value - 1 : 0];
    grids.forEach(({ name, box, grid }) => {
      box.hidden = !shown[name];
      const n = Math.sqrt(shown[name]?.length ?? 0);
      grid.style.setProperty("--n", n);
      grid.replaceChildren(...(shown[name] ?? []).map((v) => {
        const cell = html("span", { text: number(v) });
        const part = name === "products" ? Math.min(0.6, Math.abs(v)) : 0;
        cell.style.background = `color-mix(in srgb, var(${v > 0 ? "--blue" : "--orange"}) ${100 * part}%, transparent)`;
        return cell;
      }));
    });
    const where = large.hidden
      ? `The sum for ${spot.map}`
      : `Row ${spot.at[0] + 1}, column ${spot.at[1] + 1} of ${STAGES[spot.stage]}, map ${spot.map + 1}`;
    const value = number(found.value);
    large.setAttribute("aria-label", `${where}: ${value}. Arrow keys move.`);
    if (found.bias !== undefined) {
      const sums = found.channels.map((c, i) => (several ? `map ${i + 1} ${number(c.sum)}` : number(c.sum)));
      told.textContent = `${where}. The products add up to ${sums.join(", ")}. With the bias ${number(found.bias)}: ${value}.`;
    } else if (shown.patch.length > 1) {
      told.textContent = `${where}: the largest of these four is ${value}.`;
    } else {
      told.textContent = `${where}: ${number(shown.patch[0])} ${shown.patch[0] < 0 ? "is below zero and becomes" : "stays"} ${value}.`;
    }
  }
  function draw() {
    const reaches = Object.fromEntries(Object.keys(STAGES).map((name) => [name, reachOf(stages[name])]));
    thumbs.forEach(({ name, map, canvas: small }) =>
      paint(small, one(name, map), stages[name].shape.slice(1), reaches[name], colours));
    paint(sees, stages.x, [SHEET, SHEET], 1, colours);
    open();
  }
  function put(value) {
    state.set("picture", value);
    const area = SHEET * SHEET;
    const at = Number(value.slice(1)) * area;
    pad.set(Float32Array.from({ length: area }, (_, i) => (value === own ? 0 : net.pictures[at + i] / 255)));
    answer();
  }
  function answer() {
    const ink = tensor(Float32Array.from(pad.pixels), [SHEET, SHEET]);
    // The given pictures are not centred: one of them was moved on purpose.
    stages = look(picked.value === own ? centred(ink) : ink, net);
    const order = [...stages.shares.keys()].sort((a, b) => stages.shares[b] - stages.shares[a]);
    rows.forEach(({ bar, text }, k) => {
      bar.style.width = `${(70 * stages.shares[k]).toFixed(1)}%`;
      bar.style.background = k === order[0] ? "var(--blue)" : "var(--muted)";
      text.textContent = hundredths(stages.shares[k]).replace("over ", ">").replace("less than ", "<");
    });
    draw();
    clearTimeout(timer);
    const [first, second] = order.map((k) => `${k}, with ${hundredths(stages.shares[k])}`);
    const nothing = pad.pixels.some((v) => v > 0) ? "" : "Nothing is drawn, but the net still answers. ";
    timer = setTimeout(() => say(`${nothing}The net says ${first} out of 100 shares. Next comes ${second}.`), 250);
  }

  put(picked.value);
  colours.follow(draw);
});
