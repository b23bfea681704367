"""Run the examples that are out of date: `python -m introdl_site [EXAMPLE ...]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from introdl_site.project import Example, Project
from introdl_site.publishing import snippets
from introdl_site.running import cache, runner


def main(arguments: list[str] | None = None) -> int:
    """Run what is stale and publish what it shows; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m introdl_site", description=__doc__)
    parser.add_argument("examples", nargs="*", metavar="EXAMPLE", help="such as examples/a/b.py")
    parser.add_argument("--force", action="store_true", help="run what is current, too")
    parser.add_argument("--jobs", type=int, help="how many at once (default: one a core)")
    parser.add_argument("--limit", type=float, default=runner.LIMIT, help="seconds for one example")
    options = parser.parse_args(arguments)
    project = Project(Path.cwd())
    try:
        chosen = _choose(project, options.examples)
        with cache.lock(project):
            outcome = runner.bring_up_to_date(
                chosen, limit=options.limit, jobs=options.jobs, force=options.force
            )
            problems = [problem for found in outcome.problems.values() for problem in found]
            # What the other examples showed stays where pages include it.
            found = {example.name: cache.load(example) for example in project.examples()}
            runs = {name: run for name, run in found.items() if run is not None}
            problems += snippets.publish(project, runs).problems
    except cache.CacheError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        print("Interrupted; the examples that had ended are kept.", file=sys.stderr)
        return 130
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    current = len(outcome.runs) + len(outcome.problems) - len(outcome.executed)
    print(
        f"{len(outcome.executed)} run, {current} current, {len(outcome.problems)} failed",
        file=sys.stderr,
    )
    return 1 if problems else 0


def _choose(project: Project, names: list[str]) -> list[Example]:
    known = {example.path.resolve(): example for example in project.examples()}
    if not known:
        sys.exit(f"error: no examples under {project.root / 'examples'}; run this in the checkout")
    if not names:
        return list(known.values())
    unknown = [name for name in names if Path(name).resolve() not in known]
    if unknown:
        sys.exit(f"error: no example: {', '.join(unknown)} (they lie under examples/)")
    return [known[Path(name).resolve()] for name in names]


if __name__ == "__main__":
    sys.exit(main())
