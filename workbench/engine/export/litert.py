"""LiteRT (.tflite) from a SavedModel, float32 and built-in operations only, answered by ai-edge-litert."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from workbench.core.errors import ExportError


def write(saved_model: Path, out: Path) -> None:
    """Convert. Raises ExportError naming the operation that LiteRT has not got."""
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_saved_model(str(saved_model))
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    try:
        data = converter.convert()
    except Exception as error:  # the converter raises a private class
        line = next((part for part in str(error).splitlines() if part.strip()), type(error).__name__)
        raise ExportError(
            f"LiteRT has no operation for a part of this model: {line}",
            remedy="Replace the layer it names, or export as ONNX or SavedModel.",
        ) from error
    out.write_bytes(data)


def answers(path: Path, inputs: Mapping[str, np.ndarray], outputs: Sequence[str] = ()) -> np.ndarray:
    """What the interpreter answers, row by row, as a device asks for one row at a time; several outputs side by side in
    the order given."""
    from ai_edge_litert.interpreter import Interpreter

    try:
        runner = Interpreter(model_path=str(path)).get_signature_runner("serving_default")
        count = len(next(iter(inputs.values())))
        rows = [
            _row(runner(**{name: value[i : i + 1] for name, value in inputs.items()}), outputs) for i in range(count)
        ]
    except (RuntimeError, ValueError) as error:
        raise ExportError(
            f"ai-edge-litert cannot run the file: {error}", where=str(path), remedy="Choose another format."
        ) from error
    return np.concatenate(rows).astype(np.float32)


def _row(said: Mapping[str, np.ndarray], outputs: Sequence[str]) -> np.ndarray:
    if not outputs:
        return next(iter(said.values()))
    return np.concatenate([said[name].reshape(1, -1) for name in outputs], axis=1)
