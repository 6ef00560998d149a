"""Reads an HDF5 file once, as a program of its own: a damaged one can end, or never let go, the process that reads it.

    python -m workbench.engine.h5_reader PATH MEMORY

PATH "-": the file comes on standard input. MEMORY: bytes it may take. Nothing is said of what is in the file: whoever
asked reads it again in the same way, when this has come to its end with status 0. What is refused in proper form is no
matter here.
"""

from __future__ import annotations

import contextlib
import io
import math
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from workbench.core.importing.config import ModelFileError

from .import_h5 import H5

MOST_READ = 512 << 20  # bytes of arrays: of larger files those that come first


def read_all(file: str | io.BytesIO) -> None:
    """Ask for everything that a model is read from."""
    with H5(file, "", first=False) as h5:
        for name in ("model_config", "training_config"):
            _asked(partial(h5.config, name))
        for name in ("keras_version", "backend"):
            _asked(partial(h5.text, name))
        flat = _asked(h5.flat) or {}
        paths = [*(_asked(partial(h5.arrays, but=())) or ()), *(path for found in flat.values() for path in found)]
        left = MOST_READ
        for path in dict.fromkeys(paths):
            shape = _asked(partial(h5.shape, path))
            left -= 8 * math.prod(shape or ())
            if shape is not None and left > 0:
                _asked(partial(h5.read, path))
        _asked(h5.check_all)


def _asked(ask: Callable[[], Any]) -> Any:
    """None where it is refused."""
    try:
        return ask()
    except ModelFileError:
        return None


def limit(memory: int) -> None:
    """Take no more than so many bytes, where the system knows such limits and lets one be set."""
    try:
        import resource
    except ImportError:  # Windows
        return
    most = resource.getrlimit(resource.RLIMIT_AS)[1]
    allowed = memory if most == resource.RLIM_INFINITY else min(memory, most)
    with contextlib.suppress(ValueError, OSError):  # macOS refuses what is less than the process has mapped already
        resource.setrlimit(resource.RLIMIT_AS, (allowed, most))


def main(arguments: Sequence[str]) -> int:
    path, memory = arguments
    limit(int(memory))
    try:
        read_all(io.BytesIO(sys.stdin.buffer.read()) if path == "-" else path)
    except (ModelFileError, MemoryError):
        return 0
    return 0


if __name__ == "__main__":
    status = main(sys.argv[1:])
    os._exit(status)  # what a damaged file left behind is not tidied up
