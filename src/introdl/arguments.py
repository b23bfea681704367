"""Check what a function takes, beside its code: what a page shows of it is the idea alone."""

import functools
import inspect
import re
from collections.abc import Callable
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np

#: A shape, what the entries are, and whether there must be any: "(N, D) of 0 and 1, not empty".
_SPEC = re.compile(r"\((?P<shape>.*?)\)(?: (?P<kind>.*?))?(?P<filled>, not empty)?")
#: What each kind of entry is converted to; `any numbers` alone may be infinite or no number.
_DTYPES: dict[str | None, type | None] = {
    None: float,
    "of any numbers": float,
    "of -1 and +1": float,
    "in [0, 1]": float,
    "of 0 and 1": np.int64,
    "of integers": np.int64,
    "of integers or floats": None,
    "of Booleans": bool,
}
_ALLOWED = {"of -1 and +1": (-1, 1), "of 0 and 1": (0, 1), "of Booleans": (0, 1)}


def takes(
    function: Callable[..., Any],
    arguments: dict[str, str],
    also: Callable[..., None] | None = None,
) -> None:
    """Let a function of a module, or a method of a class there, check and convert its arguments.

    Call it once, below the function. Integers and Booleans become float64, or int64 where whole
    numbers are asked for, so that no sum wraps at 127 or 255; what is neither is refused.

    Args:
        function: What to guard; its name in the module, or page, is bound to the guarded one.
        arguments: By name, what each takes: `"(N, D)"`, `"(..., K)"`, `"()"` for one number; then
            `of any numbers`, `of -1 and +1`, `in [0, 1]`, `of 0 and 1`, `of integers`,
            `of integers or floats`, `of Booleans` or nothing for finite numbers; then
            `, not empty`. A letter stands for the same size everywhere. `"self.w"` checks what
            belongs to an argument; it is not converted.
        also: Called with all arguments by name, to refuse what a shape does not tell.

    Raises:
        ValueError: If a description cannot be read. The guarded function raises it, or a
            TypeError, if an argument does not fit.
    """
    checks = [_Check.read(function.__qualname__, *item) for item in arguments.items()]
    signature = inspect.signature(function)
    variadic = {n for n, p in signature.parameters.items() if p.kind is p.VAR_POSITIONAL}

    @functools.wraps(function)
    def guarded(*positional: Any, **named: Any) -> Any:
        bound = signature.bind(*positional, **named)
        bound.apply_defaults()
        given, sizes = bound.arguments, {}
        for check in checks:
            argument, _, rest = check.name.partition(".")
            if argument in variadic:
                given[argument] = tuple(check.fit(value, sizes) for value in given[argument])
            elif rest:
                check.fit(attrgetter(rest)(given[argument]), sizes)
            else:
                given[argument] = check.fit(given[argument], sizes)
        if also is not None:
            also(**given)
        return function(*bound.args, **bound.kwargs)

    # Where the names of a page's block stand is no module that could be asked for.
    home = inspect.unwrap(function).__globals__
    *path, last = function.__qualname__.split(".")
    if path:
        setattr(functools.reduce(getattr, path[1:], home[path[0]]), last, guarded)
    else:
        home[last] = guarded


def fits_64_bits(function: str, bound: float) -> None:
    """Refuse a computation in whole numbers that may pass 64 bits, where they wrap in silence.

    Raises:
        OverflowError: If `bound`, the largest magnitude that can occur, does not fit.
    """
    if bound >= 2.0**63:
        raise OverflowError(f"{function}(): whole numbers up to {bound:.2g} would outgrow 64 bits")


class _Check(NamedTuple):
    """What one argument takes."""

    title: str
    name: str
    shape: list[str]
    kind: str | None
    filled: bool

    @classmethod
    def read(cls, function: str, name: str, text: str) -> "_Check":
        found = _SPEC.fullmatch(text)
        if found is None or found["kind"] not in _DTYPES:
            kinds = ", ".join(filter(None, _DTYPES))
            raise ValueError(
                f"takes({function}): {name}: {text!r} is no shape followed by one of: {kinds}"
            )
        shape = re.findall(r"[^\s,]+", found["shape"])
        return cls(f"{function}(): {name}", name, shape, found["kind"], bool(found["filled"]))

    def fit(self, value: Any, sizes: dict[str, int]) -> Any:
        """Check a value, note its sizes, and return it in the type of its kind."""
        array = np.asarray(value)
        if array.dtype.kind not in "biuf":
            raise TypeError(f"{self.title} is no array of numbers but {value!r:.60}")
        self._fit_shape(array.shape, sizes)
        if self.filled and not array.size:
            raise ValueError(f"{self.title} is empty, shape {array.shape}")
        self._fit_values(array)
        dtype = _DTYPES[self.kind] or (float if array.dtype.kind == "f" else np.int64)
        return array.astype(dtype, copy=False) if self.shape else value

    def _fit_shape(self, got: tuple[int, ...], sizes: dict[str, int]) -> None:
        axes, letters = got, self.shape
        if letters[:1] == ["..."]:
            letters = letters[1:]
            axes = axes[max(0, len(axes) - len(letters)) :]
        known = {s: sizes.get(s, int(s) if s.isdigit() else n) for s, n in zip(letters, axes)}  # noqa: B905 - lengths are compared next
        if list(axes) != [known.get(s) for s in letters]:
            wanted = f"({', '.join(self.shape)}{',' * (len(self.shape) == 1)})"
            where = ", ".join(f"{s} = {sizes[s]}" for s in letters if s in sizes)
            raise ValueError(
                f"{self.title} has shape {got}, expected {wanted}" + f" with {where}" * bool(where)
            )
        sizes |= known

    def _fit_values(self, array: np.ndarray) -> None:
        if self.kind != "of any numbers" and not np.isfinite(array).all():
            raise ValueError(f"{self.title} holds a value that is not finite")
        allowed = _ALLOWED.get(self.kind or "")
        if allowed and not np.isin(array, allowed).all():
            values = np.unique(array)
            raise ValueError(f"{self.title} must be {self.kind}, got {str(values)[:60]}")
        if self.kind == "of integers" and array.dtype.kind == "f":
            raise ValueError(f"{self.title} must be {self.kind}, got {array.dtype}")
        if self.kind == "in [0, 1]" and array.size and not 0 <= array.min() <= array.max() <= 1:
            raise ValueError(
                f"{self.title} must lie {self.kind}, got {array.min():g} to {array.max():g}"
            )
        if array.dtype == np.uint64 and array.max(initial=0) >= 2**63:
            raise ValueError(f"{self.title} holds a number beyond 64 bits with a sign")
