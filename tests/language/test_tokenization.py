"""Tokenization against its definition, written out naively, and the page's own merging."""

import re
import unicodedata
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from introdl import data
from introdl.language.tokenization import BPE, count_pairs, merge, split, train

BANANAS = st.text(alphabet="ab 1.é", max_size=60)  # few letters, so that pairs come again
ODD = ["", " ", "  \t\n\r\n ", "á ≠ á", "👩🏽‍🚀🇪🇺", "\x00\x7f\u200d\ufeff\ufffd\U0010ffff", "ﬁ ﷽ ß"]

SAME = {
    "counts -= Counter() # drops pairs that are gone": "nothing is added, or nothing taken away"
}


def kind(byte):
    """What a byte counts as when a text is cut."""
    if byte > 127 or chr(byte).isalpha():
        return "letter"
    return "digit" if chr(byte).isdigit() else "space" if byte == 32 else "mark"


def cut(text):
    """The pieces of a text, byte by byte."""
    pieces = []
    for byte in text.encode():
        last = pieces[-1] if pieces else []
        joins = last and (
            kind(byte) != "space" and (kind(last[-1]) == kind(byte) or last == [ord(" ")])
        )
        if joins:
            last.append(byte)
        else:
            pieces.append([byte])
    return pieces


def replaced(piece, pair, new):
    """One piece with a pair replaced from left to right, as a substitution in a string."""
    line = "".join(f"<{token}>" for token in piece)
    line = line.replace("<{}><{}>".format(*pair), f"<{new}>")
    return [int(token) for token in re.findall(r"<(\d+)>", line)]


def by_definition(text, merges):
    """Count every pair of the whole text anew before each merge."""
    pieces, found, counts = cut(text), [], []
    for new in range(256, 256 + merges):
        pairs = [p for piece in pieces for p in pairwise(piece)]
        ranked = sorted({(-pairs.count(p), *p) for p in set(pairs)})
        if not ranked or ranked[0][0] > -2:
            break
        found.append(ranked[0][1:])
        counts.append(-ranked[0][0])
        pieces = [replaced(piece, ranked[0][1:], new) for piece in pieces]
    return found, counts, [token for piece in pieces for token in piece]


@pytest.mark.agreement
def test_merges_of_the_courses_prose_equal_the_definitions(rng, agreement):
    start = int(rng.integers(len(prose := data.prose().train) - 2500))
    text = prose[start : start + 2500]
    agreement(
        np.array(train(text, 120)[0], dtype=float),
        lambda: np.array(by_definition(text, 120)[0], dtype=float),
        what="120 merges of a part of the course's prose drawn by lot",
        against="the definition written out: every pair counted anew before each merge",
        atol=0,
    )


@settings(max_examples=25, deadline=None)
@given(text=BANANAS, merges=st.integers(0, 12))
@example(text="aaaaaa aaaaa aaaa", merges=4)
@example(text="ab ba ab ba", merges=3)
@example(text="aaa", merges=1)
def test_merges_equal_the_definitions_and_encode_the_text_they_came_from(text, merges):
    found, frequencies = train(text, merges)
    expected, counts, ids = by_definition(text, merges)
    assert found == expected
    assert frequencies == counts
    assert BPE(found).encode(text) == ids
    assert [list(piece) for piece in split(text)] == cut(text)


@pytest.fixture(scope="module")
def bpe():
    return BPE(train(data.prose().train[:20_000], 400)[0])


@settings(max_examples=100, deadline=None)
@given(text=st.text())
def test_any_text_comes_back(bpe, text):
    ids = bpe.encode(text)
    assert bpe.decode(ids) == text
    assert b"".join(bpe.tokens[i] for i in ids) == text.encode()
    assert len(ids) <= len(text.encode())


@pytest.mark.parametrize("text", ODD)
def test_odd_characters_come_back(bpe, text):
    assert bpe.decode(bpe.encode(text)) == text
    for form in ("NFC", "NFD", "NFKC"):
        changed = unicodedata.normalize(form, text)
        assert bpe.decode(bpe.encode(changed)) == changed


@settings(max_examples=25, deadline=None)
@given(text=st.text(alphabet="then in1 é.\n", max_size=40))
def test_encoding_makes_each_merge_everywhere_in_the_order_learnt(bpe, text):
    pieces = cut(text)
    for rank, pair in enumerate(bpe.merges):
        pieces = [replaced(piece, pair, 256 + rank) for piece in pieces]
    assert bpe.encode(text) == [token for piece in pieces for token in piece]


def test_the_line_by_hand():
    line = "thin ink in the thing"
    assert split(line) == [b"thin", b" ink", b" in", b" the", b" thing"]
    pairs, frequencies = train(line, 4)
    assert [BPE(pairs).tokens[256 + i] for i in range(4)] == [b"in", b"th", b" in", b" th"]
    assert frequencies == [4, 3, 2, 2]
    assert [len(BPE(pairs[:m]).encode(line)) for m in range(5)] == [21, 17, 14, 12, 10]
    # Three pairs come twice then; the one with the smaller numbers is taken.
    tied = count_pairs(BPE(pairs[:2]).encode(piece.decode()) for piece in split(line))
    assert sorted(p for p, n in tied.items() if n == 2) == [(32, 256), (32, 257), (257, 256)]


def test_steps_are_the_merges_of_one_piece():
    bpe = BPE([(105, 110), (116, 104), (257, 256)])
    assert bpe.steps(b"thin") == [[116, 104, 105, 110], [116, 104, 256], [257, 256], [258]]
    assert bpe.steps(b"x") == [[120]]
    # The earlier merge goes first even where it leaves more tokens: abc is a + bc, not ab + c.
    assert BPE([(98, 99), (97, 98)]).encode("abc") == [97, 256]
    assert merge([1, 1, 1, 2, 1], (1, 1), 9) == [9, 1, 2, 1]
    # The tokens at both ends of what a pair may name.
    assert BPE([(0, 255), (256, 0)]).tokens[256:] == [b"\x00\xff", b"\x00\xff\x00"]
    assert BPE([(0, 97)]).decode([0, 256]) == "\x00\x00a"


def test_half_a_character_is_shown_as_the_replacement_mark(bpe):
    assert bpe.decode([0xC3]) == "\ufffd"
    assert bpe.decode([0xC3, 0xB6]) == "ö"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: split("a\ud83d"), r"split\(\): place 1 of the text holds '\\ud83d', half"),
        (lambda: train("ab", -1), r"train\(\): merges must be 0 or more, got -1"),
        (lambda: BPE([(97, 256)]), r"BPE\(\): merge 0 is \(97, 256\), but only tokens 0 to 255"),
        (lambda: BPE([(-1, 97)]), r"BPE\(\): merge 0 is \(-1, 97\)"),
        (lambda: BPE([]).decode([97, 256]), r"decode\(\): number 1 is 256, .* from 0 to 255"),
        (lambda: BPE([]).decode([-1]), r"decode\(\): number 0 is -1"),
    ],
)
def test_what_is_no_text_or_token_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


SCRIPT = "docs/language/tokenization.js"
EMOJI = "🙂👩🏽‍🚀🇪🇺é́ßжω語\u0000\u00a0\u2028\ufeff"


@pytest.mark.browser
def test_the_page_merges_as_python_does(js, rng):
    merges = train(data.prose().train[:20_000], 400)[0]
    bpe = BPE(merges)
    alphabet = [*"the networkslearning  .,10\n\t", *EMOJI]
    texts = ["".join(rng.choice(alphabet, size=rng.integers(1, 60))) for _ in range(12)]
    for text in [*texts, *ODD, data.prose().test[:300]]:
        ids = js(SCRIPT, "encode", text, merges)
        assert ids == bpe.encode(text), repr(text)
        assert js(SCRIPT, "decode", ids, merges) == text
        assert js(SCRIPT, "split", text) == cut(text)
    assert js(SCRIPT, "vocabulary", merges) == [list(token) for token in bpe.tokens]


@pytest.mark.browser
def test_the_page_shows_each_merge_in_the_order_learnt(js):
    merges = [(105, 110), (116, 104), (32, 256), (257, 256)]
    found = js(SCRIPT, "steps", "thin in", merges)
    assert [step["rank"] for step in found] == [-1, 0, 1, 2, 3]
    assert [sum(map(len, step["pieces"])) for step in found] == [7, 5, 4, 3, 2]
    alone = [BPE(merges).steps(piece)[-1] for piece in split("thin in")]
    assert found[-1]["pieces"] == alone == [[259], [258]]


@pytest.mark.browser
def test_a_long_text_is_shortened_between_characters(js):
    assert js(SCRIPT, "shortened", "x" * 39 + "🙂!") == "x" * 39 + "🙂"
    assert js(SCRIPT, "shortened", "γλώσσα") == "γλώσσα"


@pytest.mark.browser
@pytest.mark.parametrize(
    ("token", "shown"),
    [(" the", "␣the"), ("ö", "ö"), (b"\xc3", "c3"), ("\n", "0a"), ("\u0301", "cc 81")],
)
def test_a_token_is_shown_by_its_characters_or_its_bytes(js, token, shown):
    content = token if isinstance(token, bytes) else token.encode()
    assert js(SCRIPT, "readable", list(content)) == shown
