"""A bag of words against scikit-learn and PyTorch, the reader, and the page's own scores."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from introdl import data
from introdl.language.sentiment.bag import (
    TEST,
    TRAIN,
    VALIDATION,
    count,
    deal,
    fit,
    idf,
    known,
    logistic_loss,
    phrases,
    tfidf,
    words,
)
from introdl.language.sentiment.reader import UNKNOWN, Reader, look_up, pad, train

#: Mutants that change nothing a test could see.
SAME = {
    "weighted = 2 * (counts * rarity)": "divided by the length afterwards",
    "return weighted / np.where(length == 0, 2, length)": "0 divided by 1 or by 2",
    'options = {"maxiter": 10001, "ftol": 0, "gtol": 1e-7}': "more than it ever takes",
    'options = {"maxiter": 9999, "ftol": 0, "gtol": 1e-7}': "more than it ever takes",
    'options = {"maxiter": 10_000, "ftol": -1, "gtol": 1e-7}': "the slopes alone say when to end",
    'options = {"maxiter": 10_000, "ftol": 0, "gtol": 2e-07}': "tiny, too",
    'options = {"maxiter": 10_000, "ftol": 0, "gtol": 5e-08}': "tiny, too",
    "return self.out(self.drop(mean))[:, -1]": "there is one score",
    "order = torch.argsort((lengths - 6 * torch.rand(len(lengths))))": "by lot, either way",
    "order = torch.argsort(lengths + 7 * torch.rand(len(lengths)))": "about equal lengths, too",
    "order = torch.argsort(lengths + 5 * torch.rand(len(lengths)))": "about equal lengths, too",
}


def odd_input(rng):
    X, y = rng.normal(size=(6, 3)), np.array([0, 1, 0, 1, 1, 0])
    counts = rng.integers(0, 4, size=(5, 3)).astype(float) + np.eye(5, 3)
    return {
        "deal": {"groups": rng.integers(9, size=8)},
        "idf": {"counts": counts},
        "tfidf": {"counts": counts, "rarity": rng.uniform(1, 3, size=3)},
        "logistic_loss": {"w": rng.normal(size=3), "b": 0.5, "X": X, "y": y, "C": 2.0},
        "fit": {"X": X, "y": y, "C": 2.0},
    }


def some_texts(rng, N, vocabulary):
    return [list(rng.choice(vocabulary, size=rng.integers(1, 9))) for _ in range(N)]


def test_words_are_letters_and_apostrophes():
    assert words("I DON'T like it -- at $49!") == ["i", "don't", "like", "it", "at"]
    assert words("g3's 'a' '") == ["g", "'s", "'a'"]


def test_phrases_are_all_runs():
    assert phrases(["a", "b", "c"], 1) == ["a", "b", "c"]
    assert phrases(["a", "b", "c"], 3) == ["a", "b", "c", "a b", "b c", "a b c"]
    assert phrases([], 2) == []


def test_known_words_stand_in_enough_texts():
    texts = [["b", "b", "a"], ["a"], ["c", "b"]]
    assert known(texts, 1) == ["a", "b", "c"]
    assert known(texts, 2) == ["a", "b"]
    assert known([["b", "b"]], 2) == []  # twice in one text is one text


def test_words_are_counted_one_by_one():
    texts = [["b", "a", "b", "x"], [], ["b"]]
    assert count(texts, ["a", "b", "c"]).tolist() == [[1, 2, 0], [0, 0, 0], [0, 1, 0]]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), N=st.integers(1, 12), longest=st.integers(1, 2))
def test_the_table_is_scikit_learns(seed, N, longest):
    rng = np.random.default_rng(seed)
    texts = some_texts(rng, N, ["a", "b", "c", "d", "e"])
    runs = [phrases(text, longest) for text in texts]
    vocabulary = known(runs, 1)
    theirs = TfidfVectorizer(token_pattern=r"\S+", ngram_range=(1, longest))
    expected = theirs.fit_transform([" ".join(text) for text in texts]).toarray()
    assert list(theirs.get_feature_names_out()) == vocabulary
    counts = count(runs, vocabulary)
    np.testing.assert_allclose(idf(counts), theirs.idf_, rtol=1e-12)
    np.testing.assert_allclose(tfidf(counts, idf(counts)), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.agreement
def test_tfidf_agrees(rng, agreement):
    texts = some_texts(rng, 40, [f"w{i}" for i in range(30)])
    vocabulary = known(texts, 1)
    counts = count(texts, vocabulary)

    def theirs():
        joined = [" ".join(text) for text in texts]
        return TfidfVectorizer(token_pattern=r"\S+").fit_transform(joined).toarray()

    agreement(
        tfidf(counts, idf(counts)),
        theirs,
        what="TF-IDF of 40 random texts",
        against="scikit-learn's TfidfVectorizer, float64",
        atol=1e-12,
    )


def torchs(w, b, X, y, C):
    w, b = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (w, b))
    s = torch.tensor(X) @ w + b
    labels = torch.tensor(y, dtype=torch.float64)
    loss = C * F.binary_cross_entropy_with_logits(s, labels, reduction="sum") + (w**2).sum() / 2
    loss.backward()
    return loss.item(), w.grad.numpy(), b.grad.item()


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    N=st.integers(1, 9),
    V=st.integers(1, 6),
    C=st.floats(0.01, 100),
)
def test_loss_and_slopes_are_pytorchs(seed, N, V, C):
    rng = np.random.default_rng(seed)
    given_ = (rng.normal(size=V), rng.normal(), rng.normal(size=(N, V)), rng.integers(2, size=N), C)
    for ours, theirs in zip(logistic_loss(*given_), torchs(*given_), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-10)


@pytest.mark.agreement
def test_the_fit_agrees(rng, agreement):
    X = rng.normal(size=(60, 5))
    y = (X @ rng.normal(size=5) + rng.normal(size=60) > 0).astype(int)
    y[:2] = 0, 1

    def theirs():
        model = LogisticRegression(C=1.7, tol=1e-12, max_iter=10_000).fit(X, y)
        return np.append(model.coef_[0], model.intercept_)

    agreement(
        np.append(*fit(X, y, 1.7)),
        theirs,
        what="weights and bias of a fitted logistic regression",
        against="scikit-learn's LogisticRegression, float64",
        atol=1e-4,
    )


def test_the_fit_ends_where_all_slopes_are_nought(rng):
    X, y = rng.normal(size=(30, 4)), rng.integers(2, size=30)
    w, b = fit(X, y, 3.0)
    _, slope, bias_slope = logistic_loss(w, b, X, y, 3.0)
    np.testing.assert_allclose([*slope, bias_slope], 0, atol=1e-4)


def test_the_page_by_hand():
    counts = np.array([[1.0, 1], *([[1.0, 0]] * 6)])  # "the" in all of 7, "great" in one
    rarity = idf(counts)
    np.testing.assert_allclose(rarity, [1, 2.386], atol=1e-3)
    np.testing.assert_allclose(tfidf(counts, rarity)[0], [0.387, 0.922], atol=1e-3)
    assert not tfidf(np.zeros((1, 2)), rarity).any()
    counts[:3, 1] = 1
    assert idf(counts)[1] == pytest.approx(1.693, abs=1e-3)


def test_no_weights_get_the_four_sentences_right(rng):
    counts = count([["good"], ["bad"], ["not", "good"], ["not", "bad"]], ["bad", "good", "not"])
    scores = counts @ rng.normal(size=3) + rng.normal()
    assert scores[0] + scores[3] == pytest.approx(scores[1] + scores[2])


def test_reviews_stay_together_in_their_shares():
    opinions = data.opinions()
    part = deal(opinions.review)
    for review in set(opinions.review):
        assert len(set(part[opinions.review == review])) == 1
    groups = np.repeat(np.arange(100) * 3 - 7, 2)
    np.testing.assert_array_equal(np.bincount(deal(groups)) / 2, [60, 15, 25])
    assert (TRAIN, VALIDATION, TEST) == (0, 1, 2)
    np.testing.assert_array_equal(deal(np.arange(7)), [0, 0, 0, 2, 0, 1, 0])
    assert deal(groups[::-1])[0] == deal(groups)[-1]


@pytest.fixture
def net(rng):
    with torch.random.fork_rng():
        torch.manual_seed(int(rng.integers(2**31)))
        return Reader(9, 4, 3, drop=0.5)


def test_the_score_is_the_weighted_mean_of_what_the_cells_show(net, rng):
    rows = [list(rng.integers(1, 11, size=T)) for T in (5, 1, 7)]
    found = net.score(rows)
    for row, score in zip(rows, found, strict=True):  # each alone, without padding
        x = net.embedding.weight[torch.tensor(row)][:, None]
        cell = torch.nn.LSTM(4, 3)
        cell.load_state_dict(net.lstm.state_dict())
        expected = net.out.weight[0] @ cell(x)[0][:, 0].mean(0) + net.out.bias[0]
        assert score == pytest.approx(expected.item(), abs=1e-5)
    assert not net.training
    # A row for each of the words, for nothing and for an unknown word; one score.
    assert net.embedding.weight.shape == (9 + 2, 4)
    assert net.out.weight.shape == (1, 3)


def test_leaving_out_is_reading_again(net):
    row = [3, 1, 4, 10]
    whole = net.score([row])[0]
    expected = [whole - net.score([[*row[:t], *row[t + 1 :]]])[0] for t in range(4)]
    np.testing.assert_allclose(net.left_out(row), expected, atol=1e-5)
    assert net.left_out([5])[0] == pytest.approx(net.score([[5]])[0] - net.out.bias.item())


def test_words_are_looked_up_and_padded():
    rows = look_up([["b", "zebra"], ["a"]], ["a", "b"])
    assert rows == [[3, UNKNOWN], [2]]
    whole, lengths = pad(rows)
    assert whole.tolist() == [[3, 1], [2, 0]]
    assert lengths.tolist() == [2, 1]
    assert pad([[7]])[0].tolist() == [[7]]


def test_texts_of_about_equal_length_are_read_together(net):
    lengths = list(range(1, 61))
    seen = []
    net.register_forward_pre_hook(lambda _, given: seen.append(given))
    for _ in train(net, [[2] * T for T in lengths], [0, 1] * 30, epochs=2, batch=4, rate=0, seed=1):
        assert sorted(T for _, some in seen for T in some.tolist()) == lengths
        for rows, some in seen:
            # Noise of at most 6 can bring texts together that have two others between them.
            assert some.max() - some.min() <= 2 * 6 + 3
            assert rows.shape == (4, some.max())
        seen.clear()


def test_a_reader_learns_an_order():
    """One class is a before b, the other b before a: no bag can tell them apart."""
    rng = np.random.default_rng(0)
    rows = [list(rng.permutation([2, 3, *[4] * rng.integers(0, 4)])) for _ in range(200)]
    y = [int(row.index(2) < row.index(3)) for row in rows]

    def learned():
        with torch.random.fork_rng():
            torch.manual_seed(0)
            net = Reader(3, 4, 6)
        passes = list(train(net, rows, y, epochs=25, batch=20, rate=0.03, seed=1))
        return net, passes

    before = torch.random.get_rng_state()
    net, passes = learned()
    assert torch.equal(torch.random.get_rng_state(), before)
    assert passes == list(range(1, 26))
    assert ((net.score(rows) > 0) == np.array(y)).mean() > 0.95
    np.testing.assert_array_equal(net.score(rows), learned()[0].score(rows))


@pytest.mark.parametrize("C", [0, -1.0])
def test_a_price_is_above_nought(C):
    with pytest.raises(ValueError, match="C must be above 0"):
        fit(np.eye(2), np.array([0, 1]), C)
    with pytest.raises(ValueError, match="counts must not be negative"):
        idf(-np.eye(2))


SCRIPT = "docs/language/sentiment.js"


@pytest.mark.browser
def test_the_page_has_the_shares_that_python_has(js, rng):
    rarity, w = rng.uniform(1, 4, size=6), rng.normal(size=6)
    for places in ([0, 3, 3, -1, 5], [2], [-1, -1]):
        counts = np.bincount([i for i in places if i >= 0], minlength=6).astype(float)
        row = tfidf(counts[None], rarity)[0] * w
        expected = [row[i] / counts[i] if i >= 0 else 0 for i in places]
        found = js(SCRIPT, "shares", places, rarity.astype(np.float32), w.astype(np.float32))
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
        assert sum(found) == pytest.approx(row.sum(), abs=1e-5)


@pytest.mark.browser
def test_the_page_reads_as_python_does(js, net, rng):
    arrays = {name: p.detach().numpy() for name, p in net.lstm.named_parameters()}
    arrays["embedding"] = net.embedding.weight.detach().numpy()
    arrays["out_weight"] = net.out.weight.detach().numpy()
    arrays["out_bias"] = net.out.bias.detach().numpy()
    for T in (1, 6):
        row = rng.integers(1, 11, size=T).tolist()
        assert js(SCRIPT, "read", arrays, row) == pytest.approx(net.score([row])[0], abs=1e-5)
        np.testing.assert_allclose(js(SCRIPT, "leftOut", arrays, row), net.left_out(row), atol=1e-5)


@pytest.mark.browser
def test_the_page_cuts_words_as_python_does(js):
    for text in ("I DON'T like the G3's menu -- not at $49!", "g3's 'a' '", "", "?!"):
        assert js(SCRIPT, "words", text) == words(text)
