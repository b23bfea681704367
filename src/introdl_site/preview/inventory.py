"""What mkdocstrings notes of a page that it renders: where each documented name stands."""

from __future__ import annotations

from typing import Any, NamedTuple

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.pages import Page


class Entry(NamedTuple):
    """One name: its place as mkdocstrings' inventory has it, and the title of links to it."""

    name: str
    domain: str
    role: str
    uri: str
    priority: int
    title: str | None


def noted(page: Page, config: MkDocsConfig) -> list[Entry]:
    """The names whose documentation a page, just rendered, has."""
    if "mkdocstrings" not in config.plugins:
        return []
    docs, links = _plugins(config)
    found = []
    for item in docs.handlers.inventory.values():
        if item.uri.startswith(f"{page.url}#"):
            # An alias, of priority 2, leads to a heading and has no title of its own.
            title = links.get_item_url(item.name)[1] if item.priority == 1 else None
            found.append(
                Entry(item.name, item.domain, item.role, item.uri, item.priority, title or None)
            )
    return found


def note(entries: list[Entry], page: Page, config: MkDocsConfig) -> None:
    """Note what rendering a page would have noted, so that links find it as before."""
    if not entries:
        return
    docs, links = _plugins(config)
    docs.get_handler("python")  # else mkdocstrings writes neither its inventory nor its style
    for entry in entries:
        anchor = entry.uri.partition("#")[2]
        links.register_anchor(
            page, entry.name, anchor, title=entry.title, primary=entry.priority == 1
        )
        docs.handlers.inventory.register(
            entry.name, entry.domain, entry.role, entry.uri, entry.priority
        )


def _plugins(config: MkDocsConfig) -> tuple[Any, Any]:
    """The plugin that documents code, and the one that finds where a name stands."""
    return config.plugins["mkdocstrings"], config.plugins["autorefs"]
