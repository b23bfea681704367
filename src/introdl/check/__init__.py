"""Check a reader's answer to a lesson's coding exercise: `python -m introdl.check`.

An exercise is a module `introdl/exercises/<part>/<lesson>.py` that says what is right, on which
cases an answer is tried, and which mistakes are known:

    from introdl.check import Case, Exercise

    exercise = Exercise("Half of it")

    @exercise.solution
    def half(x: np.ndarray) -> np.ndarray:
        '''Return half of each entry of `x`, (N,).'''  # the starter shows this and no more
        return x / 2

    @exercise.cases
    def cases(rng: np.random.Generator) -> Iterator[Case]:
        yield Case("odd whole numbers", np.array([1, 3]), hint="Half of 1 is no whole number.")
        yield Case("random numbers", rng.normal(size=9), hint="What of numbers below zero?")

    @exercise.wrong("You round down: `//` drops what is behind the point.")
    def rounded(x: np.ndarray) -> np.ndarray:
        return x // 2

An answer that equals `rounded` on every case gets its message. `tests/test_exercises.py` holds
that the solution passes and that each wrong answer gets its own message.
"""

from introdl.check._exercise import Case, Exercise
from introdl.check._finding import lessons, load
from introdl.check._judging import Verdict, check

__all__ = ["Case", "Exercise", "Verdict", "check", "lessons", "load"]
