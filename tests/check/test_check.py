"""Whatever a reader's file does, the reader is told in one clear line."""

from __future__ import annotations

import re
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import introdl.check
from introdl.check import Case, Exercise, Verdict, check

exercise = Exercise("Twice as much", seconds=20)


@exercise.solution
def double(x: np.ndarray, times: int) -> np.ndarray:
    """Double `x` (N,) several times."""
    return x * 2.0**times


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """Two cases."""
    yield Case("whole numbers", np.array([1.0, 3.0]), 1, hint="Twice 3 is 6.")
    yield Case("random numbers", rng.normal(size=7), 3, hint="Think of each step.")


@exercise.wrong("You double once, not several times.")
def once(x: np.ndarray, times: int) -> np.ndarray:
    """Double once."""
    return 2 * x


@exercise.accepted("A remark: this is a column.")
def column(x: np.ndarray, times: int) -> np.ndarray:
    """Return a column."""
    return double(x, times)[:, None]


Judge = Callable[..., Verdict]


@pytest.fixture
def judged(tmp_path: Path) -> Judge:
    def judge(code: str | bytes, exercise: Exercise = exercise) -> Verdict:
        path = tmp_path / "my.py"
        path.write_bytes(code if isinstance(code, bytes) else textwrap.dedent(code).encode())
        return check(exercise, path)

    return judge


HEAD = "import numpy as np\ndef double(x, times):\n    "


@pytest.mark.parametrize(
    "code",
    [
        HEAD + "return 2**times * x",
        HEAD + "return x * np.float32(2) ** times",
        "class A:\n    pass\nimport functools, numpy\n"
        "double = functools.partial(lambda f, x, times: f**times * x, 2)",
        "def double(x, *more, **named): return x * 2.0 ** more[0]",
        # A byte-order mark, another encoding, a guard that is no business of ours.
        b"\xef\xbb\xbfdef double(x, n):\n    return x * 2.0**n",
        b"# coding: latin-1\n\xe4 = 2.0\ndef double(x, n):\n    return x * \xe4**n",
        "def double(x, n):\n    return x * 2.0**n\nif __name__ == '__main__':\n    1 / 0",
        # A dataclass looks for its module; a thread would keep a process alive.
        "from __future__ import annotations\nimport dataclasses, threading, time\n"
        "@dataclasses.dataclass\nclass A:\n    a: int\n"
        "threading.Thread(target=time.sleep, args=(60,)).start()\n"
        "def double(x, n):\n    return A(2).a**n * x",
    ],
)
def test_a_right_answer_passes_however_it_is_written(judged: Judge, code: str | bytes) -> None:
    verdict = judged(code)
    assert verdict.says == []
    assert verdict.passed
    assert verdict.cases == [("whole numbers", True), ("random numbers", True)]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        # What is no file of Python, or lacks the function.
        ("def double(x, times):\n  return 2 *", "Line 2: this is no Python: invalid syntax."),
        ("if 1:\nx", "Line 2: this is no Python: expected an indented block after 'if' statement"),
        (b"x = 1\nb = '\xff'", "this is no Python: (unicode error) 'utf-8' codec can't decode"),
        (b"\0", "this is no Python: source code string cannot contain null bytes."),
        ("", "Your file: it has no function double: define it."),
        ("def Doubled(x): 0", "no function double: is Doubled what you mean? Then rename it."),
        ("double = 2.0", "Your file: double is no function but a float."),
        (
            "\ndef double(x: int) -> int:\n    return x",
            "Line 2: double(x: int) does not take what it is called with: double(x, times).",
        ),
        # What it does instead of returning.
        ("import nothing_like_it", "Line 1: it raises ModuleNotFoundError: No module named"),
        ("x = 1\n1 / 0", "Line 2: it raises ZeroDivisionError: division by zero."),
        (
            HEAD + "y = x\n    return y @ np.ones(5)",
            "Line 4: it raises ValueError: matmul: Input operand 1 has a mismatch",
        ),
        (HEAD + "raise KeyError", "Line 3: it raises KeyError. (Case: whole numbers.)"),
        (HEAD + "raise NotImplementedError", "Line 3: it still says NotImplementedError: write"),
        (HEAD + "return double(x, times)", "Line 3: it raises RecursionError: maximum recursion"),
        (
            "class E(Exception):\n    def __str__(self): 1 / 0\nraise E",
            "Line 3: it raises E.",
        ),
        ("import sys\nsys.exit()", "Line 2: it ends the program: let the function return"),
        (HEAD + "exit(0)", "Line 3: it ends the program: let the function return its result"),
        (HEAD + "raise KeyboardInterrupt", "Line 3: it raises KeyboardInterrupt."),
        ("import os\nos._exit(0)", "Your file: it ended Python itself (exit status 0)"),
        (
            "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
            "Your file: it ended Python itself (signal 9) before the function returned.",
        ),
        ("n = input('n?')", "Line 1: it waits for input(): all it needs is in its arguments."),
        # What it returns.
        (HEAD + "print(2**times * x)", "Line 2: double returns None: is there a `return`"),
        (
            HEAD + "return x[:1]",
            "Line 2: double returns an array of numbers of shape (1,), expected an array of "
            "numbers of shape (2,).",
        ),
        (HEAD + "return 3.0", "double returns a number, expected an array of numbers of shape (2,"),
        (
            HEAD + "return list(2**times * x)",
            "double returns a list of 2, expected an array of numbers of shape (2,): np.array(…)",
        ),
        (HEAD + "return [x] * 2000", "double returns a list of 2,000, expected an array of"),
        (HEAD + "return x, times", "double returns a tuple of 2, expected an array of numbers"),
        (HEAD + "return str(x)", "double returns text, expected an array of numbers of shape"),
        (HEAD + "yield x", "double returns a generator, expected an array of numbers of shape"),
        (HEAD + "return x.astype(object)", "double returns an array of object, expected an array"),
        (HEAD + "return x.astype(str)", "double returns an array of str"),
        (HEAD + "return x + 0j", "double returns an array of complex numbers of shape (2,), exp"),
        (HEAD + "return x * np.nan", "returns a value that is not finite (nan or inf): is some"),
        # Values.
        (HEAD + "return x", "whole numbers: Twice 3 is 6."),
        (HEAD + "return x * times * 2", "random numbers: Think of each step."),
        (HEAD + "return 2 * x", "You double once, not several times."),
        (HEAD + "return -x * 2**times", "Every number has the other sign."),
        (HEAD + "return (x * 2**times).round(2)", "All numbers are nearly right. Is something"),
        # A right result is no excuse.
        (
            HEAD + "x *= 2**times\n    return x",
            "Line 2: double changes its x in place: work on a copy, so that the caller's stays",
        ),
    ],
)
def test_a_wrong_answer_is_told_in_one_line(judged: Judge, code: str | bytes, said: str) -> None:
    verdict = judged(code)
    assert not verdict.passed
    assert said in verdict.says[0]
    assert "\n" not in "".join(verdict.says)


def test_an_answer_that_will_do_passes_with_a_remark(judged: Judge) -> None:
    verdict = judged(HEAD + "return (2**times * x)[:, None]")
    assert verdict.passed
    assert verdict.says == ["A remark: this is a column."]
    assert verdict.cases == [("whole numbers", True), ("random numbers", True)]
    assert not judged(HEAD + "x *= 2**times\n    return x[:, None]").passed


def test_what_was_not_reached_is_neither_right_nor_wrong(judged: Judge) -> None:
    verdict = judged(HEAD + "assert times == 1\n    return 2 * x")
    assert verdict.cases == [("whole numbers", True), ("random numbers", None)]
    assert verdict.says == ["Line 3: it raises AssertionError. (Case: random numbers.)"]


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("import time\ntime.sleep(60)", {2}),
        (HEAD + "while True: x = x", {3}),
        # It may be stopped on either line of the loop, rarely on the first.
        (HEAD + "for n in iter(int, 1):\n        np.sort(np.ones(100_000))", {3, 4}),
        (HEAD + "return np.array(sum(iter(int, 1)))", {3}),  # in C, which hears no signal
    ],
)
def test_an_answer_that_never_ends_is_stopped(judged: Judge, code: str, lines: set[int]) -> None:
    hasty = Exercise("Twice as much", seconds=1)
    hasty.solution(double)
    hasty.cases(cases)
    began = time.monotonic()
    verdict = judged(code, hasty)
    assert time.monotonic() - began < 20
    said = re.match(r"Line (\d+): it is not done after 1 s: is there a loop", verdict.says[0])
    assert said, verdict.says[0]
    assert int(said[1]) in lines


def test_what_an_answer_starts_ends_with_it(judged: Judge, tmp_path: Path) -> None:
    hasty = Exercise("Twice as much", seconds=2)
    hasty.solution(double)
    hasty.cases(cases)
    verdict = judged(
        f"""
        import subprocess
        def double(x, times):
            started = subprocess.Popen(["sleep", "300"])
            open({str(tmp_path / "pid")!r}, "w").write(str(started.pid))
            started.wait()
        """,
        hasty,
    )
    assert verdict.says[0].startswith("Line 6: it is not done after 2 s")
    state = Path(f"/proc/{(tmp_path / 'pid').read_text()}/stat")
    # What is ended may still wait for the system to take notice.
    assert not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z"


def test_what_is_printed_is_shown_and_no_result(judged: Judge) -> None:
    verdict = judged(
        """
        import os, sys
        print('{"kind": "done"}')
        def double(x, times):
            print("größer", file=sys.stderr)
            os.write(1, b"raw\\xff")
            sys.stdout = None
            return x * 2.0**times
        """
    )
    assert verdict.passed
    assert verdict.printed.splitlines() == [
        '{"kind": "done"}',
        "größer",
        "raw\ufffdgrößer",
        "raw\ufffd",
    ]


def test_endless_printing_takes_no_memory(judged: Judge) -> None:
    hasty = Exercise("Twice as much", seconds=1)
    hasty.solution(double)
    hasty.cases(cases)
    verdict = judged("while True: print('x' * 1000)", hasty)
    assert len(verdict.printed) == 100_000
    assert "not done after 1 s" in verdict.says[0]


def test_nothing_is_executed_twice(judged: Judge, tmp_path: Path) -> None:
    verdict = judged(
        f"""
        log = open({str(tmp_path / "log")!r}, "a")
        print("loaded", file=log, flush=True)
        def double(x, times):
            print("called", file=log, flush=True)
            return x
        """
    )
    assert not verdict.passed
    assert (tmp_path / "log").read_text().split() == ["loaded", "called", "called"]


def test_a_file_beside_it_is_imported_and_ours_are_not(judged: Judge, tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("def power(n): return 2.0**n")
    code = "from helper import power\ndef double(x, times):\n    return power(times) * x"
    assert judged(code).passed
    assert "No module named '_exercise'" in judged("import _exercise").says[0]


def test_a_named_pair_and_a_number_are_compared(judged: Judge) -> None:
    pair = Exercise("A pair")

    @pair.solution
    def both(x: float) -> tuple[float, np.ndarray]:
        """Return x and (x, x)."""
        return x, np.array([x, x])

    @pair.cases
    def some(rng: np.random.Generator) -> Iterator[Case]:
        yield Case("a number", 2.5, hint="Look.")

    assert judged("import numpy as np\ndef both(x): return x, np.array([x, x])", pair).passed
    for result, said in {
        "x": "both returns a number, expected a tuple of 2.",
        "x, x": "returns a number, expected an array of numbers of shape (2,) as result 2.",
        "np.array([x]), np.array([x, x])": "of shape (1,), expected a number as result 1.",
        "x, np.array([x, 1])": "a number: Look.",
    }.items():
        verdict = judged(f"import numpy as np\ndef both(x): return {result}", pair)
        assert not verdict.passed
        assert said in verdict.says[0]


def test_the_example_of_the_documentation_works(judged: Judge) -> None:
    told = introdl.check.__doc__ or ""
    code = told[told.index("    from introdl") : told.index("An answer that")]
    # A docstring inside a docstring, and imports that it takes for granted.
    space: dict[str, object] = {"np": np, "Iterator": Iterator}
    exec(compile(textwrap.dedent(code), "example", "exec", dont_inherit=True), space)
    half = space["exercise"]
    assert isinstance(half, Exercise)
    assert judged("def half(x): return x * 0.5", half).passed
    [message] = [known.message for known in half.known]
    assert judged("def half(x): return x // 2", half).says == [message]


def test_a_solution_without_a_docstring_makes_no_starter() -> None:
    def bare(x: int) -> int:
        return x

    with pytest.raises(ValueError, match="bare has no docstring: the starter is made of it"):
        Exercise("Bare").solution(bare)
