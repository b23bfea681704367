"""Keep the user's own settings and folders out of what is run, and keep runs out of them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from introdl_site.project import Project

#: One thread and fixed hashes, so that outputs repeat; read when packages are imported.
_FIXED = {
    **{
        f"{name}_NUM_THREADS": "1"
        for name in ("OMP", "MKL", "OPENBLAS", "NUMEXPR", "VECLIB_MAXIMUM")
    },
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    "MPLBACKEND": "agg",
    "MATPLOTLIBRC": os.devnull,
    # Keras looks for TensorFlow unless it is told, and writes its settings into the home folder.
    "KERAS_BACKEND": "torch",
    "KERAS_HOME": os.devnull,
    # Without a display `plt.show()` does nothing and says nothing; with one, Agg warns.
    "DISPLAY": "none",
}
_KEPT = ("PYTHONHOME", "PYTHONPATH")
_DROPPED = ("PYTHON", "IPYTHON", "JUPYTER", "XDG_")
#: A socket's path has at most 107 bytes, of which these are for what follows the folder.
_SOCKET = 107 - len("/introdl-12345678/socket-1")


def environment(project: Project) -> dict[str, str]:
    """The environment of what is run: this checkout's code first, and no settings of the user."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in _KEPT or not name.startswith(_DROPPED)
    }
    path = [str(project.root / "src"), os.environ.get("PYTHONPATH", "")]
    return {
        **kept,
        **_FIXED,
        "PYTHONPATH": os.pathsep.join(filter(None, path)),
        # Matplotlib keeps its list of fonts there.
        "MPLCONFIGDIR": str(project.cache / "matplotlib"),
        "INTRODL_ROOT": str(project.root),
    }


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for one run, with `home` and `work` in it; it goes when the run ends.

    Raises:
        RuntimeError: If sockets in the folder for temporary files would have too long a path.
    """
    places = [tempfile.gettempdir(), "/tmp"]
    short = [place for place in places if len(os.fsencode(place)) <= _SOCKET]
    if not short:
        raise RuntimeError(f"TMPDIR is too long for sockets: {places[0]}; set a shorter one")
    with tempfile.TemporaryDirectory(prefix="introdl-", dir=short[0]) as name:
        for part in ("home", "work"):
            Path(name, part).mkdir()
        yield Path(name)
