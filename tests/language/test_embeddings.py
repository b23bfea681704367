"""Word vectors against PyTorch, scikit-learn and SciPy, and the page's own search."""

import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import distance
from sklearn.metrics.pairwise import cosine_similarity

from introdl import data
from introdl.language import embeddings
from introdl.language.embeddings import (
    analogy,
    commonest,
    compress,
    cosines,
    neighbours,
    ppmi,
    sigmoid,
    skip_gram,
    thin,
    train,
    unit,
    words,
)

#: Mutants that change nothing a test could see.
SAME = {
    "gap = 2 * ([-1] * window) # so that no window reaches into the next text": "wide enough",
    "gap = [-2] * window # so that no window reaches into the next text": "below 0, as -1",
    "places = (i for text in texts for i in [*(place.get(w, -2) for w in text), *gap])": "below 0",
    "return np.where((s > 0), 1, e) / (1 + e)": "at 0 both are 1",
    "own = (counts.mean(axis=1))": "divided by their sum afterwards",
    "keep = np.sqrt(np.minimum(1, share * own.sum() / np.where(own > 0, own, 2)))": "times 0",
    "single = 2 * counts.sum(axis=1) ** 0.75": "divided by their sum afterwards",
    "single = (counts.mean(axis=1)) ** 0.75": "divided by their sum afterwards",
    "often = np.repeat(np.arange(V), np.rint(2000000.0 * single / single.sum()).astype(int))": (
        "fine enough"
    ),
    "often = np.repeat(np.arange(V), np.rint(500000.0 * single / single.sum()).astype(int))": (
        "fine enough"
    ),
    "often = np.repeat(np.arange(V), np.rint(1e6 * single / (single.mean())).astype(int))": (
        "finer than needed"
    ),
    'vectors = [rng.normal(scale=0.2, size=(V, D)) for _ in "UC"]': "small at first",
    'vectors = [rng.normal(scale=0.05, size=(V, D)) for _ in "UC"]': "small at first",
    'squares = [np.full((V, D), 2e-10, dtype=np.float32) for _ in "UC"]': "tiny, too",
    'squares = [np.full((V, D), 5e-11, dtype=np.float32) for _ in "UC"]': "tiny, too",
    "expected /= counts.sum() or 2": "then all counts are 0",
    "ratio = counts / np.where(expected > 0, expected, 2)": "where nothing is expected, 0 came",
    "largest = ((size > 0.999999 * size.max(axis=0))).argmax(axis=0)": "all but equal is enough",
    "return (left / np.sign(left[largest, np.arange(D)]))": "by 1 or -1, as times",
}


def odd_input(rng):
    V, D = 5, 3
    U, C = rng.normal(size=(2, V, D))
    counts = rng.integers(0, 9, size=(V, V)).astype(float) + 1
    counts += counts.T
    return {
        "sigmoid": {"s": rng.normal(size=6)},
        "skip_gram": {
            "U": U,
            "C": C,
            "word": rng.integers(V, size=7),
            "near": rng.integers(V, size=7),
            "drawn": rng.integers(V, size=(7, 2)),
        },
        "thin": {"counts": counts, "share": 0.1},
        "train": {"counts": counts, "D": 2, "steps": 2, "rng": np.random.default_rng(0)},
        "ppmi": {"counts": counts},
        "compress": {"table": counts, "D": 2},
        "unit": {"vectors": U},
        "cosines": {"vectors": U, "target": C[0]},
        "analogy": {"vectors": U, "a": 0, "b": 1, "c": 2},
    }


def torchs_loss(u, c, word, near, drawn):
    word, near, drawn = (torch.tensor(x) for x in (word, near, drawn))
    yes = F.logsigmoid((u[word] * c[near]).sum(-1)).sum()
    no = F.logsigmoid(-(u[word][:, None] * c[drawn]).sum(-1)).sum()
    return -(yes + no) / len(word)


def torchs(U, C, word, near, drawn):
    """Loss and gradients by PyTorch's autograd."""
    u, c = (torch.tensor(x, requires_grad=True) for x in (U, C))
    loss = torchs_loss(u, c, word, near, drawn)
    loss.backward()
    return loss.item(), u.grad.numpy(), c.grad.numpy()


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    V=st.integers(1, 9),
    D=st.integers(1, 6),
    B=st.integers(1, 12),
    K=st.integers(0, 4),
)
def test_loss_and_gradients_are_pytorchs(seed, V, D, B, K):
    rng = np.random.default_rng(seed)
    U, C = 2 * rng.normal(size=(2, V, D))
    drawn = (*rng.integers(V, size=(2, B)), rng.integers(V, size=(B, K)))
    for ours, theirs in zip(skip_gram(U, C, *drawn), torchs(U, C, *drawn), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-10)


@pytest.mark.agreement
def test_skip_gram_agrees(rng, agreement):
    U, C = rng.normal(size=(2, 40, 8))
    drawn = (*rng.integers(40, size=(2, 64)), rng.integers(40, size=(64, 5)))
    agreement(
        np.concatenate([np.ravel(part) for part in skip_gram(U, C, *drawn)]),
        lambda: np.concatenate([np.ravel(part) for part in torchs(U, C, *drawn)]),
        what="loss and gradients of skip-gram with negative sampling, 64 pairs",
        against="PyTorch autograd on logsigmoid, float64",
        atol=1e-12,
    )


def test_the_step_by_hand():
    U, C = np.array([[1.0, 0], [5, 5]]), np.array([[0.0, 1], [0, -1]])
    loss, gU, gC = skip_gram(U, C, np.array([0]), np.array([0]), np.array([[1]]))
    assert loss == pytest.approx(2 * np.log(2))
    np.testing.assert_allclose(U - gU, [[1, 1], [5, 5]])
    np.testing.assert_allclose(C - gC, [[0.5, 1], [-0.5, -1]])


def test_the_three_sentences_by_hand():
    lines = ["the cat drinks milk", "the dog drinks water", "the dog eats meat"]
    order = ["the", "drinks", "cat", "dog", "milk", "water"]
    counts = neighbours([words(line) for line in lines], order, 1)
    np.testing.assert_array_equal(counts[2:, :2], [[1, 1], [2, 1], [0, 1], [0, 1]])
    two = counts[2:, :2]
    np.testing.assert_allclose(cosines(two, two[0]), [1, 3 / 10**0.5, 0.5**0.5, 0.5**0.5])


@settings(max_examples=25, deadline=None)
@given(
    texts=st.lists(st.lists(st.sampled_from("abcxy"), max_size=9), max_size=4),
    window=st.integers(1, 4),
)
def test_neighbours_are_counted_pair_by_pair(texts, window):
    vocabulary = ["c", "a", "b"]
    expected = np.zeros((3, 3))
    for text in texts:
        for i, j in itertools.permutations(range(len(text)), 2):
            if abs(i - j) <= window and text[i] in vocabulary and text[j] in vocabulary:
                expected[vocabulary.index(text[i]), vocabulary.index(text[j])] += 1
    np.testing.assert_array_equal(neighbours(texts, vocabulary, window), expected)


def test_words_and_the_commonest():
    assert words("The cat's x2.") == ["the", "cat", "s", "x"]
    texts = [["b", "a", "c"], ["c", "b", "c"]]
    assert commonest(texts, 2) == ["c", "b"]
    assert commonest([["b", "a"]], 2) == ["a", "b"]


def test_information_is_the_logarithm_of_count_over_chance(rng):
    counts = rng.integers(0, 5, size=(6, 6)).astype(float)
    counts[2], counts[:, 2] = 0, 0
    total = counts.sum()
    for i, j in itertools.product(range(6), repeat=2):
        p = counts[i].sum() / total * counts[:, j].sum() / total
        ratio = counts[i, j] / total / p if p else 0
        expected = np.log(ratio) if ratio > 1 else 0
        assert ppmi(counts)[i, j] == pytest.approx(expected)


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
def test_compressed_vectors_are_numpys_singular_vectors(rng, power):
    table = rng.normal(size=(12, 12))
    left, values, _ = np.linalg.svd(table)
    expected = left[:, :3] * values[:3] ** power
    ours = compress(table, 3, power)
    np.testing.assert_allclose(ours @ ours.T, expected @ expected.T, atol=1e-8)
    np.testing.assert_allclose((ours**2).sum(axis=0), values[:3] ** (2 * power), rtol=1e-8)
    assert (ours.max(axis=0) >= -ours.min(axis=0)).all()
    if power == 1:
        np.testing.assert_array_equal(compress(table, 3), ours)
    small = compress(table / 100, 3, power)  # with singular values below 1
    np.testing.assert_allclose(small, ours / 100**power, atol=1e-8)
    assert compress(table, 1, power).shape == (12, 1)
    assert compress(table, 12, power).shape == (12, 12)


@pytest.mark.parametrize("D", [0, 6, 2.5, 2.0])
def test_a_table_is_not_compressed_to_more_numbers_than_it_has(D):
    with pytest.raises(ValueError, match=f"D must be a whole number from 1 to 5, not {D}"):
        compress(np.eye(5), D)


def test_a_table_of_one_rank_has_finite_vectors_of_more_numbers(rng):
    for table in rng.normal(size=(20, 9, 1)) * rng.normal(size=(20, 1, 9)):
        vectors = compress(table, 4, 0.5)  # squares that are 0 come out a little below, too
        np.testing.assert_allclose(vectors[:, 1:], 0, atol=1e-3)


def test_equal_singular_values_give_the_same_vectors_each_time(rng):
    table = (rng.random((6, 6)) < 0.5).astype(int)
    table[0] = 1
    first = compress(table, 3)
    for kind in (int, float, np.int8):
        np.testing.assert_array_equal(compress(table.astype(kind), 3), first)


def test_cosines_are_scikit_learns_and_scipys(rng):
    vectors, target = rng.normal(size=(7, 4)), rng.normal(size=4)
    ours = cosines(vectors, target)
    np.testing.assert_allclose(ours, cosine_similarity(vectors, target[None])[:, 0])
    assert ours[3] == pytest.approx(1 - distance.cosine(vectors[3], target))
    lengths = np.linalg.norm(unit(vectors[None]), axis=-1)
    np.testing.assert_allclose(lengths, 1)


def test_a_grid_of_vectors_solves_its_analogies():
    # Two features that add up, each with a direction of its own; all vectors equally long.
    vectors = np.array([[1.0, 0, 1, 0], [1, 0, 0, 1], [0, 1, 1, 0], [0, 1, 0, 1]])
    scores = analogy(5 * vectors, 0, 1, 2)
    assert scores.argmax() == 3
    assert scores[3] == pytest.approx(1)
    lengths = np.array([1.0, 3, 0.2, 7])[:, None]  # they play no part
    np.testing.assert_allclose(analogy(lengths * vectors, 0, 1, 2), scores, atol=1e-12)


def test_frequent_words_are_thinned():
    counts = np.array([[0.0, 90], [70, 40]])
    own = counts.sum(axis=1) / counts.sum()  # 0.45 and 0.55
    kept = np.sqrt(0.5 / own[1])
    np.testing.assert_allclose(thin(counts, 0.5), counts * [[1, kept], [kept, kept**2]])
    np.testing.assert_array_equal(thin(counts, 1.0), counts)
    # A word that never came.
    np.testing.assert_allclose(thin(np.diag([0.0, 8]), 0.5), [[0, 0], [0, 4]])


def test_sigmoid_does_not_overflow():
    np.testing.assert_allclose(
        sigmoid(np.array([-1e4, 0, 1.5, 1e4])), [0, 0.5, 0.817574, 1], rtol=1e-6
    )


def test_training_finds_words_used_alike():
    """Words 0 to 3 stand with 8 to 11, words 4 to 7 with 12 to 15: two kinds of each."""
    counts = np.zeros((16, 16))
    counts[:4, 8:12] = counts[4:8, 12:] = 5
    counts += counts.T
    U, C, losses = train(counts, 4, 200, B=64, K=3, rng=np.random.default_rng(0))
    near = unit(U) @ unit(U).T
    assert U.dtype == C.dtype == np.float32
    assert near[:4, :4].min() > near[:4, 4:8].max() + 0.5
    assert losses[-20:].mean() < losses[:5].mean() - 0.5
    again = train(counts, 4, 200, B=64, K=3, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(U, again[0])


def test_training_is_pytorchs_adagrad_on_what_is_drawn(rng, monkeypatch):
    counts = rng.integers(1, 9, size=(6, 6)) * np.array([[1.0], [2], [4], [9], [9], [40]])
    seen = []

    def spy(U, C, *drawn):
        seen.append((U.copy(), C.copy(), drawn))
        return skip_gram(U, C, *drawn)

    monkeypatch.setattr(embeddings, "skip_gram", spy)
    U, C, losses = train(counts, 3, 8, rng=rng)
    u, c = (torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in seen[0][:2])
    optimizer = torch.optim.Adagrad([u, c], 0.3, initial_accumulator_value=1e-10, eps=0)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / 8)
    for (_, _, drawn), ours in zip(seen, losses, strict=True):
        loss = torchs_loss(u, c, *drawn)
        assert ours == pytest.approx(loss.item(), abs=1e-4)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    np.testing.assert_allclose(U, u.detach(), atol=1e-3)
    np.testing.assert_allclose(C, c.detach(), atol=1e-3)
    # Pairs come as often as they stood together; beside each, three words drawn by lot.
    word, near, others = (np.array(part) for part in zip(*(s[2] for s in seen), strict=True))
    assert word.shape == near.shape == (8, 2048)
    assert others.shape == (8, 2048, 3)
    found = np.bincount((6 * word + near).ravel(), minlength=36).reshape(6, 6) / word.size
    np.testing.assert_allclose(found, counts / counts.sum(), atol=0.02)
    single = counts.sum(axis=1) ** 0.75
    found = np.bincount(others.ravel(), minlength=6) / others.size
    np.testing.assert_allclose(found, single / single.sum(), atol=0.02)


def test_training_draws_pairs_as_often_as_they_stood_together():
    """With the best dot products, yes is as probable as the pair is, beside K drawn by lot."""
    counts = np.array([[0.0, 30, 10], [30, 0, 20], [10, 20, 0]])
    single = counts.sum(axis=1) ** 0.75
    U, C, _ = train(counts, 3, 1500, B=1024, K=2, eta=0.3, rng=np.random.default_rng(1))
    with np.errstate(divide="ignore"):
        expected = np.log(counts / counts.sum(axis=1, keepdims=True) / (2 * single / single.sum()))
    off = ~np.eye(3, dtype=bool)
    np.testing.assert_allclose((U @ C.T)[off], expected[off], atol=0.1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ppmi(np.array([[2.0, 3], [-0.5, 1]])), "counts must not be negative"),
        (lambda: unit(np.array([[0.0, 0], [1, 2]])), "vectors holds a vector of length 0"),
        (lambda: unit(np.ones((2, 3, 4)) * [[0], [1], [1]]), "vectors holds a vector of length 0"),
        (lambda: cosines(np.ones((2, 2)), np.zeros(2)), "target holds a vector of length 0"),
        (lambda: analogy(np.ones((2, 2)), 0, 1, 2), "a, b and c must be rows of vectors"),
        (lambda: analogy(np.ones((2, 2)), -1, 1, 0), "a, b and c must be rows of vectors"),
        (
            lambda: skip_gram(
                *np.ones((2, 3, 2)), *np.array([[0, 3], [0, 0]]), np.array([[0]] * 2)
            ),
            r"skip_gram\(\): word must hold rows of U",
        ),
        (
            lambda: skip_gram(*np.ones((2, 3, 2)), *np.array([[0], [0]]), np.array([[-1, 1]])),
            r"skip_gram\(\): drawn must hold rows of C",
        ),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_manuals_are_english_without_code_and_without_repeats():
    texts = data.manuals()
    assert len(texts) > 800
    assert not any(">>>" in text for text in texts)
    counts = [word for text in texts for word in words(text)]
    assert 1_000_000 < len(counts) < 3_000_000
    assert commonest([counts], 1) == ["the"]
    long = [part for text in texts for part in text.split("\n\n") if len(part) > 3000]
    assert len(set(long)) > 0.9 * len(long)


SCRIPT = "docs/language/embeddings.js"


@pytest.mark.browser
def test_the_page_finds_the_neighbours_that_python_finds(js, rng):
    vectors = unit(rng.normal(size=(30, 5))).astype(np.float16).astype(np.float32)
    for question in ([4], [0, 1, 2], [7, 7, 9]):
        target = (
            cosines(vectors, vectors[question[0]])
            if len(question) == 1
            else analogy(vectors, *question)
        )
        for without in (False, True):
            left = [i for i in range(30) if not (without and i in question)]
            expected = sorted(left, key=lambda i: -target[i])[:6]
            found = js(SCRIPT, "nearest", vectors, question, without, 6)
            assert [i for i, _ in found] == expected
            np.testing.assert_allclose(
                [score for _, score in found], target[expected], rtol=1e-5, atol=1e-6
            )


def test_shares_may_stand_for_counts(rng):
    counts = rng.integers(0, 50, size=(5, 5)).astype(float)
    np.testing.assert_allclose(ppmi(counts / 2000), ppmi(counts), rtol=1e-12)
    assert not ppmi(np.zeros((2, 2))).any()
    np.testing.assert_allclose(2000 * thin(counts / 2000, 0.1), thin(counts, 0.1), rtol=1e-12)
