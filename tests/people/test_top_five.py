"""Ranks and errors against scikit-learn and SciPy, pictures against their meaning, the figure."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist
from scipy.special import softmax
from scipy.stats import rankdata
from sklearn.metrics import top_k_accuracy_score

from introdl.people.top_five import (
    ALPHABETS,
    CHARACTERS,
    SIDE,
    ceiling,
    drawn,
    fit,
    label_ranks,
    look_alikes,
    nearest_scores,
    small_net,
    top_k_error,
)

SAME = {
    "row = 1 - np.asarray(canvas.buffer_rgba())[..., 1] / 255": "ink is grey: all channels agree",
    "def _classes(labels: np.ndarray, scores: np.ndarray, k: int = 2, **_: object) -> None:": (
        "stands for a call without k, and any k from 1 on is allowed"
    ),
}


def odd_input(rng):
    scores, labels = rng.normal(size=(6, 4)), np.array([0, 1, 2, 3, 1, 0])
    torch.manual_seed(0)
    return {
        "label_ranks": {"scores": scores, "labels": labels},
        "top_k_error": {"scores": scores, "labels": labels, "k": 2},
        "look_alikes": {"pictures": rng.uniform(size=(4, 3, 3))},
        "ceiling": {"groups": np.array([0, 0, 1, 2, 1, 0]), "k": 1},
        "nearest_scores": {
            "pictures": rng.normal(size=(5, 3)),
            "known": rng.normal(size=(6, 3)),
            "labels": labels,
            "classes": 4,
        },
        "fit": {
            "net": small_net(4),
            "pictures": rng.uniform(size=(6, 24, 24)),
            "labels": labels,
            "rate": 0.01,
            "epochs": 1,
            "seed": 0,
        },
    }


@pytest.mark.agreement
@pytest.mark.parametrize("k", [1, 2, 5, 11])
def test_the_error_is_one_less_scikit_learns_accuracy(k, rng, agreement):
    scores, labels = rng.normal(size=(300, 12)), rng.integers(0, 12, size=300)
    agreement(
        top_k_error(scores, labels, k),
        lambda: 1 - top_k_accuracy_score(labels, scores, k=k, labels=np.arange(12)),
        what=f"top-{k} error of 300 pictures, 12 classes",
        against="scikit-learn top_k_accuracy_score, float64",
        atol=1e-12,
    )


@pytest.mark.agreement
def test_ranks_are_scipys_with_ties_against_the_label(rng, agreement):
    scores, labels = rng.integers(0, 5, size=(200, 9)), rng.integers(0, 9, size=200)
    agreement(
        label_ranks(scores, labels),
        lambda: rankdata(-scores, method="max", axis=1)[np.arange(200), labels],
        what="ranks of the right class, with ties",
        against="SciPy rankdata, method max",
        atol=0,
    )


def test_a_net_that_scores_all_alike_is_right_with_all_guesses_alone():
    scores, labels = np.ones((3, 6)), np.array([0, 2, 5])
    assert [top_k_error(scores, labels, k) for k in (1, 5, 6)] == [1, 1, 0]


@pytest.mark.agreement
def test_nearness_is_that_of_scipys_distances(rng, agreement):
    X, known = rng.normal(size=(20, 7)), rng.normal(size=(60, 7))
    labels = rng.permutation(np.arange(60) % 5)

    def reference():
        squares = cdist(X, known, "sqeuclidean")
        return np.array([[-min(row[labels == c]) for c in range(5)] for row in squares])

    agreement(
        nearest_scores(X, known, labels, 5),
        reference,
        what="minus the squared distance to the nearest picture of each class",
        against="SciPy cdist, float64",
        atol=1e-10,
    )


def test_pictures_are_alike_where_every_pixel_is(rng):
    pictures = rng.integers(0, 2, size=(40, 2, 2)).astype(float)
    found = look_alikes(pictures)
    for i, j in itertools.product(range(40), repeat=2):
        assert (found[i] == found[j]) == bool((pictures[i] == pictures[j]).all())
    assert set(found) == set(range(found.max() + 1))


def test_no_rule_does_better_than_the_ceiling_and_one_reaches_it(rng):
    groups = rng.integers(0, 4, size=7)
    for k in (1, 2, 3):
        # A rule names k classes for each picture that can be told apart from the others.
        rules = itertools.combinations(range(7), k)
        covered = [
            [sum(c in rule for c in np.flatnonzero(groups == g)) for g in range(4)]
            for rule in rules
        ]
        best = np.max(covered, axis=0).sum() / 7
        assert ceiling(groups, k) == pytest.approx(best, abs=1e-12)


def test_the_alphabets_hold_what_they_say():
    assert len(CHARACTERS) == len(set(CHARACTERS)) == 177
    assert [len(letters) for letters in ALPHABETS.values()] == [10, 52, 49, 66]
    for letters in list(ALPHABETS.values())[1:]:
        capitals = [c for c in letters if c.isupper()]
        assert list(letters[: len(capitals)]) == capitals
        assert {c.lower() for c in capitals} <= set(letters)


@pytest.fixture(scope="module")
def sans():
    return dict(zip(CHARACTERS, drawn("DejaVuSans"), strict=True))


def test_letters_of_one_shape_are_one_picture(sans):
    for letters in ("PΡР", "AΑА", "oοо"):
        assert all(np.array_equal(sans[letters[0]], sans[c]) for c in letters[1:])
    for letters in ("PR", "cC", "ΩO", "ИN"):
        assert not np.array_equal(*(sans[c] for c in letters))


def test_pictures_stand_on_one_line_with_their_ink_in_the_middle(sans):
    for character, picture in sans.items():
        assert picture.shape == (SIDE, SIDE)
        assert picture.min() == 0
        assert 0.5 < picture.max() <= 1
        assert ((picture > 0) & (picture < 1)).any() or character in "HIΗΙНEL", character
        columns = np.flatnonzero(picture.any(axis=0))
        assert columns[0] - (SIDE - 1 - columns[-1]) in (0, 1), character
    for character in "HxΠЖ":
        rows = np.flatnonzero(sans[character].any(axis=1))
        assert rows[-1] == 17, character
    assert np.flatnonzero(sans["p"].any(axis=1))[-1] > 18
    assert np.flatnonzero(sans["H"].any(axis=1))[0] < np.flatnonzero(sans["x"].any(axis=1))[0]


def test_what_leaves_no_ink_or_too_much_is_refused():
    with pytest.raises(ValueError, match="leaves no ink"):
        drawn("DejaVuSans", "A ")
    with pytest.raises(ValueError, match="more than fits"):
        drawn("DejaVuSans", "A\N{COMBINING CYRILLIC HUNDRED THOUSANDS SIGN}")


def test_training_is_pytorchs_own_loop(rng):
    X, y = rng.uniform(size=(10, 24, 24)), rng.integers(0, 3, size=10)
    torch.manual_seed(1)
    ours, theirs = small_net(3), small_net(3)
    theirs.load_state_dict(ours.state_dict())
    fit(ours, X, y, rate=0.01, epochs=2, seed=5, batch=4)
    optimizer = torch.optim.Adam(theirs.parameters(), lr=0.01)
    pace = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, total_steps=6)
    order = torch.Generator().manual_seed(5)
    for _ in range(2):
        at = torch.randperm(10, generator=order)
        for rows in (at[:4], at[4:8], at[8:]):
            sums = theirs(torch.tensor(X[rows][:, None], dtype=torch.float32))
            loss = -sums.log_softmax(1)[torch.arange(len(rows)), torch.tensor(y[rows])].mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            pace.step()
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-5)


def test_a_step_takes_64_pictures_unless_told():
    net, seen = small_net(2), []
    net.register_forward_hook(lambda module, given, out: seen.append(len(out)))
    fit(net, np.zeros((65, 24, 24)), np.arange(65) % 2, rate=0.01, epochs=1, seed=0)
    assert seen == [64, 1]


def test_it_learns_what_can_be_learned():
    sheets = drawn("DejaVuSans", "ABCDE")
    torch.manual_seed(0)
    net = small_net(5)
    fit(
        net,
        np.repeat(sheets, 20, axis=0),
        np.repeat(np.arange(5), 20),
        rate=0.01,
        epochs=10,
        seed=0,
    )
    with torch.no_grad():
        scores = net(torch.tensor(sheets, dtype=torch.float32)[:, None]).numpy()
    assert top_k_error(scores, np.arange(5), 1) == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": np.array([0, 4])}, "labels must be 0 to 3, got 0 to 4"),
        ({"labels": np.array([-1, 2])}, "labels must be 0 to 3, got -1 to 2"),
        ({"k": 0}, "k must be 1 or more, got 0"),
    ],
)
def test_what_is_no_class_or_no_guess_is_refused(change, message):
    given = {"scores": np.zeros((2, 4)), "labels": np.array([0, 3]), "k": 1}
    with pytest.raises(ValueError, match=message):
        top_k_error(**given | change)


def test_other_odd_calls_are_refused():
    with pytest.raises(ValueError, match="k must be 1 or more, got 0"):
        ceiling(np.array([0, 1]), 0)
    with pytest.raises(ValueError, match="each class from 0 to 2"):
        nearest_scores(np.zeros((1, 2)), np.zeros((2, 2)), np.array([0, 1]), 3)
    given = {"pictures": np.zeros((2, 24, 24)), "rate": 0.01, "seed": 0}
    for labels in ([0, 3], [-1, 2]):
        with pytest.raises(ValueError, match="labels must be 0 to 2"):
            fit(small_net(3), labels=np.array(labels), epochs=1, **given)
    with pytest.raises(ValueError, match="epochs must be 1 or more, got 0"):
        fit(small_net(3), labels=np.array([0, 2]), epochs=0, **given)


SCRIPT = "docs/people/top_five.js"


@pytest.mark.browser
def test_the_figures_scores_are_the_nets(js, rng):
    torch.manual_seed(3)
    net = small_net(20)
    names = ("w1", "b1", "w2", "b2", "w3", "b3")
    weights = {n: w.detach().numpy() for n, w in zip(names, net.parameters(), strict=True)}
    picture = rng.uniform(size=(24, 24)).astype(np.float32)
    theirs = js(SCRIPT, "scored", picture.ravel(), weights)
    with torch.no_grad():
        ours = net.double()(torch.tensor(picture, dtype=torch.float64)[None, None])[0].numpy()
    np.testing.assert_allclose(theirs, ours, atol=1e-5)


@pytest.mark.browser
def test_the_figures_rank_is_pythons(js, rng):
    for _ in range(6):
        scores, label = rng.integers(0, 6, size=12), int(rng.integers(0, 12))
        assert (
            js(SCRIPT, "rank", scores.tolist(), 12, label)
            == label_ranks(scores[None], np.array([label]))[0]
        )
    assert js(SCRIPT, "rank", [1.0, 5.0, 3.0, 9.0], 3, 2) == 2, "the fourth is no choice"
    assert js(SCRIPT, "rank", [1.0, 5.0, 3.0, 9.0], 3, 3) == 0
    assert js(SCRIPT, "guesses", [1.0, 5.0, 3.0, 9.0], 3, 0) == [1, 2, 0]


@pytest.mark.browser
def test_the_figures_shares_are_those_of_the_classes_it_may_name(js, rng):
    scores = rng.normal(size=12)
    for count in (12, 5):
        theirs = js(SCRIPT, "shares", scores.tolist(), count)
        np.testing.assert_allclose(theirs, softmax(scores[:count]), atol=1e-6)


@pytest.mark.browser
def test_the_figure_names_the_letters_with_the_same_picture(js):
    groups = np.array([0, 1, 0, 0, 2, 1, 1, 0, 0, 2], dtype=np.int32)  # two faces of five
    assert js(SCRIPT, "twinsOf", groups, 5, 0, 2) == [0, 3]
    assert js(SCRIPT, "twinsOf", groups, 5, 1, 2) == [3]
    assert js(SCRIPT, "twinsOf", groups, 5, 1, 4) == []
