"""Arrays of Keras 1 as Keras 2 and 3 order them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

Arrays = Mapping[str, np.ndarray]

# Keras 1 kept each gate apart: kernel, recurrent kernel and bias of one after the other. Which of them Keras 2 puts
# where, from keras.engine.saving.preprocess_weights_for_loading of Keras 2.
_GATES = {"LSTM": (0, 6, 3, 9), "GRU": (0, 3, 6)}


def modern_arrays(kind: str, inner: str, arrays: Arrays, version: str, source: str) -> Arrays:
    """The arrays of a layer of that kind as they are now; those that need no change come back as they are.

    kind: of the node. inner: of the layer inside it, "". version: of the Keras that wrote them. source: class of the
    layer in the file.
    """
    if version.startswith("1."):
        if kind == "Bidirectional":
            return {
                f"{way}_layer/{path}": array
                for way in ("forward", "backward")
                for path, array in _gates(inner, _part(arrays, f"{way}_layer/")).items()
            }
        if kind == "TimeDistributed":
            return {f"layer/{p}": a for p, a in _gates(inner, _part(arrays, "layer/")).items()}
        arrays = _gates(kind, arrays)
        if kind == "Conv1D" and "0" in arrays and arrays["0"].ndim == 4:  # kept as a picture of width 1
            kernel = arrays["0"]
            kernel = kernel[:, 0] if kernel.shape[1] == 1 else np.transpose(kernel, (2, 3, 1, 0))[::-1, 0]
            return {**arrays, "0": np.ascontiguousarray(kernel)}
    if source.startswith("CuDNN") and "cell/2" in arrays:
        bias = arrays["cell/2"]
        if kind == "LSTM":  # two biases that are added
            return {**arrays, "cell/2": np.sum(np.split(bias, 2), axis=0)}
        return {**arrays, "cell/2": bias.reshape(2, -1)}
    return arrays


def _part(arrays: Arrays, prefix: str) -> Arrays:
    return {path[len(prefix) :]: array for path, array in arrays.items() if path.startswith(prefix)}


def _gates(kind: str, arrays: Arrays) -> Arrays:
    order = _GATES.get(kind)
    flat = [arrays[f"cell/{i}"] for i in range(len(arrays)) if f"cell/{i}" in arrays]
    if order is None or len(flat) != 3 * len(order):
        return arrays
    return {f"cell/{i}": np.concatenate([flat[gate + i] for gate in order], axis=-1) for i in range(3)}
