"""What is left of a nudge, against autograd; the two tasks, the nets and their training."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from introdl.sequences.gru.cell import GRU
from introdl.sequences.lstm.cell import LSTM
from introdl.sequences.memory.fading import fading
from introdl.sequences.memory.tasks import (
    LETTERS,
    AskedGRUs,
    AskedLSTMs,
    AskedRNNs,
    adding,
    encode,
    recalling,
    score,
    train,
)
from introdl.sequences.rnn.network import Cell

KINDS = {"rnn": (AskedRNNs, Cell), "lstm": (AskedLSTMs, LSTM), "gru": (AskedGRUs, GRU)}
PARTS = {"rnn": 1, "lstm": 4, "gru": 3}

#: Mutants that nothing tells apart; see tests/mutants.py.
SAME = {
    "return np.concatenate([shown[-1, 0], cells[0, 0]]), np.hstack([dh, dc])": "one step",
    "return np.concatenate([shown[0, 0], cells[-1, 0]]), np.hstack([dh, dc])": "one step",
    "return np.concatenate([shown[0, 1], cells[0, 0]]), np.hstack([dh, dc])": "copies are alike",
    "return np.concatenate([shown[0, -1], cells[0, 0]]), np.hstack([dh, dc])": "copies are alike",
    "return np.concatenate([shown[0, 0], cells[0, 1]]), np.hstack([dh, dc])": "copies are alike",
    "return np.concatenate([shown[0, 0], cells[0, -1]]), np.hstack([dh, dc])": "copies are alike",
    "return states[-1, 0], cell.backward(ask)[1]": "one step",
    "return states[0, -1], cell.backward(ask)[1]": "copies are alike",
    "return (scores[..., -1] - answers) ** 2": "one score",
    "found.append(((scores[..., -1] - answers) ** 2).mean(axis=1))": "one score",
}


def drawn(rng, kind, D, H):
    """U, W and b of a cell, and the bias inside the reset gate where there is one."""
    K = PARTS[kind] * H
    shapes = [(D, K), (H, K), (K,)] + [(H,)] * (kind == "gru")
    return [rng.normal(size=shape) for shape in shapes]


def odd_input(rng):
    return {
        "fading": {"cell": GRU(*drawn(rng, "gru", 3, 2)), "X": rng.normal(size=(4, 3))},
    }


def autograd(kind, weights, X):
    """The same as `fading`, from PyTorch's own cells and its Jacobians."""
    U, W, b, *heard = (torch.tensor(array) for array in weights)
    D, H = len(U), len(W)
    make = {"rnn": torch.nn.RNNCell, "lstm": torch.nn.LSTMCell, "gru": torch.nn.GRUCell}[kind]
    cell = make(D, H, dtype=torch.float64)
    other = torch.zeros(len(b), dtype=torch.float64)
    if heard:
        other[2 * H :] = heard[0]
    names = {"weight_ih": U.T, "weight_hh": W.T, "bias_ih": b, "bias_hh": other}
    cell.load_state_dict(names)
    X = torch.tensor(X)

    def read(state, start, end):
        for x in X[start:end]:
            state = torch.cat(cell(x, state.split(H))) if kind == "lstm" else cell(x, state)
        return state

    state, left = torch.zeros((1 + (kind == "lstm")) * H, dtype=torch.float64), []
    for t in range(len(X)):
        state = read(state, t, t + 1).detach()
        J = torch.autograd.functional.jacobian(lambda s, t=t: read(s, t + 1, len(X)), state)
        left.append(torch.linalg.svdvals(J).square().mean().sqrt().item())
    return np.array(left)


@pytest.mark.parametrize("kind", KINDS)
@given(sizes=st.tuples(*[st.integers(1, 5)] * 3), seed=st.integers(0, 2**31))
@settings(deadline=None, max_examples=12)
def test_what_is_left_of_a_nudge_on_random_shapes(kind, sizes, seed):
    (T, D, H), rng = sizes, np.random.default_rng(seed)
    weights, X = drawn(rng, kind, D, H), rng.normal(size=(T, D))
    own = fading(KINDS[kind][1](*weights), X)
    np.testing.assert_allclose(own, autograd(kind, weights, X), rtol=1e-10, atol=1e-13)


@pytest.mark.agreement
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_left_of_a_nudge_equals_autograds(rng, agreement, kind):
    weights, X = drawn(rng, kind, 4, 5), rng.normal(size=(9, 4))
    agreement(
        fading(KINDS[kind][1](*weights), X),
        lambda: autograd(kind, weights, X),
        what=f"how much of a nudge to each state is left in the last, {kind.upper()}",
        against="PyTorch's cell and its Jacobians, float64",
        atol=1e-11,
    )


def test_inputs_that_do_not_fit_are_refused(rng):
    cell = LSTM(*drawn(rng, "lstm", 3, 2))
    with pytest.raises(ValueError, match=r"X has shape \(4, 2\), expected \(T, 3\)"):
        fading(cell, np.zeros((4, 2)))


def test_texts_are_a_capital_and_small_letters(rng):
    X, places = recalling(rng, 6, 4000)
    assert X.shape == (6, 4000, 8)
    assert X.dtype == np.float32
    assert np.all(X.sum(axis=-1) == 1)
    letters = X.argmax(axis=-1)
    np.testing.assert_array_equal(letters[0], places)
    shares = np.bincount(places, minlength=8) / 4000
    np.testing.assert_allclose(shares, [0.25] * 4 + [0] * 4, atol=0.03)
    shares = np.bincount(letters[1:].ravel(), minlength=8) / 20000
    np.testing.assert_allclose(shares, [0] * 4 + [0.25] * 4, atol=0.02)
    assert len(np.unique(letters[1:], axis=1)[0]) > 100  # each text has its own


@pytest.mark.parametrize("steps", [4, 5, 9, 20])
def test_two_numbers_of_the_first_half_are_marked(rng, steps):
    X, sums = adding(rng, steps, 3000)
    numbers, marks = X[..., 0], X[..., 1]
    assert X.shape == (steps, 3000, 2)
    assert X.dtype == sums.dtype == np.float32
    assert np.all(marks.sum(axis=0) == 2)
    assert set(np.unique(marks)) == {0, 1}
    share = marks.mean(axis=1)
    np.testing.assert_allclose(share[: steps // 2], 2 / (steps // 2), atol=0.04)
    assert not share[steps // 2 :].any()
    marked = numbers.T[marks.T == 1].reshape(-1, 2)
    np.testing.assert_allclose(sums, marked[:, 0] + marked[:, 1], rtol=1e-6)
    assert 0 <= numbers.min() < 0.01
    assert 0.99 < numbers.max() < 1
    # Who always says 1 pays the variance of a sum of two, 2 / 12.
    np.testing.assert_allclose(((sums - 1) ** 2).mean(), 1 / 6, atol=0.015)


def test_texts_and_sequences_that_cannot_be_are_refused(rng):
    with pytest.raises(ValueError, match="steps = 0 must be 1 or more"):
        recalling(rng, 0, 1)
    assert recalling(rng, 1, 1)[0].shape == (1, 1, 8)
    with pytest.raises(ValueError, match="steps = 3 must be 4 or more"):
        adding(rng, 3, 1)
    with pytest.raises(ValueError, match="'e' is none of A to D and a to d"):
        encode("Aae")
    np.testing.assert_array_equal(encode(LETTERS), np.eye(8))


def test_nothing_is_added_to_the_gate_that_keeps_unless_asked():
    plain, none, open_ = (AskedGRUs([3], 4, (2, 3), *keep) for keep in ((), (0.0,), (2.0,)))
    assert torch.equal(plain.b, none.b)
    more = (open_.b - plain.b).detach().numpy().ravel()
    np.testing.assert_allclose(more, [0] * 4 + [2] * 4 + [0] * 4, atol=1e-6)


def torch_scores(nets, r, X):
    """What net r says after the last step, from PyTorch's own layer: X is (T, N, D)."""
    kind = {AskedRNNs: torch.nn.RNN, AskedLSTMs: torch.nn.LSTM, AskedGRUs: torch.nn.GRU}[type(nets)]
    layer = kind(nets.U.shape[1], nets.hidden)
    other = torch.zeros(nets.b.shape[-1])
    if isinstance(nets, AskedGRUs):
        other[2 * nets.hidden :] = nets.b_heard[r, 0].detach()
    layer.load_state_dict(
        {
            "weight_ih_l0": nets.U[r].detach().T, "weight_hh_l0": nets.W[r].detach().T,
            "bias_ih_l0": nets.b[r, 0].detach(), "bias_hh_l0": other,
        }
    )  # fmt: skip
    return layer(X)[0][-1] @ nets.out[r] + nets.out_bias[r]


@pytest.mark.parametrize("kind", KINDS)
def test_nets_side_by_side_are_pytorchs(kind, rng):
    nets = KINDS[kind][0]([3, 4], 5, (2, 3), 1.0)
    X = torch.from_numpy(rng.normal(size=(7, 2, 6, 2)).astype(np.float32))
    scores = nets(X)
    assert scores.shape == (2, 6, 3)
    for r in range(2):
        expected = torch_scores(nets, r, X[:, r])
        np.testing.assert_allclose(scores[r].detach(), expected.detach(), atol=1e-6)


@pytest.mark.parametrize("task", [adding, recalling])
def test_training_is_adams_on_each_net_by_itself(task):
    sizes = (2, 1) if task is adding else (8, 4)
    asked = {"steps": (4, 9), "batch": 5, "lr": 0.02}
    both, alone = AskedGRUs([3, 4], 6, sizes, 2.0), AskedGRUs([4], 6, sizes, 2.0)
    with torch.no_grad():  # so that some gradients are clipped, and some are not
        for nets in both, alone:
            nets.out *= 1 if task is adding else 10
            nets.out_bias += 0.7
    train(both, task, [30, 40], 4, **asked)

    optimizer, rng = torch.optim.Adam(alone.parameters(), 0.02), np.random.default_rng(40)
    lengths, long = np.random.default_rng(0), []
    for _ in range(4):
        X, answers = task(rng, lengths.integers(4, 10), 5)
        scores = alone(torch.from_numpy(X)[:, None])[0]
        answers = torch.from_numpy(answers)
        loss = (
            F.mse_loss(scores[:, 0], answers)
            if task is adding
            else F.cross_entropy(scores, answers)
        )
        optimizer.zero_grad()
        loss.backward()
        long.append(torch.nn.utils.clip_grad_norm_(alone.parameters(), 1.0).item())
        optimizer.step()
    assert 0.4 < min(long) < 0.9 < 1.1 < max(long) < 2
    for own, other in zip(both.parameters(), alone.parameters(), strict=True):
        np.testing.assert_allclose(own[1].detach(), other[0].detach(), atol=2e-5)


def test_training_draws_lengths_in_range_and_looks_now_and_then():
    asked = []

    def task(rng, steps, count):
        asked.append((steps, count))
        return adding(rng, steps, count)

    nets = AskedRNNs([1], 3, (2, 1))
    seen = train(
        nets, task, [1], 60, steps=(4, 7), batch=2, lr=0.01, every=20,
        watch=lambda nets: nets.out_bias[0, 0, 0].item(),
    )  # fmt: skip
    assert {steps for steps, _ in asked} == {4, 5, 6, 7}
    assert {count for _, count in asked} == {2}
    assert len(asked) == 60
    assert seen.shape == (3,)
    assert seen[-1] == nets.out_bias.item()
    few = {"steps": (4, 4), "batch": 1, "lr": 0.01}
    for watch in ({}, {"watch": lambda nets: nets.out_bias.item()}):
        assert len(train(nets, task, [1], 2, **few, **watch)) == 0


def constant(sizes, bias):
    """Two nets that say the same whatever they read."""
    nets = AskedRNNs([1, 2], 3, sizes)
    with torch.no_grad():
        nets.out.zero_()
        nets.out_bias[:] = torch.tensor(bias)
    return nets


def test_scores_are_squared_errors_and_shares():
    sums = adding(np.random.default_rng(5), 8, 200)[1]
    found = score(constant((2, 1), [0.5]), adding, [8, 12], 200, 5)
    assert found.shape == (2, 2)
    np.testing.assert_allclose(found[:, 0], ((sums - 0.5) ** 2).mean(), rtol=1e-5)
    places = recalling(np.random.default_rng(5), 3, 200)[1]
    found = score(constant((8, 4), [0.0, 0.0, 1.0, 0.0]), recalling, [3], 200, 5)
    np.testing.assert_allclose(found, [[(places == 2).mean()]] * 2)


@pytest.mark.browser
@pytest.mark.parametrize("kind", KINDS)
def test_the_page_reads_as_the_cells_by_hand(js, rng, kind):
    U, W, b, *heard = drawn(rng, kind, len(LETTERS), 5)
    weights = [0.7 * U, 0.7 * W, b, *heard]
    out, bias, other = rng.normal(size=(4, 5)), rng.normal(size=4), np.zeros(len(b))
    if heard:
        other[10:] = heard[0]
    arrays = {
        "weight_ih": weights[0].T, "weight_hh": weights[1].T, "bias_ih": b, "bias_hh": other,
        "out_weight": out, "out_bias": bias,
    }  # fmt: skip
    arrays = {name: array.astype(np.float32) for name, array in arrays.items()}
    text = "".join(rng.choice(list(LETTERS), size=9))
    found = js("docs/sequences/memory.js", "read", kind, arrays, list(text))
    cell = KINDS[kind][1](*weights)
    np.testing.assert_allclose(found["left"], fading(cell, encode(text)), rtol=2e-3, atol=1e-6)
    X = encode(text)[:, None].astype(float)
    shown = {
        "rnn": lambda: cell.forward(X, np.zeros((1, 5)), np.ones((9, 1), dtype=bool)),
        "lstm": lambda: cell.forward(X, *np.zeros((2, 1, 5)))[0],
        "gru": lambda: cell.forward(X, np.zeros((1, 5)))[0],
    }[kind]()[-1, 0]
    shares = np.exp(shown @ out.T + bias)
    shares /= shares.sum()
    np.testing.assert_allclose(np.ravel(found["shares"]), shares, atol=1e-4)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("text", "found"),
    [("Aab", "Aab"), ("hello Bad Egg", "Bad"), ("A" * 60, "A" * 40), ("", "")],
)
def test_the_page_keeps_what_it_can_read(js, text, found):
    assert "".join(js("docs/sequences/memory.js", "readable", text)) == found


@pytest.mark.browser
@pytest.mark.parametrize(
    ("share", "said"),
    [(1, "1.00"), (0.094, "0.09"), (0.004, "under a hundredth"), (1e-9, "under a millionth")],
)
def test_the_page_says_how_much_is_left(js, share, said):
    assert js("docs/sequences/memory.js", "amount", share) == said
