/* What every page needs of script: keyboard access to what scrolls, and print. */

const SCROLLS = {
  ".md-typeset__scrollwrap": "Table",
  ".dl-figure > p": "Figure",
  ".math-block": "Equation",
  ".tabbed-labels": "Tabs",
  ".jp-OutputArea pre": "Output",
  "pre > code": "Code",
};
const ALL = Object.keys(SCROLLS).join();

/** Let the keyboard reach an element while it is wider than its place, and name it. */
function reach(element) {
  if (element.scrollWidth > element.clientWidth && element.clientWidth) {
    const kind = SCROLLS[Object.keys(SCROLLS).find((selector) => element.matches(selector))];
    element.tabIndex = 0;
    element.setAttribute("role", "group");
    element.setAttribute("aria-label", `${kind}, scrolls sideways`);
  } else if (element.getAttribute("role") === "group") {
    for (const name of ["tabindex", "role", "aria-label"]) element.removeAttribute(name);
  }
}

const sizes = new ResizeObserver((entries) => entries.forEach(({ target }) => reach(target)));

// The observer also reports each element once, when it has been laid out.
function watch() {
  for (const element of document.querySelectorAll(ALL)) sizes.observe(element);
}

watch();
// Material wraps tables on its own time.
window.document$?.subscribe(() => requestAnimationFrame(watch));
// A font that comes late widens what is in a box, and not the box.
document.fonts.addEventListener("loadingdone", () => {
  document.querySelectorAll(ALL).forEach(reach);
});

// Material names a section by a label that holds an icon alone, and calls each copy button a
// landmark of its own.
for (const nav of document.querySelectorAll("nav[aria-labelledby]")) {
  const label = document.getElementById(nav.getAttribute("aria-labelledby"));
  if (label?.textContent.trim()) continue;
  nav.removeAttribute("aria-labelledby");
  nav.setAttribute("aria-label", nav.previousElementSibling?.textContent.trim() || "Section");
}
const plain = () => {
  for (const nav of document.querySelectorAll("nav.md-code__nav")) nav.setAttribute("role", "none");
};
plain();
new MutationObserver(plain).observe(document.body, { childList: true, subtree: true });

for (const link of document.querySelectorAll(".headerlink")) link.title = "Link to this section";

// An empty corner of a table heads nothing; and some readers, as every audit, take a heading
// that is a formula alone for an empty one.
for (const heading of document.querySelectorAll("th:empty")) {
  heading.replaceWith(document.createElement("td"));
}
for (const math of document.querySelectorAll("th > math:only-child")) {
  math.setAttribute("title", math.getAttribute("alttext") ?? math.textContent);
}

// A term leads to its entry in the glossary. The entry stands beside it, too, for who points at it
// or comes to it by the keyboard; a finger's first tap shows it, and the second follows the link.
const terms = document.querySelectorAll("a.term");
if (terms.length) explain();

function explain() {
  const pop = Object.assign(document.createElement("div"), {
    id: "dl-pop", className: "dl-pop", hidden: true,
  });
  terms[0].closest("article")?.append(pop);
  let shown = null;
  let timer = 0;
  let finger = false;
  let entries = null;

  async function load() {
    const page = await (await fetch(terms[0].href)).text();
    return new DOMParser().parseFromString(page, "text/html");
  }
  function place(term) {
    const line = term.getClientRects()[0];
    const frame = pop.offsetParent?.getBoundingClientRect() ?? { left: 0, top: 0 };
    const right = document.documentElement.clientWidth - pop.offsetWidth - 12;
    const above = line.bottom + pop.offsetHeight + 8 > innerHeight && line.top > pop.offsetHeight + 60;
    pop.style.left = `${Math.max(12, Math.min(line.left, right)) - frame.left}px`;
    pop.style.top = `${(above ? line.top - pop.offsetHeight - 6 : line.bottom + 6) - frame.top}px`;
  }
  async function show(term) {
    clearTimeout(timer);
    if (shown === term) return;
    hide();
    shown = term;
    let entry;
    try {
      entry = (await (entries ??= load())).getElementById(term.hash.slice(1))?.nextElementSibling;
    } catch {
      entries = null; // offline: the links stay
    }
    if (shown !== term) return;
    if (!entry) return void (shown = null);
    const text = document.createElement("p");
    text.append(...[...entry.childNodes].map((node) => document.importNode(node, true)));
    for (const link of text.querySelectorAll("a")) {
      link.href = new URL(link.getAttribute("href"), terms[0].href);
    }
    const more = Object.assign(document.createElement("a"), { href: term.href, textContent: "Glossary" });
    text.append(" ", more);
    pop.replaceChildren(text);
    pop.hidden = false;
    place(term);
    term.setAttribute("aria-describedby", pop.id);
  }
  function hide() {
    clearTimeout(timer);
    shown?.removeAttribute("aria-describedby");
    shown = null;
    pop.hidden = true;
  }
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(hide, 250); // time to move from the term to what is said of it
  };

  for (const term of terms) {
    term.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && show(term));
    term.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && later());
    term.addEventListener("focus", () => term.matches(":focus-visible") && !finger && show(term));
    term.addEventListener("blur", later);
    term.addEventListener("click", (event) => {
      if (!finger || shown === term) return;
      event.preventDefault();
      show(term);
    });
  }
  pop.addEventListener("pointerenter", () => clearTimeout(timer));
  pop.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && later());
  addEventListener("pointerdown", ({ pointerType, target }) => {
    finger = pointerType !== "mouse";
    if (finger && pop.contains(target)) clearTimeout(timer);
    else if (!target.closest?.("a.term, .dl-pop")) hide();
  });
  addEventListener("keydown", ({ key }) => {
    finger = false;
    if (key === "Escape") hide();
  });
}

// On paper nothing can be unfolded.
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not([open])")];
  for (const details of opened) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of opened) details.open = false;
});
