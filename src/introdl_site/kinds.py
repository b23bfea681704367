"""What kind of page a page is: the one place that knows it from where its source lies."""

from __future__ import annotations

import re
from enum import StrEnum

BIBLIOGRAPHY = "reference/bibliography.md"
GLOSSARY = "reference/glossary.md"
#: The folder of the code's documentation, and its list of all names.
API = "reference/api"
API_INDEX = f"{API}/index.md"


class Kind(StrEnum):
    """The kinds of page; a template finds its own in `page.meta.kind`."""

    EXAMPLE = "example"
    API = "api"
    REFERENCE = "reference"
    PAGE = "page"


def kind_of(place: str) -> Kind:
    """The kind of the page whose source has this place among the site's documents.

    Examples:
        >>> kind_of("examples/history/xor.ipynb").value, kind_of("history/xor.md").value
        ('example', 'page')
    """
    if place.startswith("examples/") and place.endswith(".ipynb"):
        return Kind.EXAMPLE
    if documented(place):
        return Kind.API
    return Kind.REFERENCE if place.startswith("reference/") else Kind.PAGE


def documented(place: str) -> str | None:
    """The lesson, like `history/xor`, whose code a page documents; None for any other page."""
    match = re.fullmatch(rf"{API}/([^/]+/[^/]+)\.md", place)
    return match[1] if match else None
