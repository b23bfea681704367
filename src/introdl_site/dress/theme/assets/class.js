/* Class view: what a lesson has to show, one thing at a time, as large as the screen.

   The address says what is shown: #class is the first thing to move, or else the first figure;
   #class=3 is the third thing of the page. What a figure keeps in the address stays there. */

const LEAST = 0.9; // what is too high even so scrolls, and is then shown NEAR
const NEAR = 1.25;
const things = [...document.querySelectorAll(".md-content :is(.move, .dl-figure)")].filter(
  (thing) => !thing.parentElement.closest(".move, details"),
);
const make = (tag, properties, ...inside) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...inside);
  return element;
};
const where = make("span", { className: "dl-room-where" });
const act = (text, key, step) =>
  make("button", { type: "button", className: "dl-button", textContent: text, title: key, onclick: step });
const buttons = [
  act("Back", "Page Up", () => show(at - 1)),
  act("Next", "Page Down", () => show(at + 1)),
  act("Close", "Escape", () => close()),
];
const title = document.querySelector("h1").firstChild.textContent.trim();
const bar = make(
  "div", { className: "dl-room-bar", role: "toolbar", ariaLabel: "Class view" },
  make("strong", { textContent: title }), where, ...buttons,
);
where.setAttribute("role", "status");
const room = make("div", { className: "dl-room" }, bar);

let at = -1; // the thing that is shown
let still = []; // what cannot be reached meanwhile
let from = null; // what had the focus

const parts = () => location.hash.slice(1).split("~");
function note(head) {
  const hash = [head, ...parts().slice(1)].join("~");
  history.replaceState(history.state, "", hash ? `#${hash}` : location.pathname + location.search);
}

/** The thing most of which is on the screen; before any is, the first to move. */
function nearest() {
  const seen = things.map((thing) => {
    const { top, bottom } = thing.getBoundingClientRect();
    return Math.min(bottom, innerHeight) - Math.max(top, 0);
  });
  const most = Math.max(...seen);
  return most > 0 ? seen.indexOf(most) : first();
}
const first = () => Math.max(0, things.findIndex((thing) => thing.matches(".move")));

let size = "";
/** Enlarge what is shown until it fills the room; of these widths the one that lets it be largest. */
function fit() {
  const thing = things[at];
  if (!thing) return;
  const free = innerHeight - bar.offsetHeight;
  Object.assign(thing.style, { zoom: 1, maxHeight: "none" });
  const wide = innerWidth >= 1000;
  const across = innerWidth - (wide ? 48 : 0); // a caption that touches the border is hard to read
  const tried = [760, 880, 1000, 1200].map((wanted) => {
    const width = Math.min(wanted, across);
    thing.style.width = `${width}px`;
    const height = thing.offsetHeight;
    return { width, height, zoom: Math.min(across / width, free / height) };
  });
  const { width, height, zoom: most } = tried.reduce((a, b) => (b.zoom > a.zoom ? b : a));
  const zoom = most >= LEAST ? most : wide ? NEAR : 1;
  thing.style.width = `${width}px`;
  thing.style.zoom = zoom;
  thing.style.maxHeight = `${free / zoom}px`;
  thing.style.top = `${Math.max(0, (free / zoom - height) / 2)}px`;
}
// A figure that grows while it is used is fitted anew; that a new size is ours ends the circle.
const grows = new ResizeObserver(() => {
  const now = `${things[at]?.scrollHeight} ${innerWidth} ${innerHeight}`;
  if (now === size) return;
  fit();
  size = `${things[at]?.scrollHeight} ${innerWidth} ${innerHeight}`;
});

function clear() {
  grows.disconnect();
  things[at]?.classList.remove("dl-shown");
  things[at]?.removeAttribute("tabindex");
  for (const name of ["zoom", "max-height", "top", "width"]) things[at]?.style.removeProperty(name);
  for (const element of still) element.inert = false;
  still = [];
}

function show(number) {
  const next = things[number];
  if (!next) return;
  from ??= document.activeElement;
  clear();
  at = number;
  document.body.append(room);
  document.documentElement.classList.add("dl-class");
  next.classList.add("dl-shown");
  for (let node = next; node !== document.body; node = node.parentElement) {
    const others = [...node.parentElement.children].filter((x) => x !== node && x !== room && !x.inert);
    for (const element of others) element.inert = true;
    still.push(...others);
  }
  where.textContent = `${number + 1} of ${things.length}`;
  const [back, forth] = buttons;
  back.disabled = number === 0;
  forth.disabled = number === things.length - 1;
  next.tabIndex = -1;
  if (!room.contains(document.activeElement) || document.activeElement.disabled) next.focus();
  note(`class=${number + 1}`);
  fit();
  size = "";
  grows.observe(next);
  for (const part of next.children) grows.observe(part);
}

function close() {
  if (at < 0) return;
  clear();
  const thing = things[at];
  at = -1;
  room.remove();
  document.documentElement.classList.remove("dl-class");
  if (document.fullscreenElement) document.exitFullscreen();
  note("");
  thing.scrollIntoView({ block: "center" });
  from?.focus?.({ preventScroll: true });
  from = null;
}

function open(number) {
  show(number);
  if (at < 0) return; // every figure of the page is folded
  // Refused where nobody has just pressed a key; then the window's size must do.
  document.documentElement.requestFullscreen?.().catch(() => {});
}

function follow() {
  const [, number] = /^class(?:=(\d+))?$/.exec(parts()[0]) ?? [null, null];
  if (number === null) return close();
  const wanted = number === undefined ? first() : Math.min(number, things.length) - 1;
  if (wanted !== at) open(Math.max(0, wanted));
}

document.getElementById("class").hidden = !things.length;
addEventListener("hashchange", follow);
addEventListener("resize", fit);
document.addEventListener("fullscreenchange", () => document.fullscreenElement || close());
addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (at >= 0) {
    const step = { Escape: close, PageDown: () => show(at + 1), PageUp: () => show(at - 1) }[key];
    if (!step) return;
    event.preventDefault();
    step();
  } else if (key === "c" && !target.closest("input:not([type=range]), textarea, select, [contenteditable]")) {
    open(nearest());
  }
});
follow();
