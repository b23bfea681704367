"""Scores and weights against scikit-learn, the reader against the GRU lesson, and the figure."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import accuracy_score
from sklearn.utils.class_weight import compute_sample_weight

from introdl.applications.demographic_prediction.reader import Reader, by_length, fit_reader
from introdl.applications.demographic_prediction.tables import (
    balance,
    best_possible,
    clean,
    ends,
    pieces,
    reliability,
    score,
)
from introdl.sequences.gru.cell import GRU

SAME = {
    "((loss.sum() * batch)).backward()": "Adam divides by the size of the slope",
}
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def odd_input(rng):
    female, male = rng.integers(1, 50, size=(2, 6)).astype(float)
    says = np.array([0, 1, 1, 0, 1, 0])
    names = ["ab", "ba", "abc", "cab", "bac", "c"]
    return {
        "score": {"female": female, "male": male, "says": says},
        "best_possible": {"female": female, "male": male},
        "balance": {"chance": rng.uniform(size=6)},
        "reliability": {"says": rng.uniform(size=6), "female": female, "male": male, "bins": 3},
        "fit_reader": {"names": names, "female": female, "male": male, "seed": 0, "passes": 1},
    }


def listed(rng, n=40):
    """Shares of two tables, some of them 0 in one."""
    female, male = rng.uniform(size=(2, n)).round(3)
    female[: n // 4] = 0
    male[-(n // 4) :] = 0
    return female, male


@pytest.mark.agreement
def test_the_score_by_people_is_scikit_learns(rng, agreement):
    female, male = listed(rng)
    says = rng.integers(2, size=len(female))
    agreement(
        score(female, male, says).by_people,
        lambda: accuracy_score(
            np.repeat([1, 0], len(says)),
            np.tile(says, 2),
            sample_weight=np.concatenate([female, male]),
        ),
        what="score by people of 40 answers",
        against="scikit-learn's accuracy_score with weights, float64",
        atol=1e-12,
    )


def test_the_score_by_name_is_a_loop(rng):
    female, male = listed(rng)
    says = rng.integers(2, size=len(female))
    one = [(f if s else m) / (f + m) for f, m, s in zip(female, male, says, strict=True)]
    assert score(female, male, says).by_name == pytest.approx(sum(one) / len(one), abs=1e-12)


def test_no_answers_beat_the_best_possible(rng):
    female, male = listed(rng)
    best = best_possible(female, male)
    for _ in range(200):
        tried = score(female, male, rng.integers(2, size=len(female)))
        assert tried.by_name < best.by_name
        assert tried.by_people < best.by_people
    assert best == score(female, male, female > male)
    assert best_possible(male, female) == pytest.approx(best)


def test_the_page_by_hand():
    two = best_possible(np.array([2629, 154]), np.array([9, 81]))
    assert two == pytest.approx((0.826, 0.969), abs=5e-4)
    three = best_possible(np.array([2629, 154, 12]), np.array([9, 81, 56]))
    assert three == pytest.approx((0.825, 0.965), abs=5e-4)


@pytest.mark.agreement
def test_the_balance_is_scikit_learns(rng, agreement):
    label = rng.permutation(np.arange(30) % 3 == 0).astype(float)
    female, male = balance(label)
    agreement(
        female + male,
        lambda: compute_sample_weight("balanced", label),
        what="weights of 30 labelled names",
        against="scikit-learn's compute_sample_weight, float64",
        atol=1e-12,
    )
    assert not female[label == 0].any()
    assert not male[label == 1].any()


def test_the_balance_of_divided_names(rng):
    chance = rng.uniform(size=12)
    female, male = balance(chance)
    assert female.sum() == pytest.approx(6)
    assert male.sum() == pytest.approx(6)
    np.testing.assert_allclose(female / female.sum(), chance / chance.sum())
    np.testing.assert_allclose(male / male.sum(), (1 - chance) / (1 - chance).sum())


@pytest.mark.parametrize("label", [0, 1])
def test_one_table_alone_has_no_balance(label):
    with pytest.raises(ValueError, match="both tables must have a name"):
        balance(np.full(3, label))


def test_shares_are_refused_where_no_table_lists_a_name():
    for female, male in (([0, 1], [0, 1]), ([-1, 1], [2, 1]), ([1, 1], [-0.5, 1])):
        with pytest.raises(ValueError, match="one of them above 0"):
            best_possible(np.array(female), np.array(male))


def test_ends_looks_at_the_last_letter():
    assert ends(["maria", "luigi", "jane", "john", "aiden", ""]).tolist() == [1, 1, 1, 0, 0, 0]
    assert ends(["maria", "john"], "n").tolist() == [0, 1]


@given(st.text(LETTERS, max_size=9), st.integers(1, 5))
def test_pieces_are_scikit_learns_character_groups(name, longest):
    analyze = CountVectorizer(
        analyzer="char", ngram_range=(1, longest), lowercase=False
    ).build_analyzer()
    found = pieces(name, longest)
    assert len(found) == len(set(found))
    assert sorted(found) == sorted(set(analyze(f"^{name}$")))


def test_reliability_is_scikit_learns(rng):
    says = rng.uniform(size=300)
    label = (rng.uniform(size=300) < says).astype(float)
    mean, share, weight = reliability(says, label, 1 - label, 7)
    true, predicted = calibration_curve(label, says, n_bins=7)
    np.testing.assert_allclose([share, mean], [true, predicted], atol=1e-12)
    assert weight.sum() == pytest.approx(300)
    doubled = reliability(says, 3 * label, 3 - 3 * label, 7)
    np.testing.assert_allclose(doubled[:2], [mean, share])


def test_an_empty_bin_is_no_number_and_a_chance_of_one_has_a_place():
    mean, share, weight = reliability(np.array([1.0, 0.9]), np.ones(2), np.ones(2), 2)
    np.testing.assert_allclose(mean, [np.nan, 0.95])
    np.testing.assert_allclose(share, [np.nan, 0.5])
    np.testing.assert_allclose(weight, [0, 4])
    light = reliability(np.array([0.2, 0.9]), np.full(2, 0.3), np.full(2, 0.1), 2)
    np.testing.assert_allclose(light, [[0.2, 0.9], [0.75, 0.75], [0.4, 0.4]])


def test_names_are_sorted_by_length():
    found = {
        rows.shape[1]: (places.tolist(), rows.tolist())
        for places, rows in by_length(["ab", "zoe", "ba"])
    }
    assert found == {2: ([0, 2], [[0, 1], [1, 0]]), 3: ([1], [[25, 14, 4]])}


@pytest.fixture
def net(rng):
    with torch.random.fork_rng():
        torch.manual_seed(int(rng.integers(2**31)))
        return Reader(5, 6)


def some_names(rng, n=12):
    return ["".join(rng.choice(list(LETTERS), size=rng.integers(1, 9))) for _ in range(n)]


def arrays(net):
    """The weights under the names that the page's file has."""
    gru = {name.removesuffix("_l0"): p for name, p in net.gru.named_parameters()}
    named = gru | {
        "letters": net.letters.weight,
        "out_weight": net.out.weight,
        "out_bias": net.out.bias,
    }
    return {name: p.detach().numpy() for name, p in named.items()}


def test_the_reader_is_the_gru_of_its_lesson(net, rng):
    names = some_names(rng)
    w = {name: a.astype(float) for name, a in arrays(net).items()}
    H = net.gru.hidden_size
    bias = w["bias_ih"].copy()
    bias[: 2 * H] += w["bias_hh"][: 2 * H]
    cell = GRU(w["weight_ih"].T, w["weight_hh"].T, bias, w["bias_hh"][2 * H :])
    expected = []
    for name in names:
        x = w["letters"][[LETTERS.index(c) for c in name]][:, None]
        states, _ = cell.forward(x, np.zeros((1, H)))
        s = (w["out_weight"] @ states[-1, 0] + w["out_bias"])[0]
        expected.append(1 / (1 + np.exp(-s)))
    np.testing.assert_allclose(net.chance(names), expected, atol=1e-5)
    assert not net.training


def test_a_reader_learns_an_order():
    names = ["ab", "ba", "xab", "xba", "abx", "bax"] * 6
    label = np.array([1.0, 0] * 18)
    before = torch.random.get_rng_state()
    net = fit_reader(names, *balance(label), seed=3, passes=60)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert ((net.chance(names) > 0.5) == label).all()
    again = fit_reader(names, *balance(label), seed=3, passes=60)
    np.testing.assert_array_equal(again.chance(names), net.chance(names))
    other = fit_reader(names, *balance(label), seed=4, passes=60)
    assert (other.chance(names) != net.chance(names)).any()


def test_a_divided_name_gets_its_share():
    names = ["leslie"] * 64
    weights = np.full(64, 0.7), np.full(64, 0.3)
    net = fit_reader(names, *weights, seed=0, passes=150, rate=0.01)
    assert net.chance(["leslie"])[0] == pytest.approx(0.7, abs=0.03)


def test_the_first_step_is_adams(rng):
    """One batch, once: each weight with a slope moves by the rate, against it."""
    names, label = ["ab", "cd"], np.array([1.0, 0])
    torch.manual_seed(7)
    before = Reader()
    after = fit_reader(names, *balance(label), seed=7, rate=0.01, passes=1, batch=2)
    moved = after.out.bias - before.out.bias
    assert abs(moved.item()) == pytest.approx(0.01, rel=1e-2)
    others = [c for c in range(26) if c > 3]  # letters that were not read stay
    assert torch.equal(after.letters.weight[others], before.letters.weight[others])


def test_a_pass_takes_names_of_one_length_and_the_rate_falls(monkeypatch):
    rates = []
    monkeypatch.setattr(
        torch.optim.Adam,
        "step",
        lambda self, closure=None: rates.append(self.param_groups[0]["lr"]),
    )
    seen = []
    forward = Reader.forward
    monkeypatch.setattr(
        Reader,
        "forward",
        lambda self, rows: (seen.append(tuple(rows.shape)), forward(self, rows))[1],
    )
    names = ["ab"] * 5 + ["abc"] * 3
    fit_reader(names, np.ones(8), np.ones(8), seed=0, rate=0.6, passes=2, batch=3)
    assert sorted(seen) == [(2, 2)] * 2 + [(3, 2)] * 2 + [(3, 3)] * 2
    np.testing.assert_allclose(rates, [0.6, 0.5, 0.4, 0.3, 0.2, 0.1])


SCRIPT = "docs/applications/demographic_prediction.js"


@pytest.mark.browser
def test_the_figure_cuts_names_as_python_does(js, rng):
    for name in ["a", "anna", *some_names(rng, 4)]:
        assert js(SCRIPT, "pieces", name) == pieces(name)


@pytest.mark.browser
def test_the_figure_adds_weights_as_python_does(js, rng):
    names = some_names(rng, 8)
    groups = sorted({group for name in names[:5] for group in pieces(name)})[::2]
    w, b = rng.normal(size=len(groups)), rng.normal(size=1)
    place = {group: i for i, group in enumerate(groups)}
    for name in names:
        known = [group for group in pieces(name) if group in place]
        total = b[0] + sum(w[place[group]] for group in known)
        found = js(SCRIPT, "pulls", name, groups, w.tolist(), b.tolist())
        assert [group for group, _ in found["found"]] == known
        assert found["chance"] == pytest.approx(1 / (1 + np.exp(-total)), abs=1e-9)


@pytest.mark.browser
def test_the_figure_reads_as_python_does(js, net, rng):
    for name in some_names(rng, 3):
        starts = [name[: n + 1] for n in range(len(name))]
        found = js(SCRIPT, "read", arrays(net), name)
        np.testing.assert_allclose(found, net.chance(starts), atol=1e-5)


@pytest.mark.browser
def test_the_figure_cleans_rounds_and_keeps_silent(js):
    for text, kept in (
        (" Zoë-Anne 3 ", "zoeanne"),
        ("x" * 40, "x" * 15),
        ("SØREN", "soren"),
        ("Łukasz", "lukasz"),
        ("Weiß", "weiss"),
        ("Æsa", "aesa"),
        ("Иван", ""),
    ):
        assert js(SCRIPT, "clean", text) == clean(text) == kept
    assert [js(SCRIPT, "percent", c) for c in (0.0001, 0.554, 0.999)] == ["1", "55", "99"]
    for chance, sure, said in (
        (0.7, 0.6, "female"),
        (0.3, 0.6, "male"),
        (0.7, 0.8, "no answer"),
        (0.3, 0.8, "no answer"),
        (0.5, 0.5, "no answer"),
    ):
        assert js(SCRIPT, "answer", chance, sure) == said


@pytest.mark.browser
def test_the_figure_says_what_is_listed(js):
    assert js(SCRIPT, "listed", "Xy", 0, 0, False) == "Xy is in neither table."
    text = js(SCRIPT, "listed", "Leslie", 154, 81, True)
    assert "154 of 100,000 people in the female table and 81" in text
    assert "right for 66 %" in text
    assert text.endswith("Neither model learned from it.")
    alone = js(SCRIPT, "listed", "Mary", 2629, 0, False)
    assert "2,629" in alone
    assert "The other table does not list it. Both models learned from it." in alone


def test_names_without_weights_are_refused():
    for names in ([], ["ab"], ["ab", "ba", "bb"]):
        with pytest.raises(ValueError, match="names for weights"):
            fit_reader(names, np.ones(2), np.ones(2), seed=0)


def test_the_defaults_are_those_that_the_page_states():
    """The page states 64 cells and ten passes; its table counts 16,225 numbers."""
    net = Reader()
    assert (net.letters.embedding_dim, net.gru.hidden_size, net.drop.p) == (16, 64, 0.3)
    assert sum(p.numel() for p in net.parameters()) == 16_225
    given = fit_reader.__wrapped__.__kwdefaults__
    assert given == {"rate": 0.02, "passes": 10, "batch": 128}
