"""What was read of a source, kept in the cache folder: when the file has moved or gone, one can go on from there.

An entry is a folder kept-<key>, complete or absent: a table as an Arrow file, pictures as copies of their files or as
one array, with the report of the reading. The key is made of what was read (the fingerprint) and of how (the options).
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import time
import tokenize
import uuid
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from workbench.core import settings
from workbench.core.codec import decode, encode
from workbench.core.errors import DataError, ProjectError
from workbench.core.project import DataSpec

from . import kept_files
from .dataset import Dataset, LoadReport, SeriesData, TableData

IsCancelled = Callable[[], bool]
log = logging.getLogger(__name__)

MOST = 2 << 30
"""Bytes that all entries may take together; the one that was not used for longest goes first."""

MOST_EACH = 1 << 30
_VERSION = 1
_ROOM = 4
"""An entry is written when the disk has so many times its size free."""

_OWN = ("sample", "pasted")
"""Sources that cannot go: samples are made by the program, pasted cells lie in the project."""

_ABANDONED = 3600.0


def keep(spec: DataSpec, dataset: Dataset, cache: Path | None = None, cancelled: IsCancelled | None = None) -> bool:
    """Keep what was read of a source; False when it is too large, or not of a kind that can be kept.

    A disk that is full or cannot be written is told to the log only: nothing that was asked for has failed.
    Raises Cancelled.
    """
    if spec.source in _OWN or dataset.report.kept_at or not dataset.report.fingerprint:
        return False
    spec = replace(spec, fingerprint=dataset.report.fingerprint)
    folder = _folder(spec, cache)
    if _meta(folder) is not None:
        os.utime(folder)
        return True
    temporary = folder.with_name(f".keeping-{uuid.uuid4().hex}")
    try:
        size = _size(dataset)
        folder.parent.mkdir(parents=True, exist_ok=True)
        if size > MOST_EACH or size * _ROOM > shutil.disk_usage(folder.parent).free:
            return False
        _sweep(folder.parent, MOST - size)
        temporary.mkdir()
        about = kept_files.write(dataset, temporary, cancelled or (lambda: False))
        if about is None:
            return False
        about |= {"version": _VERSION, "kind": dataset.kind, "saved": datetime.now().astimezone().isoformat()}
        about |= {"title": dataset.title, "report": encode(dataset.report)}
        (temporary / "meta.json").write_text(json.dumps(about), "utf-8")
        os.rename(temporary, folder)
        return True
    except OSError as error:
        log.info("the data could not be kept in the cache: %s", error)
        return False
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def kept_at(spec: DataSpec, cache: Path | None = None) -> str:
    """When the data of a spec (as its fingerprint names it) was kept, as ISO date and time; "" when it was not."""
    meta = _meta(_folder(spec, cache)) if spec.fingerprint else None
    return str(meta["saved"]) if meta is not None else ""


def date_text(iso: str) -> str:
    """ "2026-11-21T14:03:00+01:00" as "21 November 2026, 14:03"."""
    when = datetime.fromisoformat(iso)
    return f"{when.day} {when:%B %Y, %H:%M}"


# What NumPy, its archives and their headers raise on a damaged file.
_DAMAGED = (
    *(ValueError, KeyError, TypeError, EOFError, NotImplementedError, SyntaxError),
    *(tokenize.TokenError, zipfile.BadZipFile, zlib.error),
)


def open_kept(spec: DataSpec, cache: Path | None = None) -> Dataset:
    """What `keep` has kept of this data. DataError when it is no longer there, or damaged."""
    folder = _folder(spec, cache)
    meta = _meta(folder)
    gone = DataError(
        "The cache holds nothing of this data" + (" read in this way." if spec.fingerprint else "."),
        where=spec.path,
        remedy="Find the file again, or put it back.",
    )
    if meta is None or not spec.fingerprint:
        raise gone
    try:
        os.utime(folder)
        note = f"This is from the cache of {date_text(meta['saved'])}; the file itself is not read."
        report = decode(LoadReport, meta["report"], "report")
        report = replace(report, kept_at=str(meta["saved"]), notes=(note, *report.notes))
        return kept_files.read(folder, meta, report)
    except (OSError, ProjectError, *_DAMAGED) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise gone from error


def _folder(spec: DataSpec, cache: Path | None) -> Path:
    how = [spec.source, encode(spec.csv), encode(spec.params), bool(spec.test_path), spec.fingerprint]
    key = hashlib.blake2b(json.dumps(how, sort_keys=True).encode(), digest_size=16).hexdigest()
    return (cache or settings.cache_folder()) / f"kept-{key}"


def _meta(folder: Path) -> dict[str, Any] | None:
    try:
        meta = json.loads((folder / "meta.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return meta if isinstance(meta, dict) and meta.get("version") == _VERSION else None


def _size(dataset: Dataset) -> int:
    """Bytes, about."""
    if isinstance(dataset, TableData):
        return int(dataset.frame.memory_usage(index=False).sum())
    if isinstance(dataset, SeriesData):
        return int(dataset.values.nbytes)
    if dataset.array is not None:
        return int(dataset.array.nbytes)
    return sum(os.stat(path).st_size for path in dataset.files)


def _sweep(cache: Path, most: int) -> None:
    """Drop what was not used for longest until the rest is within `most` bytes, and what a killed process left."""
    for left in cache.glob(".keeping-*"):
        if _is_older(left, _ABANDONED):
            shutil.rmtree(left, ignore_errors=True)
    entries = []
    for entry in cache.glob("kept-*"):
        try:
            size = sum(file.stat().st_size for file in entry.rglob("*") if file.is_file())
            entries.append((entry.stat().st_mtime, size, entry))
        except FileNotFoundError:
            continue  # another window has just dropped it
    total = sum(size for _, size, _ in entries)
    for _, size, entry in sorted(entries):
        if total <= most:
            return
        shutil.rmtree(entry, ignore_errors=True)
        total -= size


def _is_older(path: Path, seconds: float) -> bool:
    try:
        return time.time() - path.stat().st_mtime > seconds
    except FileNotFoundError:
        return False
