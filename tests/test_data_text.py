"""The texts that language models learn from: the course's own prose, and a grammar."""

from __future__ import annotations

import hashlib
import itertools
import math
import re
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from introdl import data
from introdl.data import _snapshot
from introdl.data._grammar import Grammar

#: Two symbols that never nest: all sentences can be listed.
FINITE = {
    "SENTENCE": [(0.7, "the NOUN VERB ."), (0.3, "NOUN .")],
    "NOUN": [(0.25, "dog"), (0.75, "cat")],
    "VERB": [(0.5, "sleeps"), (0.125, "sees NOUN"), (0.375, "sits")],
}


def test_the_prose_is_the_snapshot_that_its_docstring_tells() -> None:
    told = data.prose.__doc__ or ""
    stored = files("introdl.data").joinpath("prose.txt").read_bytes()
    date = re.search(r"as it stood on (\S+)\.", told)
    assert date is not None
    assert stored.decode("ascii").splitlines()[0].endswith(f", as of {date[1]}. CC BY 4.0.")
    # A snapshot: whoever changes it changes what every language model of the course has read.
    assert hashlib.sha256(stored).hexdigest().startswith("7813056b44774e21")
    assert len(stored) < 180_000
    assert f"Load {sum(map(len, data.prose())):,} characters" in told
    assert set("".join(data.prose())) <= _snapshot.CHARACTERS | {"\n"}
    listed = re.search(r"line end or one of `(.*)`", told)
    assert listed is not None
    signs = {c for c in _snapshot.CHARACTERS if not c.isalnum() and c != " "}
    assert set(listed[1]) == signs


def test_no_page_and_no_sentence_stands_in_two_parts() -> None:
    stored = files("introdl.data").joinpath("prose.txt").read_text(encoding="ascii")
    pages = re.findall(r"^# (\w+): (.*)\n((?:[^#].*\n)+)", stored, flags=re.MULTILINE)
    assert [part for part, _, _ in pages[:8]] == ["train"] * 3 + ["validation"] + ["train"] * 3 + [
        "test"
    ]
    assert len({name for _, name, _ in pages}) == len(pages) > 30
    lengths = [len(text) for _, _, text in pages]
    assert lengths == sorted(lengths, reverse=True)
    parts = data.prose()
    for got, part in zip(parts, ["train", "validation", "test"], strict=True):
        assert got == "".join(text for where, _, text in pages if where == part)
    sentences = [
        s for part in parts for line in part.splitlines() for s in _snapshot._END.split(line)
    ]
    long = [s for s in sentences if s and len(s) > 3]
    assert len(long) == len(set(long))


PAGE = """---
description: Not this one here.
---
# What is a title good for?

**One** bold sentence of a [page](other.md) [@someone1999].
It goes on here, with `code` in it. And here $x = 1$ it ends. Été is plain — or not?

```python
print("No code at all.")
```

- An item of a list.
- [x] A right answer. :: Right. It has a reason.

??? deeper "Is a fold a question?"
    Inside the fold all is text. He said "no more of this".

/// quiz | Is this a quiz of the page?
///

| A table | has no sentence. |
With the number
--8<-- "outputs/a/b/c.txt"
this one goes. Too short.
"""


def test_a_page_becomes_plain_sentences() -> None:
    assert [text for paragraph in _snapshot.paragraphs(PAGE) for text in paragraph] == [
        "What is a title good for?",
        "One bold sentence of a page.",
        "Ete is plain - or not?",
        "An item of a list.",
        "A right answer.",
        "It has a reason.",
        "Is a fold a question?",
        "Inside the fold all is text.",
        "Is this a quiz of the page?",
    ]


def test_a_snapshot_keeps_a_sentence_once_and_deals_pages_by_length(tmp_path: Path) -> None:
    for i in range(8):
        lines = [f"Page {i} has line {j} here.\n" for j in range(9 - i)]
        (tmp_path / f"{i}.md").write_text("\n".join(["All pages say this.\n", *lines]))
    (tmp_path / "glossary.toml").write_text('[[term]]\nterm = "a"\ndefinition = "So it is said."')
    text = _snapshot.take(tmp_path, "2000-01-01")
    assert text.count("All pages say this.") == 1
    assert re.findall("# (.*): (.).md", text) == [
        ({3: "validation", 7: "test"}.get(i, "train"), str(i)) for i in range(8)
    ]
    assert text.endswith("# train: glossary.toml\nA: So it is said.\n")


def every(grammar: Grammar, *symbols: str) -> list[tuple[float, list[str]]]:
    """All that symbols can write, each with its probability: for a grammar without nesting."""
    ways = [
        [
            (p * q, words)
            for p, written in grammar.rules[symbol]
            for q, words in every(grammar, *written.split())
        ]
        if symbol in grammar.rules
        else [(1.0, [symbol])]
        for symbol in symbols
    ]
    return [
        (math.prod(p for p, _ in row), [w for _, words in row for w in words])
        for row in itertools.product(*ways)
    ]


def test_a_grammar_without_nesting_is_what_its_list_says() -> None:
    grammar = Grammar(FINITE)
    listed = {" ".join(w).replace(" .", "."): p for p, w in every(grammar, "SENTENCE")}
    assert len(listed) == 2 * 4 + 2
    assert math.fsum(listed.values()) == pytest.approx(1)
    for sentence, p in listed.items():
        assert grammar.parses(sentence) == pytest.approx([p])
    mean = {
        "entropy": math.fsum(-p * math.log2(p) for p in listed.values()),
        "words": math.fsum(p * (s.count(" ") + 2) for s, p in listed.items()),
        "characters": math.fsum(p * (len(s) + 1) for s, p in listed.items()),
    }
    for name, value in mean.items():
        assert getattr(grammar, name)() == pytest.approx(value, rel=1e-12), name


def test_a_long_sample_agrees_with_the_entropy_and_the_lengths(rng: np.random.Generator) -> None:
    grammar = data.grammar()
    sentences = grammar.sample(4000, rng=rng)
    measured = {
        "entropy": [grammar.bits(s) for s in sentences],
        "words": [s.count(" ") + 2 for s in sentences],
        "characters": [len(s) + 1 for s in sentences],
    }
    for name, values in measured.items():
        error = np.std(values) / len(values) ** 0.5
        assert abs(np.mean(values) - getattr(grammar, name)()) < 4.5 * error, name
    assert all(len(grammar.parses(s)) == 1 for s in sentences)  # else bits are not its entropy


def test_sentences_are_drawn_as_often_as_their_probability_says(rng: np.random.Generator) -> None:
    grammar = Grammar(FINITE)
    drawn = grammar.sample(4000, rng=rng)
    for p, words in every(grammar, "SENTENCE"):
        share = drawn.count(" ".join(words).replace(" .", ".")) / len(drawn)
        assert abs(share - p) < 4.5 * (p * (1 - p) / len(drawn)) ** 0.5


def test_verbs_agree_and_a_seed_repeats() -> None:
    grammar = data.grammar()
    assert grammar.bits("the dog sleeps.") == pytest.approx(
        -math.log2(0.5 * 0.55 * 0.2 * 0.7 * 0.5 * 0.25)
    )
    assert math.isfinite(grammar.bits("some dogs that the cat sees sleep."))
    for wrong in [
        "the dog sleep.",
        "some dogs that the cat see sleep.",
        "the dog sleeps",
        "",
        "dogs.",
    ]:
        assert grammar.bits(wrong) == math.inf
    one, two = (grammar.sample(9, rng=np.random.default_rng(5)) for _ in range(2))
    assert one == two


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"SENTENCE": [(0.5, "."), (0.4, "no .")]}, "of SENTENCE must be above 0 and add up to 1"),
        ({"SENTENCE": [(1.0, "."), (0.0, "no .")]}, "of SENTENCE must be above 0 and add up to 1"),
        ({"SENTENCE": [(0.5, "."), (0.5, "SENTENCE SENTENCE")]}, "never end: .* asks for 1 times"),
    ],
)
def test_a_grammar_that_is_none_is_refused(rules: dict, message: str) -> None:
    with pytest.raises(ValueError, match=rf"^Grammar\(\): .*{message}"):
        Grammar(rules)


def test_the_opinions_are_the_snapshot_that_its_docstring_tells() -> None:
    stored = files("introdl.data").joinpath("opinions.txt").read_bytes()
    assert len(stored) < 500_000
    head = stored.decode("ascii").split("\n1\t")[0]
    assert "Permission is hereby granted" in head
    assert "CC BY 4.0" in head
    found = data.opinions()
    told = data.opinions.__doc__ or ""
    assert f"Load {len(found.sentences):,} real sentences of {len(set(found.review))} " in told
    assert len(set(found.sentences)) == len(found.sentences)
    assert (np.abs(found.rating) >= 0.5).all()
    assert (found.votes.sum(axis=1) == 20).all()
    # A mean lies on the side of the readers that are more.
    more = found.votes[:, 2] > found.votes[:, 0]
    assert np.mean(more == (found.rating > 0)) > 0.99
    assert not any(sign in text for text in found.sentences for sign in ("@", "http", "&amp;"))
