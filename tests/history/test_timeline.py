import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import nnls
from sklearn.isotonic import IsotonicRegression

from introdl.history.timeline import KINDS, load, parse, spread, waits, winters


def odd_input(rng):
    return {"spread": {"wanted": np.sort(rng.normal(size=7)), "gap": 0.1, "low": -99, "high": 99}}


ROOT = Path(__file__).parents[2]
ENTRY = {
    "year": "1986",
    "title": '"Backpropagation"',
    "people": '"Rumelhart, Hinton, Williams"',
    "what": '"Hidden units learn features."',
    "kind": '"idea"',
    "cite": '"rumelhart1986"',
}


def toml(*entries: dict[str, str]) -> str:
    return "\n".join(
        "[[event]]\n" + "\n".join(f"{key} = {value}" for key, value in entry.items())
        for entry in entries
    )


# The data file


@pytest.mark.parametrize(
    ("year", "people"),
    [
        (1943, ["McCulloch", "Pitts"]),
        (1958, ["Rosenblatt"]),
        (1960, ["Widrow", "Hoff"]),
        (1969, ["Minsky", "Papert"]),
        (1986, ["Rumelhart", "Hinton", "Williams"]),
        (1995, ["Cortes", "Vapnik"]),
        (2006, ["Hinton", "Salakhutdinov"]),
        (2009, ["Fei-Fei Li"]),
        (2009, ["Ng"]),
        (2014, ["Goodfellow"]),
    ],
)
def test_everyone_named_in_the_lecture_is_there(year, people):
    assert any(
        event.year == year and all(person in event.people for person in people) for event in load()
    )


@pytest.mark.parametrize(
    ("year", "title"),
    [
        (1997, "Deep Blue (search, not learning)"),
        (1997, "LSTM"),
        (1998, "LeNet-5"),
        (2009, "ImageNet"),
        (2012, "AlexNet"),
        (2014, "Caffe"),
        (2015, "Keras"),
        (2015, "TensorFlow"),
        (2015, "ResNet"),
        (2016, "AlphaGo"),
        (2017, "PyTorch"),
        (2017, "Transformer"),
        (2020, "GPT-3"),
        (2023, "GPT-4"),
    ],
)
def test_every_milestone_of_the_lecture_is_there(year, title):
    assert any(event.year == year and event.title.startswith(title) for event in load())


def test_the_page_cites_the_source_of_every_event_in_order():
    page = (ROOT / "docs" / "reference" / "events.md").read_text(encoding="utf-8")
    listed = page[page.index("The source of each event") :]
    assert re.findall(r"@([\w-]+)", listed) == [event.cite for event in load()]


def test_every_lesson_of_the_part_but_this_one_has_an_event():
    lessons = {event.lesson for event in load()} - {""}
    examples = {path.stem for path in (ROOT / "examples" / "history").glob("*.py")}
    assert examples - {"timeline"} <= lessons
    assert lessons <= {
        "mcculloch_pitts", "perceptron", "adaline", "xor", "backpropagation", "svm", "deep_belief"
    }  # fmt: skip


def test_events_read_well_in_a_table():
    for event in load():
        assert len(event.title) <= 40, event.title
        assert event.what.endswith("."), event.title
        assert "|" not in f"{event.title}{event.people}{event.what}", event.title


# Reading it


def test_parse_keeps_what_is_written():
    (event,) = parse(toml(ENTRY | {"starts": '["features", "depth"]', "lesson": '"xor"'}))
    assert (event.year, event.kind, event.lesson) == (1986, "idea", "xor")
    assert event.starts == ("features", "depth")
    assert event.delivers == ()
    assert event.winter == ""


@pytest.mark.parametrize("field", ENTRY)
def test_a_missing_field_is_named(field):
    entry = {key: value for key, value in ENTRY.items() if key != field}
    with pytest.raises(ValueError, match=rf"event 1 \(.*\): missing {field}"):
        parse(toml(entry))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": '"ideal"'}, f"unknown kind 'ideal'; expected one of {', '.join(KINDS)}"),
        ({"year": "86"}, "year must be a whole number from 1900 to 2100, got 86"),
        ({"year": "1986.5"}, "year must be a whole number from 1900 to 2100, got 1986.5"),
        ({"year": '"1986"'}, "year must be a whole number from 1900 to 2100, got '1986'"),
        ({"year": "true"}, "year must be a whole number from 1900 to 2100, got True"),
        ({"cite": '""'}, "cite must be text, got ''"),
        ({"people": "7"}, "people must be text, got 7"),
        ({"winter": '"comes"'}, "winter must be 'begins' or 'ends', got 'comes'"),
        ({"starts": '"depth"'}, "starts must be a list of lines of work, got 'depth'"),
        ({"delivers": "1"}, "delivers must be a list of lines of work, got 1"),
        ({"yeer": "1986"}, "unknown field yeer"),
    ],
)
def test_a_bad_field_is_refused_with_the_name_of_its_entry(change, message):
    good = ENTRY | {"title": '"Before it"'}
    with pytest.raises(ValueError, match=re.escape(f"event 2 ('Backpropagation'): {message}")):
        parse(toml(good, ENTRY | change))


def test_entries_out_of_order_or_listed_twice_are_refused():
    earlier = ENTRY | {"year": "1985", "title": '"Boltzmann machine"'}
    with pytest.raises(
        ValueError, match=r"event 2 \('Boltzmann machine'\): 1985 stands after 1986"
    ):
        parse(toml(ENTRY, earlier))
    with pytest.raises(ValueError, match=r"event 2 \('Backpropagation'\): listed twice in 1986"):
        parse(toml(ENTRY, ENTRY))
    assert len(parse(toml(earlier, ENTRY))) == 2


@pytest.mark.parametrize(
    "text", ["", "event = []", "[[events]]\nyear = 1986", "[event]\nyear = 1986"]
)
def test_a_file_without_events_is_refused(text):
    with pytest.raises(ValueError, match=r"no \[\[event\]\] in the data"):
        parse(text)


def test_what_is_no_toml_is_refused():
    with pytest.raises(ValueError, match="line 1"):
        parse("[[event]\n")


# Counting


def marked(*marks: tuple[int, str, str]) -> list:
    """Events of (year, field, value)."""
    return parse(
        toml(
            *(
                ENTRY | {"year": str(year), "title": f'"e{i}"', field: value}
                for i, (year, field, value) in enumerate(marks)
            )
        )
    )


def test_winters_pair_each_beginning_with_the_next_end():
    begins, ends = ("winter", '"begins"'), ("winter", '"ends"')
    events = marked((1973, *begins), (1980, *ends), (1987, *begins), (1993, *ends))
    assert winters(events) == [(1973, 1980), (1987, 1993)]
    assert winters(events[:2]) == [(1973, 1980)]
    with pytest.raises(ValueError, match="winter that begins in 1987 never ends"):
        winters(events[:3])
    with pytest.raises(ValueError, match=r"1980 \('e1'\): a winter ends out of turn"):
        winters(events[1:])
    with pytest.raises(ValueError, match=r"1987 \('e2'\): a winter begins out of turn"):
        winters([events[0], *events[2:]])


def test_waits_take_the_first_idea_and_the_first_success():
    events = marked(
        (1970, "starts", '["a", "b"]'),
        (1980, "starts", '["c"]'),
        (1989, "delivers", '["b"]'),
        (1999, "delivers", '["b", "a"]'),
    )
    assert waits(events) == {"a": (1970, 1999), "b": (1970, 1989)}
    with pytest.raises(ValueError, match="'a' starts twice: in 1970 and 1971"):
        waits(marked((1970, "starts", '["a"]'), (1971, "starts", '["a"]')))
    with pytest.raises(ValueError, match="'a' delivers in 1970 but never started"):
        waits(marked((1970, "delivers", '["a"]')))


def test_one_event_may_start_and_deliver_a_line():
    (event,) = parse(toml(ENTRY | {"starts": '["a"]', "delivers": '["a"]'}))
    assert waits([event]) == {"a": (1986, 1986)}


# Placing labels


@pytest.mark.agreement
def test_spread_agrees_with_isotonic_regression(rng, agreement):
    wanted = np.sort(rng.uniform(1940, 2025, size=200))
    gap, low, high = 0.4, 1938.0, 2027.0
    steps = gap * np.arange(200)
    model = IsotonicRegression(y_min=low, y_max=high - steps[-1])
    agreement(
        spread(wanted, gap, low, high),
        lambda: model.fit_transform(np.arange(200), wanted - steps) + steps,
        what="places of 200 timeline labels",
        against="scikit-learn IsotonicRegression, float64",
        atol=1e-9,
    )


@pytest.mark.agreement
def test_spread_agrees_with_non_negative_least_squares(rng, agreement):
    wanted = np.sort(rng.uniform(0, 30, size=20))
    gap, low = 1.3, 5.0
    steps = low + gap * np.arange(20)

    def reference():
        slack, _ = nnls(np.tril(np.ones((20, 20))), wanted - steps)  # room left above each gap
        return steps + np.cumsum(slack)

    agreement(
        spread(wanted, gap, low, np.inf),
        reference,
        what="places of 20 labels that hit the end of the axis",
        against="SciPy nnls on the spaces between them, float64",
        atol=1e-9,
    )


@settings(max_examples=60, deadline=None)
@given(
    wanted=st.lists(st.integers(1900, 2100), max_size=60).map(sorted),
    gap=st.floats(0, 3),
    room=st.floats(0.01, 50),
)
def test_no_two_labels_overlap(wanted, gap, room):
    low = 1990.0
    high = low + gap * max(len(wanted) - 1, 0) + room
    places = spread(np.array(wanted), gap, low, high)
    assert places.shape == (len(wanted),)
    assert np.all(np.diff(places) >= gap - 1e-9)
    assert np.all((places >= low - 1e-9) & (places <= high + 1e-9))
    np.testing.assert_allclose(spread(places, gap, low, high), places, atol=1e-8)


def test_labels_with_room_stay_where_they_are(rng):
    wanted = np.cumsum(rng.uniform(2, 3, size=20))
    np.testing.assert_array_equal(spread(wanted, 2, -np.inf, np.inf), wanted)


def test_labels_of_one_year_are_centred_on_it():
    np.testing.assert_allclose(spread(np.full(3, 2015.0), 2, 1900, 2100), [2013, 2015, 2017])


def test_spread_on_badly_scaled_positions():
    wanted = 1e8 + np.array([0.0, 0.0, 0.02])
    moved = spread(wanted, 0.03, 0, 1e9) - 1e8
    np.testing.assert_allclose(moved, [-0.07 / 3, 0.02 / 3, 0.11 / 3], atol=1e-7)


def test_spread_refuses_what_it_cannot_place():
    with pytest.raises(ValueError, match="3 points 5 apart need 10, have 9"):
        spread(np.zeros(3), 5, 0, 9)
    with pytest.raises(ValueError, match=r"wanted has shape \(2, 2\), expected \(N,\)"):
        spread(np.zeros((2, 2)), 1, 0, 9)
    with pytest.raises(ValueError, match="ascending"):
        spread(np.array([2.0, 1.0]), 1, 0, 9)


# The figure on the page

SCRIPT = "docs/history/timeline.js"


@pytest.mark.browser
def test_no_two_marks_of_the_figure_share_a_place(js):
    events = [[e.year, e.title, e.people, e.what, e.kind, e.lesson] for e in load()]
    heights = js(SCRIPT, "heights", events)
    places = {(e.kind, e.year, height) for e, height in zip(load(), heights, strict=True)}
    assert len(places) == len(events)
    assert max(heights) <= 4, "a fifth mark of one year would leave its lane"
    assert min(heights) == 0


@pytest.mark.browser
def test_marks_of_one_year_stand_on_each_other_within_their_lane(js):
    events = [[e.year, e.title, e.people, e.what, e.kind, e.lesson] for e in load()]
    marks = np.array(js(SCRIPT, "marks", events))
    assert np.allclose(marks[:, 0], [4 + 312 * (e.year - 1941) / 85 for e in load()])
    lanes = ("idea", "technology", "result", "setback")
    stacks = {}
    for event, (_, y) in zip(load(), marks, strict=True):
        stacks.setdefault((event.kind, event.year), []).append(y)
    assert max(map(len, stacks.values())) > 2, "no year has marks to stack: this cannot fail"
    for (kind, year), ys in stacks.items():
        lowest = 34 + 46 * (lanes.index(kind) + 0.78)
        # A mark is about 7 high, so 8 keeps two apart.
        assert np.allclose(ys, lowest - 8 * np.arange(len(ys))), (kind, year)
        assert min(ys) - 4 > lowest - 40, "it reaches the line of the lane above"


@pytest.mark.browser
def test_a_tap_chooses_the_nearest_mark(js, rng):
    points, tap = rng.uniform(0, 300, size=(30, 2)), rng.uniform(0, 300, size=2)
    nearest = np.linalg.norm(points - tap, axis=1).argmin()
    assert js(SCRIPT, "nearest", points.tolist(), *tap.tolist()) == nearest


@pytest.mark.browser
def test_the_figure_says_how_long_a_line_waited(js):
    told = js(SCRIPT, "waited", "rectified units", waits(load())["rectified units"])
    assert told == "rectified units: idea in 1969, success in 2012, 43 years later."
    assert js(SCRIPT, "waited", "x", [2017, 2017]) == "x: idea and success in 2017."
