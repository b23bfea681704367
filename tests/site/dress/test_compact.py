"""A compacted page shows the same text, code and formulas."""

from __future__ import annotations

import re
from pathlib import Path

import material
from lxml import html

import introdl_site
from introdl_site.dress.compact import _TAGS, compact

THEME = Path(introdl_site.__file__).parent / "dress" / "theme"

PAGE = """<!doctype html><html lang="en"><head><title>T</title></head><body>
  <p>So <math><mi>ln</mi><mspace width="0.2em"/><mi>x</mi></math> and
     <math><mo>=</mo></math> hold.</p>
  <div class="language-python highlight"><pre><span></span><code><span class="k">def</span>
<span class="w"> </span><span class="nf">f</span><span class="p">():</span>
    <span class="k">return</span> <span class="mi">1</span>
</code></pre></div>
  <ul><li>one</li><li>two</li></ul></body></html>"""


def test_what_asked_for_markdown_goes() -> None:
    page = PAGE.replace("<ul>", '<figure class="a" markdown="1"><b>x markdown="1"</b></figure><ul>')
    assert "<figure class=a><b>x markdown" in compact(page)


def test_text_code_and_formulas_stay() -> None:
    short = compact(PAGE)
    assert len(short) < len(PAGE)
    assert '<math><mi>ln</mi><mspace width="0.2em"/><mi>x</mi></math>' in short
    before, after = html.fromstring(PAGE), html.fromstring(short)
    for query in ("//p", "//pre", "//li"):
        texts = [
            [" ".join(e.text_content().split()) for e in tree.xpath(query)]
            for tree in (before, after)
        ]
        assert texts[0] == texts[1]
    [code], [same] = before.xpath("//code"), after.xpath("//code")
    assert same.text_content() == code.text_content()
    assert "<b>def</b>" in short
    assert "<dfn>f</dfn>" in short
    assert "<i>1</i>" in short
    assert "<span" not in short


def test_a_script_that_never_runs_is_left_out_and_else_stays() -> None:
    script = Path(material.__file__).parent / "templates/partials/javascripts/palette.html"
    shown = PAGE + script.read_text(encoding="utf-8").partition("-#}")[2]
    toggle = '<input data-md-color-media="(prefers-color-scheme{}">'
    short = compact(shown + toggle.format(": dark)"))
    assert "palette.color.media" not in short
    assert "document.body.setAttribute" in short
    assert "palette.color.media" in compact(shown + toggle.format(")"))


MENU = """<li class="md-nav__item md-nav__item--pruned md-nav__item--nested">
    <a href="../" class="md-nav__link">

  <span class="md-ellipsis">
    Part one
  </span>
        <span class="md-nav__icon md-icon"></span>
    </a></li>
<li class="md-tabs__item"><a href="../" class="md-tabs__link">
          Part one
        </a></li>
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0"/></svg>
<script>var tabs=__md_get("__tabs");x()</script>
<script>var target=document.getElementById(location.hash.slice(1));y()</script>
<script id="__config" type="application/json">{"a": ["b", "\\u003c/script\\u003e"]}</script>"""


def test_a_menu_costs_a_page_little() -> None:
    short = compact(MENU)
    assert '<li class="md-nav__item dl-part"><a class=md-nav__link href=../>Part one' in short
    assert "<li class=md-tabs__item><a class=md-tabs__link href=../>Part one</a>" in short
    assert "md-nav__icon" not in short
    assert "xmlns" not in short
    assert '{"a":["b","<\\/script>"]}' in short
    assert "__tabs" not in short
    assert "location.hash" not in short
    assert "__tabs" in compact(f'{MENU}<div class="tabbed-set"></div>')


def test_every_short_tag_has_a_colour_of_its_own() -> None:
    css = (THEME / "assets/site.css").read_text(encoding="utf-8")
    found = re.findall(r"\.highlight (\w+) \{\s*color: var\((--md-code-hl-[\w-]+)\)", css)
    assert sorted(tag for tag, _ in found) == sorted(_TAGS)
    assert len({colour for _, colour in found}) == len(_TAGS)
