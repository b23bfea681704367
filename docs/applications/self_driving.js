/* Drive a made-up road, or let a net of this build drive it. The world, the expert, the rule and the
   nets are those of applications/self_driving in Python; a car is { x, y, heading, turn }. */

import { button, choice, html, loadArrays, loadJSON, mount, reducedMotion, resetButton, svg } from "../assets/move.js";

const [HALF, METRES, SHARPEST] = [2, 200, 0.25];
const AHEAD = [3, 4.5, 6.5, 9, 12, 16, 21, 27];
const ASIDE = Array.from({ length: 16 }, (_, i) => 0.9 - (1.8 * i) / 15);
const clamp = (v, low, high) => Math.min(Math.max(v, low), high);

/** The middle of a road at x, or its slope, or the slope of that. */
export const middle = ({ height, pace, phase }, x, slopes = 0) =>
  height.reduce((all, h, i) => all + h * pace[i] ** slopes * Math.sin(pace[i] * x + phase[i] + (slopes * Math.PI) / 2), 0);

/** How many metres to the left of the middle a place lies. */
export const offset = (road, x, y) => (y - middle(road, x)) / Math.hypot(1, middle(road, x, 1));

/** What the camera sees: 8 rows of 16 greys, the nearest first, and ten times the last turn. */
export function look(road, { x, y, heading, turn }) {
  const [c, s] = [Math.cos(heading), Math.sin(heading)];
  const greys = AHEAD.flatMap((d) => ASIDE.map((slope) => {
    const left = d * slope;
    const away = Math.abs(offset(road, x + c * d - s * left, y + s * d + c * left));
    const share = clamp((HALF - away) / (0.12 * d) + 0.5, 0, 1);
    return road.ground + (road.road - road.ground) * share;
  }));
  return [...greys, 10 * turn];
}

/** The expert knows the road: turn as it does, and back to its middle. */
export function expert(road, { x, y, heading }) {
  const bend = middle(road, x + 0.5, 2) / (1 + middle(road, x + 0.5, 1) ** 2) ** 1.5;
  const back = 0.06 * offset(road, x, y) + 0.35 * Math.sin(heading - Math.atan(middle(road, x, 1)));
  return clamp(bend - back, -SHARPEST, SHARPEST);
}

/** Steer towards what looks like the ground in front of the car, in the row 6.5 m ahead. */
export function rule(view, factor) {
  const here = (view[7] + view[8]) / 2;
  const alike = ASIDE.map((_, i) => clamp(1 - Math.abs(view[32 + i] - here) / 0.2, 0, 1));
  const total = alike.reduce((a, b) => a + b);
  return (factor * alike.reduce((all, a, i) => all + a * ASIDE[i], 0)) / Math.max(total, 1e-9);
}

/** A net's turn. It reads as many numbers of the view as its weights have columns. */
export function steer({ w1, b1, w2, b2 }, view) {
  const size = w1.length / b1.length;
  let sum = b2[0];
  for (let h = 0; h < b1.length; h += 1) {
    let z = b1[h];
    for (let i = 0; i < size; i += 1) z += w1[h * size + i] * view[i];
    sum += w2[h] * Math.tanh(z);
  }
  return sum / 10;
}

/** One metre on. */
export function advance({ x, y, heading }, wanted) {
  const turn = clamp(wanted, -SHARPEST, SHARPEST);
  const next = heading + turn;
  return { x: x + Math.cos(next), y: y + Math.sin(next), heading: next, turn };
}

/** A car at the beginning of a road, in motion. */
export function begin(road) {
  const car = { x: 0, y: middle(road, 0), heading: Math.atan(middle(road, 0, 1)), turn: 0 };
  return { ...car, turn: expert(road, car) };
}

/** Which driver is asked with which net. */
const DRIVERS = {
  calm: "net, expert's drives", pushed: "net, with pushes", hidden: "net, no last turn",
  rule: "the rule", expert: "the expert", you: "you",
};
const [WIDTH, HEIGHT, SCALE] = [320, 190, 6];

mount("drive", async ({ stage, files, state, say }) => {
  const [arrays, { factor, ...all }] = await Promise.all([
    loadArrays(files["nets.safetensors"]), loadJSON(files["roads.json"]),
  ]);
  const count = all.road.length;
  const roads = Array.from({ length: count }, (_, k) =>
    Object.fromEntries(Object.entries(all).map(([name, values]) => [name, values[k]])));
  const net = (short) => Object.fromEntries(["w1", "b1", "w2", "b2"].map((part) => [part, arrays[`${short}.${part}`]]));
  const ask = {
    calm: (view) => steer(net("calm"), view), pushed: (view) => steer(net("pushed"), view),
    hidden: (view) => steer(net("hidden"), view), rule: (view) => rule(view, factor),
    expert: () => expert(road, car), you: () => 0.08 * held,
  };

  const asked = state.get("driver", "calm");
  const driver = choice(stage, {
    label: "Driver", options: DRIVERS, value: asked in DRIVERS ? asked : "calm", select: true,
    change: (v) => (state.set("driver", v), start()),
  });
  const nth = choice(stage, {
    label: "Road", options: roads.map((_, k) => k + 1), value: clamp(Math.round(state.get("road", 4)) || 4, 1, count),
    select: true, change: (v) => (state.set("road", Number(v)), (results = {}), start()),
  });
  let [road, car, path, on, metres, held, timer, kicks, results] = [roads[0], null, [], true, 0, 0, 0, [], {}];

  const picture = svg("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "drive-map", tabindex: 0, role: "application",
    "aria-label": "The road from above. Space: go or stop. Left and right arrows: steer, if you drive.",
  }, stage);
  svg("rect", { width: WIDTH, height: HEIGHT, fill: "var(--wash)" }, picture);
  const band = svg("path", { fill: "var(--grid)" }, picture);
  const line = svg("path", { fill: "none", stroke: "var(--muted)", "stroke-dasharray": "6 6" }, picture);
  const trail = svg("path", { fill: "none", stroke: "var(--blue)", "stroke-width": 2 }, picture);
  const body = svg("path", { d: "M 9 0 L -7 6 L -7 -6 Z", stroke: "var(--paper)" }, picture);
  const seen = html("figure", { class: "drive-camera" }, stage);
  const camera = html("canvas", { width: 16, height: 8, role: "img", "aria-label": "What the camera sees" }, seen);
  html("figcaption", { text: "What the camera sees" }, seen);

  const bar = html("div", { class: "drive-buttons" }, stage);
  const go = button(bar, "Go", () => (timer ? stop() : play()));
  button(bar, "1 metre", () => (stop(), step(), tell()));
  button(bar, "Push left", () => push(1));
  button(bar, "Push right", () => push(-1));
  const wheel = html("div", { class: "drive-buttons" }, stage);
  const hold = (way) => ({
    onpointerdown: () => grip(way), onpointerup: () => (held = 0), onpointerleave: () => (held = 0),
    onpointercancel: () => (held = 0), oncontextmenu: (event) => event.preventDefault(),
    onclick: (event) => event.detail || (grip(way), (held = 0)), // by keyboard
  });
  for (const [text, way] of [["Steer left", 1], ["Straight", 0], ["Steer right", -1]]) {
    html("button", { type: "button", class: "dl-button", text, ...hold(way) }, wheel);
  }
  const ends = html("div", { class: "drive-buttons" }, stage);
  button(ends, "Back to the start", () => start());
  resetButton(ends);
  const list = html("p", { class: "move-hint" }, stage);
  say("");

  picture.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: 1, ArrowRight: -1, ArrowUp: 0 }[event.key];
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === " ") timer ? stop() : play();
    else if (way !== undefined && driver.value === "you") event.repeat && timer ? null : grip(way);
    else return;
    event.preventDefault();
  });
  picture.addEventListener("keyup", () => (held = 0));
  picture.addEventListener("blur", () => (held = 0));

  /** The wheel is turned: while the car stands, that drives one metre. */
  function grip(way) {
    held = way;
    if (!timer) {
      step();
      tell();
    }
  }
  function kick(side) {
    kicks.push([metres, side]);
    car = { ...car, y: car.y + side };
  }
  function push(side) {
    if (!on || metres >= METRES) return;
    kick(side);
    keep();
    draw();
    say(`Pushed 1 m to the ${side > 0 ? "left" : "right"} after ${metres} m.`);
  }
  function step() {
    if (!on || metres >= METRES) return stop();
    car = advance(car, ask[driver.value](look(road, car)));
    path.push([car.x, car.y]);
    on = Math.abs(offset(road, car.x, car.y)) <= HALF;
    if (on) metres += 1;
    if (!on || metres >= METRES) {
      if (!kicks.length) results[driver.value] = metres;
      stop();
      tell();
    }
    draw();
  }
  function tell() {
    keep();
    const who = DRIVERS[driver.value];
    const pushed = kicks.length ? ` Pushes: ${kicks.length}.` : "";
    const aside = offset(road, car.x, car.y);
    const place = `${Math.abs(aside).toFixed(1)} m ${aside < 0 ? "right" : "left"} of the middle`;
    if (!on) say(`Driver: ${who}. The car has left the road after ${metres} m.${pushed}`);
    else if (metres >= METRES) say(`Driver: ${who}. The end: ${METRES} m on the road.${pushed}`);
    else say(`Driver: ${who}. ${metres} m, ${place}.${pushed}`);
  }
  /** A machine's drive can be repeated: so the address holds how far it is, and the pushes. */
  function keep() {
    const own = driver.value === "you";
    state.set("metres", own ? 0 : path.length - 1);
    state.set("pushes", own ? [] : kicks);
  }
  function play() {
    if (!on || metres >= METRES) start();
    go.textContent = "Stop";
    say(`Driver: ${DRIVERS[driver.value]}. Driving.`);
    timer = setInterval(() => (stage.isConnected && !document.hidden ? step() : stop()), reducedMotion() ? 300 : driver.value === "you" ? 150 : 90);
  }
  function stop() {
    if (!timer) return;
    timer = clearInterval(timer);
    go.textContent = "Go";
    tell();
  }
  function start(far = 0, given = []) {
    stop();
    road = roads[Number(nth.value) - 1];
    [car, on, metres, kicks, held] = [begin(road), true, 0, [], 0];
    path = [[car.x, car.y]];
    wheel.hidden = driver.value !== "you";
    for (let n = 0; n <= far && on; n += 1) {
      given.filter(([at]) => at === n).forEach(([, side]) => kick(side < 0 ? -1 : 1));
      if (n < far) step();
    }
    draw();
    tell();
  }

  function draw() {
    const [x, y] = [(v) => 100 + SCALE * (v - car.x), (v) => HEIGHT / 2 - SCALE * (v - car.y)];
    const places = Array.from({ length: 58 }, (_, i) => Math.floor(car.x) - 18 + i);
    const at = (aside) => places.map((p) => {
      const slope = middle(road, p, 1);
      const n = Math.hypot(1, slope);
      return `${x(p - (aside * slope) / n).toFixed(1)} ${y(middle(road, p) + aside / n).toFixed(1)}`;
    });
    band.setAttribute("d", `M ${[...at(HALF), ...at(-HALF).reverse()].join(" L ")} Z`);
    line.setAttribute("d", `M ${at(0).join(" L ")}`);
    line.setAttribute("stroke-dashoffset", (SCALE * (Math.floor(car.x) % 2)).toFixed(1));
    trail.setAttribute("d", `M ${path.map(([a, b]) => `${x(a).toFixed(1)} ${y(b).toFixed(1)}`).join(" L ")}`);
    body.setAttribute("transform", `translate(100 ${HEIGHT / 2}) rotate(${((-180 * car.heading) / Math.PI).toFixed(1)})`);
    body.setAttribute("fill", on ? "var(--blue)" : "var(--orange)");
    const pencil = camera.getContext("2d");
    look(road, car).slice(0, 128).forEach((grey, i) => {
      const level = Math.round(255 * clamp(grey, 0, 1));
      pencil.fillStyle = `rgb(${level} ${level} ${level})`;
      pencil.fillRect(i % 16, 7 - Math.floor(i / 16), 1, 1);
    });
    const known = Object.entries(results).map(([who, far]) => `${DRIVERS[who]} ${far} m`);
    list.textContent = known.length ? `Road ${nth.value}, without pushes: ${known.join(", ")}.` : "You drive with the arrow keys, once the road is selected, or with the buttons.";
  }

  const pairs = state.get("pushes", []).filter((pair) => Array.isArray(pair) && pair.length === 2);
  start(driver.value === "you" ? 0 : clamp(Math.round(state.get("metres", 0)) || 0, 0, METRES), pairs);
});
