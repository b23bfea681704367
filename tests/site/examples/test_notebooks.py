"""The notebook that a reader takes runs where they are: it installs what its imports need."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import numpy as np
import pytest
from nbformat import NotebookNode

from introdl import show
from introdl_site import dependencies
from introdl_site.examples import notebooks
from introdl_site.project import Project
from introdl_site.publishing.kinds import PREFIX
from introdl_site.repository import Repository

if TYPE_CHECKING:
    from ..conftest import Course

ROOT = Path(__file__).parents[3]
EXAMPLES = Project(ROOT).examples()
REPOSITORY = Repository("https://example.org/owner/name", "0" * 40)


def modules_of(name: str) -> list[Path]:
    """The files that an import of one of the course's own modules runs."""
    place = ROOT / "src" / name.replace(".", "/")
    found = [place.with_suffix(".py"), place / "__init__.py", place.parent / "__init__.py"]
    found += place.parent.glob(f"_{place.name}.py")  # a kind of output, imported when asked for
    return [path for path in found if path.is_file()]


def everything_imported(path: Path) -> tuple[set[str], set[str]]:
    """The modules of others that a script needs, and the files of the course that it runs."""
    waiting, files, others = [path], {path}, set()
    while waiting:
        for name in dependencies.imports(waiting.pop().read_text(encoding="utf-8")):
            if name.split(".")[0] != "introdl":
                others.add(name.split(".")[0])
                continue
            for file in modules_of(name):
                if file not in files:
                    files.add(file)
                    waiting.append(file)
    return others - sys.stdlib_module_names, {file.relative_to(ROOT).as_posix() for file in files}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_the_install_line_has_what_the_imports_need(example) -> None:
    needed, files = everything_imported(example.path)
    notebook = notebooks.download(example, example.read()[0], REPOSITORY, files)
    [install] = [cell.source for cell in notebook.cells if cell.id == "install"]
    packages = re.search(r"%pip install --quiet ([\w -]+)$", install, re.MULTILINE)[1].split()
    provided = {module for package in packages for module in dependencies.declared()[package]}
    assert needed - {"introdl_site", "pytest"} <= provided
    assert notebooks.unknown(example, files) == []


def test_the_list_is_that_of_pyproject() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = [re.match(r"[\w.-]+", line)[0] for line in project["dependencies"]]
    assert list(dependencies.declared()) == sorted(names)
    assert dependencies.declared()["scikit-learn"] == ("sklearn",)
    assert dependencies.declared()["pillow"] == ("PIL",)


def test_a_module_of_no_package_in_the_list_is_named(course: Course) -> None:
    example = course.example(text="# %% [markdown]\n# # T\n\n# %%\nimport pandas.io\nimport json\n")
    [problem] = notebooks.unknown(example, [])
    assert str(problem).startswith("examples/part/lesson.py:5: imports pandas, which a reader may")
    assert "'dependencies' in pyproject.toml" in str(problem)


def taken(course: Course, text: str, repository: Repository | None = None) -> NotebookNode:
    example = course.example(text=text)
    return notebooks.download(example, example.read()[0], repository)


def test_what_must_run_first_is_said_first(course: Course) -> None:
    text = "# %% [markdown]\n# # T\n\n# %%\nfrom introdl import handed\n"
    asking = text + 'handed.get("vision/cnn/net")\n'
    for repository in (None, REPOSITORY):
        first = taken(course, asking, repository).cells[1].source
        assert first.startswith("# First run cnn.ipynb (vision/cnn): this notebook goes on with")
        assert ("%pip" in first) == (repository is not None)
    source = taken(course, text).cells[1].source
    ast.parse(source)
    assert "os.environ[\"INTRODL_LESSON\"] = 'part/lesson'" in source
    assert [cell.id for cell in taken(course, "# %% [markdown]\n# # T\n").cells] != ["install"]


def test_what_the_website_alone_reads_is_not_taken_along(course: Course) -> None:
    example = course.example()
    notebook, _ = example.read()
    grey = np.zeros((8, 8))
    shown = [
        show.picture(grey, alt="Black."),
        show.sound(np.zeros(8000), rate=8000, transcript="Nothing."),
        show.animation([grey, grey], labels="ab", alt="Black."),
    ]
    notebook.cells[1].outputs = [
        nbformat.v4.new_output("display_data", thing._repr_mimebundle_()) for thing in shown
    ]
    made = notebooks.download(example, notebook, None)
    nbformat.validate(made)
    assert PREFIX in nbformat.writes(notebook)
    assert PREFIX not in nbformat.writes(made)
    picture, sound, animation = (output.data for output in made.cells[1].outputs)
    assert set(picture) == {"image/png", "text/plain"}
    assert 'src="data:audio/wav;base64,' in sound["text/html"]
    assert animation["text/html"].count("<img") == 2
