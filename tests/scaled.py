"""A copy of the project with more lessons, to measure what the machine costs at full size.

    python tests/scaled.py COPY 84

Parts are made of the history part's quick lessons, page, example, module, exercise and widget, each
under a name of its own, so that nothing is shared with the first.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PART = "history"
# In the order of the nav.
LESSONS = ("timeline", "mcculloch_pitts", "perceptron", "adaline", "xor", "svm")
LONG = ("backpropagation", "deep_belief")  # what they are linked to, but is not copied
FOLDERS = ("docs", "examples", "src/introdl", "src/introdl/exercises")


def copy_tree(copy: Path) -> None:
    """Copy what git knows or would take, as it is in the working tree."""
    listing = ["git", "-C", str(ROOT), "ls-files", "-co", "--exclude-standard"]
    names = subprocess.run(listing, capture_output=True, text=True, check=True).stdout.splitlines()
    for name in names:
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)


def lessons(copy: Path) -> int:
    """How many lessons stand in a copy."""
    pages = (path for path in copy.glob("docs/*/*.md") if path.stem != "index")
    return sum(path.parent.name != "reference" for path in pages)


def grow(copy: Path, least: int) -> int:
    """Add parts to a copy until it has at least so many lessons; returns how many it has."""
    number, parts = 0, []
    while lessons(copy) < least:
        number += 1
        parts.append(f"again{number}")
        add_part(copy, parts[-1])
    nav = "".join(
        f"  - Again {part[5:]}:\n      - {part}/index.md\n"
        + "".join(f"      - {part}/{lesson}.md\n" for lesson in LESSONS)
        for part in parts
    )
    edit(copy / "mkdocs.yml", "  - Reference:\n", nav + "  - Reference:\n")
    layers = "".join(f'  "{part}",\n' for part in parts)
    edit(copy / "pyproject.toml", f'  "{PART}",\n', layers + f'  "{PART}",\n')
    return lessons(copy)


def add_part(copy: Path, part: str) -> None:
    """The files of one more part."""
    others = "(" + "|".join(LONG) + ")"
    for folder in FOLDERS:
        for path in sorted((copy / folder / PART).iterdir()):
            name = path.name.partition(".")[0]
            if name not in (*LESSONS, "index", "__init__", "events") or not path.is_file():
                continue
            text = re.sub(rf"\b{PART}(?=/({'|'.join(LESSONS)}))", part, path.read_text("utf-8"))
            text = text.replace(f"introdl.{PART}", f"introdl.{part}")
            text = re.sub(rf"\((?={others}\.md)", f"(../{PART}/", text)
            if name == "index":
                text = re.sub("^# .*", f"# Again {part[5:]}", text, flags=re.MULTILINE)
            target = copy / folder / part / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, "utf-8")


def edit(path: Path, old: str, new: str) -> None:
    """Replace what stands in a file once."""
    text = path.read_text("utf-8")
    if text.count(old) != 1:
        sys.exit(f"{path}: {old!r} stands there {text.count(old)} times, expected once")
    path.write_text(text.replace(old, new), "utf-8")


if __name__ == "__main__":
    target, wanted = Path(sys.argv[1]), int(sys.argv[2])
    if target.exists():
        sys.exit(f"{target} exists already: name a folder that does not")
    copy_tree(target)
    print(f"{grow(target, wanted)} lessons in {target}")
