"""ONNX through a SavedModel and tf2onnx (opset 18), answered by onnxruntime.

Keras' own ONNX writer reports success and writes invalid files for models with string lookups, so it is not used.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from workbench.core.errors import ExportError

OPSET = 18


def write(saved_model: Path, out: Path, names: tuple[str, ...], answers: tuple[str, ...]) -> None:
    """Convert the SavedModel's serving signature. `names`: of the inputs, whose case tf2onnx would lose; `answers`: of
    the outputs, of which a single one is called so whatever it was called."""
    import onnx
    from tf2onnx import tf_loader
    from tf2onnx.convert import _convert_common

    for name in ("tf2onnx", "tensorflow"):
        logging.getLogger(name).setLevel(logging.ERROR)
    graph, inputs, outputs, tables, renamed = tf_loader.from_saved_model(
        str(saved_model),
        None,
        None,
        tag="serve",
        signatures=["serving_default"],
        return_initialized_tables=True,
        return_tensors_to_rename=True,
    )
    lower = {name.lower(): name for name in (*names, *answers)}
    renamed = {tensor: lower.get(shown.lower(), shown) for tensor, shown in renamed.items()}
    renamed |= dict.fromkeys(outputs, answers[0]) if len(answers) == 1 else {}
    model, _ = _convert_common(
        graph,
        name=out.stem,
        opset=OPSET,
        input_names=inputs,
        output_names=outputs,
        tensors_to_rename=renamed,
        initialized_tables=tables,
    )
    onnx.checker.check_model(model)
    onnx.save_model(model, str(out))


def answers(path: Path, inputs: Mapping[str, np.ndarray], outputs: Sequence[str] = ()) -> np.ndarray:
    """What onnxruntime answers on the CPU; several outputs side by side in the order given. Raises ExportError when it
    refuses the file."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        found = session.run(list(outputs) or None, {i.name: inputs[i.name] for i in session.get_inputs()})
    except Exception as error:  # onnxruntime raises a family of its own without a common public base
        raise ExportError(
            f"onnxruntime cannot run the file: {error}", where=str(path), remedy="Choose another format for this model."
        ) from error
    pieces = [np.asarray(y, np.float32) for y in found]
    return pieces[0] if not outputs else np.concatenate([y.reshape(len(y), -1) for y in pieces], axis=1)
