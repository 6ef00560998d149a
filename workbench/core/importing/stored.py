"""Where the arrays of a layer are in weights files: Keras 3's tree of groups, and the flat lists before it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from ..project import Json


class Names:
    """Names of layers among the weights as Keras 3 gives them: the class, numbered."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def of(self, class_name: str) -> str:
        """The name of the next layer of that class."""
        base = stored_name(class_name)
        number = self._seen[base]
        self._seen[base] += 1
        return f"{base}_{number}" if number else base


_OWN_NAMES = {"GroupQueryAttention": "GroupedQueryAttention"}  # exported under another name than the class has


def stored_name(class_name: str) -> str:
    """As keras.src.utils.naming.to_snake_case: "MaxPooling2D" is "max_pooling2d"."""
    name = _OWN_NAMES.get(class_name, re.sub(r"\W+", "", class_name))
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


_CELLS = ("LSTM", "GRU", "SimpleRNN", "RNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")
_HEADS = ("query", "key", "value", "output")


def flat_paths(kind: str, params: Mapping[str, Json], count: int) -> list[str]:
    """Paths within a layer ("0", "cell/1", "query_dense/0") of the arrays of a flat list of `count`, in its order."""
    if kind in _CELLS:
        return [f"cell/{i}" for i in range(count)]
    if kind == "MultiHeadAttention" and count in (4, 8):
        each = count // 4
        return [f"{head}_dense/{i}" for head in _HEADS for i in range(each)]
    inner = params.get("layer")
    if isinstance(inner, Mapping) and kind == "Bidirectional" and count % 2 == 0:
        half = flat_paths(str(inner.get("kind")), {}, count // 2)
        return [f"{way}_layer/{path}" for way in ("forward", "backward") for path in half]
    if isinstance(inner, Mapping) and kind == "TimeDistributed":
        return [f"layer/{path}" for path in flat_paths(str(inner.get("kind")), {}, count)]
    if isinstance(inner, Mapping) and kind == "SpectralNormalization" and count:
        return [*(f"layer/{i}" for i in range(count - 1)), "0"]
    return [str(i) for i in range(count)]


def relative(path: str, layer: str) -> str:
    """The path within a layer of an array of a Keras 3 file: "layers/lstm/cell/vars/1" is "cell/1"; "" when it is not
    of that layer."""
    if not path.startswith(f"{layer}/"):
        return ""
    parts = [p.lstrip("_") for p in path[len(layer) + 1 :].split("/") if p != "vars"]
    return "/".join(parts)


def chosen(names: Sequence[str], layer: str) -> list[str]:
    """Those of the arrays of a nested model that belong to one of its layers, by the names in their own."""
    return [name for name in names if layer in name.split("/")[:-1]]
