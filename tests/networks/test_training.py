"""Each check against its bug and the healthy loop; the loop against PyTorch alone."""

import copy
import io

import numpy as np
import pytest
import torch
from torch import nn

from introdl import data
from introdl.networks import training
from introdl.networks.training import BUGS, CHECKS, SilentBugError, checked, healthy, healthy_parity
from introdl.networks.training.bugs import _some
from introdl.networks.training.lab import TRAIN, VAL

#: Mutants that change nothing a test could see.
SAME = {
    "twice = torch.arange(rest // 2).repeat(3)[torch.randperm(rest)]": "no third copy is taken",
    'run.optimizer = torch.optim.SGD(last.parameters(), lr=run.optimizer.param_groups[-1]["lr"])': (
        "there is one group"
    ),
    "run.epoch, run.optimizer, [_some(run)] * 3": "two batches or more",
    "if (alike >= by_chance + 5 * deviation):": "no share is the limit itself",
    "torch.manual_seed(1)": "the same dice for both steps, whichever they are",
    "torch.manual_seed(-1)": "the same dice for both steps, whichever they are",
    "seen += 2 * step_gradients(epoch, optimizer, [batch])": "the first and the last stay",
    "if not torch.allclose(seen[0], seen[1]):": "one step in each of two passes",
    "val = loop.batches(self.val, 251, shuffle=False)": "any size of batches will do",
    "val = loop.batches(self.val, 249, shuffle=False)": "any size of batches will do",
    "test = loop.batches(self.test, 501, shuffle=False)": "any size of batches will do",
    "test = loop.batches(self.test, 499, shuffle=False)": "any size of batches will do",
    "if (torch.cuda.is_available() or kept['dice_cuda']):": "no dice are set from an empty list",
    "other[-1] = others[-1]": "any other target",
    "return torch.autograd.grad(loss_of(free, targets), free)[-1]": "there is one",
    "if abs(mean) > 3 or not (0.1 <= spread < 3):": "no float32 is 0.1",
}

SCRIPT = "docs/networks/training.js"


@pytest.fixture(scope="module")
def digits():
    X, y = data.mnist()
    return torch.tensor(X, dtype=torch.float32).flatten(1), torch.tensor(y)


@pytest.mark.parametrize("seed", [11, 12])
@pytest.mark.parametrize("make", [healthy, healthy_parity])
def test_a_healthy_run_passes_all_checks(digits, make, seed):
    assert checked(lambda: make(*digits, seed)) == {}


@pytest.mark.parametrize("seed", [11, 12])
@pytest.mark.parametrize("name", BUGS)
def test_a_bug_is_caught_by_the_check_made_for_it(digits, name, seed):
    bug = BUGS[name]
    with pytest.raises(SilentBugError):
        CHECKS[bug.caught_by](bug.run(*digits, seed))


def test_each_check_has_a_bug_of_its_own():
    assert sorted(bug.caught_by for bug in BUGS.values()) == sorted(CHECKS)


@pytest.mark.parametrize("name", BUGS)
def test_a_bug_trains_without_an_error(digits, name):
    (row,) = BUGS[name].run(*digits, 3).curve(1)
    assert np.isfinite(list(row.values())).all()


@pytest.mark.parametrize("name", BUGS)
def test_what_a_broken_loop_reports_is_the_mean_loss_and_the_share_right(digits, name):
    run = BUGS[name].run(*digits, 3)
    run.net[2].p = 0.0
    for group in run.optimizer.param_groups:
        group["lr"] = 0.0
    few = list(run.batches(run.train))[:3]
    losses = [run.loss_of(run.net(x), y).item() for x, y in few]
    assert run.epoch(few) == pytest.approx(np.mean(losses))
    val = training.batches(run.val, 70, shuffle=False)  # the last batch is smaller
    reported = run.evaluate(run.net, val, run.loss_of)
    assert reported == pytest.approx(training.evaluate(run.net, val, run.loss_of))


def test_each_bug_is_the_one_that_its_lines_show(digits):
    X, y = digits
    outputs, targets = torch.tensor([[1.0], [3.0]]), torch.tensor([1.0, 3.0])
    assert BUGS["broadcast"].run(X, y).loss_of(outputs, targets) == 2  # the page's perfect net
    assert healthy_parity(X, y).loss_of(outputs + 2, targets) == 4
    shares = BUGS["softmax"].run(X, y).net(X[:3])
    np.testing.assert_allclose(shares.sum(dim=1).detach(), np.ones(3), rtol=1e-5)
    with pytest.raises(SilentBugError, match=r"does not move 0\.weight, 0\.bias:"):
        CHECKS["every_weight_moves"](BUGS["frozen"].run(X, y))
    leak = BUGS["leak"].run(X, y, 2)
    both = torch.unique(torch.cat([leak.train.X, leak.val.X]), dim=0, return_counts=True)[1]
    assert both.tolist() == [2] * ((TRAIN + VAL) // 2)
    unscaled = BUGS["unscaled"].run(X, y)
    assert [part.X.max() for part in (unscaled, unscaled.train, unscaled.test)] == [255] * 3
    for bug in BUGS.values():
        run = bug.run(X, y)
        assert (len(run.train), len(run.val), len(run.test)) == (1000, 500, 3500)


def test_the_truth_is_the_share_right_on_the_test_part(digits):
    run = healthy(*digits, 5)
    run.curve(1)
    right = run.net.eval()(run.test.X).argmax(dim=1) == run.test.y
    assert run.truth() == right.double().mean().item()
    assert 0.5 < run.truth() < 1


def test_runs_are_built_as_the_page_tells(digits):
    for make, outputs, rate in (healthy, 10, 0.3), (healthy_parity, 1, 0.1):
        run, same = make(*digits), make(*digits, seed=0)
        shapes = [tuple(p.shape) for p in run.net.parameters()]
        assert shapes == [(64, 784), (64,), (outputs, 64), (outputs,)]
        assert run.net[2].p == 0.2
        assert run.optimizer.param_groups[0]["lr"] == rate
        assert torch.equal(run.net[0].weight, same.net[0].weight)
        assert torch.equal(run.train.X, same.train.X)
        assert [len(y) for _, y in run.batches(run.train)] == [50] * 20
    assert torch.equal(run.y, digits[1] % 2)
    broken = BUGS["softmax"].run(*digits)
    assert torch.equal(broken.net[0].weight, healthy(*digits).net[0].weight)


def test_an_evaluation_is_steady_if_its_loss_is(digits):
    run = healthy(*digits)
    losses = iter([0.25, 0.5])
    run.evaluate = lambda *_: (next(losses), 0.9)
    with pytest.raises(SilentBugError, match=r"give 0\.2500 and 0\.5000"):
        CHECKS["evaluation_is_steady"](run)


def test_eight_examples_are_from_all_over_the_training_part(digits):
    run = healthy(*digits)
    for N, every in (1000, 125), (20, 2):
        run.train = training.Digits(torch.arange(N), torch.arange(N))
        assert _some(run)[0].tolist() == [every * i for i in range(8)]


def twin(X, y, epochs, rate):
    """The same training in PyTorch alone, from the state of the dice at its start."""
    net = nn.Sequential(nn.Linear(784, 8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 10)).double()
    for _ in range(epochs):
        net.train()
        # A sampler draws the seed of its own generator from the dice; so does the loader before.
        torch.empty((), dtype=torch.int64).random_()
        own = torch.Generator().manual_seed(torch.empty((), dtype=torch.int64).random_().item())
        for rows in torch.randperm(len(X), generator=own).split(50):
            loss = nn.functional.cross_entropy(net(X[rows]), y[rows])
            grads = torch.autograd.grad(loss, list(net.parameters()))
            with torch.no_grad():
                for p, g in zip(net.parameters(), grads, strict=True):
                    p -= rate * g
    return net


@pytest.mark.agreement
def test_the_loop_equals_one_without_loader_and_optimizer(digits, agreement, rng):
    X, y = digits[0][::25].double(), digits[1][::25]
    seed = int(rng.integers(2**31))

    def ours():
        torch.manual_seed(seed)
        net = nn.Sequential(
            nn.Linear(784, 8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 10)
        ).double()
        optimizer = torch.optim.SGD(net.parameters(), lr=0.3)
        part = training.batches(training.Digits(X, y))
        for _ in range(3):
            training.train_epoch(net, part, nn.functional.cross_entropy, optimizer)
        return net[0].weight.detach().numpy()

    def theirs():
        torch.manual_seed(seed)
        return twin(X, y, 3, 0.3)[0].weight.detach().numpy()

    agreement(
        ours(),
        theirs,
        what="weights after three passes of the training loop, dropout included",
        against="torch.autograd.grad and steps by hand, float64",
        atol=1e-12,
    )


def test_evaluation_equals_one_look_at_all(digits):
    run = healthy(*digits)
    run.epoch(run.batches(run.train))
    for size in (7, 50, 500):
        loss, right = training.evaluate(
            run.net, training.batches(run.val, size, shuffle=False), run.loss_of
        )
        run.net.eval()
        outputs = run.net(run.val.X)
        assert loss == pytest.approx(run.loss_of(outputs, run.val.y).item(), rel=1e-5)
        assert right == (outputs.argmax(1) == run.val.y).double().mean().item()
    parity = healthy_parity(*digits)
    said = parity.net.eval()(parity.val.X)[:, 0] > 0.5
    assert parity.watched()[1] == (said == (parity.val.y == 1)).double().mean().item()


def parts_of(run):
    train, val = training.batches(run.train), training.batches(run.val, shuffle=False)
    return run.net, run.optimizer, run.loss_of, train, val


@pytest.mark.parametrize("kind", [torch.optim.SGD, torch.optim.Adam])
def test_a_training_goes_on_bit_for_bit(digits, kind, tmp_path):
    def fresh(seed):
        run = healthy(*digits)
        torch.manual_seed(seed)
        run.net = copy.deepcopy(run.net)
        if seed:
            for p in run.net.parameters():
                nn.init.normal_(p)
        extra = {"momentum": 0.5} if kind is torch.optim.SGD else {}
        run.optimizer = kind(run.net.parameters(), lr=0.01, **extra)
        return run

    whole = fresh(0)
    progress = training.fit(*parts_of(whole), epochs=3)
    cut = fresh(0)
    training.save(
        tmp_path / "run.pt", cut.net, cut.optimizer, training.fit(*parts_of(cut), epochs=1)
    )
    again = fresh(5)
    back = training.load(tmp_path / "run.pt", again.net, again.optimizer)
    resumed = training.fit(*parts_of(again), epochs=3, progress=back)
    assert resumed.curve == progress.curve
    assert len(progress.curve) == 3
    assert resumed.best == progress.best
    for a, b in zip(whole.net.parameters(), again.net.parameters(), strict=True):
        assert torch.equal(a, b)
    for name, weights in progress.best_weights.items():
        assert torch.equal(weights, resumed.best_weights[name])


def test_fit_stops_after_the_patience_and_goes_back_to_the_lowest(monkeypatch):
    losses = iter([0.9, 0.5, 0.6, 0.4, 0.45, 0.4, 0.7, 0.1])
    net = nn.Linear(1, 1)
    weights = []

    def step(net, *_):
        with torch.no_grad():
            net.weight += 1
        weights.append(net.weight.item())
        return 0.0

    monkeypatch.setattr("introdl.networks.training.loop.train_epoch", step)
    monkeypatch.setattr("introdl.networks.training.loop.evaluate", lambda *_: (next(losses), 0.0))
    shown = []
    progress = training.fit(
        net, None, None, None, None, epochs=8, patience=3, after=lambda p: shown.append(p.best)
    )
    assert [row["val_loss"] for row in progress.curve] == [0.9, 0.5, 0.6, 0.4, 0.45, 0.4, 0.7]
    assert shown == [0.9, 0.5, 0.5, 0.4, 0.4, 0.4, 0.4]
    assert net.weight.item() == weights[3]


@pytest.mark.parametrize(
    ("losses", "patience", "passes"), [([0.5, 0.6, 0.4], 1, 2), ([np.nan] * 4, 2, 2)]
)
def test_a_training_that_gets_no_better_is_stopped_at_once(monkeypatch, losses, patience, passes):
    monkeypatch.setattr("introdl.networks.training.loop.train_epoch", lambda *_: 0.0)
    left = iter(losses)
    monkeypatch.setattr("introdl.networks.training.loop.evaluate", lambda *_: (next(left), 0.0))
    progress = training.fit(nn.Linear(1, 1), *[None] * 4, epochs=9, patience=patience)
    assert len(progress.curve) == passes


def test_parts_do_not_overlap(digits):
    run = healthy(*digits, 4)
    assert (len(run.train), len(run.val)) == (TRAIN, VAL)
    rows = [x.numpy().tobytes() for part in (run.train, run.val, run.test) for x in part.X]
    assert len(set(rows)) == len(rows) == 5000


def test_pictures_need_as_many_labels():
    with pytest.raises(ValueError, match="3 pictures, and 2 labels"):
        training.Digits(torch.zeros(3, 4), torch.zeros(2))


def test_batches_cover_a_part_once_in_a_new_order(digits):
    part = training.Digits(torch.arange(23.0), torch.arange(23))
    passes = [torch.cat([y for _, y in training.batches(part, 5)]) for _ in range(2)]
    assert all(sorted(p.tolist()) == list(range(23)) for p in passes)
    assert passes[0].tolist() != passes[1].tolist()
    plain = training.batches(part, 5, shuffle=False)
    assert torch.cat([y for _, y in plain]).tolist() == list(range(23))
    assert [len(y) for _, y in plain] == [5, 5, 5, 5, 3]


def test_a_forgotten_eval_is_caught_with_batch_norm_too(digits):
    net = nn.Sequential(nn.Linear(784, 4), nn.BatchNorm1d(4), nn.Linear(4, 10))
    X, y = digits[0][::50], digits[1][::50]

    def careless():
        with torch.no_grad():
            return nn.functional.cross_entropy(net(X), y).item()

    with pytest.raises(SilentBugError, match=r"an evaluation changes 1\.running_mean"):
        training.evaluation_is_steady(careless, net)

    def careful():
        net.eval()
        return careless()

    training.evaluation_is_steady(careful, net)


def test_zero_grad_at_the_end_of_the_loop_is_healthy(digits):
    run = healthy(*digits)

    def epoch(batches):
        for x, y in batches:
            loss = run.loss_of(run.net(x), y)
            loss.backward()
            run.optimizer.step()
            run.optimizer.zero_grad()
        return loss.item()

    training.gradients_start_at_zero(epoch, run.optimizer, run.train[list(range(8))])
    assert run.optimizer.param_groups[0]["lr"] == 0.3


def test_a_single_output_is_right_on_the_same_side_of_a_half():
    outputs = torch.tensor([0.5, 0.6, 0.9, 0.4, 0.7])
    targets = torch.tensor([0.0, 0.0, 1.0, 0.5, 1.0])
    net = nn.Linear(1, 1)
    for shape in (5,), (5, 1):
        net.forward = lambda x, shape=shape: x.reshape(shape)
        said = training.evaluate(net, [(outputs, targets)], lambda outputs, targets: outputs.sum())
        assert said == (pytest.approx(3.1), 0.8)


@pytest.mark.parametrize(
    ("x", "refused"),
    [
        ([2.0, 4.0], False),  # mean 3
        ([2.1, 4.1], True),
        ([-4.1, -2.1], True),
        ([-0.09, 0.0, 0.09], True),  # standard deviation 0.09
        ([-0.11, 0.0, 0.11], False),
        ([-2.9, 0.0, 2.9], False),
        ([-3.0, 0.0, 3.0], True),  # standard deviation 3
    ],
)
def test_inputs_may_have_a_mean_up_to_3_and_a_spread_from_a_tenth_to_3(x, refused):
    batches = [(torch.tensor(x), None)]
    if refused:
        with pytest.raises(SilentBugError, match="bring them near 0 and 1"):
            training.inputs_are_scaled(batches)
    else:
        training.inputs_are_scaled(batches)


def test_five_standard_deviations_more_than_by_chance_are_refused():
    # 100 labels, half of each class: by chance ½, standard deviation 0.05, so up to ¾ of 99.
    many, few = [0] * 38 + [1] * 38, [0, 1] * 12
    training.batches_are_mixed([(None, torch.tensor(few + many))])  # 74 pairs agree
    with pytest.raises(SilentBugError, match=r"76% of the neighbours .* 50% would"):
        training.batches_are_mixed([(None, torch.tensor([1, 0] * 12 + many))])  # 75 pairs agree


def test_a_target_that_moves_its_neighbours_gradient_alone_is_seen():
    def loss_of(outputs, targets):
        return ((outputs[1:] - targets[1:]) ** 2).mean() + (outputs[-2] * targets[-1])

    targets = torch.tensor([1.0, 1, 1, 0])  # only the last can be told from the others
    with pytest.raises(SilentBugError, match="changes the gradients of others"):
        training.examples_do_not_mix(loss_of, torch.zeros(4), targets)
    for some in targets, torch.tensor([0.0, 1]):
        training.examples_do_not_mix(nn.functional.mse_loss, torch.zeros(len(some)), some)


@pytest.mark.parametrize(("end", "refused"), [(0.99, False), (1.0, True)])
def test_one_batch_is_learned_when_the_last_ten_losses_are_a_fifth_of_the_first(end, refused):
    losses = iter([5.0, *[4.0] * 89, *[0.5, 2 * end - 0.5] * 5, 0.0])
    if refused:
        with pytest.raises(SilentBugError, match="from 5 to 1 in 100 passes"):
            training.fits_one_batch(lambda batches: next(losses), None)
    else:
        training.fits_one_batch(lambda batches: next(losses), None)
    assert list(losses) == [0.0]  # all hundred passes were taken


def test_a_gradient_that_adds_up_is_twice_as_long(digits):
    for steps in 1, 3:
        run = healthy(*digits)
        run.net[2].p = 0.0

        def epoch(batches, run=run, steps=steps):
            for x, y in list(batches) * steps:
                run.loss_of(run.net(x), y).backward()
                run.optimizer.step()

        with pytest.raises(SilentBugError, match=f"second time, {2 * steps} times as long"):
            training.gradients_start_at_zero(epoch, run.optimizer, _some(run))


def test_messages_count(digits):
    X = torch.arange(12.0).reshape(6, 2)
    y = torch.arange(6) % 2
    with pytest.raises(SilentBugError, match=r"^2 of 4 held-out"):
        training.nothing_is_shared(X, torch.cat([X[:2], X[:2] + 100]))
    with pytest.raises(SilentBugError, match=r"^1 of 6 examples"):
        training.pairs_are_kept([(X, torch.tensor([1, 1, 0, 1, 0, 1]))], X, y)
    training.pairs_are_kept([(X[:4], y[:4]), (X[4:], y[4:])], X, y)
    with pytest.raises(SilentBugError, match=r"mean 5\.5"):
        training.inputs_are_scaled([(X, y)])
    with pytest.raises(SilentBugError, match=r"mean -5\.5"):
        training.inputs_are_scaled([(-X / 3 - 3.67, y)])
    with pytest.raises(SilentBugError, match=r"standard deviation 0\.0"):
        training.inputs_are_scaled([(X / 1000, y)])
    training.inputs_are_scaled([(X / 12, y)])
    with pytest.raises(SilentBugError, match=r"99% of the neighbours .* 50% would"):
        training.batches_are_mixed([(X, torch.zeros(50)), (X, torch.ones(50))])
    shuffled = torch.arange(200)[torch.randperm(200)] % 4
    training.batches_are_mixed([(X, shuffled[:100]), (X, shuffled[100:])])


def test_without_eval_the_loss_is_still_a_loss(digits):
    assert 0 < BUGS["eval"].run(*digits).curve(1)[-1]["val_loss"] < 2.5


def test_what_a_check_cannot_judge_is_named(digits):
    X = torch.arange(12.0).reshape(6, 2)
    y = torch.arange(6) % 2
    with pytest.raises(SilentBugError, match=r"^6 of 6 examples are not in the data"):
        training.pairs_are_kept([(X + 100, y)], X, y)
    with pytest.raises(ValueError, match=r"compare torch\.float32 and torch\.float64"):
        training.nothing_is_shared(X, X.double())
    with pytest.raises(SilentBugError, match="all 6 examples have the same class"):
        training.batches_are_mixed([(X, torch.zeros(6))])
    with pytest.raises(ValueError, match="all targets are equal"):
        training.examples_do_not_mix(torch.nn.functional.mse_loss, X[:, 0], torch.ones(6))
    run = healthy(*digits)
    batch = run.train[list(range(8))]
    with pytest.raises(SilentBugError, match="takes no step"):
        training.gradients_start_at_zero(lambda batches: 0.0, run.optimizer, batch)

    def breaks(batches):
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        training.gradients_start_at_zero(breaks, run.optimizer, batch)
    assert run.optimizer.param_groups[0]["lr"] == 0.3

    def lost(batches):
        with torch.no_grad():
            for p in run.net.parameters():
                p += 1
                p.view(-1)[-1] = np.nan
        return np.nan

    with pytest.raises(SilentBugError, match="not finite"):
        training.every_weight_moves(lost, run.net, [batch])


def test_the_bar_hands_on_and_counts():
    out = io.StringIO()
    assert list(training.bar([7, 8], out=out, width=4)) == [7, 8]
    assert out.getvalue() == "\r██··      1/2\r████      2/2\n"
    out = io.StringIO()
    assert list(training.bar(iter("ab"), out=out)) == ["a", "b"]
    assert out.getvalue() == "\r1\r2\n"
    out = io.StringIO()
    assert list(training.bar("c", out=out)) == ["c"]
    assert out.getvalue() == "\r" + "█" * 20 + "      1/1\n"


@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device")
def test_the_loop_runs_where_the_net_is(digits):
    run = healthy(*digits)
    run.net.cuda()
    assert np.isfinite(list(run.curve(1)[0].values())).all()


@pytest.mark.browser
def test_the_mystery_shows_every_training(js):
    names = [*BUGS, "digits"]
    shown = [js(SCRIPT, "riddle", n, names) for n in range(len(names))]
    assert sorted(name for name, _ in shown) == sorted(names)
    assert {split for _, split in shown} == {1, 2, 3, 4, 5}


@pytest.mark.browser
def test_the_widget_says_what_the_check_said(js, digits):
    caught = checked(lambda: BUGS["leak"].run(*digits))
    for check in CHECKS:
        said = js(SCRIPT, "verdict", {"caught": caught}, check)
        assert said.rstrip(".") == (f"Caught: {caught[check]}" if check in caught else "It passes")
        assert "?." not in said
