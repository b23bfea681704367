"""Every rule and schedule against PyTorch's, step by step; the net's slopes against autograd."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from introdl.networks.optimizers import (
    SGD,
    SURFACES,
    Adam,
    AdamW,
    Net,
    RMSProp,
    cosine,
    run,
    stairs,
    train,
    warm_up,
)

#: Mutants that change nothing a test could see.
SAME = {
    "return [part.reshape(-2, *shape) for part, shape in zip(parts, shapes, strict=True)]": (
        "NumPy takes any number below 0 for the size that is left"
    ),
    "return np.concatenate([s.reshape(len(w), -2) for s in slopes], axis=1)": (
        "NumPy takes any number below 0 for the size that is left"
    ),
    "log_total = np.log(np.exp(z - top).sum(axis=2)) + top[:, :, -1] # (R, N)": "one entry",
    "v: float | np.ndarray = 1.0": "each rule sets its own",
    "v: float | np.ndarray = -1.0": "each rule sets its own",
    "name: str, rate: float | np.ndarray, decay: float, epsilon: float = 2.0, **shares: float": (
        "stands for a rule without epsilon"
    ),
    "name: str, rate: float | np.ndarray, decay: float, epsilon: float = 0.5, **shares: float": (
        "stands for a rule without epsilon"
    ),
}

SCHEDULERS = torch.optim.lr_scheduler
NET = Net(3, 4, 2)


def odd_input(rng):
    w, g = rng.normal(size=(2, 3, 2))
    rules = {"SGD": SGD(0.1, 0.9), "RMSProp": RMSProp(0.1), "Adam": Adam(0.1), "AdamW": AdamW(0.1)}
    on_net = {
        "w": rng.normal(size=(2, NET.size)),
        "X": rng.normal(size=(6, 3)),
        "y": np.array([0, 1, 1, 0, 1, 0]),
    }
    return {
        **{f"{name}.step": {"self": rule, "w": w, "g": g} for name, rule in rules.items()},
        "run": {"optimizer": SGD(0.1), "slope": lambda w: 2 * w, "w": w[0], "steps": 3},
        "Net.slope": {"self": NET, **on_net},
        "Net.surprise": {"self": NET, **on_net},
        "Net.sums": {"self": NET, "w": on_net["w"], "X": on_net["X"]},
        "train": {
            "net": NET,
            "optimizer": SGD(0.1),
            **on_net,
            "passes": 2,
            "batch": 4,
            "seed": 0,
        },
    }


# By name: ours and PyTorch's, from (rate, momentum or first share, second share, decay).
RULES = {
    "SGD": (
        lambda r, a, b, d: SGD(r, decay=d),
        lambda w, r, a, b, d: torch.optim.SGD(w, lr=r, weight_decay=d),
    ),
    "SGD with momentum": (
        lambda r, a, b, d: SGD(r, a, decay=d),
        lambda w, r, a, b, d: torch.optim.SGD(w, lr=r, momentum=a, weight_decay=d),
    ),
    "SGD with Nesterov's momentum": (
        lambda r, a, b, d: SGD(r, a, nesterov=True, decay=d),
        lambda w, r, a, b, d: torch.optim.SGD(w, lr=r, momentum=a, nesterov=True, weight_decay=d),
    ),
    "RMSProp": (
        lambda r, a, b, d: RMSProp(r, b, decay=d),
        lambda w, r, a, b, d: torch.optim.RMSprop(w, lr=r, alpha=b, weight_decay=d),
    ),
    "Adam": (
        lambda r, a, b, d: Adam(r, a, b, decay=d),
        lambda w, r, a, b, d: torch.optim.Adam(w, lr=r, betas=(a, b), weight_decay=d),
    ),
    "AdamW": (
        lambda r, a, b, d: AdamW(r, a, b, decay=d),
        lambda w, r, a, b, d: torch.optim.AdamW(w, lr=r, betas=(a, b), weight_decay=d),
    ),
}
STEPS = 200


def walk(rule, w, slopes):
    path = []
    for g in slopes:
        w = rule.step(w, g)
        path.append(w)
    return np.array(path)


def torch_walk(make, w, slopes):
    w = torch.tensor(w, requires_grad=True)
    optimizer = make([w])
    path = []
    for g in slopes:
        w.grad = torch.tensor(g)
        optimizer.step()
        path.append(w.detach().numpy().copy())
    return np.array(path)


@pytest.mark.agreement
@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_200_steps_equal_pytorchs(rng, agreement, name, decay):
    ours, theirs = RULES[name]
    set_to = 0.03, 0.9, 0.98, decay
    w = rng.normal(size=(3, 4))
    slopes = rng.normal(size=(STEPS, 3, 4)) * 10.0 ** rng.integers(-2, 2, size=(3, 4))
    agreement(
        walk(ours(*set_to), w, slopes),
        lambda: torch_walk(lambda p: theirs(p, *set_to), w, slopes),
        what=f"{STEPS} steps of {name}, weight decay {decay:g}",
        against="torch.optim, float64",
        atol=1e-10,
    )


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    name=st.sampled_from(sorted(RULES)),
    shape=st.lists(st.integers(1, 4), min_size=0, max_size=3),
    rate=st.floats(1e-4, 0.1),
    first=st.floats(0.01, 0.95),
    second=st.floats(0.5, 0.999),
    decay=st.sampled_from([0.0, 0.01, 0.3]),
)
def test_any_shape_and_setting_equals_pytorchs(seed, name, shape, rate, first, second, decay):
    rng = np.random.default_rng(seed)
    ours, theirs = RULES[name]
    set_to = rate, first, second, decay
    w, slopes = rng.normal(size=shape), rng.normal(size=(STEPS, *shape))
    np.testing.assert_allclose(
        walk(ours(*set_to), np.asarray(w), slopes),
        torch_walk(lambda p: theirs(p, *set_to), w, slopes),
        rtol=1e-10,
        atol=1e-10,
    )


@pytest.mark.agreement
@pytest.mark.parametrize("name", RULES)
def test_runs_in_the_turned_ravine_equal_pytorchs_on_autograd(agreement, name):
    ours, theirs = RULES[name]
    set_to = 0.02, 0.8, 0.95, 0.0

    def reference():
        w = torch.tensor([3.5, 1.5], dtype=torch.float64, requires_grad=True)
        optimizer = theirs([w], *set_to)
        path = [w.detach().numpy().copy()]
        for _ in range(STEPS):
            optimizer.zero_grad()
            (((w[0] - w[1]) ** 2 + 10 * (w[0] + w[1]) ** 2) / 2).backward()
            optimizer.step()
            path.append(w.detach().numpy().copy())
        return np.array(path)

    agreement(
        run(ours(*set_to), SURFACES["turned"].slope, np.array([3.5, 1.5]), STEPS),
        reference,
        what=f"{STEPS} steps of {name} in the turned ravine",
        against="torch.optim on autograd, float64",
        atol=1e-10,
    )
    assert SURFACES["turned"].loss(np.array([3.0, 1.0])) == (2**2 + 10 * 4**2) / 2


@pytest.mark.agreement
def test_schedules_equal_pytorchs(agreement, rng):
    steps, first, last = int(rng.integers(2, 30)), rng.uniform(0.1, 0.9), rng.uniform(0, 0.5)
    made = {
        "warm_up": (
            [warm_up(t, steps, first) for t in range(60)],
            lambda o: SCHEDULERS.LinearLR(o, start_factor=first, total_iters=steps),
        ),
        "stairs": (
            [stairs(t, steps, first) for t in range(60)],
            lambda o: SCHEDULERS.StepLR(o, step_size=steps, gamma=first),
        ),
        "cosine": (
            [cosine(t, 59, last) for t in range(60)],
            lambda o: SCHEDULERS.CosineAnnealingLR(o, T_max=59, eta_min=last),
        ),
    }

    def theirs(make):
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
        schedule, rates = make(optimizer), []
        for _ in range(60):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            schedule.step()
        return rates

    agreement(
        [ours for ours, _ in made.values()],
        lambda: [theirs(make) for _, make in made.values()],
        what="60 factors of the three schedules",
        against="LinearLR, StepLR and CosineAnnealingLR",
        atol=1e-10,
    )


def test_past_its_end_a_cosine_stays():
    assert cosine(80, 40, 0.25) == 0.25
    for schedule in warm_up, stairs, cosine:
        for bad in (-1, 4), (0, 0):
            with pytest.raises(ValueError, match="t counts from 0 and steps from 1"):
                schedule(*bad)


@pytest.mark.agreement
def test_the_net_equals_autograd(agreement, rng):
    net = Net(5, 4, 3)
    w = np.array([net.start(rng) for _ in range(2)]) + 0.1 * rng.normal(size=(2, net.size))
    X, y = rng.normal(size=(7, 5)), rng.integers(0, 3, size=7)

    def reference():
        found = []
        for row in torch.tensor(w):
            row.requires_grad_()
            W1, b1, W2, b2 = torch.split(row, [20, 4, 12, 3])
            hidden = torch.relu(torch.tensor(X) @ W1.reshape(5, 4) + b1)
            loss = torch.nn.functional.cross_entropy(
                hidden @ W2.reshape(4, 3) + b2, torch.tensor(y)
            )
            found.append([*torch.autograd.grad(loss, row)[0].tolist(), loss.item()])
        return found

    agreement(
        np.column_stack([net.slope(w, X, y), net.surprise(w, X, y)]),
        reference,
        what="surprise and slopes of a net of two layers, two runs at once",
        against="autograd on cross_entropy, float64",
        atol=1e-12,
    )


@pytest.mark.agreement
def test_a_training_equals_pytorchs(agreement, rng):
    net = Net(3, 4, 2)
    first = np.array([net.start(rng)] * 2)
    X, y = rng.normal(size=(10, 3)), rng.integers(0, 2, size=10)
    rates = np.array([[0.01], [0.1]])

    def reference():
        ends = []
        for rate in rates[:, 0]:
            row = torch.tensor(first[0], requires_grad=True)
            optimizer = torch.optim.Adam([row], lr=rate)
            total, shuffled, marks, done = 6, np.random.default_rng(5), [], 0
            for _ in range(2):
                order = shuffled.permutation(10)
                for at in range(0, 10, 4):
                    rows = order[at : at + 4]
                    optimizer.param_groups[0]["lr"] = rate * (1 - done / total)
                    W1, b1, W2, b2 = torch.split(row, [12, 4, 8, 2])
                    sums = torch.relu(torch.tensor(X[rows]) @ W1.reshape(3, 4) + b1)
                    optimizer.zero_grad()
                    torch.nn.functional.cross_entropy(
                        sums @ W2.reshape(4, 2) + b2, torch.tensor(y[rows])
                    ).backward()
                    optimizer.step()
                    done += 1
                marks.append(row.detach().numpy().copy())
            ends.append(marks)
        return np.array(ends).transpose(1, 0, 2)

    settings = {"passes": 2, "batch": 4, "seed": 5}
    optimizer = Adam(rates)
    agreement(
        train(net, optimizer, first, X, y, **settings, schedule=lambda done: 1 - done),
        reference,
        what="two trainings at once by Adam with a falling rate",
        against="torch.optim.Adam on autograd, float64",
        atol=1e-10,
    )
    assert optimizer.rate is rates


def test_by_hand():
    w, g = np.zeros(2), np.array([100, 0.01])
    np.testing.assert_allclose(SGD(0.01).step(w, g), [-1, -0.0001], rtol=1e-12)
    adam = Adam(0.1)
    np.testing.assert_allclose(adam.step(w, g), [-0.1, -0.1], rtol=2e-6)
    np.testing.assert_allclose(adam.m, [10, 0.001], rtol=1e-12)
    np.testing.assert_allclose(adam.v, [10, 1e-7], rtol=1e-12)
    # The decay that is added to the slope has no say in the length of Adam's first step.
    one = np.ones(2)
    np.testing.assert_allclose(Adam(0.1, decay=0.5).step(one, g), [0.9, 0.9], rtol=2e-6)
    np.testing.assert_allclose(AdamW(0.1, decay=0.5).step(one, g), [0.85, 0.85], rtol=2e-6)


@pytest.mark.parametrize("make", [SGD, RMSProp, Adam, AdamW])
def test_settings_that_make_no_rule_are_refused(make):
    name = make.__name__
    with pytest.raises(ValueError, match=rf"{name}\(\): rate must be above 0, got 0"):
        make(0)
    with pytest.raises(ValueError, match="decay must be 0 or more"):
        make(0.1, decay=-0.1)
    with pytest.raises(ValueError, match="must be from 0 to below 1, got 1"):
        make(0.1, 1)  # the share that comes first
    with pytest.raises(ValueError, match=r"must be from 0 to below 1, got -0\.5"):
        make(0.1, -0.5)
    with pytest.raises(ValueError, match="rate must be above 0"):
        make(np.array([[0.1], [0.0]]))  # one rate for each row
    with pytest.raises(ValueError, match="one slope each"):
        make(0.1).step(np.ones(3), np.ones(2))
    if make is SGD:
        with pytest.raises(ValueError, match="nesterov needs a momentum"):
            make(0.1, nesterov=True)
    else:
        with pytest.raises(ValueError, match=r"epsilon above 0, got [0-9.]+ and 0"):
            make(0.1, epsilon=0)


def test_runs_that_cannot_be_are_refused(rng):
    with pytest.raises(ValueError, match="steps must be 0 or more"):
        run(SGD(0.1), lambda w: w, np.ones(1), -1)
    fast = SGD(9)
    with pytest.raises(FloatingPointError, match=r"diverged at step \d+; rate 9 is too large"):
        run(fast, lambda w: 2 * w, np.array([1.0, 0.0]), 1000, lambda t: 0.5)
    assert fast.rate == 9
    with pytest.raises(FloatingPointError, match="diverged"):  # the slope is too large before w
        run(SGD(1e-90), lambda w: 1e100 * w, np.array([1.0, 0.0]), 1000)
    for used in SGD(0.1), RMSProp(0.1), Adam(0.1):
        run(used, lambda w: w, np.array([1.0, 0.0]), 1)
        with pytest.raises(ValueError, match=r"run\(\): the \w+ has stepped before: take a new"):
            run(used, lambda w: w, np.ones(2), 1)
        with pytest.raises(ValueError, match=r"train\(\): the \w+ has stepped before"):
            train(
                NET,
                used,
                np.zeros((1, NET.size)),
                np.ones((1, 3)),
                np.zeros(1, dtype=int),
                passes=1,
                batch=1,
                seed=0,
            )
    X, y = rng.normal(size=(4, 3)), np.array([0, 1, 1, 0])
    w = np.zeros((1, NET.size))
    for bad in {"passes": 0, "batch": 1}, {"passes": 1, "batch": 0}:
        with pytest.raises(ValueError, match="passes and batch are 1 or more"):
            train(NET, SGD(0.1), w, X, y, **bad, seed=0)
    for y_bad, named in ([0, 1, 2, 0], "0 to 2"), ([0, 1, -1, 0], "-1 to 1"):
        with pytest.raises(ValueError, match=rf"y names classes {named}, expected 0 to 1"):
            NET.slope(w, X, np.array(y_bad))
    far = np.repeat([[1.0], [1e200]], NET.size, axis=1)  # the sums of the second run are too large
    optimizer = SGD(0.1)
    with pytest.raises(FloatingPointError, match=r"train\(\): diverged at step 1: a rate"):
        train(NET, optimizer, far, np.abs(X), y, passes=2, batch=2, seed=0)
    assert optimizer.rate == 0.1
    with pytest.raises(ValueError, match="expected"):
        NET.surprise(w[:, 1:], X, y)


def test_huge_sums_have_a_surprise_and_slopes(rng):
    net, X, y = Net(2, 3, 3), rng.normal(size=(5, 2)), np.array([0, 1, 2, 2, 0])
    w = rng.normal(size=(2, net.size))
    w[:, -3:] = [2000, 0, -2000], [-2000, 2000, 0]  # e to these is no number
    sums = torch.tensor(net.sums(w, X))
    for run_sums, found in zip(sums, net.surprise(w, X, y), strict=True):
        expected = torch.nn.functional.cross_entropy(run_sums, torch.tensor(y))
        assert found == pytest.approx(expected.item())
    out = (sums.softmax(dim=2) - torch.nn.functional.one_hot(torch.tensor(y), 3)).mean(dim=1)
    np.testing.assert_allclose(net.slope(w, X, y)[:, -3:], out, atol=1e-12)


def test_at_its_joint_a_unit_has_no_slope():
    net = Net(1, 1, 2)
    w = np.array([[1.0, -1.0, 1.0, 0.0, 0.0, 0.0]])  # at 1 the unit's sum is 0
    found = net.slope(w, np.ones((1, 1)), np.array([0]))
    np.testing.assert_array_equal(found, [[0, 0, 0, 0, -0.5, 0.5]])


def test_without_a_schedule_the_rate_stays(rng):
    X, y, w = rng.normal(size=(4, 3)), np.array([0, 1, 1, 0]), rng.normal(size=(2, NET.size))
    found = train(NET, SGD(0.1), w, X, y, passes=2, batch=4, seed=0)
    np.testing.assert_allclose(found[0], w - 0.1 * NET.slope(w, X, y))
    np.testing.assert_allclose(found[1], found[0] - 0.1 * NET.slope(found[0], X, y))


def test_no_steps_are_a_run_too():
    np.testing.assert_array_equal(run(SGD(1), lambda w: w, np.array([2.0, 3]), 0), [[2, 3]])


def test_a_schedule_multiplies_the_rate_of_each_step():
    path = run(SGD(0.5), lambda w: np.ones(1), np.zeros(1), 3, lambda t: 1 / (t + 1))
    np.testing.assert_allclose(path[:, 0], [0, -0.5, -0.75, -0.75 - 0.5 / 3])


def test_the_first_weights_have_the_spread_that_is_told(rng):
    net = Net(50, 200, 10)
    W1, b1, W2, b2 = np.split(net.start(rng), np.cumsum([10000, 200, 2000]))
    assert W1.std() == pytest.approx(math.sqrt(2 / 50), rel=0.05)
    assert W2.std() == pytest.approx(1 / math.sqrt(200), rel=0.1)
    assert not b1.any()
    assert not b2.any()


@pytest.mark.parametrize("given", [{}, {"epsilon": 1e-3}], ids=["usual", "epsilon"])
@pytest.mark.parametrize(
    ("make", "theirs"),
    [
        (RMSProp, torch.optim.RMSprop),
        (Adam, torch.optim.Adam),
        (AdamW, torch.optim.AdamW),
    ],
)
def test_what_is_not_said_is_as_in_pytorch(rng, make, theirs, given):
    # Some slopes are so small that epsilon counts.
    w, slopes = rng.normal(size=3), rng.normal(size=(50, 3)) * np.array([1, 1e-4, 1e-8])
    eps = {"eps": given["epsilon"]} if given else {}
    np.testing.assert_allclose(
        walk(make(0.01, **given), w, slopes),
        torch_walk(lambda p: theirs(p, lr=0.01, **eps), w, slopes),
        rtol=0,
        atol=1e-12,
    )


def test_schedules_of_which_nothing_more_is_said_are_as_in_pytorch():
    assert [warm_up(0, 5), stairs(5, 5), cosine(5, 5)] == pytest.approx([1 / 3, 0.1, 0])
    assert warm_up(5, 5) == stairs(4, 5) == cosine(0, 5) == 1
    assert [warm_up(0, 1), stairs(0, 1), cosine(0, 1)] == [1 / 3, 1, 1]


WIDGET = "docs/networks/optimizers.js"
IN_JS = {
    "SGD": SGD,
    "momentum": lambda rate: SGD(rate, 0.9),
    "Nesterov": lambda rate: SGD(rate, 0.9, nesterov=True),
    "RMSProp": RMSProp,
    "Adam": Adam,
}


@pytest.mark.browser
@pytest.mark.parametrize("name", sorted(SURFACES))
def test_the_widget_races_as_python_does(js, rng, name):
    for rule, make in IN_JS.items():
        start = rng.uniform(-4, 4, size=2)
        rate = rng.uniform(0.001, 0.02)
        assert js(WIDGET, "loss", name, start.tolist()) == pytest.approx(SURFACES[name].loss(start))
        theirs = js(WIDGET, "race", name, rule, start.tolist(), rate, 100)
        ours = run(make(rate), SURFACES[name].slope, start, 100)
        np.testing.assert_allclose(theirs, ours, rtol=1e-9, atol=1e-9)


@pytest.mark.browser
def test_the_widget_stops_where_a_run_is_far_away(js):
    path = js(WIDGET, "race", "ravine", "SGD", [1, 1], 1, 100)
    assert 2 < len(path) < 10
    assert np.linalg.norm(path[-1]) < 1e6
