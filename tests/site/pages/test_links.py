"""In a preview, which checks no built site, a link to no page is named with its line."""

from __future__ import annotations

from mkdocs.structure.files import File, Files

from introdl_site.pages.links import dead
from introdl_site.pages.outline import outline

PAGE = """\
---
description: x
---
# A

[there](b.md#x) and [up](../index.md)

```text
[no link](gone.md)
```

[gone](gone.md), [far](https://h.example/x.md), ![](c.svg) and [up](../other/gone.md#a)
"""


def test_links_that_lead_to_no_page_are_named() -> None:
    files = Files([File(place, "docs", "site", True) for place in ("part/b.md", "index.md")])
    assert list(dead(outline(PAGE), "part/a.md", files)) == [
        (12, "dead link: there is no docs/part/gone.md"),
        (12, "dead link: there is no docs/other/gone.md"),
    ]
