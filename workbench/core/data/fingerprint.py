"""Short content hashes, to notice that a source has changed since it was opened."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

WHOLE = 64 << 20
_PIECE = 1 << 20


def of_bytes(data: bytes | memoryview) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def of_file(path: Path) -> str:
    """By content up to 64 MB; beyond that by head, middle, tail, size and time of change."""
    size = path.stat().st_size
    digest = hashlib.blake2b(str(size).encode(), digest_size=16)
    with path.open("rb") as file:
        if size <= WHOLE:
            while chunk := file.read(_PIECE):
                digest.update(chunk)
        else:
            for offset in (0, size // 2, size - _PIECE):
                file.seek(offset)
                digest.update(file.read(_PIECE))
            digest.update(str(path.stat().st_mtime_ns).encode())
    return digest.hexdigest()


def of_files(paths: Iterable[Path]) -> str:
    """Several files as one, in the order given."""
    return of_bytes("\n".join(f"{path.name} {of_file(path)}" for path in paths).encode())


def of_listing(root: str, files: Iterable[str]) -> str:
    """A folder's pictures by name, size and time of change; their content is not read."""
    digest = hashlib.blake2b(digest_size=16)
    for path in files:
        status = os.stat(path)
        digest.update(f"{os.path.relpath(path, root)}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
