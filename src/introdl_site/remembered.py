"""What is slow to make and seldom changes, kept under a digest of all that it is made of."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.metadata
import os
import pickle
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from introdl_site.sources import scripts

T = TypeVar("T")


def remembered(path: Path, made_of: Iterable[object], make: Callable[[], T]) -> T:
    """What `make` gives, or gave in this build or an earlier one.

    A cache that cannot be written to costs time and nothing else: what needs it says so.

    Args:
        path: The file that keeps it.
        made_of: All that it depends on, beside the versions of all that makes pages.
        make: Makes it anew.
    """
    digest = hashlib.sha256(machine().encode())
    for one in made_of:
        digest.update(one if isinstance(one, bytes) else repr(one).encode())
        digest.update(b"\0")
    key = digest.hexdigest()
    with contextlib.suppress(Exception):  # whatever a file of another version holds
        known, value = pickle.loads(path.read_bytes())
        if known == key:
            found: T = value
            return found
    made = make()
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".half-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                pickle.dump((key, made), file)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    return made


@functools.cache  # what was imported stays what it was
def machine() -> str:
    """A digest of all that makes pages: this package, and the versions of the others."""
    digest = hashlib.sha256()
    for path in scripts(Path(__file__).parent):
        digest.update(path.read_bytes())
    found = {f"{made.name} {made.version}" for made in importlib.metadata.distributions()}
    digest.update("\n".join(sorted(found)).encode())
    return digest.hexdigest()
