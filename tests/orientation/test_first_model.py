"""The first model against PyTorch and SciPy; the page's drawing pad against both."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from introdl import data
from introdl.orientation.first_model import centred, shares


def odd_input(rng):
    return {
        "centred": {"ink": rng.random((9, 12))},
        "shares": {
            "X": rng.random((3, 5)),
            "W1": rng.normal(size=(4, 5)),
            "b1": rng.normal(size=4),
            "W2": rng.normal(size=(2, 4)),
            "b2": rng.normal(size=2),
        },
    }


def drawing(rng, shape=(28, 28)):
    """A line through random points, three pixels thick, somewhere on the sheet."""
    ink = np.zeros(shape)
    ends = rng.random((rng.integers(2, 6), 2)) * np.array(shape) * rng.uniform(0.4, 1)
    for start, end in itertools.pairwise(ends):
        for at in np.linspace(start, end, 100):
            ink[tuple(at.astype(int))] = 1
    return np.clip(ndimage.gaussian_filter(ink, 0.8) * 1.5, 0, 1).astype(np.float32)


def reference_sheet(ink):
    """The same, by SciPy's interpolation and centre of mass."""
    (rows, columns) = ndimage.find_objects((ink > 0).astype(int))[0]
    box = ink[rows, columns].astype(float)
    sizes = [max(1, int(20 * n / max(box.shape) + 0.5)) for n in box.shape]
    places = [
        (np.arange(new) + 0.5) * old / new - 0.5 for new, old in zip(sizes, box.shape, strict=True)
    ]
    box = ndimage.map_coordinates(box, np.meshgrid(*places, indexing="ij"), order=1, mode="nearest")
    sheet = np.zeros((28, 28))
    sheet[: sizes[0], : sizes[1]] = box
    move = [int(np.floor(14 - c + 0.5 + 1e-9)) for c in ndimage.center_of_mass(sheet)]
    move = [np.clip(m, 0, 28 - n) for m, n in zip(move, sizes, strict=True)]
    return np.roll(sheet, move, axis=(0, 1))


@pytest.mark.agreement
def test_a_drawing_is_centred_as_scipy_would(rng, agreement):
    drawings = [drawing(rng, (h, w)) for h, w in [(28, 28), (60, 40), (12, 90)] for _ in range(8)]
    agreement(
        [centred(ink) for ink in drawings],
        lambda: [reference_sheet(ink) for ink in drawings],
        what="24 random drawings, scaled and centred",
        against="SciPy map_coordinates and center_of_mass, float64",
        atol=1e-12,
    )


def test_the_digits_of_the_data_are_centred_already():
    X, _ = data.mnist()
    boxes = [ndimage.find_objects((x > 0).astype(int))[0] for x in X]
    longer = np.array([max(s.stop - s.start for s in box) for box in boxes])
    assert np.mean(longer == 20) > 0.99
    for x in X[longer == 20]:
        np.testing.assert_array_equal(centred(x), x)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    height=st.integers(1, 60),
    width=st.integers(1, 60),
    ink=st.floats(0.01, 1),
)
def test_place_and_size_of_a_drawing_do_not_count(seed, height, width, ink):
    rng = np.random.default_rng(seed)
    box = rng.random((height, width)) * ink
    box[0, 0] = box[-1, -1] = ink
    sheet = centred(box)
    assert 0 <= sheet.min() <= sheet.max() <= ink + 1e-12
    rows, columns = np.nonzero(sheet)
    assert max(np.ptp(rows), np.ptp(columns)) + 1 <= 20
    moved = np.pad(box, rng.integers(0, 9, size=(2, 2)))
    np.testing.assert_allclose(centred(moved), sheet, atol=1e-12)
    np.testing.assert_allclose(
        centred(np.kron(np.ones((20, 20)), np.ones((3, 3)))), centred(np.ones((20, 20)))
    )


def test_a_dot_fills_its_box_and_an_empty_sheet_stays_empty():
    dot = np.zeros((28, 28))
    assert not centred(dot).any()
    dot[3, 25] = 0.5
    sheet = centred(dot)
    assert sheet.sum() == 200
    np.testing.assert_array_equal(ndimage.center_of_mass(sheet), [14.5, 14.5])


@pytest.mark.agreement
@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (7, 5, 3, 4), (20, 784, 100, 10)])
def test_shares_equal_pytorchs(shape, rng, agreement):
    N, D, H, K = shape
    X = rng.random((N, D))
    net = torch.nn.Sequential(torch.nn.Linear(D, H), torch.nn.ReLU(), torch.nn.Linear(H, K))
    net = net.double()
    weights = [p.detach().numpy() for p in net.parameters()]
    agreement(
        shares(X, *weights),
        lambda: net(torch.tensor(X)).softmax(dim=1).detach().numpy(),
        what=f"the shares of {K} classes, {D} inputs, {H} hidden units",
        against="torch.nn.Linear, ReLU and softmax, float64",
        atol=1e-10,
    )


def test_large_sums_do_not_overflow():
    found = shares([[1.0]], [[1.0]], [0.0], [[1e4], [-1e4]], [0.0, 0.0])
    np.testing.assert_array_equal(found, [[1, 0]])


ROOT = Path(__file__).parents[2]
SCRIPT = "docs/orientation/first_model.js"


def test_the_net_that_answers_is_trained_by_the_lines_of_the_page():
    page = (ROOT / "docs/orientation/first_model.md").read_text(encoding="utf-8")
    example = (ROOT / "examples/orientation/first_model.py").read_text(encoding="utf-8")
    [block] = re.findall(r"^```python\n(import torch\n.*?)^```", page, re.MULTILINE | re.DOTALL)
    ready, _, work = block.rpartition("\n\n")
    assert len(ready.replace("\n\n", "\n").splitlines()) == 4  # "four lines get ready,
    assert len(work.splitlines()) == 12  # twelve do the work"
    assert f"# %%\n{block}\n# %% [markdown]" in example


@pytest.mark.browser
def test_the_page_centres_a_drawing_as_python_does(js, rng):
    for shape in [(28, 28), (40, 17), (9, 60)]:
        for _ in range(6):
            ink = drawing(rng, shape)
            np.testing.assert_allclose(js(SCRIPT, "centred", ink), centred(ink), atol=1e-6)
    assert not np.any(js(SCRIPT, "centred", np.zeros((28, 28), np.float32)))


@pytest.mark.browser
def test_the_pages_net_is_pytorchs(js, rng):
    net = torch.nn.Sequential(torch.nn.Linear(784, 100), torch.nn.ReLU(), torch.nn.Linear(100, 10))
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.mul_(5)  # clear answers and doubtful ones
    names = ["W1", "b1", "W2", "b2"]
    weights = [p.detach().numpy().astype(np.float16) for p in net.parameters()]
    given = {n: w.astype(np.float32) for n, w in zip(names, weights, strict=True)}
    with torch.no_grad():
        for parameter, w in zip(net.parameters(), weights, strict=True):
            parameter.copy_(torch.tensor(w))
    for _ in range(8):
        sheet = centred(drawing(rng)).astype(np.float32)
        right = net(torch.tensor(sheet).reshape(1, -1)).softmax(dim=1).detach().numpy()
        found = js(SCRIPT, "shares", sheet, given)
        np.testing.assert_allclose(found, right, atol=1e-4)


@pytest.mark.browser
def test_the_page_says_what_it_shows(js):
    share = np.array([0.004, 0.6, 0.3, 0.096, 0, 0, 0, 0, 0, 0], np.float32)
    said = "It says 1, with 60 of 100 shares. Next comes 2, with 30."
    assert js(SCRIPT, "words", share) == said
    share = np.array([0.005, 0, 0, 0, 0, 0, 0, 0, 0, 0.995], np.float32)
    said = "It says 9, with over 99 of 100 shares. Next comes 0, with less than 1."
    assert js(SCRIPT, "words", share) == said
