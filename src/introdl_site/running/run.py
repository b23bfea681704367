"""The record of one run of an example: what the cache keeps and every later stage reads."""

from __future__ import annotations

from dataclasses import dataclass

from nbformat import NotebookNode

#: The packages whose version decides what an example prints.
PACKAGES = ["numpy", "torch", "matplotlib", "scipy", "scikit-learn"]


@dataclass(frozen=True)
class Run:
    """What came of running an example.

    Attributes:
        notebook: The executed notebook.
        seconds: Wall time, the kernel's start included.
        paths: Fingerprint of every file and folder of the project that the example used, as it
            was before the run; keys are relative to the root.
        versions: Version of Python and of each of `PACKAGES` that was imported.
    """

    notebook: NotebookNode
    seconds: float
    paths: dict[str, str | None]
    versions: dict[str, str]
