"""Cuts against PyTorch and all subsets, beam search against all texts, the cache against torch."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from introdl.language.decoding import CachedGPT, beam, draw, temper, top_k, top_p
from introdl.language.gpt.stages import GPT

#: Mutants that change nothing a test could see.
SAME = {
    "np.put_along_axis(kept, order[..., :k], 2.0, axis=-1)": "divided by their sum afterwards",
    "np.put_along_axis(kept, order[..., :k], 0.5, axis=-1)": "divided by their sum afterwards",
    "needed = before < share - 2e-09": "tiny, too",
    "needed = before < share - 5e-10": "tiny, too",
    "needed = (before <= share - 1e-09)": "that near, the share is reached",
    "up_to = np.cumsum(p, axis=1)": "the last of two axes",
    "return (up_to <= rng.random((len(p), 1))).sum(axis=1)": "the last of two axes",
    "q, k, v = (part.reshape(*x.shape[:2], self.heads, -2).swapaxes(1, 2) for part in new)": (
        "NumPy takes any length below 0 for the one that is left"
    ),
    "texts = len(model.kept[-1][0]) if model.kept else 0": "as many texts in each block",
    "texts = len(model.kept[0][1]) if model.kept else 0": "keys or values: as many texts",
    "texts = len(model.kept[0][-1]) if model.kept else 0": "keys or values: as many texts",
}

SEEDS = st.integers(0, 2**32 - 1)
some = settings(max_examples=20, deadline=None)


def shares(rng, *shape):
    return rng.dirichlet(np.ones(shape[-1]), size=shape[:-1])


def small_gpt(rng, *, letters=7, dim=8, heads=2, context=9, blocks=2):
    """A GPT whose weights are all random, biases and norms too, and its arrays, float64."""
    gpt = GPT(letters, dim, heads, context, blocks).double()
    with torch.no_grad():
        for p in gpt.parameters():
            p.copy_(torch.tensor(rng.normal(size=p.shape) * 0.5))
    return gpt, {name: p.detach().numpy() for name, p in gpt.named_parameters()}


def odd_input(rng):
    _, weights = small_gpt(rng)
    read = CachedGPT(weights, 2)
    read.read(rng.integers(7, size=(3, 2)))
    return {
        "temper": {"scores": rng.normal(size=(2, 5)), "temperature": 0.7},
        "top_k": {"p": shares(rng, 2, 5), "k": 2},
        "top_p": {"p": shares(rng, 2, 5), "share": 0.7},
        "draw": {"p": shares(rng, 2, 5), "rng": np.random.default_rng(0)},
        "CachedGPT.read": {"self": CachedGPT(weights, 2), "ids": rng.integers(7, size=(3, 4))},
        "CachedGPT.choose": {"self": read, "rows": np.array([0, 2, 2])},
    }


def test_the_five_tokens_of_the_page():
    p = np.array([0.15, 0.5, 0.05, 0.2, 0.1])
    np.testing.assert_allclose(
        temper(np.log(p), 0.5), np.array([0.0225, 0.25, 0.0025, 0.04, 0.01]) / 0.325
    )
    np.testing.assert_allclose(top_k(p, 2), np.array([0, 0.5, 0, 0.2, 0]) / 0.7)
    np.testing.assert_allclose(top_p(p, 0.8), np.array([0.15, 0.5, 0, 0.2, 0]) / 0.85)
    np.testing.assert_allclose(top_p(p, 1), p)
    assert top_p(np.array([0.5, 0.5]), 1e-10).tolist() == [1, 0]
    np.testing.assert_allclose(top_k(p, 5), p)


@pytest.mark.agreement
def test_temperature_and_top_k_are_pytorchs(rng, agreement):
    scores = rng.normal(size=(4, 30)) * 3

    def reference():
        best, place = torch.topk(torch.tensor(scores), 6, dim=-1)
        p = torch.zeros(4, 30, dtype=torch.float64)
        return p.scatter(1, place, torch.softmax(best / 0.7, dim=-1)).numpy()

    agreement(
        top_k(temper(scores, 0.7), 6),
        reference,
        what="shares of the 6 likeliest of 30 tokens at temperature 0.7",
        against="torch.topk, torch.softmax",
        atol=1e-12,
    )


@some
@given(
    seed=SEEDS,
    shape=hnp.array_shapes(min_dims=1, max_dims=3, max_side=6),
    temperature=st.floats(0.05, 20),
)
def test_temperature_is_a_softmax_of_divided_scores(seed, shape, temperature):
    scores = np.random.default_rng(seed).normal(size=shape) * 5
    expected = torch.softmax(torch.tensor(scores) / temperature, dim=-1).numpy()
    np.testing.assert_allclose(temper(scores, temperature), expected, atol=1e-12)


def test_scores_near_the_largest_number_are_divided_without_losing_their_shares():
    with np.errstate(over="ignore"):
        assert temper(np.array([1.7e308, 0]), 0.25).tolist() == [1, 0]


@some
@given(seed=SEEDS, size=st.integers(1, 6), share=st.floats(0.02, 1))
def test_top_p_is_the_smallest_set_that_reaches_the_share(seed, size, share):
    """All subsets are tried: the fewest tokens, and among these the ones that hold most."""
    p = shares(np.random.default_rng(seed), 2, size)
    for row, found in zip(p, top_p(p, share), strict=True):
        subsets = [
            (n, -row[list(s)].sum(), s)
            for n in range(1, size + 1)
            for s in itertools.combinations(range(size), n)
            if row[list(s)].sum() >= share - 1e-9
        ]
        kept = list(min(subsets)[2])
        expected = np.zeros(size)
        expected[kept] = row[kept] / row[kept].sum()
        np.testing.assert_allclose(found, expected, atol=1e-12)


def test_a_share_that_is_reached_but_for_rounding_is_reached():
    assert (top_p(np.array([0.1, 0.2, 0.3, 0.4]), 0.9) > 0).tolist() == [False, True, True, True]
    assert 0.4 + 0.3 + 0.2 != 0.9


def test_of_equal_shares_the_first_are_kept():
    p = np.full(4, 0.25)
    assert top_k(p, 2).tolist() == [0.5, 0.5, 0, 0]
    assert top_p(p, 0.5).tolist() == [0.5, 0.5, 0, 0]


def test_tokens_are_drawn_by_their_shares(rng):
    p = np.array([0, 0.2, 0.5, 0, 0.3, 0])
    drawn = draw(np.tile(p, (40_000, 1)), rng)
    counts = np.bincount(drawn, minlength=6) / 40_000
    assert counts[p == 0].sum() == 0
    np.testing.assert_allclose(counts, p, atol=0.02)
    rows = draw(np.eye(4)[[3, 0, 2]], rng)
    assert rows.tolist() == [3, 0, 2]


class Always:
    """Draws one number, again and again."""

    def __init__(self, number):
        self.number = number

    def random(self, shape):
        return np.full(shape, self.number)


def test_a_draw_at_either_edge_is_a_token_with_a_share():
    p = np.full((1, 10), 0.1)
    assert np.cumsum(p)[-1] < 1
    assert draw(p, Always(np.nextafter(1, 0))).tolist() == [9]
    assert draw(np.array([[0, 0.5, 0.5]]), Always(0.0)).tolist() == [1]


def table_of(seed, letters, length):
    """Random log p of each token behind each text shorter than `length`."""
    rng = np.random.default_rng(seed)
    return {
        text: np.log(rng.dirichlet(np.ones(letters)))
        for n in range(length)
        for text in itertools.product(range(letters), repeat=n)
    }


def asks(table):
    """What `beam` asks, which also checks that each text goes on with the one that row says."""
    before = [()]

    def log_p(texts, row):
        nonlocal before
        now = [tuple(map(int, text)) for text in texts]
        assert [text[:-1] for text in now] == [before[i] if now[0] else () for i in row]
        before = now
        return np.array([table[text] for text in now])

    return log_p


@some
@given(seed=SEEDS, letters=st.integers(1, 4), length=st.integers(1, 4))
def test_a_wide_beam_finds_the_likeliest_of_all_texts(seed, letters, length):
    table = table_of(seed, letters, length)
    everything = {
        text: sum(table[text[:i]][text[i]] for i in range(length))
        for text in itertools.product(range(letters), repeat=length)
    }
    ranked = sorted(everything, key=everything.get, reverse=True)
    texts, totals = beam(asks(table), length, letters**length)
    assert [tuple(text) for text in texts] == ranked
    np.testing.assert_allclose(totals, [everything[text] for text in ranked], atol=1e-12)
    assert beam(asks(table), length, letters**length + 5)[0].shape == (letters**length, length)


@some
@given(seed=SEEDS, width=st.integers(1, 5))
def test_a_narrow_beam_keeps_the_best_beginnings(seed, width):
    letters, length = 3, 4
    table = table_of(seed, letters, length)
    kept = {(): 0.0}
    for _ in range(length):
        longer = {(*t, i): v + table[t][i] for t, v in kept.items() for i in range(letters)}
        kept = dict(sorted(longer.items(), key=lambda pair: -pair[1])[:width])
    texts, totals = beam(asks(table), length, width)
    assert [tuple(text) for text in texts] == list(kept)
    np.testing.assert_allclose(totals, list(kept.values()), atol=1e-12)
    if width == 1:
        greedy = ()
        for _ in range(length):
            greedy += (int(table[greedy].argmax()),)
        assert tuple(texts[0]) == greedy


def test_the_pair_that_greedy_misses():
    first, second = np.array([0.5, 0.4, 0.1]), np.array([[0.4, 0.3, 0.3], [0.9, 0.1, 0], [1, 0, 0]])

    def log_p(texts, row):
        with np.errstate(divide="ignore"):
            return np.log(second[texts[:, 0]] if texts.shape[1] else first[None])

    for width, pair, p in ((1, [0, 0], 0.2), (2, [1, 0], 0.36)):
        texts, totals = beam(log_p, 2, width)
        assert texts[0].tolist() == pair
        assert np.exp(totals[0]) == pytest.approx(p)


def by_torch(weights, ids, heads):
    """Scores behind the last token by PyTorch's own layers, (N, V)."""
    w = {name: torch.tensor(part) for name, part in weights.items()}
    x = w["letter.weight"][torch.tensor(ids)] + w["place.weight"][: ids.shape[1]]
    dim = x.shape[-1]
    later = torch.ones(ids.shape[1], ids.shape[1], dtype=torch.bool).triu(1)
    names = {
        "self_attn.in_proj_": "attention.qkv.",
        "self_attn.out_proj.": "attention.out.",
        "linear1.": "wide.",
        "linear2.": "narrow.",
        "norm1.": "norm1.",
        "norm2.": "norm2.",
    }
    for b in range(sum("qkv.weight" in name for name in w)):
        layer = torch.nn.TransformerEncoderLayer(
            dim, heads, 4 * dim, 0.0, "gelu", norm_first=True, batch_first=True
        ).double()
        layer.load_state_dict(
            {
                theirs + kind: w[f"blocks.{b}.{ours}{kind}"]
                for theirs, ours in names.items()
                for kind in ("weight", "bias")
            }
        )
        x = layer(x, src_mask=later)
    x = torch.nn.functional.layer_norm(x[:, -1], (dim,), w["norm.weight"], w["norm.bias"])
    return torch.nn.functional.linear(x, w["out.weight"], w["out.bias"]).detach().numpy()


@pytest.mark.agreement
def test_the_cache_gives_pytorchs_scores(rng, agreement):
    _, weights = small_gpt(rng)
    ids = rng.integers(7, size=(3, 9))
    model = CachedGPT(weights, 2)
    ours = [model.read(ids[:, t : t + 1]) for t in range(9)]
    agreement(
        np.array(ours),
        lambda: np.array([by_torch(weights, ids[:, : t + 1], 2) for t in range(9)]),
        what="a GPT's scores, token by token, with kept keys and values",
        against="torch.nn.TransformerEncoderLayer on the whole text",
        atol=1e-10,
    )


@some
@given(
    seed=SEEDS,
    parts=st.lists(st.integers(1, 3), min_size=1, max_size=3),
    heads=st.sampled_from([1, 2, 4]),
    blocks=st.integers(1, 3),
)
def test_a_text_read_in_parts_is_scored_as_the_whole(seed, parts, heads, blocks):
    rng = np.random.default_rng(seed)
    gpt, weights = small_gpt(rng, heads=heads, blocks=blocks)
    ids = rng.integers(7, size=(2, sum(parts)))
    model, ends = CachedGPT(weights, heads), np.cumsum(parts)
    for end, part in zip(ends, parts, strict=True):
        found = model.read(ids[:, end - part : end])
        with torch.no_grad():
            expected = gpt(torch.tensor(ids[:, :end]))[:, -1].numpy()
        np.testing.assert_allclose(found, expected, atol=1e-10)
        np.testing.assert_allclose(found, by_torch(weights, ids[:, :end], heads), atol=1e-10)
        assert model.length == end


@some
@given(seed=SEEDS, count=st.integers(1, 9))
def test_with_the_cache_the_same_tokens_are_written(seed, count):
    rng = np.random.default_rng(seed)
    gpt, weights = small_gpt(rng)
    model, written, again = CachedGPT(weights, 2), [3], [3]
    for _ in range(count):
        written.append(int(model.read(np.array([written[-1:]])).argmax()))
        with torch.no_grad():
            again.append(int(gpt(torch.tensor([again]))[0, -1].argmax()))
    assert written == again


@some
@given(
    seed=SEEDS,
    n=st.integers(1, 3),
    t=st.integers(1, 6),
    sizes=st.sampled_from([(4, 2, 1), (8, 4, 2), (12, 3, 3)]),
)
def test_the_work_is_that_of_the_formula(seed, n, t, sizes):
    dim, heads, blocks = sizes
    rng = np.random.default_rng(seed)
    _, weights = small_gpt(rng, dim=dim, heads=heads, blocks=blocks)
    ids = rng.integers(7, size=(n, t))
    anew, cached = CachedGPT(weights, heads), CachedGPT(weights, heads)
    assert anew.work == 0
    anew.read(ids)
    assert anew.work == n * (blocks * (12 * dim**2 * t + 2 * dim * t**2) + dim * 7)
    for end in range(1, t + 1):
        before = cached.work
        cached.read(ids[:, end - 1 : end])
        one = blocks * (12 * dim**2 + 2 * dim * end) + dim * 7
        assert cached.work - before == n * one
    assert anew.work - n * dim * 7 == t * (cached.work - before - n * dim * 7)


def test_chosen_texts_go_on_by_themselves(rng):
    gpt, weights = small_gpt(rng)
    ids, new = rng.integers(7, size=(4, 5)), rng.integers(7, size=(3, 2))
    model, rows = CachedGPT(weights, 2), np.array([2, 0, 2])
    model.read(ids)
    model.choose(rows)
    with torch.no_grad():
        expected = gpt(torch.tensor(np.column_stack([ids[rows], new])))[:, -1].numpy()
    np.testing.assert_allclose(model.read(new), expected, atol=1e-10)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: temper(np.zeros(3), 0), r"temper\(\): temperature must be above 0"),
        (lambda: top_k(np.ones(2) / 2, 0), r"top_k\(\): k must be from 1 to 2, got 0"),
        (lambda: top_k(np.ones(2) / 2, 3), r"top_k\(\): k must be from 1 to 2, got 3"),
        (lambda: top_p(np.ones(2) / 2, 0), r"top_p\(\): share must be above 0"),
        (lambda: top_p(np.ones(2) / 2, 1.1), r"top_p\(\): share must be above 0 and at most 1"),
        (lambda: top_p(np.ones(2), 0.5), r"p must add up to 1"),
        (lambda: beam(None, 0, 1), r"beam\(\): length 0 and width 1 must be 1 or more"),
        (lambda: beam(None, 1, 0), r"beam\(\): length 1 and width 0 must be 1 or more"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_more_tokens_than_places_are_refused(rng):
    _, weights = small_gpt(rng)
    model = CachedGPT(weights, 2)
    model.read(rng.integers(7, size=(1, 9)))
    with pytest.raises(ValueError, match="10 tokens, but the GPT has 9 places"):
        model.read(np.array([[0]]))


def test_tokens_and_texts_that_are_not_there_are_refused(rng):
    _, weights = small_gpt(rng, blocks=1)
    model = CachedGPT(weights, 2)
    for ids in ([-1, 2], [0, 7]):  # one of two is enough
        with pytest.raises(ValueError, match=r"read\(\): ids must be from 0 to 6"):
            model.read(np.array([ids]))
    with pytest.raises(ValueError, match="places of the 0 texts"):
        model.choose(np.array([0]))
    model.read(np.array([[0], [6]]))
    for rows in ([-1, 1], [0, 2]):
        with pytest.raises(ValueError, match=r"choose\(\): rows must be places of the 2 texts"):
            model.choose(np.array(rows))
    model.choose(np.array([0, 1]))


SCRIPT = "docs/language/decoding.js"


@pytest.mark.browser
def test_the_page_cuts_as_python_does(js, rng):
    for size in (1, 5, 74):
        scores = (rng.normal(size=size) * 3).astype(np.float32)
        temperature, share = float(rng.uniform(0.1, 2)), float(rng.uniform(0.05, 1))
        k = int(rng.integers(1, size + 1))
        warm = temper(scores, temperature)
        options = {"temperature": temperature, "k": k, "share": share}
        expected = top_p(top_k(warm, k), share)
        np.testing.assert_allclose(js(SCRIPT, "cut", scores, options), expected, atol=1e-5)
        np.testing.assert_allclose(js(SCRIPT, "temper", scores, temperature), warm, atol=1e-5)
        np.testing.assert_allclose(js(SCRIPT, "topK", warm.tolist(), k), top_k(warm, k))
        np.testing.assert_allclose(js(SCRIPT, "topP", warm.tolist(), share), top_p(warm, share))
    even = [0.25] * 4
    assert js(SCRIPT, "topK", even, 2) == js(SCRIPT, "topP", even, 0.5) == [0.5, 0.5, 0, 0]
    assert js(SCRIPT, "topP", [0.1, 0.2, 0.3, 0.4], 0.9)[0] == 0


@pytest.mark.browser
def test_the_page_reads_letter_by_letter_as_python_does(js, rng):
    _, weights = small_gpt(rng, letters=9, dim=12, heads=3)
    net = {name: part.astype(np.float32) for name, part in weights.items()}
    ids = rng.integers(9, size=8)
    found = js(SCRIPT, "reader", net, ids.tolist(), 3)["scores"]
    for end in range(1, 9):
        expected = by_torch(weights, ids[None, :end], 3)[0]
        np.testing.assert_allclose(np.ravel(found[end - 1]), expected, atol=1e-3, rtol=1e-4)
