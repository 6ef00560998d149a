"""What fits into memory: refused in words before it is read, as the system ends a process that takes too much."""

from __future__ import annotations

import errno
import math
import re
from collections.abc import Iterator
from pathlib import Path

from workbench.core.errors import DataError

TIMES = {"csv": 3.0, "json": 8.0, "arff": 6.0}
"""So many times its text a table takes at most while it is read (see benchmarks/table.py for csv)."""

_LEFT = 0.9
"""Share of what is free that one table may take."""

_STEP = 10_000

_SHORTAGE = re.compile(
    "bad_alloc|out of memory|cannot allocate memory|failed to map segment|start new thread|resource_exhausted"
    "|std::length_error|pthread_create",
    re.IGNORECASE,
)


class TooLarge(DataError):
    """A table does not fit into memory. fits: so many of its rows would, about; 0 when that is not known."""

    def __init__(self, what: str, where: str, remedy: str, fits: int = 0) -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.fits = fits


def available() -> int:
    """Bytes that this process can take without the system having to end anything; limits set for it count."""
    import psutil

    return max(0, min([int(psutil.virtual_memory().available), *_limits()]))


def _limits() -> Iterator[int]:
    """What is left of the limits on this process, and of those on the group of processes it is in (a container)."""
    try:
        import resource

        held = _numbers(Path("/proc/self/status"))
        for kind, name in ((resource.RLIMIT_AS, "VmSize:"), (resource.RLIMIT_DATA, "VmData:")):
            most = resource.getrlimit(kind)[0]
            if most != resource.RLIM_INFINITY and name in held:
                yield most - held[name] * 1024
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            group = Path("/sys/fs/cgroup") / line.rpartition(":")[2].lstrip("/")
            most_text = (group / "memory.max").read_text().strip()
            if most_text.isdigit():
                used = int((group / "memory.current").read_text())
                yield int(most_text) - used + _numbers(group / "memory.stat").get("inactive_file", 0)
    except (ImportError, OSError):
        return  # not Linux, or no such limits


def _numbers(file: Path) -> dict[str, int]:
    """Lines of a name and a whole number."""
    words = (line.split() for line in file.read_text().splitlines())
    return {word[0]: int(word[1]) for word in words if len(word) > 1 and word[1].isdigit()}


def check(path: Path, source: str, free: int | None = None) -> None:
    """Raises TooLarge when a text table of this kind would not fit. free: bytes; what is available when None."""
    size = path.stat().st_size if path.is_file() else 0
    need = int(size * TIMES.get(source, 0.0))
    free = available() if free is None else free
    if need > free * _LEFT:
        raise too_large(path, source, need, free)


def too_large(path: Path, source: str, need: int = 0, free: int = 0) -> TooLarge:
    """The error in words. need, free: bytes; 0 when it was found out by trying: then a quarter may fit."""
    share = free * _LEFT / need / 2 if need else 0.25
    fits = _rows_in(path, int(path.stat().st_size * share)) if source == "csv" and path.is_file() else 0
    how = f" Reading it takes about {_giga(need)}, and {_giga(free)} are free." if need else ""
    part = f", or read its first {fits:,} rows only" if fits else ""
    remedy = f"Close other programs{part}, or split the file."
    return TooLarge(f"The data does not fit into memory.{how}", path.name, remedy, fits)


def is_shortage(error: BaseException) -> bool:
    """Whether memory is what was wanting. A thread that finds no room for its stack, a library that finds none for its
    code and a file that cannot be mapped say it in their own ways."""
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return True
    return isinstance(error, (RuntimeError, ImportError)) and says_shortage(str(error))


def says_shortage(text: str) -> bool:
    """Whether native code says in these words that it got no memory."""
    return _SHORTAGE.search(text) is not None


def _rows_in(path: Path, size: int) -> int:
    """About how many lines so many bytes of a text hold, judged by its head and rounded down."""
    from . import text_file

    if text_file.is_packed(path):
        return 0
    with text_file.plain_errors(path), path.open("rb") as file:
        head = file.read(1 << 20)
    lines = head.count(b"\n")
    rows = int(size * lines / len(head)) if lines else 0
    return rows // _STEP * _STEP or rows


def _giga(size: int) -> str:
    return f"{size / 2**30:.1f} GB" if size >= 2**29 else f"{math.ceil(size / 2**20):,} MB"
