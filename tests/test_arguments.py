"""`takes` guards a function of a module: what it converts, what it refuses, and in which words."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import ModuleType

import numpy as np
import pytest

from introdl.arguments import fits_64_bits, takes

CODE = """
class Line:
    def __init__(self, w):
        self.w = w
    def at(self, X):
        return X @ self.w

def same(X, y=None, *more):
    return X

def rows(X):
    yield from X
"""


@pytest.fixture
def module() -> Iterator[ModuleType]:
    made = ModuleType("guarded_for_a_test")
    sys.modules[made.__name__] = made
    exec(CODE, made.__dict__)
    yield made
    del sys.modules[made.__name__]


@pytest.mark.parametrize(
    ("text", "given", "dtype"),
    [
        ("(N,)", np.array([1, 2], dtype=np.uint8), float),
        ("(N,)", [True, False], float),
        ("(N,) of any numbers", np.array([np.nan, np.inf]), float),
        ("(N,) of -1 and +1", np.array([-1, 1], dtype=np.int8), float),
        ("(N,) of 0 and 1", [1.0, 0.0], np.int64),
        ("(N,) of 0 and 1", [True, False], np.int64),
        ("(N,) of Booleans", [0, 1], bool),
        ("(N,) of integers", np.array([3], dtype=np.uint8), np.int64),
        ("(N,) of integers or floats", np.array([3], dtype=np.int8), np.int64),
        ("(N,) of integers or floats", np.array([3], dtype=np.float32), float),
        ("(N,) in [0, 1]", [0, 1, 0.5], float),
        ("(N,)", [], float),
        ("(...)", np.zeros((2, 3, 4)), float),
        ("(..., N, 3)", np.zeros((5, 2, 3)), float),
        ("(1, N)", np.zeros((1, 2)), float),
    ],
)
def test_what_fits_is_converted(module: ModuleType, text: str, given: object, dtype: type) -> None:
    takes(module.same, {"X": text})
    found = module.same(given)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, np.asarray(given))


@pytest.mark.parametrize(
    ("text", "given", "message"),
    [
        ("(N, D)", np.zeros(3), r"same\(\): X has shape \(3,\), expected \(N, D\)"),
        ("(N, N)", np.zeros((2, 3)), r"X has shape \(2, 3\), expected \(N, N\)"),
        ("(1, N)", np.zeros((2, 3)), r"X has shape \(2, 3\), expected \(1, N\)"),
        ("(..., N, D)", np.zeros(3), r"X has shape \(3,\), expected \(\.\.\., N, D\)"),
        ("()", np.zeros(1), r"X has shape \(1,\), expected \(\)"),
        ("()", float("nan"), "X holds a value that is not finite"),
        ("(N,)", [1.0, np.inf], "X holds a value that is not finite"),
        ("(N,), not empty", [], r"X is empty, shape \(0,\)"),
        ("(N,) of -1 and +1", [0, 1], r"X must be of -1 and \+1, got \[0 1\]"),
        ("(N,) of 0 and 1", [0, 2], r"X must be of 0 and 1, got \[0 2\]"),
        ("(N,) of Booleans", [0, 2], r"X must be of Booleans, got \[0 2\]"),
        ("(N,) of integers", [1.0], "X must be of integers, got float64"),
        ("(N,) in [0, 1]", [0, 16], r"X must lie in \[0, 1\], got 0 to 16"),
        ("(N,) in [0, 1]", [-1, 0], r"X must lie in \[0, 1\], got -1 to 0"),
        ("(N,) of integers", np.array([2**63], np.uint64), "beyond 64 bits"),
    ],
)
def test_what_does_not_fit_is_refused(
    module: ModuleType, text: str, given: object, message: str
) -> None:
    takes(module.same, {"X": text})
    with pytest.raises(ValueError, match=message):
        module.same(given)


@pytest.mark.parametrize("given", ["abc", None, [1 + 2j], [object()]])
def test_what_is_no_number_is_a_type_error(module: ModuleType, given: object) -> None:
    takes(module.same, {"X": "(N,)"})
    with pytest.raises(TypeError, match=r"same\(\): X is no array of numbers but "):
        module.same(given)


def test_a_letter_is_one_size(module: ModuleType) -> None:
    takes(module.same, {"X": "(N, D)", "y": "(N,)", "more": "(D,)"})
    module.same(np.zeros((2, 3)), np.zeros(2), np.zeros(3), np.zeros(3))
    with pytest.raises(ValueError, match=r"y has shape \(3,\), expected \(N,\) with N = 2"):
        module.same(np.zeros((2, 3)), np.zeros(3))
    with pytest.raises(ValueError, match=r"more has shape \(2,\), expected \(D,\) with D = 3"):
        module.same(np.zeros((2, 3)), np.zeros(2), np.zeros(3), np.zeros(2))


def test_a_method_is_checked_against_what_its_object_holds(module: ModuleType) -> None:
    takes(module.Line.at, {"self.w": "(D,)", "X": "(N, D)"})
    assert module.Line(np.ones(2)).at(np.ones((3, 2), dtype=np.uint8)).tolist() == [2, 2, 2]
    with pytest.raises(ValueError, match=r"Line.at\(\): X has shape .* with D = 2"):
        module.Line(np.ones(2)).at(np.ones((3, 3)))
    with pytest.raises(ValueError, match=r"Line.at\(\): self.w holds a value that is not finite"):
        module.Line(np.array([np.nan, 1])).at(np.ones((3, 2)))


def test_a_generator_refuses_when_it_is_called(module: ModuleType) -> None:
    takes(module.rows, {"X": "(N,)"})
    assert [*module.rows([1, 2])] == [1.0, 2.0]
    with pytest.raises(ValueError, match="not finite"):
        module.rows([np.nan])


def test_what_a_shape_does_not_tell_is_asked_with_all_arguments(module: ModuleType) -> None:
    def refuse(X: np.ndarray, y: object, more: tuple[object, ...]) -> None:
        raise ValueError(f"{X.dtype}, {y}, {more}")

    takes(module.same, {"X": "(N,)"}, also=refuse)
    with pytest.raises(ValueError, match=r"float64, None, \(\)"):
        module.same([1])


def test_a_pages_block_is_guarded_though_it_is_no_module() -> None:
    page = {"takes": takes}
    exec(CODE + "\ntakes(same, {'X': '(N,)'})\ntakes(Line.at, {'X': '(N, D)'})", page)
    with pytest.raises(ValueError, match=r"same\(\): X has shape"):
        page["same"](1)
    with pytest.raises(ValueError, match=r"Line.at\(\): X has shape"):
        page["Line"](1).at(1)


@pytest.mark.parametrize("text", ["N, D", "(N, D) of numbers", "(N) not empty"])
def test_a_description_that_cannot_be_read_is_refused_at_once(
    module: ModuleType, text: str
) -> None:
    with pytest.raises(ValueError, match=r"takes\(same\): X: .* is no shape followed by one of"):
        takes(module.same, {"X": text})


def test_the_guarded_function_keeps_its_name_and_its_words(module: ModuleType) -> None:
    plain: Callable[..., object] = module.same
    takes(plain, {"X": "(N,)"})
    assert module.same is not plain
    assert (module.same.__name__, module.same.__wrapped__) == ("same", plain)


def test_whole_numbers_beyond_64_bits_are_refused() -> None:
    fits_64_bits("f", 2.0**62)
    with pytest.raises(OverflowError, match=r"f\(\): whole numbers up to 9.2e\+18 would outgrow"):
        fits_64_bits("f", 2.0**63)
