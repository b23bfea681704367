"""Every public function of a lesson that takes arrays refuses odd input, or is right about it.

A lesson's test file says how to call its functions, in `odd_input(rng)`: by name, the arguments
of a call that works. This file finds the functions by itself, and feeds each what a reader may:
not a number, infinities, nothing, 8-bit integers, Booleans, labels of another kind, arrays of
unequal lengths. Each call must raise an error that says what is wrong, or give what float64 gives.
"""

from __future__ import annotations

import copy
import functools
import importlib
import importlib.util
import inspect
import pkgutil
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch

import introdl

TESTS = Path(__file__).parent
#: What tells a reader what was wrong: NumPy's own words for shapes that do not fit are clear, too.
SHAPES = r"shape|dimension|broadcast|mismatch|align|size|empty"


class Case(NamedTuple):
    """A function of a lesson: its part, its lesson, its name in the module, and itself."""

    part: str
    lesson: str
    name: str
    function: Callable[..., Any]

    def __str__(self) -> str:
        return f"{self.part}/{self.lesson}: {self.name}"


def lesson_modules() -> Iterator[tuple[str, str, ModuleType]]:
    for package in pkgutil.iter_modules(introdl.__path__):
        if not package.ispkg or package.name in ("check", "data", "exercises"):
            continue
        part = importlib.import_module(f"introdl.{package.name}")
        for found in pkgutil.walk_packages(part.__path__, f"{part.__name__}."):
            if not found.name.endswith("__main__"):
                yield package.name, found.name.split(".")[2], importlib.import_module(found.name)


def takes_array(function: Callable[..., Any]) -> bool:
    """Whether a parameter is an array; a callable that takes one is none."""
    annotations = [str(p.annotation) for p in inspect.signature(function).parameters.values()]
    return any("ndarray" in text and "Callable" not in text for text in annotations)


def public_functions(module: ModuleType) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name, thing in vars(module).items():
        if name.startswith("_") or getattr(thing, "__module__", None) != module.__name__:
            continue
        if inspect.isfunction(thing):
            yield name, thing
        elif inspect.isclass(thing):
            for inner, method in vars(thing).items():
                if inspect.isfunction(method) and not inner.startswith("_"):
                    yield f"{name}.{inner}", method


CASES = [
    Case(part, lesson, name, function)
    for part, lesson, module in lesson_modules()
    for name, function in public_functions(module)
    if takes_array(function)
]


@functools.cache
def lesson_tests(part: str, lesson: str) -> ModuleType:
    path = TESTS / part / f"test_{lesson}.py"
    spec = importlib.util.spec_from_file_location(f"odd_input_of_{part}_{lesson}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def arguments(case: Case, rng: np.random.Generator) -> dict[str, Any]:
    known = getattr(lesson_tests(case.part, case.lesson), "odd_input", lambda rng: {})(rng)
    assert case.name in known, (
        f"src/introdl/{case.part}/{case.lesson} has {case.name}, which takes arrays: add to "
        f"odd_input(rng) in tests/{case.part}/test_{case.lesson}.py an entry "
        f'"{case.name}": {{name: value, ...}}, the arguments of a call that works'
    )
    return known[case.name]


def numbers(result: Any) -> list[float]:
    """All numbers in a result, in order."""
    if isinstance(result, torch.nn.Module):
        result = [p.detach().numpy() for p in result.parameters()]
    if isinstance(result, torch.Tensor):
        result = result.detach().numpy()
    if isinstance(result, np.ndarray | np.generic | float | int) or result is None:
        return np.ravel(np.asarray(np.nan if result is None else result, dtype=float)).tolist()
    if isinstance(result, str):
        return [float(zlib.crc32(result.encode()))]
    if isinstance(result, dict):
        return numbers(list(result.values()))
    if hasattr(result, "__iter__"):  # a generator is run to its end
        return [n for part in result for n in numbers(part)]
    if callable(result):
        return []
    return numbers(vars(result))


class Outcome(NamedTuple):
    """What a call gave: numbers, those that it left in `self` included, or an error."""

    numbers: np.ndarray | None
    error: Exception | None


def call(case: Case, given: dict[str, Any]) -> Outcome:
    given = copy.deepcopy(given)
    many = [
        given.pop(name)
        for name, p in inspect.signature(case.function).parameters.items()
        if p.kind is p.VAR_POSITIONAL
    ]
    try:
        if many:
            first = [given[name] for name in given]
            result = case.function(*first, *many[0])
        else:
            result = case.function(**given)
        found = numbers(result) + numbers(given.get("self", []))
    except Exception as error:  # which one is what the tests ask
        return Outcome(None, error)
    return Outcome(np.array(found), None)


def assert_clear(case: Case, error: Exception, what: str) -> None:
    """An error of the caller's kind, with words that name the function, an argument or a shape."""
    names = [*case.name.split("."), *inspect.signature(case.function).parameters]
    words = "|".join(
        [SHAPES, r"\w\(\)", *(rf"\b{re.escape(name)}\b" for name in names if name != "self")]
    )
    kinds = (ValueError, TypeError, ArithmeticError)
    assert isinstance(error, kinds), f"{case}, {what}: {type(error).__name__}: {error}"
    assert re.search(words, str(error)), f"{case}, {what}: the message names nothing: {error}"


def arrays(given: dict[str, Any]) -> dict[str, np.ndarray]:
    """The arrays among the arguments; each of several in a list counts."""
    found = {k: v for k, v in given.items() if isinstance(v, np.ndarray)}
    for name, value in given.items():
        if isinstance(value, list) and value and isinstance(value[0], np.ndarray):
            found |= {f"{name}.{i}": array for i, array in enumerate(value)}
    return found


def put(given: dict[str, Any], changed: dict[str, np.ndarray]) -> dict[str, Any]:
    given = copy.copy(given)
    for place, array in changed.items():
        name, _, index = place.partition(".")
        if index:
            given[name] = [*given[name]]
            given[name][int(index)] = array
        else:
            given[name] = array
    return given


def is_labels(array: np.ndarray) -> bool:
    return array.dtype.kind in "iu" and set(np.unique(array)) in ({0, 1}, {-1, 1})


@pytest.fixture(params=CASES, ids=str)
def case(request: pytest.FixtureRequest) -> Case:
    return request.param


@pytest.fixture
def given(case: Case, rng: np.random.Generator) -> dict[str, Any]:
    given = arguments(case, rng)
    outcome = call(case, given)
    assert outcome.error is None, f"{case}: the call that should work: {outcome.error!r}"
    assert arrays(given), f"{case}: its entry in odd_input has no array"
    return given


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_or_infinite_is_refused_or_shows(case, given, odd, rng):
    for name, array in arrays(given).items():
        if array.dtype == bool:
            continue
        changed = array.astype(float)
        place = tuple(rng.integers(n) for n in changed.shape)
        changed[place] = odd
        outcome, what = call(case, put(given, {name: changed})), f"{name} with {odd}"
        if outcome.error is not None:
            assert_clear(case, outcome.error, what)
        elif np.isfinite(outcome.numbers).all():
            # Right only if it is the limit: an infinite input has a finite answer for a sigmoid.
            changed[place] = np.sign(odd) * 1e300
            limit = call(case, put(given, {name: changed}))
            finite = limit.error is None and not np.isnan(odd)
            right = finite and np.allclose(limit.numbers, outcome.numbers, rtol=1e-6)
            assert right, f"{case}, {what}: gives finite numbers, as if nothing were wrong"


def test_nothing_is_refused_or_right(case, given):
    empty = {name: array[:0] for name, array in arrays(given).items()}
    for changed in [empty, *({name: array} for name, array in empty.items())]:
        outcome, what = call(case, put(given, changed)), f"nothing for {', '.join(changed)}"
        if outcome.error is not None:
            assert_clear(case, outcome.error, what)
        else:
            assert np.isfinite(outcome.numbers).all(), f"{case}, {what}: not finite"


@pytest.mark.parametrize("dtype", ["uint8", "int8", "bool", "int64"])
def test_integers_and_booleans_are_refused_or_count_as_numbers(case, given, dtype, rng):
    found = arrays(given)
    low, high = {
        "uint8": (0, 256),
        "int8": (-128, 128),
        "bool": (0, 2),
        "int64": (-(2**40), 2**40),  # a square is beyond 64 bits
    }[dtype]
    for limits in [(low, high), (0, 2)]:
        drawn = {
            name: array if is_labels(array) else rng.integers(*limits, array.shape)
            for name, array in found.items()
        }
        drawn = {name: array for name, array in drawn.items() if array.min(initial=0) >= low}
        drawn = {name: array for name, array in drawn.items() if found[name].dtype != bool}
        for names in [[*drawn], *([name] for name in drawn)]:
            what = f"{', '.join(names)} of {dtype} from {limits[0]} to {limits[1] - 1}"
            found_narrow = call(
                case, put(given, drawn | {name: drawn[name].astype(dtype) for name in names})
            )
            if found_narrow.error is not None:
                assert_clear(case, found_narrow.error, what)
                continue
            right = call(case, put(given, {n: array.astype(float) for n, array in drawn.items()}))
            if right.error is not None:  # whole numbers may be asked for
                right = call(case, put(given, drawn))
            assert right.error is None, f"{case}, {what}: 64 bits say {right.error!r}"
            assert len(right.numbers) == len(found_narrow.numbers), f"{case}, {what}"
            np.testing.assert_allclose(
                found_narrow.numbers, right.numbers, rtol=1e-9, atol=1e-9, err_msg=f"{case}, {what}"
            )


def test_labels_of_another_kind_are_refused(case, given):
    for name, array in arrays(given).items():
        if not is_labels(array):
            continue
        for wrong in (2 * array + 1, np.where(array == array.max(), 2, array), array + 0.5):
            outcome = call(case, put(given, {name: wrong}))
            what = f"{name} of {np.unique(wrong)} for {np.unique(array)}"
            assert outcome.error is not None, f"{case}, {what}: taken without a word"
            assert_clear(case, outcome.error, what)


def test_unequal_lengths_are_refused(case, given):
    found = arrays(given)
    for name, array in found.items():
        partners = [n for n, a in found.items() if n != name and a.shape[:1] == array.shape[:1]]
        for length in {1, len(array) - 1} - {len(array)}:
            outcome, what = call(case, put(given, {name: array[:length]})), f"{name}[:{length}]"
            if outcome.error is not None:
                assert_clear(case, outcome.error, what)
            else:
                assert not partners, f"{case}, {what}: taken beside {partners} as they were"


def test_a_column_too_few_is_refused_or_makes_a_smaller_problem(case, given):
    found = {name: array for name, array in arrays(given).items() if array.ndim > 1}
    for name, array in found.items():
        outcome = call(case, put(given, {name: array[..., :-1]}))
        what = f"{name} with a column too few"
        if outcome.error is not None:
            assert_clear(case, outcome.error, what)
        else:
            partners = [n for n, a in found.items() if n != name and a.shape[-1] == array.shape[-1]]
            assert not partners, f"{case}, {what}: taken beside {partners} as they were"


def test_the_functions_are_found():
    names = {str(case) for case in CASES}
    assert {"history/perceptron: Perceptron.fit", "history/svm: smo"} <= names
    assert len(CASES) >= 60
