"""Links to the sources follow the checkout's public repository, and there are none without."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from introdl_site import repository

if TYPE_CHECKING:
    from .conftest import Course


@pytest.fixture
def checkout(course: Course, monkeypatch: pytest.MonkeyPatch) -> Course:
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    for command in (
        ["init", "--quiet"],
        [
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@b",
            "commit",
            "--quiet",
            "--allow-empty",
            "-m.",
            "--no-gpg-sign",
        ],
    ):
        subprocess.run(["git", "-C", str(course.root), *command], check=True)
    return course


@pytest.mark.parametrize(
    "remote",
    [
        "https://github.com/owner/name.git",
        "https://github.com/owner/name",
        "git@github.com:owner/name.git",
        "ssh://git@github.com/owner/name.git",
    ],
)
def test_the_remote_is_read_in_every_spelling(checkout: Course, remote: str) -> None:
    subprocess.run(["git", "-C", str(checkout.root), "remote", "add", "origin", remote], check=True)
    found = repository.find(checkout.root, None)
    assert found is not None
    assert found.url == "https://github.com/owner/name"
    assert len(found.commit) == 40
    assert found.source("src/a.py", "#L3") == f"{found.url}/blob/{found.commit[:12]}/src/a.py#L3"
    assert found.colab("examples/a/b/b.ipynb") == (
        "https://colab.research.google.com/github/owner/name/blob/gh-pages/examples/a/b/b.ipynb"
    )
    assert found.install() == f"introdl @ git+https://github.com/owner/name@{found.commit}"


def test_the_workflow_names_the_repository(
    checkout: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.com")
    monkeypatch.setenv("GITHUB_REPOSITORY", "owner/name")
    found = repository.find(checkout.root, None)
    assert found is not None
    assert found.url == "https://github.com/owner/name"


def test_a_local_checkout_belongs_to_none(checkout: Course) -> None:
    assert repository.find(checkout.root, None) is None
    command = ["git", "-C", str(checkout.root), "remote", "add", "origin", "/some/folder"]
    subprocess.run(command, check=True)
    assert repository.find(checkout.root, None) is None


def test_colab_reaches_github_alone() -> None:
    assert repository.Repository("https://codeberg.org/o/n", "c").colab("x") is None


def test_what_is_unpacked_inside_another_repository_does_not_belong_to_it(checkout: Course) -> None:
    url = "https://github.com/owner/other.git"
    subprocess.run(["git", "-C", str(checkout.root), "remote", "add", "origin", url], check=True)
    inside = checkout.write("unpacked/mkdocs.yml", "site_name: x\n").parent
    assert repository.find(inside, None) is None
    assert repository.find(checkout.root, None) is not None
