# %% [markdown]
# # Agreement, measured
#
# Every model of the course that is written from scratch is compared with a second computation of
# the same thing: an independent one, or our own version in PyTorch. This notebook runs those
# comparisons, which are tests of the project, and shows the worst difference that each one found.
# It runs in a checkout of the project, which has the tests.

# %%
import contextlib
import io
import json
import os
import re
import tempfile
from pathlib import Path

import pytest

from introdl.show import table, values

# %% [markdown]
# ## Run the comparisons
#
# The inputs are random. Here the seed is fixed, so that the site repeats; the project's test
# runs draw a new one each time.

# %%
root = Path(os.environ.get("INTRODL_ROOT", "."))
assert (root / "tests").is_dir(), "run this in a checkout of the course, which has its tests"
with tempfile.TemporaryDirectory() as scratch, contextlib.redirect_stdout(io.StringIO()) as log:
    # Hypothesis, which other tests of these files use, would keep its notes in the working folder.
    os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = str(Path(scratch, "hypothesis"))
    records_file = Path(scratch, "agreement.json")
    status = pytest.main(
        [
            str(root / "tests"),
            f"--rootdir={root}",
            f"--config-file={root / 'pyproject.toml'}",
            f"--ignore={root / 'tests' / 'site'}",
            f"--agreement={records_file}",
            "--seed=0",
            "-m=agreement",
            "-pno:cacheprovider",
            "-pno:xdist",
            "-q",
            "--color=no",
        ]
    )
    assert status == 0, log.getvalue()
    records = json.loads(records_file.read_text())


# %% [markdown]
# ## The tables
#
# The lessons stand in the order of the course.

# %%
nav = re.findall(r"- (\w+/\w+)\.md", (root / "mkdocs.yml").read_text(encoding="utf-8"))
shown = set()


def title(lesson):
    text = (root / "docs" / f"{lesson}.md").read_text(encoding="utf-8")
    return re.search("^# (.+)", text, re.MULTILINE)[1].partition(":")[0]


def show_part(part):
    """The comparisons of one part of the course, as a table."""
    mine = [record for record in records if record["lesson"].startswith(f"{part}/")]
    mine.sort(key=lambda record: nav.index(record["lesson"]))
    shown.update(record["lesson"] for record in mine)
    return table(
        ["what is compared, and with what", "worst difference", "allowed"],
        [
            [
                f"[{title(record['lesson'])}](site:/{record['lesson']}/): "
                f"{record['what']}; {record['against']}" + " (*our own twin*)" * record["twin"],
                f"{record['worst']:.2g}",
                f"{record['atol']:.2g}",
            ]
            for record in mine
        ],
    )


# %% name="orientation"
show_part("orientation")

# %% name="why_now"
show_part("why_now")

# %% name="history"
show_part("history")

# %% name="networks"
show_part("networks")

# %% name="vision"
show_part("vision")

# %% name="sequences"
show_part("sequences")

# %% name="language"
show_part("language")

# %% name="hardware"
show_part("hardware")

# %% name="applications"
show_part("applications")

# %% name="people"
show_part("people")

# %% name="count"
twins = sum(record["twin"] for record in records)
values(
    comparisons=len(records),
    independent=len(records) - twins,
    twins=twins,
    lessons=len({record["lesson"] for record in records}),
)

# %% [markdown]
# ## What this notebook claims

# %%
assert records
assert all(record["worst"] <= record["atol"] for record in records)
assert len(records) > 2 * twins, "most comparisons are independent"
assert {record["lesson"] for record in records} == shown, "a part has no table"
