"""Attention against PyTorch's, values and gradients, and the net that translates number words."""

import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from introdl.language.attention import numbers, scaled, translating
from introdl.language.attention.additive import AdditiveAttention
from introdl.language.attention.heads import MultiHeadAttention

#: NumPy finds one length from the others, where it is given as any number below 0.
SAME = {
    "self.dv = (dscores * self.hidden).reshape(-2, len(self.v)).sum(axis=0)": "below 0, as -1",
    "return X.reshape(-2, X.shape[-1]).T @ dZ.reshape(-1, dZ.shape[-1])": "below 0, as -1",
    "return X.reshape(-1, X.shape[-1]).T @ dZ.reshape(-2, dZ.shape[-1])": "below 0, as -1",
    "return X.reshape(*X.shape[:2], -2)": "below 0, as -1",
    "return (pairs @ self.score[:, None, None])[..., -1]": "there is one score",
    "return query.new_zeros(*query.shape[:-1], key.shape[2])": "the same of four axes",
    "loss = F.cross_entropy(scores.flatten(0, 2), target.flatten(), ignore_index=0)": (
        "all but the last of four axes"
    ),
    "generator = torch.Generator().manual_seed(1)": "any seed",
    "generator = torch.Generator().manual_seed(-1)": "any seed",
    "optimizer = torch.optim.Adam(net.parameters(), lr=0.02)": "a setting, found by trial",
}


def odd_input(rng):
    Q, K, V = rng.normal(size=(2, 4, 3)), rng.normal(size=(2, 7, 3)), rng.normal(size=(2, 7, 5))
    _, shares = scaled.attend(Q, K, V)
    heads = MultiHeadAttention(6, 2, rng)
    asked = MultiHeadAttention(6, 2, rng)
    X, memory = rng.normal(size=(2, 4, 6)), rng.normal(size=(2, 7, 6))
    asked.forward(X, memory)
    additive = AdditiveAttention(
        rng.normal(size=(3, 8)), rng.normal(size=(3, 8)), rng.normal(size=8)
    )
    heard = AdditiveAttention(additive.W, additive.U, additive.v)
    heard.forward(Q, K, V)
    return {
        "attend": {"Q": Q, "K": K, "V": V},
        "attend_backward": {
            "dO": rng.normal(size=(2, 4, 5)),
            "Q": Q,
            "K": K,
            "V": V,
            "shares": shares,
        },
        "padding_mask": {"lengths": np.array([2, 3, 3]), "longest": 3},
        "MultiHeadAttention.forward": {"self": heads, "X": X, "memory": memory},
        "MultiHeadAttention.backward": {"self": asked, "dY": rng.normal(size=(2, 4, 6))},
        "AdditiveAttention.forward": {"self": additive, "Q": Q, "K": K, "V": V},
        "AdditiveAttention.backward": {"self": heard, "dO": rng.normal(size=(2, 4, 5))},
    }


def leaves(*arrays):
    return [torch.tensor(array, requires_grad=True) for array in arrays]


def gradients(output, weight, inputs):
    output.backward(torch.tensor(weight))
    return [x.grad.numpy() for x in inputs]


def draw_mask(rng, kind, n, t, s):
    """A mask as (N, 1 or T, S), each query seeing one word at least; None for everywhere."""
    if kind == "none":
        return None
    lengths = rng.integers(1, s + 1, size=n)
    padding = np.arange(s) < lengths[:, None, None]
    causal = np.arange(s) <= np.arange(t)[:, None]
    return {"padding": padding, "causal": causal[None], "both": padding & causal}[kind]


KINDS = ["none", "causal", "padding", "both"]
SIZES = {name: st.integers(1, 6) for name in "ntsdm"}
drawn = given(
    seed=st.integers(0, 2**32 - 1),
    sizes=st.fixed_dictionaries(SIZES),
    kind=st.sampled_from(KINDS),
)
some = settings(max_examples=40, deadline=None)


def assert_close(ours, reference, what=""):
    scale = max(1.0, np.abs(reference).max(initial=0))
    np.testing.assert_allclose(ours, reference, rtol=1e-10, atol=1e-10 * scale, err_msg=what)


@some
@drawn
def test_scaled_attention_and_its_gradients_are_pytorchs(seed, sizes, kind):
    rng = np.random.default_rng(seed)
    n, t, s, d, m = (sizes[name] for name in "ntsdm")
    arrays = [rng.normal(size=shape) * 2 for shape in ((n, t, d), (n, s, d), (n, s, m))]
    mask, dO = draw_mask(rng, kind, n, t, s), rng.normal(size=(n, t, m))
    inputs = leaves(*arrays)
    allowed = None if mask is None else torch.tensor(np.broadcast_to(mask, (n, t, s)).copy())
    theirs = F.scaled_dot_product_attention(*inputs, attn_mask=allowed)
    mixed, shares = scaled.attend(*arrays, mask)
    assert_close(mixed, theirs.detach().numpy())
    assert_close(shares.sum(axis=-1), 1)
    if mask is not None:
        assert not shares[~np.broadcast_to(mask, shares.shape)].any()
    ours = scaled.attend_backward(dO, *arrays, shares)
    for name, mine, other in zip("QKV", ours, gradients(theirs, dO, inputs), strict=True):
        assert_close(mine, other, f"d{name}")


def torch_heads(ours, dim):
    """PyTorch's layer with our weights."""
    layer = torch.nn.MultiheadAttention(dim, ours.heads, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        layer.in_proj_weight.copy_(torch.tensor(np.hstack([ours.W[n] for n in "qkv"]).T))
        layer.in_proj_bias.copy_(torch.tensor(np.hstack([ours.b[n] for n in "qkv"])))
        layer.out_proj.weight.copy_(torch.tensor(ours.W["o"].T))
        layer.out_proj.bias.copy_(torch.tensor(ours.b["o"]))
    return layer


@some
@drawn
def test_heads_and_all_their_gradients_are_pytorchs(seed, sizes, kind):
    rng = np.random.default_rng(seed)
    n, t, s, d, heads = (sizes[name] for name in "ntsdm")
    dim = d * heads
    ours = MultiHeadAttention(dim, heads, rng)
    ours.b = {name: rng.normal(size=dim) for name in "qkvo"}
    layer = torch_heads(ours, dim)
    X, memory, dY = (rng.normal(size=(n, rows, dim)) for rows in (t, s, t))
    mask = draw_mask(rng, kind, n, t, s)
    asked, seen = leaves(X, memory)
    hidden = {}
    if mask is not None:  # PyTorch's masks are True where one may not look
        hidden["attn_mask"] = torch.tensor(~np.broadcast_to(mask, (n, t, s)).repeat(heads, axis=0))
    theirs, shares = layer(asked, seen, seen, average_attn_weights=False, **hidden)
    assert_close(ours.forward(X, memory, mask), theirs.detach().numpy())
    assert_close(ours.shares, shares.detach().numpy())
    found = ours.backward(dY)
    for mine, other in zip(found, gradients(theirs, dY, [asked, seen]), strict=True):
        assert_close(mine, other)
    weights = [*np.split(layer.in_proj_weight.grad.numpy(), 3), layer.out_proj.weight.grad.numpy()]
    biases = [*np.split(layer.in_proj_bias.grad.numpy(), 3), layer.out_proj.bias.grad.numpy()]
    for name, weight, bias in zip("qkvo", weights, biases, strict=True):
        assert_close(ours.dW[name], weight.T, f"dW {name}")
        assert_close(ours.db[name], bias, f"db {name}")


def bahdanau(Q, K, V, W, U, v, mask):
    """Pair by pair, as the paper's equations say it."""
    sentences = []
    for n in range(len(Q)):
        rows = []
        for t in range(Q.shape[1]):
            seen = [s for s in range(K.shape[1]) if mask is None or mask[n, t, s]]
            powers = [
                torch.exp((torch.tanh(W.T @ Q[n, t] + U.T @ K[n, s]) * v).sum()) for s in seen
            ]
            rows.append(sum(p * V[n, s] for p, s in zip(powers, seen, strict=True)) / sum(powers))
        sentences.append(torch.stack(rows))
    return torch.stack(sentences)


@settings(max_examples=20, deadline=None)
@drawn
def test_additive_attention_and_all_its_gradients_are_autograds(seed, sizes, kind):
    rng = np.random.default_rng(seed)
    n, t, s, d, m = (sizes[name] for name in "ntsdm")
    e, h = rng.integers(1, 5, size=2)
    shapes = [(n, t, d), (n, s, e), (n, s, m), (d, h), (e, h), (h,)]
    arrays = [rng.normal(size=shape) for shape in shapes]
    mask, dO = draw_mask(rng, kind, n, t, s), rng.normal(size=(n, t, m))
    inputs = leaves(*arrays)
    full = None if mask is None else np.broadcast_to(mask, (n, t, s))
    theirs = bahdanau(*inputs, full)
    ours = AdditiveAttention(*arrays[3:])
    assert_close(ours.forward(*arrays[:3], mask)[0], theirs.detach().numpy())
    found = [*ours.backward(dO), ours.dW, ours.dU, ours.dv]
    for name, mine, other in zip("QKVWUv", found, gradients(theirs, dO, inputs), strict=True):
        assert_close(mine, other, f"d{name}")
    # One sentence may come without the axis of sentences.
    alone, _ = ours.forward(*(array[0] for array in arrays[:3]), None if full is None else full[0])
    assert_close(alone, theirs[0].detach().numpy())
    for name, mine, many in zip("QKV", ours.backward(dO[0]), found, strict=False):
        assert_close(mine, many[0], f"d{name}")


@pytest.mark.agreement
@pytest.mark.parametrize("kind", ["causal", "padding"])
def test_scaled_attention_agrees(rng, agreement, kind):
    arrays = [rng.normal(size=shape) for shape in ((4, 9, 8), (4, 9, 8), (4, 9, 5))]
    mask = draw_mask(rng, kind, 4, 9, 9)
    inputs, dO = leaves(*arrays), rng.normal(size=(4, 9, 5))
    mixed, shares = scaled.attend(*arrays, mask)
    ours = [mixed, *scaled.attend_backward(dO, *arrays, shares)]

    def reference():
        theirs = F.scaled_dot_product_attention(
            *inputs, attn_mask=torch.tensor(np.broadcast_to(mask, (4, 9, 9)).copy())
        )
        return np.concatenate(
            [a.ravel() for a in (theirs.detach().numpy(), *gradients(theirs, dO, inputs))]
        )

    agreement(
        np.concatenate([a.ravel() for a in ours]),
        reference,
        what=f"mixed values and gradients, {kind} mask",
        against="torch scaled_dot_product_attention, float64",
        atol=1e-10,
    )


@pytest.mark.agreement
def test_heads_agree(rng, agreement):
    ours = MultiHeadAttention(12, 3, rng)
    X = rng.normal(size=(2, 5, 12))
    layer, asked = torch_heads(ours, 12), leaves(X)[0]
    dY = rng.normal(size=X.shape)
    output = ours.forward(X, X, scaled.causal_mask(5))
    found = [output, sum(ours.backward(dY)), *ours.dW.values()]

    def reference():
        later = torch.ones(5, 5, dtype=torch.bool).triu(1)
        theirs, _ = layer(asked, asked, asked, attn_mask=later)
        dX = gradients(theirs, dY, [asked])[0]
        weights = layer.in_proj_weight.grad.numpy().reshape(3, 12, 12)
        weights = [*weights, layer.out_proj.weight.grad.numpy()]
        arrays = [theirs.detach().numpy(), dX, *(w.T for w in weights)]
        return np.concatenate([a.ravel() for a in arrays])

    agreement(
        np.concatenate([a.ravel() for a in found]),
        reference,
        what="self-attention with three heads and a causal mask: output and gradients",
        against="torch.nn.MultiheadAttention, float64",
        atol=1e-10,
    )


@pytest.mark.parametrize("causal", [False, True])
def test_both_masks_do_for_heads_what_pytorchs_own_do(rng, causal):
    ours = MultiHeadAttention(6, 2, rng)
    (X, dY), lengths = rng.normal(size=(2, 3, 4, 6)), np.array([2, 4, 1])
    filled = torch.tensor(np.arange(4) >= lengths[:, None])
    mask, hidden = scaled.padding_mask(lengths, 4), None
    if causal:
        mask = mask & scaled.causal_mask(4)
        hidden = torch.ones(4, 4, dtype=torch.bool).triu(1)
    layer, (asked,) = torch_heads(ours, 6), leaves(X)
    theirs, _ = layer(asked, asked, asked, key_padding_mask=filled, attn_mask=hidden)
    assert_close(ours.forward(X, X, mask), theirs.detach().numpy())
    assert_close(sum(ours.backward(dY)), gradients(theirs, dY, [asked])[0])
    for name, weight in zip("qkv", np.split(layer.in_proj_weight.grad.numpy(), 3), strict=True):
        assert_close(ours.dW[name], weight.T, f"dW {name}")
    assert_close(ours.dW["o"], layer.out_proj.weight.grad.numpy().T, "dW o")


def test_the_first_weights_neither_grow_nor_shrink_what_they_map(rng):
    ours = MultiHeadAttention(40, 2, rng)
    for W in ours.W.values():
        np.testing.assert_allclose((W**2).sum(axis=0).mean(), 1, atol=0.2)


def test_by_hand():
    Q, K = np.array([[np.log(3), 0.0]]), np.eye(2)
    mixed, shares = scaled.attend(np.sqrt(2) * Q, K, np.array([[4.0, 0], [0, 8]]))
    np.testing.assert_allclose(shares, [[0.75, 0.25]])
    np.testing.assert_allclose(mixed, [[3, 2]])
    np.testing.assert_allclose(scaled.softmax([2, 0])[1], 0.1192, atol=1e-4)
    # Sentences that are all equally long.
    assert scaled.padding_mask(np.array([2, 2]), 3).tolist() == 2 * [[[True, True, False]]]


def test_scores_beyond_what_exp_can_hold_have_shares():
    np.testing.assert_allclose(scaled.softmax([1000.0, 1000.0, -np.inf]), [0.5, 0.5, 0])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda a: scaled.attend(a, a, a, np.tri(3)), TypeError, "mask must be an array of Bool"),
        (lambda a: scaled.attend(a, a, a, np.ones((2, 3), bool)), ValueError, "expected (3, 3)"),
        # The first of three queries alone may look nowhere.
        (lambda a: scaled.attend(a, a, a, np.tri(3, k=-1) > 0), ValueError, "without any word"),
        (lambda a: scaled.attend(a, a[:, :2], a), ValueError, "K has shape (3, 2)"),
        (lambda a: scaled.attend(a[None], a, a), ValueError, "shapes differ before"),
        (lambda a: scaled.softmax(a - np.inf), ValueError, "a row without any finite value"),
        (lambda a: scaled.padding_mask(np.array([0, 1]), 3), ValueError, "must be from 1 to 3"),
        (lambda a: scaled.padding_mask(np.array([4, 1]), 3), ValueError, "must be from 1 to 3"),
        (lambda a: MultiHeadAttention(6, 4, np.random.default_rng(0)), ValueError, "do not divide"),
        (
            lambda a: MultiHeadAttention(6, 0, np.random.default_rng(0)),
            ValueError,
            "0 heads do not",
        ),
        (lambda a: numbers.spell(0), ValueError, "expected 1 to 9,999"),
        (lambda a: numbers.spell(10_000), ValueError, "expected 1 to 9,999"),
        (lambda a: translating.Translator([0], "mode"), ValueError, "way is 'mode'"),
    ],
)
def test_bad_input_is_refused(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call(np.ones((3, 3)))


#: From two dictionaries' rules of number words, written out.
SPELT = {
    1: ("one", "eins"),
    10: ("ten", "zehn"),
    16: ("sixteen", "sechzehn"),
    17: ("seventeen", "siebzehn"),
    21: ("twenty one", "einundzwanzig"),
    30: ("thirty", "dreißig"),
    67: ("sixty seven", "siebenundsechzig"),
    76: ("seventy six", "sechsundsiebzig"),
    101: ("one hundred one", "einhunderteins"),
    555: ("five hundred fifty five", "fünfhundertfünfundfünfzig"),
    1000: ("one thousand", "eintausend"),
    4812: ("four thousand eight hundred twelve", "viertausendachthundertzwölf"),
    9999: ("nine thousand nine hundred ninety nine", "neuntausendneunhundertneunundneunzig"),
}


@pytest.mark.parametrize("number", SPELT)
def test_numbers_are_spelt(number):
    english, german, _ = numbers.spell(number)
    assert english.pop() == german.pop() == numbers.END
    assert (" ".join(english), "".join(german)) == SPELT[number]


def test_each_part_comes_from_the_word_that_means_the_same():
    pairs = set()
    for number in range(1, 10_000):
        english, german, sources = numbers.spell(number)
        assert sorted(s for s in sources if s >= 0) == list(range(len(english)))
        pairs |= {(g, english[s]) for g, s in zip(german, sources, strict=True) if s >= 0}
        assert [g for g, s in zip(german, sources, strict=True) if s < 0] in ([], ["und"])
        assert [s for s in sources if s < 0] == [-1] * german.count("und")
    assert len({g for g, _ in pairs}) == len(pairs) == len(numbers.GERMAN) - 2
    assert {e for _, e in pairs} == set(numbers.ENGLISH[1:])


def test_encoded_numbers_can_be_read_back():
    words, parts, sources = numbers.encode([7, 4321])
    assert words.shape == (2, 7)
    assert parts.shape == sources.shape == (2, 8)
    for row, number in enumerate([7, 4321]):
        english, german, places = numbers.spell(number)
        assert [numbers.ENGLISH[i] for i in words[row] if i] == english
        assert [numbers.GERMAN[i] for i in parts[row] if i] == german
        assert sources[row, : len(places)].tolist() == places
        assert (sources[row, len(places) :] == -1).all()


WORDS, PARTS, _ = numbers.encode([5, 321, 4021, 17])


@pytest.mark.parametrize("way", translating.WAYS)
@pytest.mark.parametrize("mixed", [False, True])
def test_nets_side_by_side_are_nets_alone(way, mixed):
    words, parts = WORDS.expand(3, -1, -1), PARTS.expand(3, -1, -1)
    together, shares = translating.Translator([4, 5, 6], way, mixed=mixed)(words, parts)
    for i, seed in enumerate([4, 5, 6]):
        alone = translating.Translator([seed], way, mixed=mixed)(words[:1], parts[:1])
        torch.testing.assert_close(together[i], alone[0][0])
        torch.testing.assert_close(shares[i], alone[1][0])


def one_by_one(net, r, words, parts):
    """Net r on one sentence, with the layers of this lesson in NumPy."""
    p = {name: value[r].detach().double().numpy() for name, value in net.named_parameters()}
    x = p["english"][words]
    edge = np.vstack([p["english"][:1] * 0, x, p["english"][:1] * 0])
    near = [np.concatenate(edge[i : i + 3]) for i in range(len(x))]
    states = np.tanh(near @ p["window"])
    written = [*p["german"][[0, 0]], *p["german"][parts]]
    last = np.array([[*written[i + 1], *written[i]] for i in range(len(parts) + 1)])
    V = (states if net.mixed else x) @ p["value"]
    Q, K = last @ p["query"], states @ p["key"]
    if net.way == "additive":
        additive = AdditiveAttention(np.eye(net.dim), np.eye(net.dim), p["score"][:, 0])
        mixed, shares = additive.forward(Q, K, V)
    else:
        mixed, shares = scaled.attend(Q * (net.way != "mean"), K, V)
    return np.tanh(np.hstack([mixed, last]) @ p["hidden"]) @ p["out"], shares


def test_a_net_writes_at_least_one_part():
    net, words = translating.Translator([1]), WORDS[None]
    written, _ = net.write(words)
    assert written.shape[-1] == numbers.encode([4321])[1].shape[1] == 8  # as long as any number
    torch.testing.assert_close(net.write(words, 1)[0], written[..., :1])
    with pytest.raises(ValueError, match="at least one part is written, not 0"):
        translating.Translator([1]).write(torch.zeros(1, 1, 3, dtype=torch.int64), 0)


def test_the_first_weights_of_a_net():
    net = translating.Translator(list(range(9)))
    d, words, parts = 20, len(numbers.ENGLISH), len(numbers.GERMAN)
    maps = [(3 * d, d), (2 * d, d), (d, d), (d, d), (d, 1), (3 * d, 2 * d), (2 * d, parts)]
    tables = [("english", (words, d), 1), ("german", (parts, d), 1)]
    names = ["window", "query", "key", "value", "score", "hidden", "out"]
    expected = [*tables, *((n, s, s[0] ** -0.5) for n, s in zip(names, maps, strict=True))]
    found = [(name, p.shape[1:], p.std().item()) for name, p in net.named_parameters()]
    assert [(name, shape) for name, shape, _ in found] == [(n, s) for n, s, _ in expected]
    np.testing.assert_allclose([s for *_, s in found], [s for *_, s in expected], rtol=0.2)


@pytest.mark.parametrize("way", translating.WAYS)
@pytest.mark.parametrize("mixed", [False, True])
def test_the_net_is_made_of_the_layers_by_hand(way, mixed, rng):
    net = translating.Translator(rng.integers(2**31, size=2).tolist(), way, mixed=mixed)
    scores, shares = net(WORDS.expand(2, -1, -1), PARTS.expand(2, -1, -1))
    for r, n in [(0, 0), (1, 1), (1, 3)]:
        alone = WORDS[n][WORDS[n] > 0].numpy()  # without what fills it up
        ours, seen = one_by_one(net, r, alone, PARTS[n].numpy())
        np.testing.assert_allclose(scores[r, n].detach(), ours, atol=1e-4)
        np.testing.assert_allclose(shares[r, n, :, : len(alone)].detach(), seen, atol=1e-5)
        assert not shares[r, n, :, len(alone) :].any()


def test_a_net_learns_four_numbers_by_heart_and_writes_them():
    net = translating.Translator([0, 1])
    words, parts = WORDS.expand(2, -1, -1), PARTS.expand(2, -1, -1)
    losses = translating.fit(net, words, parts, steps=60, batch=8)
    assert losses[-1] < 0.05 < 1 < losses[0]
    written, shares = net.write(words, PARTS.shape[1])
    assert ((written == parts) | (parts == 0)).all()
    torch.testing.assert_close(shares, net(words, written[..., :-1])[1])


SCRIPT = "docs/language/attention.js"


@pytest.mark.browser
def test_the_mix_on_the_page_is_pythons(js, rng):
    for _ in range(5):
        words, d, m = rng.integers(1, 6, size=3)
        q, K, V = rng.normal(size=d) * 3, rng.normal(size=(words, d)), rng.normal(size=(words, m))
        divisor = rng.uniform(0.25, 4)
        page = js(SCRIPT, "attend", q.tolist(), K.tolist(), V.tolist(), divisor)
        mixed, shares = scaled.attend(q[None] * np.sqrt(d) / divisor, K, V)
        np.testing.assert_allclose(page["shares"], shares[0], atol=1e-12)
        np.testing.assert_allclose(page["mixed"], mixed[0], atol=1e-12)
        np.testing.assert_allclose(page["scores"], K @ q / divisor, atol=1e-12)


@pytest.mark.browser
def test_the_page_spells_as_python_does(js, rng):
    for number in [*range(1, 24), 30, 100, 1000, *rng.integers(1, 10_000, size=40).tolist()]:
        english, german, _ = numbers.spell(number)
        page = js(SCRIPT, "spell", number)
        assert [numbers.ENGLISH[i] for i in page["english"]] == english
        assert [numbers.GERMAN[i] for i in page["german"]] == german


@pytest.mark.browser
def test_the_net_on_the_page_writes_as_python_does(js, rng):
    words, parts, _ = numbers.encode(rng.integers(1, 10_000, size=60).tolist())
    net = translating.Translator([int(rng.integers(2**31))])
    translating.fit(net, words[None], parts[None], steps=20, batch=16)  # right on some
    arrays = {name: p[0].detach().numpy() for name, p in net.named_parameters()}
    written, shares = net.write(words[None], 8)
    for n in range(12):
        alone = words[n][words[n] > 0]
        page = js(SCRIPT, "translate", arrays, alone.tolist(), 8)
        length = len(page["parts"])
        assert page["parts"] == written[0, n, :length].tolist()
        assert length == 8 or page["parts"][-1] == len(numbers.GERMAN) - 1
        ours = shares[0, n, :length, : len(alone)]
        np.testing.assert_allclose(page["shares"], ours, atol=1e-5)
