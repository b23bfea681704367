"""Chromium for tests: a shared browser, folders served as the site serves them, calls of modules.

Needs the system's Chromium; without one these tests are skipped, except under CI.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import http.server
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, urljoin

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
# What stands at the root of the site: pages with their modules, and the theme's assets.
ROOTS = [ROOT / "docs", *sorted(ROOT.glob("src/introdl_site/**/theme"))]

# The arrays that both sides know; JavaScript has no integer of 64 bits that counts as a number.
KINDS = {
    "float32": "Float32Array",
    "float64": "Float64Array",
    "int8": "Int8Array",
    "int32": "Int32Array",
    "uint8": "Uint8Array",
}
CALL = """async ([address, name, given, kinds]) => {
  const names = Object.fromEntries(Object.entries(kinds).map(([ours, theirs]) => [theirs, ours]));
  const revive = (value) => {
    if (Array.isArray(value)) return value.map(revive);
    if (value === null || typeof value !== "object") return value;
    if ("$bytes" in value) {
      const bytes = Uint8Array.from(atob(value.$bytes), (c) => c.charCodeAt(0));
      const array = new globalThis[kinds[value.dtype]](bytes.buffer);
      return Object.assign(array, { shape: value.shape });
    }
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, revive(v)]));
  };
  const pack = (value) => {
    if (ArrayBuffer.isView(value)) {
      const dtype = names[value.constructor.name];
      if (!dtype) throw new Error(`a ${value.constructor.name} cannot be handed to Python`);
      const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
      let text = "";
      bytes.forEach((byte) => (text += String.fromCharCode(byte)));
      return { $bytes: btoa(text), dtype, shape: value.shape ?? [value.length] };
    }
    if (Array.isArray(value)) return value.map(pack);
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, pack(v)]));
  };
  const module = await import(address);
  if (!(name in module)) throw new Error(`${address} exports no ${name}`);
  const found = module[name];
  return pack(typeof found === "function" ? await found(...given.map(revive)) : found);
}"""


class Overlay(http.server.SimpleHTTPRequestHandler):
    """Serves several folders as one; the first that has a file gives it."""

    def __init__(self, *args: object, folders: tuple[Path, ...], **kwargs: object) -> None:
        self.folders = folders
        super().__init__(*args, directory=str(folders[0]), **kwargs)

    def translate_path(self, path: str) -> str:
        found = []
        for folder in self.folders:
            self.directory = str(folder)
            found.append(super().translate_path(path))
        return next((place for place in found if Path(place).exists()), found[0])

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def serving(*folders: Path) -> Iterator[str]:
    """Serve folders on this machine, and give the address, which ends in a slash."""
    handler = functools.partial(Overlay, folders=folders)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def pack(value: object) -> object:
    """A value as JSON; an array becomes its bytes, so that no digit is lost."""
    if isinstance(value, np.ndarray):
        if value.dtype == np.int64:
            small = value.astype(np.int32)
            assert np.array_equal(small, value), "JavaScript is given integers of 32 bits"
            value = small
        assert value.dtype.name in KINDS, f"JavaScript has no array of {value.dtype}"
        data = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()
        return {"$bytes": data, "dtype": value.dtype.name, "shape": list(value.shape)}
    if isinstance(value, dict):
        return {key: pack(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [pack(one) for one in value]
    return value.item() if isinstance(value, np.generic) else value


def unpack(value: object) -> object:
    if isinstance(value, list):
        return [unpack(one) for one in value]
    if not isinstance(value, dict):
        return value
    if "$bytes" not in value:
        return {key: unpack(one) for key, one in value.items()}
    array = np.frombuffer(base64.b64decode(value["$bytes"]), dtype=value["dtype"])
    return array.reshape(value["shape"]).copy()


def watch(page: Page, address: str) -> list[str]:
    """Collect what goes wrong on a page, and what it asks of other hosts."""
    wrong: list[str] = []

    def request(url: str) -> None:
        if not url.startswith((address, "data:", "blob:")):
            wrong.append(f"a request to another host: {url}")

    def failed(request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the page was left
            wrong.append(f"failed: {request.url}")

    page.on("requestfailed", failed)
    page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda r: request(r.url))
    return wrong


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, started once for all tests of a run."""
    if CHROMIUM is None:
        message = "no Chromium found; on Debian or Ubuntu: apt install chromium"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(message)
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[..., str]]:
    """`serve(folder, …)` gives the address at which folders are served as one."""
    with contextlib.ExitStack() as stack:
        yield lambda *folders: stack.enter_context(serving(*folders))


@pytest.fixture(scope="session")
def _blank(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    # Modules can be imported by a page of their own address alone.
    empty = "<!doctype html><title>Blank</title>"
    page.route("**/blank", lambda route: route.fulfill(body=empty, content_type="text/html"))
    yield page
    page.close()


@pytest.fixture(scope="session")
def _site_root(serve: Callable[..., str]) -> str:
    return serve(*ROOTS)


@pytest.fixture
def js(_blank: Page, _site_root: str, serve: Callable[..., str]) -> Callable[..., object]:
    """`js(module, function, *args)` calls what an ES module exports and returns its result.

    `module` is a path from the root of the project, or an absolute one. A module of `docs/` or of
    the theme stands where the site has it, so that `../assets/move.js` is found; beside any other
    module the same stand, so that `./assets/move.js` is found. Arguments and results are JSON, or
    NumPy arrays: typed arrays with a `.shape` on the other side. A name that is not a function
    gives its value. What JavaScript throws is raised, with its message.
    """

    def call(module: str | Path, name: str, *args: object) -> object:
        path = ROOT / module
        if not path.is_file():
            raise FileNotFoundError(f"there is no module {path}")
        root = next((root for root in ROOTS if path.is_relative_to(root)), None)
        address = _site_root if root else serve(path.parent, *ROOTS)
        address += quote(path.relative_to(root or path.parent).as_posix())
        blank = urljoin(address, "/blank")
        if _blank.url != blank:
            _blank.goto(blank)
        return unpack(_blank.evaluate(CALL, [address, name, pack(list(args)), KINDS]))

    return call
