"""The history of neural networks as data: read it, check it, and set its labels without overlap."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from importlib.resources import files

import numpy as np

from introdl.arguments import takes

KINDS = ("idea", "result", "setback", "technology")


@dataclass(frozen=True)
class Event:
    """One dated, cited event; a field with a default may be left out of the data file.

    Args:
        year: When the work appeared, or when it happened.
        title: A few words.
        people: Who did it.
        what: Why it mattered, in one sentence.
        kind: One of `KINDS`.
        cite: Key of its source in the bibliography.
        lesson: The lesson of the History part that runs it.
        winter: "begins" or "ends" where an AI winter does.
        starts: Lines of work whose first idea this is.
        delivers: Lines of work whose first competitive or widely used result this is.

    Raises:
        ValueError: If a field holds what it must not.
    """

    year: int
    title: str
    people: str
    what: str
    kind: str
    cite: str
    lesson: str = ""
    winter: str = ""
    starts: tuple[str, ...] = ()
    delivers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if type(self.year) is not int or not 1900 <= self.year <= 2100:
            raise ValueError(f"year must be a whole number from 1900 to 2100, got {self.year!r}")
        for name in ("title", "people", "what", "cite"):
            if not isinstance(text := getattr(self, name), str) or not text.strip():
                raise ValueError(f"{name} must be text, got {text!r}")
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind {self.kind!r}; expected one of {', '.join(KINDS)}")
        if self.winter not in ("", "begins", "ends"):
            raise ValueError(f"winter must be 'begins' or 'ends', got {self.winter!r}")
        for name in ("starts", "delivers"):
            if not isinstance(lines := getattr(self, name), tuple):
                raise ValueError(f"{name} must be a list of lines of work, got {lines!r}")


def parse(text: str) -> list[Event]:
    """Read events from TOML and check them.

    Args:
        text: A TOML document with an array of tables `[[event]]`, in order of year.

    Returns:
        The events.

    Raises:
        ValueError: If the text is no TOML, holds no event, or an entry lacks a field, has an
            unknown one, breaks a rule of `Event`, is out of order or there twice; it is named.
    """
    entries = tomllib.loads(text).get("event", [])
    if not entries or not isinstance(entries, list):
        raise ValueError("no [[event]] in the data")
    allowed = [field.name for field in fields(Event)]
    required = allowed[: allowed.index("cite") + 1]
    events: list[Event] = []
    for number, entry in enumerate(entries, start=1):
        name = f"event {number} ({entry.get('title', 'without a title')!r})"
        if missing := [field for field in required if field not in entry]:
            raise ValueError(f"{name}: missing {', '.join(missing)}")
        if unknown := [field for field in entry if field not in allowed]:
            raise ValueError(f"{name}: unknown field {', '.join(unknown)}")
        lists = {key: tuple(value) for key, value in entry.items() if isinstance(value, list)}
        try:
            event = Event(**entry | lists)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
        if events and event.year < events[-1].year:
            last = events[-1]
            raise ValueError(f"{name}: {event.year} stands after {last.year} ({last.title!r})")
        if any((event.year, event.title) == (other.year, other.title) for other in events):
            raise ValueError(f"{name}: listed twice in {event.year}")
        events.append(event)
    return events


def load() -> list[Event]:
    """Read the course's own events, from `events.toml` beside this module.

    Examples:
        >>> load()[0].people
        'Warren McCulloch, Walter Pitts'
    """
    return parse(files("introdl.history").joinpath("events.toml").read_text(encoding="utf-8"))


def winters(events: Sequence[Event]) -> list[tuple[int, int]]:
    """Find the AI winters: from each event marked "begins" to the next one marked "ends".

    Args:
        events: In order of year.

    Returns:
        First and last year of each winter.

    Raises:
        ValueError: If the marks do not alternate, or the last winter does not end.
    """
    found: list[tuple[int, int]] = []
    since: int | None = None
    for event in events:
        if event.winter == ("begins" if since is not None else "ends"):
            raise ValueError(f"{event.year} ({event.title!r}): a winter {event.winter} out of turn")
        if event.winter == "begins":
            since = event.year
        elif event.winter == "ends":
            found.append((since, event.year))
            since = None
    if since is not None:
        raise ValueError(f"the winter that begins in {since} never ends")
    return found


def waits(events: Sequence[Event]) -> dict[str, tuple[int, int]]:
    """Find how long each line of work waited, from its first idea to its first success.

    Args:
        events: In order of year.

    Returns:
        Year of the idea and year of the success, by line of work, in order of the idea. A line
        that has not delivered is left out.

    Raises:
        ValueError: If a line starts twice, or delivers without having started.
    """
    started, delivered = {}, {}
    for event in events:
        for line in event.starts:
            if line in started:
                raise ValueError(f"{line!r} starts twice: in {started[line]} and {event.year}")
            started[line] = event.year
        for line in event.delivers:
            if line not in started:
                raise ValueError(f"{line!r} delivers in {event.year} but never started")
            delivered.setdefault(line, event.year)
    return {line: (year, delivered[line]) for line, year in started.items() if line in delivered}


def spread(
    wanted: np.ndarray,
    gap: float,
    low: float,
    high: float,
) -> np.ndarray:
    """Move points as little as possible until they are `gap` apart.

    Minimises the sum of squared moves. With i·gap taken off point i, "at
    least a gap apart" becomes "in order", and the best points in order come
    from pooling adjacent violators.

    Args:
        wanted: Where the points should be, in ascending order, (N,).
        gap: Smallest distance between neighbours.
        low: No point goes below.
        high: No point goes above.

    Returns:
        Where the points go, in the same order, (N,) float64.

    Raises:
        ValueError: If `wanted` does not ascend, or the points do not fit.

    Source: Ayer, Brunk, Ewing, Reid & Silverman (1955).

    Examples:
        >>> spread(np.array([1995, 1995, 1997]), 3, 1940, 2030).round(2)
        array([1992.67, 1995.67, 1998.67])
    """
    if np.any(np.diff(wanted) < 0):
        raise ValueError("spread(): wanted must be in ascending order")
    offsets = gap * np.arange(len(wanted))
    extent, room = gap * max(len(wanted) - 1, 0), high - low
    if extent > room:
        what = f"{len(wanted)} points {gap:g} apart"
        raise ValueError(f"{what} need {extent:g}, have {room:g}")
    means: list[float] = []  # of the pools, whose points move as one
    counts: list[int] = []
    for mean in wanted - offsets:
        count = 1
        while means and means[-1] > mean:
            other, others = means.pop(), counts.pop()
            mean = (count * mean + others * other) / (count + others)
            count += others
        means.append(mean)
        counts.append(count)
    in_order = np.repeat(means, counts)
    return np.clip(in_order, low, high - extent) + offsets


# What each takes is checked apart from the code, so that a page can show the idea alone.

takes(spread, {"wanted": "(N,)", "gap": "()"})
