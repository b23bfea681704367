"""Measure the build beside plain mkdocs-jupyter on the same examples: `make bench`.

Everything runs in a copy of the working tree, with caches of its own. Figures are seconds of wall
time, or bytes; a ratio below 1 means that this project needs less.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import http.server
import json
import os
import platform
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import torch
from lxml import html
from rich.console import Console
from rich.table import Table
from scaled import copy_tree, grow
from threadpoolctl import threadpool_limits

from introdl.language.decoding import CachedGPT
from introdl.language.gpt.stages import GPT
from introdl.networks.autograd.timing import time_training
from introdl.vision.convolution import time_convolutions

PLAIN = """\
site_name: Plain
docs_dir: examples
site_dir: plain-site
theme:
  name: material
  font: false
plugins:
  - mkdocs-jupyter:
      execute: true
      allow_errors: false
      cache_dir: .cache/plain
"""
console = Console(width=100)


def main() -> None:
    """Print one table for each kind of figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lighthouse", help="path of Lighthouse's command, from npm")
    parser.add_argument(
        "--lessons", type=int, help="measure nothing but a course of so many lessons, some copied"
    )
    options = parser.parse_args()
    console.print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    )
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        copy = Path(scratch, "copy")
        copy_tree(copy)
        if options.lessons:
            at_size(copy, options.lessons)
            return
        with one_thread():
            convolutions()
            engine()
        (copy / "plain.yml").write_text(PLAIN)
        builds(copy)
        costs(copy)
        weights(copy)
        previews(copy)
        key_value_cache()
        if options.lighthouse:
            lighthouse(copy, options.lighthouse)
        else:
            console.print("Lighthouse: not measured; name its command with --lighthouse")


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """NumPy and PyTorch on one thread each."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with threadpool_limits(1):
        yield
    torch.set_num_threads(threads)


def convolutions() -> None:
    """How many times as long one way to convolve takes as another, and if that is as wanted."""
    columns = ("loop : product", "product : PyTorch", "product : PyTorch in float32")
    table = Table("channels, picture", *columns, title="Convolution, ratios of medians")
    gains, costs = [], []
    for channels, kernels, side in ((1, 8, 128), (3, 16, 64), (16, 32, 32)):
        speed = time_convolutions(channels, kernels, side)
        gains.append(speed.naive / speed.product)
        costs.append((speed.product / speed.torch64, speed.product / speed.torch32))
        name = f"{channels} → {kernels}, {side} × {side}"
        table.add_row(name, f"{gains[-1]:,.0f}", *(f"{cost:.1f}" for cost in costs[-1]))
    console.print(table)
    least, most = min(gains), max(map(max, costs))
    for wanted, found, holds in (
        ("im2col at least 20 times as fast as the naive loop", least, least >= 20),
        ("im2col at most 5 times PyTorch's time, in either precision", most, most <= 5),
    ):
        console.print(f"{wanted}: {'holds' if holds else 'FAILS'}, worst ratio {found:,.1f}")


def engine() -> None:
    """How many times as long a training takes with the course's engine as with PyTorch's."""
    table = Table(
        "net, float64", "engine : PyTorch", title="Slopes of a training, ratio of medians"
    )
    for inputs, hidden in ((64, 32), (64, 512), (784, 512)):
        speed = time_training(inputs, hidden)
        name = f"{inputs} inputs, {hidden} hidden units"
        table.add_row(name, f"{speed.engine / speed.torch:.1f}")
    console.print(table)


def mkdocs(copy: Path, *arguments: str) -> tuple[float, str]:
    """Run MkDocs in the copy; return its seconds and what it said."""
    environment = {**os.environ, "PYTHONPATH": str(copy / "src"), "INTRODL_ROOT": str(copy)}
    environment.pop("INTRODL_CACHE", None)
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "--quiet", *arguments],
        cwd=copy,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"mkdocs {' '.join(arguments)} failed:\n{done.stdout}")
    return time.monotonic() - began, done.stdout


def examples_alone(copy: Path) -> float:
    """Seconds of bringing the examples up to date, without the pages."""
    began = time.monotonic()
    environment = {**os.environ, "PYTHONPATH": str(copy / "src")}
    command = [sys.executable, "-m", "introdl_site"]
    subprocess.run(command, cwd=copy, env=environment, check=True, stderr=subprocess.DEVNULL)
    return time.monotonic() - began


def executed(said: str) -> list[str]:
    """The examples that a build says it ran."""
    return re.findall(r"^\s+\[\d+/\d+\] (\S+):", said, flags=re.MULTILINE)


def builds(copy: Path) -> None:
    """Cold, warm and after an edit, in turn."""
    ours = partial(mkdocs, copy, "build", "--strict")
    plain = partial(mkdocs, copy, "build", "--config-file", "plain.yml")
    table = Table("build", "this project", "plain mkdocs-jupyter", "ratio", title="Seconds")
    for name in ("cold", "warm"):
        other, _ = plain()
        alone = examples_alone(copy)
        seconds, _ = ours()
        row = (f"{alone:.1f}", f"{other:.1f}", f"{alone / other:.2f}")
        table.add_row(f"{name}, the examples", *row)
        if name == "cold":
            seconds += alone
        row = (f"{seconds:.1f}", f"{other:.1f}", f"{seconds / other:.2f}")
        table.add_row(f"{name}, the whole site beside its examples", *row)
    module = copy / "src/introdl/history/xor.py"
    before = module.read_text()
    module.write_text(before + "\n# An edit.\n")
    other, _ = plain()
    seconds, said = ours()
    module.write_text(before)
    table.add_row("after an edit in history/xor.py", f"{seconds:.1f}", f"{other:.1f} (stale)", "")
    console.print(table)
    console.print(f"Run after that edit: {', '.join(executed(said)) or 'none'}")
    ours()


def at_size(copy: Path, lessons: int) -> None:
    """What a grown course costs, once its examples have run."""
    count = grow(copy, lessons)
    subprocess.run(["git", "init", "--quiet"], cwd=copy, check=True)
    alone = examples_alone(copy)
    build = partial(mkdocs, copy, "build", "--strict")
    first, warm = (build()[0] for _ in range(2))
    index = gzip.compress((copy / "site/search/search_index.json").read_bytes())
    table = Table(f"{count} lessons", "seconds")
    table.add_row("cold, the examples and the pages' blocks", f"{alone:.1f}")
    table.add_row("first strict build after it", f"{first:.1f}")
    table.add_row("warm strict build", f"{warm:.1f}")
    console.print(table)
    console.print(f"Search index: {len(index) / 1000:.0f} KB with gzip")
    previews(copy)


def costs(copy: Path) -> None:
    """How long each example takes, its kernel's start included."""
    table = Table("example", "seconds", title="Examples")
    folder = copy / ".cache" / "examples"
    total = 0.0
    for path in sorted(folder.rglob("*.json")):
        seconds = json.loads(path.read_text())["seconds"]
        total += seconds
        table.add_row(path.relative_to(folder).with_suffix("").as_posix(), f"{seconds:.1f}")
    table.add_row("all, one after the other", f"{total:.1f}")
    console.print(table)


def weights(copy: Path) -> None:
    """Bytes of HTML, and of all that a page brings, as sent with and without gzip."""
    table = Table("page", "HTML KB", "all KB", "all KB, gzip", title="Weight")
    for page in ("", "history/perceptron/", "history/xor/", "examples/history/perceptron/"):
        page_html, brought = page_files(copy / "site", page)
        plainly = sum(map(len, brought))
        sent = sum(len(gzip.compress(content)) for content in brought)
        row = (len(page_html), plainly, sent)
        table.add_row(f"/{page}", *(f"{size / 1000:.0f}" for size in row))
    console.print(table)
    ratios = []
    for path in sorted((copy / "plain-site").rglob("index.html")):
        place = path.parent.relative_to(copy / "plain-site")
        ours = copy / "site" / "examples" / place / "index.html"
        if ours.is_file():
            ratios.append(ours.stat().st_size / path.stat().st_size)
    console.print(
        f"Example pages' HTML beside plain mkdocs-jupyter's: {min(ratios):.3f} to {max(ratios):.3f}"
    )


def page_files(site: Path, page: str) -> tuple[bytes, list[bytes]]:
    """The HTML of a page, and the content of each file that a browser loads for it."""
    path = site / page / "index.html"
    content = path.read_bytes()
    tree = html.fromstring(content)
    addresses = tree.xpath("//link[@rel='stylesheet' or @rel='icon']/@href|//script/@src")
    # A browser loads the figures of one palette.
    addresses += tree.xpath("//img[@class='dl-light']/@src")
    files = {(path.parent / address.partition("?")[0]).resolve() for address in addresses}
    files |= {site / "assets/fonts/math.woff2"} if tree.xpath("//math") else set()
    return content, [content, *(file.read_bytes() for file in files if file.is_file())]


def previews(copy: Path) -> None:
    """Seconds from saving a page to the server sending it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "PYTHONPATH": str(copy / "src")}
    arguments = ["serve", "--quiet", "--dev-addr", f"127.0.0.1:{port}"]
    server = subprocess.Popen(
        [sys.executable, "-m", "mkdocs", *arguments], cwd=copy, env=environment
    )
    try:
        address = f"http://127.0.0.1:{port}/history/perceptron/"
        began = time.monotonic()
        wait_for(address, "</html>")
        first = time.monotonic() - began
        page = copy / "docs/history/perceptron.md"
        waits = []
        for number in range(5):
            time.sleep(2)
            page.write_text(f"{page.read_text()}\nAn edit to the prose, number {number}.\n")
            began = time.monotonic()
            wait_for(address, f"prose, number {number}.")
            waits.append(time.monotonic() - began)
        console.print(
            f"mkdocs serve: first page after {first:.1f} s; a prose edit is served after "
            f"{sorted(waits)[2]:.1f} s (median of 5, {min(waits):.1f} to {max(waits):.1f})"
        )
    finally:
        server.terminate()
        server.wait()


def wait_for(address: str, text: str) -> None:
    """Ask for a page until it holds `text`."""
    for _ in range(1200):
        with contextlib.suppress(OSError), urllib.request.urlopen(address) as reply:
            if text in reply.read().decode():
                return
        time.sleep(0.05)
    sys.exit(f"{address} never showed {text!r}")


def key_value_cache() -> None:
    """How many times as long a GPT writes when it reads its whole text anew for each letter."""
    torch.manual_seed(0)
    gpt = GPT(74, context=256)
    weights = {name: p.detach().numpy() for name, p in gpt.named_parameters()}
    columns = ("letters written", "all anew : cache", "multiplications")
    table = Table(*columns, title="GPT's cache of keys and values, ratios, seconds' medians of 5")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with threadpool_limits(1):
        for letters in (16, 64, 256):
            runs = [[written(weights, letters, keep) for keep in (False, True)] for _ in range(5)]
            (anew, anew_work, _), (kept, kept_work, _) = runs[0]
            if anew != kept:
                sys.exit(f"with the cache a GPT wrote {kept}, without it {anew}")
            slow, fast = (np.median([run[way][2] for run in runs]) for way in (0, 1))
            table.add_row(str(letters), f"{slow / fast:.1f}", f"{anew_work / kept_work:.1f}")
    torch.set_num_threads(threads)
    console.print(table)


def written(weights: dict[str, np.ndarray], count: int, keep: bool) -> tuple[list[int], int, float]:
    """Letters that a GPT writes greedily behind one, its multiplications, and its seconds."""
    ids, work, model = [0], 0, CachedGPT(weights, heads=4)
    began = time.perf_counter()
    for _ in range(count):
        if not keep:
            work += model.work
            model = CachedGPT(weights, heads=4)
        scores = model.read(np.array([ids[-1:] if keep else ids]))
        ids.append(int(scores[0].argmax()))
    return ids, work + model.work, time.perf_counter() - began


class Compressing(http.server.SimpleHTTPRequestHandler):
    """Sends text compressed, as GitHub Pages does."""

    def send_head(self):
        """Compress what is text."""
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if path.suffix not in (".html", ".css", ".js", ".svg", ".json") or not path.is_file():
            return super().send_head()
        content = gzip.compress(path.read_bytes())
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "max-age=600")
        self.end_headers()
        with tempfile.TemporaryFile() as file:
            file.write(content)
            file.seek(0)
            self.copyfile(file, self.wfile)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def serving(site: Path) -> Iterator[str]:
    """Serve a built site; yields its address."""
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(Compressing, directory=str(site))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()


def lighthouse(copy: Path, command: str) -> None:
    """Lighthouse's four scores, of its default phone on a slow network."""
    table = Table("page", "performance", "accessibility", "best practices", "SEO")
    flags = "--headless=new --no-sandbox --disable-gpu --disable-background-networking"
    with serving(copy / "site") as address:
        for page in ("", "history/perceptron/", "examples/history/perceptron/"):
            done = subprocess.run(
                [command, address + page, "--quiet", "--output=json", f"--chrome-flags={flags}"],
                capture_output=True,
                text=True,
                check=False,
                env={"CHROME_PATH": shutil.which("chromium") or "", **os.environ},
            )
            if done.returncode:
                sys.exit(f"Lighthouse failed: {done.stderr}")
            categories = json.loads(done.stdout)["categories"].values()
            table.add_row(f"/{page}", *(f"{100 * c['score']:.0f}" for c in categories))
    console.print(table)


if __name__ == "__main__":
    main()
