"""The cell by hand against PyTorch in values and gradients; its forms; the page against Python."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from introdl.sequences.gru.cell import GRU
from introdl.sequences.gru.remembering import GRUs, GRUsBefore
from introdl.sequences.gru.stack import Stack
from introdl.sequences.lstm.cell import LSTM
from introdl.sequences.lstm.remembering import LETTERS, encode

FORMS = ["after", "before"]

#: Mutants that nothing tells apart; see tests/mutants.py.
SAME = {
    "self.gates = np.array(gates).reshape(-2, 3, *self.states.shape[1:]) # (T, 3, N, H)": (
        "NumPy takes any number below 0 for the size that is left"
    ),
    "dX, dh = np.zeros_like(self.X), np.zeros_like(self.states[-1])": "all have one shape",
    "self.turned = np.where((step <= lengths), lengths - 1 - step, step)[..., None]": (
        "what stands behind an end is not used"
    ),
    "states = 2 if isinstance(self.cells[-1], LSTM) else 1": "the cells are alike",
    "expected = (states, len(self.cells), X.shape[1], len(self.cells[-1].W))": (
        "the cells are alike"
    ),
    "H, N = len(self.cells[-1].W), len(self.lengths)": "the cells are alike",
}


def ours(rng, D, H, reset="after"):
    shapes = (D, 3 * H), (H, 3 * H), (3 * H,), (H,)
    return GRU(*(rng.normal(size=shape) for shape in shapes), reset)


def odd_input(rng):
    net, ready = ours(rng, 3, 2), ours(rng, 3, 2)
    X, h = rng.normal(size=(4, 2, 3)), rng.normal(size=(2, 2))
    ready.forward(X, h)
    stack = Stack([ours(rng, 3, 2), ours(rng, 3, 2)], both=True)
    start, lengths = rng.normal(size=(1, 2, 2, 2)), np.array([4, 2])
    read = Stack([ours(rng, 3, 2), ours(rng, 3, 2)], both=True)
    read.forward(X, start, lengths)
    return {
        "GRU.__init__": {"U": net.U, "W": net.W, "b": net.b, "b_heard": net.b_heard},
        "GRU.forward": {"self": net, "X": X, "h": h},
        "GRU.backward": {"self": ready, "dstates": rng.normal(size=(4, 2, 2))},
        "Stack.forward": {"self": stack, "X": X, "start": start, "lengths": lengths},
        "Stack.backward": {"self": read, "doutputs": rng.normal(size=(4, 2, 4)), "dlast": start},
    }


def everything(net, X, h, dstates):
    """States and all gradients of ours."""
    states, _ = net.forward(X, h)
    dX, dh = net.backward(dstates)
    return [states, dX, dh, net.dU, net.dW, net.db, net.db_heard]


def after(U, W, b, b_heard, X, h, dstates):
    """The same of `torch.nn.GRU`."""
    D, H = U.shape[0], W.shape[0]
    layer = torch.nn.GRU(D, H, dtype=torch.float64)
    bias = np.concatenate([np.zeros(2 * H), b_heard])
    arrays = {"weight_ih_l0": U.T, "weight_hh_l0": W.T, "bias_ih_l0": b, "bias_hh_l0": bias}
    layer.load_state_dict({name: torch.tensor(array) for name, array in arrays.items()})
    X, h = (torch.tensor(part, requires_grad=True) for part in (X, h))
    states, last = layer(X, h[None])
    assert torch.equal(last[0], states[-1])
    (states * torch.tensor(dstates)).sum().backward()
    found = [
        states, X.grad, h.grad, layer.weight_ih_l0.grad.T, layer.weight_hh_l0.grad.T,
        layer.bias_ih_l0.grad, layer.bias_hh_l0.grad[2 * H :],
    ]  # fmt: skip
    return [part.detach().numpy() for part in found]


def before(U, W, b, b_heard, X, h, dstates):
    """The same of Cho's equations 5 to 8, unit by unit, and autograd."""
    given = [torch.tensor(part, requires_grad=True) for part in (U, W, b, b_heard, X, h)]
    U, W, b, b_heard, X, h = given
    H, total = len(W), 0
    states = []
    for x, slope in zip(X, torch.tensor(dstates), strict=True):
        r, z = (
            torch.stack(
                [torch.sigmoid(x @ U[:, k] + h @ W[:, k] + b[k]) for k in range(at, at + H)], 1
            )
            for at in (0, H)
        )
        units = [x @ U[:, k] + (r * h) @ W[:, k] + b[k] + b_heard[k - 2 * H]
                 for k in range(2 * H, 3 * H)]  # fmt: skip
        h = z * h + (1 - z) * torch.tanh(torch.stack(units, 1))
        states.append(h)
        total = total + (h * slope).sum()
    total.backward()
    gradients = [part.grad for part in (X, given[5], U, W, b, b_heard)]
    return [part.detach().numpy() for part in (torch.stack(states), *gradients)]


REFERENCES = {"after": after, "before": before}


def problem(rng, T, N, D, H):
    return [rng.normal(size=s) for s in ((T, N, D), (N, H), (T, N, H))]


@pytest.mark.parametrize("reset", FORMS)
@given(sizes=st.tuples(*[st.integers(1, 5)] * 4), seed=st.integers(0, 2**31))
@settings(deadline=None, max_examples=20)
def test_values_and_gradients_on_random_shapes(reset, sizes, seed):
    rng = np.random.default_rng(seed)
    net, parts = ours(rng, *sizes[2:], reset), problem(rng, *sizes)
    reference = REFERENCES[reset](net.U, net.W, net.b, net.b_heard, *parts)
    for own, other in zip(everything(net, *parts), reference, strict=True):
        scale = max(1, np.abs(other).max())
        np.testing.assert_allclose(own, other, rtol=1e-12, atol=1e-12 * scale)


@pytest.mark.agreement
@pytest.mark.parametrize("reset", FORMS)
def test_the_cell_equals_an_independent_one(rng, agreement, reset):
    net, parts = ours(rng, 5, 6, reset), problem(rng, 9, 3, 5, 6)
    weights = net.U, net.W, net.b, net.b_heard
    against = {"after": "torch.nn.GRU", "before": "Cho's equations in PyTorch"}[reset]
    agreement(
        np.concatenate([part.ravel() for part in everything(net, *parts)]),
        lambda: np.concatenate([part.ravel() for part in REFERENCES[reset](*weights, *parts)]),
        what=f"GRU, reset gate {reset} the product: states and all gradients",
        against=f"{against} and autograd, float64",
        atol=1e-11,
    )


KINDS = {"lstm": (torch.nn.LSTM, 4), "gru": (torch.nn.GRU, 3)}


def stacked(rng, kind, sizes, layers, both):
    """A stack of ours, and a layer of PyTorch with the same weights."""
    D, H = sizes
    make, parts = KINDS[kind]
    theirs = make(D, H, num_layers=layers, bidirectional=both, dtype=torch.float64)
    cells = []
    for layer in range(layers):
        for way in ["", "_reverse"][: 1 + both]:
            inputs = H * (1 + both) if layer else D
            U, W = rng.normal(size=(inputs, parts * H)), rng.normal(size=(H, parts * H))
            b, heard = rng.normal(size=parts * H), np.zeros(parts * H)
            heard[2 * H :] = rng.normal(size=(parts - 2) * H) * (kind == "gru")
            arrays = {"weight_ih": U.T, "weight_hh": W.T, "bias_ih": b, "bias_hh": heard}
            for name, array in arrays.items():
                theirs.get_parameter(f"{name}_l{layer}{way}").data = torch.tensor(array)
            cells.append(LSTM(U, W, b) if kind == "lstm" else GRU(U, W, b, heard[2 * H :]))
    return Stack(cells, both), theirs


def stack_everything(stack, X, start, lengths, doutputs, dlast):
    """Outputs, last states and all gradients of ours."""
    outputs, last = stack.forward(X, start, lengths)
    dX, dstart = stack.backward(doutputs, dlast)
    weights = []
    for cell in stack.cells:
        heard = [cell.db_heard] if isinstance(cell, GRU) else []
        weights += [cell.dU.T, cell.dW.T, cell.db, *heard]
    return [outputs, last, dX, dstart, *weights]


def torch_everything(layer, X, start, lengths, doutputs, dlast):
    """The same of PyTorch, through packed sequences."""
    X, start = (torch.tensor(part, requires_grad=True) for part in (X, start))
    packed = torch.nn.utils.rnn.pack_padded_sequence(X, lengths, enforce_sorted=False)
    outputs, last = layer(packed, tuple(start) if len(start) == 2 else start[0])
    outputs = torch.nn.utils.rnn.pad_packed_sequence(outputs, total_length=len(X))[0]
    last = torch.stack(last) if len(start) == 2 else last[None]
    ((outputs * torch.tensor(doutputs)).sum() + (last * torch.tensor(dlast)).sum()).backward()
    weights = []
    for name, p in layer.named_parameters():
        if "bias_hh" not in name:
            weights.append(p.grad)
        elif len(start) == 1:  # a GRU's third of it is no copy of the other bias
            weights.append(p.grad[-layer.hidden_size :])
    return [part.detach().numpy() for part in (outputs, last, X.grad, start.grad, *weights)]


def stack_problem(rng, kind, sizes, layers, both):
    (D, H), T, N = sizes, 6, 4
    state = (2 if kind == "lstm" else 1, layers * (1 + both), N, H)
    lengths = rng.integers(1, T + 1, size=N)
    lengths[rng.integers(N)] = T
    X, doutputs = rng.normal(size=(T, N, D)), rng.normal(size=(T, N, H * (1 + both)))
    return X, rng.normal(size=state), lengths, doutputs, rng.normal(size=state)


@pytest.mark.agreement
@pytest.mark.parametrize("kind", KINDS)
def test_layers_directions_and_lengths_equal_pytorchs(rng, agreement, kind):
    stack, layer = stacked(rng, kind, (3, 4), 2, True)
    parts = stack_problem(rng, kind, (3, 4), 2, True)
    agreement(
        np.concatenate([part.ravel() for part in stack_everything(stack, *parts)]),
        lambda: np.concatenate([part.ravel() for part in torch_everything(layer, *parts)]),
        what=f"{kind.upper()}, 2 layers, both directions, unequal lengths: outputs, states and "
        "all gradients",
        against=f"torch.nn.{kind.upper()} with packed sequences and autograd, float64",
        atol=1e-11,
    )


@pytest.mark.parametrize("kind", KINDS)
@given(
    sizes=st.tuples(*[st.integers(1, 4)] * 2),
    layers=st.integers(1, 3),
    both=st.booleans(),
    seed=st.integers(0, 2**31),
)
@settings(deadline=None, max_examples=15)
def test_stacks_of_random_shapes(kind, sizes, layers, both, seed):
    rng = np.random.default_rng(seed)
    stack, layer = stacked(rng, kind, sizes, layers, both)
    parts = stack_problem(rng, kind, sizes, layers, both)
    pairs = zip(stack_everything(stack, *parts), torch_everything(layer, *parts), strict=True)
    for own, other in pairs:
        scale = max(1, np.abs(other).max())
        np.testing.assert_allclose(own, other, rtol=1e-12, atol=1e-12 * scale)


def test_stacks_that_do_not_fit_are_refused(rng):
    cell = ours(rng, 3, 2)
    with pytest.raises(ValueError, match="1 cells do not make whole layers"):
        Stack([cell], both=True)
    with pytest.raises(ValueError, match="0 cells do not make whole layers"):
        Stack([])
    with pytest.raises(ValueError, match="a cell stands there twice"):
        Stack([cell, cell], both=True)
    lstm = LSTM(rng.normal(size=(2, 8)), rng.normal(size=(2, 8)), np.zeros(8))
    for other, said in ((ours(rng, 2, 5), "GRU of 5 units"), (lstm, "LSTM of 2 units")):
        with pytest.raises(ValueError, match=f"alike, these are GRU of 2 units, {said}"):
            Stack([cell, other])
    stack, X, start = Stack([cell]), rng.normal(size=(4, 2, 3)), np.zeros((1, 1, 2, 2))
    with pytest.raises(
        ValueError, match=r"start has shape \(2, 1, 2, 2\), expected \(1, 1, 2, 2\)"
    ):
        stack.forward(X, np.zeros((2, 1, 2, 2)), np.array([4, 4]))
    for lengths in ([4, 0], [4, 5]):
        with pytest.raises(ValueError, match="lengths must be from 1 to T = 4"):
            stack.forward(X, start, np.array(lengths))
    stack.forward(X, start, np.array([4, 3]))
    with pytest.raises(ValueError, match=r"doutputs has shape \(4, 2, 3\), expected \(4, 2, 2\)"):
        stack.backward(np.zeros((4, 2, 3)), start)
    with pytest.raises(
        ValueError, match=r"dlast has shape \(2, 1, 2, 2\), expected \(1, 1, 2, 2\)"
    ):
        stack.backward(np.zeros((4, 2, 2)), np.zeros((2, 1, 2, 2)))


def test_the_forms_differ_with_two_cells_and_not_with_one(rng):
    for H, same in ((1, True), (2, False)):
        net = ours(rng, 3, H)
        X, h, _ = problem(rng, 4, 2, 3, H)
        weights = net.U, net.W, net.b, np.zeros(H)
        states = [GRU(*weights, reset).forward(X, h)[0] for reset in FORMS]
        assert np.allclose(*states, rtol=1e-12) is same


@pytest.mark.parametrize("reset", FORMS)
def test_the_other_reading_of_z_is_a_change_of_signs(rng, reset):
    net = ours(rng, 3, 2, reset)
    X, h, _ = problem(rng, 5, 2, 3, 2)
    signs = np.repeat([1, -1, 1], 2)
    turned = GRU(net.U * signs, net.W * signs, net.b * signs, net.b_heard, reset)
    update, other = net.forward(X[:1], h)[1].update, turned.forward(X[:1], h)[1].update
    np.testing.assert_allclose(update, 1 - other, rtol=1e-12)


@pytest.mark.parametrize("reset", FORMS)
def test_gates_far_from_zero_do_not_overflow(reset):
    net = GRU(np.array([[0.0, 1e4, 1e4]]), np.zeros((1, 3)), np.zeros(3), np.zeros(1), reset)
    with np.errstate(over="raise", invalid="raise"):
        states, gates = net.forward(np.array([[[1.0]], [[-1.0]]]), np.full((1, 1), 0.5))
    np.testing.assert_allclose(np.ravel(gates.update), [1, 0])
    np.testing.assert_allclose(np.ravel(states), [0.5, -1])


@pytest.mark.parametrize("reset", FORMS)
def test_no_step_leaves_the_states_as_they_are(rng, reset):
    net = ours(rng, 3, 2, reset)
    states, gates = net.forward(np.zeros((0, 4, 3)), np.ones((4, 2)))
    assert states.shape == gates.update.shape == (0, 4, 2)
    dX, dh = net.backward(np.zeros((0, 4, 2)))
    assert dX.shape == (0, 4, 3)
    np.testing.assert_array_equal(dh, np.zeros((4, 2)))


def test_shapes_that_do_not_fit_are_refused(rng):
    with pytest.raises(ValueError, match=r"W has shape \(2, 8\), expected \(H, 3H\)"):
        GRU(np.zeros((3, 8)), np.zeros((2, 8)), np.zeros(8), np.zeros(2))
    with pytest.raises(ValueError, match=r"reset is 'behind', expected 'after' or 'before'"):
        ours(rng, 3, 2, "behind")
    net, (X, h, dstates) = ours(rng, 3, 2), problem(rng, 4, 2, 3, 2)
    net.forward(X, h)
    with pytest.raises(ValueError, match=r"dstates has shape \(3, 2, 2\), expected \(4, 2, 2\)"):
        net.backward(dstates[1:])


@pytest.mark.parametrize(("kind", "reset"), [(GRUs, "after"), (GRUsBefore, "before")])
def test_nets_side_by_side_are_the_cells_by_hand(kind, reset, rng):
    nets = kind([3, 4], 5, 1.0)
    letters = rng.integers(len(LETTERS), size=(7, 2, 3))
    scores = nets(torch.from_numpy(letters)).detach().numpy()
    for r in range(2):
        net = GRU(*nets.weights(r), reset)
        states, _ = net.forward(np.eye(len(LETTERS))[letters[:, r]], np.zeros((3, 5)))
        by_hand = states @ nets.out[r].detach().numpy() + nets.out_bias[r].detach().numpy()
        np.testing.assert_allclose(scores[:, r], by_hand, atol=1e-5)


@pytest.mark.parametrize("kind", [GRUs, GRUsBefore])
def test_the_update_gate_starts_more_open(kind):
    plain, open_ = kind([3], 4, 0.0), kind([3], 4, 1.0)
    more = (open_.b - plain.b).detach().numpy().ravel()
    np.testing.assert_allclose(more, [0] * 4 + [1] * 4 + [0] * 4, atol=1e-6)


@pytest.mark.browser
def test_the_page_reads_as_the_cell_by_hand(js, rng):
    net, H = ours(rng, len(LETTERS), 6), 6
    out, bias = rng.normal(size=(8, H)), rng.normal(size=8)
    arrays = {
        "weight_ih": net.U.T,
        "weight_hh": net.W.T,
        "bias_ih": net.b,
        "bias_hh": np.concatenate([np.zeros(2 * H), net.b_heard]),
        "out_weight": out,
        "out_bias": bias,
    }
    arrays = {name: array.astype(np.float32) for name, array in arrays.items()}
    text = "".join(rng.choice(list(LETTERS), size=12))
    found = js("docs/sequences/gru.js", "read", arrays, list(text))
    states, gates = net.forward(np.eye(len(LETTERS))[encode(text)][:, None], np.zeros((1, H)))
    shares = np.exp(states @ out.T + bias)
    shares /= shares.sum(axis=-1, keepdims=True)
    expected = {"state": states, "shares": shares, **gates._asdict()}
    assert len(found) == 12
    for t, step in enumerate(found):
        for name, array in expected.items():
            np.testing.assert_allclose(step[name], array[t], atol=1e-4)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("shares", "text", "said"),
    [
        ([0.1, 0.7, 0.2, 0, 0, 0, 0, 0], "xy", "B, 70 %. There was no capital yet."),
        ([0.1, 0.7, 0.2, 0, 0, 0, 0, 0], "ABx", "B, 70 %. That is right."),
        ([0.1, 0.7, 0.2, 0, 0, 0, 0, 0], "BCx", "B, 70 %. It was C."),
    ],
)
def test_the_page_says_what_is_named(js, shares, text, said):
    script = "src/introdl_site/dress/theme/assets/letters.js"
    assert js(script, "answer", shares, list(text), len(text) - 1) == said
