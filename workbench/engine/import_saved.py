"""SavedModel folders of Keras 2, whose layers are described beside the program: read without loading the program.

A SavedModel is a program; it is never loaded. Keras 2 wrote what its layers are as JSON into keras_metadata.pb (before
TensorFlow 2.5 into saved_model.pb itself), and the arrays lie in a checkpoint, which holds numbers only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.core.importing.config import CONFIG_BYTES, ModelFileError, mapping, read_json
from workbench.core.importing.network import LayerSource
from workbench.core.project import Json

if TYPE_CHECKING:
    from .import_file import Arrays, ModelFile

MOST_PROGRAM = 256 << 20
_MODELS = ("_tf_keras_network", "_tf_keras_sequential", "_tf_keras_model")
# In the order Keras keeps the variables of a layer: those it learns, then those it only updates.
_ORDER = (
    *("gamma", "beta", "moving_mean", "moving_variance", "embeddings", "alpha", "mean", "variance", "count"),
    *("depthwise_kernel", "pointwise_kernel", "kernel", "recurrent_kernel", "bias"),
)
_INNER = ("cell", "layer", "forward_layer", "backward_layer")
_SUFFIX = "/.ATTRIBUTES/VARIABLE_VALUE"


@contextmanager
def open_saved(folder: Path) -> Iterator[ModelFile]:
    """The model of a SavedModel folder.

    Raises:
        ModelFileError: there is none, or it was written without its layers.
    """
    from .import_file import ModelFile

    where = folder.name
    program = folder / "saved_model.pb"
    if not program.is_file():
        raise ModelFileError(
            "There is no model in this folder.", where=where, remedy="A SavedModel folder holds saved_model.pb."
        )
    metadata = _metadata(folder, where)
    if metadata is None:
        card = "Open the project it was exported from." if (folder / "workbench.json").is_file() else ""
        raise ModelFileError(
            "This SavedModel is a program without its layers, and a program is not run to find them.",
            where=where,
            remedy=card or "Save the model as .keras where it was made, and open that.",
        )
    config = mapping(metadata.get("model_config")) or {
        "class_name": metadata.get("class_name"),
        "config": metadata.get("config"),
    }
    yield ModelFile(dict(config), "savedmodel", str(metadata.get("keras_version", "2")), _variables(folder, where))


def _metadata(folder: Path, where: str) -> Mapping[str, Json] | None:
    """What Keras 2 wrote of the outermost model; None when it wrote nothing."""
    from google.protobuf.message import DecodeError

    try:
        if (folder / "keras_metadata.pb").is_file():
            from tensorflow.python.keras.protobuf.saved_metadata_pb2 import SavedMetadata

            found = SavedMetadata()
            found.ParseFromString(_bytes(folder / "keras_metadata.pb", where))
            nodes = [(n.node_path, n.identifier, n.metadata) for n in found.nodes]
        else:
            from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

            saved = SavedModel()
            saved.ParseFromString(_bytes(folder / "saved_model.pb", where))
            objects = saved.meta_graphs[0].object_graph_def.nodes if saved.meta_graphs else ()
            nodes = [
                ("root" if i == 0 else "", n.user_object.identifier, n.user_object.metadata)
                for i, n in enumerate(objects)
                if n.WhichOneof("kind") == "user_object"
            ]
    except (DecodeError, UnicodeDecodeError) as error:
        raise ModelFileError("Its description is damaged.", where=where) from error
    for path, identifier, metadata in nodes:
        if path == "root" and identifier in _MODELS and metadata:
            return mapping(read_json(metadata.encode()[: CONFIG_BYTES + 1], where))
    return None


def _bytes(file: Path, where: str) -> bytes:
    if file.stat().st_size > MOST_PROGRAM:
        raise ModelFileError(f"{file.name} is larger than any model needs.", where=where)
    return file.read_bytes()


def _variables(folder: Path, where: str) -> Any:
    """A reader of the checkpoint's arrays by layer, or None when there is none."""
    index = folder / "variables" / "variables.index"
    if not index.is_file():
        return None
    import tensorflow as tf
    from tensorflow.core.protobuf.trackable_object_graph_pb2 import TrackableObjectGraph

    try:
        checkpoint = tf.train.load_checkpoint(str(folder / "variables" / "variables"))
        graph = TrackableObjectGraph()
        graph.ParseFromString(checkpoint.get_tensor("_CHECKPOINTABLE_OBJECT_GRAPH"))
    except Exception as error:  # TensorFlow raises kinds of its own for a damaged checkpoint
        raise ModelFileError(f"Its weights cannot be read ({type(error).__name__}).", where=where) from error
    by_name = _by_layer(graph)

    def read(source: LayerSource) -> Arrays:
        node = by_name.get(source.names[-1])
        found: dict[str, np.ndarray] = {}
        for path, key in _of_layer(graph, node) if node is not None else ():
            try:
                found[path] = np.asarray(checkpoint.get_tensor(key))
            except Exception as error:
                raise ModelFileError(f"An array cannot be read ({type(error).__name__}).", where=where) from error
        return found

    return read


def _by_layer(graph: Any) -> dict[str, int]:
    """{name of a layer: its node}, nested models included. The name stands before those of its variables."""
    found: dict[str, int] = {}
    waiting = [0]
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if node in seen or not 0 <= node < len(graph.nodes):
            continue
        seen.add(node)
        for child in graph.nodes[node].children:
            if child.local_name.startswith("layer"):
                if name := _name_of(graph, child.node_id):
                    found.setdefault(name, child.node_id)
                waiting.append(child.node_id)
    return found


def _name_of(graph: Any, node: int) -> str:
    """The name of a layer, from the full name of one of its variables: "dense_1/kernel"; "" without any."""
    for child in graph.nodes[node].children:
        if child.local_name in _ORDER or child.local_name in _INNER:
            for attribute in graph.nodes[child.node_id].attributes:
                if attribute.full_name:
                    return str(attribute.full_name).split("/")[0]
            inner = _name_of(graph, child.node_id)
            if inner:
                return inner
    return ""


def _of_layer(graph: Any, node: int, prefix: str = "") -> list[tuple[str, str]]:
    """(path, key in the checkpoint) of the variables of a layer, as a Keras 3 file numbers them."""
    found: list[tuple[str, str]] = []
    own: list[tuple[int, str]] = []
    for child in graph.nodes[node].children:
        attributes = graph.nodes[child.node_id].attributes
        keys = [a.checkpoint_key for a in attributes if a.checkpoint_key.endswith(_SUFFIX)]
        if child.local_name in _ORDER and keys:
            own.append((_ORDER.index(child.local_name), keys[0]))
        elif child.local_name in _INNER:
            found += _of_layer(graph, child.node_id, f"{prefix}{child.local_name}/")
    own.sort()
    return [*found, *((f"{prefix}{number}", key) for number, (_, key) in enumerate(own))]
