"""The residual block against PyTorch, the nets that are compared, and the page's figures."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from introdl.vision.residual import (
    MAPS,
    Nets,
    residual_block,
    residual_block_gradients,
    right,
    sizes_and_slopes,
    train,
)

SAME = {
    "pad = w1.shape[3] // 2": "a kernel is square",
    "if w1.shape[3] % 2 == 0 or w2.shape != w1.shape:": "a kernel is square",
    "if depth < 1 or depth % 2:": "1 is odd and refused for that",
}


def drawn(rng, n=2, c=3, h=5, w=4, k=3):
    """Maps, kernels, biases and a slope, float64."""
    shapes = [(n, c, h, w), (c, c, k, k), (c,), (c, c, k, k), (c,), (n, c, h, w)]
    return [rng.normal(size=shape) for shape in shapes]


def odd_input(rng):
    x, w1, b1, w2, b2, grad = drawn(rng)
    arguments = {"x": x, "w1": w1, "b1": b1, "w2": w2, "b2": b2}
    return {
        "residual_block": arguments,
        "residual_block_gradients": {**arguments, "grad": grad},
    }


class Theirs(nn.Module):
    """The block, written out in PyTorch."""

    def __init__(self, w1, b1, w2, b2):
        super().__init__()
        c, k = len(b1), w1.shape[-1]
        self.one = nn.Conv2d(c, c, k, padding="same", dtype=torch.float64)
        self.two = nn.Conv2d(c, c, k, padding="same", dtype=torch.float64)
        for parameter, values in zip(self.parameters(), (w1, b1, w2, b2), strict=True):
            parameter.data = torch.tensor(values)

    def forward(self, x):
        return torch.relu(x + self.two(torch.relu(self.one(x))))


def flat(arrays):
    return np.concatenate([np.ravel(a) for a in arrays])


def their_block(x, w1, b1, w2, b2, grad):
    """Values and slopes."""
    theirs, seen = Theirs(w1, b1, w2, b2), torch.tensor(x, requires_grad=True)
    out = theirs(seen)
    out.backward(torch.tensor(grad))
    slopes = [seen.grad, *(p.grad for p in theirs.parameters())]
    return flat([out.detach().numpy(), *(s.numpy() for s in slopes)])


def our_block(x, w1, b1, w2, b2, grad):
    block = x, w1, b1, w2, b2
    return flat([residual_block(*block), *residual_block_gradients(*block, grad)])


@given(
    n=st.integers(1, 3),
    c=st.integers(1, 4),
    h=st.integers(3, 7),
    w=st.integers(3, 7),
    k=st.sampled_from([1, 3, 5]),
    seed=st.integers(0, 2**31),
)
@settings(deadline=None, max_examples=20)
def test_values_and_slopes_on_random_blocks(n, c, h, w, k, seed):
    block = drawn(np.random.default_rng(seed), n, c, h, w, k)
    np.testing.assert_allclose(our_block(*block), their_block(*block), rtol=1e-10, atol=1e-10)


@pytest.mark.agreement
def test_a_block_equals_pytorchs(rng, agreement):
    block = drawn(rng, 4, 6, 9, 8)
    agreement(
        our_block(*block),
        lambda: their_block(*block),
        what="a residual block: values, and slopes for its maps, kernels and biases",
        against="torch.nn and autograd, float64",
        atol=1e-10,
    )


def test_a_block_whose_kernels_are_zero_hands_on_what_it_gets(rng):
    x = abs(rng.normal(size=(2, 3, 4, 5)))
    w, b, grad = np.zeros((3, 3, 3, 3)), np.zeros(3), rng.normal(size=x.shape)
    np.testing.assert_array_equal(residual_block(x, w, b, w, b), x)
    np.testing.assert_array_equal(residual_block_gradients(x, w, b, w, b, grad)[0], grad)


def test_where_a_sum_is_exactly_zero_the_slope_is_zero_as_in_pytorch(rng):
    x, w1, b1, w2, b2, grad = drawn(rng)
    x[:, :, ::2], w1[:], b1[:], b2[:] = 0, 0, 0, 0
    block = x, w1, b1, w2, b2, grad
    np.testing.assert_allclose(our_block(*block), their_block(*block), rtol=0, atol=1e-12)


def test_kernels_that_would_change_the_size_are_refused(rng):
    x, _, b, _, _, _ = drawn(rng)
    even, odd = rng.normal(size=(3, 3, 2, 2)), rng.normal(size=(3, 3, 3, 3))
    for w1, w2 in ((even, even), (odd, rng.normal(size=(3, 3, 1, 1)))):
        with pytest.raises(ValueError, match=r"one odd size|expected"):
            residual_block(x, w1, b, w2, b)


KINDS = [(False, False), (False, True), (True, False), (True, True)]


def first_maps(nets, i, x):
    """What net i of several makes of digits (B, 14, 14) in its first layer."""
    mine = slice(i * MAPS, (i + 1) * MAPS)
    sums = nn.functional.conv2d(x[:, None], nets.stem[mine], nets.biases[0, mine], 2, padding=1)
    return torch.relu(sums)


def rest(nets, i, shortcut, h):
    """The blocks and the ten sums of net i, written out layer by layer."""
    mine = slice(i * MAPS, (i + 1) * MAPS)
    kernels, biases = nets.kernels[:, mine], nets.biases[1:, mine]
    for layer in range(0, len(kernels), 2):
        z = torch.relu(nn.functional.conv2d(h, kernels[layer], biases[layer], padding=1))
        z = nn.functional.conv2d(z, kernels[layer + 1], biases[layer + 1], padding=1)
        h = torch.relu(h + z if shortcut else z)
    return h.flatten(1) @ nets.head[i].T + nets.head_bias[i]


def alone(nets, i, shortcut, x):
    return rest(nets, i, shortcut, first_maps(nets, i, x))


def columns(rng, n, count):
    x = torch.tensor(rng.random((n, count, 14, 14)))
    return x, torch.tensor(rng.integers(10, size=(n, count)))


@pytest.mark.parametrize(("shortcut", "near_copy"), KINDS)
def test_nets_side_by_side_are_nets_alone(rng, shortcut, near_copy):
    nets = Nets([3, 4, 5], 4, shortcut=shortcut, near_copy=near_copy).double()
    with torch.no_grad():
        nets.biases += torch.tensor(rng.normal(0, 0.1, nets.biases.shape))
        nets.head_bias += torch.tensor(rng.normal(size=nets.head_bias.shape))
    x, y = columns(rng, 6, 3)
    losses, shares = nets.losses(x, y).detach(), right(nets, x, y)
    for i in range(3):
        sums = alone(nets, i, shortcut, x[:, i]).detach()
        expected = nn.functional.cross_entropy(sums, y[:, i], reduction="none")
        torch.testing.assert_close(losses[:, i], expected, rtol=1e-8, atol=1e-8)
        assert shares[i] == pytest.approx((sums.argmax(dim=1) == y[:, i]).float().mean())


def test_nets_of_one_seed_draw_the_same_numbers_whatever_their_kind():
    start = {
        kind: Nets([7], 4, shortcut=kind[0], near_copy=kind[1]).kernels.detach() for kind in KINDS
    }
    plain, copy, full, residual = (start[kind] for kind in KINDS)
    assert plain.shape == (4, 8, 8, 3, 3)
    torch.testing.assert_close(full, plain, rtol=0, atol=0)
    torch.testing.assert_close(residual[::2], plain[::2], rtol=0, atol=0)
    torch.testing.assert_close(residual[1::2], 0.1 * plain[1::2])
    middle = torch.zeros(MAPS, MAPS, 3, 3)
    middle[range(MAPS), range(MAPS), 1, 1] = 1
    torch.testing.assert_close(copy, 0.1 * plain + middle)
    both = Nets([6, 7], 4, shortcut=False, near_copy=False)
    torch.testing.assert_close(both.kernels[:, MAPS:], plain, rtol=0, atol=0)
    rng = np.random.default_rng(6)
    for weights, shape, fan_in in (
        (both.stem[:MAPS], (MAPS, 1, 3, 3), 9),
        (both.head[:1], (1, 10, 392), 2 * 392),
        (both.kernels[:, :MAPS], (4, MAPS, MAPS, 3, 3), 9 * MAPS),
    ):
        expected = rng.normal(0, np.sqrt(2 / fan_in), shape)
        np.testing.assert_allclose(weights.detach(), expected, rtol=1e-6)
    assert not both.biases.any()


@pytest.mark.parametrize("depth", [0, 3, -2])
def test_blocks_have_two_layers(depth):
    with pytest.raises(ValueError, match=f"depth must be 2, 4, 6 …, got {depth}"):
        Nets([1], depth, shortcut=True, near_copy=True)


def test_each_net_trains_with_adam_on_its_own_digits(rng):
    seeds = [3, 4]
    x, y = columns(rng, 10, 2)
    nets = Nets(seeds, 2, shortcut=True, near_copy=True).double()
    train(nets, x, y, seeds, rate=0.003, epochs=2, batch=4)
    theirs = Nets([4], 2, shortcut=True, near_copy=True).double()
    optimizer = torch.optim.Adam(theirs.parameters(), lr=0.003)
    orders = np.random.default_rng((4, 1))
    for _ in range(2):
        for part in torch.tensor(orders.permutation(10)).split(4):
            loss = nn.functional.cross_entropy(alone(theirs, 0, True, x[part, 1]), y[part, 1])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    torch.testing.assert_close(nets.head[1], theirs.head[0], rtol=1e-6, atol=1e-9)
    wide = columns(rng, 60, 2)
    said, silent = (Nets(seeds, 2, shortcut=True, near_copy=True) for _ in range(2))
    train(said.double(), *wide, seeds, rate=0.003, epochs=1, batch=50)
    train(silent.double(), *wide, seeds, rate=0.003, epochs=1)
    torch.testing.assert_close(silent.head, said.head, rtol=0, atol=0)
    before = Nets([3], 2, shortcut=True, near_copy=True).double()
    assert not torch.equal(nets.head[0], before.head[0])


def test_sizes_and_slopes_are_those_of_each_map(rng):
    nets = Nets([3, 4], 4, shortcut=True, near_copy=False).double()
    x, y = columns(rng, 5, 2)
    sizes, slopes = sizes_and_slopes(nets, x, y)
    assert sizes.shape == slopes.shape == (3, 2)
    maps = nets.maps(x)
    last = maps[-1].detach().view(5, 2, MAPS * 49)
    np.testing.assert_allclose(sizes[-1], last.square().mean(dim=(0, 2)).sqrt(), rtol=1e-9)
    # A digit's loss has the slope (shares − 1 for the label) · head in the last maps.
    shares = nets.sums(maps[-1]).softmax(dim=2) - nn.functional.one_hot(y, 10)
    expected = torch.einsum("bnk,nkf->bnf", shares, nets.head).square().sum(dim=2).mean(dim=0)
    np.testing.assert_allclose(slopes[-1], expected.detach().sqrt(), rtol=1e-9)
    for i in range(2):
        first = first_maps(nets, i, x[:, i]).detach().requires_grad_()
        nn.functional.cross_entropy(rest(nets, i, True, first), y[:, i], reduction="sum").backward()
        assert sizes[0, i] == pytest.approx(first.square().mean().sqrt().item(), rel=1e-9)
        expected = first.grad.square().sum(dim=(1, 2, 3)).mean().sqrt().item()
        assert slopes[0, i] == pytest.approx(expected, rel=1e-9)


SCRIPT = "docs/vision/residual.js"


@pytest.mark.browser
def test_the_pages_chain_is_what_layers_do_one_by_one(js, rng):
    for _ in range(4):
        layers, factor, share = int(rng.integers(1, 41)), 2 * rng.random(), rng.random()
        found = js(SCRIPT, "chain", layers, factor, share)
        plain, shortcut = [1.0], [1.0]
        for _ in range(layers):
            plain.append(factor * plain[-1])
            shortcut.append(shortcut[-1] + share * (factor * shortcut[-1]))
        np.testing.assert_allclose(found["plain"], plain, rtol=1e-9)
        np.testing.assert_allclose(found["shortcut"], shortcut, rtol=1e-9)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("number", "said"),
    [
        (2.6533, "2.65"),
        (0.5**20, "9.5 · 10⁻⁷"),
        (2**20, "1.0 · 10⁶"),
        (0, "0"),
        (3325.26, "3330"),
    ],
)
def test_the_page_says_numbers_in_words(js, number, said):
    assert js(SCRIPT, "amount", number) == said


def test_a_seed_for_each_net_is_asked_for():
    nets = Nets([0, 1], 2, shortcut=True, near_copy=True)
    x, y = torch.zeros(4, 2, 14, 14), torch.zeros(4, 2, dtype=torch.long)
    with pytest.raises(ValueError, match="2 nets need as many seeds, got 1"):
        train(nets, x, y, [0], rate=0.1, epochs=1, batch=2)
