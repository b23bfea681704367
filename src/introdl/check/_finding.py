"""Find an exercise by its lesson."""

from __future__ import annotations

import difflib
import importlib
from pathlib import Path

from introdl.check._exercise import Exercise


def lessons() -> list[str]:
    """The lessons that have an exercise, like `history/perceptron`, by name."""
    folder = Path(__file__).parents[1] / "exercises"
    found = (path.relative_to(folder).with_suffix("") for path in folder.glob("*/[a-z]*.py"))
    return sorted(path.as_posix() for path in found)


def load(lesson: str) -> Exercise:
    """The exercise of `lesson`.

    Raises:
        LookupError: If there is none, or it needs a package that is not there.
    """
    known = lessons()
    if lesson not in known:
        names = {name: name for name in known} | {name.split("/")[1]: name for name in known}
        near = difflib.get_close_matches(lesson, names, n=1)
        hint = f"did you mean {names[near[0]]}?" if near else f"there are {', '.join(known)}"
        raise LookupError(f"no exercise {lesson!r}; {hint}")
    try:
        module = importlib.import_module(f"introdl.exercises.{lesson.replace('/', '.')}")
    except ModuleNotFoundError as error:
        raise LookupError(f"{lesson} needs the package {error.name}: install it") from error
    exercise: Exercise = module.exercise
    return exercise
