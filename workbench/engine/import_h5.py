"""HDF5 files of Keras, read as data: only what lies in the file itself, only numbers, only as much as is sound."""

from __future__ import annotations

import io
import math
import os
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

os.environ.setdefault("HDF5_PLUGIN_PRELOAD", "::")  # "::" keeps HDF5 from loading filters as shared libraries

import h5py
import numpy as np

from workbench.core.importing.config import CONFIG_BYTES, ModelFileError, read_json
from workbench.core.project import Json

MOST_BYTES = 8 << 30  # of all arrays together
MOST_RATIO = 1200  # unpacked to packed, of one array; deflate cannot do better than about 1,030
MOST_ITEMS = 100_000
READER = ("-m", "workbench.engine.h5_reader")
PATIENCE = 60.0  # seconds a process may take to read a file, and the more the larger it is
SLOWEST = 10 << 20  # bytes a second
MEMORY = 4 << 30  # bytes that it may take, addresses rather than memory, and twice the size of the file
DEPTH = 40
_ROOT = str(Path(__file__).resolve().parents[2])  # where the package itself is found
_FILTERS = {1, 2, 3}  # deflate, shuffle, checksum: what is built in; any other would be a library of the machine's
P = ParamSpec("P")
R = TypeVar("R")
# What h5py raises where the file is damaged, whatever is asked of it.
_BROKEN = (OSError, KeyError, ValueError, TypeError, OverflowError, RuntimeError, MemoryError)


def _sound(ask: Callable[Concatenate[H5, P], R]) -> Callable[Concatenate[H5, P], R]:
    """What a damaged file makes h5py raise, as ModelFileError."""

    @wraps(ask)
    def asked(self: H5, *given: P.args, **named: P.kwargs) -> R:
        try:
            return ask(self, *given, **named)
        except _BROKEN as error:
            raise _damaged(error, self.where) from error

    return asked


def _damaged(error: Exception, where: str) -> ModelFileError:
    text = f"The HDF5 part cannot be read ({str(error)[:120]})."
    return ModelFileError(text, where=where, remedy="The file may be damaged.")


def try_first(file: str | io.BytesIO, where: str) -> None:
    """Have a process of its own read the file: one that is damaged can end the process that reads it, or hold it for
    ever, which no exception tells.

    Raises:
        ModelFileError: that process died, or had not read it after a time that is plenty.
    """
    size = file.getbuffer().nbytes if isinstance(file, io.BytesIO) else Path(file).stat().st_size
    given = {"input": file.getbuffer()} if isinstance(file, io.BytesIO) else {"stdin": subprocess.DEVNULL}
    path = "-" if isinstance(file, io.BytesIO) else file
    command = [sys.executable, "-P", *READER, path, str(MEMORY + 2 * size)]
    inherited = [path for path in (os.environ.get("PYTHONPATH"),) if path]
    remedy = "The file is damaged: fetch or save it once more."
    try:
        done = subprocess.run(
            command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE + size / SLOWEST,
            env={**os.environ, "PYTHONPATH": os.pathsep.join((_ROOT, *inherited)), "OPENBLAS_NUM_THREADS": "1"},
            check=False,
            **given,
        )
    except subprocess.TimeoutExpired:
        text = "The HDF5 part is so damaged that reading it never comes to an end."
        raise ModelFileError(text, where=where, remedy=remedy) from None
    if done.returncode:
        text = "The HDF5 part is so damaged that whatever reads it crashes."
        raise ModelFileError(text, where=where, remedy=remedy)


class H5:
    """An open file. file: its path, or its bytes. where: its name for messages. first: another process has to read it
    without coming to harm before this one does. Use as a context manager."""

    def __init__(self, file: str | io.BytesIO, where: str, *, first: bool = True) -> None:
        self.where = where
        if first:
            try_first(file, where)
        try:
            self._file = h5py.File(file, "r")
        except _BROKEN as error:
            raise _damaged(error, where) from error
        self._bytes = 0

    def __enter__(self) -> H5:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    @_sound
    def config(self, name: str = "model_config") -> Json:
        """The JSON of an attribute of the root; None when there is none. Raises ModelFileError."""
        if name not in self._file.attrs:
            return None
        if self._file.attrs.get_id(name).get_storage_size() > CONFIG_BYTES:
            raise ModelFileError("Its description is larger than any model needs.", where=self.where)
        raw = self._file.attrs[name]
        if isinstance(raw, np.ndarray) and raw.size == 1:
            raw = raw.reshape(-1)[0]
        if isinstance(raw, str):
            raw = raw.encode("utf-8", "replace")
        if not isinstance(raw, bytes):
            raise ModelFileError("Its description is no text.", where=self.where, remedy="The file may be damaged.")
        return read_json(raw, self.where)

    @_sound
    def text(self, name: str) -> str:
        """A short attribute of the root as text; "" when there is none."""
        raw = self._file.attrs.get(name, "")
        return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)

    @_sound
    def flat(self) -> Mapping[str, list[str]]:
        """{layer: paths of its arrays in order} of a file of Keras 1 and 2; {} when it has none."""
        root = self._group("model_weights") or self._file
        prefix = "model_weights/" if "model_weights" in self._file else ""
        found: dict[str, list[str]] = {}
        for layer in _names(root.attrs, "layer_names"):
            group = self._group(f"{prefix}{layer}")
            if group is not None:
                found[layer] = [f"{prefix}{layer}/{name}" for name in _names(group.attrs, "weight_names")]
        return found

    @_sound
    def arrays(self, but: Collection[str] = ("optimizer",)) -> list[str]:
        """Paths of all arrays of a Keras 3 file, in groups that lie in it. but: groups that are passed over."""
        return list(self._arrays(but))

    def _arrays(self, but: Collection[str]) -> Iterator[str]:
        waiting: list[tuple[str, int]] = [("", 0)]
        seen = 0
        while waiting:
            path, depth = waiting.pop()
            group = self._file[path] if path else self._file
            for name in sorted(group, reverse=True):
                seen += 1
                if seen > MOST_ITEMS or depth > DEPTH:
                    raise ModelFileError("Its weights lie in more groups than any model has.", where=self.where)
                inner = f"{path}/{name}" if path else name
                if inner in but:
                    continue
                if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                    continue  # a link may lead to any file of the machine
                kind = group.get(name, getclass=True)
                if kind is h5py.Group:
                    waiting.append((inner, depth + 1))
                elif kind is h5py.Dataset:
                    yield inner

    @_sound
    def check_all(self) -> None:
        """That a file can be handed to Keras: every array is sound, and nothing leads out of the file.

        Raises:
            ModelFileError: not so.
        """
        waiting = [""]
        while waiting:
            path = waiting.pop()
            group = self._file[path] if path else self._file
            for name in group:
                inner = f"{path}/{name}" if path else name
                if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                    raise ModelFileError("Something in it leads to another place.", where=f"{self.where}, {inner[:80]}")
                if group.get(name, getclass=True) is h5py.Group:
                    waiting.append(inner)
                else:
                    self._check(group[name], inner)
                if len(waiting) > MOST_ITEMS or inner.count("/") > DEPTH:
                    raise ModelFileError("It has more groups than any model.", where=self.where)

    @_sound
    def read(self, path: str) -> np.ndarray:
        """One array, checked before it is unpacked.

        Raises:
            ModelFileError: there is none, or it is not what weights are.
        """
        item = self._item(path)
        if not isinstance(item, h5py.Dataset):
            raise ModelFileError("An array is missing.", where=f"{self.where}, {path}")
        self._check(item, path)
        return np.asarray(item[()])

    @_sound
    def shape(self, path: str) -> tuple[int, ...] | None:
        """The shape of an array; None when there is none."""
        item = self._item(path)
        return tuple(item.shape) if isinstance(item, h5py.Dataset) else None

    def _check(self, item: Any, path: str) -> None:
        where = f"{self.where}, {path[:120]}"
        if item.dtype.kind not in "fiub" or item.dtype.itemsize > 8:
            raise ModelFileError("An array holds something other than numbers.", where=where)
        if item.external or item.is_virtual:
            raise ModelFileError(
                "An array lies in another file.", where=where, remedy="It is not read: a model has its own weights."
            )
        plist = item.id.get_create_plist()
        if any(plist.get_filter(i)[0] not in _FILTERS for i in range(plist.get_nfilters())):
            raise ModelFileError("An array is packed in a way that would load a library.", where=where)
        size = math.prod(item.shape) * item.dtype.itemsize
        stored = item.id.get_storage_size()
        if size > 1 << 20 and size > MOST_RATIO * max(stored, 1):
            raise ModelFileError(
                f"An array of {size:,} bytes is packed into {stored:,}: more than weights can be.", where=where
            )
        self._bytes += size
        if self._bytes > MOST_BYTES:
            raise ModelFileError(f"Its weights take more than {MOST_BYTES >> 30} GB.", where=self.where)

    def _item(self, path: str) -> Any:
        """What lies at a path, by hard links only; None when nothing does."""
        here: Any = self._file
        for part in path.split("/"):
            if not isinstance(here, h5py.Group) or not part:
                return None
            if not isinstance(here.get(part, getlink=True), h5py.HardLink):
                return None
            here = here[part]
        return here

    def _group(self, path: str) -> Any:
        item = self._item(path)
        return item if isinstance(item, h5py.Group) else None


def _names(attributes: Any, name: str) -> list[str]:
    """A list of names, which Keras cuts into several attributes where it is long."""
    parts: list[Any] = []
    if name in attributes:
        parts = list(np.asarray(attributes[name]).reshape(-1))
    else:
        number = 0
        while f"{name}{number}" in attributes and number < 1000:
            parts += list(np.asarray(attributes[f"{name}{number}"]).reshape(-1))
            number += 1
    return [p.decode("utf-8", "replace") if isinstance(p, bytes) else str(p) for p in parts[:MOST_ITEMS]]
