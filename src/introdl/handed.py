"""Hand a trained net or a prepared set on, from one example to a later one.

The machine that builds the site runs the example that keeps before the one that gets, and runs the
second again when what the first kept changes. Under plain Python both use a folder of the user's
cache, so the first must be run once, by hand.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path

import numpy as np
import platformdirs
from numpy.typing import ArrayLike, NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

__all__ = ["get", "keep"]

LIMIT = 20_000_000

#: What was asked for in this process, for the machine, which must know it beforehand.
asked: set[str] = set()

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_FULL = re.compile(r"([a-z][a-z0-9_]*)/([a-z][a-z0-9_]*)/([a-z][a-z0-9_]*)")


def keep(name: str, **arrays: ArrayLike) -> None:
    """Keep arrays under a name for later examples. A statement; it shows nothing.

    Args:
        name: A name of its own in this example, such as `net`.
        **arrays: Numbers or Booleans of any shape, each by its name; 20 MB in all.

    Raises:
        ValueError: If the name is none, there is no array, one is not of numbers, all take more
            than 20 MB, or it is not an example that calls.
    """
    place = f"keep({name!r})"
    if not _NAME.fullmatch(name):
        raise ValueError(f"{place}: the name is not lower_case_with_underscores")
    if not arrays:
        raise ValueError(f"{place}: no array is given; pass each by its name: W=W")
    kept = {}
    for key, given in arrays.items():
        array = np.asarray(given)
        if array.dtype.kind not in "biuf" or array.dtype.itemsize > 8:
            raise ValueError(f"{place}: {key} is {array.dtype}; pass arrays of numbers")
        kept[key] = np.ascontiguousarray(array).reshape(array.shape)
    content = save(kept)
    if len(content) > LIMIT:
        size = f"{len(content) / 1e6:.1f} MB"
        raise ValueError(f"{place}: {size} are more than {LIMIT / 1e6:.0f} MB; keep less")
    folder = os.environ.get("INTRODL_KEPT")
    lesson = _lesson(place, str(sys._getframe(1).f_globals.get("__file__", "")))
    _write((Path(folder) if folder else _folder()) / f"{lesson}/{name}.safetensors", content)


def get(name: str) -> dict[str, NDArray[np.generic]]:
    """The arrays that an earlier example kept.

    Args:
        name: The part, the lesson and the name, such as `vision/cnn/net`. The machine reads it
            in the source, so write it in quotes.

    Returns:
        Each array by its name, of the type in which it was kept.

    Raises:
        ValueError: If the name has another form.
        FileNotFoundError: If nothing is kept by that name; the message says what to run first.
    """
    found = _FULL.fullmatch(name)
    if found is None:
        raise ValueError(f"get({name!r}): write part/lesson/name, such as 'vision/cnn/net'")
    asked.add(name)
    path = _folder() / f"{name}.safetensors"
    part, lesson, _ = found.groups()
    try:
        return dict(load_file(path))
    except FileNotFoundError:
        first = f"python examples/{part}/{lesson}.py, or its notebook {lesson}.ipynb"
        message = f"get({name!r}): it is not there yet; run this first: {first}"
        raise FileNotFoundError(message) from None
    except SafetensorError as error:
        raise ValueError(f"get({name!r}): {path} is damaged ({error}); delete it") from None


def _folder() -> Path:
    """Where what was kept lies."""
    place = os.environ.get("INTRODL_HANDED")
    return Path(place) if place else platformdirs.user_cache_path("introdl") / "handed"


def _lesson(place: str, script: str) -> str:
    """The lesson whose example calls, like `vision/cnn`."""
    if lesson := os.environ.get("INTRODL_LESSON"):
        return lesson
    path = Path(script).resolve()
    if not script or path.parent.parent.name != "examples":
        message = "run the example as examples/<part>/<lesson>.py"
        raise ValueError(f"{place}: {message}, or set INTRODL_LESSON to <part>/<lesson>")
    return f"{path.parent.name}/{path.stem}"


def _write(path: Path, content: bytes) -> None:
    """Put a file in place whole, so that nobody reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, half = tempfile.mkstemp(dir=path.parent, prefix=".half-")
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    Path(half).replace(path)
