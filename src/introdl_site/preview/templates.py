"""What the theme's templates made of each page, so that a preview fills in only what is new."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.theme import Theme


class Templates:
    """The output of each page's template, under a digest of all that the template reads."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[bytes, str]] = {}
        self._navs: tuple[Any, bytes] = (None, b"")
        self._common = b""
        self._listed: dict[tuple[str, ...], list[str]] = {}

    def list_once(self, theme: Theme) -> None:
        """Have a theme's environment list the files of all folders but the first only once.

        MkDocs looks through them at every build, and Material has some ten thousand icons.
        """
        get_env = theme.get_env

        def listing() -> Environment:
            env = get_env()
            own, others = theme.dirs[:1], tuple(theme.dirs[1:])

            def templates() -> list[str]:
                if others not in self._listed:
                    found = FileSystemLoader(others).list_templates()
                    self._listed[others] = [name for name in found if not name.startswith(".")]
                return sorted({*FileSystemLoader(own).list_templates(), *self._listed[others]})

            if env.loader is not None:
                env.loader.list_templates = templates  # type: ignore[method-assign]
            return env

        theme.get_env = listing  # type: ignore[method-assign]

    def attach(self, env: Environment, config: MkDocsConfig) -> None:
        """Have an environment give templates that remember what they made."""
        digest = hashlib.sha256(Path(config.config_file_path).read_bytes())
        for path in sorted(path for folder in config.theme.dirs[:1] for path in _files(folder)):
            digest.update(f"{path} {path.stat().st_mtime_ns}".encode())
        self._common = digest.digest()
        find = env.get_template

        def remembering(name: str, *of_another: Any) -> Any:
            found = find(name, *of_another)
            return found if of_another else _Remembering(self, found)

        env.get_template = remembering  # type: ignore[method-assign,assignment]

    def fill(self, template: Any, context: dict[str, Any]) -> str:
        """What a template makes of a page; as it was where nothing that it reads has changed."""
        page = context.get("page")
        if not isinstance(page, Page):
            return str(template.render(context))
        key = self._key(template.name, page, context["nav"])
        known = self._made.get(page.url)
        if known is None or known[0] != key:
            known = self._made[page.url] = (key, str(template.render(context)))
        return known[1]

    def _key(self, template: str, page: Page, nav: Navigation) -> bytes:
        if self._navs[0] is not nav:  # one for each build
            self._navs = (nav, repr(list(_entries(nav.items))).encode())
        beside = [near and (near.url, near.title) for near in (page.previous_page, page.next_page)]
        above = [item.title for item in page.ancestors]
        read = (template, page.title, page.url, page.edit_url, page.canonical_url, beside, above)
        digest = hashlib.sha256(self._common + self._navs[1])
        digest.update(repr((read, sorted(page.meta.items()))).encode())
        digest.update((page.content or "").encode())
        return digest.digest()


class _Remembering:
    def __init__(self, templates: Templates, template: Any) -> None:
        self._templates = templates
        self._template = template

    def render(self, context: dict[str, Any]) -> str:
        return self._templates.fill(self._template, context)


def _files(folder: str) -> Iterator[Path]:
    return (path for path in Path(folder).rglob("*") if path.is_file())


def _entries(items: Any) -> Iterator[tuple[Any, ...]]:
    for item in items or ():
        yield item.title, getattr(item, "url", None)
        yield from _entries(item.children)
