"""Each check on nets with a known answer, each patient in runs from other seeds, the identity."""

import math

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
from introdl.networks.diagnosis import checks as checks_module
from introdl.networks.training import healthy

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
SAME = {
    "return (y[far.argmin(dim=0)] == y).double().mean().item()": "two are as far apart both ways",
    "count = (rows[:, None] == rows).all(dim=2).sum(dim=0)": "two are equal both ways",
    "return {rate: end if (end <= torch.inf) else torch.inf for rate, end in ends.items()}": (
        "infinite is infinite"
    ),
    'run.optimizer = torch.optim.SGD(net.parameters(), lr=run.optimizer.param_groups[-1]["lr"])': (
        "one group"
    ),
    'return Finding(f"{loss:.2f}", not (abs(loss - GUESS) < 0.5)) # NaN is one, too': (
        "no loss lies exactly there"
    ),
    "return loop.evaluate(run.net, loop.batches(run.train, 501, shuffle=False), run.loss_of)[0]": (
        "the mean over all is the same in any batches"
    ),
    "return loop.evaluate(run.net, loop.batches(run.train, 499, shuffle=False), run.loss_of)[0]": (
        "the mean over all is the same in any batches"
    ),
}


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


@pytest.fixture(scope="module")
def grey():
    """Pictures of nothing, enough for the three parts of a run."""
    pixels = np.random.default_rng(0).random((1600, 784), dtype=np.float32)
    return torch.from_numpy(pixels), torch.arange(1600) % 10


def layers_of(run):
    return [(p.in_features, p.out_features) for p in run.net if isinstance(p, nn.Linear)]


def rate_of(run):
    return run.optimizer.param_groups[0]["lr"]


def test_each_net_is_ill_as_its_cause_says(grey):
    well = healthy(*grey)
    ill = {name: PATIENTS[name].run(*grey) for name in PATIENTS}
    for run in ill.values():
        assert torch.equal(run.test.y, well.test.y)  # one split for all
        assert [*run.net.parameters()] == run.optimizer.param_groups[0]["params"]
    assert layers_of(ill["small"]) == [(784, 3), (3, 10)]
    assert layers_of(ill["deep"]) == [(784, 64), *6 * [(64, 64)], (64, 10)]
    assert sum(isinstance(layer, nn.Sigmoid) for layer in ill["deep"].net) == 7
    assert layers_of(ill["few"]) == layers_of(well)
    for net in (ill["few"].net, ill["equal"].net):
        assert not any(isinstance(layer, nn.Dropout) for layer in net)
    few = ill["few"]
    assert len(few.train) == 50
    assert sum(len(y) for _, y in few.batches(few.train)) == len(well.train)  # as many steps
    assert all((p == 0.01).all() for p in ill["equal"].net.parameters())
    biases = [run.net[0].bias.detach() for run in (well, ill["dead"])]
    torch.testing.assert_close(biases[1], biases[0] - 10)
    for name, times in [("fast", 100), ("slow", 0.01), ("small", 1), ("few", 1), ("deep", 1)]:
        assert rate_of(ill[name]) == pytest.approx(times * rate_of(well))


#: What a check is asked for, answers that are no symptom, and answers that are one.
LIMITS = {
    START: ("first_loss", [1.85, 2.75], [1.75, 2.85, math.nan]),
    BATCH: ("one_batch_loss", [0.0, 0.19], [0.2, 0.3, math.nan]),
    LABELS: ("neighbours_agree", [0.3, 0.5], [0.1, 0.29]),
    SCALE: (
        "input_scale",
        [(3.0, 1.0), (-3.0, 1.0), (0.0, 0.11), (0.0, 2.9)],
        [(3.1, 1.0), (-3.1, 1.0), (0.0, 0.1), (0.0, 3.0)],
    ),
    GRADIENT: ("gradient_norms", [[1.0005, 5.0, 1000.0]], [[1.0, 5.0, 1000.0], [math.nan, 1, 1]]),
    SWEEP: (
        "rate_sweep",
        [{0.1: 1.0, 1.0: 1.4, 10.0: 2.0}, {1.0: 0.5, 10.0: math.inf}],
        [{0.1: 1.0, 1.0: 1.5, 10.0: 2.0}, {1.0: math.inf, 0.01: 2.0}],
    ),
    LOOKS: ("two_looks", [0.0], [1e-9]),
    LEAK: ("share_seen", [0.0], [0.001]),
}


@pytest.mark.parametrize("what", LIMITS)
def test_a_symptom_begins_at_a_limit(monkeypatch, grey, what):
    run = healthy(*grey)
    asked, *answers = LIMITS[what]
    for symptom, some in enumerate(answers):
        for answer in some:
            monkeypatch.setattr(checks_module, asked, lambda *given, answer=answer: answer)
            assert CHECKLIST[what](lambda: run).symptom == symptom, answer


def test_more_than_half_of_the_units_dead_or_twins_is_a_symptom(monkeypatch, grey):
    run = healthy(*grey)
    for dead, twins, symptom in [(0.5, 0.5, False), (0.51, 0.0, True), (0.0, 0.51, True)]:
        monkeypatch.setattr(checks_module, "dead_units", lambda *given, dead=dead: dead)
        monkeypatch.setattr(checks_module, "twin_units", lambda *given, twins=twins: twins)
        found = CHECKLIST[UNITS](lambda: run)
        assert found.symptom == symptom
        assert found.said == f"{dead:.0%} and {twins:.0%}"


def test_a_sweep_says_the_loss_at_your_rate_and_the_lowest(monkeypatch, grey):
    run = healthy(*grey)
    for ends, said in [
        ({0.1: 99.5, 1.0: 100.0}, "over 100; 99.50 at 0.1 times"),
        ({0.01: 2.0, 1.0: 0.25}, "0.25; 0.25 at 1 times"),
    ]:
        monkeypatch.setattr(checks_module, "rate_sweep", lambda *given, ends=ends: ends)
        assert CHECKLIST[SWEEP](lambda: run).said == said


def test_the_checklist_asks_what_the_page_says(monkeypatch, grey):
    """The page gives the sizes of the batches, the factors of the sweep, and what is looked at."""
    met = {}

    def noting(name, answer):
        def check(*given):
            met[name] = given
            return answer

        monkeypatch.setattr(checks_module, name, check)

    for name, answer in [("one_batch_loss", 0.0), ("first_loss", 2.3), ("neighbours_agree", 1.0)]:
        noting(name, answer)
    noting("gradient_norms", [1.0, 1.0])
    noting("rate_sweep", {1.0: 0.5})
    noting("two_looks", 0.0)
    noting("dead_units", 0.0)
    run = healthy(*grey)
    for what in (START, BATCH, LABELS, GRADIENT, UNITS, SWEEP, LOOKS):
        CHECKLIST[what](lambda: healthy(*grey))
    for name, size in [("first_loss", 200), ("gradient_norms", 200), ("one_batch_loss", 8)]:
        assert torch.equal(met[name][-1][0], run.train.X[:size])
    assert torch.equal(met["dead_units"][-1], run.train.X[:200])
    assert torch.equal(met["neighbours_agree"][0], run.train.X[:500])
    look, _ = met["two_looks"]
    assert look() == pytest.approx(run.watched()[0])
    loss_at, factors = met["rate_sweep"]
    assert factors == (0.01, 0.1, 1, 10, 100)
    end = loss_at(0.1)
    run = healthy(*grey, rate=0.1 * rate_of(run))
    run.epoch(run.batches(run.train))
    outputs = run.net.eval()(run.train.X)
    assert end == pytest.approx(run.loss_of(outputs, run.train.y).item(), rel=1e-4)


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
    calls = []
    one_batch_loss(lambda given: calls.append(given) or 0.0, ("x", "y"))
    assert len(calls) == 100  # as the page says


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
    deeper = nn.Sequential(*net[:2], nn.Linear(4, 2), nn.ReLU(), nn.Linear(2, 1))
    nn.init.ones_(deeper[2].weight)
    nn.init.constant_(deeper[2].bias, -100)
    assert dead_units(deeper, X) == 3 / 6
    assert twin_units(deeper) == pytest.approx(4 / 6)
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
