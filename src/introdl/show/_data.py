"""Publish numbers and words for what a page lets its reader move."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from introdl.show._file import file


def data(name: str, value: object, *, digits: int = 6) -> None:
    """Publish `value` as `name.json`, for what the page lets its reader move.

    A statement.

    Args:
        name: The file's name without its ending.
        value: Numbers, text, lists, dictionaries and arrays, in one another.
        digits: Significant digits of floats.

    Raises:
        ValueError: If `value` holds a number that is not finite or something else that JSON
            lacks (the message says where), or takes more than 1 MB.

    Examples:
        >>> data("run", {"weights": np.zeros((2, 3)), "mistakes": 7})
    """
    plain = _plain(value, digits, f"data({name!r}): value")
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    try:
        file(f"{name}.json", text.encode(), "application/json")
    except ValueError as error:
        raise ValueError(f"data(): {error}") from None


def _plain(value: object, digits: int, place: str) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        if not np.isfinite(value):
            raise ValueError(f"{place} is {value}, which JSON lacks; leave it out, or use None")
        return float(f"{value:.{digits}g}")
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise ValueError(f"{place} has the key {key!r}; JSON's keys are text: str(key)")
        return {key: _plain(inner, digits, f"{place}[{key!r}]") for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner, digits, f"{place}[{i}]") for i, inner in enumerate(value)]
    kind = type(value).__name__
    raise ValueError(
        f"{place} is of type {kind}; pass numbers, text, lists, dictionaries or arrays"
    )
