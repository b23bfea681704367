"""A recurrent network by hand against torch.nn.RNN, autograd and differences."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from introdl.sequences.rnn.letters import ALPHABET, NextLetter, bits, counted_shares, encode, train
from introdl.sequences.rnn.network import RNN, Cell, from_torch, torch_twin
from introdl.sequences.rnn.remembering import clip, memory

DRAWN = {
    "sizes": st.tuples(st.integers(1, 5), st.integers(1, 5)),
    "layers": st.integers(1, 3),
    "both": st.booleans(),
    "lengths": st.lists(st.integers(1, 6), min_size=1, max_size=4),
    "seed": st.integers(0, 2**32 - 1),
}

#: Mutants that nothing tells apart; see tests/mutants.py.
SAME = {
    "if (length >= longest):": "what is as long as that is multiplied by 1",
    "dX, dh = np.zeros_like(self.X), np.zeros_like(self.states[-1])": "all have one shape",
    "sizes = (*self.reads.shape, self.H * self.ways), "
    "(len(self.cells), len(self.reads[-1]), self.H)": "each step has as many sequences",
    "parts = [before[:, order + 1 - k : order + 1 - k + T] * 27**k for k in range(order + 2)]": (
        "the letter more is cut off again"
    ),
    "before = np.pad(codes, ((0, 0), (order, 1)))": "no part reaches so far",
    "net = RNN(sizes, np.random.default_rng(1), twin.num_layers, twin.bidirectional)": (
        "all weights are written over"
    ),
}


def task(net, lengths, rng):
    """Inputs, first states, lengths, and slopes for all that comes out."""
    T, N, D = max(lengths), len(lengths), net.cells[0].U.shape[0]
    X, start = rng.normal(size=(T, N, D)), rng.normal(size=(len(net.cells), N, net.H))
    slopes = rng.normal(size=(T, N, net.H * net.ways)), rng.normal(size=start.shape)
    return X, start, np.array(lengths), slopes


def by_hand(net, X, start, lengths, slopes):
    """Outputs, last states, and the gradients of inputs, first states and weights."""
    return [*net.forward(X, start, lengths), *net.backward(*slopes), *net.gradients()]


def by_torch(twin, X, start, lengths, slopes):
    """The same from torch.nn.RNN on a packed batch; one of its two biases stands for ours."""
    x, h = (torch.tensor(a, requires_grad=True) for a in (X, start))
    packed = pack_padded_sequence(x, torch.from_numpy(lengths), enforce_sorted=False)
    out, last = twin(packed, h)
    out, _ = pad_packed_sequence(out, total_length=len(X))
    (
        torch.sum(out * torch.from_numpy(slopes[0])) + torch.sum(last * torch.tensor(slopes[1]))
    ).backward()
    weights = dict(twin.named_parameters())
    found = [out, last, x.grad, h.grad]
    for name in [n.removeprefix("weight_ih") for n in weights if n.startswith("weight_ih")]:
        found += [weights[f"weight_ih{name}"].grad.T, weights[f"weight_hh{name}"].grad.T]
        found += [weights[f"bias_ih{name}"].grad]
    return [a.detach().numpy() for a in found]


@settings(max_examples=40, deadline=None)
@given(**DRAWN)
def test_any_shape_equals_torch(sizes, layers, both, lengths, seed):
    rng = np.random.default_rng(seed)
    net = RNN(sizes, rng, layers, both)
    given_ = task(net, lengths, rng)
    ours, theirs = by_hand(net, *given_), by_torch(torch_twin(net), *given_)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12 * max(1, np.abs(b).max()))


def flat(arrays):
    return np.concatenate([np.ravel(a) for a in arrays])


@pytest.mark.agreement
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("both", [False, True])
def test_a_packed_batch_equals_torchs(rng, agreement, layers, both):
    net = RNN((3, 6), rng, layers, both)
    given_ = task(net, [9, 2, 5, 1], rng)
    ours, twin = by_hand(net, *given_), torch_twin(net)
    shape = f"{layers} layer{'s' * (layers > 1)}, {'both directions' if both else 'one direction'}"
    agreement(
        flat(ours),
        lambda: flat(by_torch(twin, *given_)),
        what=f"outputs, states and all gradients of an RNN by hand ({shape}, packed)",
        against="torch.nn.RNN and its autograd, float64",
        atol=1e-11,
    )


def test_a_step_is_elmans(rng):
    U, W, b = rng.normal(size=(3, 2)), rng.normal(size=(2, 2)), rng.normal(size=2)
    X, h = rng.normal(size=(2, 1, 3)), rng.normal(size=(1, 2))
    first = np.tanh(X[0] @ U + h @ W + b)
    second = np.tanh(X[1] @ U + first @ W + b)
    states = Cell(U, W, b).forward(X, h, np.ones((2, 1), dtype=bool))
    np.testing.assert_allclose(states, [first, second], rtol=1e-14)


def test_no_step_leaves_the_states_as_they_are(rng):
    cell = RNN((3, 2), rng).cells[0]
    states = cell.forward(np.zeros((0, 4, 3)), np.ones((4, 2)), np.ones((0, 4), dtype=bool))
    assert states.shape == (0, 4, 2)
    dX, dh = cell.backward(states)
    assert dX.shape == (0, 4, 3)
    np.testing.assert_array_equal(dh, np.zeros((4, 2)))


def test_behind_its_end_a_sequence_is_not_read(rng):
    net = RNN((3, 4), rng, layers=2, both=True)
    X, start, lengths, _ = task(net, [5, 2], rng)
    outputs, last = net.forward(X, start, lengths)
    X[2:, 1] = 1e6
    again, last_again = net.forward(X, start, lengths)
    np.testing.assert_array_equal(again, outputs)
    np.testing.assert_array_equal(last_again, last)
    assert not outputs[2:, 1].any()
    alone, last_alone = net.forward(X[:2, 1:], start[:, 1:])
    np.testing.assert_allclose(alone, outputs[:2, 1:], rtol=1e-13)
    np.testing.assert_allclose(last_alone, last[:, 1:], rtol=1e-13)


def test_two_steps_by_hand():
    # The lesson's case: h2 = w u x1 + u x2, without tanh. Near zero tanh is the identity.
    tiny = 1e-5
    net = RNN((1, 1), np.random.default_rng(0))
    for p, value in zip(net.parameters(), (1.0, 0.5, 0.0), strict=True):
        p[...] = value
    outputs, last = net.forward(np.full((2, 1, 1), tiny))
    np.testing.assert_allclose(outputs.ravel() / tiny, [1, 1.5], rtol=1e-8)
    net.backward(np.zeros_like(outputs), np.full_like(last, 0.5))
    np.testing.assert_allclose(flat(net.gradients())[:2] / tiny, [0.75, 0.5], rtol=1e-8)


def test_the_weights_start_within_their_bound_and_follow_the_seed():
    nets = [RNN((30, 40), np.random.default_rng(3), 2, True) for _ in range(2)]
    a, b = (flat(net.parameters()) for net in nets)
    assert np.array_equal(a, b)
    assert 0.99 * 40**-0.5 < np.abs(a).max() <= 40**-0.5
    assert abs(a.mean()) < 0.01
    assert [p.shape for p in nets[0].parameters()][6:9] == [(80, 40), (40, 40), (40,)]


@pytest.mark.agreement
def test_memory_equals_nudges_of_every_number(rng, agreement):
    T, H = 6, 4
    U, W, b = rng.normal(size=(2, H)), rng.normal(size=(H, H)), rng.normal(size=H)
    X = rng.normal(size=(T, 2))

    def read(h, steps):
        for x in steps:
            h = np.tanh(x @ U + h @ W + b)
        return h

    states = np.array([read(np.zeros(H), X[: t + 1]) for t in range(T)])

    def nudged():
        left, eps = [], 1e-6
        for t in range(T):
            ends = [[read(states[t] + s * eps * e, X[t + 1 :]) for e in np.eye(H)] for s in (1, -1)]
            changes = (np.array(ends[0]) - ends[1]) / (2 * eps)
            left.append(np.sqrt(np.mean(np.sum(changes**2, axis=1))))
        return left

    agreement(
        memory(W, states),
        nudged,
        what="what is left of a nudge to each of six states",
        against="central finite differences, float64",
        atol=1e-8,
    )


@pytest.mark.agreement
def test_clipping_equals_torchs(rng, agreement):
    ours = [rng.normal(size=shape) for shape in [(3, 4), (4,), (2, 2)]]
    theirs = [torch.nn.Parameter(torch.from_numpy(g.copy())) for g in ours]

    def by_torch():
        for p in theirs:
            p.grad = p.detach().clone()
        length = torch.nn.utils.clip_grad_norm_(theirs, 1.5)
        return np.append(flat([p.grad.numpy() for p in theirs]), length.item())

    length = clip(ours, 1.5)
    agreement(
        np.append(flat(ours), length),
        by_torch,
        what="a gradient shortened to length 1.5, and its length before",
        against="torch.nn.utils.clip_grad_norm_, float64",
        atol=1e-5,  # torch adds 1e-6 to the length
    )


def test_a_short_gradient_stays(rng):
    g = rng.normal(size=5)
    before = g.copy()
    assert clip([g], 100.0) == pytest.approx(np.linalg.norm(before))
    np.testing.assert_array_equal(g, before)


NAMES = ["anna", "hannah", "otto", "bob", "ada", "eve", "li", "maximilian"]


def test_a_net_comes_back_from_pytorch(rng):
    net = RNN((3, 4), rng, layers=2, both=True)
    for ours, back in zip(net.parameters(), from_torch(torch_twin(net)).parameters(), strict=True):
        np.testing.assert_array_equal(back, ours)
    twin = torch.nn.RNN(3, 4, dtype=torch.float64)  # both of its biases are random
    X = rng.normal(size=(5, 2, 3))
    theirs, _ = twin(torch.from_numpy(X))
    np.testing.assert_allclose(from_torch(twin).forward(X)[0], theirs.detach(), rtol=1e-12)


@pytest.mark.parametrize("remembers", [True, False])
def test_bits_are_of_the_letters_alone(remembers):
    torch.manual_seed(0)
    net = NextLetter(5, remembers)
    W, b = (p.detach().numpy().astype(float) for p in net.out.parameters())
    ours = from_torch(net.rnn)
    found = []
    for name in NAMES:  # one by one: no name pads another
        X = np.eye(27)[[0, *map(ALPHABET.index, name)]][:, None]  # (T, 1, 27)
        states = (
            ours.forward(X)[0] if remembers else np.stack([ours.forward(x[None])[0][0] for x in X])
        )
        scores = states[:, 0] @ W.T + b
        shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        target = [*map(ALPHABET.index, name), 0]
        found += [-np.log2(share[t]) for share, t in zip(shares, target, strict=True)]
    assert bits(net, NAMES) == pytest.approx(np.mean(found), rel=1e-5)


def test_training_follows_its_seed_and_learns():
    found = []
    for seed in (0, 0, 1):
        torch.manual_seed(0)
        net = NextLetter(8)
        before = bits(net, NAMES)
        long = train(net, NAMES, 40, seed, batch=6)
        assert len(long) == 40
        assert bits(net, NAMES) < before - 0.5
        found.append(bits(net, NAMES))
    assert found[0] == found[1] != found[2]


def test_tables_and_training_of_which_nothing_more_is_said():
    found = [counted_shares(NAMES, ["hanna"], 2, *trust) for trust in ((), (8.0,))]
    np.testing.assert_array_equal(*found)
    weights = []
    for told in {}, {"batch": 128, "lr": 0.02}:
        torch.manual_seed(0)
        net = NextLetter(3)
        train(net, NAMES, 3, 0, **told)
        weights.append(net.out.weight.detach())
    assert torch.equal(*weights)


def test_gradients_are_clipped():
    torch.manual_seed(0)
    net = NextLetter(4)
    with torch.no_grad():
        net.out.weight.mul_(1000)  # wrong and sure: the gradient is long
    [long] = train(net, NAMES, 1, 0)
    assert long > 10
    length = np.sqrt(sum(float((p.grad**2).sum()) for p in net.parameters()))
    assert length == pytest.approx(1, rel=1e-4)


def naive_share(seen, before, letter, order, trust):
    """The share of one letter, by walking through all names."""
    share = 1 / 27
    for k in range(order + 1):
        hits = tries = 0
        for name in seen:
            text = "." * max(1, order) + name + "."
            for at in range(max(1, order), len(text)):
                if text[at - k : at] == before[len(before) - k :]:
                    tries += 1
                    hits += text[at] == letter
        share = (hits + trust * share) / (tries + trust)
    return share


@pytest.mark.parametrize("order", [0, 1, 2, 3])
def test_tables_count_as_a_walk_through_all_names_does(order):
    found = counted_shares(NAMES, ["hanna", "xo", "zoe"], order, 0.5)
    assert found.shape == (order + 1, 13)
    asked, expected = ["hanna", "xo", "zoe"], []
    for name in asked:
        text = "." * max(1, order) + name + "."
        for at in range(max(1, order), len(text)):
            before = text[at - order : at]
            expected.append(naive_share(NAMES, before, text[at], order, 0.5))
            whole = sum(naive_share(NAMES, before, letter, order, 0.5) for letter in ALPHABET)
            assert whole == pytest.approx(1)
    np.testing.assert_allclose(found[-1], expected, rtol=1e-12)


@pytest.mark.parametrize(("seen", "order", "trust"), [([], 1, 1), (NAMES, -1, 1), (NAMES, 1, 0)])
def test_tables_of_nothing_are_refused(seen, order, trust):
    with pytest.raises(ValueError, match="give names to count"):
        counted_shares(seen, ["ada"], order, trust)


@pytest.mark.parametrize("name", ["", "Ada", "a.b", "jörg", "a b"])
def test_what_is_no_name_is_refused(name):
    with pytest.raises(ValueError, match=r"encode\(\): .* is no name in the letters a to z"):
        encode(["ada", name])


def test_no_names_are_no_rows_and_every_letter_is_read():
    assert encode([ALPHABET[1:]])[0][0].tolist() == [*range(27), 0]
    codes, lengths = encode([])
    assert (codes.shape, lengths.shape) == ((0, 1), (0,))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start": np.zeros((2, 2, 3))}, r"start has shape \(2, 2, 3\), expected \(1, 2, 3\)"),
        ({"lengths": np.array([4, 5])}, "lengths must be 2 whole numbers from 1 to T = 4"),
        ({"lengths": np.array([0, 4])}, "lengths must be 2 whole numbers from 1 to T = 4"),
        ({"lengths": np.array([2.0, 4.0])}, "lengths must be 2 whole numbers from 1 to T = 4"),
    ],
)
def test_what_cannot_be_read_is_refused(rng, change, message):
    with pytest.raises(ValueError, match=message):
        RNN((2, 3), rng).forward(np.zeros((4, 2, 2)), **change)


def odd_input(rng):
    net = RNN((2, 3), rng)
    X, start, lengths, slopes = task(net, [4, 2], rng)
    net.forward(X, start, lengths)
    cell = net.cells[0]
    return {
        "Cell.forward": {
            "self": cell,
            "X": X,
            "h": start[0],
            "reads": np.ones((4, 2), dtype=bool),
        },
        "Cell.backward": {"self": cell, "dstates": slopes[0]},
        "RNN.forward": {"self": net, "X": X, "start": start, "lengths": lengths},
        "RNN.backward": {"self": net, "doutputs": slopes[0], "dlast": slopes[1]},
        "memory": {"W": cell.W, "states": rng.uniform(-0.9, 0.9, size=(4, 3))},
        "clip": {"gradients": [rng.normal(size=3)], "longest": 1.0},
    }


SCRIPT = "docs/sequences/rnn.js"


def published(rng, H=16):
    """A random net, and its weights as the example publishes them."""
    net = NextLetter(H)
    with torch.no_grad():
        for p in net.parameters():
            p.copy_(torch.from_numpy(rng.normal(scale=0.4, size=p.shape)))
    named = {key: p.detach().numpy() for key, p in net.named_parameters()}
    return net, {key.replace("rnn.", "").replace("out.", "out_"): p for key, p in named.items()}


@pytest.mark.browser
def test_the_page_reads_as_python_does(js, rng):
    for length in (0, 1, 5, 12):
        net, weights = published(rng)
        word = "".join(rng.choice(list(ALPHABET[1:]), size=length))
        found = js(SCRIPT, "read", word, weights)
        X = np.eye(27)[[0, *map(ALPHABET.index, word)]][:, None]
        states = from_torch(net.rnn).forward(X)[0][:, 0]
        np.testing.assert_allclose(found["states"], states, atol=1e-5)
        with torch.no_grad():
            shares = torch.softmax(net(torch.from_numpy(X.argmax(axis=-1))), dim=-1)[:, 0]
        np.testing.assert_allclose(found["shares"], shares, atol=1e-5)
        left = js(SCRIPT, "memory", weights["weight_hh_l0"], found["states"])
        np.testing.assert_allclose(left, memory(from_torch(net.rnn).cells[0].W, states), rtol=1e-4)


@pytest.mark.browser
def test_what_is_typed_becomes_letters(js):
    assert js(SCRIPT, "spelled", "Müller-Lüdenscheidt 3") == "mullerludens"
    assert js(SCRIPT, "spelled", "O'Neil") == "oneil"
    assert js(SCRIPT, "spelled", "") == ""


@pytest.mark.parametrize("longest", [0.0, -1.0, float("nan")])
def test_a_gradient_is_not_clipped_to_what_is_no_length(longest):
    with pytest.raises(ValueError, match=r"clip\(\): longest must be above 0"):
        clip([np.ones(2)], longest)
    with pytest.raises(TypeError, match="must be arrays of floats"):
        clip([np.ones(2), np.ones(2, dtype=int)], 1.0)


def test_a_net_of_another_bend_is_not_taken_for_ours():
    with pytest.raises(ValueError, match=r"from_torch\(\): nonlinearity is 'relu'"):
        from_torch(torch.nn.RNN(2, 3, nonlinearity="relu"))
