"""The formats a model can be taken away in, and what is said of them. No Qt here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from workbench.link.messages import Exported


@dataclass(frozen=True)
class Format:
    """key: as messages.Export takes it. blurb: what it is for. carries: what of the model is in it. kinds: for the
    file dialog; "" for a folder."""

    key: str
    title: str
    icon: str
    suffix: str
    blurb: str
    carries: str
    kinds: str = ""


INSIDE = "Scaling, encoding and filling of gaps inside; names of classes and columns beside it."
FORMATS = (
    Format(
        "keras", "Keras", "cube", ".keras",
        "To go on in Python with Keras: load it, change it, train it further.", INSIDE, "Keras (*.keras)",
    ),
    Format(
        "onnx", "ONNX", "swap", ".onnx",
        "To answer in other languages and programs: C++, C#, Java, JavaScript, Rust.", INSIDE, "ONNX (*.onnx)",
    ),
    Format(
        "litert", "LiteRT", "device-mobile", ".tflite",
        "To answer on phones and small devices (formerly TensorFlow Lite).", INSIDE, "LiteRT (*.tflite)",
    ),
    Format(
        "savedmodel", "SavedModel", "hard-drives", "",
        "To answer on a server with TensorFlow Serving.", INSIDE,
    ),
    Format(
        "python", "Keras script", "file-text", ".py",
        "To read, learn from and change: the model as a short Python program.",
        "The layers and settings; the weights in a file beside it.", "Python (*.py)",
    ),
)  # fmt: skip


BESIDE_WEIGHTS = {"keras": 86_000, "onnx": 16_000, "litert": 14_000, "savedmodel": 106_000, "python": 47_000}
"""Bytes of a file, and what lies beside it, that are no weights: measured on exports of a model of 12 arrays with the
preparing of a table in front. Most of it is HDF5's room for each array, and the graph of a SavedModel."""

TIMES = {"savedmodel": 2}
"""How often the weights are written, where it is more than once, as measured on the same exports."""


def size_about(chosen: Format, parameters: int) -> int:
    """Bytes that an export will take, roughly; 0 while it is not known how many parameters there are."""
    return parameters * 4 * TIMES.get(chosen.key, 1) + BESIDE_WEIGHTS[chosen.key] if parameters else 0


def suggested_name(project: str, run: str, chosen: Format) -> str:
    """A file name from the project's and the run's name, safe on every system."""
    words = re.sub(r"[^\w]+", "-", f"{project} {run}", flags=re.UNICODE).strip("-_").lower()[:80] or "model"
    tail = "-savedmodel" if chosen.key == "savedmodel" else ""
    return f"{words}{tail}{chosen.suffix}"


def with_suffix(path: Path, chosen: Format) -> Path:
    """What a person typed with the ending of the format, when they left it out."""
    return path.with_name(path.name + chosen.suffix) if chosen.suffix and path.suffix != chosen.suffix else path


def difference_text(difference: float) -> str:
    """A tiny number as "3e-8"."""
    mantissa, exponent = f"{difference:.0e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def checked_text(done: Exported) -> str:
    """How the file was proved, in one line."""
    rows = "row" if done.samples == 1 else "rows"
    found = f"largest difference {difference_text(done.difference)}" if done.difference else "no difference"
    return f"checked in {done.runtime} on {done.samples:,} real {rows}: {found}"
