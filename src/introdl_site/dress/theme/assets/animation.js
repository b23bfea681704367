/* Frames that a reader moves through, by a slider or a button. It starts still; without this
   script, and on paper, the first and the last frame stand side by side. */

/** The address of frame `n`, from that of the first. */
export const frame = (address, n) =>
  address.replace(/\.0(\.(?:light|dark)\.svg|\.png)$/, `.${n}$1`);

const PAUSE = 180; // milliseconds from frame to frame while it plays

function mount(figure) {
  const labels = JSON.parse(figure.dataset.labels);
  const still = figure.querySelector(".dl-frames");
  const first = [...still.firstElementChild.querySelectorAll("img")];
  const images = first.map((image) => image.cloneNode());
  for (const image of images) image.alt = figure.getAttribute("aria-label");

  const stage = document.createElement("div");
  stage.className = "dl-stage";
  stage.append(...images);
  const controls = document.createElement("div");
  controls.className = "dl-scrub";
  const button = Object.assign(document.createElement("button"), {
    className: "dl-button",
    type: "button",
  });
  const slider = Object.assign(document.createElement("input"), {
    type: "range",
    min: 0,
    max: labels.length - 1,
    value: 0,
  });
  slider.setAttribute("aria-label", "Frame");
  const label = document.createElement("span");
  label.setAttribute("aria-hidden", "true"); // the slider says it
  controls.append(button, slider, label);
  still.before(stage);
  still.after(controls);

  let timer = 0;
  const show = () => {
    const n = Number(slider.value);
    images.forEach((image, i) => (image.src = frame(first[i].src, n)));
    label.textContent = labels[n];
    slider.setAttribute("aria-valuetext", labels[n]);
  };
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    button.textContent = "Play";
  };
  const step = () => {
    slider.value = Number(slider.value) + 1;
    show();
    if (Number(slider.value) === labels.length - 1) stop();
  };
  // The frames come when a reader turns to them, and only those of the palette in use.
  const fetchAll = () => {
    const seen = images.findIndex((image) => getComputedStyle(image).display !== "none");
    labels.forEach((_, n) => (new Image().src = frame(first[seen].src, n)));
  };
  for (const sign of ["pointerenter", "focusin"]) {
    controls.addEventListener(sign, fetchAll, { once: true });
  }
  slider.addEventListener("input", () => {
    stop();
    show();
  });
  button.addEventListener("click", () => {
    if (timer) return stop();
    if (Number(slider.value) === labels.length - 1) slider.value = 0;
    show();
    timer = setInterval(step, PAUSE);
    button.textContent = "Pause";
  });
  stop();
  show();
}

document.querySelectorAll(".dl-animation").forEach(mount);
