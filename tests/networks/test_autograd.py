"""The engine against PyTorch on random expressions, and the page's graph against the engine."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from introdl import data
from introdl.networks.autograd import Tensor, cross_entropy, fit, fit_torch, nudged, tensor
from introdl.networks.autograd import timing as timing_module
from introdl.networks.autograd.timing import time_training
from introdl.networks.autograd.training import start
from tests.browsing import ROOTS, watch

SCRIPT = "docs/networks/autograd.js"

#: Mutants that change nothing a test could see.
SAME = {
    "return Tensor(total, [(self, lambda g: (g / ones))])": "divided by 1, not multiplied",
    "return (self / -1)": "the same number",
    "waiting += 2 * [(parent, False) for parent, _ in node.ways]": (
        "what was seen is passed over the second time"
    ),
    "X, y = np.random.default_rng(1).random((1000, inputs)), np.arange(1000) % 10": (
        "any random numbers take as long"
    ),
    "def time_training(inputs: int, hidden: int, *, epochs: int = 3, rounds: int = 5) -> Speed:": (
        "how long a benchmark runs"
    ),
    "def time_training(inputs: int, hidden: int, *, epochs: int = 1, rounds: int = 5) -> Speed:": (
        "how long a benchmark runs"
    ),
    "def time_training(inputs: int, hidden: int, *, epochs: int = 2, rounds: int = 6) -> Speed:": (
        "how long a benchmark runs"
    ),
    "def time_training(inputs: int, hidden: int, *, epochs: int = 2, rounds: int = 4) -> Speed:": (
        "how long a benchmark runs"
    ),
}


def odd_input(rng):
    X, y = rng.normal(size=(6, 3)), np.array([0, 1, 2, 0, 1, 2])
    few = {"hidden": 4, "epochs": 2, "batch": 4, "rate": 0.1}
    return {
        "summed_to": {"grad": rng.normal(size=(3, 2)), "shape": (1, 2)},
        "cross_entropy": {"z": Tensor(X), "y": y},
        "Net.predict": {"self": start(3, 4, 3, seed=0), "X": X},
        "fit": {"X": X, "y": y, **few},
        "fit_torch": {"X": X, "y": y, **few},
        "nudged": {"function": lambda x: float((x**2).sum()), "x": rng.normal(size=(2, 2))},
    }


# One operation each: ours and PyTorch's, of one array or of two.
ONE = {
    "exp": (lambda x: x.exp(), torch.exp),
    "log of a square and a half": (lambda x: (x**2 + 0.5).log(), lambda x: (x**2 + 0.5).log()),
    "tanh": (lambda x: x.tanh(), torch.tanh),
    "relu": (lambda x: x.relu(), torch.relu),
    "cube": (lambda x: x**3, lambda x: x**3),
    "minus": (lambda x: 2 - x, lambda x: 2 - x),
    "one by": (lambda x: 1 / (x**2 + 1), lambda x: 1 / (x**2 + 1)),
    "sum of rows": (lambda x: x.sum(axis=1), lambda x: x.sum(dim=1, keepdim=True)),
    "mean": (lambda x: x.mean(), torch.mean),
    "taken twice": (lambda x: x[[0, 0]], lambda x: x[[0, 0]]),
}
TWO = {
    "+": lambda x, y: x + y,
    "*": lambda x, y: x * y,
    "-": lambda x, y: x - y,
    "/": lambda x, y: x / (y * y + 1),
}


def slopes(compute, *arrays):
    tensors = [Tensor(a) for a in arrays]
    total = (compute(*tensors) ** 2).sum()
    total.backward()
    return [total.data, *(t.grad for t in tensors)]


def theirs(compute, *arrays):
    tensors = [torch.tensor(a, requires_grad=True) for a in arrays]
    total = (compute(*tensors) ** 2).sum()
    total.backward()
    return [total.detach().numpy(), *(t.grad.numpy() for t in tensors)]


def flat(parts):
    return np.concatenate([np.ravel(part) for part in parts])


@pytest.mark.parametrize("name", ONE)
@given(shape=st.tuples(st.integers(1, 4), st.integers(1, 4)), seed=st.integers(0, 2**31))
@settings(deadline=None, max_examples=10)
def test_an_operation_of_one_array(name, shape, seed):
    x = np.random.default_rng(seed).normal(size=shape)
    ours, other = ONE[name]
    np.testing.assert_allclose(flat(slopes(ours, x)), flat(theirs(other, x)), rtol=1e-10)


@given(
    name=st.sampled_from(list(TWO)),
    shapes=st.sampled_from(
        [((3, 4), (3, 4)), ((3, 4), (4,)), ((3, 1), (1, 4)), ((), (2, 3)), ((2, 1, 3), (4, 1))]
    ),
    swap=st.booleans(),
    seed=st.integers(0, 2**31),
)
@settings(deadline=None, max_examples=25)
def test_two_arrays_of_shapes_that_stretch(name, shapes, swap, seed):
    rng = np.random.default_rng(seed)
    x, y = (rng.normal(size=shape) for shape in (shapes[::-1] if swap else shapes))
    found, expected = slopes(TWO[name], x, y), theirs(TWO[name], x, y)
    assert [part.shape for part in found] == [part.shape for part in expected]
    np.testing.assert_allclose(flat(found), flat(expected), rtol=1e-10, atol=1e-12)


@given(
    lead=st.sampled_from([((), ()), ((2,), ()), ((), (2,)), ((3, 1), (2,))]),
    sizes=st.tuples(*3 * [st.integers(1, 4)]),
    seed=st.integers(0, 2**31),
)
@settings(deadline=None, max_examples=25)
def test_matrix_products(lead, sizes, seed):
    rng = np.random.default_rng(seed)
    n, d, h = sizes
    x, y = rng.normal(size=(*lead[0], n, d)), rng.normal(size=(*lead[1], d, h))
    found, expected = (f(lambda a, b: a @ b, x, y) for f in (slopes, theirs))
    np.testing.assert_allclose(flat(found), flat(expected), rtol=1e-10, atol=1e-12)


OPERATIONS = ["+", "*", "-", "/", "tanh", "relu", "exp", "square"]


def grown(leaves, recipe, exp):
    """A chain of operations in which each takes earlier results, some of them again and again."""
    made = list(leaves)
    for operation, first, second in recipe:
        a, b = made[first % len(made)], made[second % len(made)]
        if operation in TWO:
            made.append(TWO[operation](a, b))
        elif operation == "exp":
            made.append(exp(a))
        elif operation == "square":
            made.append((a.tanh() + 1) ** 2)
        else:
            made.append(getattr(a, operation)())
    return (made[-1] + made[len(made) // 2]).tanh().sum()


@given(
    recipe=st.lists(
        st.tuples(st.sampled_from(OPERATIONS), st.integers(0, 99), st.integers(0, 99)),
        min_size=1,
        max_size=10,
    ),
    seed=st.integers(0, 2**31),
)
@settings(deadline=None, max_examples=25)
def test_random_expressions_that_use_results_again(recipe, seed):
    rng = np.random.default_rng(seed)
    arrays = [rng.normal(size=shape) for shape in ((2, 3), (3,), (2, 1))]
    ours = [Tensor(a) for a in arrays]
    grown(ours, recipe, lambda t: t.tanh().exp()).backward()
    other = [torch.tensor(a, requires_grad=True) for a in arrays]
    grown(other, recipe, lambda t: t.tanh().exp()).backward()
    for mine, their in zip(ours, other, strict=True):
        expected = np.zeros(mine.shape) if their.grad is None else their.grad.numpy()
        np.testing.assert_allclose(mine.grad, expected, rtol=1e-10, atol=1e-12)


def dense(X, W, b):
    """A dense layer, the same words for the engine and for PyTorch."""
    return X @ W + b


@given(sizes=st.tuples(*3 * [st.integers(1, 5)]), seed=st.integers(0, 2**31))
@settings(deadline=None, max_examples=25)
def test_a_dense_layer_in_any_shape(sizes, seed):
    n, d, h = sizes
    rng = np.random.default_rng(seed)
    arrays = [rng.normal(size=shape) for shape in ((n, d), (d, h), (h,))]
    found, expected = slopes(dense, *arrays), theirs(dense, *arrays)
    assert [part.shape for part in found] == [part.shape for part in expected]
    np.testing.assert_allclose(flat(found), flat(expected), rtol=1e-10, atol=1e-12)


@pytest.mark.agreement
def test_a_dense_layer_equals_pytorchs(rng, agreement):
    arrays = [rng.normal(size=shape) for shape in ((8, 6), (6, 4), (4,))]
    outgoing = rng.normal(size=(8, 4))
    ours = [Tensor(a) for a in arrays]
    out = dense(*ours)
    (out * outgoing).sum().backward()

    def their():
        layer = torch.nn.Linear(6, 4, dtype=torch.float64)
        layer.weight.data, layer.bias.data = torch.tensor(arrays[1].T), torch.tensor(arrays[2])
        X = torch.tensor(arrays[0], requires_grad=True)
        said = layer(X)
        said.backward(torch.tensor(outgoing))
        return flat([said.detach(), X.grad, layer.weight.grad.T, layer.bias.grad])

    agreement(
        flat([out.data, *(t.grad for t in ours)]),
        their,
        what="a dense layer: values, and slopes for its inputs, weights and biases",
        against="torch.nn.Linear and autograd, float64",
        atol=1e-12,
    )


def entropy_by_engine(z, y):
    sums = Tensor(z)
    loss = cross_entropy(sums, y)
    loss.backward()
    return flat([loss.data, sums.grad])


def entropy_by_torch(z, y):
    sums = torch.tensor(z, requires_grad=True)
    loss = torch.nn.functional.cross_entropy(sums, torch.tensor(y))
    loss.backward()
    return flat([loss.detach(), sums.grad])


@given(
    n=st.integers(1, 6),
    k=st.integers(1, 5),
    spread=st.sampled_from([4, 3000]),
    shift=st.sampled_from([0, 800, -1e5]),
    seed=st.integers(0, 2**31),
)
@settings(deadline=None, max_examples=25)
def test_the_loss_in_any_shape_and_of_large_sums(n, k, spread, shift, seed):
    rng = np.random.default_rng(seed)
    z, y = spread * rng.normal(size=(n, k)) + shift, rng.integers(k, size=n)
    # Sums near 100,000 carry five digits fewer behind the point.
    atol = 1e-12 if abs(shift) < 1000 else 1e-9
    np.testing.assert_allclose(
        entropy_by_engine(z, y), entropy_by_torch(z, y), rtol=1e-10, atol=atol
    )


@pytest.mark.agreement
def test_the_loss_equals_pytorchs(rng, agreement):
    z, y = 3 * rng.normal(size=(20, 7)), rng.integers(7, size=20)
    agreement(
        entropy_by_engine(z, y),
        lambda: entropy_by_torch(z, y),
        what="cross-entropy of 20 examples, and its slopes by the sums",
        against="torch.nn.functional.cross_entropy and autograd, float64",
        atol=1e-12,
    )


def net_loss(X, y, W1, b1, W2, b2, entropy):
    return entropy((X @ W1 + b1).tanh() @ W2 + b2, y)


@pytest.mark.agreement
def test_a_net_of_two_layers(rng, agreement):
    X, y = rng.normal(size=(9, 5)), rng.integers(0, 3, size=9)
    arrays = [rng.normal(size=shape) for shape in ((5, 4), (4,), (4, 3), (3,))]
    ours = [Tensor(a) for a in arrays]
    loss = net_loss(Tensor(X), y, *ours, cross_entropy)
    loss.backward()

    def their():
        weights = [torch.tensor(a, requires_grad=True) for a in arrays]
        entropy = torch.nn.functional.cross_entropy
        said = net_loss(torch.tensor(X), torch.tensor(y), *weights, entropy)
        said.backward()
        return flat([said.detach().numpy(), *(w.grad.numpy() for w in weights)])

    agreement(
        flat([loss.data, *(w.grad for w in ours)]),
        their,
        what="loss and slopes of a net of two layers",
        against="torch.autograd, float64",
        atol=1e-12,
    )


@pytest.mark.agreement
def test_training_takes_pytorchs_steps(rng, agreement):
    X = rng.normal(size=(60, 6))
    y = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)
    few = {"hidden": 5, "rate": 0.3, "epochs": 40, "batch": 12, "seed": 3}
    net, first = fit(X, y, **few), start(6, 5, 3, seed=3)

    def their():
        weights = [torch.tensor(w, requires_grad=True) for w in first]
        optimizer = torch.optim.SGD(weights, lr=0.3)
        order = np.random.default_rng(3)
        for _ in range(40):
            places = order.permutation(60)
            for i in range(0, 60, 12):
                part = places[i : i + 12]
                entropy = torch.nn.functional.cross_entropy
                optimizer.zero_grad()
                inputs = torch.tensor(X[part])
                net_loss(inputs, torch.tensor(y[part]), *weights, entropy).backward()
                optimizer.step()
        return flat([w.detach().numpy() for w in weights])

    agreement(
        flat(net),
        their,
        what="all weights of a small net after 200 steps",
        against="torch.optim.SGD, float64",
        atol=1e-10,
    )
    assert (net.predict(X) == y).mean() > 0.9
    np.testing.assert_allclose(flat(fit_torch(X, y, **few)), flat(net), atol=1e-9)


def test_slopes_add_up_until_they_are_forgotten():
    a = Tensor([1.0, 2.0])
    for _ in range(2):
        (a * a).sum().backward()
    np.testing.assert_array_equal(a.grad, [4, 8])
    a.zero_grad()
    np.testing.assert_array_equal(a.grad, [0, 0])
    weight = Tensor([0.0, np.inf])
    weight.sum().backward()
    weight.zero_grad()
    np.testing.assert_array_equal(weight.grad, [0, 0])
    inner = a * 3
    total = inner.sum()
    total.backward()
    total.backward()  # what is between has the slope of the last call alone
    np.testing.assert_array_equal(inner.grad, [1, 1])
    np.testing.assert_array_equal(a.grad, [6, 6])


def test_a_long_chain_needs_no_deep_stack():
    x = Tensor(1.0)
    y = x
    for _ in range(5000):
        y = y + x
    y.backward()
    assert x.grad == 5001


@pytest.mark.parametrize("name", ["relu", "power of 0"])
def test_corners_are_taken_as_pytorch_takes_them(name):
    bend = {"relu": lambda x: x.relu(), "power of 0": lambda x: x**0}[name]
    x = np.array([-2.0, 0.0, 3.0])
    ours = Tensor(x)
    bend(ours).sum().backward()
    other = torch.tensor(x, requires_grad=True)
    bend(other).sum().backward()
    np.testing.assert_array_equal(ours.grad, other.grad.numpy())


def test_a_power_may_be_a_number_of_numpys():
    x = Tensor([3.0, -2.0])
    (x ** np.int64(2)).sum().backward()
    np.testing.assert_array_equal(x.grad, [6, -4])


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match=r"one number, got shape \(2,\): sum it first"):
        Tensor([1, 2]).backward()
    with pytest.raises(TypeError, match="holds real numbers"):
        Tensor(["a"])
    with pytest.raises(ValueError, match=r"two axes or more, got shapes \(2,\) and \(2, 2\)"):
        Tensor([1, 2]) @ np.eye(2)
    with pytest.raises(TypeError, match="the power must be a number, got Tensor"):
        Tensor(2) ** Tensor(3)
    for y in ([-1, 0], [0, 2], [1, 1], [0, 10**15]):
        with pytest.raises(ValueError, match="counts its classes from 0, none left out"):
            fit(np.ones((2, 2)), np.array(y))
    for wrong in ({"epochs": 0}, {"batch": 0}):
        with pytest.raises(ValueError, match="epochs and batch are 1 or more"):
            fit(np.ones((2, 2)), np.array([0, 1]), **wrong)
    with pytest.raises(ValueError, match="names classes 0 to 2, expected 0 to 1"):
        cross_entropy(Tensor(np.ones((2, 2))), np.array([0, 2]))
    with pytest.raises(ValueError, match="names classes -1 to 0, expected 0 to 1"):
        cross_entropy(Tensor(np.ones((2, 2))), np.array([-1, 0]))


def test_an_array_on_the_left_is_left_to_the_tensor():
    x = Tensor(np.ones((2, 3)))
    for made in (np.ones((2, 3)) + x, 2.0 * x, np.float64(3) - x, np.ones((1, 2)) @ x):
        assert isinstance(made, Tensor)
    (np.full((1, 2), 5.0) @ x).sum().backward()
    np.testing.assert_array_equal(x.grad, np.full((2, 3), 5.0))


def test_nudges_find_the_slopes(rng):
    x = rng.normal(size=(2, 3))
    expected = theirs(lambda t: t.tanh(), x)[1]
    found = nudged(lambda x: float((np.tanh(x) ** 2).sum()), x)
    np.testing.assert_allclose(found, expected, atol=1e-8)
    asked = []
    nudged(lambda x: asked.append(float(x[0])) or 0.0, np.zeros(1))
    assert asked == [1e-6, -1e-6]


def test_sums_at_the_start_are_as_large_as_their_inputs(rng):
    W1, b1, W2, b2 = start(300, 200, 250, seed=int(rng.integers(2**31)))
    for W, b in ((W1, b1), (W2, b2)):
        sums = rng.normal(size=(100, len(W))) @ W + b
        assert sums.std() == pytest.approx(1, rel=0.1)


def test_both_ways_train_alike_when_nothing_is_chosen(rng):
    X, y = rng.normal(size=(60, 3)), np.arange(60) % 2
    net = fit(X, y)
    assert net.W1.shape == (3, 32)  # as the page says
    np.testing.assert_allclose(flat(net), flat(fit_torch(X, y)), atol=1e-9)
    least = {"epochs": 1, "batch": 1}
    np.testing.assert_allclose(flat(fit(X, y, **least)), flat(fit_torch(X, y, **least)), atol=1e-9)


def test_digits_are_learned_as_well_as_by_pytorch():
    digits = data.split(*data.digits())
    right = [
        (net.predict(digits.X_test) == digits.y_test).mean()
        for net in (
            trained(digits.X_train, digits.y_train, epochs=10, seed=1)
            for trained in (fit, fit_torch)
        )
    ]
    assert right[0] > 0.93
    assert right[0] == pytest.approx(right[1], abs=0.01)


def test_the_two_ways_are_timed_in_turns_and_each_gets_its_own_median(monkeypatch):
    now, called = [0.0], []

    def taking(name, seconds):
        def train(*given, **more):
            called.append((name, given, more))
            now[0] += seconds[len(called) // 2 if name == "engine" else (len(called) - 1) // 2]

        return train

    monkeypatch.setattr(timing_module, "fit", taking("engine", [3, 1, 9]))
    monkeypatch.setattr(timing_module, "fit_torch", taking("torch", [2, 5, 4]))
    monkeypatch.setattr(timing_module.time, "perf_counter", lambda: now[0])
    assert time_training(3, 7, epochs=4, rounds=3) == (3, 4)
    assert [name for name, *_ in called] == 3 * ["engine", "torch"]
    for _, (X, y, hidden), _ in called:
        assert X.shape == (1000, 3)
        assert y.shape == (1000,)
        assert sorted(set(y.tolist())) == list(range(10))
        assert hidden == 7
    assert all(more == {"epochs": 4} for *_, more in called)


FUNCTIONS = {
    "tanh": lambda x: tensor(x).tanh(),
    "relu": lambda x: tensor(x).relu(),
    "exp": lambda x: tensor(x).exp(),
}
EXPRESSIONS = [
    "(a*b + c)^2",
    "a*a + a*b",
    "relu(a*b + 1)",
    "-a^2 + 3*b",
    "a - b - c",
    "a / b / 2",
    "tanh(a*b + c) * (1 - tanh(c))",
    "exp(-a*a) / (b*b + 1)",
    "2.5 * (a + (b - c))^3",
    "relu(a) - relu(-a) + 0*b",
]


def random_expression(rng, depth):
    """An expression of the page's language, and never a division by what may be zero."""
    if depth == 0:
        return str(rng.choice(["a", "b", "c", "2", "0.5"]))
    left, right = (random_expression(rng, depth - 1) for _ in range(2))
    kinds = ["{} + {}", "({}) * ({})", "{} - ({})", "({}) / (({})^2 + 1)", "tanh({})", "relu({})"]
    return str(rng.choice([*kinds, "({})^3", "-({})"])).format(left, right)


def by_engine(text, given):
    names = {name: Tensor(value) for name, value in given.items()}
    result = 0 * names["a"] + eval(text.replace("^", "**"), {**FUNCTIONS, **names})
    result.backward()
    return float(result.data), {name: float(t.grad) for name, t in names.items()}


@pytest.mark.browser
def test_the_pages_graph_is_the_engine(js, rng):
    texts = EXPRESSIONS + [random_expression(rng, 2) for _ in range(15)]
    for text in texts:
        given = {name: float(rng.choice([-1, 1]) * rng.uniform(0.3, 2)) for name in "abc"}
        boxes = js(SCRIPT, "parse", text)
        found = js(SCRIPT, "values", boxes, given)
        back = js(SCRIPT, "slopes", boxes, found)[-1]["slopes"]
        value, slopes = by_engine(text, given)
        assert found[-1] == pytest.approx(value, rel=1e-10), text
        for box, slope in zip(boxes, back, strict=True):
            if box["op"] == "name":
                assert slope == pytest.approx(slopes[box["name"]], rel=1e-10, abs=1e-12), text


@pytest.mark.browser
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Write an expression of a, b and c"),
        ("a +", "missing at the end"),
        ("(a + b", "missing behind the bracket"),
        ("tanh a", "Write a bracket behind tanh"),
        ("2a", "Is a sign missing"),
        ("a ^ b", "whole number from 0 to 9"),
        ("a + q", "cannot stand here"),
        ("alert(1)", "cannot stand here"),
        ("constructor(a)", "cannot stand here"),
        ("3", "Compute something"),
        ("+".join("a" * 30), "write a shorter expression"),
    ],
)
def test_what_the_page_cannot_read_is_said(js, text, message):
    with pytest.raises(Exception, match=message):
        js(SCRIPT, "parse", text)


@pytest.mark.browser
def test_by_keyboard_the_graph_fills_and_says_the_engines_slopes(browser, serve, tmp_path):
    (tmp_path / "networks").mkdir()
    (tmp_path / "networks" / "page.html").write_text(
        '<meta charset="utf-8"><link rel="icon" href="../assets/favicon.svg">'
        '<link rel="stylesheet" href="../assets/move.css">'
        '<link rel="stylesheet" href="autograd.css">'
        '<script type="module" src="autograd.js"></script>'
        '<figure class="move" data-move="graph"><div class="move-stage"></div>'
        '<div class="move-still"></div></figure>'
    )
    page = browser.new_page(viewport={"width": 390, "height": 900})
    address = serve(tmp_path, *ROOTS)
    errors = watch(page, address)
    page.goto(f"{address.rstrip('/')}/networks/page.html")
    page.wait_for_selector("[data-on=ready]", timeout=9000)
    text = "tanh(a*b + c) * (1 - tanh(b)) + relu(a - b)^2 / (b*b + 1)"
    page.get_by_label("Expression").fill(text)
    following = page.get_by_role("button", name="Next")
    following.focus()
    while following.is_enabled():
        page.keyboard.press("Enter")
    value, slopes = by_engine(text, {"a": 2.0, "b": -1.0, "c": 4.0})
    shown = page.locator(".ag-graph").text_content()
    assert f"+{value:.3g}1" in shown  # the last box: what it does, its value, its slope
    assert "?" not in shown
    said = page.locator(".move-stage").inner_text().replace("−", "-")
    assert f"Done: by a the slope is {slopes['a']:.3g}, by b the slope is {slopes['b']:.3g}" in said
    wide = page.locator(".ag-frame").evaluate("frame => frame.scrollWidth > frame.clientWidth")
    assert wide
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_label("Expression").fill("a + q")
    assert "cannot stand here" in page.locator(".move-stage").inner_text()
    page.close()
    assert not errors
