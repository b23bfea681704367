"""Read source files as Python does."""

from __future__ import annotations

from pathlib import Path


def read(path: Path) -> str:
    """The text of a file, without the byte-order mark that some editors put before it."""
    return path.read_text(encoding="utf-8-sig")


def lines(text: str) -> list[str]:
    r"""The lines of a text with their ends, as Python counts them: only a line feed ends one.

    `str.splitlines` also parts them at form feeds and at Unicode's separators.

    Examples:
        >>> lines("a\fb\nc")
        ['a\x0cb\n', 'c']
    """
    *ended, last = text.split("\n")
    return [*(f"{line}\n" for line in ended), *([last] if last else [])]


def scripts(folder: Path) -> list[Path]:
    """Every Python file below a folder, without what is hidden: locks, backups, checkpoints."""
    return sorted(
        path
        for path in folder.rglob("*.py")
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and path.is_file()
    )
