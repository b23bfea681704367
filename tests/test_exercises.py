"""Every coding exercise: its starter, its solution, and the wrong answers that it must know."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import numpy as np
import pytest

from introdl.check import check, lessons, load
from introdl.check._judging import difference, recognise

ROOT = Path(__file__).parents[1]
CHECKED = re.compile(r"^ {4}check: (?P<name>\w+)$", re.MULTILINE)
PAGES = {
    path.relative_to(ROOT / "docs").with_suffix("").as_posix(): found["name"]
    for path in sorted((ROOT / "docs").glob("*/*.md"))
    if (found := CHECKED.search(path.read_text(encoding="utf-8")))
}
KNOWN = [(lesson, known.function.__name__) for lesson in lessons() for known in load(lesson).known]


def page_solution(text: str, root: Path, name: str) -> str:
    """The function `name` as a page's solution gives it, with what its block defines and imports.

    What the block does with it may need the blocks above; a reader's file has none.
    """
    from introdl_site.pages.fences import python_blocks

    for block in python_blocks(text, root):
        module = ast.parse(block.code)
        defined = (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
        kept = [node for node in module.body if isinstance(node, defined)]
        if any(isinstance(node, ast.FunctionDef) and node.name == name for node in kept):
            code = "\n\n".join(ast.get_source_segment(block.code, node) or "" for node in kept)
            return f"import numpy as np\n\n{code}\n"
    raise LookupError(f"no Python block of the page defines {name}: show the solution there")


@pytest.mark.parametrize("lesson", lessons())
def test_an_exercise_belongs_to_a_lesson_and_knows_four_wrong_answers(lesson: str) -> None:
    assert (ROOT / "docs" / f"{lesson}.md").is_file(), f"{lesson} has an exercise and no page"
    wrong = {known.message for known in load(lesson).known if not known.accepted}
    assert len(wrong) >= 4, f"introdl/exercises/{lesson}.py: keep four wrong answers, @wrong"


@pytest.mark.parametrize("lesson", lessons())
def test_the_starter_says_what_to_do(lesson: str, tmp_path: Path) -> None:
    path = tmp_path / "starter.py"
    path.write_text(load(lesson).starter(lesson), encoding="utf-8")
    verdict = check(load(lesson), path)
    line = (
        path.read_text(encoding="utf-8")
        .splitlines()
        .index("    raise NotImplementedError  # your code here")
    )
    assert not verdict.passed
    assert verdict.says[0].startswith(f"Line {line + 1}: it still says NotImplementedError: write")


@pytest.mark.parametrize("lesson", lessons())
def test_the_solution_passes(lesson: str, tmp_path: Path) -> None:
    exercise = load(lesson)
    path = tmp_path / "solution.py"
    path.write_text(f"from {exercise.reference.__module__} import {exercise.name}\n")
    verdict = check(exercise, path)
    message = f"src/introdl/exercises/{lesson}.py: its own solution fails"
    assert verdict.passed, "\n".join([message, *verdict.says])
    assert verdict.says == []


@pytest.mark.parametrize(("lesson", "name"), KNOWN)
def test_a_known_answer_gets_its_own_message(
    lesson: str, name: str, tmp_path: Path, rng: np.random.Generator
) -> None:
    exercise = load(lesson)
    [known] = [known for known in exercise.known if known.function.__name__ == name]
    path = tmp_path / "answer.py"
    path.write_text(f"from {exercise.reference.__module__} import {name} as {exercise.name}\n")
    verdict = check(exercise, path)
    assert verdict.says == [known.message]
    assert verdict.passed == known.accepted
    # Whatever is drawn, the cases tell the answers apart.
    for seed in rng.integers(2**31, size=20):
        cases = exercise.draw(int(seed))
        answers = [case.call(known.function) for case in cases]
        rights = [case.call(exercise.reference) for case in cases]
        pairs = zip(rights, answers, strict=True)
        assert any(difference(exercise, *pair) is not None for pair in pairs), f"seed {seed}"
        found = recognise(exercise, cases, answers)
        assert found is not None
        assert found.message == known.message, f"seed {seed}"


@pytest.mark.parametrize(("lesson", "name"), PAGES.items())
def test_the_solution_of_the_page_passes(lesson: str, name: str, tmp_path: Path) -> None:
    page, code = f"docs/{lesson}.md", f"src/introdl/exercises/{lesson}.py"
    assert lesson in lessons(), f"{page} checks {name}: write {code}"
    exercise = load(lesson)
    assert exercise.name == name, f"{page}: check: {name}, but {code} has {exercise.name}"
    path = tmp_path / "page.py"
    try:
        solution = page_solution((ROOT / page).read_text(encoding="utf-8"), ROOT, name)
    except LookupError as error:
        pytest.fail(f"{page}: {error}", pytrace=False)
    path.write_text(solution, encoding="utf-8")
    verdict = check(exercise, path)
    message = f"{page}: the solution fails its checker, {code}; mend one of the two"
    assert verdict.passed, "\n".join([message, *verdict.says])


def test_a_page_shows_its_solution() -> None:
    page = """
/// exercise | Half
    check: half

??? success "Solution"
    ```python
    from math import pi

    def half(x):
        return x / 2

    print(half(unknown))
    ```
///
"""
    assert CHECKED.findall(page) == ["half"]
    assert page_solution(page, ROOT, "half") == (
        "import numpy as np\n\nfrom math import pi\n\ndef half(x):\n    return x / 2\n"
    )
    with pytest.raises(LookupError, match="no Python block of the page defines other"):
        page_solution(page, ROOT, "other")
