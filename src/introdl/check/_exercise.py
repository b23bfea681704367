"""What the author of an exercise writes."""

from __future__ import annotations

import ast
import inspect
import pickle
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

Function = TypeVar("Function", bound=Callable[..., Any])


class Case:
    """One call of the reader's function.

    Args:
        what: What is tried, in a few words: the reader sees it.
        *arguments: What the function is called with.
        hint: Which mistake the case tells apart, as advice for a reader whose answer is wrong on
            it and is none of the known ones. It does not give the answer.
    """

    def __init__(self, what: str, *arguments: Any, hint: str) -> None:
        self.what = what
        self.hint = hint
        # Each who calls gets its own copy: a function may change what it is given.
        self.pickled = pickle.dumps(arguments)

    def call(self, function: Callable[..., Any]) -> Any:
        """What `function` returns for a fresh copy of the arguments."""
        return function(*pickle.loads(self.pickled))


@dataclass(frozen=True)
class Known:
    """An answer that is known, the message for whoever gives it, and whether it is accepted."""

    function: Callable[..., Any]
    message: str
    accepted: bool


class Exercise:
    """The coding exercise of a lesson: see `introdl.check` for a whole one.

    Args:
        title: The exercise's title on the page.
        seconds: How long an answer may take for all cases together.
        rtol: How far a number may be off, relative to the right one.
        atol: How far it may be off besides.

    Attributes:
        known: The known answers, wrong and accepted, in the order in which they are tried.
    """

    def __init__(
        self, title: str, *, seconds: float = 10.0, rtol: float = 1e-6, atol: float = 1e-9
    ) -> None:
        self.title = title
        self.seconds = seconds
        self.rtol = rtol
        self.atol = atol
        self.known: list[Known] = []
        self._solution: Callable[..., Any] | None = None
        self._cases: Callable[[np.random.Generator], Iterable[Case]] | None = None

    def solution(self, function: Function) -> Function:
        """Decorate the right answer. Its name, parameters and docstring make the starter."""
        if not inspect.getdoc(function):
            raise ValueError(f"{function.__name__} has no docstring: the starter is made of it")
        self._solution = function
        return function

    def cases(self, function: Function) -> Function:
        """Decorate the function that draws the cases, with an `rng` as its one argument."""
        self._cases = function
        return function

    def wrong(self, message: str) -> Callable[[Function], Function]:
        """Decorate an answer that readers give, with what to tell them. Several may share one."""
        return self._knows(message, accepted=False)

    def accepted(self, remark: str) -> Callable[[Function], Function]:
        """Decorate an answer that differs from the solution and will do, with what to remark."""
        return self._knows(remark, accepted=True)

    def _knows(self, message: str, *, accepted: bool) -> Callable[[Function], Function]:
        def note(function: Function) -> Function:
            self.known.append(Known(function, message, accepted))
            return function

        return note

    @property
    def reference(self) -> Callable[..., Any]:
        """The right answer."""
        if self._solution is None:
            raise ValueError(f"the exercise {self.title!r} has no @exercise.solution")
        return self._solution

    @property
    def name(self) -> str:
        """The name of the function that the reader writes."""
        return self.reference.__name__

    @property
    def usage(self) -> str:
        """The function with its parameters, like `averaged(X, y, epochs)`."""
        return f"{self.name}({', '.join(self.parameters)})"

    @property
    def parameters(self) -> list[str]:
        """The names of what the function takes."""
        return list(inspect.signature(self.reference).parameters)

    def draw(self, seed: int = 0) -> list[Case]:
        """The cases; another seed draws others."""
        if self._cases is None:
            raise ValueError(f"the exercise {self.title!r} has no @exercise.cases")
        return list(self._cases(np.random.default_rng(seed)))

    def starter(self, lesson: str) -> str:
        """The file that a reader begins with: how the function begins and what it does."""
        source = textwrap.dedent(inspect.getsource(self.reference))
        definition = ast.parse(source).body[0]
        assert isinstance(definition, ast.FunctionDef)
        last = definition.body[0].end_lineno
        begins = "\n".join(source.splitlines()[definition.lineno - 1 : last])
        return (
            f'"""{self.title}: the exercise of {lesson}.\n\n'
            "To see whether your function is right:\n"
            f'    python -m introdl.check {lesson} {self.name}.py\n"""\n\n'
            f"import numpy as np\n\n\n{begins}\n    raise NotImplementedError  # your code here\n"
        )
