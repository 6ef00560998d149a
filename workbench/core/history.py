"""Metrics over time as append-only columns, for every batch and every epoch of a run.

Not thread-safe: one owner appends; others read copies.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .errors import ProjectError
from .pyramid import Pyramid
from .storage import atomic_write

Floats = NDArray[np.float32]


class Columns:
    """Named float32 columns of equal length that grow by doubling; a late column is filled with NaN before."""

    def __init__(self) -> None:
        self._data: dict[str, Floats] = {}
        self._length = 0
        self._pyramids: dict[str, Pyramid] = {}
        self.cuts = 0
        """How often rows were taken off the end: between two of them a column only grows."""

    def __len__(self) -> int:
        return self._length

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._data)

    def __contains__(self, name: str) -> bool:
        return name in self._data

    def __getitem__(self, name: str) -> Floats:
        """A view of the column, length len(self). KeyError when there is none."""
        return self._data[name][: self._length]

    def get(self, name: str) -> Floats | None:
        """A view of the column, or None."""
        return self[name] if name in self._data else None

    def pyramid(self, name: str) -> Pyramid:
        """The column at several resolutions, up to date. KeyError when there is none.

        The first time it costs about 20 ms a million rows; later only what has come since.
        """
        if name not in self._pyramids:
            self._pyramids[name] = Pyramid()
        made = self._pyramids[name]
        made.extend(self[name])
        return made

    def make_pyramids(self) -> None:
        """Make those of all columns now: for a job, so that the first picture is quick."""
        for name in self._data:
            self.pyramid(name)

    def append(self, values: Mapping[str, float | Floats]) -> None:
        """Add one row (floats) or k rows (arrays of equal length k); absent columns get NaN."""
        arrays = {k: np.atleast_1d(np.asarray(v, np.float32)) for k, v in values.items()}
        if not arrays:
            return
        count = {len(a) for a in arrays.values()}
        if len(count) != 1:
            raise ValueError("columns of one append must be equally long")
        end = self._length + count.pop()
        for name in dict.fromkeys((*self._data, *arrays)):
            self._reserve(name, end)[self._length : end] = arrays.get(name, np.float32(np.nan))
        self._length = end

    def _reserve(self, name: str, size: int) -> Floats:
        held = self._data.get(name)
        if held is None or len(held) < size:
            grown = np.full(max(64, 2 * size), np.nan, np.float32)
            if held is not None:
                grown[: self._length] = held[: self._length]
            self._data[name] = grown
            return grown
        return held

    def truncate(self, length: int) -> None:
        """Forget what comes after `length` rows (a resume goes on from a checkpoint)."""
        self.cuts += length < self._length
        self._length = min(self._length, length)
        for pyramid in self._pyramids.values():
            pyramid.truncate(self._length)

    def to_arrays(self) -> dict[str, Floats]:
        return {name: self[name].copy() for name in self._data}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Floats]) -> Columns:
        made = cls()
        made.append(arrays)
        return made


class History:
    """`batches`: one row a batch; `epochs`: one row an epoch, named as Keras names its logs. `events`: (step, text).

    `paces`: (epoch, the step it is at, steps an epoch from there on), where the batch size was changed on the way;
    2.5 is in the middle of the third epoch.
    """

    def __init__(self) -> None:
        self.batches = Columns()
        self.epochs = Columns()
        self.events: list[tuple[int, str]] = []
        self.paces: list[tuple[float, int, int]] = []

    def truncate(self, batches: int, epochs: int) -> None:
        """Forget what comes after so many batches and epochs (a resume goes on from a checkpoint)."""
        self.batches.truncate(batches)
        self.epochs.truncate(epochs)
        self.events = [(step, text) for step, text in self.events if step <= batches]
        self.paces = [pace for pace in self.paces if pace[1] <= batches]

    def to_bytes(self) -> bytes:
        """As an .npz without pickles: "b.<name>", "e.<name>", "events.step", "events.text"."""
        arrays: dict[str, NDArray[np.generic]] = {f"b.{k}": v for k, v in self.batches.to_arrays().items()}
        arrays |= {f"e.{k}": v for k, v in self.epochs.to_arrays().items()}
        if self.events:
            arrays["events.step"] = np.array([s for s, _ in self.events], np.int64)
            arrays["events.text"] = np.array([t for _, t in self.events], np.str_)
        if self.paces:
            arrays["paces"] = np.array(self.paces, np.float64)
        buffer = io.BytesIO()
        np.savez(buffer, **arrays)  # type: ignore[arg-type]
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> History:
        made = cls()
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            made.batches = Columns.from_arrays({k[2:]: file[k] for k in file.files if k.startswith("b.")})
            made.epochs = Columns.from_arrays({k[2:]: file[k] for k in file.files if k.startswith("e.")})
            if "events.step" in file.files:
                made.events = [(int(s), str(t)) for s, t in zip(file["events.step"], file["events.text"], strict=True)]
            if "paces" in file.files:
                made.paces = [(float(a), int(b), int(c)) for a, b, c in file["paces"]]
        return made

    def save(self, path: Path) -> None:
        """Atomic. Raises ProjectError when it cannot be written."""
        atomic_write(path, self.to_bytes())

    @classmethod
    def load(cls, path: Path) -> History:
        """An empty history when there is no file. Raises ProjectError when it is damaged."""
        try:
            return cls.from_bytes(path.read_bytes())
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise ProjectError(f"The history of the run cannot be read ({error}).", where=str(path)) from error
