"""Compare a reader's answers with the right ones and with known mistakes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from introdl.check._exercise import Case, Exercise, Known
from introdl.check._running import Other, Outcome, run


@dataclass
class Verdict:
    """What to tell the reader.

    Attributes:
        passed: Whether the answer is right, or accepted.
        cases: Each case in words, and whether it is right; None where it was not reached.
        says: What is seen, one sentence or two each.
        printed: What the reader's file printed.
    """

    passed: bool
    cases: list[tuple[str, bool | None]]
    says: list[str] = field(default_factory=list)
    printed: str = ""


def check(exercise: Exercise, path: Path, *, seed: int = 0) -> Verdict:
    """Run the reader's file at `path`, once, and judge it."""
    cases = exercise.draw(seed)
    outcome = run(exercise, cases, path)
    verdict = judge(exercise, cases, outcome)
    verdict.printed = outcome.printed
    return verdict


def judge(exercise: Exercise, cases: list[Case], outcome: Outcome) -> Verdict:
    """Say what is right and, where it can be seen, which mistake was made."""
    differences = [
        difference(exercise, case.call(exercise.reference), answer)
        for case, answer in zip(cases, outcome.answers, strict=False)
    ]
    results: list[bool | None] = [found is None for found in differences]
    results += [None] * (len(cases) - len(results))
    verdict = Verdict(False, [(case.what, r) for case, r in zip(cases, results, strict=True)])
    if outcome.changed:
        verdict.says.append(
            f"{_at(outcome.line)}{exercise.name} changes its {' and '.join(outcome.changed)} in "
            "place: work on a copy, so that the caller's stays as it was."
        )
    if outcome.problem is not None:
        line, text = outcome.problem
        case = f" (Case: {cases[len(outcome.answers)].what}.)" if outcome.found else ""
        verdict.says.append(f"{_at(line)}{text}{'' if text.endswith('?') else '.'}{case}")
    elif all(results):
        verdict.passed = not outcome.changed
    elif (known := recognise(exercise, cases, outcome.answers)) is not None:
        verdict.passed = known.accepted and not outcome.changed
        if known.accepted:
            verdict.cases = [(case.what, True) for case in cases]
        verdict.says.append(known.message)
    else:
        first = next(number for number, found in enumerate(differences) if found is not None)
        if form := differences[first]:
            verdict.says.append(f"{_at(outcome.line)}{exercise.name} {form}.")
        else:
            right = [case.call(exercise.reference) for case in cases]
            verdict.says += _likeness(right, outcome.answers)
            verdict.says.append(f"{cases[first].what}: {cases[first].hint}")
    return verdict


def recognise(exercise: Exercise, cases: list[Case], answers: list[Any]) -> Known | None:
    """The known answer that these equal on every case, if there is one."""
    for known in exercise.known:
        pairs = zip(cases, answers, strict=True)
        if all(difference(exercise, c.call(known.function), a) is None for c, a in pairs):
            return known
    return None


def difference(exercise: Exercise, expected: Any, got: Any) -> str | None:
    """How an answer differs: None where it does not, "" where only its values do.

    Otherwise its form is wrong, and the text says how: "returns a list, expected …".
    """
    if got is None and expected is not None:
        return "returns None: is there a `return` for every way through it?"
    if isinstance(expected, tuple):
        if not isinstance(got, (tuple, list)) or len(got) != len(expected):
            return f"returns {_form(got)}, expected {_form(expected)}"
        found = [difference(exercise, *pair) for pair in zip(expected, got, strict=True)]
        forms = [f"{text} as result {n}" for n, text in enumerate(found, start=1) if text]
        return forms[0] if forms else "" if "" in found else None
    if expected is None or isinstance(expected, str):
        if isinstance(got, str) or got is expected:
            return None if got == expected else ""
        return f"returns {_form(got)}, expected {_form(expected)}"
    if isinstance(got, (Other, str, tuple, list)):
        wrap = ": np.array(…) makes one of it" if isinstance(got, list) else ""
        return f"returns {_form(got)}, expected {_form(expected)}{wrap}"
    right, ours = np.asarray(expected), np.asarray(got)
    if ours.shape != right.shape or (np.iscomplexobj(ours) and not np.iscomplexobj(right)):
        return f"returns {_form(got)}, expected {_form(expected)}"
    if np.isfinite(right).all() and not np.isfinite(ours).all():
        return "returns a value that is not finite (nan or inf): is something divided by zero?"
    same = np.allclose(ours, right, rtol=exercise.rtol, atol=exercise.atol, equal_nan=True)
    return None if same else ""


def _likeness(right: list[Any], answers: list[Any]) -> list[str]:
    """What wrong values have in common with the right ones, in any exercise."""
    pairs = list(zip(right, answers, strict=True))
    if not all(isinstance(value, (np.ndarray, np.generic, float)) for value, _ in pairs):
        return []
    if all(np.allclose(answer, -np.asarray(value)) for value, answer in pairs):
        return ["Every number has the other sign."]
    if all(np.allclose(answer, value, rtol=0.01, atol=0.01) for value, answer in pairs):
        return ["All numbers are nearly right. Is something rounded, or of type float32?"]
    return []


def _form(value: Any) -> str:
    if value is None:
        return "None"
    if isinstance(value, Other):
        return value.text
    if isinstance(value, str):
        return "text"
    if isinstance(value, (tuple, list)):
        return f"a {type(value).__name__} of {len(value)}"
    array = np.asarray(value)
    numbers = {"c": "complex numbers", "b": "True and False"}.get(array.dtype.kind, "numbers")
    if array.ndim == 0:
        return {"c": "a complex number", "b": "True or False"}.get(array.dtype.kind, "a number")
    return f"an array of {numbers} of shape {array.shape}"


def _at(line: int | None) -> str:
    return "Your file: " if line is None else f"Line {line}: "
