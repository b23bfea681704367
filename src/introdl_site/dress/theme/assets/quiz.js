/* Turns each quiz, a question with a list and a folded answer, into a group of radio buttons. */

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function enhance(quiz, number) {
  const question = quiz.querySelector(".quiz-question");
  const list = quiz.querySelector(".quiz-choices");
  const answer = quiz.querySelector(".quiz-answer");
  const right = Number(quiz.dataset.answer);

  const legend = make("legend", { className: "quiz-question" }, ...question.childNodes);
  const choices = [...list.children].map((item, index) => {
    const input = make("input", { type: "radio", name: `quiz-${number}`, value: String(index) });
    const letter = make("span", { className: "quiz-letter" }, `${LETTERS[index]}.`);
    const text = make("span", {}, ...item.childNodes);
    return make("label", { className: "quiz-choice" }, input, letter, text);
  });
  const check = make("button", { type: "submit", className: "dl-button" }, "Check");
  const feedback = make("p", { className: "quiz-feedback", role: "status" });
  const act = make("div", { className: "quiz-act" }, check, feedback);
  const form = make("form", {}, make("fieldset", {}, legend, ...choices, act));

  form.addEventListener("change", () => {
    feedback.textContent = "";
    for (const choice of choices) delete choice.dataset.verdict;
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = choices.findIndex((choice) => choice.firstChild.checked);
    if (chosen < 0) {
      feedback.textContent = "Choose an answer first.";
      choices[0].firstChild.focus();
      return;
    }
    choices[chosen].dataset.verdict = chosen === right ? "right" : "wrong";
    if (chosen === right) {
      feedback.textContent = `✓ ${LETTERS[chosen]} is right. The explanation is open below.`;
      answer.open = true;
    } else {
      feedback.textContent = `✗ ${LETTERS[chosen]} is not right. Try another, or open the answer.`;
      choices[chosen].firstChild.focus();
    }
  });

  question.replaceWith(form);
  list.remove();
}

document.querySelectorAll(".quiz").forEach(enhance);
