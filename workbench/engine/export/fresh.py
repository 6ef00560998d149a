"""Answers of an exported file from a process that knows nothing of the workbench.

The child gets a short script, the file and the sample inputs as .npz, and leaves its answers as .npz. It imports
only what a person who receives the file would: Keras, TensorFlow, or the exported script itself.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from workbench.core.errors import ExportError

TOGETHER = """
def together(y, names):
    if not isinstance(y, dict):
        return np.asarray(y)
    return np.concatenate([np.asarray(y[n]).reshape(len(y[n]), -1) for n in names], axis=1)

names = sys.argv[4:]
"""

KERAS = f"""
import sys, numpy as np, keras
import tensorflow as tf
{TOGETHER}
model = keras.models.load_model(sys.argv[1])
given = dict(np.load(sys.argv[2]))
given = {{k: v.astype(object) if v.dtype.kind == "U" else v for k, v in given.items()}}
rows = max(1, len(next(iter(given.values()))))
pieces = [{{k: tf.constant(v[i:i + 256]) for k, v in given.items()}} for i in range(0, rows, 256)]
np.savez(sys.argv[3], answer=np.concatenate([together(model(piece), names) for piece in pieces]))
"""

SAVEDMODEL = f"""
import sys, numpy as np, tensorflow as tf
{TOGETHER}
model = tf.saved_model.load(sys.argv[1])
given = dict(np.load(sys.argv[2]))
given = {{k: v.astype(object) if v.dtype.kind == "U" else v for k, v in given.items()}}
rows = max(1, len(next(iter(given.values()))))
pieces = [{{k: tf.constant(v[i:i + 256]) for k, v in given.items()}} for i in range(0, rows, 256)]
answers = [model.signatures["serving_default"](**piece) for piece in pieces]
answers = [a if names else next(iter(a.values())) for a in answers]
np.savez(sys.argv[3], answer=np.concatenate([together(a, names) for a in answers]))
"""

SCRIPT = f"""
import importlib.util, sys, numpy as np
{TOGETHER}
spec = importlib.util.spec_from_file_location("exported", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
model = module.build_model()
model.load_weights(sys.argv[1].rsplit(".", 1)[0] + ".weights.h5")
given = np.load(sys.argv[2])
answer = model({{k: given[k] for k in given.files}} if len(given.files) > 1 else given[given.files[0]])
np.savez(sys.argv[3], answer=together(answer, names))
"""


def run(
    script: str, arguments: list[str], folder: str, environment: dict[str, str], timeout: float
) -> subprocess.CompletedProcess[str]:
    """The script in a process of its own, in `folder`. Raises subprocess.TimeoutExpired."""
    return subprocess.run(
        [sys.executable, "-I", "-B", "-c", script, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def answers(
    script: str, path: Path, inputs: Mapping[str, np.ndarray], outputs: Sequence[str] = (), *, timeout: float = 180
) -> np.ndarray:
    """What the exported `path` answers to `inputs` in a fresh process: (n, units) float32.

    outputs: names of several outputs, which are put side by side in that order; none of a single one.

    Raises:
        ExportError: the process failed; the last line it wrote is said.
    """
    with tempfile.TemporaryDirectory(prefix="workbench-check-") as folder:
        given, found = Path(folder) / "given.npz", Path(folder) / "found.npz"
        # Fixed-width text instead of objects: .npz then needs no pickle.
        np.savez(given, **{k: v.astype(np.str_) if v.dtype == object else v for k, v in inputs.items()})
        environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONSTARTUP")}
        # On the CPU in float32, so that the comparison is about the file and not about the device.
        environment |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
        try:
            done = run(script, [str(path), str(given), str(found), *outputs], folder, environment, timeout)
        except subprocess.TimeoutExpired:
            raise ExportError(
                f"The exported file gave no answer within {timeout:.0f} s in a fresh process.",
                where=str(path),
                remedy="Try again when the machine is less busy; the file is kept.",
            ) from None
        if done.returncode:
            last = next((line for line in reversed(done.stderr.splitlines()) if line.strip()), "no message")
            raise ExportError(
                f"The exported file could not be loaded in a fresh process: {last}",
                where=str(path),
                remedy="Choose another format for this model.",
            )
        with np.load(found, allow_pickle=False) as file:
            return np.asarray(file["answer"], np.float32)
