"""The data sets that every lesson may use."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from introdl import data

FOLDER = Path(data.__file__).parent


def test_parts_are_disjoint_and_keep_each_class_share(rng: np.random.Generator) -> None:
    X, y = np.arange(500.0)[:, None], np.repeat([0, 1], [400, 100])
    parts = data.split(X, y, seed=int(rng.integers(1000)))
    seen = np.concatenate([parts.X_train, parts.X_val, parts.X_test]).ravel()
    assert np.array_equal(np.sort(seen), X.ravel())
    for labels in (parts.y_train, parts.y_val, parts.y_test):
        assert labels.mean() == pytest.approx(0.2, abs=0.01)


def test_separable_points_keep_their_margin(rng: np.random.Generator) -> None:
    X, y = data.separable(60, dim=3, margin=0.2, rng=rng)
    assert X.shape == (60, 3)
    assert set(y) <= {-1, 1}
    with pytest.raises(ValueError, match=r"margin must be in \[0, 0.5\), got 0.7"):
        data.separable(5, margin=0.7, rng=rng)


def test_mnist_is_balanced_and_looks_like_the_digits() -> None:
    X, y = data.mnist()
    assert X.shape == (5000, 28, 28)
    assert X.dtype == np.float64
    assert (X.min(), X.max()) == (0, 1)
    assert np.array_equal(np.bincount(y), np.full(10, 500))
    # A picture read in the wrong order, or with the wrong label, is near no mean of its class.
    mean = np.stack([X[y == digit][::2].mean(axis=0) for digit in range(10)])
    held, label = X[1::2], y[1::2]
    far = ((held[:, None] - mean) ** 2).sum(axis=(2, 3))
    assert np.mean(far.argmin(axis=1) == label) > 0.75
    assert np.abs(np.diff(X, axis=2)).mean() < 0.1  # neighbours are alike
    ink = mean[1]  # a 1 stands upright: its ink is spread over more rows than columns
    assert (ink.sum(axis=1) > 0.5).sum() > (ink.sum(axis=0) > 0.5).sum()


def test_surnames_are_whole_names_and_each_stands_once() -> None:
    names = data.surnames()
    assert len(names) == len(set(names)) == 88_799
    assert all(name.isascii() and name.isalpha() and name.islower() for name in names)
    assert {"garcia", "nguyen", "zimmerman"} <= set(names)


def test_first_names_have_their_shares_in_two_tables() -> None:
    names, female, male = data.firstnames()
    assert names == sorted(set(names))
    assert all(name.isascii() and name.isalpha() and name.islower() for name in names)
    assert ((female > 0).sum(), (male > 0).sum()) == (4275, 1219)
    assert ((female > 0) | (male > 0)).all()
    assert (female[female > 0].min(), male[male > 0].min()) == (0.001, 0.004)
    i = names.index("james")
    assert (female[i], male[i]) == (0.010, 3.318)


def test_each_student_rates_a_lecturer_once() -> None:
    student, lecturer, rating = data.ratings()
    assert np.array_equal(np.unique(student), np.arange(2972))
    assert np.array_equal(np.unique(lecturer), np.arange(1128))
    assert np.bincount(rating).tolist() == [0, 10186, 12951, 17609, 16921, 15754]
    assert len(np.unique(student * 1128 + lecturer)) == len(rating) == 73_421
    assert (student[0], lecturer[0], rating[0]) == (0, 524, 5)
    assert "pydataset" not in sys.modules  # it would unpack itself into the user's home


@pytest.mark.parametrize("name", ["digits", "mnist", "iris"])
def test_classes_are_chosen_or_refused(name: str) -> None:
    load = getattr(data, name)
    X, y = load(2, 1)
    assert set(y) == {1, 2}
    X_all, y_all = load()
    assert np.array_equal(X, X_all[(y_all == 1) | (y_all == 2)])
    with pytest.raises(ValueError, match=rf"^{name}\(\): no class 11; there are 0, 1, 2"):
        load(1, 11)


def test_malignant_is_one() -> None:
    X, y = data.breast_cancer()
    assert X.shape == (569, 30)
    assert np.bincount(y).tolist() == [357, 212]
    area = X[:, 3]  # malignant cells are larger
    assert area[y == 1].mean() > 2 * area[y == 0].mean()


def test_training_inputs_alone_say_how_to_standardize(rng: np.random.Generator) -> None:
    X = rng.normal(5, 3, size=(200, 4))
    X[:, 2] = 0.1  # whose mean is not exactly 0.1
    part = data.split(X, np.tile([0, 1], 100))
    ours = data.standardize(part)
    others = data.standardize(part._replace(X_test=part.X_test + 1000, X_val=part.X_val * 0))
    assert np.array_equal(ours.X_train, others.X_train)
    assert np.allclose(ours.X_train[:, [0, 1, 3]].mean(axis=0), 0)
    assert np.allclose(ours.X_train[:, [0, 1, 3]].std(axis=0), 1)
    assert np.allclose(ours.X_test[:, 2], 0)
    mean, deviation = part.X_train.mean(axis=0), part.X_train.std(axis=0)
    for before, after in ((part.X_val, ours.X_val), (part.X_test, ours.X_test)):
        back = after * deviation + mean
        assert np.allclose(back[:, [0, 1, 3]], before[:, [0, 1, 3]])
    assert np.array_equal(ours.y_test, part.y_test)


def test_every_photograph_is_there_and_says_its_size() -> None:
    from introdl.data._photograph import _SOURCES

    told = data.photograph.__doc__ or ""
    for name in _SOURCES:
        image = data.photograph(name)
        assert image.dtype == np.float64
        assert 0 <= image.min() < 0.3 < 0.7 < image.max() <= 1, name
        assert image.ndim == 2 or image.shape[2] == 3
        sentence = told[told.index(f"`{name}`") :]
        paragraph = told[: told.index(f"`{name}`")].rsplit("\n\n", 1)[-1]
        assert ("In colour" in paragraph) == (image.ndim == 3), name
        if "×" in sentence.split("`")[2]:  # one size may stand for two names
            assert f"{image.shape[0]}×{image.shape[1]}" in sentence.split("`")[2], name


@pytest.mark.parametrize(
    ("name", "hint"), [("cats", r"did you mean 'cat'\?"), ("x", "there are astronaut, brick")]
)
def test_an_unknown_photograph_is_refused(name: str, hint: str) -> None:
    with pytest.raises(ValueError, match=rf"^photograph\(\): no photograph '{name}'; {hint}"):
        data.photograph(name)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("mnists", r"did you mean 'mnist'\?"),
        ("classes", "it has FirstNames, Grammar, Heights, Opinions, Prose, Ratings, Split, "),
    ],
)
def test_an_unknown_set_is_refused(name: str, hint: str) -> None:
    with pytest.raises(AttributeError, match=rf"^introdl.data has no '{name}'; {hint}"):
        getattr(data, name)


def test_the_stub_lists_every_set() -> None:
    made = set()
    for path in FOLDER.glob("_[a-z]*.py"):
        module = importlib.import_module(f"introdl.data.{path.stem}")
        for name, value in vars(module).items():
            ours = getattr(value, "__module__", "") == module.__name__
            if ours and not name.startswith("_") and path.stem == f"_{name.lower()}":
                made.add(name)
                assert getattr(data, name) is value
    assert made == set(dir(data))


def test_a_set_is_imported_when_asked_for() -> None:
    # As the machine sees it: what is imported, and what is opened.
    code = """
import sys
opened = []
sys.addaudithook(lambda event, found: event == "open" and opened.append(str(found[0])))
from introdl import data
from introdl.data import separable
assert data.separable is separable
print(*sorted(name for name in sys.modules if name.startswith("introdl.data")))
print([name for name in opened if name.endswith(".pyi")])
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == ["introdl.data introdl.data._separable", "[]"]
