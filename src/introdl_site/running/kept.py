"""Where what examples hand on lies, and how it is told from what lay there before."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from introdl_site.project import Project, fingerprint


def folder(project: Project) -> Path:
    """Where what examples kept lies."""
    return project.cache.resolve() / "handed"


def digest(project: Project, name: str) -> str | None:
    """The digest of what is kept by a full name; None where nothing is."""
    return fingerprint(folder(project) / f"{name}.safetensors")


def current(project: Project, digests: Mapping[str, str]) -> bool:
    """Whether what was kept or got by these names is what now lies there."""
    return all(digest(project, name) == was for name, was in digests.items())
