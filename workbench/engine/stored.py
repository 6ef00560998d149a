"""Named arrays in one file, written whole or not at all, and written and read one after another: where the weights
fill the memory, a copy of all of them would not fit beside them. .npz without pickles; "meta" is UTF-8 JSON."""

from __future__ import annotations

import contextlib
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from workbench.core.errors import TrainError
from workbench.core.storage import replacing

from .short_of_memory import is_short

FORMAT = 1
PIECE = 1 << 20  # numbers that are looked at together


class Stored(Sequence[np.ndarray]):
    """Arrays of a file written here, by their names in it: each is read when it is asked for, and none is held. The
    file is open only meanwhile. Reading raises TrainError where it is damaged, or not there any more."""

    def __init__(self, path: Path, names: Sequence[str]) -> None:
        self._path, self._names = path, tuple(names)

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):
            return Stored(self._path, self._names[at])
        return next(iter(self.those([at])))

    def those(self, numbers: Sequence[int]) -> Stored:
        """Some of them, in this order."""
        return Stored(self._path, [self._names[number] for number in numbers])

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """Of all, without their numbers."""
        with _reading(self._path) as file:
            found = []
            for name in self._names:
                with file.zip.open(f"{name}.npy") as entry:
                    np.lib.format.read_magic(entry)
                    found.append(np.lib.format.read_array_header_1_0(entry)[0])
            return found

    def __iter__(self) -> Iterator[np.ndarray]:
        with _reading(self._path) as file:
            for name in self._names:
                yield file[name]


def load_stored(path: Path) -> tuple[dict[str, Any], dict[str, Stored]]:
    """The meta of a file written here, and its arrays by the letters they begin with. Raises TrainError when it cannot
    be read."""
    with _reading(path) as file:
        meta = json.loads(file["meta"].tobytes())
        if meta["format"] != FORMAT:
            raise TrainError(
                "The run was saved by another version of the workbench.", where=str(path), remedy="Update the program."
            )
        return meta, {
            letter: Stored(path, sorted(name for name in file.files if name.startswith(f"{letter}.")))
            for letter in "vomb"
        }


class _NoNumbers(Exception):
    """The weights are no longer numbers. Internal to this module."""


def write(path: Path, held: dict[str, Any], meta: dict[str, Any], finite: str = "-") -> bool:
    """Write variables, or arrays, one after another. False, and nothing is written, where some whose name begins with
    `finite` are no numbers."""
    text = json.dumps(plain(meta), allow_nan=False).encode()
    try:
        with replacing(path) as temporary, zipfile.ZipFile(temporary, "x") as file:
            _put(file, "meta", np.frombuffer(text, np.uint8))
            for name, each in held.items():
                array = _array_of(each)
                if name.startswith(finite) and array.dtype.kind == "f" and not _all_finite(array):
                    raise _NoNumbers
                _put(file, name, array)
    except _NoNumbers:
        return False
    except OSError as error:
        if is_short(error):
            raise
        raise TrainError(
            f"The state of the run could not be saved ({error.strerror or error}).",
            where=str(path),
            remedy="Free some space or make the folder writable; what was saved before is kept.",
        ) from error
    return True


def _array_of(each: Any) -> np.ndarray:
    """A variable or an array as an array, to be read at once; in the very memory of the variable where that can be."""
    value = each.value if isinstance(each, keras.Variable) else each
    if type(value).__name__ == "ResourceVariable":  # not one on several devices; TensorFlow does not export the class
        return np.asarray(value.read_value())
    return np.asarray(value.numpy() if hasattr(value, "numpy") else value)


def _put(file: zipfile.ZipFile, name: str, array: np.ndarray) -> None:
    """As np.savez does, which takes all arrays at once."""
    with file.open(f"{name}.npy", "w", force_zip64=True) as entry:
        np.lib.format.write_array(entry, array, allow_pickle=False)


def _all_finite(array: np.ndarray) -> bool:
    flat = array.reshape(-1)
    return all(np.isfinite(flat[at : at + PIECE]).all() for at in range(0, flat.size, PIECE))


def plain(value: Any) -> Any:
    """As JSON has it; there are no infinities: those become strings, which `float` reads back."""
    if isinstance(value, Mapping):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)
    return value


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[Any]:
    """A file written here, opened. Raises TrainError where it cannot be read, also for what is read of it meanwhile."""
    try:
        with open(path, "rb") as raw, np.load(raw, allow_pickle=False) as file:
            yield file
    except FileNotFoundError:
        raise TrainError("This run has no checkpoint.", where=str(path.parent), remedy="Train it anew.") from None
    except OSError as error:
        raise TrainError(
            f"The saved state of the run cannot be read ({error.strerror or error}).",
            where=str(path),
            remedy="Make the file readable, or train the run anew.",
        ) from error
    except (ValueError, KeyError, TypeError, EOFError, RecursionError, zipfile.BadZipFile, zlib.error) as error:
        raise TrainError(
            "The saved state of the run is damaged.",  # numpy would speak of pickles
            where=str(path),
            remedy="Choose another checkpoint of the run, or train it anew.",
        ) from error
