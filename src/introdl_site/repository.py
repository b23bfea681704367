"""Where the course is published, so that pages can link to their sources."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

#: Stands for the commit while pages are made, so that a commit alone renders none of them anew.
STAND_IN = "0commit0hash" + "0" * 28


@dataclass(frozen=True)
class Repository:
    """A public repository: `url` is like `https://github.com/owner/name`."""

    url: str
    commit: str

    def undated(self) -> Repository:
        """The same, with what stands for its commit until `dated` puts that in."""
        return replace(self, commit=STAND_IN)

    def dated(self, text: str) -> str:
        """A text with this commit in the place of what stood for it, whole or its first digits."""
        return text.replace(STAND_IN, self.commit).replace(STAND_IN[:12], self.commit[:12])

    def source(self, path: str, line: str = "") -> str:
        """Address of a file as it was when the site was built; `line` is like `#L12`.

        A page has a dozen of these: twelve digits of the commit lead to the same place.
        """
        return f"{self.url}/blob/{self.commit[:12]}/{path}{line}"

    def edit(self, path: str) -> str:
        """Address of the form that edits a file."""
        return f"{self.url}/edit/main/{path}"

    def colab(self, path: str) -> str | None:
        """Address that opens a published notebook in Colab; None where Colab cannot reach it."""
        match = re.fullmatch(r"https://github\.com/([\w.-]+/[\w.-]+)", self.url)
        if match is None:
            return None
        return f"https://colab.research.google.com/github/{match[1]}/blob/gh-pages/{path}"

    def install(self) -> str:
        """What pip is given to install the course's code as it was when the site was built.

        The whole hash: pip takes less for a branch's name, warns, and does not find what no branch
        holds any more.
        """
        return f"introdl @ git+{self.url}@{self.commit}"


def find(root: Path, configured: str | None) -> Repository | None:
    """The repository of a checkout: as configured, as the workflow says, or the git remote.

    Returns None where the checkout belongs to no public repository.
    """
    top = _git(root, "rev-parse", "--show-toplevel")
    if not top or Path(top).resolve() != root.resolve():
        return None  # what was unpacked inside another repository is no part of it
    commit = _git(root, "rev-parse", "HEAD")
    server, name = os.environ.get("GITHUB_SERVER_URL"), os.environ.get("GITHUB_REPOSITORY")
    remote = configured or (f"{server}/{name}" if server and name else "")
    remote = remote or _git(root, "remote", "get-url", "origin")
    match = re.fullmatch(
        r"(?:https://|ssh://git@|git@)([\w.-]+\.[a-z]+)[:/]([\w.-]+/[\w.-]+?)(?:\.git)?/?", remote
    )
    if match is None or not commit:
        return None
    return Repository(f"https://{match[1]}/{match[2]}", commit)


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()
