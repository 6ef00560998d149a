"""A model file opened by what is in it, not by its name: its configuration and, when wanted, its arrays.

.keras archives, HDF5 files and JSON need neither Keras nor TensorFlow. SavedModels are in import_saved.py, the zips of
Teachable Machine in import_tfjs.py.
"""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from workbench.core.importing.config import CONFIG_BYTES, ModelFileError, mapping, read_json
from workbench.core.importing.network import LayerSource
from workbench.core.importing.stored import chosen, flat_paths, relative
from workbench.core.project import Json

from .import_h5 import H5, MOST_BYTES
from .own_graph import NAME as OWN

MOST_ENTRIES = 10_000
MOST_RATIO = 1100  # unpacked to packed, of a whole archive; deflate cannot do better
SMALL = 64 << 20  # below this many bytes no ratio hurts
_REMEDY = "It opens .keras and .h5 files, Keras JSON, SavedModel folders and the zips of Teachable Machine."

_DAMAGED = (
    *(OSError, EOFError, NotImplementedError, RuntimeError, RecursionError),
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, UnicodeDecodeError),  # names in an archive are text, too
)

Arrays = Mapping[str, np.ndarray]
"""Of one layer: {path within it: array}."""
Reader = Callable[[LayerSource], Arrays]


@dataclass(frozen=True, eq=False)
class ModelFile:
    """config: of the model. format: "keras" | "h5" | "json" | "savedmodel" | "tfjs". version: of the Keras that wrote
    it, "" unknown. read: the arrays of a layer; None when the file has none. own: the canvas as it
    was drawn, in a file of ours."""

    config: Json
    format: str
    version: str = ""
    read: Reader | None = None
    notes: tuple[str, ...] = field(default=())
    own: Json = None


@contextmanager
def open_model(path: Path) -> Iterator[ModelFile]:
    """The model file, open as long as the context lasts.

    Raises:
        ModelFileError: there is none, it is damaged, or something in it is refused; the message says what.
    """
    where = path.name
    try:
        if not path.exists():
            raise ModelFileError("There is no such file.", where=str(path))
        if not path.is_file() and not path.is_dir():  # a pipe or a device may never end
            raise ModelFileError("This is no file that can be opened.", where=str(path), remedy=_REMEDY)
        if path.is_dir():
            from .import_saved import open_saved

            with open_saved(path) as opened:
                yield opened
            return
        with path.open("rb") as stream:
            head = stream.read(16)
        if head.startswith(b"PK"):
            with zipfile.ZipFile(path) as archive, _archive(archive, where) as opened:
                yield opened
        elif head.startswith(b"\x89HDF\r\n\x1a\n"):
            with H5(str(path), where) as h5:
                yield _h5(h5, where)
        elif head.lstrip()[:1] in (b"{", b"["):
            if path.stat().st_size > CONFIG_BYTES:
                raise ModelFileError("It is larger than the description of any model.", where=where)
            yield _json(read_json(path.read_bytes(), where))
        else:
            raise ModelFileError("This is no model file of Keras.", where=where, remedy=_REMEDY)
    except _DAMAGED as error:
        raise ModelFileError(
            f"The model cannot be read ({error}).", where=where, remedy="The file may be damaged."
        ) from error


def _json(config: Json) -> ModelFile:
    top = mapping(config)
    if "modelTopology" in top:  # TensorFlow.js, its arrays in files beside it
        inner = mapping(top["modelTopology"])
        notes = ("Its weights are in other files; open the zip that holds them all.",)
        return ModelFile(inner.get("model_config", inner), "json", str(inner.get("keras_version", "")), notes=notes)
    notes = ("A JSON file has no weights: the layers start from random ones.",)
    return ModelFile(config, "json", str(top.get("keras_version", "")), notes=notes)


# ---- archives ------------------------------------------------------------------------------------------------


@contextmanager
def _archive(archive: zipfile.ZipFile, where: str) -> Iterator[ModelFile]:
    names = _check_archive(archive, where)
    if "config.json" in names:
        metadata = (
            mapping(read_json(_unpacked(archive, "metadata.json", CONFIG_BYTES, where), where))
            if ("metadata.json" in names)
            else {}
        )
        config = read_json(_unpacked(archive, "config.json", CONFIG_BYTES, where), where)
        version = str(metadata.get("keras_version", ""))
        if "model.weights.h5" not in names:
            text = "Its weights are not in it." if "model.weights.npz" not in names else "Its weights are not HDF5."
            yield ModelFile(config, "keras", version, notes=(text,))
            return
        own = read_json(_unpacked(archive, OWN, CONFIG_BYTES, where), where) if OWN in names else None
        data = io.BytesIO(_unpacked(archive, "model.weights.h5", MOST_BYTES, where))
        with H5(data, where) as h5:
            yield ModelFile(config, "keras", version, _tree(h5), own=own)
        return
    if "model.json" in names:
        from .import_tfjs import tfjs

        yield tfjs(archive, names, where)
        return
    inner = [n for n in names if n.endswith((".keras", ".h5"))]
    raise ModelFileError(
        "There is no Keras model in this archive.",
        where=where,
        remedy=f"Unpack it and open {inner[0]}." if inner else _REMEDY,
    )


def _check_archive(archive: zipfile.ZipFile, where: str) -> Mapping[str, int]:
    """Refuses what no model needs. Returns {name: bytes unpacked}."""
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise ModelFileError(f"The archive has {len(entries):,} entries.", where=where)
    twice = [name for name, count in Counter(e.filename for e in entries).items() if count > 1]
    if twice:
        raise ModelFileError(
            f"The archive has {twice[0][:60]!r} twice: which one counts cannot be told.",
            where=where,
            remedy="It is refused, as a safe file has each part once.",
        )
    total, packed = sum(e.file_size for e in entries), sum(e.compress_size for e in entries)
    if total > MOST_BYTES or (total > SMALL and total > MOST_RATIO * max(packed, 1)):
        raise ModelFileError(f"The archive unpacks from {packed:,} to {total:,} bytes.", where=where)
    for entry in entries:
        parts = entry.filename.replace("\\", "/").split("/")
        if ".." in parts or entry.filename.startswith(("/", "\\")):
            raise ModelFileError(f"The archive names a place outside itself: {entry.filename[:60]!r}.", where=where)
        if entry.flag_bits & 1:
            raise ModelFileError("The archive is encrypted.", where=where, remedy="Unpack it with its password.")
    return {e.filename: e.file_size for e in entries}


def _unpacked(archive: zipfile.ZipFile, name: str, most: int, where: str) -> bytes:
    """One entry, at most `most` bytes of it whatever it says of itself."""
    with archive.open(name) as stream:
        data = stream.read(most + 1)
    if len(data) > most:
        raise ModelFileError(f"{name} is larger than any model needs.", where=where)
    return data


# ---- arrays --------------------------------------------------------------------------------------------------

_OLD_TREE = "_layer_checkpoint_dependencies"


def _tree(h5: H5) -> Reader:
    """Arrays of a Keras 3 file: layers/<name>/vars/<number>."""
    by_layer: dict[str, list[str]] = {}
    for path in h5.arrays():
        plain = path.replace("\\", "/").replace(_OLD_TREE, "layers")
        by_layer.setdefault(_layer_of(plain), []).append(path)

    def read(source: LayerSource) -> Arrays:
        found = {}
        for path in by_layer.get(source.path, ()):
            name = relative(path.replace("\\", "/").replace(_OLD_TREE, "layers"), source.path)
            if name and not name.startswith(("seed_generator", "cell/seed_generator")):
                found[name] = h5.read(path)
        return found

    return read


def _layer_of(path: str) -> str:
    """ "layers/functional/layers/dense/vars/0" -> "layers/functional/layers/dense"."""
    parts = path.split("/")
    last = max((i for i, part in enumerate(parts) if part == "layers"), default=-1)
    return "/".join(parts[: last + 2]) if last >= 0 else ""


def _h5(h5: H5, where: str) -> ModelFile:
    config = h5.config()
    flat = h5.flat()
    if config is None:
        if flat:
            raise ModelFileError(
                "It holds weights only, without the layers they belong to.",
                where=where,
                remedy="Open the model itself, or its JSON; weights of a known network are taken with its template.",
            )
        raise ModelFileError("There is no Keras model in this file.", where=where, remedy=_REMEDY)
    return ModelFile(config, "h5", h5.text("keras_version"), flat_reader(h5, flat))


def flat_reader(h5: H5, flat: Mapping[str, list[str]]) -> Reader:
    """Arrays of a file of Keras 1 and 2: for each layer of the model a list, for a nested one of all its layers."""

    def read(source: LayerSource) -> Arrays:
        paths = flat.get(source.names[0], [])
        for name in source.names[1:]:
            paths = chosen(paths, name)
        names = flat_paths(source.kind, source.params, len(paths))
        return {name: h5.read(path) for name, path in zip(names, paths, strict=True)}

    return read
