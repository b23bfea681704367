"""Top-5 error: many classes, five guesses, and pictures that deserve more than one label."""

from introdl.people.top_five.letters import (
    ALPHABETS,
    CHARACTERS,
    SIDE,
    ceiling,
    drawn,
    look_alikes,
)
from introdl.people.top_five.net import fit, small_net
from introdl.people.top_five.scoring import label_ranks, nearest_scores, top_k_error

__all__ = [
    "ALPHABETS",
    "CHARACTERS",
    "SIDE",
    "ceiling",
    "drawn",
    "fit",
    "label_ranks",
    "look_alikes",
    "nearest_scores",
    "small_net",
    "top_k_error",
]
