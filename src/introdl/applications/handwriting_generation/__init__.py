"""Handwriting generation: strokes from real digits, and a net that writes them step by step."""

from introdl.applications.handwriting_generation.judge import (
    distances,
    mean_path,
    mixture_loss,
    variety,
)
from introdl.applications.handwriting_generation.net import (
    LONGEST,
    Writer,
    choose,
    fit_writers,
    split,
    write,
)
from introdl.applications.handwriting_generation.strokes import (
    render,
    resample,
    to_lines,
    to_steps,
    trace,
)

__all__ = [
    "LONGEST",
    "Writer",
    "choose",
    "distances",
    "fit_writers",
    "mean_path",
    "mixture_loss",
    "render",
    "resample",
    "split",
    "to_lines",
    "to_steps",
    "trace",
    "variety",
    "write",
]
