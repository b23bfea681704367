"""The manuals of the course's own packages: English that comes with an installation."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

#: All under BSD licences, Matplotlib under its own, which is like Python's.
PACKAGES = ("numpy", "scipy", "sklearn", "matplotlib", "skimage")

_TEXT = re.compile(r'"""(.*?)"""', re.DOTALL)
_CODE = re.compile(r"^\s*(>>>|\.\.\.).*$", re.MULTILINE)


def manuals() -> list[str]:
    """Read the documentation strings of the installed NumPy, SciPy, scikit-learn and two more.

    Real English of one kind: what functions take and return. It is read from the installed files,
    so a new version of a package changes it a little. Lines of example code are cut out, and a
    string that came before is left out.

    Returns:
        One text per file of code that has any, in the order of the packages and of their files.

    Examples:
        >>> texts = manuals()
        >>> sum(len(text.split()) for text in texts) > 1_000_000
        True
    """
    texts, seen = [], set()
    for package in PACKAGES:
        for path in sorted(Path(str(files(package))).rglob("*.py")):
            if "tests" in path.parts:
                continue
            strings = _TEXT.findall(path.read_text(encoding="utf-8"))
            new = [s for s in dict.fromkeys(strings) if s not in seen]
            seen.update(new)
            if new:
                texts.append(_CODE.sub("", "\n\n".join(new)))
    return texts
