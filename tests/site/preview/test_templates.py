"""A preview fills a page's template in again only where something that it reads has changed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from jinja2 import DictLoader, Environment
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File
from mkdocs.structure.nav import Navigation, Section
from mkdocs.structure.pages import Page

from introdl_site.preview.templates import Templates


@pytest.fixture
def made(tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "mkdocs.yml").write_text("site_name: x\n")
    (tmp_path / "docs").mkdir()
    (tmp_path / "theme").mkdir()
    (tmp_path / "theme/main.html").write_text("x")
    config = MkDocsConfig(config_file_path=str(tmp_path / "mkdocs.yml"))
    config.load_dict({"site_name": "x", "theme": {"name": None, "custom_dir": "theme"}})
    assert config.validate() == ([], [])
    file = File("a/b.md", str(tmp_path), str(tmp_path), True)
    page = Page("Title", file, config)
    page.content, page.meta = "<p>text</p>", {"kind": "page"}
    nav = Navigation([Section("Part", [page])], [page])
    said = "{{ tick() }} {{ page.content }} {{ nav.items[0].title }} {{ page.meta.kind }}"
    count = iter(range(100))
    env = Environment(
        loader=DictLoader(
            {
                "base.html": said,
                "main.html": "{% extends 'base.html' %}",
                "404.html": "{{ tick() }}",
            }
        )
    )
    env.globals["tick"] = lambda: next(count)
    return {"config": config, "env": env, "page": page, "nav": nav, "folder": tmp_path}


def filled(templates: Templates, made: dict[str, Any], name: str = "main.html") -> str:
    env = made["env"].overlay()
    templates.attach(env, made["config"])
    context = {"page": made["page"], "nav": made["nav"]} if name == "main.html" else {}
    return str(env.get_template(name).render(context))


def test_what_has_not_changed_is_as_it_was(made: dict[str, Any]) -> None:
    templates = Templates()
    assert filled(templates, made) == "0 <p>text</p> Part page"
    made["nav"] = Navigation(made["nav"].items, made["nav"].pages)  # as each build makes it anew
    assert filled(templates, made) == "0 <p>text</p> Part page"
    assert [filled(templates, made, "404.html") for _ in range(2)] == ["1", "2"]


@pytest.mark.parametrize("what", ["content", "meta", "nav", "next", "theme", "config"])
def test_each_thing_that_a_template_reads_counts(made: dict[str, Any], what: str) -> None:
    templates = Templates()
    filled(templates, made)
    page = made["page"]
    if what == "content":
        page.content = "<p>other</p>"
    elif what == "meta":
        page.meta = {"kind": "other"}
    elif what == "nav":
        made["nav"] = Navigation([Section("New", [page])], [page])
    elif what == "next":
        page.next_page = page
    elif what == "theme":
        (made["folder"] / "theme/main.html").write_text("another")
        os.utime(made["folder"] / "theme/main.html", ns=(1, 1))
    else:
        (made["folder"] / "mkdocs.yml").write_text("site_name: y\n")
    assert filled(templates, made).startswith("1 ")
