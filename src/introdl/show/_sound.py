"""Let a reader hear samples."""

from __future__ import annotations

import html
import io
import wave
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from introdl import plot
from introdl.show._bundle import Part, bundle, fits, said

LIMIT = 500_000
SECONDS = 20
RATES = (8_000, 48_000)
#: In how many pieces the drawing shows the lowest and the highest sample.
_PIECES = 500


class sound:  # noqa: N801 - reads as a verb in a cell: sound(...)
    """Show a player and the waveform: the last line of the cell that makes the samples.

    Args:
        samples: (T,) floats in [-1, 1], at most 20 seconds.
        rate: Samples per second, 8,000 to 48,000.
        transcript: What is heard, in words, for a reader who cannot hear it.
        caption: One or two sentences under it, in Markdown.

    Raises:
        ValueError: If `transcript` is empty, the samples are not one row of finite floats in
            range, the rate is out of range, or the sound is longer than 20 s or 500 kB.
    """

    def __init__(
        self, samples: ArrayLike, *, rate: int, transcript: str, caption: str = ""
    ) -> None:
        self.transcript = said("sound", "transcript", transcript, "what is heard")
        self.caption = " ".join(caption.split())
        heard = _checked(samples)
        if not (isinstance(rate, int | np.integer) and RATES[0] <= rate <= RATES[1]):
            raise ValueError(f"sound(): rate is {rate}; give a whole number from 8000 to 48000")
        self.seconds = len(heard) / rate
        if self.seconds > SECONDS:
            message = f"it lasts {self.seconds:.1f} s, more than {SECONDS} s"
            raise ValueError(f"sound(): {message}; cut it, as by samples[:{SECONDS} * rate]")
        self.wav = _wav(heard, int(rate))
        fits("sound()", len(self.wav), LIMIT, "shorten it, or halve its rate")
        self.svg = _drawn(heard, int(rate), self.transcript)

    def __repr__(self) -> str:
        return f"Sound of {self.seconds:.3g} s: {self.transcript}"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        part = Part(".wav", "audio/wav", self.wav)
        player = f'<audio controls preload="none" src="{part.address}"></audio>'
        return bundle(
            "sound",
            [part],
            {
                "text/html": f"{player}<p>{html.escape(self.transcript)}</p>",
                "text/plain": repr(self),
            },
            transcript=self.transcript,
            caption=self.caption,
            seconds=self.seconds,
            svg=self.svg,
        )


def _checked(samples: ArrayLike) -> NDArray[np.float64]:
    array = np.asarray(samples)
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"sound(): samples has shape {array.shape}, expected (T,) with T > 0")
    if not np.issubdtype(array.dtype, np.floating):
        raise ValueError(f"sound(): samples is {array.dtype}; pass floats in [-1, 1]")
    if not np.isfinite(array).all():
        raise ValueError("sound(): samples has a value that is not finite")
    if (peak := np.abs(array).max()) > 1:
        message = f"samples reach {peak:.3g}, louder than 1"
        raise ValueError(f"sound(): {message}; divide by the peak: samples / np.abs(samples).max()")
    return array.astype(np.float64)


def _wav(samples: NDArray[np.float64], rate: int) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.round(samples * 32767).astype("<i2").tobytes())
    return buffer.getvalue()


def _drawn(samples: NDArray[np.float64], rate: int, transcript: str) -> str:
    """The waveform: each sample while they are few, else the reach of each piece."""
    fig, ax = plot.subplots(height=1.5)
    seconds = np.arange(len(samples)) / rate
    if len(samples) <= 2 * _PIECES:
        ax.plot(seconds, samples, color=plot.BLUE, linewidth=1)
    else:
        starts = np.linspace(0, len(samples), _PIECES, endpoint=False).astype(int)
        low, high = (reach.reduceat(samples, starts) for reach in (np.minimum, np.maximum))
        ax.fill_between(
            seconds[starts], low, high, color=plot.BLUE, edgecolor=plot.BLUE, linewidth=0.5
        )
    ax.set(xlim=(0, len(samples) / rate), ylim=(-1.05, 1.05), yticks=[-1, 0, 1])
    ax.set_xlabel("seconds")
    return plot.figure(fig, alt=f"Waveform: {transcript}").svg
