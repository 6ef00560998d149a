"""Whether a file or folder is a model, by what is in it. Standard library only; for jobs, as it reads the disk."""

from __future__ import annotations

import zipfile
from pathlib import Path

SUFFIXES = (".keras", ".h5", ".hdf5", ".json", ".zip")
_LOOK = 1 << 16


def is_model(path: Path) -> bool:
    """Whether the path is to be opened as a model rather than as data; OSError means no."""
    try:
        if path.is_dir():
            return (path / "saved_model.pb").is_file()
        with path.open("rb") as stream:
            head = stream.read(_LOOK)
    except OSError:
        return False
    if head.startswith(b"\x89HDF\r\n\x1a\n"):
        return True
    if head.startswith(b"PK"):
        return path.suffix.lower() == ".keras" or _archive(path)
    if path.suffix.lower() == ".keras":  # damaged: opening it says why
        return True
    if head.lstrip()[:1] != b"{":
        return False
    named = b'"class_name"' in head and (b'"layers"' in head or b'"config"' in head)
    return named or b'"modelTopology"' in head


def _archive(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (OSError, zipfile.BadZipFile):
        return False
    return {"config.json", "metadata.json"} <= names or {"model.json", "weights.bin"} <= names
