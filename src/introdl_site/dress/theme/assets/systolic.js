/* Steps through a product on a systolic array, whose every cycle the page carries as JSON:
   A, and cycles [weights, inputs, sums, results that left as [row, column], their values]. */

const PACE = 900; // milliseconds a cycle

const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

function start(root) {
  const { A, cycles } = JSON.parse(root.querySelector(".systolic-run").textContent);
  const S = cycles[0][0].length;
  const grid = root.querySelector(".systolic__grid");
  const result = root.querySelector(".systolic__result");
  const output = root.querySelector("output");
  const slider = root.querySelector("input");
  const [back, play, next] = root.querySelectorAll("button");
  grid.style.setProperty("--side", S);
  result.style.setProperty("--side", S);
  const queues = [];
  const cells = Array.from({ length: S * S }, (_, index) => {
    if (index % S === 0) {
      queues.push(make("div", { className: "systolic__queue" }));
      grid.append(queues.at(-1)); // a row of the array begins
    }
    const parts = ["w", "x", "sum"].map((name) => make("span", { className: `systolic__${name}` }));
    grid.append(make("div", { className: "systolic__cell" }, ...parts));
    return parts;
  });
  const results = Array.from({ length: A.length * S }, () => {
    const cell = make("div", { className: "systolic__cell" });
    result.append(cell);
    return cell;
  });

  // It moves only when the reader asks; with reduced motion, Play goes on by one cycle.
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let timer = 0;
  function show(step) {
    slider.value = step;
    const [weights, inputs, sums] = cycles[step];
    const t = step - S; // the cycle of computing, from 0; below 0 the weights still move in
    queues.forEach((queue, k) => {
      const first = Math.max(t, -1) + 1 - k; // the row of A that enters next; below 0, a delay
      const waiting = Array.from({ length: Math.max(A.length - first, 0) }, (_, i) => first + i);
      queue.textContent = waiting.map((m) => A[m]?.[k] ?? "·").reverse().join(" ");
    });
    cells.forEach(([w, x, sum], index) => {
      const [k, j] = [Math.floor(index / S), index % S];
      const busy = t - k - j >= 0 && t - k - j < A.length;
      w.textContent = t >= 0 || k <= step ? `w ${weights[k][j]}` : "";
      x.textContent = busy ? `x ${inputs[k][j]}` : "";
      sum.textContent = busy ? `→ ${sums[k][j]}` : "";
      w.parentElement.classList.toggle("busy", busy);
    });
    results.forEach((cell) => (cell.textContent = ""));
    let left = 0;
    cycles.slice(0, step + 1).forEach(([, , , done, values]) =>
      done.forEach(([m, j], i) => {
        results[m * S + j].textContent = values[i];
        left += 1;
      }),
    );
    const working = grid.querySelectorAll(".busy").length;
    output.textContent =
      `Cycle ${step + 1} of ${cycles.length}: ` +
      (t < 0 ? "the weights move in." : `${working} of ${S * S} cells work; results out: ${left}.`);
    slider.setAttribute("aria-valuetext", `Cycle ${step + 1}`); // the output says the rest
    if (step === cycles.length - 1) pause();
  }
  const at = () => Number(slider.value);
  const go = (step) => show(Math.min(Math.max(step, 0), cycles.length - 1));

  function pause() {
    clearInterval(timer);
    timer = 0;
    play.textContent = "Play";
    output.setAttribute("aria-live", "polite");
  }
  function playOn() {
    if (at() === cycles.length - 1) go(0);
    else if (still.matches) go(at() + 1);
    if (still.matches) return;
    output.setAttribute("aria-live", "off"); // nobody wants to hear every cycle
    timer = setInterval(() => go(at() + 1), PACE);
    play.textContent = "Pause";
  }

  slider.max = cycles.length - 1;
  slider.addEventListener("input", () => (pause(), go(at())));
  back.addEventListener("click", () => (pause(), go(at() - 1)));
  next.addEventListener("click", () => (pause(), go(at() + 1)));
  play.addEventListener("click", () => (timer ? pause() : playOn()));
  go(S + 3);
}

document.querySelectorAll(".systolic").forEach(start);
