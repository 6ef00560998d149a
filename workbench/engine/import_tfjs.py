"""The zips of Teachable Machine and other exports for the browser: TensorFlow.js layers models, read as data."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.core.importing.config import CONFIG_BYTES, ModelFileError, mapping, read_json, sequence
from workbench.core.importing.network import LayerSource
from workbench.core.importing.stored import flat_paths

if TYPE_CHECKING:
    from .import_file import Arrays, ModelFile

_TYPES = {"float32": "<f4", "float16": "<f2", "int32": "<i4", "uint8": "<u1", "uint16": "<u2", "bool": "<u1"}
MOST_BYTES = 2 << 30


@dataclass(frozen=True)
class _Entry:
    """One array: where it lies in the bytes of its group."""

    name: str
    shape: tuple[int, ...]
    stored: str
    start: int
    size: int
    scale: float = 1.0
    offset: float = 0.0


def tfjs(archive: zipfile.ZipFile, names: Mapping[str, int], where: str) -> ModelFile:
    """The model of a zip that holds model.json and its weights.

    Raises:
        ModelFileError: it is a graph of operations instead of layers, or damaged.
    """
    from .import_file import ModelFile, _unpacked

    top = mapping(read_json(_unpacked(archive, "model.json", CONFIG_BYTES, where), where))
    topology = mapping(top.get("modelTopology"))
    if "node" in topology:
        raise ModelFileError(
            "It is a graph of operations without layers.",
            where=where,
            remedy="Save it as a layers model, or as .keras or .h5.",
        )
    config = topology.get("model_config", topology)
    entries: dict[str, _Entry] = {}
    data = b""
    for group in sequence(top.get("weightsManifest")):
        start = len(data)
        for file in sequence(mapping(group).get("paths")):
            if not isinstance(file, str) or file not in names:
                raise ModelFileError(f"Its weights {str(file)[:60]!r} are not in the zip.", where=where)
            data += _unpacked(archive, file, MOST_BYTES, where)
        for raw in sequence(mapping(group).get("weights")):
            entry = _entry(mapping(raw), start, where)
            start += entry.size
            entries[entry.name] = entry
        if start > len(data):
            raise ModelFileError("Its weights are cut short.", where=where, remedy="Download it again.")

    def read(source: LayerSource) -> Arrays:
        layer = source.names[-1]
        mine = [e for name, e in entries.items() if layer in name.split("/")[:-1]]
        paths = flat_paths(source.kind, source.params, len(mine))
        return {path: _array(entry, data) for path, entry in zip(paths, mine, strict=True)}

    return ModelFile(config, "tfjs", str(topology.get("keras_version", "")), read)


def _entry(raw: Mapping[str, Any], start: int, where: str) -> _Entry:
    shape, kind = raw.get("shape"), raw.get("dtype")
    quantization = mapping(raw.get("quantization"))
    stored = str(quantization.get("dtype", kind))
    sound = isinstance(shape, list) and all(isinstance(s, int) and not isinstance(s, bool) and s >= 0 for s in shape)
    if not sound or stored not in _TYPES or not isinstance(raw.get("name"), str):
        raise ModelFileError("An array of its weights is described in a way that makes no sense.", where=where)
    assert isinstance(shape, list)
    size = math.prod(shape) * np.dtype(_TYPES[stored]).itemsize
    if size > MOST_BYTES:
        raise ModelFileError("An array of its weights is larger than any model needs.", where=where)
    scale, offset = quantization.get("scale", 1.0), quantization.get("min", 0.0)
    numbers = all(isinstance(v, (int, float)) for v in (scale, offset))
    return _Entry(
        raw["name"], tuple(shape), stored, start, size, float(scale if numbers else 1), float(offset if numbers else 0)
    )


def _array(entry: _Entry, data: bytes) -> np.ndarray:
    kind = np.dtype(_TYPES[entry.stored])
    found = np.frombuffer(data, kind, math.prod(entry.shape), entry.start).reshape(entry.shape)
    if entry.scale != 1.0 or entry.offset:
        return found.astype(np.float32) * entry.scale + entry.offset
    return found
