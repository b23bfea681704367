"""Run the examples and pages that are out of date: `python -m introdl_site [FILE ...]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from introdl_site.pages.executed import PageBlocks, runnables
from introdl_site.problems import Problem
from introdl_site.project import Project, Runnable
from introdl_site.publishing import snippets
from introdl_site.running import cache, runner, shards

_WEIGH = "write what each took into examples/seconds.toml, by which shards are made; run nothing"
_LIMIT = f"seconds of processor time for one (default: {runner.LIMIT:g})"


def main(arguments: list[str] | None = None) -> int:
    """Run what is stale and publish what it shows; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m introdl_site", description=__doc__)
    parser.add_argument("files", nargs="*", metavar="FILE", help="examples/a/b.py or docs/a/b.md")
    parser.add_argument("--force", action="store_true", help="run what is current, too")
    parser.add_argument("--jobs", type=int, help="how many at once (default: one a core)")
    parser.add_argument("--limit", type=float, default=runner.LIMIT, help=_LIMIT)
    parser.add_argument("--shard", metavar="I/N", help="the I-th of N shares of equal length")
    parser.add_argument("--weigh", action="store_true", help=_WEIGH)
    options = parser.parse_args(arguments)
    project = Project(Path.cwd())
    try:
        items = runnables(project)
        chosen = _choose(project, items, options.files)
        if options.weigh:
            print(f"wrote {project.relative(shards.weigh(project, items))}", file=sys.stderr)
            return 0
        if options.shard is not None:
            if options.files:
                sys.exit("error: name files or a shard, not both")
            chosen = shards.share(project, items, shards.Shard.parse(options.shard))
        with cache.lock(project):
            if options.shard is not None:
                shards.drop_stale(item for item in items if item not in chosen)
            outcome = runner.bring_up_to_date(
                chosen, limit=options.limit, jobs=options.jobs, force=options.force
            )
            problems = [problem for found in outcome.problems.values() for problem in found]
            problems += _unread(chosen, outcome.problems)
            # What the others showed stays where pages include it.
            found = {item.name: cache.load(item) for item in items}
            runs = {name: run for name, run in found.items() if run is not None}
            problems += snippets.publish(project, items, runs).problems
    except (cache.CacheError, shards.ShardError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        print("Interrupted; the runs that had ended are kept.", file=sys.stderr)
        return 130
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    current = len(outcome.runs) + len(outcome.problems) - len(outcome.executed)
    print(
        f"{len(outcome.executed)} run, {current} current, {len(outcome.problems)} failed",
        file=sys.stderr,
    )
    return 1 if problems or outcome.problems else 0


def _unread(items: list[Runnable], failed: Mapping[str, list[Problem]]) -> list[Problem]:
    """Why pages' blocks could not be read, which a build names at another stage."""
    silent = [item for item in items if failed.get(item.name) == []]
    faults = [item.fault for item in silent if isinstance(item, PageBlocks)]
    return [fault for fault in faults if fault is not None]


def _choose(project: Project, items: list[Runnable], names: list[str]) -> list[Runnable]:
    known = {item.path.resolve(): item for item in items}
    if not known:
        sys.exit(f"error: nothing to run under {project.root}; run this in the checkout")
    if not names:
        return items
    if unknown := [name for name in names if Path(name).resolve() not in known]:
        sys.exit(
            f"error: nothing to run in {', '.join(unknown)} (examples lie under examples/, pages "
            "with Python blocks under docs/)"
        )
    return [known[Path(name).resolve()] for name in names]


if __name__ == "__main__":
    sys.exit(main())
