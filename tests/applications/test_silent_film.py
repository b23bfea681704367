"""Pairs against a bipartite matching, the net against PyTorch's GRU, and the figure's twin."""

import inspect
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import optimize, signal
from torch import nn

from introdl.applications.silent_film import (
    FPS,
    MATERIALS,
    PARTIALS,
    Listener,
    best_limit,
    change,
    changes,
    clock,
    counts,
    f1,
    film,
    films,
    fit_listeners,
    hit_table,
    listen,
    matched,
    rings,
    strike,
    track,
)
from introdl.applications.silent_film.films import _answer, _strokes
from introdl.applications.silent_film.net import BothWays, loss, pixels

SCRIPT = "docs/applications/silent_film.js"


SAME = {
    "return hit + (each * near).sum() / near.sum().clamp(min=2)": "two frames are near each hit",
}


def odd_input(rng):
    frames = rng.integers(0, 256, size=(12, 16, 24))
    curves, hits = rng.random(size=(2, 9)), np.eye(9, dtype=int)[[2, 5]]
    return {
        "rings": {"curve": rng.random(9), "limit": 0.4},
        "matched": {"said": np.array([2, 6, 10]), "true": np.array([3, 10])},
        "counts": {"curves": curves, "hits": hits, "limit": 0.4},
        "best_limit": {"curves": curves, "hits": hits},
        "change": {"frames": frames},
        "changes": {"frames": frames},
        "looks": {"frames": frames},
        "track": {
            "starts": np.array([0.1, 0.2]),
            "materials": np.array([1, 2]),
            "seconds": 0.5,
            "rate": 100,
        },
    }


def frames_of(rng, count=12, last=40):
    return np.sort(rng.choice(last, size=count, replace=False))


@pytest.mark.agreement
def test_the_pairs_are_a_maximum_matching(rng, agreement):
    draws = [(frames_of(rng), frames_of(rng, 9), int(rng.integers(4))) for _ in range(50)]

    def assigned(said, true, slack):
        near = np.abs(said[:, None] - true[None]) <= slack
        return near[optimize.linear_sum_assignment(near, maximize=True)].sum()

    agreement(
        np.array([matched(*draw) for draw in draws], dtype=float),
        lambda: np.array([assigned(*draw) for draw in draws], dtype=float),
        what="pairs of 12 sounds and 9 hits, 50 draws",
        against="scipy.optimize.linear_sum_assignment",
        atol=0,
    )


def test_what_is_out_of_order_is_refused():
    good, bad = np.array([1, 2]), np.array([2, 2])
    with pytest.raises(ValueError, match="said is not in order"):
        matched(bad, good)
    with pytest.raises(ValueError, match="true is not in order"):
        matched(good, bad)
    with pytest.raises(ValueError, match="slack must be 0 or more"):
        matched(good, good, -1)
    assert matched(good, good, 0) == 2


def test_it_rings_at_peaks_above_the_limit(rng):
    for _ in range(20):
        curve = np.round(rng.random(30), 1)  # with ties
        peaks = [
            t
            for t in range(30)
            if all(curve[t] > curve[k] for k in range(max(0, t - 2), t))
            and all(curve[t] >= curve[k] for k in range(t + 1, min(30, t + 3)))
        ]
        limit = float(curve[peaks[0]])  # a peak at the limit does not ring
        assert rings(curve, limit).tolist() == [t for t in peaks if curve[t] > limit]
        assert rings(curve, -1).tolist() == peaks
    clear = rng.permutation(30).astype(float)  # no ties
    theirs = signal.argrelmax(clear, order=2)[0]
    assert set(theirs) <= set(rings(clear, -1))
    assert set(rings(clear, -1)) - set(theirs) <= {0, 1, 28, 29}, "SciPy leaves out the edges"


def test_f1_is_the_harmonic_mean_of_precision_and_recall(rng):
    for _ in range(20):
        pairs, more, lost = (int(n) for n in rng.integers(1, 20, size=3))
        precision, recall = pairs / (pairs + more), pairs / (pairs + lost)
        expected = 2 / (1 / precision + 1 / recall)
        assert f1(pairs, pairs + more, pairs + lost) == pytest.approx(expected, abs=1e-12)
    assert np.isnan(f1(0, 0, 0))
    assert f1(0, 1, 0) == 0
    for wrong in ((2, 1, 3), (2, 3, 1), (-1, 3, 3)):
        with pytest.raises(ValueError, match="pairs of"):
            f1(*wrong)


def test_counts_add_up_the_films(rng):
    curves = rng.random((6, 40))
    hits = (rng.random((6, 40)) < 0.1).astype(int)
    for slack in (0, 1, 3):
        said = [rings(curve, 0.6) for curve in curves]
        pairs = [matched(s, np.flatnonzero(h), slack) for s, h in zip(said, hits, strict=True)]
        expected = (sum(pairs), sum(map(len, said)), hits.sum())
        assert counts(curves, hits, 0.6, slack) == expected


def test_no_other_limit_is_better_than_the_best(rng):
    curves = rng.random((8, 40))
    hits = (rng.random((8, 40)) < 0.1).astype(int)
    hits[0, 5] = 1
    curves += 0.3 * hits
    peaks = np.concatenate([curve[rings(curve, -1)] for curve in curves])
    tried = np.quantile(peaks, np.linspace(0, 1, 30))
    scores = [f1(*counts(curves, hits, limit)) for limit in tried]
    found = best_limit(curves, hits)
    assert found == tried[int(np.argmax(scores))]
    assert f1(*counts(curves, hits, found)) == max(scores)
    with pytest.raises(ValueError, match="holds no hit"):
        best_limit(curves, 0 * hits)


def test_a_strike_is_a_sum_of_fading_waves():
    """Against complex exponentials, whose imaginary part is the wave."""
    for name, partials in PARTIALS.items():
        t = np.arange(2000) / 8000
        waves = [a * np.exp((2j * np.pi * f - 1 / fades) * t) for f, a, fades in partials]
        np.testing.assert_allclose(strike(name, 0.25, 8000), np.sum(waves, axis=0).imag, atol=1e-12)


def test_a_track_holds_each_strike_at_its_time():
    one = track(np.array([0.5]), np.array([2]), 1, 8000)
    assert len(one) == 8000
    assert not one[:4000].any()
    np.testing.assert_allclose(one[4000:], strike("stone", 0.5, 8000), atol=1e-12)
    both = track(np.array([0.1, 0.5]), np.array([3, 2]), 1, 8000)
    first = track(np.array([0.1]), np.array([3]), 1, 8000)
    np.testing.assert_allclose(both, one + first, atol=1e-12)
    loud = track(np.array([0.1, 0.1, 0.1]), np.array([3, 3, 3]), 1, 8000)
    assert np.abs(loud).max() == pytest.approx(1)
    assert not track(np.zeros(0), np.zeros(0, dtype=int), 0.1).any()
    assert len(track(np.zeros(0), np.zeros(0, dtype=int), 1)) == 8000


def test_a_track_refuses_what_it_cannot_place():
    with pytest.raises(ValueError, match="starts must be 0 or more"):
        track(np.array([-0.1]), np.array([0]), 1)
    with pytest.raises(ValueError, match="materials must be 0 to 3"):
        track(np.array([0.1]), np.array([4]), 1)


def test_the_change_is_a_mean_of_differences(rng):
    frames = rng.integers(0, 256, size=(7, 16, 24)).astype(np.uint8)
    expected = [0] + [
        np.mean([abs(int(a) - int(b)) for a, b in zip(x.flat, y.flat, strict=True)]) / 255
        for x, y in zip(frames[1:], frames, strict=False)
    ]
    np.testing.assert_allclose(change(frames), expected, atol=1e-12)
    blocks = changes(frames)
    assert blocks.shape == (7, 144)
    np.testing.assert_allclose(blocks[:, 64:80].mean(axis=1), expected, atol=1e-12)
    np.testing.assert_allclose(blocks[2, 48:64], blocks[1, 64:80], atol=1e-12)
    np.testing.assert_allclose(blocks[2, 80:96], blocks[3, 64:80], atol=1e-12)
    np.testing.assert_allclose(
        blocks[3, 64], np.abs(frames[3, :4, :6] / 255 - frames[2, :4, :6] / 255).mean(), atol=1e-12
    )


def test_both_ways_is_pytorchs_gru():
    torch.manual_seed(3)
    theirs = nn.GRU(32, 24, batch_first=True, bidirectional=True).double()
    ours = BothWays().double()
    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        ways = [getattr(theirs, f"{name}_l0{way}").data for way in ("", "_reverse")]
        getattr(ours, name).data = torch.stack(ways)
    x = torch.randn(2, 9, 32, dtype=torch.float64)
    torch.testing.assert_close(ours(x), theirs(x)[0], rtol=0, atol=1e-12)


def test_the_loss_is_cross_entropy_by_hand(rng):
    said = torch.tensor(rng.normal(size=(3, 12, 5)))
    hits = torch.zeros(3, 12, dtype=torch.float64)
    hits[0, 4] = hits[0, 9] = hits[1, 0] = 1  # the third film has none
    material = torch.tensor([2, 0, 3])
    p = 1 / (1 + np.exp(-said[..., 0].numpy()))
    h = hits.numpy()
    hit = -(3 * h * np.log(p) + (1 - h) * np.log(1 - p)).mean()
    shares = said[..., 1:].softmax(-1).numpy()
    near = [(0, t) for t in (3, 4, 5, 8, 9, 10)] + [(1, 0), (1, 1)]
    named = -np.mean([np.log(shares[i, t, material[i]]) for i, t in near])
    assert float(loss(said, hits, material)) == pytest.approx(hit + named, abs=1e-9)
    silent = loss(said, 0 * hits, material)  # nothing is asked of the material
    assert float(silent) == pytest.approx(-np.log(1 - p).mean(), abs=1e-9)


def test_nets_side_by_side_learn_as_one_alone():
    """One step per net, against PyTorch's Adam on each net by itself."""
    several, seeds = [films(7, 4), films(8, 4)], [3, 4]
    found = fit_listeners(several, seeds, passes=1, batch=12)  # four films, three clips each
    for some, seed, net in zip(several, seeds, found, strict=True):
        torch.manual_seed(seed)
        alone = Listener()
        optimizer = torch.optim.Adam(alone.parameters(), lr=0.01)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, total_steps=1)
        hits = torch.tensor(hit_table(some).reshape(12, 16), dtype=torch.float32)
        clips = pixels(some).reshape(12, 16, 16, 24)
        material = torch.tensor(np.repeat([f.material for f in some], 3))
        loss(alone(clips), hits, material).backward()
        optimizer.step()
        schedule.step()
        first, _ = listen(net, some)
        second, _ = listen(alone, some)
        np.testing.assert_allclose(first, second, atol=2e-3)


def test_a_net_learns_when_films_repeat():
    some = films(5, 8)
    (net,) = fit_listeners([some], [0], passes=60, batch=8)
    curves, named = listen(net, some)
    hits = hit_table(some)
    assert f1(*counts(curves, hits, best_limit(curves, hits))) > 0.9
    right = named[hits == 1] == np.repeat([f.material for f in some], hits.sum(axis=1))
    assert right.mean() > 0.9


def test_a_seed_gives_its_films_and_no_other():
    one, again, other = films(3, 2), films(3, 2), films(4, 2)
    np.testing.assert_array_equal(one[1].frames, again[1].frames)
    assert not np.array_equal(one[1].frames, other[1].frames)
    assert not np.array_equal(one[0].frames, films(3, 1, new=True)[0].frames)
    assert one[0].frames.shape == (48, 16, 24)
    assert one[0].frames.dtype == np.uint8
    assert set(hit_table(one)[0].nonzero()[0]) == set(one[0].hits)
    assert {f.material for f in films(0, 40)} == {0, 1, 2, 3}
    assert len(MATERIALS) == 4
    assert FPS == 12


def test_the_page_states_the_budget_of_the_example():
    page = Path("docs/applications/silent_film.md").read_text()
    example = Path("examples/applications/silent_film.py").read_text()
    assert "films(seed, 200)" in example
    assert "the same 200 films" in page
    assert "films(seed, 60, new=True)" in example
    assert "tested on 60 others" in page
    assert inspect.signature(fit_listeners).parameters["passes"].default == 3
    assert "in three passes" in page
    assert "BLOCKS = [[200, 201, 202, 203], [300, 301, 302, 303]]" in example
    assert page.count("over eight tries") == 2
    assert "the mean over four seeds" in page
    assert page.count("seed 200") == 2
    rates = [film(np.random.default_rng(seed)).painted for seed in range(300)]
    assert np.mean(rates) == pytest.approx(0.3, abs=0.08)  # "in three films of ten"


@pytest.mark.browser
def test_the_figure_rings_as_python_does(js, rng):
    for _ in range(10):
        curve = np.round(rng.random(30), 1)
        for limit in (-1.0, float(curve[4]), 0.65):
            assert js(SCRIPT, "rings", curve.tolist(), limit) == rings(curve, limit).tolist()


@pytest.mark.browser
def test_the_figure_pairs_and_counts_as_python_does(js, rng):
    for _ in range(10):
        said, true, slack = frames_of(rng), frames_of(rng, 9), int(rng.integers(4))
        pairs = js(SCRIPT, "pairs", said.tolist(), true.tolist(), slack)
        assert len(pairs) == matched(said, true, slack)
        assert all(abs(said[i] - true[j]) <= slack for i, j in pairs)
        for side in zip(*pairs, strict=True):
            assert len(set(side)) == len(side)
    curves, hits = rng.random((5, 48)), (rng.random((5, 48)) < 0.1).astype(int)
    given = [np.flatnonzero(h).tolist() for h in hits]
    found = js(SCRIPT, "counts", curves.tolist(), given, 0.6)
    assert tuple(found) == counts(curves, hits, 0.6)
    assert js(SCRIPT, "f1", *found) == pytest.approx(f1(*found), abs=1e-12)


def test_a_time_halfway_between_tenths_is_rounded_up():
    for frame in range(48):
        exact = Decimal(frame) / FPS
        assert clock(frame) == f"{exact.quantize(Decimal('0.1'), ROUND_HALF_UP)} s"
    assert clock(np.int64(39)) == "3.3 s"


@pytest.mark.browser
def test_the_figure_writes_times_as_the_transcript_does(js):
    times = [clock(frame) for frame in range(0, 48, 3)]  # 0.25 s, 0.75 s and so on among them
    text = js(SCRIPT, "heard", [], list(range(0, 48, 3)), [], "wood", FPS)
    assert text == f"Nothing is heard. Missed: {', '.join(times)}."


@pytest.mark.browser
def test_the_figures_sound_is_pythons(js, rng):
    frames, kinds = frames_of(rng, 5), rng.integers(4, size=5)
    waves = [PARTIALS[MATERIALS[k]] for k in kinds]
    theirs = js(SCRIPT, "track", (frames / FPS).tolist(), waves, 4, 8000)
    np.testing.assert_allclose(theirs, track(frames / FPS, kinds, 4.0), atol=1e-6)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("said", "names", "true", "misses", "text"),
    [
        ([], [], [], [], "Nothing is heard."),
        ([], [], [6], [], "Nothing is heard. Missed: 0.5 s."),
        ([7], ["wood"], [6], [], "Heard: 0.6 s wood."),
        ([7], ["wood"], [6], [8], "Heard: 0.6 s wood."),
        (
            [6, 12, 18],
            ["metal", "wood", "stone"],
            [6, 24],
            [13],
            "Heard: 0.5 s metal (it is wood), 1.0 s wood (the stick stopped short), "
            "1.5 s stone (no hit). Missed: 2.0 s.",
        ),
    ],
)
def test_the_figure_says_what_is_heard(js, said, names, true, misses, text):
    assert js(SCRIPT, "heard", said, true, names, "wood", FPS, misses) == text


def test_a_stroke_touches_at_a_hit_and_stops_short_at_a_miss(rng):
    low = []
    for speed in rng.uniform(0.65, 1.45, size=60):
        lift, hits, misses = _strokes(rng, speed)
        assert lift.max() == 1
        assert not lift[list(hits)].any()
        low += lift[list(misses)].tolist()
        turns = sorted(hits + misses)
        assert 4 <= turns[0] <= 9
        assert turns[-1] <= 44
        assert np.diff(turns).min(initial=99) >= np.floor(7 / speed)
        for turn in turns:  # down before it, up after it
            assert lift[turn - 1] > lift[turn] < lift[turn + 1]
    assert 0.25 < min(low) < 0.3
    assert 0.45 < max(low) < 0.5


def test_four_materials_answer_a_hit_in_four_ways(rng):
    hits = (10, 30)
    for _ in range(10):
        answers = [_answer(k, hits, rng) for k in range(4)]
        for pressed, aside in answers:
            assert not pressed[:10].any()
            assert not aside[:10].any()
        (_, wood), (_, metal), (stone, still), (cloth, calm) = answers
        assert not stone.any()
        assert not still.any()
        assert not calm.any()
        assert 1.4 <= cloth[10] <= 2.6
        np.testing.assert_allclose(cloth[10:30], cloth[10] * np.exp(-np.arange(20) / 2))
        for swing, lasts in ((wood, 1.2), (metal, 6.0)):
            assert 0.84 <= abs(swing[10]) <= 1.56
            np.testing.assert_array_equal(swing[10:28], swing[30:48])
            turn = np.arccos(swing[11] / swing[10] * np.exp(1 / lasts)) / (2 * np.pi)
            assert 0.2 <= turn <= 0.3
            expected = np.exp(-5 / lasts) * np.cos(2 * np.pi * turn * 5)
            assert swing[15] / swing[10] == pytest.approx(expected)


def test_each_material_is_seen_to_answer():
    """How much the place of the object changes, some frames after an undisturbed hit."""
    later = {k: [] for k in range(4)}
    for one in films(1, 200):
        steps = np.abs(np.diff(one.frames[:, 11:15, 4:17].astype(float), axis=0))
        for hit in one.hits:
            span = np.s_[hit - 1 : hit + 8]
            if hit < 40 and not (one.covered | one.shaken)[span].any():
                later[one.material].append(steps[hit : hit + 7].mean(axis=(1, 2)))
    grain = 255 * 0.025 * 2 / np.sqrt(np.pi)  # of two frames that show the same
    wood, metal, stone, cloth = (np.median(later[k], axis=0) - grain for k in range(4))
    assert abs(stone[5]) < 0.3
    assert metal[5] > 3 * max(abs(stone[5]), abs(wood[5]))
    assert cloth[1] > 3 * abs(stone[1])
    assert wood[0] > 3 * abs(stone[5])


def test_disturbances_are_where_the_film_says():
    some = films(2, 150)
    steps = [np.abs(np.diff(one.frames.astype(float), axis=0)).mean(axis=(1, 2)) for one in some]
    jolts = [s[one.shaken[1:] & ~one.shaken[:-1]] for one, s in zip(some, steps, strict=True)]
    calm = [s[~one.shaken[1:] & ~one.shaken[:-1]] for one, s in zip(some, steps, strict=True)]
    assert np.median(np.concatenate(jolts)) > 1.2 * np.median(np.concatenate(calm))
    assert 0.25 < np.mean([one.covered.any() for one in some]) < 0.75
    assert 0.15 < np.mean([one.painted for one in some]) < 0.45
    hits, misses = (sum(len(getattr(one, k)) for one in some) for k in ("hits", "misses"))
    assert 0.5 < hits / (hits + misses) < 0.7
