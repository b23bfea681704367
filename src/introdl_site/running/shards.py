"""Shards: the examples and pages in shares that several machines run, each one of them.

The shares follow from the checkout alone, so that the machines agree without a word: the seconds
stand in `examples/seconds.toml`, not in the cache, which differs from one to the other.
"""

from __future__ import annotations

import re
import statistics
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from introdl_site.project import Project, Runnable
from introdl_site.running import cache, handing

#: Seconds that starting a kernel takes, whatever it runs.
_START = 1
#: What has the machine to itself leaves the other core idle.
_ALONE = 2
_HEAD = """\
# What each example and page takes to run, in seconds: shards of equal length are made of it.
# Measured by `python -m introdl_site --weigh`. What is not listed counts as the median of its kind.
"""


class ShardError(Exception):
    """What is asked for is no shard, or none can be made; the message says why."""


@dataclass(frozen=True)
class Shard:
    """One of several shares: `number` from 1 to `of`."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read a shard as it is written, like `2/4`.

        Raises:
            ShardError: If it is written otherwise, or there is no such shard.

        Examples:
            >>> Shard.parse("2/4")
            Shard(number=2, of=4)
        """
        found = re.fullmatch(r"([0-9]{1,4})/([0-9]{1,4})", text)
        if found is None:
            raise ShardError(f"{text!r} is no shard: write 2/4 for the second of four")
        number, of = int(found[1]), int(found[2])
        if not 1 <= number <= of:
            raise ShardError(
                f"there is no shard {text}: the first number goes from 1 to the second"
            )
        return cls(number, of)


def share(project: Project, items: Iterable[Runnable], shard: Shard) -> list[Runnable]:
    """The items of one shard; each item is in one, together with all that it gets and gives.

    Raises:
        ShardError: If `examples/seconds.toml` cannot be read.
    """
    items = list(items)
    seconds = _read(project)
    weights = {item.name: _weight(item, seconds) for item in items}
    chains = sorted(_chains(items), key=lambda names: (-sum(weights[n] for n in names), names))
    loads = [0.0] * shard.of
    mine: set[str] = set()
    for names in chains:  # the longest first, each to whoever has least
        place = loads.index(min(loads))
        loads[place] += sum(weights[name] for name in names)
        if place == shard.number - 1:
            mine |= set(names)
    return [item for item in items if item.name in mine]


def drop_stale(items: Iterable[Runnable]) -> None:
    """Delete runs that are out of date and what they kept.

    Copied over another shard's cache, they would replace what that one ran.
    """
    plan = handing.plan(items)
    # Givers come first: what got what they kept is out of date once that is gone.
    for item in [*plan.items, *plan.problems]:
        if cache.load(item) is None:
            cache.drop(item)


def weigh(project: Project, items: Iterable[Runnable]) -> Path:
    """Write into `examples/seconds.toml` what the items took when they last ran.

    Raises:
        CacheError: If it cannot be written.
        ShardError: If `examples/seconds.toml` cannot be read.
    """
    before = _read(project)
    seconds = {item.name: before.get(item.name) for item in items}
    seconds |= {i.name: round(s, 1) for i in items if (s := cache.known_seconds(i)) < float("inf")}
    lines = [f'"{name}" = {took}\n' for name, took in sorted(seconds.items()) if took is not None]
    cache.write(_path(project), (_HEAD + "".join(lines)).encode())
    return _path(project)


def _path(project: Project) -> Path:
    return project.root / "examples/seconds.toml"


def _read(project: Project) -> dict[str, float]:
    path = _path(project)
    if not path.is_file():
        return {}
    try:
        return {name: float(took) for name, took in tomllib.loads(path.read_text("utf-8")).items()}
    except (TypeError, ValueError) as error:
        place = project.relative(path)
        raise ShardError(
            f"{place}: {error}; make it anew by `rm {place} && python -m introdl_site --weigh`"
        ) from None


def _weight(item: Runnable, seconds: Mapping[str, float]) -> float:
    kind = [took for name, took in seconds.items() if _is_page(name) == _is_page(item.name)]
    took = seconds.get(item.name, statistics.median(kind) if kind else 1.0)
    return _START + took * (_ALONE if item.timed else 1)


def _is_page(name: str) -> bool:
    return name.startswith("docs/")


def _chains(items: list[Runnable]) -> list[list[str]]:
    """The names of the items, those together of which one gets what another one keeps."""
    plan = handing.plan(items)
    chain = {item.name: {item.name} for item in items}
    for item in items:
        for giver in plan.givers(item.name) & chain.keys():
            joined = chain[item.name] | chain[giver]
            chain |= dict.fromkeys(joined, joined)
    return [sorted(names) for names in {id(names): names for names in chain.values()}.values()]
