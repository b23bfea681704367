"""The whole build, on a course of one lesson: right, and broken in each way that must be told."""

from __future__ import annotations

import errno
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from mkdocs.exceptions import Abort

from introdl_site.plugin import IntrodlPlugin
from introdl_site.repository import STAND_IN
from introdl_site.running.cache import hold

if TYPE_CHECKING:
    from .conftest import Course

CONFIG = """\
site_name: Small
site_url: !ENV [SITE_URL, ""]
theme: {name: material, font: false}
not_in_nav: "/examples/\n/reference/api/*/"
plugins:
  - introdl
  - mkdocs-jupyter: {execute: false, include: ["*.ipynb"], cache_dir: .cache/mkdocs-jupyter}
markdown_extensions:
  - admonition
  - md_in_html
  - toc: {permalink: true}
  - pymdownx.arithmatex: {generic: true}
  - pymdownx.highlight: {pygments_lang_class: true}
  - pymdownx.snippets: {base_path: [.cache/snippets], check_paths: true}
  - pymdownx.superfences
  - introdl_site.pages.extension
validation: {links: {not_found: info, anchors: info, unrecognized_links: info}}
"""
BIB = "@book{one1943, author={One, Ann}, title={First}, publisher={P}, year={1943}}\n"
PAGE = """\
---
description: A page of a small course, to see what the build says of it.
---
# The page

It follows [@one1943] that $x^2$ is large.

--8<-- "outputs/part/lesson/line.md"

It said
--8<-- "outputs/part/lesson/number.n.txt"
.

```python
--8<-- "code/part/lesson/double.py"


print("doubled:", double(4))
```
"""
CODE = '''\
"""A module of one function."""


def double(x: int) -> int:
    r"""Compute $2 x$, of [the page](../../../part/lesson.md)."""
    return 2 * x
'''
EXAMPLE = """\
# %% [markdown]
# # The example
#
# A paragraph on $y$, of [the page](../../part/lesson.md).

# %%
from introdl import plot
from introdl.show import values

# %% name="line"
fig, ax = plot.subplots()
ax.plot([0, 1])
plot.figure(fig, alt="A rising line.", caption="It rises.")

# %% name="number"
values(n=7)
"""


# The course's own `introdl` has no plot; its example imports the real one, of this checkout.
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")}


@pytest.fixture
def small(course: Course) -> Course:
    course.write("mkdocs.yml", CONFIG)
    course.write("docs/reference/bibliography.bib", BIB)
    course.write("docs/reference/glossary.toml", "")
    course.write(
        "docs/reference/bibliography.md",
        "---\ndescription: All the sources.\n---\n# Sources\n\n<!-- introdl:bibliography -->\n",
    )
    course.write("docs/reference/glossary.md", "---\ndescription: All terms.\n---\n# Glossary\n")
    course.write("docs/index.md", "---\ndescription: Home.\n---\n# Home\n\n[x](part/lesson.md)\n")
    course.write("docs/part/lesson.md", PAGE)
    course.write("src/introdl/part/__init__.py", "")
    course.write("src/introdl/part/lesson.py", CODE)
    course.example(text=EXAMPLE)
    return course


def build(course: Course, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict"],
        cwd=course.root,
        env=ENVIRONMENT | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=240,
    )


def edit(course: Course, path: str, old: str, new: str) -> None:
    file = course.root / path
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_a_right_course_is_built_whole(small: Course) -> None:
    done = build(small)
    assert done.returncode == 0, done.stdout
    page = (small.root / "site/part/lesson/index.html").read_text()
    assert "It said 7." in re.sub(r"\s+", " ", page)
    assert "<math" in page
    assert "double" in page
    assert 'alt="A rising line."' in page
    box = page.partition('class="dl-output"')[2] or page.partition("class=dl-output")[2]
    assert "doubled: 8" in box
    assert "examples/part/lesson/line.light.svg" in page
    example = small.root / "site/examples/part/lesson"
    text = (example / "index.html").read_text()
    assert "../../../part/lesson/" in text
    assert "<math" in text
    assert len(text) < 60_000
    for name in ("lesson.py", "lesson.ipynb", "line.light.svg", "line.dark.svg"):
        assert (example / name).is_file()
    assert (small.root / "site/assets/fonts/math.woff2").is_file()


def test_a_site_under_a_path_is_right_too(small: Course) -> None:
    done = build(
        small,
        SITE_URL="https://owner.github.io/name/",
        GITHUB_SERVER_URL="https://github.com",
        GITHUB_REPOSITORY="owner/name",
    )
    assert done.returncode == 0, done.stdout
    assert "/name/part/lesson/" in (small.root / "site/404.html").read_text()


def test_a_commit_alone_renders_nothing_anew_and_stands_in_every_address(small: Course) -> None:
    git = ["git", "-C", str(small.root), "-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run([*git, "init", "--quiet"], check=True)
    code = "src/introdl/part/lesson.py"
    edit(small, "docs/part/lesson.md", "It follows", f'<a href="source:/{code}">It</a> follows')
    kept, commits = [], []
    for _ in range(2):
        command = ["commit", "--quiet", "--allow-empty", "--no-gpg-sign", "-m."]
        subprocess.run([*git, *command], check=True)
        head = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, check=True)
        commits.append(head.stdout.decode().strip())
        done = build(small, GITHUB_SERVER_URL="https://github.com", GITHUB_REPOSITORY="owner/name")
        assert done.returncode == 0, done.stdout
        cache = small.root / ".cache"
        files = [*(cache / "rendered").rglob("*.pickle"), *(cache / "shelf").rglob("*.pickle")]
        assert len(files) > 4
        # The bibliography, which every page can change, is rendered each time.
        files = [file for file in files if file.name != "bibliography.md.pickle"]
        kept.append({file: file.stat().st_mtime_ns for file in files})
        site = small.root / "site"
        texts = {
            p.relative_to(site).as_posix(): p.read_bytes().decode("utf-8", "replace")
            for p in site.rglob("*")
            if p.is_file()
        }
        assert [name for name, text in texts.items() if STAND_IN[:12] in text] == []
        page, taken = texts["part/lesson/index.html"], texts["examples/part/lesson/lesson.ipynb"]
        assert f"owner/name/blob/{commits[-1][:12]}/{code}" in page
        assert f"owner/name@{commits[-1]}" in taken
    assert commits[0] != commits[1]
    assert kept[0] == kept[1]


def test_two_builds_with_empty_caches_are_equal_byte_for_byte(
    small: Course, tmp_path_factory: pytest.TempPathFactory
) -> None:
    trees = []
    for _ in range(2):
        done = build(small, INTRODL_CACHE=str(tmp_path_factory.mktemp("cache")))
        assert done.returncode == 0, done.stdout
        site = small.root / "site"
        files = [p for p in site.rglob("*") if p.is_file() and "sitemap" not in p.name]
        trees.append({p.relative_to(site): p.read_bytes() for p in files})
    differ = [str(p) for p in trees[0] | trees[1] if trees[0].get(p) != trees[1].get(p)]
    assert differ == []


@pytest.mark.parametrize(
    ("path", "old", "new", "message"),
    [
        (
            "examples/part/lesson.py",
            "values(n=7)",
            "values(n=7 / 0)",
            "examples/part/lesson.py:16: cell 'number' raised ZeroDivisionError: division by zero",
        ),
        (
            "docs/part/lesson.md",
            "lesson/line.md",
            "lesson/lime.md",
            "docs/part/lesson.md:8: no snippet 'outputs/part/lesson/lime.md'; in that place "
            "there are: line.md, number.md, number.n.txt",
        ),
        (
            "docs/part/lesson.md",
            "lesson/double.py",
            "lesson/triple.py",
            "docs/part/lesson.md:15: no snippet 'code/part/lesson/triple.py'",
        ),
        (
            "docs/part/lesson.md",
            "double(4))",
            "double(4) / 0)",
            "docs/part/lesson.md:18: this block raised ZeroDivisionError: division by zero",
        ),
        (
            "docs/part/lesson.md",
            "double(4))\n```",
            "double(4))",
            "docs/part/lesson.md:14: this fence is never closed: end it by ```",
        ),
        (
            "examples/part/lesson.py",
            '# %% name="line"',
            '# %% [markdown]\n# ## Line\n\n# %% name="line"',
            "examples/part/lesson.py:13: cell 'line' has the anchor of a heading or a note, too",
        ),
        ("docs/part/lesson.md", "@one1943", "@onne1943", "docs/part/lesson.md:6: "),
        ("docs/part/lesson.md", "$x^2$", r"$\nosuch{x}$", "docs/part/lesson.md:6: "),
        (
            "docs/part/lesson.md",
            "\n```python",
            "\nAs [@two1950] says.\n\n```python",
            "docs/part/lesson.md:14: unknown citation key 'two1950'",
        ),
        (
            "docs/part/lesson.md",
            "@one1943",
            "@One1943",
            "docs/part/lesson.md:6: unknown citation key 'One1943'",
        ),
        (
            "examples/part/lesson.py",
            "A paragraph",
            "A paragraph [@one1943]",
            "examples/part/lesson.py:4: [@one1943] stands as it is: a citation belongs",
        ),
        (
            "docs/part/lesson.md",
            "is large.",
            r"is large, $\frac{1}{2}$." + "\n\n" + r"And $\frac{1}{2$.",
            "docs/part/lesson.md:8: LaTeX that MathML cannot show",
        ),
        (
            "docs/part/lesson.md",
            '--8<-- "outputs/part/lesson/line.md"',
            "--8<--\noutputs/part/lesson/line.md\n--8<--",
            "docs/part/lesson.md:8: name the snippet on the same line",
        ),
        (
            "examples/part/lesson.py",
            'plot.figure(fig, alt="A rising line.", caption="It rises.")',
            "fig",
            "examples/part/lesson.py:10: cell 'line' shows <Figure size",
        ),
        (
            "docs/part/lesson.md",
            "is large",
            "[is](gone.md) large",
            "docs/part/lesson.md:6: dead link: 'gone.md' is not in the site",
        ),
        (
            "docs/part/lesson.md",
            "is large",
            "[is](../index.md#gone) large",
            "docs/part/lesson.md:6: dead link: index.html has no anchor #gone",
        ),
        (
            "examples/part/lesson.py",
            "../../part/lesson.md",
            "../../part/gone.md",
            "examples/part/lesson.py:4: dead link: there is no '../../part/gone.md'",
        ),
        (
            "examples/part/lesson.py",
            'plot.figure(fig, alt="A rising line.", caption="It rises.")',
            "import matplotlib.pyplot as plt\n_ = plt.figure().gca().plot([1])\n"
            "from IPython.display import SVG\nSVG(plot._to_svg(fig))",
            "examples/part/lesson.py:10: cell 'line' shows a figure without alt text",
        ),
        (
            "docs/part/lesson.md",
            "is large",
            "is\n\n/// quiz | Large?\n- [ ] yes\n- [ ] no\n\nSo.\n///\n",
            "docs/part/lesson.md:8: quiz 'Large?' ",
        ),
        (
            "docs/part/lesson.md",
            "is large",
            "is\n\n```text\nnever closed\n\nand large",
            "docs/part/lesson.md:8: this fence is not closed before line 19; end it with ```",
        ),
        (
            "docs/part/lesson.md",
            "is large",
            'is\n\n=== "NumPy"\n\nand large',
            "docs/part/lesson.md:8: this tab is empty; indent what belongs into it by 4 spaces",
        ),
        (
            "docs/part/lesson.md",
            "is large",
            "is\n\n/// move | run\n    label: A run\n    data: run.json\n\nStill.\n///\n",
            "docs/part/lesson.md:8: move 'run' is never mounted: there is no docs/part/lesson.js",
        ),
        (
            "docs/part/lesson.md",
            "---\n# The page",
            "question: Why?\nneeds: []\n---\n# The page",
            "docs/part/lesson.md:21: 0 exercises; give at least three",
        ),
        (
            "docs/part/lesson.md",
            "to see what",
            'to see "what"',
            'docs/part/lesson.md:1: a " in the description would end it',
        ),
        (
            "docs/part/lesson.md",
            "description: A page of a small course, to see what the build says of it.\n",
            "",
            "docs/part/lesson.md:1: no description",
        ),
    ],
    ids=[
        "raise",
        "output",
        "code",
        "block",
        "fence",
        "anchor-of-a-heading",
        "citation",
        "latex",
        "citation-below-a-number",
        "citation-capital",
        "citation-in-an-example",
        "latex-that-begins-as-another",
        "include-block",
        "object",
        "link",
        "anchor",
        "example-link",
        "alt",
        "quiz",
        "fence",
        "tab",
        "move",
        "second-edition",
        "quote",
        "description",
    ],
)
def test_what_is_wrong_fails_the_build_and_is_named(
    small: Course, path: str, old: str, new: str, message: str
) -> None:
    edit(small, path, old, new)
    done = build(small)
    assert done.returncode != 0
    assert message in done.stdout
    assert "The site was not built: " in done.stdout


def test_a_build_waits_for_another_that_writes_to_its_folder(small: Course) -> None:
    guard = hold(small.project, small.root / "site")
    second = subprocess.Popen(
        [sys.executable, "-m", "mkdocs", "build", "--strict"],
        cwd=small.root,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert second.stdout is not None
        assert any("Another build is writing to" in line for line in second.stdout)
        assert second.poll() is None
        assert not (small.root / "site").exists()
    finally:
        guard.release()
    said, _ = second.communicate(timeout=120)
    assert second.returncode == 0, said
    assert (small.root / "site/part/lesson/index.html").is_file()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS])
def test_a_disk_that_takes_no_more_is_one_clear_line(code: int) -> None:
    error = OSError(code, os.strerror(code), "site/index.html")
    with pytest.raises(Abort, match=f"^error: cannot write site/index.html: {os.strerror(code)}$"):
        IntrodlPlugin().on_build_error(error=error)
    IntrodlPlugin().on_build_error(error=OSError(errno.EINVAL, "other"))  # is left to MkDocs


def test_a_page_that_the_nav_lacks_is_named_with_the_way_out(small: Course) -> None:
    small.write("mkdocs.yml", CONFIG + "nav: [index.md, reference/bibliography.md]\n")
    small.write("docs/new.md", "---\ndescription: A page.\n---\n# New\n")
    done = build(small)
    assert done.returncode != 0
    assert "mkdocs.yml: the nav lacks this page: add '- new.md' in its place" in done.stdout


@pytest.fixture
def documented(small: Course) -> Course:
    """A course without examples whose code is documented."""
    (small.root / "examples/part/lesson.py").unlink()
    text = re.sub("^--8<-- .*line.*$|^It said.*\n.*\n.*$", "", PAGE, flags=re.MULTILINE)
    small.write("docs/part/lesson.md", text)
    small.write("docs/part/index.md", "---\ndescription: A part.\n---\n# The part\n")
    small.write(
        "docs/reference/api/index.md",
        "---\ndescription: All the code.\n---\n# API\n\n<!-- introdl:api -->\n",
    )
    plugin = "  - mkdocstrings: {handlers: {python: {paths: [src]}}}\n"
    edit(small, "mkdocs.yml", "markdown_extensions:", f"{plugin}markdown_extensions:")
    small.write("src/introdl/__init__.py", "")
    return small


def test_the_code_of_each_lesson_has_a_page_and_is_listed(documented: Course) -> None:
    done = build(documented)
    assert done.returncode == 0, done.stdout
    site = documented.root / "site/reference/api"
    page = (site / "part/lesson/index.html").read_text()
    assert "API: The page" in page
    assert re.search('id="?introdl.part.lesson.double', page)
    assert re.search('href="?../../../../part/lesson/', page)
    listed = (site / "index.html").read_text()
    assert "The part" in listed
    assert re.search('href="?part/lesson/#introdl.part.lesson.double"?><code>double', listed)


def test_a_part_that_is_no_package_is_named(documented: Course) -> None:
    (documented.root / "src/introdl/part/__init__.py").unlink()
    done = build(documented)
    assert done.returncode != 0
    assert "src/introdl/part/__init__.py: is missing: a part is a package, so add it" in done.stdout
    assert "Traceback" not in done.stdout


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("$2 x$", r"$\nosuch{x}$", "src/introdl/part/lesson.py:5: "),
        (
            "lesson.md",
            "gone.md",
            "src/introdl/part/lesson.py:5: dead link: '../../../part/gone.md'",
        ),
        ("return 2", "return 2 *", "src/introdl/part/lesson.py:6: "),
        ('    r"""', "    #", "src/introdl/part/lesson.py:4: double has no docstring: say what"),
    ],
    ids=["latex", "link", "syntax", "no-docstring"],
)
def test_a_mistake_in_the_code_is_named(
    documented: Course, old: str, new: str, message: str
) -> None:
    edit(documented, "src/introdl/part/lesson.py", old, new)
    done = build(documented)
    assert done.returncode != 0
    assert message in done.stdout


def test_a_failed_example_leaves_no_old_output_that_looks_new(small: Course) -> None:
    assert build(small).returncode == 0
    edit(small, "examples/part/lesson.py", "values(n=7)", "values(n=8 / 0)")
    assert build(small).returncode != 0
    edit(small, "examples/part/lesson.py", "values(n=8 / 0)", "values(n=9)")
    assert build(small).returncode == 0
    page = (small.root / "site/part/lesson/index.html").read_text()
    assert "It said 9." in re.sub(r"\s+", " ", page)


@contextmanager
def serving(course: Course, port: int) -> Iterator[subprocess.Popen[str]]:
    with (course.root / "log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "mkdocs", "serve", "--dev-addr", f"127.0.0.1:{port}"],
            cwd=course.root,
            env=ENVIRONMENT,
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            yield server
        finally:
            server.terminate()
            server.wait(timeout=30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(course: Course, address: str, text: str, seconds: float = 90) -> str:
    end = time.monotonic() + seconds
    page = ""
    while time.monotonic() < end:
        with suppress(OSError), urllib.request.urlopen(address) as reply:
            page = re.sub(r"\s+", " ", reply.read().decode())
            if text in page:
                return page
        time.sleep(0.2)
    pytest.fail(f"{text!r} never came; the server said:\n{(course.root / 'log').read_text()}")


def wait_for_log(course: Course, text: str, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while text not in (course.root / "log").read_text():
        assert time.monotonic() < end, (course.root / "log").read_text()
        time.sleep(0.2)


def test_a_preview_comes_at_once_and_fills_in(small: Course) -> None:
    edit(small, "examples/part/lesson.py", "values(n=7)", "import time\ntime.sleep(4)\nvalues(n=7)")
    port = free_port()
    address = f"http://127.0.0.1:{port}/part/lesson/"
    with serving(small, port):
        first = wait_for(small, address, "Being computed by")
        assert "examples/part/lesson.py is running" in first
        notebook = f"http://127.0.0.1:{port}/examples/part/lesson/"
        waiting = wait_for(small, notebook, "examples/part/lesson.py is running")
        assert "sleep" in waiting
        assert "jp-Cell" not in waiting
        wait_for(small, address, "It said 7.")
        assert "is running" not in wait_for(small, notebook, "jp-Cell")
        edit(small, "docs/part/lesson.md", "is large", "is huge")
        wait_for(small, address, "is huge")
        edit(small, "examples/part/lesson.py", "values(n=7)", "values(n=1 / 0)")
        wait_for(small, address, "raised ZeroDivisionError")
        assert "raised ZeroDivisionError" in wait_for(small, notebook, "lesson.py failed")
        edit(small, "examples/part/lesson.py", "time.sleep(4)\nvalues(n=1 / 0)", "values(n=5)")
        wait_for(small, address, "It said 5.")


def test_a_preview_outlives_what_is_mended(small: Course) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}/part/lesson/"
    with serving(small, port):
        wait_for(small, address, "It said 7.")
        for folder in ("examples/part", "src/introdl/part"):
            (small.root / folder / ".#lesson.py").symlink_to("someone@somewhere.1")
        edit(small, "examples/part/lesson.py", "values(n=7)", "values(n=8)  # a\fb")
        wait_for_log(small, "U+000C")
        edit(small, "examples/part/lesson.py", "  # a\fb", "")
        wait_for(small, address, "It said 8.")
        edit(small, "docs/index.md", "# Home", "# House")
        wait_for(small, f"http://127.0.0.1:{port}/", "House<")
        sources = wait_for(small, f"http://127.0.0.1:{port}/reference/bibliography/", "Sources")
        assert "Cited on" in sources, "a page that is not written again still cites"


def test_a_second_build_renders_no_page_again_and_gives_the_same_site(small: Course) -> None:
    def files() -> dict[str, bytes]:
        site = small.root / "site"
        kept = (path for path in site.rglob("*") if path.is_file() and path.suffix != ".gz")
        return {path.relative_to(site).as_posix(): path.read_bytes() for path in kept}

    assert build(small).returncode == 0
    first = files()
    assert build(small).returncode == 0
    assert files() == first
    kept = small.root / ".cache/rendered/part/lesson.md.pickle"
    kept.write_bytes(kept.read_bytes().replace(b"is large", b"is LARGE"))
    assert build(small).returncode == 0
    assert b"is LARGE" in files()["part/lesson/index.html"]
    edit(small, "docs/part/lesson.md", "is large", "is huge")
    assert build(small).returncode == 0
    assert b"is huge" in files()["part/lesson/index.html"]


def test_documentation_is_rendered_once_and_found_by_later_builds(documented: Course) -> None:
    site = documented.root / "site"
    assert build(documented).returncode == 0
    shared = [site / "objects.inv", site / "assets/_mkdocstrings.css"]
    before = [path.read_bytes() for path in shared]
    kept = documented.root / ".cache/rendered/reference/api/part/lesson.md.pickle"
    kept.write_bytes(kept.read_bytes().replace(b"Compute", b"COMPUTE"))
    edit(documented, "docs/index.md", "[x](part/lesson.md)", "[x][introdl.part.lesson.double]")
    done = build(documented)
    assert done.returncode == 0, done.stdout
    assert b"COMPUTE" in (site / "reference/api/part/lesson/index.html").read_bytes()
    assert [path.read_bytes() for path in shared] == before
    assert (
        "reference/api/part/lesson/#introdl.part.lesson.double" in (site / "index.html").read_text()
    )
    edit(documented, "src/introdl/part/lesson.py", "Compute", "Give")
    assert build(documented).returncode == 0
    assert b"Give" in (site / "reference/api/part/lesson/index.html").read_bytes()


def test_a_preview_shows_what_blocks_show_and_why_one_fails(small: Course) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}/part/lesson/"
    with serving(small, port):
        first = wait_for(small, address, "docs/part/lesson.md is running")
        assert "doubled:" not in re.sub("<[^>]+>", "", first.partition("lesson.md is running")[2])
        # The example may run still.
        assert "docs/part/lesson.md is running" not in wait_for(small, address, "doubled: 8")
        edit(small, "docs/part/lesson.md", "is large", "is huge")
        wait_for(small, address, "is huge")
        edit(small, "docs/part/lesson.md", "double(4))", "double(4) / 0)")
        failed = wait_for(small, address, "docs/part/lesson.md failed")
        assert "docs/part/lesson.md:18: this block raised ZeroDivisionError" in failed
        edit(small, "docs/part/lesson.md", "double(4) / 0)", "double(5))")
        wait_for(small, address, "doubled: 10")
    log = (small.root / "log").read_text()
    assert len(re.findall(r"docs/part/lesson\.md: \d", log)) == 2, "a prose edit runs nothing"
    assert re.search(r"WARNING .*docs/part/lesson\.md:18: this block raised ZeroDivision", log)


def test_a_port_in_use_is_one_clear_line(small: Course) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with serving(small, port) as server:
            assert server.wait(timeout=60) != 0
    said = Path(small.root, "log").read_text().strip().splitlines()
    assert said[-1].startswith(f"error: cannot serve at 127.0.0.1:{port}: ")
    assert f"make serve PORT={port + 1}" in said[-1]
    assert not any("Traceback" in line for line in said)


def test_what_an_example_publishes_is_in_the_site_until_nothing_makes_it(small: Course) -> None:
    source = str(Path(__file__).resolve().parents[2] / "src")
    making = EXAMPLE + (
        '\n# %% name="seen"\nimport numpy as np\n\nfrom introdl import handed, show\n\n'
        'show.data("run", [1, 2])\nhanded.keep("net", w=[1.0])\n'
        'show.picture(np.zeros((8, 8)), alt="Black.")\n'
    )
    small.example(text=making)
    page = PAGE + '\n--8<-- "outputs/part/lesson/seen.md"\n'
    code = 'from introdl import handed\n\nprint(handed.get("part/lesson/net")["w"])'
    asking = f"\n```python\n{code}\n```\n"
    small.write("docs/part/lesson.md", page + asking)
    built = build(small, PYTHONPATH=source)
    assert built.returncode == 0, built.stdout
    place = small.root / "site/examples/part/lesson"
    assert (place / "run.json").read_text() == "[1,2]"
    assert (place / "seen.png").read_bytes().startswith(b"\x89PNG")
    html = (small.root / "site/part/lesson/index.html").read_text()
    assert "../../examples/part/lesson/seen.png" in html
    assert "[1.]" in html
    assert "outputs.css" not in html, "one stylesheet holds all"

    small.example(text=EXAMPLE)
    small.write("docs/part/lesson.md", PAGE)
    assert build(small, PYTHONPATH=source).returncode == 0
    assert not (place / "run.json").exists()
    assert not (place / "seen.png").exists()
