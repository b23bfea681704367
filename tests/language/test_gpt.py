"""The GPT against PyTorch's own layers, values and gradients, its training, and the page's."""

import inspect
import itertools
import math
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from introdl.language.attention.heads import MultiHeadAttention
from introdl.language.attention.scaled import causal_mask
from introdl.language.gpt import layers, stages
from introdl.language.gpt.layers import Attention, Block, LayerNorm
from introdl.language.gpt.stages import GPT, MLP, Bigram, Listener, OneBlock
from introdl.language.gpt.training import bits, encode, fit, write

ROOT = Path(__file__).parents[2]

#: Mutants that change nothing a test could see.
SAME = {
    "later = torch.ones(scores.shape[2:], dtype=torch.bool).triu(1)": "the same two of four axes",
    "later = torch.ones(scores.shape[-3:], dtype=torch.bool).triu(1)": "one equal mask per head",
    "return x.unflatten(-1, (self.heads, -2)).transpose(1, 2)": "below 0, as -1",
    "nn.init.normal_(table.weight, std=0.2)": "small at first",
    "nn.init.normal_(table.weight, std=0.05)": "small at first",
    "optimizer = torch.optim.AdamW(model.parameters(), rate, weight_decay=0.02)": "found by trial",
    "optimizer = torch.optim.AdamW(model.parameters(), rate, weight_decay=0.005)": "found by trial",
    "scores = model(piece[None, :-1])[-1]": "there is one text",
    "scores = model(torch.tensor([ids[-context:]]))[-1, -1]": "there is one text",
    "p = (scores / temperature).softmax(dim=-0)": "there is one axis",
}

SHAPES = {"n": st.integers(1, 3), "t": st.integers(1, 7), "heads": st.integers(1, 3)}
drawn = given(
    seed=st.integers(0, 2**32 - 1),
    shape=st.fixed_dictionaries(SHAPES | {"per_head": st.integers(1, 4)}),
    causal=st.booleans(),
)
some = settings(max_examples=25, deadline=None)


def random_weights(module, seed):
    """All parameters by lot, biases and norms included, so that none is 0 or 1 by chance."""
    generator = torch.Generator().manual_seed(seed)
    module.double()
    with torch.no_grad():
        for p in module.parameters():
            p.copy_(torch.randn(p.shape, generator=generator, dtype=torch.float64) / 2)
    return module


#: Our names of a block's parameters, and those of PyTorch's layer.
NAMES = {
    "norm1.weight": "norm1.weight",
    "norm1.bias": "norm1.bias",
    "attention.qkv.weight": "self_attn.in_proj_weight",
    "attention.qkv.bias": "self_attn.in_proj_bias",
    "attention.out.weight": "self_attn.out_proj.weight",
    "attention.out.bias": "self_attn.out_proj.bias",
    "norm2.weight": "norm2.weight",
    "norm2.bias": "norm2.bias",
    "wide.weight": "linear1.weight",
    "wide.bias": "linear1.bias",
    "narrow.weight": "linear2.weight",
    "narrow.bias": "linear2.bias",
}


def torch_layer(dim, heads):
    """PyTorch's layer as GPT-2 has it: the norm first, GELU, no dropout."""
    return nn.TransformerEncoderLayer(
        dim,
        heads,
        4 * dim,
        dropout=0,
        activation="gelu",
        batch_first=True,
        norm_first=True,
        dtype=torch.float64,
    )


def with_weights_of(layer, block):
    ours = dict(block.named_parameters())
    layer.load_state_dict({theirs: ours[name].detach() for name, theirs in NAMES.items()})
    return layer


def later(t):
    return torch.ones(t, t, dtype=torch.bool).triu(1)


def assert_close(ours, reference, what=""):
    reference = reference.detach().numpy()
    scale = max(1.0, np.abs(reference).max(initial=0))
    np.testing.assert_allclose(
        ours.detach().numpy(), reference, rtol=1e-10, atol=1e-10 * scale, err_msg=what
    )


@some
@drawn
def test_the_block_and_its_gradients_are_pytorchs(seed, shape, causal):
    n, t, heads, per_head = shape.values()
    dim = heads * per_head
    block = random_weights(Block(dim, heads, causal=causal), seed)
    layer = with_weights_of(torch_layer(dim, heads), block)
    generator = torch.Generator().manual_seed(seed + 1)
    x, dy = torch.randn(2, n, t, dim, generator=generator, dtype=torch.float64)
    asked, read = x.clone().requires_grad_(), x.clone().requires_grad_()
    theirs = layer(asked, src_mask=later(t) if causal else None)
    ours = block(read)
    assert_close(ours, theirs)
    theirs.backward(dy)
    ours.backward(dy)
    assert_close(read.grad, asked.grad, "dx")
    found = dict(layer.named_parameters())
    for name, p in block.named_parameters():
        assert_close(p.grad, found[NAMES[name]].grad, name)


@some
@drawn
def test_the_gpt_and_its_gradients_are_pytorchs_layers(seed, shape, causal):
    n, t, heads, per_head = shape.values()
    dim, letters = heads * per_head, 5
    gpt = random_weights(GPT(letters, dim, heads, context=7, blocks=2, causal=causal), seed)
    blocks = [with_weights_of(torch_layer(dim, heads), block) for block in gpt.blocks]
    state = gpt.state_dict()
    letter = nn.Embedding.from_pretrained(state["letter.weight"].clone(), freeze=False)
    norm, out = nn.LayerNorm(dim).double(), nn.Linear(dim, letters).double()
    norm.load_state_dict({name: state[f"norm.{name}"] for name in ("weight", "bias")})
    out.load_state_dict({name: state[f"out.{name}"] for name in ("weight", "bias")})
    ids = torch.randint(letters, (n, t), generator=torch.Generator().manual_seed(seed))
    x = letter(ids) + state["place.weight"][:t]
    for block in blocks:
        x = block(x, src_mask=later(t) if causal else None)
    theirs, ours = out(norm(x)), gpt(ids)
    assert_close(ours, theirs)
    theirs.logsumexp(dim=-1).sum().backward()
    ours.logsumexp(dim=-1).sum().backward()
    assert_close(gpt.letter.weight.grad, letter.weight.grad, "letter")
    assert_close(gpt.out.weight.grad, out.weight.grad, "out")
    for mine, other in zip(gpt.blocks, blocks, strict=True):
        found = dict(other.named_parameters())
        for name, p in mine.named_parameters():
            assert_close(p.grad, found[NAMES[name]].grad, name)


@pytest.mark.agreement
def test_a_block_is_pytorchs_transformer_encoder_layer(agreement):
    block = random_weights(Block(12, 3), 0)
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(2, 6, 12, generator=generator, dtype=torch.float64)
    weights = {theirs: dict(block.named_parameters())[name] for name, theirs in NAMES.items()}

    def reference():
        layer = torch_layer(12, 3)
        layer.load_state_dict({name: p.detach() for name, p in weights.items()})
        return layer(x, src_mask=later(6)).detach().numpy()

    agreement(
        block(x).detach().numpy(),
        reference,
        what="a block of the GPT, with its mask",
        against="torch.nn.TransformerEncoderLayer",
        atol=1e-10,
    )


@some
@drawn
def test_attention_is_that_of_the_lesson_before(seed, shape, causal):
    """The NumPy layer of language/attention: our twin, written apart."""
    n, t, heads, per_head = shape.values()
    dim = heads * per_head
    ours = random_weights(Attention(dim, heads, causal=causal), seed)
    rng = np.random.default_rng(seed)
    by_hand = MultiHeadAttention(dim, heads, rng)
    by_hand.W = dict(
        zip("qkv", np.split(ours.qkv.weight.detach().numpy().T, 3, axis=1), strict=True)
    )
    by_hand.b = dict(zip("qkv", np.split(ours.qkv.bias.detach().numpy(), 3), strict=True))
    by_hand.W["o"], by_hand.b["o"] = ours.out.weight.detach().numpy().T, ours.out.bias.detach()
    by_hand.b["o"] = by_hand.b["o"].numpy()
    X = rng.normal(size=(n, t, dim))
    heard = by_hand.forward(X, X, causal_mask(t) if causal else None)
    assert_close(ours(torch.tensor(X)), torch.tensor(heard))


def test_the_stages_between_are_made_of_their_parts():
    ids = torch.randint(5, (2, 9), generator=torch.Generator().manual_seed(0))
    listener, block = (random_weights(stage(5, 8, 2), 1) for stage in (Listener, OneBlock))
    for model in (listener, block):
        x = model.letter.weight[ids] + model.place.weight[:9]
        if model is listener:
            expected = model.attention(x)
        else:
            layer = with_weights_of(torch_layer(8, 2), block.block)
            expected = layer(x, src_mask=later(9))
            expected = nn.functional.layer_norm(expected, (8,), *block.norm.parameters())
        assert_close(model(ids), model.out(expected))


@pytest.mark.parametrize("stage", [Bigram, MLP, Listener, OneBlock, GPT])
def test_no_stage_sees_what_comes_later(stage):
    torch.manual_seed(0)
    model = stage(6)
    ids = torch.randint(6, (2, 20))
    changed = ids.clone()
    changed[:, 12] = (changed[:, 12] + 1) % 6
    before, after = model(ids), model(changed)
    assert before.shape == (2, 20, 6)
    torch.testing.assert_close(before[:, :12], after[:, :12])
    assert not torch.allclose(before[:, 12], after[:, 12])


def test_each_stage_looks_as_far_back_as_it_says():
    torch.manual_seed(0)
    ids = torch.randint(6, (1, 20))
    changed = ids.clone()
    changed[:, 0] = (changed[:, 0] + 1) % 6
    for model, reach in ((Bigram(6), 1), (MLP(6), 8), (Listener(6), 20), (GPT(6), 20)):
        moved = (model(ids) - model(changed)).abs().amax(dim=-1)[0] > 1e-7
        assert moved.nonzero().flatten().tolist() == list(range(reach)), type(model)


@pytest.mark.parametrize(
    ("stage", "size"),
    [(Bigram, 74 * 74), (MLP, 74 * 64 + 8 * 64 * 64 + 64 + 65 * 74), (GPT, 113_738)],
)
def test_the_stages_have_the_parameters_that_one_counts(stage, size):
    assert sum(p.numel() for p in stage(74).parameters()) == size


@pytest.mark.parametrize("stage", [Listener, OneBlock, GPT])
def test_a_text_longer_than_the_context_is_refused(stage):
    ids = torch.zeros(1, 65, dtype=torch.int64)
    assert stage(5)(ids[:, :64]).shape == (1, 64, 5)
    with pytest.raises(IndexError, match="out of range"):
        stage(5)(ids)
    with pytest.raises(IndexError, match="out of range"):
        stage(5, context=1)(ids)  # one place would do for all, by broadcasting
    small = sum(p.numel() for p in stage(5).parameters())
    row, attention, norm = 64 * 69, 4 * 64 * 64 + 4 * 64, 128
    block = attention + 2 * norm + 8 * 64 * 64 + 5 * 64
    parts = {Listener: attention, OneBlock: block + norm, GPT: 2 * block + norm}
    assert small == row + parts[stage] + 65 * 5


def test_without_its_mask_it_sees_what_comes_later():
    torch.manual_seed(0)
    model = GPT(6, causal=False)
    ids = torch.randint(6, (1, 10))
    changed = ids.clone()
    changed[:, 9] = (changed[:, 9] + 1) % 6
    assert not torch.allclose(model(ids)[:, 0], model(changed)[:, 0])


def test_layer_norm_by_hand():
    norm = LayerNorm(2).double()
    x = torch.tensor([[1.0, 3.0], [2.0, 6.0]], dtype=torch.float64)
    expected = torch.tensor([[-1.0, 1.0]] * 2, dtype=torch.float64)
    torch.testing.assert_close(norm(x), expected, atol=1e-4, rtol=0)


class Fixed(nn.Module):
    """Scores that say: the next letter is the last one, with probability 3/4."""

    def forward(self, ids):
        return torch.log(torch.where(nn.functional.one_hot(ids, 2) == 1, 0.75, 0.25))


def test_bits_count_each_letter_once():
    ids = encode("aababbbaab" * 13, "ab")
    same = (ids[1:] == ids[:-1]).double()
    expected = -(same * math.log2(0.75) + (1 - same) * math.log2(0.25)).mean().item()
    for context, known in ((64, 32), (7, 3), (200, 0), (5, 4)):
        assert bits(Fixed(), ids, context=context, known=known) == pytest.approx(expected)
    assert bits(Fixed(), ids[:2]) == pytest.approx(-math.log2(0.75))


class Spy(nn.Module):
    """Keeps what it reads."""

    def __init__(self, letters):
        super().__init__()
        self.table, self.seen = nn.Embedding(letters, letters), []

    def forward(self, ids):
        self.seen.append(ids)
        return self.table(ids)


def test_training_and_scoring_read_pieces_of_64_letters():
    spy, ids = Spy(200), torch.arange(200)
    fit(spy, ids, updates=20, seed=0)
    assert [tuple(piece.shape) for piece in spy.seen] == 20 * [(16, 64)]
    assert all((piece.diff() == 1).all() for piece in spy.seen)  # forwards, letter by letter
    spy.seen.clear()
    bits(spy, ids)
    assert [piece[0, 0].item() for piece in spy.seen] == [0, 32, 64, 96, 128, 160]
    assert [tuple(piece.shape) for piece in spy.seen] == 5 * [(1, 64)] + [(1, 39)]


def test_the_rate_rises_in_a_tenth_of_the_updates_and_gradients_have_at_most_length_1(monkeypatch):
    rates = []

    class Recorder(torch.optim.AdamW):
        def step(self, *arguments):
            rates.append(self.param_groups[0]["lr"])
            return super().step(*arguments)

    monkeypatch.setattr(torch.optim, "AdamW", Recorder)
    spy, ids = Spy(2), torch.zeros(70, dtype=torch.int64)
    with torch.no_grad():  # so sure of the wrong letter that the gradient is longer than 1
        spy.table.weight[:] = torch.tensor([-50.0, 50])
    fit(spy, ids, updates=50, seed=0)
    assert spy.table.weight.grad.norm().item() == pytest.approx(1, abs=1e-4)
    assert max(rates) == rates[4] == 8e-3
    assert rates[:5] == sorted(rates[:5])
    assert rates[4:] == sorted(rates[4:], reverse=True)
    assert rates[-1] < 1e-6


class Far(nn.Module):
    """Knows the next letter only where 3 letters or more stand in the piece."""

    def forward(self, ids):
        place = torch.arange(ids.shape[1]).expand_as(ids)
        right = torch.zeros(*ids.shape, 2)
        right[..., 0] = torch.where(place >= 2, 50.0, 0.0)
        return right


def test_bits_give_each_letter_its_context():
    ids = torch.zeros(101, dtype=torch.int64)
    assert bits(Far(), ids, context=8, known=2) * 100 == pytest.approx(2)
    assert bits(Far(), ids, context=8, known=0) * 100 > 20


def test_letters_are_drawn_as_the_scores_say():
    many = write(Fixed(), "a", 4000, "ab", seed=0)
    text = "a" + many
    same = np.mean([x == y for x, y in itertools.pairwise(text)])
    assert same == pytest.approx(0.75, abs=0.03)
    cold = "a" + write(Fixed(), "a", 4000, "ab", seed=0, temperature=0.5)
    same = np.mean([x == y for x, y in itertools.pairwise(cold)])
    assert same == pytest.approx(0.9, abs=0.03)  # 9 : 1 at half the temperature


def test_training_learns_what_hangs_on_a_far_letter():
    """A letter comes again three places later: more than a table can know."""
    rng = np.random.default_rng(0)
    text = "".join(3 * "".join(rng.choice(list("abcd"), 3)) for _ in range(300))
    ids = encode(text, "abcd")
    torch.manual_seed(0)
    table, gpt = Bigram(4), GPT(4, 16, 2, context=18)
    fit(table, ids, updates=150, seed=0, context=18, rate=0.1)
    losses = fit(gpt, ids, updates=150, seed=0, context=18)
    assert len(losses) == 150
    known = bits(gpt, ids, context=18, known=9)
    assert known < 1.3 < 1.7 < bits(table, ids, context=18, known=9)
    torch.manual_seed(0)
    Bigram(4)
    again = GPT(4, 16, 2, context=18)
    assert fit(again, ids, updates=20, seed=0, context=18)[0] == losses[0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Attention(6, 4), r"4 heads do not divide dim = 6"),
        (lambda: Attention(6, 0), r"0 heads do not divide dim = 6"),
        (lambda: encode("a!", "ab"), r"letters outside the alphabet: \['!'\]"),
        (
            lambda: fit(Fixed(), torch.zeros(64, dtype=torch.int64), updates=20, seed=0),
            r"fit\(\): a text of 64 letters is not longer than 64",
        ),
        (
            lambda: fit(Fixed(), torch.zeros(65, dtype=torch.int64), updates=19, seed=0),
            r"fit\(\): 19 updates, expected 20 or more",
        ),
        (lambda: bits(Fixed(), torch.zeros(1, dtype=torch.int64)), r"expected two letters or more"),
        (
            lambda: bits(Fixed(), torch.zeros(9, dtype=torch.int64), context=4, known=4),
            r"known from 0 to context - 1",
        ),
        (
            lambda: bits(Fixed(), torch.zeros(9, dtype=torch.int64), known=-1),
            r"known from 0 to context - 1",
        ),
        (lambda: write(Fixed(), "", 3, "ab", seed=0), r"begin must not be empty"),
        (lambda: write(Fixed(), "a", 3, "ab", seed=0, temperature=0), "must be above 0"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


SCRIPT = "docs/language/gpt.js"


def reference(gpt, ids):
    """Scores of PyTorch's own layers with a GPT's weights, (T, V), and the shares of each block."""
    x = gpt.letter.weight[ids] + gpt.place.weight[: len(ids)]
    hidden, shares = later(len(ids)) if gpt.blocks[0].attention.causal else None, []
    for block in gpt.blocks:
        dim, heads = x.shape[-1], block.attention.heads
        layer = with_weights_of(torch_layer(dim, heads).to(x.dtype), block)
        normed = layer.norm1(x)[None]
        _, seen = layer.self_attn(
            normed, normed, normed, attn_mask=hidden, average_attn_weights=False
        )
        shares.append(seen[0])
        x = layer(x[None], src_mask=hidden)[0]
    x = nn.functional.layer_norm(x, x.shape[-1:], gpt.norm.weight, gpt.norm.bias)
    return x @ gpt.out.weight.T + gpt.out.bias, shares


@pytest.mark.browser
@pytest.mark.parametrize("causal", [True, False])
def test_the_page_computes_what_pytorch_does(js, rng, causal):
    seed = int(rng.integers(2**31))
    letters, context = 9, 16
    gpt = random_weights(GPT(letters, 12, 3, context=context, causal=causal), seed).float()
    net = {name: p.detach().numpy() for name, p in gpt.named_parameters()}
    for length in (1, 7, context):
        ids = rng.integers(letters, size=length)
        options = {"heads": 3, "blocks": 2, "causal": causal}
        found = js(SCRIPT, "forward", net, ids.tolist(), options)
        tensors = {tensor["name"]: tensor["value"] for tensor in found}
        with torch.no_grad():
            scores, shares = reference(gpt, torch.tensor(ids))
        np.testing.assert_allclose(tensors["letter scores"], scores, atol=1e-4, rtol=1e-4)
        for block, seen in enumerate(shares, start=1):
            np.testing.assert_allclose(tensors[f"block {block}: shares"], seen, atol=1e-4)
        place, temperature = int(rng.integers(length)), float(rng.uniform(0.3, 2))
        p = js(SCRIPT, "next", tensors["letter scores"], place, temperature)
        np.testing.assert_allclose(p, (scores[place] / temperature).softmax(dim=-1), atol=1e-4)


@pytest.mark.browser
def test_the_page_computes_nets_of_its_own_size_as_pytorch_does(js, rng):
    """The size of the net that the page loads, on prompts up to its whole context."""
    with torch.random.fork_rng():
        torch.manual_seed(int(rng.integers(2**31)))
        gpt = GPT(74)
    with torch.no_grad():
        for p in gpt.parameters():
            p *= 2  # a trained net's scores are larger than a fresh one's
    net = {name: p.detach().numpy() for name, p in gpt.named_parameters()}
    for length in (int(rng.integers(2, 64)), 64):
        ids = rng.integers(74, size=length)
        found = js(SCRIPT, "forward", net, ids.tolist(), {"heads": 4, "blocks": 2, "causal": True})
        with torch.no_grad():
            scores, _ = reference(gpt, torch.tensor(ids))
        np.testing.assert_allclose(found[-1]["value"], scores, atol=1e-4, rtol=1e-4)


@pytest.mark.browser
def test_each_tensor_of_the_page_is_made_by_the_line_that_it_names(js):
    gpt = GPT(5, 8, 4, context=6)
    net = {name: p.detach().numpy() for name, p in gpt.named_parameters()}
    found = js(SCRIPT, "forward", net, [1, 2, 3, 4])
    lines = {
        line.strip()
        for module in (layers, stages)
        for line in inspect.getsource(module).splitlines()
    }
    assert len(found) == 3 + 2 * 14 + 2
    for tensor in found:
        assert tensor["code"] in lines, tensor["name"]
        assert tensor["meaning"]
        # The scores and what comes of them have one table or row per head.
        assert np.shape(tensor["value"])[-2] == 4
    with torch.no_grad():
        q, k, v = (
            gpt.blocks[0]
            .attention.qkv(gpt.blocks[0].norm1(gpt.letter.weight[1:5] + gpt.place.weight[:4]))
            .chunk(3, dim=-1)
        )
        scores = [q[:, h : h + 2] @ k[:, h : h + 2].T / 2**0.5 for h in range(0, 8, 2)]
    tensors = {tensor["name"]: np.array(tensor["value"]) for tensor in found}
    np.testing.assert_allclose(tensors["block 1: scores"], torch.stack(scores), atol=1e-4)
    np.testing.assert_allclose(
        tensors["block 1: values"], v.unflatten(-1, (4, 2)).transpose(0, 1), atol=1e-4
    )


def test_sequences_and_language_take_at_most_six_minutes_on_two_cores():
    listed = tomllib.loads((ROOT / "examples/seconds.toml").read_text(encoding="utf-8"))
    theirs = re.compile(r"(docs/)?(sequences|language)/")
    assert sum(seconds for name, seconds in listed.items() if theirs.match(name)) / 2 <= 360
    assert listed["language/gpt"] <= 120
