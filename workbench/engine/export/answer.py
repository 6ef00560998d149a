"""Answers of an exported file in the runtime it is for, with the columns its card names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from workbench.core.errors import ExportError

from . import fresh, litert, onnx_file


def answer_file(path: str, inputs: Mapping[str, np.ndarray], outputs: Sequence[str] = ()) -> np.ndarray:
    """(n, units) float32; several outputs, by their names, side by side in that order. A SavedModel or a .keras
    file is a program: it runs in a process of its own.

    Raises:
        ExportError: the file is no exported model, or its runtime refuses it.
    """
    file = Path(path)
    if (file / "saved_model.pb").is_file():
        return fresh.answers(fresh.SAVEDMODEL, file, inputs, outputs)
    if file.suffix == ".keras":
        return fresh.answers(fresh.KERAS, file, inputs, outputs)
    if file.suffix == ".onnx":
        return onnx_file.answers(file, inputs, outputs)
    if file.suffix == ".tflite":
        return litert.answers(file, inputs, outputs)
    raise ExportError(
        "This is not a model that can answer.",
        where=str(file),
        remedy="Name a .keras, .onnx or .tflite file, or a SavedModel folder.",
    )
