/* Turns each quiz and each prediction, a question with a list, into a group of radio buttons. */

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

const copy = (element) => [...element.childNodes].map((node) => node.cloneNode(true));

/** A label with a radio button for each item of a list. */
function radios(list, name, letters) {
  return [...list.children].map((item, index) => {
    const input = make("input", { type: "radio", name, value: String(index) });
    const letter = letters ? [make("span", { className: "quiz-letter" }, `${LETTERS[index]}.`)] : [];
    const text = make("span", { className: "quiz-text" }, ...item.childNodes);
    return make("label", { className: "quiz-choice" }, input, ...letter, text);
  });
}

function quiz(root, number) {
  const question = root.querySelector(".quiz-question");
  const list = root.querySelector(".quiz-choices");
  const answer = root.querySelector(".quiz-answer");
  const reasons = [...root.querySelectorAll(".quiz-said > li")];
  const right = Number(root.dataset.answer);
  // What is said of the choices stands at each; below them only what is said of the question.
  const more = answer.querySelector(":scope > .quiz-said ~ *") || !reasons.length;

  const legend = make("legend", { className: "quiz-question" }, ...question.childNodes);
  const choices = radios(list, `quiz-${number}`, true);
  const said = choices.map(() => make("p", { className: "quiz-why", role: "status" }));
  const check = make("button", { type: "submit", className: "dl-button" }, "Check");
  const feedback = make("p", { className: "quiz-feedback", role: "status" });
  const act = make("div", { className: "quiz-act" }, check, feedback);
  const rows = choices.flatMap((choice, index) => (reasons.length ? [choice, said[index]] : choice));
  const form = make("form", {}, make("fieldset", {}, legend, ...rows, act));

  function explain(chosen) {
    const text = reasons[chosen].textContent.trim();
    const lead = chosen !== right ? "✗ Not this one. " : /^right\b/i.test(text) ? "✓ " : "✓ Right. ";
    said[chosen].replaceChildren(make("strong", {}, lead), ...copy(reasons[chosen]));
  }

  function judge() {
    const chosen = choices.findIndex((choice) => choice.firstChild.checked);
    if (chosen < 0) {
      feedback.textContent = "Choose an answer first.";
      choices[0].firstChild.focus();
      return;
    }
    choices[chosen].dataset.verdict = chosen === right ? "right" : "wrong";
    if (reasons.length) {
      explain(chosen);
    } else if (chosen === right) {
      feedback.textContent = `✓ ${LETTERS[chosen]} is right. The explanation is open below.`;
    } else {
      feedback.textContent = `✗ ${LETTERS[chosen]} is not right. Try another, or open the answer.`;
    }
    if (chosen !== right) choices[chosen].firstChild.focus();
    else if (more) answer.open = true;
  }

  // Who points at a choice has chosen; arrow keys only walk through them, and Enter chooses.
  let points = false;
  form.addEventListener("pointerdown", () => (points = true));
  form.addEventListener("keydown", () => (points = false));
  form.addEventListener("change", () => {
    feedback.textContent = "";
    for (const choice of choices) delete choice.dataset.verdict;
    for (const text of said) text.replaceChildren();
    if (points && reasons.length) judge();
  });
  form.addEventListener("submit", (event) => (event.preventDefault(), judge()));

  question.replaceWith(form);
  list.remove();
}

/** A choice that the page remembers while it is open in this tab, until its outcome is read. */
function predict(root, number) {
  const question = root.querySelector(".predict-question");
  const list = root.querySelector(".predict-choices");
  const outcome = document.querySelectorAll(".outcome")[number];
  const key = `predict:${location.pathname}:${number}`;

  const legend = make("legend", { className: "predict-question" }, ...question.childNodes);
  const choices = radios(list, `predict-${number}`, false);
  const noted = make("p", { className: "quiz-feedback", role: "status" });
  question.replaceWith(make("fieldset", {}, legend, ...choices, noted));
  list.remove();

  const said = make("p", { className: "outcome-said" });
  const text = (index) => make("q", {}, ...copy(choices[index].lastChild));
  function tell(chosen) {
    const right = Number(root.dataset.answer);
    said.replaceChildren("You said: ", text(chosen));
    if (chosen === right) said.append(", and so it turned out.");
    else said.append(". It turned out: ", text(right), ".");
    outcome?.prepend(said);
  }
  for (const [index, choice] of choices.entries()) {
    choice.firstChild.addEventListener("change", () => {
      sessionStorage.setItem(key, String(index));
      noted.textContent = "Noted. Read on, and see.";
      tell(index);
    });
  }
  const kept = choices[sessionStorage.getItem(key) ?? -1];
  if (kept) {
    kept.firstChild.checked = true;
    tell(choices.indexOf(kept));
  }
}

document.querySelectorAll(".quiz").forEach(quiz);
document.querySelectorAll(".predict").forEach(predict);
