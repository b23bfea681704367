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

// A term leads to its entry in the glossary. The entry is its tooltip, too, from the moment at
// which the reader first moves a mouse or comes to a term by the keyboard.
const terms = document.querySelectorAll("a.term");
const explain = async ({ type, pointerType, target }) => {
  if (type === "pointermove" ? pointerType !== "mouse" : !target.matches?.("a.term")) return;
  removeEventListener("pointermove", explain);
  removeEventListener("focusin", explain);
  try {
    const page = await (await fetch(terms[0].href)).text();
    const glossary = new DOMParser().parseFromString(page, "text/html");
    for (const term of terms) {
      const entry = glossary.getElementById(term.hash.slice(1))?.nextElementSibling;
      if (entry) term.title = entry.textContent.trim();
    }
  } catch {
    // Offline: the links stay.
  }
};
if (terms.length) {
  addEventListener("pointermove", explain, { passive: true });
  addEventListener("focusin", explain);
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
