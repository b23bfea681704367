/* The parts that move.js hands on, and describes: elements, controls, what is dragged or drawn. */

export const svg = (tag, attributes = {}, parent = null) =>
  make(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, parent);
export const html = (tag, attributes = {}, parent = null) =>
  make(document.createElement(tag), attributes, parent);
export const button = (parent, text, act) =>
  html("button", { type: "button", class: "dl-button", text, onclick: act }, parent);
export const reducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

const clamp = (value, [low, high]) => Math.min(Math.max(value, low), high);
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const arrow = (event) => !(event.ctrlKey || event.altKey || event.metaKey) && ARROWS[event.key];

export function make(element, attributes, parent) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") element.textContent = value;
    else if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  parent?.append(element);
  return element;
}

/** The part of a convex polygon on which a linear function of the place is at least 0. */
export function clip(polygon, value) {
  return polygon.flatMap((p, i) => {
    const q = polygon[(i + 1) % polygon.length];
    const [s, t] = [value(p), value(q)];
    const kept = s >= 0 ? [p] : [];
    if (s >= 0 !== t >= 0) kept.push(p.map((v, k) => v + (s / (s - t)) * (q[k] - v)));
    return kept;
  });
}

/** Listen for as long as an element is on the page. */
export function during(element, target, type, act) {
  const heard = (event) =>
    element.isConnected ? act(event) : target.removeEventListener(type, heard);
  target.addEventListener(type, heard);
}

export function follow(element, draw) {
  const seen = new MutationObserver(() => (element.isConnected ? draw() : seen.disconnect()));
  seen.observe(document.body, { attributeFilter: ["data-md-color-scheme"] });
  draw();
}

export function stepper(parent, options) {
  const { last = Infinity, value = 0, label = "Steps", reset = true, show = () => {} } = options;
  const element = html("div", { class: "move-row", role: "group", "aria-label": label }, parent);
  const part = {
    element, last, value: 0,
    stop() {},
    show: () => part.to(part.value),
    to(step, playing = false) {
      if (!playing) part.stop();
      part.value = clamp(Math.round(step) || 0, [0, part.last]);
      back.setAttribute("aria-disabled", part.value <= 0);
      next.setAttribute("aria-disabled", part.value >= part.last);
      show(part.value);
    },
  };
  const back = button(element, "Back", () => part.to(part.value - 1));
  const next = button(element, "Next", () => part.to(part.value + 1));
  if (reset) button(element, "Reset", () => part.to(0));
  part.value = clamp(Math.round(value) || 0, [0, last]);
  return part;
}

export function player(steps, { pace = 800 } = {}) {
  const live = (how) => {
    const said = steps.element.closest(".move")?.querySelector(".move-say");
    said?.setAttribute("aria-live", how);
    if (said && how === "polite") said.textContent = String(said.textContent); // is read out now
  };
  let timer = 0;
  const stop = () => {
    if (!timer) return;
    timer = clearInterval(timer);
    play.textContent = "Play";
    live("polite");
  };
  const tick = () => {
    if (steps.element.isConnected) steps.to(steps.value + 1, true);
    if (steps.value >= steps.last || !steps.element.isConnected) stop();
  };
  const play = button(null, "Play", () => {
    if (timer) return stop();
    if (steps.value >= steps.last) steps.to(0);
    timer = setInterval(tick, pace * (reducedMotion() ? 2.5 : 1));
    play.textContent = "Pause";
    live("off");
  });
  steps.element.firstChild.after(play);
  steps.stop = stop;
  during(steps.element, document, "visibilitychange", () => document.hidden && stop());
  return steps;
}

export function slider(parent, options) {
  const { label, min = 0, max = 1, step = (max - min) / 100, value = min } = options;
  const { text = (v) => String(Number(v.toPrecision(4))), change = () => {} } = options;
  const element = html("label", { class: "move-slider" }, parent);
  html("span", { text: label }, element);
  const shown = html("span", { class: "move-value" }, element);
  const input = html("input", { type: "range", min, max, step, "aria-label": label }, element);
  const part = {
    element,
    get value() {
      return Number(input.value);
    },
    set(to) {
      input.value = to;
      shown.textContent = text(part.value);
      input.setAttribute("aria-valuetext", shown.textContent);
    },
  };
  input.addEventListener("input", () => (part.set(input.value), change(part.value)));
  part.set(value);
  return part;
}

let groups = 0; // radio buttons of one name are one group

export function choice(parent, { label, options, value, select = false, change = () => {} }) {
  const pairs = Array.isArray(options) ? options.map((o) => [String(o), o]) : Object.entries(options);
  const name = `move-${(groups += 1)}`;
  const element = html(select ? "label" : "fieldset", { class: "move-choice" }, parent);
  html(select ? "span" : "legend", { text: label }, element);
  const box = select && html("select", {}, element);
  const inputs = pairs.map(([key, text]) => {
    if (select) return html("option", { value: key, text }, box);
    const row = html("label", {}, element);
    const input = html("input", { type: "radio", name, value: key }, row);
    html("span", { text }, row);
    return input;
  });
  const on = select ? "selected" : "checked";
  const part = {
    element,
    get value() {
      return inputs.find((input) => input[on])?.value;
    },
    set(to) {
      const input = inputs.find((one) => one.value === String(to));
      if (input) input[on] = true;
    },
  };
  part.set(pairs[0][0]);
  part.set(value);
  element.addEventListener("change", () => change(part.value));
  return part;
}

export const resetButton = (parent, act) => {
  const anew = () => parent.closest(".move").dispatchEvent(new Event("move-reset"));
  return make(button(parent, "Reset", act ?? anew), { "data-reset": "" });
};

export function axes({ x, y, width = 320, height = 320, pad = 0 }) {
  const line = ([a, b], [p, q]) => (v) => p + ((v - a) / (b - a)) * (q - p);
  const [across, up] = [[pad, width - pad], [height - pad, pad]];
  const range = { x, y };
  return { x: line(x, across), y: line(y, up), unx: line(across, x), uny: line(up, y), range };
}

export function draggable(element, scale, { x, y, label, step, along, text, move = () => {} }) {
  const { range } = scale;
  const short = (v) => Number(v.toPrecision(3));
  const words = text ?? ((a, b) => `x ${short(a)}, y ${short(b)}`);
  const main = along ?? "x";
  const part = {
    element, x, y,
    set(a, b) {
      if (along !== "y") part.x = clamp(a, range.x);
      if (along !== "x") part.y = clamp(b, range.y);
      make(element, {
        transform: `translate(${scale.x(part.x)} ${scale.y(part.y)})`,
        "aria-valuenow": part[main],
        "aria-valuetext": words(part.x, part.y),
      });
    },
  };
  const to = (a, b) => (part.set(a, b), move(part.x, part.y));
  make(element, {
    tabindex: 0, role: "slider", "aria-label": label,
    "aria-roledescription": "point to move",
    "aria-valuemin": range[main][0], "aria-valuemax": range[main][1],
  });
  element.classList.add("move-handle");
  const hit = svg("circle", { class: "move-hit" });
  element.prepend(hit);
  svg("circle", { r: 12, class: "move-ring" }, element);
  const sized = new ResizeObserver(() => {
    const breadth = matchMedia("(pointer: coarse)").matches ? 22 : 14; // on the screen
    hit.setAttribute("r", breadth / (element.getScreenCTM()?.a || 1));
  });
  sized.observe(element.ownerSVGElement);
  // Chromium scrolls in spite of an SVG element's touch-action.
  element.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
  let held = null; // pointer, and where it took hold
  const place = ({ clientX, clientY }) =>
    new DOMPoint(clientX, clientY).matrixTransform(element.parentNode.getScreenCTM().inverse());
  make(element, {
    onpointerdown(event) {
      if (event.button) return;
      event.preventDefault();
      element.focus({ preventScroll: true });
      element.setPointerCapture(event.pointerId);
      const at = place(event);
      held = [event.pointerId, scale.x(part.x) - at.x, scale.y(part.y) - at.y];
    },
    onpointermove(event) {
      if (held?.[0] !== event.pointerId) return;
      const at = place(event);
      to(scale.unx(at.x + held[1]), scale.uny(at.y + held[2]));
    },
    onlostpointercapture: () => (held = null),
    onkeydown(event) {
      const way = arrow(event);
      if (!way) return;
      event.preventDefault();
      const size = ([a, b]) => (step ?? (b - a) / 50) * (event.shiftKey ? 5 : 1);
      to(part.x + way[0] * size(range.x), part.y + way[1] * size(range.y));
    },
  });
  part.set(x, y);
  return part;
}

export function drawPad(parent, { n = 28, label = "Draw a digit", brush = n / 16, change } = {}) {
  const element = html("div", { class: "move-pad" }, parent);
  const paper = html("div", {
    class: "move-paper", tabindex: 0, role: "application", "aria-label": label,
    "aria-roledescription": "drawing pad",
  }, element);
  const canvas = html("canvas", { width: n, height: n, "aria-hidden": "true" }, paper);
  const cursor = html("span", { class: "move-cursor" }, paper);
  const text = "Draw with finger, pen or mouse. By keyboard: space lowers the pen, arrows move it.";
  const hint = html("p", { class: "move-hint", "aria-live": "polite", text }, element);
  const [pixels, pencil] = [new Float32Array(n * n), canvas.getContext("2d")];
  let [pen, at, held] = [false, [Math.floor(n / 2), Math.floor(n / 2)], null];

  function draw() {
    pencil.clearRect(0, 0, n, n);
    pencil.fillStyle = getComputedStyle(paper).color;
    pixels.forEach((ink, i) => {
      pencil.globalAlpha = ink;
      if (ink) pencil.fillRect(i % n, Math.floor(i / n), 1, 1);
    });
  }
  function stroke([x, y], [u, v]) {
    const [dx, dy] = [u - x, v - y];
    pixels.forEach((ink, i) => {
      const [px, py] = [(i % n) - x, Math.floor(i / n) - y];
      const t = clamp((px * dx + py * dy) / (dx * dx + dy * dy) || 0, [0, 1]);
      const near = brush + 0.5 - Math.hypot(px - t * dx, py - t * dy);
      pixels[i] = Math.max(ink, clamp(near, [0, 1]));
    });
    draw();
    change?.(pixels);
  }
  function point(to) {
    at = to;
    cursor.style.translate = `${at[0] * 100}% ${at[1] * 100}%`;
  }
  const place = (event) => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    return [((event.clientX - left) / width) * n - 0.5, ((event.clientY - top) / height) * n - 0.5];
  };
  make(paper, {
    onpointerdown(event) {
      if (event.button) return;
      event.preventDefault();
      paper.focus({ preventScroll: true });
      paper.setPointerCapture(event.pointerId);
      held = place(event);
      stroke(held, held);
    },
    onpointermove(event) {
      if (held) stroke(held, (held = place(event)));
    },
    onlostpointercapture: () => (held = null),
    onkeydown(event) {
      const way = arrow(event);
      if (!way && event.key !== " ") return;
      event.preventDefault();
      const from = at;
      if (way) point([clamp(at[0] + way[0], [0, n - 1]), clamp(at[1] - way[1], [0, n - 1])]);
      else pen = !pen;
      if (pen) stroke(from, at);
      hint.textContent = `Row ${at[1] + 1}, column ${at[0] + 1}, pen ${pen ? "down" : "up"}.`;
    },
  });
  const set = (ink) => (pixels.set(ink), draw());
  const clear = () => (pixels.fill(0), (pen = false), draw(), change?.(pixels));
  button(element, "Clear", clear);
  cursor.style.width = cursor.style.height = `${100 / n}%`;
  point(at);
  follow(paper, draw);
  return { element, pixels, set, clear };
}
