"""The cell by hand against PyTorch in values and gradients; the task; the page against Python."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from introdl.sequences.lstm.cell import LSTM
from introdl.sequences.lstm.remembering import (
    CAPITALS,
    LETTERS,
    LSTMs,
    RNNs,
    draw,
    encode,
    recall,
    train,
)
from introdl.sequences.rnn.network import Cell

#: Mutants that nothing tells apart; see tests/mutants.py.
SAME = {
    "shape = 1, 4, *self.cells.shape[1:]": "its first number is not used",
    "shape = -1, 4, *self.cells.shape[1:]": "its first number is not used",
    "self.gates = np.array(gates).reshape(-2, *shape[1:]) # (T, 4, N, H)": (
        "NumPy takes any number below 0 for the size that is left"
    ),
    "dX, dh, dc = np.zeros_like(self.X), *np.zeros((2, *self.cells[-1].shape))": (
        "all have one shape"
    ),
    "capital = (rng.random((steps, count)) <= share)": "no draw is the share itself",
    "last = np.maximum.accumulate(np.where(capital, np.arange(steps)[:, None], -1), axis=0)": (
        "the first letter is a capital"
    ),
}


def ours(rng, D, H):
    return LSTM(rng.normal(size=(D, 4 * H)), rng.normal(size=(H, 4 * H)), rng.normal(size=4 * H))


def odd_input(rng):
    net = ours(rng, 3, 2)
    X, h, c = rng.normal(size=(4, 2, 3)), rng.normal(size=(2, 2)), rng.normal(size=(2, 2))
    ready = ours(rng, 3, 2)
    ready.forward(X, h, c)
    return {
        "LSTM.__init__": {"U": net.U, "W": net.W, "b": net.b},
        "LSTM.forward": {"self": net, "X": X, "h": h, "c": c},
        "LSTM.backward": {
            "self": ready,
            "doutputs": rng.normal(size=(4, 2, 2)),
            "dcells": rng.normal(size=(4, 2, 2)),
        },
    }  # fmt: skip


def everything(net, X, h, c, doutputs, dcells):
    """Outputs, last cell state and all gradients of ours."""
    outputs, cells, _ = net.forward(X, h, c)
    dX, dh, dc = net.backward(doutputs, dcells)
    return [outputs, cells[-1], dX, dh, dc, net.dU, net.dW, net.db]


def theirs(U, W, b, X, h, c, doutputs, dcells):
    """The same of `torch.nn.LSTMCell`, step by step."""
    cell = torch.nn.LSTMCell(U.shape[0], W.shape[0], dtype=torch.float64)
    cell.load_state_dict(
        {
            "weight_ih": torch.tensor(U.T), "weight_hh": torch.tensor(W.T),
            "bias_ih": torch.tensor(b), "bias_hh": torch.zeros(len(b), dtype=torch.float64),
        }
    )  # fmt: skip
    X, h, c = (torch.tensor(part, requires_grad=True) for part in (X, h, c))
    states = [(h, c)]
    for x in X:
        states.append(cell(x, states[-1]))
    outputs, cells = (torch.stack(part) for part in zip(*states[1:], strict=True))
    ((outputs * torch.tensor(doutputs)).sum() + (cells * torch.tensor(dcells)).sum()).backward()
    found = [
        outputs, cells[-1], X.grad, h.grad, c.grad,
        cell.weight_ih.grad.T, cell.weight_hh.grad.T, cell.bias_ih.grad,
    ]  # fmt: skip
    return [part.detach().numpy() for part in found]


def problem(rng, T, N, D, H):
    return [rng.normal(size=s) for s in ((T, N, D), (N, H), (N, H), (T, N, H), (T, N, H))]


@given(sizes=st.tuples(*[st.integers(1, 5)] * 4), seed=st.integers(0, 2**31))
@settings(deadline=None, max_examples=25)
def test_values_and_gradients_on_random_shapes(sizes, seed):
    rng = np.random.default_rng(seed)
    net, parts = ours(rng, *sizes[2:]), problem(rng, *sizes)
    pairs = zip(everything(net, *parts), theirs(net.U, net.W, net.b, *parts), strict=True)
    for own, other in pairs:
        scale = max(1, np.abs(other).max())
        np.testing.assert_allclose(own, other, rtol=1e-12, atol=1e-12 * scale)


@pytest.mark.agreement
def test_the_cell_equals_pytorchs(rng, agreement):
    net, parts = ours(rng, 5, 6), problem(rng, 9, 3, 5, 6)
    U, W, b = net.U, net.W, net.b
    agreement(
        np.concatenate([part.ravel() for part in everything(net, *parts)]),
        lambda: np.concatenate([part.ravel() for part in theirs(U, W, b, *parts)]),
        what="LSTM: outputs, cell state and all gradients",
        against="torch.nn.LSTMCell and autograd, float64",
        atol=1e-11,
    )


def test_gates_far_from_zero_do_not_overflow():
    net = LSTM(np.full((1, 4), 1e4), np.zeros((1, 4)), np.zeros(4))
    with np.errstate(over="raise", invalid="raise"):
        outputs, cells, gates = net.forward(np.array([[[1.0]], [[-1.0]]]), *np.zeros((2, 1, 1)))
    np.testing.assert_allclose(np.ravel(gates.input), [1, 0])
    np.testing.assert_allclose(np.ravel(gates.candidate), [1, -1])
    np.testing.assert_allclose(np.ravel(cells), [1, 0])
    np.testing.assert_allclose(np.ravel(outputs), [np.tanh(1), 0])


def test_no_step_leaves_the_states_as_they_are(rng):
    net = ours(rng, 3, 2)
    outputs, cells, gates = net.forward(np.zeros((0, 4, 3)), *np.ones((2, 4, 2)))
    assert outputs.shape == cells.shape == gates.forget.shape == (0, 4, 2)
    dX, *first = net.backward(*np.zeros((2, 0, 4, 2)))
    assert dX.shape == (0, 4, 3)
    np.testing.assert_array_equal(first, np.zeros((2, 4, 2)))


def test_shapes_that_do_not_fit_are_refused(rng):
    with pytest.raises(ValueError, match=r"W has shape \(2, 6\), expected \(H, 4H\)"):
        LSTM(np.zeros((3, 6)), np.zeros((2, 6)), np.zeros(6))
    net, parts = ours(rng, 3, 2), problem(rng, 4, 2, 3, 2)
    net.forward(*parts[:3])
    with pytest.raises(ValueError, match=r"doutputs has shape \(3, 2, 2\), expected \(4, 2, 2\)"):
        net.backward(parts[3][1:], parts[4][1:])
    with pytest.raises(ValueError, match=r"dcells has shape \(3, 2, 2\), expected \(T, N, H\)"):
        net.backward(parts[3], parts[4][1:])


def test_texts_begin_with_a_capital_and_the_last_one_counts(rng):
    letters, last = draw(rng, 40, 50)
    for text, told in zip(letters.T, last.T, strict=True):
        assert text[0] < len(CAPITALS)
        expected = None
        for letter, answer in zip(text, told, strict=True):
            expected = letter if letter < len(CAPITALS) else expected
            assert answer == expected
    assert 0.05 < (letters[1:] < len(CAPITALS)).mean() < 0.11
    assert (letters[1] < len(CAPITALS)).mean() < 0.5
    assert set(letters.ravel()) == set(range(len(LETTERS)))
    letters, last = draw(rng, 20, 30, share=1)
    np.testing.assert_array_equal(letters, last)
    with pytest.raises(ValueError, match="steps = 0 must be 1 or more"):
        draw(rng, 0, 1)
    assert draw(rng, 1, 3)[0].shape == (1, 3)
    for share in (-0.1, 1.1):
        with pytest.raises(ValueError, match=rf"share = {share} in \[0, 1\]"):
            draw(rng, 5, 1, share)
    with pytest.raises(ValueError, match="'!' is none of"):
        encode("A!")


@pytest.mark.parametrize("kind", [RNNs, LSTMs])
def test_nets_side_by_side_are_the_cells_by_hand(kind, rng):
    nets = kind([3, 4], 5, 1.0)
    letters = rng.integers(len(LETTERS), size=(7, 2, 3))
    scores = nets(torch.from_numpy(letters)).detach().numpy()
    for r in range(2):
        X, zeros = np.eye(len(LETTERS))[letters[:, r]], np.zeros((3, 5))
        if kind is LSTMs:
            states = LSTM(*nets.weights(r)).forward(X, zeros, zeros)[0]
        else:
            states = Cell(*nets.weights(r)).forward(X, zeros, np.ones((7, 3), dtype=bool))
        by_hand = states @ nets.out[r].detach().numpy() + nets.out_bias[r].detach().numpy()
        np.testing.assert_allclose(scores[:, r], by_hand, atol=1e-5)


def test_first_weights_are_uniform_within_one_by_the_root_of_the_units():
    nets = LSTMs([1], 25)
    for p in nets.parameters():
        assert p.abs().max() < 0.2 + 1e-6
    assert nets.U.abs().max() > 0.19
    assert nets.U.std().item() == pytest.approx(0.2 / 3**0.5, rel=0.1)


def test_a_net_learns_alone_what_it_learns_beside_others():
    together, alone = LSTMs([1, 2], 4, 1.0), LSTMs([2], 4, 1.0)
    train(together, [5, 6], 4, steps=6, batch=3)
    train(alone, [6], 4, steps=6, batch=3)
    for name, weights in alone.named_parameters():
        other = together.get_parameter(name)[1].detach()
        np.testing.assert_allclose(weights[0].detach(), other, atol=1e-5)


def test_the_gate_that_keeps_starts_more_open():
    plain, none, open_ = LSTMs([3], 4), LSTMs([3], 4, 0.0), LSTMs([3], 4, 1.0)
    assert torch.equal(plain.b, none.b)
    more = (open_.b - plain.b).detach().numpy().ravel()
    np.testing.assert_allclose(more, [0] * 4 + [1] * 4 + [0] * 8, atol=1e-6)
    assert torch.equal(RNNs([3], 4).b, RNNs([3], 4, 1.0).b)  # it has no such gate


def test_training_is_adams_on_each_net_by_itself():
    both, alone = LSTMs([3, 4], 5, 1.0), LSTMs([4], 5, 1.0)
    with torch.no_grad():
        for nets in both, alone:
            nets.out *= 8  # so that some gradients are clipped, and some are not
    train(both, [30, 40], 4, steps=6, batch=7, lr=0.02)

    optimizer, rng = torch.optim.Adam(alone.parameters(), 0.02), np.random.default_rng(40)
    long = []
    for _ in range(4):
        letters, last = (torch.from_numpy(part) for part in draw(rng, 6, 7))
        scores = alone(letters[:, None])[:, 0]
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(scores.flatten(0, 1), last.flatten()).backward()
        long.append(torch.nn.utils.clip_grad_norm_(alone.parameters(), 1.0).item())
        optimizer.step()
    assert 0.5 < min(long) < 0.9 < 1.1 < max(long) < 2
    for own, other in zip(both.parameters(), alone.parameters(), strict=True):
        np.testing.assert_allclose(own[1].detach(), other[0].detach(), atol=2e-5)


def test_texts_and_training_of_which_nothing_more_is_said():
    found = [draw(np.random.default_rng(1), 99, 20, *share)[0] for share in ((), (0.08,))]
    np.testing.assert_array_equal(*found)
    plain, told = LSTMs([1], 3), LSTMs([1], 3)
    train(plain, [2], 2)
    train(told, [2], 2, steps=30, batch=32, lr=0.01)
    assert torch.equal(plain.W, told.W)


def test_recall_is_the_share_of_right_answers():
    nets = RNNs([0], 8)
    with torch.no_grad():  # shows the letter that it has just read, and forgets it
        nets.U.zero_()
        nets.U[0, :8] = 5 * torch.eye(8)
        nets.W.zero_()
        nets.b.zero_()
        nets.out[0] = torch.eye(8)
        nets.out_bias.zero_()
    found = recall(nets, [0, 3], 400, seed=1)
    assert found[0, 0] == 1
    capitals = draw(np.random.default_rng(1), 4, 400, share=0)[0][0]
    assert found[0, 1] == (capitals == 0).mean()  # behind small letters it says A
    assert 0 < found[0, 1] < 0.25


SCRIPT = "src/introdl_site/dress/theme/assets/letters.js"


@pytest.mark.browser
def test_the_page_reads_as_the_cell_by_hand(js, rng):
    net = ours(rng, len(LETTERS), 6)
    out, bias = rng.normal(size=(8, 6)), rng.normal(size=8)
    arrays = {"weight_ih": net.U.T, "weight_hh": net.W.T, "bias_ih": net.b}
    arrays = arrays | {"out_weight": out, "out_bias": bias}
    arrays = {name: array.astype(np.float32) for name, array in arrays.items()}
    text = "".join(rng.choice(list(LETTERS), size=12))
    found = js(SCRIPT, "readLSTM", arrays, list(text))
    X = np.eye(len(LETTERS))[encode(text)][:, None]
    outputs, cells, gates = net.forward(X, *np.zeros((2, 1, 6)))
    shares = np.exp(outputs @ out.T + bias)
    shares /= shares.sum(axis=-1, keepdims=True)
    expected = {"cell": cells, "shown": outputs, "shares": shares, **gates._asdict()}
    assert len(found) == 12
    for t, step in enumerate(found):
        for name, array in expected.items():
            np.testing.assert_allclose(step[name], array[t], atol=1e-4)


@pytest.mark.browser
def test_the_page_reads_what_can_be_read(js):
    assert js(SCRIPT, "readable", "Ab, Zé!") == ["A", "b", "z"]
