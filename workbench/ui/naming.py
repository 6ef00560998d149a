"""What a project on some data is called until a person names it."""

from __future__ import annotations

from pathlib import Path

from workbench.core.project import DataSpec

TABLES = frozenset((".csv", ".tsv", ".tab", ".txt", ".dat", ".data", ".arff", ".json", ".jsonl", ".ndjson"))
BINARY = frozenset((".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".parquet", ".feather", ".npz", ".npy"))
PACKED = frozenset((".gz", ".bz2", ".xz", ".zip"))
ENDINGS = TABLES | BINARY | PACKED
EVERYWHERE = frozenset(("train", "training", "data", "dataset", "input"))
"""What files of many data sets are called, so that it tells nothing."""


def name_of(spec: DataSpec) -> str:
    """A name for a project on this data: its file's or folder's without endings."""
    if spec.source == "pasted":
        return "Pasted table"
    if spec.source == "sample":
        return spec.path.replace("_", " ").replace("-", " ")
    path = Path(spec.path)
    name = path.name
    while (suffix := Path(name).suffix).lower() in ENDINGS:
        name = name.removesuffix(suffix)
    if name.lower() in EVERYWHERE and path.parent.name:  # titanic/train.csv is about the Titanic
        name = path.parent.name
    return name or "Untitled"
