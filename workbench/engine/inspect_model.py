"""What is in a model file, read without running anything of it.

Nothing is built or loaded: configuration and weight shapes are read as data, so a hostile file can at most be refused.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from workbench.core.errors import ExportError
from workbench.core.importing import read_model
from workbench.core.importing.kinds import is_model
from workbench.link.messages import ModelDescribed

from .import_file import open_model
from .import_h5 import H5

CONFIG_LIMIT = 8 << 20  # bytes, unpacked
WEIGHTS_LIMIT = 8 << 30


def describe(path: str) -> ModelDescribed:
    """Raises ExportError when the file is no model, is damaged, or is larger than is sound."""
    file = Path(path).expanduser()
    if not file.exists():
        raise ExportError("There is no such file.", where=str(file))
    try:
        if file.is_dir():
            return _saved_model(file)
        with file.open("rb") as stream:
            head = stream.read(8)
        if head.startswith(b"PK") and file.suffix.lower() != ".zip":
            return _keras(file)
        if head.startswith(b"\x89HDF") or (file.suffix.lower() != ".keras" and is_model(file)):
            return _of_layers(file)
        if head[4:8] == b"TFL3":
            return _litert(file)
        if file.suffix == ".onnx":
            return _onnx(file)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise ExportError(
            f"The model cannot be read: {error}.", where=str(file), remedy="It may be damaged; export it again."
        ) from error
    raise ExportError(
        "This is not a model file the workbench knows.",
        where=str(file),
        remedy="It knows .keras, .h5, .onnx and .tflite files, Keras JSON and SavedModel folders.",
    )


def _of_layers(file: Path) -> ModelDescribed:
    """HDF5 files, Keras JSON and the zips of Teachable Machine, as they would come onto the canvas."""
    with open_model(file) as opened:
        model = read_model(opened.config, file.name)
        counts = (
            {i: sum(a.size for a in opened.read(s).values()) for i, s in model.sources.items()} if opened.read else {}
        )
    nodes = model.graph.nodes
    ends = [tuple(n.name for n in nodes if n.kind == kind) for kind in ("Input", "Output")]
    layers = [n for n in nodes if n.kind not in ("Input", "Output")]
    return ModelDescribed(
        format=opened.format,
        parameters=sum(counts.values()),
        inputs=ends[0],
        outputs=ends[1],
        summary=tuple((n.name, n.kind, "", counts.get(n.id, 0)) for n in layers),
        notes=(*((f"Keras {opened.version}",) if opened.version else ()), *opened.notes, *model.notes),
    )


def _keras(file: Path) -> ModelDescribed:
    with zipfile.ZipFile(file) as archive:
        names = Counter(i.filename for i in archive.infolist())
        if names["config.json"] != 1:
            raise ExportError(
                "The archive holds no single config.json.", where=str(file), remedy="It is no .keras file."
            )
        if archive.getinfo("config.json").file_size > CONFIG_LIMIT:
            raise ExportError("Its configuration is larger than any model needs.", where=str(file))
        config = json.loads(archive.read("config.json"))
        shapes: dict[str, list[tuple[int, ...]]] = {}
        if "model.weights.h5" in names:
            if archive.getinfo("model.weights.h5").file_size > WEIGHTS_LIMIT:
                raise ExportError("Its weights are larger than this machine should unpack.", where=str(file))
            shapes = _h5_shapes(archive.read("model.weights.h5"), file.name)
    rows: list[tuple[str, str, str, int]] = []
    _keras_rows(config, "", shapes, rows)
    inner = config.get("config", {})
    total = sum(
        int(np.prod(s)) for key, found in shapes.items() if "/vars" in key and "optimizer" not in key for s in found
    )
    return ModelDescribed(
        format="keras",
        parameters=total,
        inputs=_ends(inner.get("input_layers")),
        outputs=_ends(inner.get("output_layers")),
        summary=tuple(rows),
        notes=(f"class {config.get('class_name', '?')}",),
    )


def _keras_rows(
    config: Any, prefix: str, shapes: dict[str, list[tuple[int, ...]]], rows: list[tuple[str, str, str, int]]
) -> None:
    """One row a layer, nested models in place. Keras names weights by class and order, not by the layer's name."""
    seen: Counter[str] = Counter()
    for layer in config.get("config", {}).get("layers", ()):
        kind = str(layer.get("class_name", "?"))
        # As keras.src.utils.naming.to_snake_case: "Conv2D" is "conv2d", "MaxPooling2D" is "max_pooling2d".
        snake = re.sub(r"([a-z])([A-Z])", r"\1_\2", re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", kind)).lower()
        key = f"{prefix}layers/{snake}" + (f"_{seen[snake]}" if seen[snake] else "")
        seen[snake] += 1
        name = str(layer.get("config", {}).get("name") or layer.get("name") or kind)
        if isinstance(layer.get("config", {}).get("layers"), list):
            _keras_rows(layer, f"{key}/", shapes, rows)
            continue
        count = sum(
            int(np.prod(s)) for place, found in shapes.items() if place.startswith(f"{key}/vars") for s in found
        )
        built = layer.get("build_config") or {}
        rows.append((name, kind, _shape(built.get("input_shape")), count))


def _count(shapes: list[tuple[int, ...]]) -> int:
    return sum(int(np.prod(s)) for s in shapes)


def _shape(value: Any) -> str:
    """What the layer was built for; the file does not say what comes out."""
    if not isinstance(value, list):
        return ""
    return "from " + " × ".join("?" if v is None else str(v) for v in value)


def _ends(layers: Any) -> tuple[str, ...]:
    if isinstance(layers, dict):
        return tuple(layers)
    if isinstance(layers, list) and layers and isinstance(layers[0], str):
        return (layers[0],)
    return tuple(str(one[0]) for one in layers or () if isinstance(one, list) and one)


def _h5_shapes(data: bytes, where: str) -> dict[str, list[tuple[int, ...]]]:
    shapes: dict[str, list[tuple[int, ...]]] = {}
    with H5(io.BytesIO(data), where) as file:
        for path in file.arrays(but=()):
            shape = file.shape(path)
            if shape is not None:
                shapes.setdefault(path.rpartition("/")[0], []).append(shape)
    return shapes


def _saved_model(folder: Path) -> ModelDescribed:
    if not (folder / "saved_model.pb").is_file():
        raise ExportError(
            "There is no model in this folder.", where=str(folder), remedy="A SavedModel folder holds saved_model.pb."
        )
    from google.protobuf.message import DecodeError
    from tensorflow.core.protobuf import saved_model_pb2

    proto = saved_model_pb2.SavedModel()
    try:
        proto.ParseFromString((folder / "saved_model.pb").read_bytes())
    except DecodeError as error:
        raise ValueError("saved_model.pb is damaged") from error
    signature = proto.meta_graphs[0].signature_def.get("serving_default") if proto.meta_graphs else None
    return ModelDescribed(
        format="savedmodel",
        parameters=0,
        inputs=tuple(sorted(signature.inputs)) if signature else (),
        outputs=tuple(sorted(signature.outputs)) if signature else (),
        summary=(),
        notes=("A SavedModel is a program: it was read, not run, so its parameters are not counted.",),
    )


def _onnx(file: Path) -> ModelDescribed:
    import onnx
    from google.protobuf.message import DecodeError

    try:
        model = onnx.load_model(str(file), load_external_data=False)
    except DecodeError as error:
        raise ValueError("it is no ONNX file") from error
    rows = [(node.name or node.op_type, node.op_type, "", 0) for node in model.graph.node]
    return ModelDescribed(
        format="onnx",
        parameters=sum(int(np.prod(t.dims)) for t in model.graph.initializer if t.dims and t.data_type in (1, 10, 11)),
        inputs=tuple(i.name for i in model.graph.input),
        outputs=tuple(o.name for o in model.graph.output),
        summary=tuple(rows),
        notes=tuple(f"opset {o.version} {o.domain}".strip() for o in model.opset_import),
    )


def _litert(file: Path) -> ModelDescribed:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(file))
    inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
    ends = {d["index"] for d in (*inputs, *outputs)}
    held = [d for d in interpreter.get_tensor_details() if d["index"] not in ends and d["name"]]
    return ModelDescribed(
        format="litert",
        parameters=0,
        inputs=tuple(d["name"] for d in inputs),
        outputs=tuple(d["name"] for d in outputs),
        summary=tuple((d["name"], np.dtype(d["dtype"]).name, "×".join(map(str, d["shape"])), 0) for d in held),
        notes=(f"{file.stat().st_size:,} bytes; LiteRT files do not tell weights from other tensors",),
    )
