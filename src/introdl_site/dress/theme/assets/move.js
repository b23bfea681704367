/* The parts of a thing to move. A lesson's module needs five lines:

   import { mount, svg, stepper, player } from "../assets/move.js";
   mount("run", async ({ stage, state, say }) => {
     const dot = svg("circle", { r: 5, fill: "var(--blue)" }, svg("svg", { viewBox: "0 0 99 9" }, stage));
     const show = (n) => (dot.setAttribute("cx", n), say(`Step ${n}.`), state.set("step", n));
     player(stepper(stage, { last: 9, value: state.get("step", 0), show })).show();
   });

   mount(name, start)  start gets { root, stage, files, state, say, colours } when the figure comes near
     the screen; it draws in stage. If it throws, the still picture is back.
   files      { short name: address };  loadJSON(address);  loadArrays(address) reads safetensors:
              { name: typed array with .shape }, F16 as Float32Array, I64 as Float64Array
   state      get(key, first) · set(key, value) · clear(): kept in the address; value is JSON or text
   say(text)  the line in words, read out except while a player plays
   colours    .blue is "var(--blue)" and follows the palette in SVG and CSS; for a canvas: .now("blue"),
              .follow(draw) draws now and again with each palette
   svg(tag, attributes, parent), html(…)  an element; text: its text; onclick: a listener
   stepper(parent, { last, value, label, reset, show(n) })  → value, last, to(n), show(): the buttons
              Back, Next and, unless reset is false, Reset
   player(stepper, { pace })  adds Play to a stepper and returns the stepper; pace in ms a step
   slider(parent, { label, min, max, step, value, text(v), change(v) })  → value, set(v)
   choice(parent, { label, options: [v, …] or { v: text }, value, select, change(v) })  → value, set(v)
   draggable(element, axes, { x, y, label, step, along: "x" or "y", text(x, y), move(x, y) })  → x, y,
              set(x, y): a <g> drawn around (0, 0) that pointer, finger and arrow keys move
   axes({ x: [from, to], y: [from, to], width, height, pad })  → x(v), y(v) to SVG; unx, uny back
   clip([[x, y], …], value)  the part of a convex polygon where a linear value([x, y]) is at least 0
   drawPad(parent, { n, label, brush, change(pixels) })  → pixels: n·n from 0 to 1, set(pixels), clear()
   button(parent, text, act);  resetButton(parent, act)  without act: the whole figure starts anew
   reducedMotion()  whether the reader asks for less
   set() and the making of a part call nothing back; stepper.to() calls show. */

import { during, follow, html, make } from "./parts.js";

export * from "./parts.js";

// The address: #heading~name.key=value~name.key=value. The browser knows no such heading.
const parts = () => location.hash.slice(1).split("~");
const plain = (text) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // typed by hand
  }
};
function toHeading() {
  const [id, ...rest] = parts();
  if (id && rest.length) document.getElementById(plain(id))?.scrollIntoView();
}
addEventListener("hashchange", toHeading);
// Figures that start push a heading away, until the reader acts.
let leads = performance.getEntriesByType("navigation")[0]?.type === "navigate";
for (const sign of ["wheel", "pointerdown", "keydown"]) {
  addEventListener(sign, () => (leads = false), { once: true, passive: true });
}

function remember(name, stage, restart) {
  const own = (part) => part.startsWith(`${name}.`) && part.includes("=");
  const read = () =>
    parts().filter(own).map((part) => part.slice(name.length + 1).split(/=(.*)/s, 2));
  const round = (_, v) => (typeof v === "number" && v % 1 ? Number(v.toPrecision(5)) : v);
  const encode = (value) =>
    encodeURIComponent(typeof value === "string" ? value : JSON.stringify(value, round))
      .replace(/%(2C|5B|5D)/g, decodeURIComponent).replaceAll("~", "%7E");
  const [kept, first] = [new Map(read()), new Map()];
  let [timer, written] = [0, String([...kept])];
  const write = () => {
    if (!stage.isConnected) return;
    written = String([...kept]);
    const mine = [...kept].map(([key, value]) => `${name}.${key}=${value}`);
    const hash = [...parts().filter((part) => !own(part)), ...mine].join("~");
    history.replaceState(history.state, "", hash ? `#${hash}` : location.pathname + location.search);
  };
  // At once, and then not again for a while: a browser refuses a hundred changes in half a minute.
  const later = () => {
    if (timer || String([...kept]) === written) return;
    write();
    timer = setTimeout(() => ((timer = 0), later()), 350);
  };
  during(stage, window, "hashchange", () => {
    const now = new Map(read());
    if (!now.size) write(); // a link to a heading
    else if (String([...now]) !== String([...kept])) restart();
  });
  return {
    get(key, value) {
      first.set(key, encode(value));
      try {
        const text = plain(kept.get(key) ?? first.get(key));
        const found = typeof value === "string" ? text : JSON.parse(text);
        const alike = typeof found === typeof value && Array.isArray(found) === Array.isArray(value);
        return alike ? found : value;
      } catch {
        return value;
      }
    },
    set(key, value) {
      const text = encode(value);
      if (text === first.get(key)) kept.delete(key);
      else kept.set(key, text);
      later();
    },
    clear: () => (kept.clear(), write()),
  };
}

async function open(root, name, start, again) {
  const old = [...root.querySelectorAll(".move-stage")].at(-1);
  const stage = make(old.cloneNode(false), { "aria-busy": "true" });
  old.after(stage);
  const restart = () => open(root, name, start, true);
  const state = remember(name, stage, restart);
  const say = (text) => {
    const line = { class: "move-say", role: "status", "aria-live": "polite" };
    const said = stage.querySelector(".move-say") ?? html("p", line, stage);
    if (said.textContent !== text) said.textContent = text;
  };
  const own = {
    now: (colour) => getComputedStyle(document.body).getPropertyValue(`--${colour}`).trim(),
    follow: (draw) => follow(stage, draw),
  };
  const colours = new Proxy(own, { get: (_, colour) => own[colour] ?? `var(--${colour})` });
  during(stage, root, "move-reset", () => (state.clear(), restart()));
  const settle = (how) => {
    stage.removeAttribute("aria-busy");
    root.dataset.on = how;
    while (stage.previousElementSibling?.matches(".move-stage")) stage.previousElementSibling.remove();
  };
  try {
    const files = JSON.parse(root.dataset.files || "{}");
    await start({ root, stage, files, state, say, colours });
    if (!stage.isConnected) return;
    settle("ready");
    root.querySelector(".move-sorry")?.remove();
    if (leads) toHeading();
    if (again) stage.querySelector("[data-reset]")?.focus({ preventScroll: true });
  } catch (error) {
    console.error(error);
    if (!stage.isConnected) return;
    stage.replaceChildren();
    settle("failed");
    const text = "The interactive part could not start. This is a still picture of it.";
    if (!root.querySelector(".move-sorry")) html("p", { class: "move-sorry", role: "status", text }, root);
  }
}

export function mount(name, start) {
  const figures = () => [...document.querySelectorAll(`figure.move[data-move="${name}"]`)];
  const near = new IntersectionObserver(
    (seen) => {
      for (const { target, isIntersecting } of seen) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        const nth = figures().indexOf(target);
        open(target, nth > 0 ? name + (nth + 1) : name, start, false);
      }
    },
    { rootMargin: "600px" },
  );
  const find = () => {
    for (const figure of figures().filter(({ dataset }) => !dataset.on)) {
      figure.dataset.on = "waiting";
      near.observe(figure);
    }
  };
  find();
  window.document$?.subscribe(find); // Material's instant navigation
}

async function load(address) {
  const answer = await fetch(address, { mode: "same-origin" });
  if (!answer.ok) throw new Error(`${address}: ${answer.status} ${answer.statusText}`);
  return answer;
}
export const loadJSON = async (address) => (await load(address)).json();

const half = (bits) => {
  const [e, m] = [(bits >> 10) & 31, (bits & 1023) / 1024];
  const size = e === 31 ? (m ? NaN : Infinity) : e ? 2 ** (e - 15) * (1 + m) : 2 ** -14 * m;
  return bits >> 15 ? -size : size;
};
const KINDS = {
  F32: (bytes) => new Float32Array(bytes),
  F16: (bytes) => Float32Array.from(new Uint16Array(bytes), half),
  U8: (bytes) => new Uint8Array(bytes),
  I8: (bytes) => new Int8Array(bytes),
  I32: (bytes) => new Int32Array(bytes),
  I64: (bytes) => Float64Array.from(new BigInt64Array(bytes), Number),
};

export async function loadArrays(address) {
  const buffer = await (await load(address)).arrayBuffer();
  const begin = 8 + Number(new DataView(buffer).getBigUint64(0, true));
  const { __metadata__, ...heads } = JSON.parse(new TextDecoder().decode(buffer.slice(8, begin)));
  const arrays = Object.entries(heads).map(([name, { dtype, shape, data_offsets: [from, to] }]) => {
    if (!KINDS[dtype]) throw new Error(`${address}: ${name} is ${dtype}, not ${Object.keys(KINDS)}`);
    return [name, Object.assign(KINDS[dtype](buffer.slice(begin + from, begin + to)), { shape })];
  });
  return Object.fromEntries(arrays);
}
