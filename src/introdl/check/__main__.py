"""Check an answer: `python -m introdl.check history/perceptron my.py`."""

from __future__ import annotations

import argparse
import sys
import textwrap
from pathlib import Path

from introdl.check import Exercise, Verdict, check, lessons, load

_SHOWN = 20  # lines of what the reader's file prints


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line asks.

    Returns:
        0 where the answer is right, 1 where it is not yet, 2 where the command cannot be done.
    """
    parser = argparse.ArgumentParser(
        prog="python -m introdl.check",
        description="Check your answer to a lesson's coding exercise. "
        "Without arguments: list the exercises.",
    )
    parser.add_argument("lesson", nargs="?", help="like history/perceptron")
    parser.add_argument("file", nargs="?", type=Path, help="your file, a Python script")
    parser.add_argument("--starter", type=Path, metavar="FILE", help="write a file to begin with")
    parser.add_argument("--seed", type=int, default=0, help="draw other random cases")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.lesson is None:
            _list()
            return 0
        exercise = load(chosen.lesson)
        if chosen.seed < 0:
            raise ValueError(f"--seed {chosen.seed}: take 0 or more")
        if chosen.starter is not None:
            if chosen.file is not None:
                raise ValueError("either check a file or write a starter, not both")
            _write(exercise.starter(chosen.lesson), chosen.starter)
            print(f"{chosen.starter}: write your code where it says NotImplementedError")
            return 0
        path = _readable(chosen.file, chosen.lesson, exercise)
    except (LookupError, OSError, ValueError) as error:
        print(error.args[0] if len(error.args) == 1 else error, file=sys.stderr)
        return 2
    try:
        verdict = check(exercise, path, seed=chosen.seed)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    print(f"{chosen.lesson}: {exercise.usage} of {chosen.file}\n\n{_report(verdict)}")
    return 0 if verdict.passed else 1


def _list() -> None:
    for lesson in lessons():
        exercise = load(lesson)
        print(f"{lesson}: {exercise.title}, {exercise.usage}")
    print("\npython -m introdl.check LESSON --starter FILE   writes a file to begin with")
    print("python -m introdl.check LESSON FILE             checks it")


def _write(text: str, path: Path) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise ValueError(f"{path} is there already: choose another name") from None
    except OSError as error:
        raise ValueError(f"{path} cannot be written: {error.strerror}") from None


def _readable(path: Path | None, lesson: str, exercise: Exercise) -> Path:
    if path is None:
        raise ValueError(
            f"which file? To begin with one: "
            f"python -m introdl.check {lesson} --starter {exercise.name}.py"
        )
    if path.is_dir():
        raise ValueError(f"{path} is a folder: name the Python file in it")
    if path.suffix == ".ipynb":
        raise ValueError(f"{path} is a notebook: copy the function into a file {exercise.name}.py")
    try:
        path.read_bytes()
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
    except ValueError:
        raise ValueError(f"{str(path)!r} cannot be read: that is no name of a file") from None
    return path


def _report(verdict: Verdict) -> str:
    lines = []
    if verdict.printed.strip():
        printed = verdict.printed.rstrip().splitlines()
        lines += ["Your file printed:"]
        lines += [f"  | {line[:100]}" for line in printed[:_SHOWN]]
        if len(printed) > _SHOWN:
            lines.append("  | and more")
        lines.append("")
    words = {True: "right  ", False: "wrong  ", None: "not run"}
    lines += [f"  {words[right]}  {what}" for what, right in verdict.cases]
    count = sum(right is True for _, right in verdict.cases)
    lines.append("")
    if verdict.passed:
        lines.append(f"All {len(verdict.cases)} cases are right.")
    else:
        lines.append(f"Not yet: right on {count} of {len(verdict.cases)} cases.")
    lines += [textwrap.fill(text, 90) for text in verdict.says]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
