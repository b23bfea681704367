"""The files that a site has as they are: a preview links those that it serves already."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from mkdocs.structure.files import File, Files


class Copies:
    """What each file of the last site was made of.

    A link is made to the last site's copy, never to a source: what is written later into a site
    changes no source.
    """

    def __init__(self) -> None:
        self._made: dict[str, object] = {}

    def attach(self, files: Files, served: Path | None) -> None:
        """Have files linked from the site in `served`, where they are what they were."""
        for file in files:
            if not file.is_documentation_page():
                file.copy_file = self._copying(file, served)  # type: ignore[assignment, method-assign]

    def _copying(self, file: File, served: Path | None) -> Callable[[bool], None]:
        copy = file.copy_file

        def copying(dirty: bool = False) -> None:
            source, place = _source(file), file.dest_uri
            if served is not None and self._made.get(place) == source:
                Path(file.abs_dest_path).parent.mkdir(parents=True, exist_ok=True)
                try:
                    os.link(served / place, file.abs_dest_path)
                    return
                except OSError:  # no such file, or a disk that links nothing
                    pass
            copy(dirty)
            self._made[place] = source

        return copying


def _source(file: File) -> object:
    """What a file is made of: its content, or a source as it is now."""
    if file.abs_src_path is None:
        return file.content_bytes
    found = Path(file.abs_src_path).stat()
    return file.abs_src_path, found.st_mtime_ns, found.st_size
