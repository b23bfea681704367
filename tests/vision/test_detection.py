"""Boxes against counted squares, thinning and judging against their definitions written out, AP
against scikit-learn and against an integral, the net's cells against boxes, the page against both.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from introdl import data
from introdl.vision.detection import (
    CELLS,
    SIDE,
    Found,
    Scenes,
    average_precision,
    best_beyond,
    detector,
    draw_scenes,
    fit,
    held,
    iou,
    judge,
    judge_all,
    loss,
    nms,
    precision_recall,
    predict,
    targets,
    to_boxes,
)
from introdl.vision.detection import scenes as drawing

SAME = {
    "reached = (recall[None] > at[:, None] - 1e-09) # (M, N)": "no recall is short by just that",
}


def some_boxes(rng, count, side=12):
    """Boxes on squared paper, (count, 4), which overlap often."""
    begin = rng.integers(0, side - 1, size=(count, 2))
    return np.hstack([begin, rng.integers(begin + 1, side + 1)]).astype(float)


def odd_input(rng):
    boxes, scores = some_boxes(rng, 4), rng.permutation(4) / 4
    pictures, own, of = rng.random((3, SIDE, SIDE)), some_boxes(rng, 2), np.array([0, 2])
    right = np.array([1, 0, 1, 0])
    return {
        "iou": {"a": boxes, "b": own},
        "nms": {"boxes": boxes, "scores": scores, "limit": 0.3},
        "judge": {"boxes": boxes, "scores": scores, "truth": own},
        "precision_recall": {"right": right, "scores": scores, "count": 5},
        "average_precision": {"right": right, "scores": scores, "count": 5},
        "best_beyond": {"precision": scores, "recall": np.sort(scores), "at": scores[:2]},
        "draw_scenes": {"digits": rng.random((2, 28, 28)), "count": 2, "pieces": 1, "seed": 3},
        "targets": {"boxes": own, "of": of, "count": 3},
        "to_boxes": {"said": rng.normal(size=(2, 5, CELLS, CELLS))},
        "fit": {"pictures": pictures, "boxes": own, "of": of, "epochs": 1, "batch": 2},
        "predict": {"net": detector(), "pictures": pictures},
        "held": {"boxes": boxes[None], "scores": scores[None], "limit": 0.5},
    }


def counted(a, b, side=12):
    """IoU by squares: each box colours its own, and they are counted."""

    def squares(box):
        paper = np.zeros((side, side), bool)
        left, top, right, bottom = box.astype(int)
        paper[top:bottom, left:right] = True
        return paper

    return np.array([
        [(squares(p) & squares(q)).sum() / (squares(p) | squares(q)).sum() for q in b] for p in a
    ])  # fmt: skip


def kept_by_definition(boxes, scores, limit):
    """A box stays unless a surer one that stays overlaps it by more: asked of each by itself."""

    def surer(i, j):
        return (scores[i], -i) > (scores[j], -j)

    def stays(j):
        return not any(
            surer(i, j) and counted(boxes[[i]], boxes[[j]])[0, 0] > limit and stays(i)
            for i in range(len(boxes))
        )

    found = [j for j in range(len(boxes)) if stays(j)]
    return sorted(found, key=lambda j: (-scores[j], j))


def judged_by_definition(boxes, scores, truth, at):
    """A box is right if it is the surest of those whose best true box is the same and is met."""
    if not len(truth):
        return [False] * len(boxes)
    overlap = counted(boxes, truth)
    met = [(int(np.flatnonzero(row == row.max())[0]), row.max() >= at - 1e-12) for row in overlap]
    return [
        met[i][1]
        and all((scores[i], -i) >= (scores[j], -j) for j in range(len(boxes)) if met[j] == met[i])
        for i in range(len(boxes))
    ]


@pytest.mark.agreement
def test_overlap_equals_counted_squares(rng, agreement):
    a, b = some_boxes(rng, 30), some_boxes(rng, 20)
    agreement(
        iou(a, b),
        lambda: counted(a, b),
        what="intersection over union of 600 pairs of boxes",
        against="squares coloured and counted",
        atol=1e-12,
    )


def test_the_two_boxes_of_the_page():
    assert iou(np.array([[0, 0, 2, 2]]), np.array([[1, 1, 3, 3]]))[0, 0] == pytest.approx(1 / 7)


def test_overlap_knows_no_unit(rng):
    a, b = some_boxes(rng, 5), some_boxes(rng, 6)
    np.testing.assert_allclose(iou(2.5 * a + 7, 2.5 * b + 7), iou(a, b), atol=1e-12)
    np.testing.assert_allclose(np.diag(iou(a, a)), 1)


def test_a_box_without_area_is_refused(rng):
    with pytest.raises(ValueError, match=r"b\[0\] .* right must be more than left"):
        iou(some_boxes(rng, 2), np.array([[3, 1, 3, 2]]))
    good = some_boxes(rng, 3)
    for place in range(3):
        boxes = np.insert(good, place, [3, 1, 4, 1], axis=0)  # high enough nowhere
        with pytest.raises(ValueError, match=rf"a\[{place}\] is"):
            iou(boxes, good)


@given(
    count=st.integers(0, 9),
    limit=st.floats(0, 1),
    steps=st.integers(1, 5),
    seed=st.integers(0, 2**31),
)
@settings(deadline=None, max_examples=25)
def test_thinning_and_judging_follow_their_definitions(count, limit, steps, seed):
    rng = np.random.default_rng(seed)
    boxes, truth = some_boxes(rng, count), some_boxes(rng, int(rng.integers(4)))
    scores = rng.integers(0, steps + 1, size=count) / steps  # ties are common
    assert nms(boxes, scores, limit).tolist() == kept_by_definition(boxes, scores, limit)
    expected = judged_by_definition(boxes, scores, truth, 0.5)
    assert judge(boxes, scores, truth).tolist() == expected


@pytest.mark.agreement
def test_thinning_equals_its_definition(rng, agreement):
    boxes, scores = some_boxes(rng, 14), rng.permutation(14) / 14
    agreement(
        nms(boxes, scores, 0.3),
        lambda: np.array(kept_by_definition(boxes, scores, 0.3)),
        what="which of 14 boxes non-maximum suppression keeps",
        against="the definition, asked of each box by itself",
        atol=0,
    )


def test_a_true_box_is_found_once_and_by_the_surest():
    truth = np.array([[0, 0, 4, 4]])
    boxes = np.array([[0, 0, 4, 5], [0, 0, 4, 4], [9, 9, 10, 10]])
    assert judge(boxes, np.array([0.9, 0.5, 0.99]), truth).tolist() == [True, False, False]
    assert judge(boxes, np.array([0.3, 0.5, 0.99]), truth).tolist() == [False, True, False]
    half = np.array([[0, 0, 4, 2]])
    assert judge(half, np.ones(1), truth, at=0.5).tolist() == [True]
    assert judge(half, np.ones(1), truth, at=0.51).tolist() == [False]


def test_each_scene_is_judged_by_its_own_boxes(rng):
    scenes = Scenes(np.zeros((3, SIDE, SIDE)), some_boxes(rng, 4), np.array([0, 0, 2, 2]))
    found = Found(some_boxes(rng, 9), rng.permutation(9) / 9, np.arange(9) % 3)
    right = judge_all(found, scenes, 0.3)
    for scene in range(3):
        own = found.of == scene
        alone = judged_by_definition(
            found.boxes[own], found.scores[own], scenes.boxes[scenes.of == scene], 0.3
        )
        assert right[own].tolist() == alone


@pytest.mark.agreement
def test_average_precision_equals_scikit_learns_where_all_are_found(rng, agreement):
    right, scores = rng.integers(2, size=40), rng.permutation(40) / 40
    right[3] = 1
    agreement(
        average_precision(right, scores, int(right.sum())),
        lambda: average_precision_score(right, scores),
        what="average precision of a list of 40, nothing missed and no two scores equal",
        against="sklearn.metrics.average_precision_score",
        atol=1e-12,
    )


@given(
    right=st.lists(st.booleans(), min_size=1, max_size=12),
    missed=st.integers(0, 4),
    seed=st.integers(0, 2**31),
)
@settings(deadline=None, max_examples=25)
def test_precision_recall_and_their_average_are_counted(right, missed, seed):
    rng = np.random.default_rng(seed)
    right, scores = np.array(right), rng.permutation(len(right)).astype(float)
    count = max(1, int(right.sum()) + missed)
    precision, recall = precision_recall(right, scores, count)
    total = 0.0
    for i, score in enumerate(np.sort(scores)[::-1]):
        said = scores >= score
        assert precision[i] == pytest.approx(right[said].mean())
        assert recall[i] == pytest.approx(right[said].sum() / count)
        total += right[scores == score][0] * right[said].mean()
    assert average_precision(right, scores, count) == pytest.approx(total / count)
    # The best precision at a recall or beyond, and at recalls that are not reached.
    at = np.array([0, 0.5 / count, 1 / count, 1])
    best = [max([p for p, r in zip(precision, recall, strict=True) if r >= a - 1e-9], default=0)
            for a in at]  # fmt: skip
    np.testing.assert_allclose(best_beyond(precision, recall, at), best)


def test_a_recall_of_three_tenths_reaches_0_3():
    recall = np.cumsum(np.full(10, 0.1))  # 0.30000000000000004, 0.7999999999999999
    np.testing.assert_array_equal(best_beyond(np.ones(10), recall, np.linspace(0, 1, 11)), 1)


def test_more_right_than_there_are_is_refused():
    with pytest.raises(ValueError, match="count = 1 true boxes, of which 2"):
        average_precision(np.array([1, 1]), np.array([0.1, 0.2]), 1)


def test_scenes_are_digits_in_their_boxes():
    digits = data.mnist()[0][:60]
    scenes = draw_scenes(digits, 40, 0, 5)
    again = draw_scenes(digits, 40, 0, 5)
    np.testing.assert_array_equal(scenes.pictures, again.pictures)
    assert scenes.pictures.shape == (40, SIDE, SIDE)
    assert set(scenes.of) == set(range(40))
    assert np.bincount(scenes.of).max() <= 4
    sides = scenes.boxes[:, 2:] - scenes.boxes[:, :2]
    assert sides.max(axis=1).min() >= 14
    assert 26 >= sides.max(axis=1).max() > 20
    assert scenes.boxes.min() >= 0
    assert scenes.boxes.max() <= SIDE
    for scene, picture in enumerate(scenes.pictures):
        left = picture.copy()
        own = scenes.boxes[scenes.of == scene].astype(int)
        for x, y, right, bottom in own:
            ink = picture[y:bottom, x:right]
            # Each side of a box touches ink.
            assert min(ink[0].max(), ink[-1].max(), ink[:, 0].max(), ink[:, -1].max()) > 0.02
            left[y:bottom, x:right] = 0
        assert not left.any()
        middles = (own[:, :2] + own[:, 2:]) / 2
        for i, middle in enumerate(middles):
            assert (abs(middle - np.delete(middles, i, 0)).max(axis=1) >= 8).all()
            for other in np.delete(own, i, 0):
                overlap = counted(own[[i]], other[None], SIDE)[0, 0]
                assert overlap < 0.1
    more = draw_scenes(digits, 40, 6, 5)
    assert more.pictures.mean() > scenes.pictures.mean()
    assert draw_scenes(digits, 0, 0, 1).boxes.shape == (0, 4)


@given(st.lists(st.integers(0, 60), min_size=8, max_size=8))
def test_digits_are_apart_by_their_shared_area_and_their_middles(corners):
    boxes = []
    for left, top, wide, high in (corners[:4], corners[4:]):
        boxes.append([left, top, left + 4 + wide % 23, top + 4 + high % 23])
    areas = [(right - left) * (bottom - top) for left, top, right, bottom in boxes]
    shared = iou(*(np.array([box], dtype=float) for box in boxes))[0, 0]
    shared *= sum(areas) / (1 + shared)
    middles = [np.array([left + right, top + bottom]) / 2 for left, top, right, bottom in boxes]
    far = np.abs(middles[0] - middles[1]).max() >= 8
    few = shared <= 0.1 * min(areas) + 1e-9
    assert drawing._apart(*boxes) == (far and few)


def test_a_digit_is_cut_to_its_ink_and_a_piece_stays_on_the_sheet(monkeypatch):
    digit = np.zeros((28, 28))
    digit[5, 9] = digit[20, 12] = 1
    assert drawing._cut(digit).shape == (16, 4)
    pasted = []
    monkeypatch.setattr(drawing, "_paste", lambda picture, *piece: pasted.append(piece))
    draw_scenes(digit[None], 200, 2, 0)
    squares = [(p.shape[0], top, left) for p, top, left in pasted if p.shape[0] == p.shape[1]]
    sides, tops, lefts = map(np.array, zip(*squares, strict=True))
    assert (sides.min(), sides.max()) == (6, 11)
    for place in (tops, lefts):
        assert place.min() == 0
        assert (place + sides).max() == SIDE


def test_what_cannot_be_drawn_is_refused():
    digits = np.zeros((2, 28, 28))
    with pytest.raises(ValueError, match=r"digits\[0\] has no ink"):
        draw_scenes(digits, 1, 0, 0)
    with pytest.raises(ValueError, match="must not be negative"):
        draw_scenes(digits + 1, -1, 0, 0)


def spread_boxes(rng):
    """True boxes whose middles are at least a cell apart, (M, 4), and their scenes."""
    cells = np.stack(np.meshgrid(np.arange(0, CELLS, 2), np.arange(0, CELLS, 2)), 2).reshape(-1, 2)
    middles = 8 * rng.permutation(cells)[:4] + rng.uniform(0.5, 7.5, size=(4, 2))
    half = rng.uniform(2, 13, size=(4, 2))
    return np.hstack([middles - half, middles + half]), np.array([0, 0, 1, 1])


def test_cells_that_say_what_they_are_told_give_the_true_boxes(rng):
    boxes, of = spread_boxes(rng)
    told = targets(boxes, of, 2)
    said, scores = to_boxes(told)
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    for scene in range(2):
        own = np.flatnonzero(of == scene)
        for place in range(CELLS * CELLS):
            middle = 8 * np.array([place % CELLS, place // CELLS]) + 4
            near = [k for k in own if abs(centres[k] - middle).max() < 8]
            assert told[scene, 0].ravel()[place] == bool(near)
            if near:
                nearest = min(near, key=lambda k: np.hypot(*(centres[k] - middle)))
                np.testing.assert_allclose(said[scene, place], boxes[nearest], atol=1e-9)
    expected = 1 / (1 + np.exp(-told[:, 0].reshape(2, -1)))
    np.testing.assert_allclose(scores, expected, rtol=1e-12)
    # No digit is without a cell.
    for box, scene in zip(boxes, of, strict=True):
        assert np.isclose(said[scene][told[scene, 0].ravel() > 0], box).all(axis=1).any()


def test_a_middle_eight_pixels_away_is_too_far():
    told = targets(np.array([[8.0, 14, 16, 26]]), np.array([0]), 1)  # its middle is a cell's
    assert told[0, 0].sum() == told[0, 0, 2, 1] == 1
    told = targets(np.array([[8.0, 14, 17, 26]]), np.array([0]), 1)
    assert told[0, 0].sum() == told[0, 0, 2, 1] + told[0, 0, 2, 2] == 2


@pytest.mark.agreement
def test_the_loss_is_surprise_and_missing_overlap(rng, agreement):
    boxes, of = spread_boxes(rng)
    told = targets(boxes, of, 2)
    said = told + rng.normal(size=told.shape) / 4

    def by_hand():
        share = 1 / (1 + np.exp(-said[:, 0]))
        answers = told[:, 0] == 1
        surprise = -np.log(np.where(answers, share, 1 - share)).mean()
        missing = []
        for scene, row, column in zip(*np.nonzero(answers), strict=True):
            across, down, wide, high = said[scene, 1:, row, column]
            x, y = 8 * column + 4 + 8 * across, 8 * row + 4 + 8 * down
            a = (
                x - 8 * np.exp(wide),
                y - 8 * np.exp(high),
                x + 8 * np.exp(wide),
                y + 8 * np.exp(high),
            )
            near = [box for box, k in zip(boxes, of, strict=True) if k == scene]
            middle = np.array([8 * column + 4, 8 * row + 4])
            b = min(near, key=lambda c: np.hypot(*((c[:2] + c[2:]) / 2 - middle)))
            w, h = (max(0, min(a[k + 2], b[k + 2]) - max(a[k], b[k])) for k in (0, 1))
            area = sum((c[2] - c[0]) * (c[3] - c[1]) for c in (a, b))
            missing.append(1 - w * h / (area - w * h))
        return surprise + np.mean(missing)

    agreement(
        loss(torch.tensor(said), torch.tensor(told)).item(),
        by_hand,
        what="loss of a detector: surprise at the scores, and 1 − IoU where a cell answers",
        against="boxes written out cell by cell",
        atol=1e-10,
    )


def test_no_digit_is_no_division_by_zero():
    said = torch.zeros(1, 5, CELLS, CELLS, dtype=torch.float64)
    assert loss(said, torch.zeros_like(said)).item() == pytest.approx(np.log(2))


def test_training_lowers_the_loss_and_leaves_the_seed_alone(rng):
    digits = data.mnist()[0][:20]
    scenes = draw_scenes(digits, 20, 0, int(rng.integers(2**31)))
    told = torch.tensor(targets(scenes.boxes, scenes.of, 20), dtype=torch.float32)
    seen = torch.tensor(scenes.pictures, dtype=torch.float32)[:, None]
    state = torch.get_rng_state()
    first, net = (fit(*scenes, epochs=n, batch=5, seed=3) for n in (1, 12))
    assert torch.equal(state, torch.get_rng_state())
    with torch.no_grad():
        assert loss(net(seen), told) < loss(first(seen), told)
        said = net(seen).numpy()
    boxes, scores = predict(net, scenes.pictures)
    np.testing.assert_allclose(boxes, to_boxes(said)[0], rtol=1e-6)
    np.testing.assert_allclose(scores, to_boxes(said)[1], rtol=1e-6)


def test_a_picture_that_is_not_there_is_refused(rng):
    with pytest.raises(ValueError, match="of names pictures 0 to 2, but there are 2"):
        targets(some_boxes(rng, 2), np.array([0, 2]), 2)


def test_all_boxes_of_all_pictures_are_thinned_out_apart(rng):
    boxes = np.stack([some_boxes(rng, 8) for _ in range(3)])
    scores = rng.permutation(24).reshape(3, 8) / 24
    found = held(boxes, scores, 0.2)
    for scene in range(3):
        kept = kept_by_definition(boxes[scene], scores[scene], 0.2)
        np.testing.assert_array_equal(found.boxes[found.of == scene], boxes[scene][kept])
        np.testing.assert_array_equal(found.scores[found.of == scene], scores[scene][kept])
    assert len(held(boxes, scores).boxes) == 24


SCRIPT = "docs/vision/detection.js"


@pytest.mark.browser
def test_the_pages_overlap_is_pythons(js, rng):
    a, b = some_boxes(rng, 6), some_boxes(rng, 6)
    for one, other, expected in zip(a, b, np.diag(counted(a, b)), strict=True):
        assert js(SCRIPT, "iou", one.tolist(), other.tolist()) == pytest.approx(expected)


@pytest.mark.browser
def test_the_page_thins_out_and_scores_as_python_does(js, rng):
    scenes = 6
    truth, of = some_boxes(rng, 14), np.sort(np.append(rng.integers(scenes, size=13), 0))
    boxes = np.stack([some_boxes(rng, 9) for _ in range(scenes)]).astype(np.float32)
    boxes[:, :3] = truth[[np.searchsorted(of, s) % 14 for s in range(scenes)]][:, None]
    boxes[:, 1:3, 2] += 1  # nearly right, so that some are found twice
    scores = (rng.permutation(9 * scenes).reshape(scenes, 9) / 64).astype(np.float32)
    known = Scenes(np.zeros((scenes, SIDE, SIDE)), truth, of)
    for least, limit in ((0, 1), (0.3, 0.4), (0.5, 0), (0.99, 0.5)):
        told = js(
            SCRIPT,
            "score",
            boxes,
            scores,
            truth.astype(np.float32),
            of.astype(np.int32),
            least,
            limit,
        )
        found = held(boxes, scores, limit)
        stays = found.scores >= least
        found = Found(*(part[stays] for part in found))
        right = judge_all(found, known)
        for scene in range(scenes):
            own, said = found.of == scene, told["scenes"][scene]
            np.testing.assert_allclose([b["box"] for b in said], found.boxes[own].tolist() or [])
            assert [b["right"] for b in said] == right[own].tolist()
        assert told["right"] == right.sum()
        assert told["wrong"] == (~right).sum()
        assert told["missed"] == 14 - right.sum()
        assert told["ap"] == pytest.approx(average_precision(right, found.scores, 14), abs=1e-9)


def test_half_a_true_box_is_refused():
    with pytest.raises(ValueError, match=r"count = 1\.5 true boxes"):
        average_precision(np.array([True]), np.array([0.5]), count=1.5)
