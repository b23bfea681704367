"""Sound for silent films: when is something hit, what is it made of, and how does that sound?"""

from introdl.applications.silent_film.films import (
    FPS,
    MATERIALS,
    Film,
    clock,
    film,
    films,
    hit_table,
)
from introdl.applications.silent_film.hits import best_limit, counts, f1, matched, rings
from introdl.applications.silent_film.net import Listener, fit_listeners, listen
from introdl.applications.silent_film.simple import change, changes, looks
from introdl.applications.silent_film.sound import PARTIALS, strike, track

__all__ = [
    "FPS",
    "MATERIALS",
    "PARTIALS",
    "Film",
    "Listener",
    "best_limit",
    "change",
    "changes",
    "clock",
    "counts",
    "f1",
    "film",
    "films",
    "fit_listeners",
    "hit_table",
    "listen",
    "looks",
    "matched",
    "rings",
    "strike",
    "track",
]
