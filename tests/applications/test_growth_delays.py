"""z against the CDC's own centiles, the filter against SciPy, and the figure against Python."""

import numpy as np
import pytest
import torch
from scipy import stats
from scipy.special import boxcox

from introdl import data
from introdl.applications.growth_delays import ceiling, children, rules
from introdl.applications.growth_delays.ceiling import log_likelihood, plans, true_odds
from introdl.applications.growth_delays.chart import height_at, lms, z_score
from introdl.applications.growth_delays.children import KINDS, Children, drift, make_children
from introdl.applications.growth_delays.net import Watcher, fit_watcher, inputs
from introdl.applications.growth_delays.rules import (
    fall_since,
    falls,
    first_flags,
    judge,
    limit_for,
    right_flags,
)
from introdl.sequences.gru.cell import GRU

SAME = {}


def visits(rng, n=5, t=7):
    """Ages and z of some children."""
    age = 24 + np.cumsum(rng.uniform(4, 11, size=(n, t)), axis=1)
    return age, rng.normal(size=(n, t))


def odd_input(rng):
    age, z = visits(rng)
    row = {"L": np.full(3, 0.7), "M": rng.uniform(80, 120, 3), "S": np.full(3, 0.04)}
    table = {"months": np.array([20.0, 60, 130])} | row
    ill = np.array([True, False, True, False, False])
    onset = np.where(ill, 40.0, 0)
    scored = {"score": z, "age": age, "onset": onset}
    return {
        "z_score": {"height": rng.uniform(80, 120, 3)} | row,
        "height_at": {"z": rng.normal(size=3)} | row,
        "lms": {"age": np.array([30.0, 50, 70, 90])} | table,
        "drift": {"age": age, "kind": "late", "much": rng.uniform(size=5), "onset": onset},
        "fall_since": {"age": age, "z": z, "months": 12.0},
        "falls": {"age": age, "z": z},
        "limit_for": {"score": z, "ill": ill, "share": 0.1},
        "first_flags": scored | {"limit": 0.5},
        "judge": scored | {"ill": ill, "limit": 0.5},
        "right_flags": {"found": 0.9, "false": 0.05, "base": 0.1},
        "log_likelihood": {
            "age": age,
            "z": z,
            "noise": rng.uniform(0.01, 0.1, z.shape),
            "mean": 0.0,
            "spread": 1.0,
        },
        "inputs": {"age": age, "z": z},
    }


# The 3rd, 50th and 97th centile in cm, as the CDC's table prints them beside L, M and S.
PRINTED = {
    ("boys", 24): (79.91084447, 86.45220101, 93.02265441),
    ("girls", 240): (151.1111674, 163.338251, 175.4671292),
}


@pytest.mark.parametrize(("sex", "months"), PRINTED)
def test_the_heights_are_the_centiles_that_the_cdc_prints(sex, months):
    row = lms(np.full(3, float(months)), *data.heights(sex))
    z = stats.norm.ppf([0.03, 0.5, 0.97])
    np.testing.assert_allclose(height_at(z, *row), PRINTED[sex, months], atol=1e-5)
    np.testing.assert_allclose(z_score(np.array(PRINTED[sex, months]), *row), z, atol=1e-6)


@pytest.mark.agreement
def test_z_is_scipys_box_cox(rng, agreement):
    h, L = rng.uniform(80, 160, size=40), rng.uniform(-1.5, 1.5, size=40)
    L[:5] = 0
    M, S = rng.uniform(80, 160, size=40), rng.uniform(0.03, 0.05, size=40)
    agreement(
        z_score(h, L, M, S),
        lambda: boxcox(h / M, L) / S,
        what="z of 40 heights, L from -1.5 to 1.5, some 0",
        against="SciPy's Box-Cox transform, float64",
        atol=1e-10,
    )
    np.testing.assert_allclose(height_at(z_score(h, L, M, S), L, M, S), h)


def test_the_table_is_read_in_straight_lines():
    months = np.array([10.0, 20, 40])
    found = lms(np.array([15.0, 25, 40]), months, months / 10, months + 1, months * 2)
    np.testing.assert_allclose(found, [[1.5, 2.5, 4], [16, 26, 41], [30, 50, 80]])
    for age in (9.9, 40.1):
        with pytest.raises(ValueError, match="covers 10 to 40 months"):
            lms(np.array([age]), months, months, months, months)
    for wrong in (months[::-1], np.array([10.0, 10, 40])):
        with pytest.raises(ValueError, match="must rise"):
            lms(np.array([15.0]), wrong, months, months, months)
    for given in ((0, 1, 1, 1), (1, 1, 0, 1), (1, 1, 1, 0)):
        with pytest.raises(ValueError, match="above 0"):
            z_score(*(np.array([float(v)]) for v in given))


def test_the_heights_of_the_cdc():
    boys, girls = data.heights("boys"), data.heights("girls")
    for table in (boys, girls):
        assert len(table.months) == 74
        assert (table.months[0], table.months[-1]) == (24, 240)
        assert (np.diff(table.months) > 0).all()
        assert (np.diff(table.M) > 0).all()
    with pytest.raises(ValueError, match="no table for 'men'"):
        data.heights("men")
    # What the page types: usual heights and standard deviations of boys, and why girls' z shifts.
    at, sd = np.array([48.0, 72]), np.array([4.2, 5.0])
    _, M, S = lms(at, *boys)
    np.testing.assert_allclose(M, [102.2, 115.4], atol=0.05)
    np.testing.assert_allclose(M * S, sd, atol=0.05)
    gap = boys.M - girls.M
    assert gap[0] > 1.3
    assert abs(gap[boys.months == 120.5][0]) < 0.7


def test_the_page_by_hand():
    tall, small = (106.4 - 102.2) / 4.2, (94.0 - 102.2) / 4.2
    assert (round(tall, 2), round(small, 2)) == (1, -1.95)
    assert round((105.6 - 115.4) / 5, 2) == -1.96
    assert stats.norm.cdf(-1.88) == pytest.approx(0.03, abs=1e-4)
    assert right_flags(0.9, 0.05, 1 / 2000) == pytest.approx(45 / 5042.5)
    assert right_flags(0.8, 0.002, 1 / 2000) == pytest.approx(40 / 239.9)
    assert right_flags(0.9, 0.05, 1 / 20) == pytest.approx(90 / 185)


def slow_fall(age, z, months, start):
    """The rule for one child, as the page says it in words."""
    found = []
    for t in range(len(z)):
        known = [i for i in range(t + 1) if age[i] >= start]
        old = [i for i in known if age[t] - age[i] >= months]
        base = old[-1] if old else (known[0] if known else t)
        found.append(z[base] - z[t])
    return found


@pytest.mark.parametrize(("months", "start"), [(0.1, 0), (12, 0), (24, 48), (1000, 36), (12, 999)])
def test_the_fall_is_a_loop(rng, months, start):
    age, z = visits(rng, 30, 11)
    expected = [slow_fall(a, b, months, start) for a, b in zip(age, z, strict=True)]
    np.testing.assert_allclose(fall_since(age, z, months, start), expected)


def test_the_fall_counts_a_visit_at_its_borders():
    age, z = np.array([[48.0, 60, 72]]), np.array([[3.0, 2, 0]])
    assert fall_since(age, z, 12, 48).tolist() == [[0, 1, 2]]
    assert fall_since(age, z, 12.5, 48.5).tolist() == [[0, 0, 2]]
    assert fall_since(age, z, 1000).tolist() == [[0, 1, 3]]
    with pytest.raises(ValueError, match="in order"):
        fall_since(age[:, ::-1], z, 12)


def test_what_the_sum_weighs(rng):
    age, z = visits(rng)
    found, a = falls(age, z), (age - 72) / 24
    assert found.shape == (5, 7, 23)
    base = [z, *(fall_since(age, z, m) for m in (0.1, 6, 12, 24, 36, 1000))]
    for k, b in enumerate(base):
        np.testing.assert_allclose(found[..., k], b)
        np.testing.assert_allclose(found[..., 7 + k], b * a)
        np.testing.assert_allclose(found[..., 14 + k], b * a * a)
    np.testing.assert_allclose(found[..., 21], a)
    np.testing.assert_allclose(found[..., 22], a * a)


def test_flags_are_judged():
    age = np.array([[30.0, 40, 50], [30, 40, 50], [30, 40, 50], [30, 40, 50], [30, 40, 40]])
    score = np.array([[9.0, 0, 2], [0, 9, 0], [0, 0, 0], [0, 0, 1], [0, 0, 0]])
    onset = np.array([35.0, 40, 0, 0, 36])
    when = first_flags(score, age, onset, 1.0)
    np.testing.assert_array_equal(when, [50, 40, np.inf, np.inf, np.inf])
    got = judge(score, age, onset, onset > 0, 1.0)
    assert got == pytest.approx((0, 2 / 3, (15 + 0 + 4) / 3))
    assert judge(score, age, onset, onset > 0, 0.9).false == 0.5
    for ill in (np.ones(5, bool), np.zeros(5, bool)):
        with pytest.raises(ValueError, match="some must be ill"):
            judge(score, age, onset, ill, 1.0)


def test_the_share_of_right_flags_needs_shares_and_a_flag():
    assert right_flags(0, 0.05, 0.1) == 0
    assert right_flags(0.5, 0, 0.1) == 1
    for found, false, base in ((0, 0, 0.5), (0, 0.5, 1), (0.5, 0, 0)):
        with pytest.raises(ValueError, match="nobody is flagged"):
            right_flags(found, false, base)
    with pytest.raises(ValueError, match="found"):
        right_flags(2, 0.05, 0.5)


def test_there_must_be_children():
    assert len(make_children(1, seed=0).visits) == 1
    with pytest.raises(ValueError, match="at least 1"):
        make_children(0, seed=0)


def test_the_limit_lets_its_share_of_the_well_pass(rng):
    score, ill = rng.normal(size=(500, 4)), np.arange(500) >= 400
    score[ill] += 100
    limit = limit_for(score, ill, 0.05)
    assert (score[~ill].max(axis=1) > limit).sum() == 20
    assert limit_for(score, ill, 0) == score[~ill].max()
    for bad in (-0.1, 1.1):
        with pytest.raises(ValueError, match="share must lie"):
            limit_for(score, ill, bad)
    with pytest.raises(ValueError, match="some must be well"):
        limit_for(score, np.ones(500, bool), 0.05)


def test_bayes_is_counting(rng):
    ill = rng.uniform(size=200_000) < 0.1
    flag = rng.uniform(size=len(ill)) < np.where(ill, 0.7, 0.2)
    got = right_flags(flag[ill].mean(), flag[~ill].mean(), ill.mean())
    assert got == pytest.approx(ill[flag].mean())


def test_a_plan_falls_as_it_says():
    age = np.array([[24.0, 39, 54, 90, 120]])
    half, none = np.array([0.5]), np.array([0.0])
    for kind in ("usual", "small"):
        assert not drift(age, kind, half, none).any()
    assert drift(age, "late", half, none)[0].tolist() == [0, -0.25, -0.5, -0.5, -0.5]
    for kind in ("sudden stop", "slow fading"):
        found = drift(age, kind, half, np.array([54.0]))[0]
        np.testing.assert_allclose(found, [0, 0, 0, -1.5, -2.75])


@pytest.fixture(scope="module")
def many():
    return make_children(6000, seed=77)


def test_the_children_are_as_the_page_says(many):
    own = many.there
    assert many.age[own].min() >= 24
    assert many.age[own].max() <= 120
    gap = np.diff(many.age, axis=1)[own[:, 1:]]
    assert 4 <= gap.min() < 4.1
    assert 10.9 < gap.max() <= 11
    assert many.age[:, 0].max() < 28
    share = np.bincount(many.kind, minlength=5) / 6000
    np.testing.assert_allclose(share, list(children.SHARES.values()), atol=0.025)
    assert (many.ill == (many.kind >= 3)).all()
    assert 36 <= many.onset[many.ill].min() < 37
    assert 95 < many.onset[many.ill].max() <= 96
    z = many.z()
    first, end = z[:, 0], z[:, -1]
    usual, small, late, stop, fade = (many.kind == k for k in range(5))
    assert first[usual].mean() == pytest.approx(0, abs=0.06)
    assert first[usual].std() == pytest.approx(1, abs=0.06)
    assert first[small].mean() == pytest.approx(-2.2, abs=0.05)
    assert first[small].std() == pytest.approx(np.hypot(0.3, 0.5 / 3.5), abs=0.04)
    assert (end - first)[usual | small].mean() == pytest.approx(0, abs=0.04)
    years = (many.age[:, -1] - many.age[:, 0]) / 12
    wander = np.sqrt(0.15**2 * years + (0.5 / 3.6) ** 2 + (0.5 / 6.2) ** 2)
    assert ((end - first) / wander)[usual].std() == pytest.approx(1, abs=0.05)
    # The first visit is about two months after 24, so a fifteenth of the fall is over by then.
    assert (end - first)[late].mean() == pytest.approx(-1 * 28 / 30, abs=0.06)
    ill_years = (many.age[:, -1] - many.onset) / 12
    assert ((end - first) / ill_years)[stop].mean() == pytest.approx(-0.95, abs=0.04)
    assert ((end - first) / ill_years)[fade].mean() == pytest.approx(-0.375, abs=0.03)


def test_no_height_has_any_z():
    row = (np.array([v]) for v in (0.9, 100.0, 0.05))
    L, M, S = row
    for z in (-22.3, 101.0):
        with pytest.raises(ValueError, match="beyond any height"):
            height_at(np.array([z]), L, M, S)
    assert height_at(np.array([-22.0]), L, M, S) < 1


def test_a_tape_measures_to_a_millimetre_and_errs(many):
    assert np.allclose(many.height * 10, np.round(many.height * 10))
    exact, rough = (make_children(3000, seed=5, tape=t) for t in (0.0, 1.0))
    assert (exact.height - rough.height)[exact.there].std() == pytest.approx(1, abs=0.03)
    assert make_children(3, seed=5).height.tolist() == make_children(3, seed=5).height.tolist()


def test_a_population_that_grows_taller():
    same, tall = (make_children(2000, seed=6, tape=0, taller=t) for t in (0.0, 0.05))
    ratio = tall.height / same.height
    expected = 1 + 0.05 * (same.age - 24) / 96
    np.testing.assert_allclose(ratio, expected, atol=2e-3)


def test_healthy_children_have_no_illness():
    found = make_children(3000, seed=8, healthy=True)
    assert not found.ill.any()
    np.testing.assert_allclose(np.bincount(found.kind) / 3000, [5 / 7, 1 / 7, 1 / 7], atol=0.03)


def test_what_follows_the_last_visit_repeats_it(many):
    rows = np.arange(len(many.visits))
    for values in many[:2]:
        last = values[rows, many.visits - 1][:, None]
        assert (np.where(many.there, last, values) == last).all()
    assert many.there.all(axis=1).any(), "no column is empty"


def test_missed_visits_leave_the_others(rng):
    full = make_children(400, seed=9)
    half = full.without(0.5, seed=1)
    assert (half.age[:, 0] == full.age[:, 0]).all()
    assert ((half.visits - 1) / (full.visits - 1)).mean() == pytest.approx(0.5, abs=0.03)
    for i in range(400):
        n = half.visits[i]
        kept = dict(zip(full.age[i], full.height[i], strict=True))
        assert [kept[a] for a in half.age[i, :n]] == half.height[i, :n].tolist()
        assert (np.diff(half.age[i, :n]) > 0).all()
        assert (half.age[i, n:] == half.age[i, n - 1]).all()
    none = full.without(0.0, seed=1)
    assert all((a == b).all() for a, b in zip(none, full, strict=True))


@pytest.mark.agreement
def test_the_likelihood_is_a_normal_distribution(rng, agreement):
    age, z = visits(rng, 1, 6)
    noise = rng.uniform(0.01, 0.1, size=(1, 6))
    years = (age[0] - age[0, 0]) / 12
    cov = 0.7**2 + 0.15**2 * np.minimum.outer(years, years) + np.diag(noise[0])
    agreement(
        log_likelihood(age, z, noise, -0.4, 0.7)[0],
        lambda: [
            stats.multivariate_normal.logpdf(z[0, :t], np.full(t, -0.4), cov[:t, :t])
            for t in range(1, 7)
        ],
        what="log-likelihood of 1 to 6 visits",
        against="SciPy's multivariate normal density, float64",
        atol=1e-9,
    )
    for bad, spread in ((0 * noise, 1.0), (noise, 0.0)):
        with pytest.raises(ValueError, match="above 0"):
            log_likelihood(age, z, bad, 0.0, spread)


def test_the_plans_are_all_that_can_be():
    found = plans(steps=4, rates=2)
    assert len(found) == 1 + 1 + 2 + 8 + 8
    assert sum(part for *_, part in found) == pytest.approx(1)
    for kind, share in children.SHARES.items():
        own = [p for p in found if p[0] == kind]
        assert sum(p[3] for p in own) == pytest.approx(share)
        if kind in children.FALL:
            assert np.mean([p[1] for p in own]) == pytest.approx(np.mean(children.FALL[kind]))
    stops = sorted({p[2] for p in found if p[0] == "sudden stop"})
    assert stops == [43.5, 58.5, 73.5, 88.5]
    assert {p[2] for p in found if p[0] == "late"} == {0}


#: Kind, fall, onset, probability: middles of two halves of each range that the page's world has.
PLANS = [
    ("usual", 0, 0, 0.5),
    ("small", 0, 0, 0.1),
    *(("late", much, 0, 0.05) for much in (0.8, 1.2)),
    *(("sudden stop", much, at, 0.0375) for much in (0.825, 1.075) for at in (51, 81)),
    *(("slow fading", much, at, 0.0375) for much in (0.3125, 0.4375) for at in (51, 81)),
]


def odds_by_densities(age, z, noise):
    """The log-odds after the last of some visits, by SciPy's densities."""
    years = (age - age[0]) / 12
    ill = well = 0.0
    for kind, much, onset, part in PLANS:
        off = 0 * age
        if kind == "late":
            off = -much * np.clip((age - 24) / 30, 0, 1)
        elif kind in ("sudden stop", "slow fading"):
            off = -much * np.maximum(age - onset, 0) / 12
        mean, spread = (-2.2, 0.3) if kind == "small" else (0, 1)
        cov = spread**2 + 0.15**2 * np.minimum.outer(years, years) + np.diag(noise)
        density = part * stats.multivariate_normal.pdf(z, mean + off, cov)
        if onset and age[-1] >= onset:
            ill += density
        else:
            well += density
    return np.clip(np.log(ill / well), -50, 50) if ill else -50


@pytest.mark.agreement
def test_the_odds_are_bayes_rule(rng, agreement):
    few = make_children(8, seed=int(rng.integers(2**31)))
    z, (_, M, S) = few.z(), lms(few.age, *data.heights("boys"))
    places = [(i, t) for i in range(8) for t in (1, few.visits[i] // 2, few.visits[i])]
    found = true_odds(few, steps=2, rates=2)
    agreement(
        [found[i, t - 1] for i, t in places],
        lambda: [
            odds_by_densities(few.age[i, :t], z[i, :t], (0.5 / (M * S))[i, :t] ** 2)
            for i, t in places
        ],
        what="log-odds of an illness after 1 to all visits of 8 children",
        against="sums of SciPy's normal densities, float64",
        atol=1e-6,
    )


def test_the_odds_are_true():
    """Of the visits to which it gives a chance of about 30 %, about 30 % are of ill children."""
    few = make_children(1500, seed=12)
    odds = true_odds(few)
    now = few.ill[:, None] & (few.age >= few.onset[:, None])
    chance = 1 / (1 + np.exp(-odds[few.there]))
    for low, high in ((0, 0.1), (0.1, 0.4), (0.4, 0.7), (0.7, 1)):
        rows = (chance >= low) & (chance <= high)
        assert now[few.there][rows].mean() == pytest.approx(chance[rows].mean(), abs=0.06)
    fine = true_odds(Children(*(v[:60] for v in few)), steps=30, rates=9)
    rough = 1 / (1 + np.exp(-odds[:60]))
    np.testing.assert_allclose(rough, 1 / (1 + np.exp(-fine)), atol=0.12)
    rows = np.arange(1500)
    last = odds[rows, few.visits - 1][:, None]
    assert (np.where(few.there, last, odds) == last).all()


@pytest.fixture
def net(rng):
    with torch.random.fork_rng():
        torch.manual_seed(int(rng.integers(2**31)))
        return Watcher(5)


def arrays(net):
    """The weights under the names that the page's file has."""
    gru = {name.removesuffix("_l0"): p for name, p in net.gru.named_parameters()}
    named = gru | {"out_weight": net.out.weight, "out_bias": net.out.bias}
    return {name: p.detach().numpy() for name, p in named.items()}


def test_the_net_is_the_gru_of_its_lesson(net):
    few = make_children(6, seed=3)
    w = {name: a.astype(float) for name, a in arrays(net).items()}
    H = net.gru.hidden_size
    bias = w["bias_ih"].copy()
    bias[: 2 * H] += w["bias_hh"][: 2 * H]
    cell = GRU(w["weight_ih"].T, w["weight_hh"].T, bias, w["bias_hh"][2 * H :])
    for sex in ("boys", "girls"):
        seen, found = inputs(few.age, few.z(sex)), net.score(few, sex)
        for i in range(6):
            n = few.visits[i]
            states, _ = cell.forward(seen[i, :n, None], np.zeros((1, H)))
            expected = states[:, 0] @ w["out_weight"][0] + w["out_bias"][0]
            np.testing.assert_allclose(found[i, :n], expected, atol=1e-5)
            np.testing.assert_allclose(found[i, n:], expected[-1], atol=1e-5)


def test_what_the_net_reads():
    age, z = np.array([[24.0, 34, 41]]), np.array([[1.0, 2, 3]])
    expected = [[-2, 1, -7 / 3], [-38 / 24, 2, 1], [-31 / 24, 3, 0]]
    np.testing.assert_allclose(inputs(age, z)[0], expected)


def test_a_net_learns_to_watch():
    learn, test = make_children(500, seed=20), make_children(200, seed=21)
    state = torch.random.get_rng_state()
    found = fit_watcher(learn, seed=0, passes=8, batch=64).score(test)
    assert torch.equal(state, torch.random.get_rng_state())
    ill = test.ill & (test.age[:, -1] - test.onset > 24)
    assert np.median(found[ill, -1]) > 1
    assert np.median(found[~test.ill, -1]) < -1


def test_the_seed_makes_the_net():
    learn = make_children(40, seed=2)
    one, again, other = (fit_watcher(learn, seed=s, passes=1).score(learn) for s in (0, 0, 1))
    assert (one == again).all()
    assert (one != other).any()


def test_training_takes_all_visits_once_a_pass_and_the_rate_falls(monkeypatch):
    learn, rates, sums = make_children(50, seed=2), [], []
    monkeypatch.setattr(
        torch.optim.Adam,
        "step",
        lambda self, closure=None: rates.append(self.param_groups[0]["lr"]),
    )
    loss = torch.nn.functional.binary_cross_entropy_with_logits

    def watched(s, label, weight, reduction):
        sums.append((len(s), float(weight.sum()), float((label * weight).sum())))
        assert reduction == "sum"
        return loss(s, label, weight=weight, reduction=reduction)

    monkeypatch.setattr(torch.nn.functional, "binary_cross_entropy_with_logits", watched)
    fit_watcher(learn, seed=0, rate=0.6, passes=2, batch=20)
    np.testing.assert_allclose(rates, [0.6, 0.5, 0.4, 0.3, 0.2, 0.1])
    begun = learn.ill[:, None] & (learn.age >= learn.onset[:, None]) & learn.there
    whole = np.array(sums).reshape(2, 3, 3).sum(axis=1)
    np.testing.assert_allclose(whole, [[50, learn.visits.sum(), begun.sum()]] * 2)


def test_the_first_step_is_adams():
    learn = make_children(10, seed=2)
    torch.manual_seed(7)
    before = Watcher(6)
    after = fit_watcher(learn, seed=7, hidden=6, rate=0.01, passes=1, batch=10)
    moved = after.out.bias - before.out.bias
    assert abs(moved.item()) == pytest.approx(0.01, rel=1e-2)


def test_the_defaults_are_those_that_the_page_states():
    assert Watcher().gru.hidden_size == 16
    given = fit_watcher.__kwdefaults__
    assert given == {"hidden": 16, "rate": 0.12, "passes": 12, "batch": 256}
    assert len(KINDS) == 5
    assert (children.TAPE, children.LATE_UNTIL, children.WANDER) == (0.5, 54, 0.15)
    assert list(children.FALL.values()) == [(0.6, 1.4), (0.7, 1.2), (0.25, 0.5)]
    assert children.ONSET == (36, 96)
    assert sum(list(children.SHARES.values())[3:]) == pytest.approx(0.3)
    assert ceiling.TAPE == children.TAPE
    assert rules.fall_since.__wrapped__.__defaults__ == (0,)
    assert true_odds.__defaults__ == (10, 3)


SCRIPT = "docs/applications/growth_delays.js"


def page_table():
    return {name: column.tolist() for name, column in data.heights("boys")._asdict().items()}


@pytest.mark.browser
def test_the_figure_reads_the_chart_as_python_does(js, rng):
    table = page_table()
    for age in (24.0, 119.9, *rng.uniform(24, 120, size=3)):
        row = lms(np.array([age]), *data.heights("boys"))
        found = js(SCRIPT, "lms", table, float(age))
        np.testing.assert_allclose(found, np.ravel(row), atol=1e-9)
        h = float(rng.uniform(80, 150))
        z = js(SCRIPT, "zScore", h, found)
        assert z == pytest.approx(z_score(np.array([h]), *row)[0], abs=1e-9)
        assert js(SCRIPT, "heightAt", z, found) == pytest.approx(h, abs=1e-9)
    flat = [0, 100.0, 0.04]
    assert js(SCRIPT, "zScore", 104.0, flat) == pytest.approx(np.log(1.04) / 0.04)
    assert js(SCRIPT, "heightAt", 1.0, flat) == pytest.approx(100 * np.exp(0.04))


@pytest.mark.browser
def test_the_figures_ways_are_pythons(js, rng, net):
    age, z = visits(rng, 3, 9)
    w, b = rng.normal(size=23).astype(np.float32), rng.normal(size=1).astype(np.float32)
    for i in range(3):
        ages, zs = age[i].tolist(), z[i].tolist()
        one = age[i : i + 1], z[i : i + 1]
        for months, start in ((1000, 0), (12, 48), (24, 48)):
            found = js(SCRIPT, "fallSince", ages, zs, months, start)
            np.testing.assert_allclose(found, fall_since(*one, months, start)[0], atol=1e-12)
        np.testing.assert_allclose(js(SCRIPT, "falls", ages, zs), falls(*one)[0], atol=1e-9)
        found = js(SCRIPT, "summed", {"w": w, "b": b}, ages, zs)
        np.testing.assert_allclose(found, falls(*one)[0] @ w + b, atol=1e-5)
        with torch.no_grad():
            expected = net(torch.from_numpy(inputs(*one)).float())[0].numpy()
        np.testing.assert_allclose(js(SCRIPT, "watch", arrays(net), ages, zs), expected, atol=1e-5)


@pytest.mark.browser
def test_a_bar_stands_at_half_at_its_limit(js):
    for way in ("bands", "rule", "sum", "net"):
        at, above, below = (js(SCRIPT, "bar", way, s, 0.8) for s in (0.8, 1.0, 0.6))
        assert at == pytest.approx(0.5)
        assert below < at < above
    assert js(SCRIPT, "bar", "rule", 9, 0.8) == 1
    assert js(SCRIPT, "bar", "bands", -1, 0.8) == 0
    assert [js(SCRIPT, "years", a) for a in (24, 35.6, 119.7)] == ["2 y 0 m", "3 y 0 m", "10 y 0 m"]
