"""The encoder against PyTorch's, values and gradients, the task of the endings, and the page's."""

import math
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from introdl import data
from introdl.language.transformer import layers, reading, stages
from introdl.language.transformer.layers import Encoder, EncoderLayer, FeedForward, LayerNorm
from introdl.language.transformer.positions import positions
from introdl.language.transformer.reading import WORDS, Readers

#: Mutants that change nothing a test could see.
SAME = {
    "if places < 0 or dim < 1 or dim % 2:": "1 is odd",
    "optimizer = torch.optim.Adam(net.parameters(), rate, betas=(0.45, 0.98), fused=True)": (
        "a setting, found by trial"
    ),
    "optimizer = torch.optim.Adam(net.parameters(), rate, betas=(0.9, 0.49), fused=True)": (
        "a setting, found by trial"
    ),
    "loss = F.cross_entropy(scores.flatten(0, 2), asked.flatten(), ignore_index=-1)": (
        "all but the last of four axes"
    ),
    'every = self._layer(x, f"{i}_", "qkv").unflatten(-1, (3, self.heads, -2))': "below 0, as -1",
}


def odd_input(rng):
    X, dY = rng.normal(size=(2, 2, 3, 4))
    parts = {
        "LayerNorm": LayerNorm(4),
        "Unchanged": layers.Unchanged(),
        "FeedForward": FeedForward(4, 5, rng),
        "EncoderLayer": EncoderLayer(4, 2, 5, rng),
        "Encoder": Encoder([EncoderLayer(4, 2, 5, rng, norm="pre") for _ in range(2)]),
    }
    calls = {}
    for name, part in parts.items():
        part.forward(X)
        calls[f"{name}.forward"] = {"self": part, "X": X}
        calls[f"{name}.backward"] = {"self": part, "dY": dY}
    return calls


KINDS = ["none", "causal", "padding", "both"]
SHAPES = {"n": st.integers(1, 3), "t": st.integers(1, 6), "heads": st.integers(1, 3)}
SHAPES |= {"per_head": st.integers(1, 4), "hidden": st.integers(1, 7)}
drawn = given(
    seed=st.integers(0, 2**32 - 1),
    shape=st.fixed_dictionaries(SHAPES),
    kind=st.sampled_from(KINDS),
    norm=st.sampled_from(["pre", "post"]),
)
some = settings(max_examples=25, deadline=None)


def draw_masks(rng, kind, n, t):
    """Ours, True where a word may look, and PyTorch's two, True where it may not."""
    lengths = rng.integers(1, t + 1, size=n)
    causal = np.arange(t) <= np.arange(t)[:, None]
    real = np.arange(t) < lengths[:, None]
    ours = {"none": None, "causal": causal, "padding": real[:, None]}
    ours["both"] = causal & real[:, None]
    theirs = {}
    if kind in ("causal", "both"):
        theirs["src_mask"] = torch.tensor(~causal)
    if kind in ("padding", "both"):
        theirs["src_key_padding_mask"] = torch.tensor(~real)
    return ours[kind], theirs


def randomise(layer, rng):
    """All weights by lot, biases and norms included, so that none is 0 or 1 by chance."""
    for norm in (layer.norm1, layer.norm2):
        if isinstance(norm, LayerNorm):
            norm.weight, norm.bias = rng.normal(size=(2, len(norm.weight)))
    attention, small = layer.attention, layer.small
    attention.b = {name: rng.normal(size=b.shape) for name, b in attention.b.items()}
    small.b = [rng.normal(size=b.shape) for b in small.b]
    return layer


def named(layer, gradient=False):
    """Our weights, or their gradients, by the names that PyTorch's layer gives them."""
    d = "d" if gradient else ""
    W, b = getattr(layer.attention, f"{d}W"), getattr(layer.attention, f"{d}b")
    small_W, small_b = getattr(layer.small, f"{d}W"), getattr(layer.small, f"{d}b")
    found = {
        "self_attn.in_proj_weight": np.hstack([W[n] for n in "qkv"]).T,
        "self_attn.in_proj_bias": np.hstack([b[n] for n in "qkv"]),
        "self_attn.out_proj.weight": W["o"].T,
        "self_attn.out_proj.bias": b["o"],
    }
    for i in (0, 1):
        found |= {f"linear{i + 1}.weight": small_W[i].T, f"linear{i + 1}.bias": small_b[i]}
        norm = (layer.norm1, layer.norm2)[i]
        for kind in ("weight", "bias"):
            found[f"norm{i + 1}.{kind}"] = getattr(norm, f"{d}{kind}")
    return found


def torch_layer(weights, dim, heads, hidden, norm):
    """PyTorch's layer with our weights."""
    layer = nn.TransformerEncoderLayer(
        dim,
        heads,
        hidden,
        dropout=0,
        batch_first=True,
        norm_first=norm == "pre",
        dtype=torch.float64,
    )
    layer.load_state_dict({name: torch.tensor(value) for name, value in weights.items()})
    return layer


def assert_close(ours, reference, what=""):
    scale = max(1.0, np.abs(reference).max(initial=0))
    np.testing.assert_allclose(ours, reference, rtol=1e-10, atol=1e-10 * scale, err_msg=what)


@some
@drawn
def test_the_layer_and_all_its_gradients_are_pytorchs(seed, shape, kind, norm):
    n, t, heads, per_head, hidden = shape.values()
    dim, rng = heads * per_head, np.random.default_rng(seed)
    ours = randomise(EncoderLayer(dim, heads, hidden, rng, norm=norm), rng)
    theirs = torch_layer(named(ours), dim, heads, hidden, norm)
    X, dY = rng.normal(size=(2, n, t, dim))
    mask, masks = draw_masks(rng, kind, n, t)
    asked = torch.tensor(X, requires_grad=True)
    output = theirs(asked, **masks)
    output.backward(torch.tensor(dY))
    assert_close(ours.forward(X, mask), output.detach().numpy())
    # With one number per word a norm has spread 0, and its slope, 1 / √ε, magnifies rounding.
    if dim > 1:
        assert_close(ours.backward(dY), asked.grad.numpy(), "dX")
        found = dict(theirs.named_parameters())
        for name, gradient in named(ours, gradient=True).items():
            assert_close(gradient, found[name].grad.numpy(), name)


@settings(max_examples=15, deadline=None)
@drawn
def test_the_encoder_and_its_gradients_are_pytorchs(seed, shape, kind, norm):
    n, t, heads, per_head, hidden = shape.values()
    dim, rng = heads * (per_head + 1), np.random.default_rng(seed)
    ours = Encoder([randomise(EncoderLayer(dim, heads, hidden, rng, norm=norm), rng) for _ in "ab"])
    theirs = nn.TransformerEncoder(
        torch_layer(named(ours.layers[0]), dim, heads, hidden, norm),
        2,
        norm=nn.LayerNorm(dim, dtype=torch.float64) if norm == "pre" else None,
        enable_nested_tensor=False,
    )
    second = {name: torch.tensor(value) for name, value in named(ours.layers[1]).items()}
    theirs.layers[1].load_state_dict(second)
    X, dY = rng.normal(size=(2, n, t, dim))
    mask, masks = draw_masks(rng, kind, n, t)
    masks = {name.replace("src_mask", "mask"): value for name, value in masks.items()}
    asked = torch.tensor(X, requires_grad=True)
    output = theirs(asked, **masks)
    output.backward(torch.tensor(dY))
    assert_close(ours.forward(X, mask), output.detach().numpy())
    assert_close(ours.backward(dY), asked.grad.numpy(), "dX")
    for layer, other in zip(ours.layers, theirs.layers, strict=True):
        found = dict(other.named_parameters())
        for name, gradient in named(layer, gradient=True).items():
            assert_close(gradient, found[name].grad.numpy(), name)


@pytest.mark.parametrize("norms", ["pre", "post", "pre post", "post pre", "pre post pre"])
def test_a_last_layer_that_does_not_end_with_a_norm_gets_one(rng, norms):
    encoder = Encoder([EncoderLayer(4, 2, 5, rng, norm=norm) for norm in norms.split()])
    assert isinstance(encoder.end, LayerNorm) == norms.endswith("pre")


@pytest.mark.agreement
@pytest.mark.parametrize("norm", ["post", "pre"])
def test_the_layer_agrees(rng, agreement, norm):
    ours = randomise(EncoderLayer(12, 3, 20, rng, norm=norm), rng)
    weights = named(ours)
    X, dY = rng.normal(size=(2, 2, 5, 12))
    mask, masks = draw_masks(rng, "both", 2, 5)
    found = [ours.forward(X, mask), ours.backward(dY), *named(ours, gradient=True).values()]

    def reference():
        layer, asked = torch_layer(weights, 12, 3, 20, norm), torch.tensor(X, requires_grad=True)
        output = layer(asked, **masks)
        output.backward(torch.tensor(dY))
        grads = dict(layer.named_parameters())
        arrays = [output.detach(), asked.grad, *(grads[name].grad for name in weights)]
        return np.concatenate([a.numpy().ravel() for a in arrays])

    agreement(
        np.concatenate([a.ravel() for a in found]),
        reference,
        what=f"an encoder layer, {norm}-norm, with causal and padding masks: output and gradients",
        against="torch.nn.TransformerEncoderLayer, float64",
        atol=1e-10,
    )


@pytest.mark.parametrize("norm", ["post", "pre", "none"])
@pytest.mark.parametrize("residual", [True, False])
def test_a_layer_without_a_part_has_the_slopes_that_nudging_finds(rng, norm, residual):
    layer = randomise(EncoderLayer(6, 2, 5, rng, norm=norm, residual=residual), rng)
    X, dY, way = rng.normal(size=(3, 2, 3, 6))
    step = 1e-6
    up, down = layer.forward(X + step * way), layer.forward(X - step * way)
    layer.forward(X)
    slope = ((up - down) * dY).sum() / (2 * step)
    assert (layer.backward(dY) * way).sum() == pytest.approx(slope, rel=1e-5, abs=1e-6)


def test_layer_norm_is_pytorchs(rng):
    ours, X = LayerNorm(5), 3 * rng.normal(size=(2, 3, 5)) + 1
    ours.weight, ours.bias = rng.normal(size=(2, 5))
    tensors = [torch.tensor(a) for a in (ours.weight, ours.bias)]
    theirs = nn.functional.layer_norm(torch.tensor(X), (5,), *tensors)
    assert_close(ours.forward(X), theirs.numpy())


def test_the_small_net_is_pytorchs(rng):
    ours, X = FeedForward(4, 7, rng), rng.normal(size=(2, 3, 4))
    ours.b = [rng.normal(size=7), rng.normal(size=4)]
    first, second = (nn.Linear(*W.shape, dtype=torch.float64) for W in ours.W)
    for linear, W, b in zip((first, second), ours.W, ours.b, strict=True):
        linear.load_state_dict({"weight": torch.tensor(W.T), "bias": torch.tensor(b)})
    theirs = second(first(torch.tensor(X)).relu())
    assert_close(ours.forward(X), theirs.detach().numpy())


def test_the_first_weights_keep_the_size_of_random_words(rng):
    wide = FeedForward(200, 300, rng)
    assert [W.std() for W in wide.W] == pytest.approx([0.1, 300**-0.5], rel=0.05)


@pytest.mark.parametrize("dim", [2, 4, 14])
def test_positions_are_the_papers_formula(rng, dim):
    places = int(rng.integers(1, 30))
    assert positions(0, dim).shape == (0, dim)
    found = positions(places, dim)
    assert found.shape == (places, dim)
    for place in range(places):
        for i in range(dim // 2):
            angle = place / 10_000 ** (2 * i / dim)
            pair = [math.sin(angle), math.cos(angle)]
            np.testing.assert_allclose(found[place, 2 * i : 2 * i + 2], pair, atol=1e-12)


def test_a_step_further_is_the_same_turn_at_every_place():
    """What makes the distance easy to find: places k apart differ by one rotation per pair."""
    found, k = positions(20, 8), 3
    angle = k / 10_000 ** (np.arange(0, 8, 2) / 8)
    sine, cosine = found[:-k, 0::2], found[:-k, 1::2]
    np.testing.assert_allclose(found[k:, 0::2], sine * np.cos(angle) + cosine * np.sin(angle))
    np.testing.assert_allclose(
        (found[:-k] * found[k:]).sum(axis=1), np.cos(angle).sum(), rtol=1e-12
    )


@pytest.mark.parametrize("norm", ["post", "pre"])
def test_without_places_another_order_of_the_words_is_another_order_of_the_rows(rng, norm):
    encoder = Encoder([randomise(EncoderLayer(6, 2, 8, rng, norm=norm), rng) for _ in range(3)])
    X, order = rng.normal(size=(1, 7, 6)), rng.permutation(7)
    np.testing.assert_allclose(
        encoder.forward(X[:, order]), encoder.forward(X)[:, order], atol=1e-12
    )
    placed, moved = X + positions(7, 6), X[:, order[::-1]] + positions(7, 6)
    assert not np.allclose(encoder.forward(moved), encoder.forward(placed)[:, order[::-1]])


def test_by_hand():
    """The two words of the page."""
    layer = EncoderLayer(2, 2, 2, np.random.default_rng(0))
    layer.attention.W = {
        "q": np.eye(2),
        "k": np.diag([np.log(3), 0]),
        "v": np.diag([4, -0.5]),
        "o": np.eye(2),
    }
    layer.small.W = [np.eye(2), np.array([[2.0, 0], [4, 0]])]
    X = np.array([[[1.0, 2], [0, 6]]])
    heard = layer.attention.forward(X, X)
    np.testing.assert_allclose(layer.attention.shares[0, 0], [[0.75, 0.25], [0.5, 0.5]])
    np.testing.assert_allclose(layer.attention.shares[0, 1], 0.5)
    np.testing.assert_allclose(heard, [[[3, -2], [2, -2]]])
    np.testing.assert_allclose(layer.norm1.forward(X + heard), [[[1, -1], [-1, 1]]], atol=1e-4)
    np.testing.assert_allclose(layer.forward(X), [[[1, -1], [1, -1]]], atol=1e-4)


def test_endings_are_taken_away_and_known():
    sentences = data.grammar().sample(200, rng=np.random.default_rng(3))
    for sentence in sentences:
        words, endings = reading.strip(sentence)
        again = [w + "s" * (end == 1) for w, end in zip(words, endings, strict=True)]
        assert " ".join(again).replace(" .", ".") == sentence
        verbs = [w for w, end in zip(words, endings, strict=True) if end >= 0]
        assert set(verbs) <= set(reading.STEMS)
    assert len(reading.STEMS) == 8
    ids, asked = reading.encode(sentences)
    assert ids.shape == asked.shape == (200, max(len(reading.strip(s)[0]) for s in sentences))
    assert [WORDS[i] for i in ids[0] if i] == reading.strip(sentences[0])[0]
    assert asked[ids == 0].unique().tolist() in ([-1], [])


def by_layers(net, r, ids):
    """Net r on sentences (N, T), with the layers by hand in NumPy, and the encoder itself."""
    p = {name: value[r].detach().double().numpy() for name, value in net.nets.items()}
    made = []
    for i in range(net.layers):
        hidden = p[f"{i}_W1"].shape[1]
        layer = EncoderLayer(
            p["word"].shape[1], net.heads, hidden, np.random.default_rng(0), norm="pre"
        )
        for kind in "Wb":
            parts = dict(zip("qkv", np.split(p[f"{i}_{kind}qkv"], 3, axis=-1), strict=True))
            setattr(layer.attention, kind, parts | {"o": p[f"{i}_{kind}o"]})
            setattr(layer.small, kind, [p[f"{i}_{kind}1"], p[f"{i}_{kind}2"]])
        for n, norm in ((1, layer.norm1), (2, layer.norm2)):
            norm.weight, norm.bias = p[f"{i}_weight{n}"], p[f"{i}_bias{n}"]
        made.append(layer)
    encoder = Encoder(made)
    encoder.end.weight, encoder.end.bias = p["weight"], p["bias"]
    X = p["word"][ids] + net.places[r, 0, : ids.shape[1]].double().numpy()
    return encoder.forward(X, (ids != 0)[:, None]) @ p["Wout"] + p["bout"], encoder


def test_the_nets_side_by_side_are_the_layers_by_hand(rng):
    sentences = data.grammar().sample(5, rng=rng)
    ids, _ = reading.encode(sentences)
    net = Readers([int(rng.integers(2**31)), 5, 6], [True, False, True], dim=8, hidden=12)
    with torch.no_grad():
        for p in net.parameters():
            p += 0.3 * torch.randn(p.shape, generator=torch.Generator().manual_seed(1))
    scores = net(ids.expand(3, -1, -1)).detach().numpy()
    real = ids.numpy() != 0
    for r in range(3):
        expected, _ = by_layers(net, r, ids.numpy())
        np.testing.assert_allclose(scores[r][real], expected[real], atol=1e-3)


def test_nets_side_by_side_share_nothing():
    ids, _ = reading.encode(["the dog that the cats see sleeps.", "some birds wait."])
    both = Readers([4, 5], [True, True])
    both(ids.expand(2, -1, -1))[0].sum().backward()
    assert not any(p.grad[1].any() for p in both.parameters())
    alone = Readers([5], [True])
    torch.testing.assert_close(both(ids.expand(2, -1, -1))[1], alone(ids[None])[0])
    told, untold = Readers([4, 4], [True, False]).nets["word"]
    torch.testing.assert_close(told, untold)


def test_the_first_weights_of_the_readers():
    net = Readers(list(range(9)), [True] * 9)
    assert net.places.shape == (9, 1, 64, 24)
    assert net.nets["1_W1"].shape == (9, 24, 48)
    for name, p in net.nets.items():
        if p.ndim == 2:
            assert (p == float("weight" in name)).all(), name
        else:
            expected = 1 if name == "word" else p.shape[1] ** -0.5
            assert p.std().item() == pytest.approx(expected, rel=0.15), name


def test_the_rate_rises_in_a_tenth_of_the_updates_and_then_falls_to_nothing(monkeypatch):
    rates, seen = [], []

    class Recorder(torch.optim.Adam):
        def step(self, *arguments):
            rates.append(self.param_groups[0]["lr"])
            return super().step(*arguments)

    monkeypatch.setattr(torch.optim, "Adam", Recorder)
    ids, asked = (found[None] for found in reading.encode(["the dog sleeps.", "the cats sing."]))
    net = Readers([0], [True], dim=8, hidden=8, layers=1)
    net.register_forward_pre_hook(lambda _, given: seen.append(given[0].shape))
    reading.fit(net, ids, asked, updates=50, seed=0)
    assert seen == 50 * [(1, 16, 4)]
    assert max(rates) == rates[4] == 0.01
    assert rates[:5] == sorted(rates[:5])
    assert rates[4:] == sorted(rates[4:], reverse=True)
    assert rates[-1] < 1e-6


def test_training_learns_the_endings_by_heart():
    sentences = ["the dog that the cats see sleeps.", "the dogs that the cat sees sleep."]
    ids, asked = (found.expand(2, -1, -1) for found in reading.encode(sentences))
    net = Readers([0, 0], [True, False])
    losses = reading.fit(net, ids, asked, updates=40, seed=0)
    assert losses[-1] < losses[0]
    right = reading.right(net, ids, asked)
    assert right.shape == (2, 2, 8)
    assert (right[0] == (asked[0] >= 0).numpy()).all()
    assert not right[:, (asked[0] < 0).numpy()].any()
    again = reading.fit(Readers([0, 0], [True, False]), ids, asked, updates=40, seed=0)
    assert again == losses


def test_each_net_trains_on_its_own_sentences():
    one, other = (["the dog sleeps.", "the cats sing."], ["a bird sees a cat.", "the dogs wait."])
    pairs = [reading.encode([*one, *other[:1]]), reading.encode([*other, *other[:1]])]
    ids, asked = (torch.stack([pair[i] for pair in pairs]) for i in (0, 1))
    net, alone = Readers([1, 2], [True, True]), Readers([2], [True])
    # Adam divides by the gradient's size, so a net among others takes the steps of a net alone.
    reading.fit(net, ids, asked, updates=20, seed=0)
    reading.fit(alone, ids[1:], asked[1:], updates=20, seed=0)
    torch.testing.assert_close(net(ids)[1], alone(ids[1:])[0], atol=0.05, rtol=0.05)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda rng: EncoderLayer(6, 4, 3, rng), "do not divide"),
        (lambda rng: EncoderLayer(6, 3, 3, rng, norm="both"), "norm is 'both', expected one of"),
        (lambda rng: positions(3, 5), "3 places of 5 numbers"),
        (lambda rng: positions(-1, 4), "-1 places of 4 numbers"),
        (lambda rng: positions(3, 0), "3 places of 0 numbers"),
        (lambda rng: reading.encode(["the whale sleeps."]), "not known: ['whale']"),
        (lambda rng: Readers([1, 2], [True]), "2 seeds, but 1 entries of placed"),
    ],
)
def test_what_does_not_fit_is_refused(call, message, rng):
    with pytest.raises(ValueError, match=re.escape(message)):
        call(rng)


@pytest.mark.parametrize(("dim", "given"), [(4, 1), (1, 4), (3, 4)])
def test_a_norm_for_another_number_of_numbers_is_refused(dim, given):
    with pytest.raises(ValueError, match=rf"X has shape \(1, 2, {given}\), .* with D = {dim}"):
        LayerNorm(dim).forward(np.ones((1, 2, given)))


@pytest.mark.parametrize("part", [LayerNorm(4), FeedForward(4, 3, np.random.default_rng(0))])
def test_a_gradient_of_another_shape_is_refused(part, rng):
    part.forward(rng.normal(size=(1, 2, 4)))
    with pytest.raises(ValueError, match=r"dY has shape \(1, 3, 4\), expected \(1, 2, 4\)"):
        part.backward(rng.normal(size=(1, 3, 4)))


TESTS = Path(__file__).parents[2]
SCRIPT = "docs/language/transformer.js"


def test_each_stage_has_its_line_and_its_test():
    described = stages.described(2)
    assert len({stage["name"] for stage in described}) == len(described) == 3 + 2 * 13 + 2
    for stage in described:
        path, line = stage["where"].split(", line ")
        lines = (TESTS / "src" / path).read_text(encoding="utf-8").splitlines()
        assert lines[int(line) - 1].strip() == stage["code"]
        file, name = stage["test"].split("::")
        assert f"\ndef {name}(" in (TESTS / file).read_text(encoding="utf-8"), stage["name"]
        assert stage["meaning"]
    with pytest.raises(ValueError, match="has not one line"):
        stages.Stage("", "", reading, "no such line", "").line()


def by_hand(net, ids):
    """The matrices of net 0 on one sentence, as the layers by hand keep them."""
    scores, encoder = by_layers(net, 0, ids[None])
    places = net.places[0, 0, : len(ids)].double().numpy()
    words = net.nets["word"][0].detach().double().numpy()[ids]
    found = {"words": words, "places": places, "x": words + places}
    x = found["x"]
    for i, layer in enumerate(encoder.layers):
        heads = layer.attention
        even = layer.norm1.forward(x[None])
        said = heads.forward(even, even)
        listened = x + said[0]
        out = layer.forward(x[None])[0]
        here = {
            "norm 1": even[0],
            "queries": heads.Q[0],
            "keys": heads.K[0],
            "values": heads.V[0],
            "scores": heads.Q[0] @ heads.K[0].mT / math.sqrt(heads.Q.shape[-1]),
            "shares": heads.shares[0],
            "heard": heads.shares[0] @ heads.V[0],
            "attention says": said[0],
            "x after listening": listened,
            "norm 2": layer.norm2.forward(listened[None])[0],
            "hidden units": layer.small.A[0],
            "the small net says": out - listened,
            "x after thinking": out,
        }
        found |= {f"layer {i + 1}: {name}": value for name, value in here.items()}
        x = out
    return found | {"last norm": encoder.end.forward(x[None])[0], "ending scores": scores[0]}


@pytest.mark.browser
@pytest.mark.parametrize("placed", [True, False])
def test_the_page_computes_every_matrix_as_python_does(js, rng, placed):
    net = Readers([int(rng.integers(2**31))], [placed], dim=8, hidden=12)
    with torch.no_grad():
        for p in net.parameters():
            p += 0.3 * torch.randn(p.shape, generator=torch.Generator().manual_seed(1))
    arrays = {name: p[0].detach().numpy() for name, p in net.nets.items()}
    for length in (1, 5):
        ids = rng.integers(1, len(WORDS), size=length)
        page = js(SCRIPT, "forward", arrays, ids.tolist(), {"placed": placed})
        expected = by_hand(net, ids)
        names = [stage["name"] for stage in stages.described(2)]
        assert [name for name, _ in page] == list(expected) == names
        for name, value in page:
            np.testing.assert_allclose(value, expected[name], atol=1e-4, err_msg=name)
