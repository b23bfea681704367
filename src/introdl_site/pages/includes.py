"""What happens to the Markdown of a page before it is rendered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from introdl_site.problems import Problem
from introdl_site.project import Project

_INCLUDE = re.compile(
    r"""^(?P<indent>[ \t]*)-{2,}8<-{2,}[ \t]+(?P<q>["'])(?P<path>.+?)(?P=q)[ \t]*$"""
)
_ANY_INCLUDE = re.compile(r"-8<-")
_BARE = re.compile(r"^[ \t]*-{2,}8<-{2,}[ \t]*$")
_VALUE = "\N{INVISIBLE SEPARATOR}"
_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})")


@dataclass(frozen=True)
class Include:
    """A line that includes a snippet."""

    line: int
    path: str

    @property
    def example(self) -> str | None:
        """The example whose output this is, such as `history/xor`; None where it is code."""
        kind, _, rest = self.path.partition("/")
        return rest.rpartition("/")[0] if kind == "outputs" else None


def includes(source: str) -> Iterator[Include]:
    r"""Every include line of a page.

    Examples:
        >>> [(i.line, i.example) for i in includes('a\n--8<-- "outputs/history/xor/net.md"')]
        [(2, 'history/xor')]
    """
    for number, line in enumerate(source.split("\n"), start=1):
        if match := _INCLUDE.match(line):
            yield Include(number, match["path"])


def expand(
    project: Project, text: str, path: str, source: str, pending: set[str]
) -> tuple[str, list[Problem]]:
    """Check the include lines of a page, so that the rest of the build finds each snippet.

    Args:
        project: The checkout.
        text: The page's Markdown, without its front matter.
        path: The page as messages name it, such as `docs/history/xor.md`.
        source: The whole file, in which lines are counted.
        pending: Examples without a current run, of which a preview shows no output.

    Returns:
        The Markdown, where the output of a pending example is a note that it is on its way; and
        a problem for each line that includes nothing.
    """
    problems = []
    offset = source.count("\n") - text.count("\n") if text and text in source else 0
    result = []
    fence: str | None = None
    for number, line in enumerate(text.removesuffix("\n").split("\n"), start=1 + offset):
        if match := _FENCE.match(line):
            fence = None if fence and line.strip().startswith(fence) else fence or match[1]
        found = _INCLUDE.match(line)
        if _BARE.match(line):
            message = 'name the snippet on the same line: --8<-- "outputs/..."'
            problems.append(Problem(path, number, message))
            continue
        if found is None:
            if _ANY_INCLUDE.search(line) and not fence:
                message = 'an include must stand alone on its line: --8<-- "outputs/..."'
                problems.append(Problem(path, number, message))
            result.append(line)
            continue
        include = Include(number, found["path"])
        snippet = project.snippets / include.path
        if include.path.endswith(".txt") and (include.example in pending or snippet.is_file()):
            value = "…" if include.example in pending else snippet.read_text(encoding="utf-8")
            result.append(f"{found['indent']}{_VALUE}{value.strip()}{_VALUE}")
        elif include.example in pending:
            result.append(f"{found['indent']}*Being computed by `examples/{include.example}.py`.*")
        elif snippet.is_file() and include.path.endswith(".py") and not fence:
            message = "code must stand in a fence, or it is set as prose"
            problems.append(Problem(path, number, message))
        elif snippet.is_file():
            result.append(line)
        else:
            problems.append(Problem(path, number, _missing(project, include)))
    return _into_sentences("\n".join(result)) + "\n", problems


def _into_sentences(text: str) -> str:
    r"""Put each number, which has a line of its own in the source, into its sentence.

    Examples:
        >>> _into_sentences("made (\n\u20635\u2063\nor more\n\u206324\u2063\n). End")
        'made (5\nor more 24). End'
    """
    text = re.sub(rf"(?<=\()\n[ \t]*{_VALUE}", "", text)
    text = re.sub(rf"(?<=\S)\n[ \t]*{_VALUE}", " ", text)
    text = re.sub(rf"{_VALUE}\n[ \t]*(?=[.,;:!?)%])", "", text)
    return text.replace(_VALUE, "")


def _missing(project: Project, include: Include) -> str:
    folder = (project.snippets / include.path).parent
    if (
        include.example is not None
        and not (project.root / "examples" / f"{include.example}.py").is_file()
    ):
        return f"there is no examples/{include.example}.py to make {include.path!r}"
    known = sorted(path.name for path in folder.glob("*")) if folder.is_dir() else []
    return f"no snippet {include.path!r}; in that place there are: {', '.join(known) or 'none'}"
