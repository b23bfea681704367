"""N-grams against scikit-learn's counts, exact fractions, and the page's own counting."""

import itertools
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.feature_extraction.text import CountVectorizer

from introdl import data
from introdl.language.ngrams import NGrams, add_k, bits, follow, interpolate, perplexity

LETTERS = "abc d"
TEXTS = st.text(alphabet=LETTERS, min_size=3, max_size=60)


def odd_input(rng):
    counts = rng.integers(0, 5, size=(3, 4)).astype(float)
    totals = counts + 3
    return {
        "add_k": {"counts": counts[0], "totals": totals[0], "k": 0.5, "letters": 6},
        "interpolate": {"counts": counts, "totals": totals, "m": 2.0, "letters": 6},
        "bits": {"p": rng.uniform(0.1, 1, size=5)},
        "perplexity": {"p": rng.uniform(0.1, 1, size=5)},
    }


def by_fractions(text, before, n, m):
    """The interpolated probability of each letter, by slices of the text and exact fractions."""
    p = [Fraction(1, len(LETTERS))] * len(LETTERS)
    for length in range(n):
        context = before[len(before) - length :] if length <= len(before) else None
        came = [
            [
                text[i : i + length] == context and text[i + length] == a
                for i in range(len(text) - length)
            ]
            for a in LETTERS
        ]
        counts = [sum(row) for row in came]
        p = [(count + m * q) / (sum(counts) + m) for count, q in zip(counts, p, strict=True)]
    return p


@pytest.mark.agreement
@pytest.mark.parametrize("n", [1, 2, 4])
def test_counts_equal_scikit_learns(n, rng, agreement):
    text = "".join(rng.choice(list(LETTERS), size=500, p=[0.4, 0.2, 0.1, 0.1, 0.2]))
    grams = ["".join(g) for g in itertools.product(LETTERS, repeat=n)]
    table = follow(text, n - 1)
    ours = [table.get(g[:-1], Counter())[g[-1]] for g in grams]

    def reference():
        # Its analyzer "char" would make one space of two.
        slices = CountVectorizer(
            analyzer=lambda t: [t[i : i + n] for i in range(len(t) - n + 1)], vocabulary=grams
        )
        return slices.transform([text]).toarray()[0]

    agreement(
        np.array(ours, dtype=float),
        lambda: reference().astype(float),
        what=f"counts of all {n}-grams of a text drawn by lot",
        against="sklearn.feature_extraction.text.CountVectorizer",
        atol=0,
    )


@settings(max_examples=25, deadline=None)
@given(
    text=TEXTS,
    before=st.text(alphabet=LETTERS, max_size=6),
    n=st.integers(1, 4),
    m=st.fractions(Fraction(1, 50), 50),
)
def test_interpolation_equals_exact_fractions_and_sums_to_one(text, before, n, m):
    counts, totals = NGrams(text, n, LETTERS).after(before)
    p = interpolate(counts, totals, float(m), len(LETTERS))
    exact = by_fractions(text, before, n, m)
    assert sum(exact) == 1
    np.testing.assert_allclose(p, np.array(exact, dtype=float), rtol=1e-12)
    k = float(m)
    p = add_k(counts[-1], totals[-1], k, len(LETTERS))
    assert p.sum() == pytest.approx(1, abs=1e-12)
    np.testing.assert_allclose(p, (counts[-1] + k) / (counts[-1].sum() + k * 5), rtol=1e-12)


@settings(max_examples=25, deadline=None)
@given(text=TEXTS, new=TEXTS, n=st.integers(1, 4))
def test_looking_a_text_up_is_asking_letter_by_letter(text, new, n):
    model = NGrams(text, n, LETTERS)
    counts, totals = model.look_up(new)
    assert counts.shape == totals.shape == (n, len(new))
    for end, letter in enumerate(new):
        one, all_of_them = model.after(new[:end])
        column = LETTERS.index(letter)
        np.testing.assert_array_equal(counts[:, end], one[:, column])
        np.testing.assert_array_equal(totals[:, end], all_of_them[:, column])


def test_the_line_by_hand():
    line = "a cat sat at a mat"
    assert follow(line, 1)["a"] == {"t": 4, " ": 2}
    assert follow(line, 1)[" "] == {"c": 1, "s": 1, "a": 2, "m": 1}
    assert follow(line, 2)["at"] == {" ": 3}
    counts, totals = NGrams(line, 2, " acmst").after("a")
    twelfths = 12 * add_k(counts[1], totals[1], 1, 6)
    np.testing.assert_allclose(twelfths, [3, 1, 1, 1, 1, 5])
    assert add_k(np.array([4.0]), np.array([4.0]), 3, 1) == 1  # of one letter it is sure
    half = np.array([[1.0], [2.0]]), np.array([[2.0], [2.0]])
    assert interpolate(*half, 1e-12, 6)[0] == pytest.approx(1)
    assert interpolate(np.zeros((1, 1)), np.zeros((1, 1)), 2, 2)[0] == pytest.approx(1 / 2)
    assert interpolate(np.array([[0.0], [2.0]]), np.array([[0.0], [2.0]]), 2, 2)[
        0
    ] == pytest.approx(3 / 4)


def test_bits_and_perplexity():
    assert bits(np.array([1 / 4, 1 / 16])) == pytest.approx(3)
    assert perplexity(np.array([1 / 4, 1 / 16])) == pytest.approx(8)
    assert perplexity(np.array([1 / 2, 1 / 4, 1 / 8])) == pytest.approx(4)
    assert bits(np.array([1.0, 0.0])) == np.inf
    p = np.full(7, 1 / 74)
    assert bits(p) == pytest.approx(stats.entropy(np.full(74, 1 / 74), base=2))


def test_letters_are_drawn_as_often_as_interpolation_says(rng):
    text = "abcab d abca bca" * 3
    model = NGrams(text, 3, LETTERS)
    p = interpolate(*model.after("ab"), 1.5, 5)
    drawn = Counter(model.write("ab", 1, m=1.5, rng=rng) for _ in range(3000))
    for letter, share in zip(LETTERS, p, strict=True):
        error = (share * (1 - share) / 3000) ** 0.5
        assert abs(drawn[letter] / 3000 - share) < 4.5 * error
    assert len(model.write("ab", 20, m=1.5, rng=rng)) == 20
    # With next to nothing added, what always came comes again: abc after abc after abc.
    assert NGrams("abcabcabcabc", 3, LETTERS).write("ab", 6, m=1e-12, rng=rng) == "cabcab"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: NGrams("ab", 0, LETTERS), r"NGrams\(\): n must be 1 or more, got 0"),
        (lambda: NGrams("ab", 1, "aab"), "the alphabet names a letter twice: 'aab'"),
        (lambda: NGrams("xa", 1, LETTERS), r"NGrams\(\): text has letters outside .*\['x'\]"),
        (
            lambda: NGrams("ab", 1, LETTERS).look_up("a!"),
            r"look_up\(\): text has letters outside .*\['!'\]",
        ),
        (lambda: add_k(np.ones(1), np.ones(1), 0, 2), "k must be above 0"),
        (lambda: interpolate(np.ones((1, 1)), np.ones((1, 1)), -1, 2), "m must be above 0"),
        (lambda: add_k(np.ones(1), np.ones(1), 1, 0), "letters 1 or more"),
        # One count of two is enough.
        (lambda: add_k(np.array([1, 2]), np.ones(2), 1, 2), "counts must lie between 0 and totals"),
        (lambda: add_k(np.array([-1, 1]), np.ones(2), 1, 2), "counts must lie between 0 and total"),
    ],
)
def test_what_is_no_count_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


SCRIPT = "docs/language/ngrams.js"


@pytest.mark.browser
def test_the_page_counts_smooths_and_draws_as_python_does(js, rng):
    prose = data.prose()
    text, letters = prose.train[:20_000], "".join(sorted(set("".join(prose))))
    never = None
    for n in (1, 2, 4, 6):
        start = int(rng.integers(len(prose.val) - 20))
        before = prose.val[start : start + 8] if n < 6 else "Zq%"
        counts, totals = NGrams(text, n, letters).after(before)
        rows = js(SCRIPT, "after", text, letters, before, n)
        np.testing.assert_array_equal(rows, counts)
        k = float(rng.uniform(0.01, 10))
        added, mixed = js(SCRIPT, "addK", rows, k), js(SCRIPT, "interpolate", rows, k)
        np.testing.assert_allclose(
            added, add_k(counts[-1], totals[-1], k, len(letters)), rtol=1e-10
        )
        np.testing.assert_allclose(mixed, interpolate(counts, totals, k, len(letters)), rtol=1e-10)
        never = totals[-1, 0] == 0
        u = float(rng.uniform())
        drawn = js(SCRIPT, "draw", mixed, u)
        assert drawn == int(np.searchsorted(np.cumsum(mixed), u, side="right"))
    assert never  # the last context was one that is not in the text
    assert js(SCRIPT, "draw", [0.5, 0.5], 1.0) == 1


@pytest.mark.browser
def test_the_lots_are_spread_evenly(js):
    lots = np.array([[js(SCRIPT, "lot", luck, i) for i in range(60)] for luck in (0, 1)])
    assert 0 <= lots.min() < lots.max() < 1
    assert len(np.unique(lots)) == lots.size
    assert stats.kstest(lots.ravel(), "uniform").pvalue > 1e-3
