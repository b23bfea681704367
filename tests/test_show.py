"""Each kind of output carries what it shows, and refuses what no reader could use."""

from __future__ import annotations

import base64
import io
import json
import subprocess
import sys
import wave
from typing import Any

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load

from introdl import plot, show


def carried(shown: Any, kind: str) -> dict[str, Any]:
    return dict(shown._repr_mimebundle_()[f"application/vnd.introdl.{kind}+json"])


def contents(shown: Any, kind: str) -> list[bytes]:
    return [base64.b64decode(file["content"]) for file in carried(shown, kind)["files"]]


def pixels_of(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)))


@pytest.fixture
def emitted(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """The files that statements publish, as a kernel would get them."""
    found: dict[str, bytes] = {}

    def emit(bundle: dict[str, Any]) -> None:
        for file in bundle["application/vnd.introdl.file+json"]["files"]:
            found[file["name"]] = base64.b64decode(file["content"])

    monkeypatch.setattr("introdl.show._file.emit", emit)
    return found


def test_a_picture_keeps_its_pixels(rng: np.random.Generator) -> None:
    image = rng.integers(0, 256, (130, 140, 3), dtype=np.uint8)
    shown = show.picture(image, alt="Noise.")
    assert np.array_equal(pixels_of(contents(shown, "picture")[0]), image)
    grey = rng.random((200, 128))
    [content] = contents(show.picture(grey, alt="Noise."), "picture")
    assert np.abs(pixels_of(content) / 255 - grey).max() <= 0.5 / 255 + 1e-12


def test_a_small_picture_is_enlarged_in_whole_steps(rng: np.random.Generator) -> None:
    image = rng.integers(0, 256, (8, 6), dtype=np.uint8)
    shown = show.picture(image, alt="Noise.", width=60)
    [content] = contents(shown, "picture")
    assert np.array_equal(pixels_of(content), image.repeat(16, 0).repeat(16, 1))
    assert (shown.width, shown.height) == (60, 80)


def test_images_of_a_strip_keep_their_proportions() -> None:
    shown = show.strip(
        [np.zeros((8, 8)), np.ones((4, 4))], labels=["large", "small"], alt="Two squares."
    )
    large, small = (pixels_of(content) for content in contents(shown, "strip"))
    assert large.shape == (96, 96)
    assert small.shape == (48, 48)
    assert (large == 0).all()
    assert (small == 255).all()


def test_a_sound_keeps_its_samples(rng: np.random.Generator) -> None:
    samples = rng.uniform(-1, 1, 9000)
    shown = show.sound(samples, rate=8000, transcript="Hiss.")
    [content] = contents(shown, "sound")
    with wave.open(io.BytesIO(content)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        heard = np.frombuffer(file.readframes(9000), "<i2") / 32767
    assert np.abs(heard - samples).max() <= 0.5 / 32767 + 1e-12
    assert plot.BLUE in carried(shown, "sound")["svg"]
    assert "<audio controls" in shown._repr_mimebundle_()["text/html"]


def test_an_animation_has_its_frames_in_order() -> None:
    frames = []
    for height in (1, 2, 3):
        fig, ax = plot.subplots()
        ax.set_title(f"height {height}")
        frames.append(fig)
    shown = show.animation(frames, labels=["a", "b", "c"], alt="A title counts.")
    texts = [content.decode() for content in contents(shown, "animation")]
    assert [f"height {n}" in text for n, text in enumerate(texts, start=1)] == [True] * 3
    images = [np.full((8, 8), level) for level in (0.0, 1.0)]
    first, last = contents(show.animation(images, labels="ab", alt="Light."), "animation")
    assert pixels_of(first).max() == 0
    assert pixels_of(last).min() == 255


def test_data_is_json_of_six_digits(emitted: dict[str, bytes]) -> None:
    value = {"w": np.array([[1 / 3, 2e9 / 3]]), "n": np.int64(7), "t": ("é", None, True)}
    show.data("run", value)
    assert json.loads(emitted["run.json"]) == {
        "w": [[0.333333, 666667000.0]],
        "n": 7,
        "t": ["é", None, True],
    }
    show.data("fine", 1 / 3, digits=12)
    assert emitted["fine.json"] == b"0.333333333333"


def test_arrays_keep_their_type(emitted: dict[str, bytes], rng: np.random.Generator) -> None:
    W = rng.normal(size=(3, 4)).astype(np.float32).T
    show.arrays("net", W=W, k=np.arange(3, dtype=np.int32), s=np.uint8(5))
    got = load(emitted["net.safetensors"])
    assert np.array_equal(got["W"], W)
    assert got["k"].dtype == np.int32
    assert got["s"].shape == ()


def test_under_plain_python_a_statement_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    show.data("run", [1])
    assert capsys.readouterr().out == ""


GREY = np.zeros((200, 200))
NOISE = np.random.default_rng(0).random((400, 600, 3))
TONE = np.zeros(8000)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: show.picture(GREY, alt=" "), "picture(): alt is ' '; say in words"),
        (lambda: show.picture(GREY + 1.5, alt="A"), "picture(): image has values in [1.5, 1.5]"),
        (lambda: show.picture(GREY - np.inf, alt="A"), "picture(): image has a value that is not"),
        (lambda: show.picture(GREY.astype(int), alt="A"), "picture(): image is int64; pass floats"),
        (lambda: show.picture(GREY > 0, alt="A"), "picture(): image is bool; pass floats"),
        (lambda: show.picture(np.zeros((3, 9, 9)), alt="A"), "use .transpose(1, 2, 0)"),
        (lambda: show.picture(np.zeros((1, 9, 9)), alt="A"), "leave the first axis out"),
        (lambda: show.picture(np.zeros((0, 9)), alt="A"), "has shape (0, 9), expected (H, W)"),
        (lambda: show.picture(NOISE, alt="A"), "are more than 200,000; show fewer pixels"),
        (lambda: show.picture(GREY, alt="A", width=0), "picture(): width is 0"),
        (lambda: show.strip([], labels=[], alt="A"), "strip(): there is no image"),
        (lambda: show.strip([GREY], labels=[], alt="A"), "strip(): 0 labels for 1 images"),
        (
            lambda: show.strip([GREY], labels=[""], alt="A"),
            "strip(): the label of image 0 is empty",
        ),
        (lambda: show.strip([GREY, 5], labels="ab", alt="A"), "strip(): image 1 has shape ()"),
        (lambda: show.strip([GREY], labels="a", alt="A", columns=0), "strip(): columns is 0"),
        (lambda: show.strip([NOISE[:200]] * 2, labels="ab", alt="A"), "more than 300,000; show"),
        (lambda: show.sound(TONE, rate=8000, transcript=""), "sound(): transcript is ''; say in"),
        (lambda: show.sound(TONE, rate=7999, transcript="A"), "rate is 7999; give a whole number"),
        (lambda: show.sound(TONE, rate=48001, transcript="A"), "rate is 48001; give a whole"),
        (lambda: show.sound(TONE, rate=8000.0, transcript="A"), "rate is 8000.0; give a whole"),
        (lambda: show.sound(TONE + 1.1, rate=8000, transcript="A"), "samples reach 1.1, louder"),
        (lambda: show.sound(TONE + np.nan, rate=8000, transcript="A"), "samples has a value that"),
        (
            lambda: show.sound(TONE[None], rate=8000, transcript="A"),
            "has shape (1, 8000), expected",
        ),
        (lambda: show.sound(TONE[:0], rate=8000, transcript="A"), "has shape (0,), expected"),
        (lambda: show.sound(TONE.astype(int), rate=8000, transcript="A"), "samples is int64"),
        (lambda: show.sound(np.zeros(160_001), rate=8000, transcript="A"), "more than 20 s; cut"),
        (lambda: show.sound(np.zeros(260_000), rate=16_000, transcript="A"), "more than 500,000"),
        (
            lambda: show.animation([GREY], labels="a", alt="A"),
            "animation(): 1 frames; give 2 to 60",
        ),
        (lambda: show.animation([GREY] * 61, labels="a" * 61, alt="A"), "61 frames; give 2 to 60"),
        (lambda: show.animation([GREY] * 2, labels="abc", alt="A"), "3 labels for 2 frames"),
        (lambda: show.animation([GREY, GREY[1:]], labels="ab", alt="A"), "frames differ in shape"),
        (
            lambda: show.animation([GREY, plot.subplots()[0]], labels="ab", alt="A"),
            "use one of the",
        ),
        (
            lambda: show.animation([NOISE] * 2, labels="ab", alt="A"),
            "more than 600,000; give fewer",
        ),
        (lambda: show.data("run", {"w": [1, np.nan]}), "data('run'): value['w'][1] is nan, which"),
        (
            lambda: show.data("run", {1: 2}),
            "data('run'): value has the key 1; JSON's keys are text",
        ),
        (
            lambda: show.data("run", [object()]),
            "data('run'): value[0] is of type object; pass numbers",
        ),
        (lambda: show.data("Run", 1), "'Run.json' is no name like 'run.json'"),
        (
            lambda: show.data("run", "x" * 1_000_001),
            "1,000,003 bytes are more than 1,000,000; publish",
        ),
        (lambda: show.arrays("net"), "arrays('net'): no array is given"),
        (lambda: show.arrays("net", W=GREY), "W is float64, a page reads float32, float16, uint8"),
        (lambda: show.arrays("net", k=np.arange(3)), "convert it: k.astype(np.int32)"),
        (
            lambda: show.arrays("net", W=np.float32([np.inf])),
            "arrays('net'): W has a value that is",
        ),
        (lambda: show.file("x", b"1", "text/plain"), "file(): 'x' is no name like 'run.json'"),
        (lambda: show.file("../x.txt", b"1", "text/plain"), "file(): '../x.txt' is no name"),
        (lambda: show.file("x.txt", b"", "text/plain"), "file('x.txt'): content is bytes or empty"),
        (lambda: show.file("x.txt", b"1", "text"), "file('x.txt'): kind 'text' is no MIME type"),
    ],
)
def test_what_no_reader_could_use_is_refused_at_the_call(call: Any, message: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - its message is compared whole below
        call()
    assert message in str(refused.value)


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(AttributeError, match=r"no 'pictur'; did you mean 'picture'"):
        show.pictur  # noqa: B018


def test_a_kind_is_imported_when_asked_for() -> None:
    """So that a new kind, or a change of one, re-runs no example but those that use it."""
    code = (
        "import sys; from introdl.show import table; "
        "print(*sorted(m for m in sys.modules if m.startswith('introdl.')))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == [
        "introdl.lazily",
        "introdl.show",
        "introdl.show._numbers",
        "introdl.show._table",
    ]
