"""The workflows are valid, safe from a stranger's pull request, and publish what was tested."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").iterdir())

#: What may start a workflow. Others, such as `pull_request_target`, `workflow_run` or
#: `issue_comment`, run with the rights of the repository on what a stranger sent.
TRIGGERS = {"pull_request", "push", "schedule", "workflow_dispatch"}
#: Machines that GitHub throws away after the job.
HOSTED = re.compile(r"(ubuntu|macos|windows)-(latest|[\d.]+)(-arm)?")
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
MAIN = "github.ref == 'refs/heads/main'"
MAIN_IF_SET = re.compile(re.escape(MAIN) + r" && vars\.\w+ != ''")
ONLY_MAIN = f"github.event_name == 'push' && {MAIN}"


def complaints(text: str) -> Iterator[str]:
    """What is unsafe in a workflow, with the way out."""
    workflow = yaml.safe_load(text)
    # YAML 1.1 reads the key `on` as true.
    triggers = workflow.get("on", workflow.get(True))
    for trigger in [triggers] if isinstance(triggers, str) else triggers:
        if trigger not in TRIGGERS:
            yield f"trigger {trigger!r}: use one of {', '.join(sorted(TRIGGERS))}"
    if workflow.get("permissions") != {}:
        yield "top-level permissions are not empty: write 'permissions: {}', and give each job its"
    trusted = "pull_request" not in triggers
    for name, job in workflow["jobs"].items():
        for message in _job_complaints(job, trusted):
            yield f"job {name!r}: {message}"
    for line in text.splitlines():
        if re.search(r"\buses:", line) and not re.search(r"@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line):
            yield f"{line.strip(' -')!r}: end the line in '@<40 hex digits> # v1.2.3'"


def _job_complaints(job: dict[str, Any], trusted: bool) -> Iterator[str]:
    machine, condition = job.get("runs-on"), str(job.get("if"))
    # What is asked for below could be on one side of it alone, or turned round.
    if re.search(r"\|\||!\s*\(|\)\s*[=!]=|false", condition):
        yield "its condition has an '||' or a negation: write conditions that all must hold"
    if not isinstance(machine, str) or not HOSTED.fullmatch(machine):
        if not trusted:
            # zizmor takes an expression for a machine of GitHub's.
            yield f"runs on {machine!r}: name one of GitHub's own machines, such as ubuntu-24.04"
        elif not (MAIN_IF_SET.fullmatch(condition) and "environment" in job):
            yield f"runs on {machine!r}: let it run on main alone, with an environment, and skip it"
    if "timeout-minutes" not in job:
        yield "has no timeout-minutes"
    rights = job.get("permissions")
    if not isinstance(rights, dict):
        yield "has no permissions of its own: list what it needs, such as 'contents: read'"
    elif "write" in rights.values() and not (
        ONLY_MAIN in condition or (trusted and MAIN in condition)
    ):
        yield f"may write on any event: give it 'if: {ONLY_MAIN}'"
    for step in job.get("steps", []):
        action = step.get("uses")
        if action is None:
            continue
        if not PINNED.fullmatch(action):
            yield f"{action!r} is not pinned: write the action's full commit for its version"
        keeps = step.get("with", {}).get("persist-credentials", True)
        if action.startswith("actions/checkout@") and keeps is not False:
            yield "its checkout leaves the token on disk: add 'persist-credentials: false'"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflow_is_safe(path: Path) -> None:
    assert list(complaints(path.read_text(encoding="utf-8"))) == []


GOOD = f"""\
on: [push, pull_request]
permissions: {{}}
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@{"a" * 40} # v1.2.3
        with:
          persist-credentials: false
"""


def test_the_good_workflow_has_no_complaint() -> None:
    assert list(complaints(GOOD)) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[push, pull_request]", "pull_request_target", "trigger 'pull_request_target': use one"),
        ("[push, pull_request]", "{workflow_run: {}}", "trigger 'workflow_run': use one of"),
        ("permissions: {}", "permissions: read-all", "top-level permissions are not empty"),
        ("permissions: {}", "", "top-level permissions are not empty"),
        ("ubuntu-24.04", "self-hosted", "job 'test': runs on 'self-hosted': name one of"),
        ("ubuntu-24.04", "[self-hosted, linux]", "runs on ['self-hosted', 'linux']: name one"),
        ("ubuntu-24.04", "{group: ours}", "runs on {'group': 'ours'}: name one of"),
        ("ubuntu-24.04", "${{ vars.RUNNER }}", "runs on '${{ vars.RUNNER }}': name one of"),
        ("ubuntu-24.04", "${{ github.event_name == 'push' && 'ubuntu-24.04' }}", "name one of"),
        ("ubuntu-24.04", "${{ matrix.machine }}", "job 'test': runs on '${{ matrix.machine }}'"),
        ("    timeout-minutes: 5\n", "", "job 'test': has no timeout-minutes"),
        ("contents: read", "contents: write", "job 'test': may write on any event: give it"),
        ("    permissions:\n      contents: read\n", "", "has no permissions of its own"),
        ("a" * 40 + " # v1.2.3", "v1", "'actions/checkout@v1' is not pinned"),
        (" # v1.2.3", "", "end the line in '@<40 hex digits> # v1.2.3'"),
        ("persist-credentials: false", "fetch-depth: 0", "leaves the token on disk: add"),
    ],
)
def test_an_unsafe_workflow_is_named(old: str, new: str, message: str) -> None:
    assert old in GOOD
    assert message in "\n".join(complaints(GOOD.replace(old, new)))


OURS = GOOD.replace("ubuntu-24.04", "${{ vars.GPU_RUNNER }}").replace(
    "    timeout", f"    if: {MAIN} && vars.GPU_RUNNER != ''\n    environment: gpu\n    timeout"
)


@pytest.mark.parametrize("triggers", ["push", "[push]", "{schedule: [], workflow_dispatch: }"])
def test_a_machine_of_ours_runs_what_we_pushed(triggers: str) -> None:
    assert list(complaints(OURS.replace("[push, pull_request]", triggers))) == []


@pytest.mark.parametrize(
    "triggers", ["pull_request", "[push, pull_request]", "{push: {}, pull_request: {paths: [a]}}"]
)
@pytest.mark.parametrize(
    "machine", ["self-hosted", "[self-hosted, gpu]", "{group: g, labels: gpu}", "${{ vars.R }}"]
)
def test_a_machine_of_ours_never_runs_what_a_stranger_sent(triggers: str, machine: str) -> None:
    text = OURS.replace("[push, pull_request]", triggers)
    text = text.replace("runs-on: ${{ vars.GPU_RUNNER }}", f"runs-on: {machine}")
    assert "name one of GitHub's own machines" in "\n".join(complaints(text))


@pytest.mark.parametrize(
    "guard", [f"{MAIN} && ", " && vars.GPU_RUNNER != ''", "    environment: gpu\n"]
)
def test_a_machine_of_ours_needs_its_guards(guard: str) -> None:
    text = OURS.replace("[push, pull_request]", "push").replace(guard, "")
    assert "let it run on main alone, with an environment" in "\n".join(complaints(text))


def test_a_guard_that_need_not_hold_is_named() -> None:
    text = OURS.replace("[push, pull_request]", "push").replace(f"{MAIN} &&", f"{MAIN} ||")
    assert "its condition has an '||' or a negation" in "\n".join(complaints(text))


def run(*command: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)


def test_zizmor_finds_nothing() -> None:
    zizmor = Path(sysconfig.get_path("scripts"), "zizmor")
    done = run(zizmor, "--offline", "--persona=pedantic", "--no-progress", ROOT / ".github")
    assert done.returncode == 0, done.stdout + done.stderr
    # It says that all is well, too, where it found nothing to read.
    for path in WORKFLOWS:
        assert f"completed {path}" in done.stderr


@pytest.mark.parametrize(
    ("schema", "paths"),
    [
        ("vendor.github-workflows", WORKFLOWS),
        ("vendor.dependabot", [ROOT / ".github" / "dependabot.yml"]),
        ("vendor.citation-file-format", [ROOT / "CITATION.cff"]),
    ],
)
def test_files_fit_their_schemas(schema: str, paths: list[Path]) -> None:
    checker = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema]
    done = run(*checker, *paths)
    assert done.returncode == 0, done.stdout + done.stderr


def test_shards_are_all_there_and_hand_on_what_runs_leave() -> None:
    jobs = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text(encoding="utf-8"))["jobs"]
    shards = jobs["run"]["strategy"]["matrix"]["shard"]
    assert shards == list(range(1, len(shards) + 1))
    used = [step for job in ("run", "test") for step in jobs[job]["steps"] if "uses" in step]
    steps = {step["uses"].partition("@")[0]: step for step in used}
    took = steps["actions/cache/restore"]["with"]
    assert took == steps["actions/cache"]["with"]
    folders = [f".cache/{folder}" for folder in ("docs", "examples", "handed")]
    assert took["path"].split() == folders
    [left] = [s["with"] for s in jobs["run"]["steps"] if "upload-artifact" in s.get("uses", "")]
    assert left["path"].split() == folders
    # The action puts what it uploads below the folder that the paths share.
    assert steps["actions/download-artifact"]["with"]["path"] == ".cache"


def test_deploy_pushes_the_site_as_one_commit(tmp_path: Path) -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text(encoding="utf-8"))
    [script] = [step["run"] for step in workflow["jobs"]["deploy"]["steps"] if "run" in step]
    remote = tmp_path / "owner" / "name"
    run("git", "init", "--quiet", "--bare", remote, check=True)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "GITHUB_SERVER_URL": tmp_path.as_uri(),
        "GITHUB_REPOSITORY": "owner/name",
        "GITHUB_SHA": "0123456789",
        "TOKEN": "a-token",
    }
    for number in ("first", "second"):
        site = tmp_path / number
        site.mkdir()
        (site / "index.html").write_text(number)
        done = run("bash", "-e", "-c", script, cwd=site, env=environment)
        assert done.returncode != 0, "a site without .nojekyll was pushed"
        (site / ".nojekyll").touch()
        done = run("bash", "-e", "-c", script, cwd=site, env=environment)
        assert done.returncode == 0, done.stderr
        assert "a-token" not in (site / ".git" / "config").read_text()
    log = run("git", "-C", remote, "log", "--format=%s", "gh-pages").stdout
    assert log == "Site of 0123456789\n"
    assert run("git", "-C", remote, "show", "gh-pages:index.html").stdout == "second"
    tree = run("git", "-C", remote, "ls-tree", "-r", "--name-only", "gh-pages").stdout
    assert tree.split() == [".nojekyll", "index.html"]


GPU = yaml.safe_load((ROOT / ".github/workflows/gpu-timings.yml").read_text(encoding="utf-8"))


def test_gpu_timings_follow_the_code_that_measures() -> None:
    triggers = GPU[True]
    assert set(triggers) == {"workflow_dispatch", "schedule", "push"}
    assert triggers["push"]["branches"] == ["main"]
    for path in triggers["push"]["paths"]:
        assert list(ROOT.glob(path)), f"{path} is nowhere"
    assert not GPU["concurrency"]["cancel-in-progress"]


def test_a_gpu_record_is_proposed_on_a_branch_of_its_own(tmp_path: Path) -> None:
    script = GPU["jobs"]["propose"]["steps"][-1]["run"]
    remote, checkout, tools = (tmp_path / name for name in ("owner/name", "checkout", "tools"))
    run("git", "init", "--quiet", "--bare", remote, check=True)
    run("git", "init", "--quiet", "--initial-branch=main", checkout, check=True)
    tools.mkdir()
    (tools / "gh").write_text('#!/bin/sh\necho "$@" > "$HOME/asked"\n')
    (tools / "gh").chmod(0o755)
    record = checkout / "src/introdl/hardware/records/gpu.json"
    record.parent.mkdir(parents=True)
    record.write_text("{}")
    (checkout / "measured").mkdir()
    (checkout / "measured" / "record.json").write_text("{}")
    environment = {
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "GITHUB_SERVER_URL": tmp_path.as_uri(),
        "GITHUB_REPOSITORY": "owner/name",
        "GITHUB_RUN_ID": "77",
        "GITHUB_SHA": "0123456789",
        "GH_TOKEN": "a-token",
    }
    done = run("bash", "-e", "-c", script, cwd=checkout, env=environment)
    assert done.returncode == 0, done.stderr
    tree = run("git", "-C", remote, "ls-tree", "-r", "--name-only", "gpu-timings/77").stdout
    assert tree.split() == ["src/introdl/hardware/records/gpu.json"]
    assert "--base main --head gpu-timings/77" in (tmp_path / "asked").read_text()
    assert "a-token" not in (checkout / ".git" / "config").read_text()
