"""Each check on nets with a known answer, each patient in runs from other seeds, the identity."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from introdl import data
from introdl.networks.diagnosis import (
    CHECKLIST,
    PATIENTS,
    dead_units,
    first_loss,
    gradient_norms,
    input_scale,
    neighbours_agree,
    one_batch_loss,
    parts_of_error,
    rate_sweep,
    share_seen,
    twin_units,
    two_looks,
)

SCRIPT = "docs/networks/diagnosis.js"
START, BATCH, LABELS, SCALE, GRADIENT, UNITS, SWEEP, LOOKS, LEAK = CHECKLIST
#: The check that must find each illness; without one, the two curves have the word.
FOUND_BY = {
    "fast": SWEEP,
    "slow": SWEEP,
    "labels": LABELS,
    "zero_grad": BATCH,
    "softmax": BATCH,
    "unscaled": SCALE,
    "equal": UNITS,
    "dead": UNITS,
    "deep": GRADIENT,
    "eval": LOOKS,
    "leak": LEAK,
}

#: Mutants that change nothing a test could see.
SAME: dict[str, str] = {}


def odd_input(rng):
    return {"parts_of_error": {"said": rng.normal(size=(4, 3)), "truth": rng.normal(size=3)}}


@pytest.fixture(scope="module")
def digits():
    X, y = data.mnist()
    return torch.tensor(X, dtype=torch.float32).flatten(1), torch.tensor(y)


@pytest.mark.parametrize("seed", [11, 12])
@pytest.mark.parametrize("name", FOUND_BY)
def test_a_check_finds_its_illness(digits, name, seed):
    finding = CHECKLIST[FOUND_BY[name]](lambda: PATIENTS[name].run(*digits, seed))
    assert finding.symptom, finding.said


@pytest.mark.parametrize("seed", [11, 12])
@pytest.mark.parametrize("name", ["healthy", "few"])
def test_all_checks_are_silent(digits, name, seed):
    for what, check in CHECKLIST.items():
        finding = check(lambda: PATIENTS[name].run(*digits, seed))
        assert not finding.symptom, (what, finding.said)


def test_the_start_of_a_net_without_scaling_is_found(digits):
    assert CHECKLIST[START](lambda: PATIENTS["unscaled"].run(*digits, 11)).symptom


def test_each_patient_is_known():
    assert set(PATIENTS) == {*FOUND_BY, "healthy", "few", "small"}


@pytest.mark.parametrize("name", ["small", "few"])
def test_curves_tell_bias_from_variance(digits, name):
    row = PATIENTS[name].run(*digits, 11).curve(4)[-1]
    if name == "few":
        assert row["loss"] < 0.1 < 0.5 < row["val_loss"]
    else:
        assert min(row["loss"], row["val_loss"]) > 0.5


@pytest.mark.agreement
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), fits=st.integers(1, 6), places=st.integers(1, 6))
def test_the_parts_add_up_exactly(seed, fits, places):
    rng = np.random.default_rng(seed)
    said, truth = rng.normal(size=(fits, places)), rng.normal(size=places)
    noise = rng.uniform(0.1, 2, size=places)
    bias, variance = parts_of_error(said, truth)
    misses = [(said[r, n] - truth[n]) ** 2 for r in range(fits) for n in range(places)]
    assert bias + variance == pytest.approx(np.mean(misses), rel=1e-10)
    # A noise that is as often up as down adds its variance.
    noisy = np.mean([(said - truth - sign * noise) ** 2 for sign in (-1, 1)])
    assert bias + variance + np.mean(noise**2) == pytest.approx(noisy, rel=1e-10)
    assert variance == pytest.approx(said.var(axis=0).mean(), rel=1e-10, abs=1e-12)


@pytest.mark.agreement
def test_a_first_loss_and_gradients_equal_formulas_by_hand(rng, agreement):
    X, y = rng.normal(size=(6, 4)), rng.integers(0, 3, size=6)
    net = nn.Sequential(nn.Linear(4, 3, dtype=torch.float64), nn.Dropout(0.5))
    batch = torch.tensor(X), torch.tensor(y)
    loss_of = nn.functional.cross_entropy
    net.train()
    ours = [first_loss(net, loss_of, batch), *gradient_norms(net, loss_of, batch)]
    W, b = (p.detach().numpy() for p in net.parameters())

    def by_hand():
        Z = X @ W.T + b
        P = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
        loss = -np.log(P[np.arange(6), y]).mean()
        P[np.arange(6), y] -= 1
        return np.array([loss, np.sqrt(((P.T @ X / 6) ** 2).sum())])

    agreement(
        np.array(ours),
        by_hand,
        what="loss before the first step, and length of a layer's gradient",
        against="formulas by hand, float64",
        atol=1e-10,
    )


def test_the_last_ten_losses_on_one_batch_count():
    losses = iter(range(30))
    batches = []

    def epoch(given):
        batches.append(given)
        return float(next(losses))

    assert one_batch_loss(epoch, ("x", "y"), passes=30) == 24.5
    assert batches == [[("x", "y")]] * 30


def test_neighbours_are_others():
    X = torch.tensor([[0.0], [1.0], [10.0], [12.0]])
    assert neighbours_agree(X, torch.tensor([0, 0, 1, 1])) == 1
    assert neighbours_agree(X, torch.tensor([0, 1, 2, 2])) == 0.5


def test_mean_and_spread():
    assert input_scale(torch.tensor([[1.0, 3.0], [5.0, 7.0]])) == pytest.approx(
        (4, 20**0.5 / 3**0.5)
    )


def net_of(rows, biases):
    net = nn.Sequential(nn.Linear(2, len(rows)), nn.ReLU(), nn.Linear(len(rows), 2))
    with torch.no_grad():
        net[0].weight.copy_(torch.tensor(rows))
        net[0].bias.copy_(torch.tensor(biases))
    return net


def test_dead_and_twin_units_are_counted():
    net = net_of([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [-1.0, 0.0]], [0.0, 0.0, 1.0, 0.0])
    X = torch.tensor([[1.0, 2.0], [0.5, 2.0]])
    assert dead_units(net, X) == 0.25
    assert dead_units(net, torch.cat([X, -X])) == 0
    assert twin_units(net) == 0.5
    assert dead_units(nn.Sequential(nn.Linear(2, 3), nn.Tanh()), X) == 0
    assert twin_units(nn.Sequential(nn.Linear(2, 3))) == 0


def test_a_sweep_keeps_what_is_not_finite_apart():
    ends = {0.1: 2.0, 1.0: float("nan"), 10.0: float("inf")}
    assert rate_sweep(ends.get, ends) == {0.1: 2.0, 1.0: float("inf"), 10.0: float("inf")}


def test_two_looks_begin_in_training():
    net = nn.Dropout(0.5)
    seen = iter([1.0, 1.5])
    assert two_looks(lambda: next(seen) * net.train().training, net.eval()) == 0.5
    assert two_looks(lambda: float(net.training), net.eval()) == 0
    assert net.training


def test_a_share_of_held_out_examples_was_seen():
    train = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    assert share_seen(train, torch.tensor([[3.0, 4.0], [4.0, 3.0], [1.0, 2.0], [1.0, 4.0]])) == 0.5


@pytest.mark.browser
def test_the_widget_scores_as_python_does(js):
    answers = [["few", "few", 2], ["dead", "equal", 5], ["leak", "leak", 1]]
    assert js(SCRIPT, "score", answers) == {"right": 2, "seen": 3, "checks": 8}


@pytest.mark.browser
def test_the_widget_deals_each_patient_once(js):
    names = list(PATIENTS)
    assert sorted(js(SCRIPT, "dealt", i, names) for i in range(len(names))) == sorted(names)
    assert js(SCRIPT, "dealt", len(names), names) == js(SCRIPT, "dealt", 0, names)
