"""Prepared arrays on disk: complete or absent, never half, and memory-mapped when they are read.

A folder holds meta.json and, for each part, <part>.<input>.npy, <part>.y.npy, <part>.rows.npy and, where rows have
weights, <part>.weights.npy.
"""

from __future__ import annotations

import json
import os
import shutil
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from workbench.core.codec import decode, encode
from workbench.core.errors import DataError, WorkbenchError
from workbench.core.facts import DataFacts

from .arrays import load_mapped
from .dataset import BadItem
from .preprocess import Preprocessor

Report = Callable[[float, str], None]
"""Told the share done (0..1) and a line for people."""

CODE_VERSION = 1
"""Raised whenever the same plan would give other arrays."""

_ABANDONED = 6 * 3600.0


@dataclass(frozen=True, eq=False)
class Part:
    """x: {input name: array (n, *shape) in the input's dtype, unscaled}. y: int32 (n,) or float32 (n, 1); of several
    targets float32 (n, targets), class numbers and scaled numbers in the order of the facts; float32 (n, 0) where the
    input itself is rebuilt.
    rows: int64 (n,), the source row numbers of a table (its index), or the picture numbers. weights: float32 (n,), what
    each row counts in the loss; None: all alike."""

    x: Mapping[str, np.ndarray[Any, Any]]
    y: np.ndarray[Any, Any]
    rows: np.ndarray[Any, np.dtype[np.int64]]
    weights: np.ndarray[Any, np.dtype[np.float32]] | None = None

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, eq=False)
class Prepared:
    """excluded: rows without a usable target. skipped: pictures that could not be decoded. notes: for people."""

    folder: Path
    facts: DataFacts
    preprocessor: Preprocessor
    excluded: int = 0
    skipped: tuple[BadItem, ...] = ()
    notes: tuple[str, ...] = ()

    def part(self, name: str) -> Part:
        """ "train", "validation" or "test"; read-only and memory-mapped."""
        x = {i.name: load_mapped(self.folder / f"{name}.{i.name}.npy") for i in self.facts.inputs}
        weights = load_mapped(self.folder / f"{name}.weights.npy") if self.facts.weight else None
        y, rows = load_mapped(self.folder / f"{name}.y.npy"), load_mapped(self.folder / f"{name}.rows.npy")
        return Part(x, y, rows, weights)


def open_prepared(folder: Path) -> Prepared:
    """Raises DataError when the arrays are gone, incomplete or of another version."""
    try:
        meta = json.loads((folder / "meta.json").read_text("utf-8"))
        if meta["version"] != CODE_VERSION:
            raise ValueError("another version")
        for name, size in meta["files"].items():
            if (folder / name).stat().st_size != size:
                raise ValueError(f"{name} is incomplete")
        return Prepared(
            folder,
            decode(DataFacts, meta["facts"], "facts"),
            Preprocessor.from_json(meta["preprocessor"]),
            int(meta["excluded"]),
            tuple(BadItem(**item) for item in meta["skipped"]),
            tuple(meta["notes"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, WorkbenchError) as error:
        raise DataError(
            "The prepared data is no longer there, or is damaged.",
            where=str(folder),
            remedy="Train again: it is made anew from the source.",
        ) from error


def stored(cache: Path, key: str, write: Callable[[Path], Prepared], progress: Report | None) -> Prepared:
    """What is kept under `key`; made by `write` into a temporary folder and renamed when it is complete."""
    folder = cache / f"prepared-{key}"
    if folder.is_dir():
        try:
            return open_prepared(folder)
        except DataError:
            shutil.rmtree(folder, ignore_errors=True)  # damaged, e.g. by a full disk: made again
    temporary = cache / f".preparing-{key}-{uuid.uuid4().hex[:8]}"
    try:
        cache.mkdir(parents=True, exist_ok=True)
        _sweep(cache)
        temporary.mkdir()
        try:
            made = write(temporary)
            try:
                os.rename(temporary, folder)
            except OSError:
                if not folder.is_dir():
                    raise
                return open_prepared(folder)  # somebody else was faster, with the same content
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise DataError(
            f"The prepared data could not be written ({error.strerror or error}).",
            where=str(cache),
            remedy="Free some space, or make the folder writable; nothing else was changed.",
        ) from error
    if progress is not None:
        progress(1.0, "Prepared")
    return replace(made, folder=folder)


def _sweep(cache: Path) -> None:
    """Remove what a killed process left behind."""
    for left in cache.glob(".preparing-*"):
        try:
            if time.time() - left.stat().st_mtime > _ABANDONED:
                shutil.rmtree(left, ignore_errors=True)
        except FileNotFoundError:
            continue  # its owner has just finished


def write_meta(prepared: Prepared) -> None:
    """The last file of a folder; without it, or with a size that differs, the folder does not count."""
    meta = {
        "version": CODE_VERSION,
        "facts": encode(prepared.facts),
        "preprocessor": prepared.preprocessor.to_json(),
        "excluded": prepared.excluded,
        "skipped": [vars(item) for item in prepared.skipped],
        "notes": list(prepared.notes),
        "files": {file.name: file.stat().st_size for file in sorted(prepared.folder.glob("*.npy"))},
    }
    (prepared.folder / "meta.json").write_text(json.dumps(meta, allow_nan=False), "utf-8")
