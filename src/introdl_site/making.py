"""The making of one page: what happens to it between its source and its place in the site."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import get_toc
from mkdocs.utils import get_relative_url

from introdl_site.build import Build
from introdl_site.dress import search
from introdl_site.dress.percent import percent
from introdl_site.examples import slim
from introdl_site.kinds import API_INDEX, BIBLIOGRAPHY, GLOSSARY, Kind, documented, kind_of
from introdl_site.mathematics import mathml
from introdl_site.pages import (
    addresses,
    api,
    course,
    edition,
    executed,
    exercise,
    includes,
    links,
    move,
    needs,
    paths,
    roles,
    slides,
    titles,
)
from introdl_site.pages.blocks import BlockError
from introdl_site.pages.outline import outline
from introdl_site.preview.texts import Cited
from introdl_site.problems import Problem, line_of
from introdl_site.running import run
from introdl_site.sources import read

Render = Callable[[MkDocsConfig, Files], None]


def guard(build: Build, page: Page) -> None:
    """Have a page rendered only where it must be, and name the line of a block that fails."""
    render = page.render

    def guarded(config: MkDocsConfig, files: Files) -> None:
        if _known(build, page):
            return
        if _unread(build, page):
            page.content, page.toc = "", get_toc([])  # one cause, one message
            return
        try:
            render(config, files)
        except BlockError as error:
            line = error.line(page.file.content_string)
            build.unread.append(Problem(build.label(page), line, str(error)))
            page.content, page.toc = "", get_toc([])

    page.render = guarded  # type: ignore[method-assign]


def _unread(build: Build, page: Page) -> bool:
    return any(problem.path == build.label(page) for problem in build.unread)


def _known(build: Build, page: Page) -> bool:
    """Show a page as it was; in a preview also an example that waits."""
    found = build.shelf.pages.get(page.file.src_uri)
    if build.preview and found and found[0].name not in build.runs:
        example, made = found
        notice = f"</h1>\n{build.preview.waiting(example)}"
        page.content, page.toc = made.html.replace("</h1>", notice, 1), get_toc([])
        return True
    if known := build.memory.recall(page):
        build.problems += known.problems
        build.characters |= known.characters
        return True
    return False


def markdown(build: Build, text: str, page: Page, files: Files) -> str:
    """What Markdown renders of a page: as it was, where nothing that it is made of has changed."""
    page.meta["kind"] = kind_of(page.file.src_uri)
    if page.meta["kind"] == Kind.EXAMPLE:
        return text
    key = build.text_key(page, files)
    known = build.memory.texts.recall(page, key)
    if known is not None:
        build.problems += known.problems
    else:
        unread = len(build.unread)
        write = functools.partial(_written, build, text, page, files)
        known = build.memory.texts.keep(page, key, write, build.problems)
        # What is made of other files, waits for a run, or cannot be read is written every time.
        waits = any(found.example in build.pending for found in includes.includes(text))
        if "<!-- introdl:" in text or waits or len(build.unread) > unread:
            build.memory.texts.forget(page)
    for source, citing in known.cited:
        build.cited.setdefault(source, []).append(citing)
    return known.markdown


def _written(build: Build, text: str, page: Page, files: Files) -> tuple[str, list[Cited]]:
    """Check includes, put citations and generated parts in, and gather what the theme shows."""
    place = page.file.src_uri
    path, source = build.label(page), page.file.content_string
    if not isinstance(page.meta.get("found_by", []), list):
        message = "found_by is no list: write it as in 'found_by: [checklist, debug]'"
        build.problems.append(Problem(path, line_of(source, "found_by:"), message))
        page.meta["found_by"] = []
    page.edit_url = build.repository.edit(path) if build.repository else None
    build.unread += [Problem(path, *fault) for fault in outline(source).faults]
    if build.preview:  # a site to publish is checked as it is built
        faults = links.dead(outline(source), place, files)
        build.problems += [Problem(path, *fault) for fault in faults]
    text, problems = includes.expand(build.project, text, path, source, build.pending)
    build.problems += [*problems, *titles.check_description(page, path)]
    build.problems += edition.faults(source, path, build.project.root)
    lesson = place.removesuffix(".md")
    if found := build.course.lessons.get(lesson):
        late = build.course.late(lesson, found.needs)
        build.problems += [Problem(path, line_of(source, "needs:"), message) for message in late]
    build.problems += [Problem(path, *fault) for fault in paths.faults(source, build.course)]
    link = get_relative_url("reference/bibliography/", page.url)
    text, keys, _ = build.bibliography.render(text, path, link)
    build.problems += build.bibliography.render(source, path, link)[2]  # with the file's lines
    title = titles.title_of(source) or str(page.meta.get("title", page.file.name))
    text = _generate(build, text, place, path)
    if keys and place != BIBLIOGRAPHY:
        text += f"\n## Sources\n\n{build.bibliography.sources(keys, link)}\n"
    _describe(build, page, text, files)
    text = executed.mark(text, set(build.beneath(place)))
    text += build.waiting(include.example for include in includes.includes(source))
    return text, [(key, (title, page.url)) for key in keys]


def _generate(build: Build, text: str, place: str, path: str) -> str:
    """Fill in what is made of other files."""
    map_ = build.project.root / "docs" / "reference" / "slides.toml"
    if course.LESSONS in text:
        part = next((part for part in build.course.parts if place == f"{part.name}/index.md"), None)
        if part is None:
            message = f"{course.LESSONS} belongs into the index.md of a part"
            build.problems.append(Problem(path, line_of(text, course.LESSONS), message))
        else:
            text = text.replace(course.LESSONS, course.lessons_table(part))
    if course.PARTS in text:
        cards = course.part_cards(build.course, course.planned(map_))
        text = text.replace(course.PARTS, cards)
    if course.PRACTICE in text:
        text = text.replace(course.PRACTICE, course.practice(build.course))
    text = paths.fill(text, build.course, place)
    text, problems = roles.fill(text, build.course, build.project.root, place)
    build.problems += problems
    text = text.replace("<!-- introdl:bibliography -->", build.bibliography.headings())
    if place == GLOSSARY:
        text = text.replace("<!-- introdl:glossary -->", build.glossary.page())
    if "<!-- introdl:slides -->" in text:
        table, problems = slides.page(map_)
        build.problems += problems
        text = text.replace("<!-- introdl:slides -->", table)
    if api.MARK in text:
        names, problems = api.overview(build.project, list(build.nav_pages))
        build.problems += problems
        text = text.replace(api.MARK, names)
    return text


def _describe(build: Build, page: Page, text: str, files: Files) -> None:
    """Note for the theme how long a page is and what code stands behind it."""
    place = page.file.src_uri
    if lesson := documented(place):
        page.meta["lesson_links"] = links.api_links(lesson, page.url, files)
    lesson = place.removesuffix(".md")
    source, root = page.file.content_string, build.project.root
    before = needs.head(source, lesson, page.url, build.course, root, build.repository)
    page.meta["before"], page.meta["later"] = before, needs.later(lesson, page.url, build.course)
    if page.meta["kind"] == Kind.PAGE and not before:  # what is looked up is not read through
        page.meta["reading_time"] = titles.reading_minutes(text)
    for suffix in ("js", "css"):
        if files.get_file_from_path(f"{lesson}.{suffix}") is not None:
            page.meta[f"own_{suffix}"] = f"{lesson}.{suffix}"
    if module := files.get_file_from_path(f"{lesson}.js"):
        page.meta["mounts"] = move.mounted(module.content_string)
    if f"examples/{lesson}.ipynb" in build.shelf.pages:
        page.meta["lesson_links"] = links.lesson_links(lesson, page.url, build.repository, root)
        runs = {e.name: build.runs[e.name] for e in build.examples if e.name in build.runs}
        page.meta["used_in"] = links.used_in(lesson, runs, page.url)
    page.meta["ran"] = run.account(build.runs_of(place))


def content(build: Build, html: str, page: Page, files: Files) -> str:
    """Math, addresses, glossary links; for an example's page also its title and contents."""
    if page.file.src_uri in build.memory.recalled or _unread(build, page):
        return html
    before = len(build.problems)
    if page.meta.get("kind") == Kind.PAGE and "search" not in page.meta:
        page.meta["search"] = {"boost": search.LESSON}  # a reader who searches wants it first
    source = page.file.content_string or ""
    if found := build.shelf.pages.get(page.file.src_uri):
        source = read(found[0].path)
        html = _example(build, html, page, files)
    shown = build.beneath(page.file.src_uri)
    html = executed.fill(html, {number: build.render(text) for number, text in shown.items()})
    html = _blocks(build, html, page, files)
    html = percent(_mathematics(build, html, page, source))
    characters = mathml.characters(html)
    build.characters |= characters
    build.memory.keep(page, build.problems[before:], characters)
    html = addresses.fill(html, page.url, build.repository)
    to_glossary = get_relative_url("reference/glossary/", page.url)
    plain = page.file.src_uri == GLOSSARY or page.meta.get("glossary") is False
    return build.glossary.link(html, to_glossary, plain)


def _example(build: Build, html: str, page: Page, files: Files) -> str:
    """Give the page of an example its content, and what it cannot say of itself."""
    example, made = build.shelf.pages[page.file.src_uri]
    html, problems = addresses.resolve(slim.slim(html), example, page.url, files)
    build.problems += problems
    page.title = made.title
    page.toc = get_toc(made.toc_tokens)  # type: ignore[arg-type]
    page.meta["description"] = made.description
    page.meta["reading_time"] = titles.reading_minutes(re.sub("<[^>]+>", " ", html))
    page.meta["lesson_links"] = links.example_links(example, page.url, build.repository, files)
    page.edit_url = build.repository.edit(example.label) if build.repository else None
    return html


def _blocks(build: Build, html: str, page: Page, files: Files) -> str:
    """Fill in what the blocks of a page ask of the rest of the site."""
    lesson = page.file.src_uri.removesuffix(".md")
    published = {file.src_uri for file in files}
    waits = {example.name for example in build.examples} - build.runs.keys()
    try:
        html = exercise.fill(html, lesson, page.url, published)
        return move.fill(html, lesson, page.url, published, page.meta.get("mounts"), waits)
    except BlockError as error:
        line = error.line(page.file.content_string or "")
        build.problems.append(Problem(build.label(page), line, str(error)))
        return html


def _mathematics(build: Build, html: str, page: Page, source: str) -> str:
    """Set the formulas, and name those that cannot be set where they stand."""
    rendered, problems = mathml.render(html, build.label(page), source)
    lesson = documented(page.file.src_uri)
    if problems and lesson:  # it may stand in any module of the lesson
        problems = [
            problem
            for module, text in api.sources(build.project, lesson)
            for problem in mathml.render(html, module, text)[1]
            if problem.line
        ] or problems
    build.problems += problems
    return rendered


def stand_in(build: Build, page: Page, *, active: bool) -> None:
    """Show where a page is that the nav lacks: at its lesson, or at the list of the API."""
    place = page.file.src_uri
    if found := build.shelf.pages.get(place):
        place = f"{found[0].name}.md"
    elif documented(place):
        place = API_INDEX
    else:
        return
    if place in build.nav_pages:
        build.nav_pages[place].active = active
