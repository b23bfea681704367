/* A first name, letter by letter: the chance of the female table that letter groups and a GRU give,
   and what the two tables of 1990 hold. All is computed here; what is typed is sent nowhere. */

import { dense, embedding, gruCell, logistic, zeros } from "../assets/infer.js";
import { choice, html, loadArrays, loadJSON, mount, resetButton, slider, svg } from "../assets/move.js";

const [LONGEST, MOST, SAMPLES] = [15, 6, ["Leslie", "Jordan", "Maria", "Jose", "Quinn"]];
const PLAIN = { ø: "o", ł: "l", ß: "ss", æ: "ae" }; // no accents to drop

/** The letters a to z of a text, without their accents. */
export const clean = (text) => text.normalize("NFD").toLowerCase()
  .replace(/[øłßæ]/g, (letter) => PLAIN[letter]).replace(/[^a-z]/g, "").slice(0, LONGEST);

/** All runs of 1 to `longest` letters of a name with its marks, each once. */
export function pieces(name, longest = 4) {
  const marked = `^${name}$`;
  const runs = [];
  for (let size = 1; size <= longest; size += 1) {
    for (let i = 0; i + size <= marked.length; i += 1) runs.push(marked.slice(i, i + size));
  }
  return [...new Set(runs)];
}

/** The known letter groups of a name with their weights, and the chance that they give. */
export function pulls(name, groups, weights, bias) {
  const place = groups instanceof Map ? groups : new Map(groups.map((group, i) => [group, i]));
  const found = pieces(name).filter((group) => place.has(group)).map((group) => [group, weights[place.get(group)]]);
  return { found, chance: logistic(found.reduce((sum, [, weight]) => sum + weight, bias[0])) };
}

/** The chance that the GRU gives after each letter. */
export function read(net, name) {
  let state = zeros(1, net.weight_hh.shape[1]);
  return [...name].map((letter) => {
    state = gruCell(embedding([letter.charCodeAt(0) - 97], net.letters), state, net);
    return logistic(dense(state, net.out_weight, net.out_bias)[0]);
  });
}

/** The table that a chance speaks for, if it is sure enough. */
export const answer = (chance, sure) =>
  Math.max(chance, 1 - chance) < sure || chance === 0.5 ? "no answer" : chance > 0.5 ? "female" : "male";

/** A chance in percent that never rounds to 0 or 100. */
export const percent = (chance) => `${Math.min(Math.max(Math.round(100 * chance), 1), 99)}`;

const whole = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ",");

/** What the two tables hold of a name, from shares in 1 of 100,000. */
export function listed(name, female, male, fresh) {
  if (!female && !male) return `${name} is in neither table.`;
  const held = [[female, "female"], [male, "male"]].filter(([n]) => n).map(([n, kind]) => `${whole(n)} of 100,000 people in the ${kind} table`);
  const best = held.length > 1 ? ` The best possible answer is right for ${Math.round((100 * Math.max(female, male)) / (female + male))} %.` : " The other table does not list it.";
  return `${name} is the name of ${held.join(" and ")}.${best} ${fresh ? "Neither model learned from it." : "Both models learned from it."}`;
}

mount("letters", async ({ stage, files, state, say }) => {
  const [tables, net] = await Promise.all([loadJSON(files["names.json"]), loadArrays(files["models.safetensors"])]);
  const groups = new Map(tables.groups.split(" ").map((group, i) => [group, i]));
  const rows = new Map(tables.names.split(" ").map((name, i) => [name, i]));
  const asked = state.get("sample", SAMPLES[0]);
  const sample = choice(stage, {
    label: "Examples", options: SAMPLES, value: SAMPLES.includes(asked) ? asked : SAMPLES[0],
    change: (name) => (state.set("sample", name), (input.value = name), show()),
  });
  const input = html("input", {
    type: "text", value: sample.value, maxlength: 30, spellcheck: "false", autocomplete: "off", autocapitalize: "words",
    oninput: () => show(), // a name is personal: it is not kept in the address
  }, html("label", { class: "names-text", text: "Any first name " }, stage));
  const sure = slider(stage, {
    label: "Answer only if this sure", min: 50, max: 99, step: 1, text: (v) => `${v} %`,
    value: Math.min(Math.max(Math.round(Number(state.get("sure", 50))) || 50, 50), 99),
    change: (v) => (state.set("sure", v), show()),
  });
  resetButton(stage);
  const picture = svg("svg", { "aria-hidden": "true" }, stage);
  html("p", { class: "move-hint", text: "Numbers: the chance of the female table in %, as if what is typed so far were the whole name. A bar to the right of the line speaks for the female table, to the left for the male one. ^ marks the start of a name, $ the end. What you type stays in your browser." }, stage);
  say("");

  const bold = { style: "font-weight: 700" };
  const write = (x, y, text, more) => svg("text", { x, y, text, ...more }, picture);
  const right = { "text-anchor": "end" };
  function bar(middle, y, value, most, colour) {
    const width = Math.abs(value) * most;
    svg("rect", { x: value < 0 ? middle - width : middle, y, width, height: 14, fill: `var(--${colour})` }, picture);
  }

  function show() {
    const name = clean(input.value);
    picture.replaceChildren();
    picture.setAttribute("viewBox", "0 0 320 4");
    if (!name) {
      say("Type a first name in the letters a to z.");
      return;
    }
    const parts = [...name].map((_, i) => name.slice(0, i + 1));
    const bag = parts.map((part) => pulls(part, groups, net.weights, net.bias));
    const both = [bag.map(({ chance }) => chance), read(net, name)];
    const limit = sure.value / 100;
    const columns = [["letter groups", 120, "orange"], ["GRU", 244, "blue"]];
    let y = 24;
    columns.forEach(([title, middle], k) => write(middle - 40, 14, title, bold));
    parts.forEach((part, i) => {
      const text = part.length > 9 ? `…${part.slice(-8)}` : part;
      write(72, y + 12, text, right);
      columns.forEach(([, middle, colour], k) => {
        bar(middle, y, 2 * both[k][i] - 1, 40, colour);
        write(middle + 70, y + 12, percent(both[k][i]), right);
      });
      y += 20;
    });
    for (const [, middle] of columns) svg("line", { x1: middle, x2: middle, y1: 20, y2: y, stroke: "var(--ink)" }, picture);
    const says = both.map((chances) => answer(chances.at(-1), limit));
    write(72, y + 14, "answer", { ...right, ...bold });
    columns.forEach(([, middle], k) => write(middle - 40, y + 14, says[k], bold));
    y += 44;
    const { found } = bag.at(-1);
    const pull = [...found].sort(([, a], [, b]) => Math.abs(b) - Math.abs(a)).slice(0, MOST);
    const most = 80 / Math.max(1, ...pull.map(([, weight]) => Math.abs(weight)));
    write(72, y - 6, "The letter groups that pull most", bold);
    pull.forEach(([group, weight]) => {
      write(72, y + 14, group, right);
      bar(164, y + 2, weight, most, "orange");
      write(304, y + 14, (weight < 0 ? "−" : "+") + Math.abs(weight).toFixed(2), right);
      y += 20;
    });
    svg("line", { x1: 164, x2: 164, y1: y - 20 * pull.length, y2: y + 2, stroke: "var(--ink)" }, picture);
    picture.setAttribute("viewBox", `0 0 320 ${y + 8}`);
    const i = rows.get(name);
    const shown = name[0].toUpperCase() + name.slice(1);
    const told = says.map((said, k) => `${percent(both[k].at(-1))} % (${said})`);
    say(`Chance of the female table: letter groups ${told[0]}, GRU ${told[1]}. `
      + (i === undefined ? listed(shown, 0, 0) : listed(shown, tables.female[i], tables.male[i], tables.fresh[i] === "1")));
  }
  show();
});
