"""What a second-edition lesson must have, and how long its core may be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from mkdocs.utils.meta import get_data

from introdl_site.pages.fences import Block, python_blocks
from introdl_site.pages.outline import Line, Opened, Outline, outline
from introdl_site.pages.quiz import SAID
from introdl_site.problems import Problem

WORDS, LINES, COLUMNS = 1000, 40, 76

_MATH = re.compile(r"\$\$.+?\$\$|\$[^$\n]+\$", re.DOTALL)
_NO_PROSE = re.compile(
    r"\]\([^)]*\)|\[[ xX]\]|\[@[^\]]*\]|<[^>]+>|^[ \t]*-{2,}8<.*$|^[ \t]*(?:/{3,}.*|\?{3}.*)$",
    re.MULTILINE,
)
_WORD = re.compile(r"[^\W\d_][\w’'-]*|(?<!\w)[a-z](?!\w)")


def is_second(source: str) -> bool:
    """Whether a page is of the second edition: it names its question."""
    return bool(str(get_data(source)[1].get("question") or "").strip())


def words(page: Outline) -> int:
    """The words of a page's core; code, formulas and what is included do not count."""
    prose = "\n".join(x.text for x in page.core if not x.fenced and not x.option)
    return len(_WORD.findall(_NO_PROSE.sub(" ", _MATH.sub(" ", prose))))


def core_code(source: str, root: Path) -> list[Block]:
    """The Python blocks of a page's core, with what they include.

    Raises:
        ValueError: If a block includes what is no code.
    """
    core = {line.number for line in outline(source).core}
    return [block for block in python_blocks(source, root) if block.line in core]


def code_lines(block: Block) -> int:
    """The lines of a block that are not empty."""
    return sum(bool(line.strip()) for line in block.code.splitlines())


def reading_minutes(source: str, root: Path) -> int:
    """Minutes to work through a page's core, rounded to five.

    A hundred words a minute, and five lines of code: half of what is usual for a text that is read
    and not worked through.
    """
    page = outline(source)
    minutes = words(page) / 100 + sum(map(code_lines, core_code(source, root))) / 5
    return max(5, 5 * round(minutes / 5))


def faults(source: str, path: str, root: Path) -> list[Problem]:
    """What a second-edition page lacks, or has too much of; nothing for any other page.

    Args:
        source: The page.
        path: The page as messages name it.
        root: The checkout, whose `src/` has the code that blocks include.
    """
    if not is_second(source):
        return []
    page = outline(source)
    found = [
        *_front(source),
        *_length(page),
        *_code(source, root),
        *_exercises(page),
        *_quiz(page),
        *_prediction(page),
        *_class(page),
    ]
    return [Problem(path, line, message) for line, message in found]


def _front(source: str) -> Iterator[tuple[int, str]]:
    needs = get_data(source)[1].get("needs")
    if not isinstance(needs, list):
        yield 1, "no needs; write 'needs: [part/lesson]' in the front matter, or 'needs: []'"


def _length(page: Outline) -> Iterator[tuple[int, str]]:
    if (count := words(page)) > WORDS:
        yield (
            _crossing(page),
            f"the core has {count} words, more than {WORDS}: it passes them here; shorten it, or "
            "fold what not every reader needs into '??? deeper \"One question?\"'",
        )


def _crossing(page: Outline) -> int:
    """The line on which the core has one word too many."""
    core = list(page.core)
    low, high = 0, len(core)
    while low < high:
        middle = (low + high) // 2
        if words(Outline(tuple(core[: middle + 1]), ())) > WORDS:
            high = middle
        else:
            low = middle + 1
    return core[min(low, len(core) - 1)].number


def _code(source: str, root: Path) -> Iterator[tuple[int, str]]:
    try:
        blocks, core = list(python_blocks(source, root)), core_code(source, root)
    except ValueError:  # named where the blocks are run
        return
    total = 0
    for block in core:
        before, total = total, total + code_lines(block)
        if before <= LINES < total:
            count = sum(map(code_lines, core))
            yield (
                block.line,
                f"the core has {count} lines of Python, more than {LINES}: it passes them here; "
                "move some into the module, or into '??? deeper \"One question?\"'",
            )
    for block in blocks:
        for line in block.code.splitlines():
            if len(line) > COLUMNS:
                place = source.find(line.strip(), block.start, block.end)
                number = source.count("\n", 0, place) + 1 if place >= 0 else block.line
                yield (
                    number,
                    f"code of {len(line)} columns, more than {COLUMNS}: {line.strip()[:40]}…; "
                    "break the line, in the module where it is included",
                )


def _exercises(page: Outline) -> Iterator[tuple[int, str]]:
    cards = [block for block in page.blocks if block.kind == "exercise"]
    last = cards[-1].number if cards else page.lines[-1].number
    if len(cards) < 3:
        yield last, f"{len(cards)} exercises; give at least three '/// exercise | Title'"
    if cards and not any(card.options.get("level") == "1" for card in cards):
        yield cards[0].number, "no exercise has level 1; let the first need only the core"
    checked = [card for card in cards if "check" in card.options]
    for card in checked[1:]:
        yield card.number, "a second exercise with a checker; give 'check: function' to one"


def _quiz(page: Outline) -> Iterator[tuple[int, str]]:
    asked = [block for block in page.blocks if block.kind == "quiz"]
    if len(asked) < 3:
        last = asked[-1].number if asked else page.lines[-1].number
        yield last, f"{len(asked)} quiz questions; ask at least three, '/// quiz | Question?'"
    for quiz in asked:
        for line, choice in _choices(quiz):
            if not SAID.search(choice):
                yield line, "this choice has no feedback; write ' :: ' and why behind it"


def _choices(quiz: Opened) -> Iterator[tuple[int, str]]:
    """Each choice of a quiz with its line; a choice may run over several."""
    number, text = 0, ""
    for line in quiz.body:
        stripped = line.text.strip()
        if re.match(r"[-*+] +\[[ xX]\]", stripped):
            if number:
                yield number, text
            number, text = line.number, stripped
        elif number and stripped:
            text += f" {stripped}"
        elif number:
            yield number, text
            number = 0
    if number:
        yield number, text


def _prediction(page: Outline) -> Iterator[tuple[int, str]]:
    """A guess, and what came of it in the next section but one at most; then the next guess."""
    waiting: Opened | None = None
    seen = False
    for block in page.blocks:
        if block.kind == "predict":
            if waiting:
                yield waiting.number, "no '/// outcome' before the next prediction; write one"
            waiting, seen = block, True
        elif block.kind == "outcome":
            if waiting is None:
                yield block.number, "an outcome of no prediction; write '/// predict' before it"
            elif (count := _sections(page.lines, waiting.number, block.number)) > 2:
                message = f"its outcome comes {count} sections later; give it after two at most"
                yield waiting.number, message
            waiting = None
    if waiting:
        yield waiting.number, "a prediction without its '/// outcome'; write what happened"
    if not seen:
        yield page.lines[0].number, "no prediction; ask one near the top, '/// predict | Question?'"


def _sections(lines: tuple[Line, ...], first: int, last: int) -> int:
    return sum(first < x.number < last and not x.fenced and x.text.startswith("## ") for x in lines)


def _class(page: Outline) -> Iterator[tuple[int, str]]:
    if all(line.fold != "class" for line in page.lines):
        first = next((b for b in page.blocks if b.kind == "exercise"), None)
        yield (
            first.number if first else page.lines[-1].number,
            "no plan for a class; before the exercises, write "
            "'??? class \"Ten minutes in class\"': predict, run, discuss",
        )
