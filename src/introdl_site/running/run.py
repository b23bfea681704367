"""The record of one run of an example: what the cache keeps and every later stage reads."""

from __future__ import annotations

from dataclasses import dataclass, field

from nbformat import NotebookNode


@dataclass(frozen=True)
class Run:
    """What came of running an example.

    Attributes:
        notebook: The executed notebook.
        seconds: Wall time, the kernel's start included.
        paths: Fingerprint of every file and folder of the project that the example used, as it
            was before the run; keys are relative to the root.
        versions: Version of Python and of each package of the course's that was imported.
        handed: Digest of what it kept for others and of what it got from them, by full name.
    """

    notebook: NotebookNode
    seconds: float
    paths: dict[str, str | None]
    versions: dict[str, str]
    handed: dict[str, str] = field(default_factory=dict)
