"""Put each example into the site: its page, its downloads and its figures."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import markdown
import nbformat
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from introdl_site.examples import notebooks
from introdl_site.examples.notebooks import ExamplePage
from introdl_site.pages.blocks import BlockError
from introdl_site.problems import Problem
from introdl_site.project import Example, ExampleError
from introdl_site.remembered import remembered
from introdl_site.repository import Repository
from introdl_site.running import cache
from introdl_site.running.run import Run
from introdl_site.sources import read


class Shelf:
    """The examples' places in the site; `pages` has what was made of each, by its source."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[Example, ExamplePage]] = {}
        self._made: dict[str, tuple[Any, ExamplePage, str, bytes]] = {}
        self._settings = b""

    def fill(
        self,
        examples: list[Example],
        runs: Mapping[str, Run],
        repository: Repository | None,
        files: Files,
        config: MkDocsConfig,
    ) -> list[Problem]:
        """Add the files of every example, executed or not yet; return what is wrong with them."""
        md = markdown.Markdown(
            extensions=config.markdown_extensions, extension_configs=config.mdx_configs or {}
        )
        self._settings = Path(config.config_file_path).read_bytes()
        self.pages = {}
        problems: list[Problem] = []
        for example in examples:
            try:
                page, taken, shown = self._made_of(example, runs.get(example.name), repository, md)
            except ExampleError as error:
                problems += error.problems
            except BlockError as error:
                line = error.line(read(example.path))
                problems.append(Problem(example.label, line, str(error)))
            else:
                problems += page.problems
                taken = repository.dated(taken) if repository else taken
                self._add(example, page, (taken, shown), files, config)
        return problems

    def _made_of(
        self,
        example: Example,
        run: Run | None,
        repository: Repository | None,
        md: markdown.Markdown,
    ) -> tuple[ExamplePage, str, bytes]:
        """An example's page, its download and its notebook; as they were if nothing has changed."""
        script = example.path.read_bytes()
        state = (script, id(run))
        if example.name not in self._made or self._made[example.name][0] != state:
            undated = repository and repository.undated()
            make = functools.partial(_make, example, run, undated, md)
            if run is None:  # its modules may change before it has run
                made = make()
            else:
                path = example.project.cache / "shelf" / f"{example.name}.pickle"
                of = (script, cache.digest(example), undated, self._settings)
                made = remembered(path, of, make)
            self._made[example.name] = (state, *made)
        return self._made[example.name][1:]

    def _add(
        self,
        example: Example,
        page: ExamplePage,
        made: tuple[str, bytes],
        files: Files,
        config: MkDocsConfig,
    ) -> None:
        taken, shown = made
        folder, stem = f"examples/{example.name}", Path(example.name).name
        src_uri = f"{folder}.ipynb"
        place = example.project.cache / "pages"
        cache.write(place / src_uri, shown)
        self.pages[src_uri] = (example, page)
        files.append(File(src_uri, str(place), config.site_dir, config.use_directory_urls))
        # mkdocs-jupyter takes what lies in a file for a page; content alone is a plain download.
        files.append(File.generated(config, f"{folder}/{stem}.ipynb", content=taken))
        script = example.path.read_bytes()
        files.append(File.generated(config, f"{folder}/{stem}.py", content=script))


def _make(
    example: Example, run: Run | None, repository: Repository | None, md: markdown.Markdown
) -> tuple[ExamplePage, str, bytes]:
    notebook, places = example.read()
    notebook = run.notebook if run else notebook
    page = notebooks.page(example, notebook, [place[0] for place in places], md)
    used = run.paths if run else {}
    page.problems += notebooks.unknown(example, used)
    taken = nbformat.writes(notebooks.download(example, notebook, repository, used))
    return page, taken, nbformat.writes(page.notebook).encode()
