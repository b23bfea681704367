"""What customers wrote about products, and what readers felt in it."""

from __future__ import annotations

from importlib.resources import files
from typing import NamedTuple

import numpy as np


class Opinions(NamedTuple):
    """Sentences, each with its review and what 20 readers said of it."""

    sentences: list[str]
    review: np.ndarray
    rating: np.ndarray
    votes: np.ndarray


def opinions() -> Opinions:
    """Load 2,956 real sentences of 298 customers' reviews of five products, rated by readers.

    Hu and Liu (2004) collected the sentences. For Hutto and Gilbert (2014), 20 people rated each
    from -4, very negative, to 4, very positive. Here are those with a mean at least 0.5 from 0, in
    small letters. No sentence stands there twice, but sentences of one review belong together. The
    licences, MIT and CC BY 4.0, and all that was changed, stand at the top of `opinions.txt`; the
    script is `introdl.data._opinions_snapshot`.

    Returns:
        The sentences; for each the number of its review and its mean rating, (N,); and how many
        readers were below 0, at 0 and above 0, (N, 3).

    Examples:
        >>> found = opinions()
        >>> found.sentences[12], found.votes[12].tolist()
        ('for the price it is a well spent investment!', [0, 0, 20])
    """
    text = files("introdl.data").joinpath("opinions.txt").read_text(encoding="ascii")
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    return Opinions(
        [row[5] for row in rows],
        np.array([int(row[0]) for row in rows]),
        np.array([float(row[1]) for row in rows]),
        np.array([[int(v) for v in row[2:5]] for row in rows]),
    )
