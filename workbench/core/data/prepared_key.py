"""What prepared arrays are kept under: a hash of all that they depend on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from workbench.core.codec import encode
from workbench.core.project import Project

from .dataset import Dataset, ImageData, SeriesData, folders_of
from .planning import Plan, Table
from .preprocess import Preprocessor
from .split import PARTS
from .store import CODE_VERSION


def key_of(project: Project, dataset: Dataset, cleaned: Table | None, made: Plan) -> str:
    """Everything the arrays depend on. The path is not part of it: a moved file gives the same arrays."""
    spec = None if project.data is None else encode(replace(project.data, path="", fingerprint="", from_cache=False))
    recipe = [encode(replace(s, id="")) for s in project.recipe if s.enabled]
    source = dataset.report.fingerprint or content_of(dataset)
    facts = [source, encode(dataset.report.options) if dataset.report.options else None, spec, recipe]
    features = encode(made.features)
    features.pop("augment", None)  # done while training, on what is prepared
    files = files_of(made.preprocessor, cleaned or dataset)
    return hash_of([*facts, features, made.preprocessor.to_json(), *files], made.rows)


def files_of(preprocessor: Preprocessor, dataset: Dataset | Table) -> list[str]:
    """What tells whether the pictures of a table have changed, which its own fingerprint does not."""
    if not preprocessor.pictures or isinstance(dataset, (ImageData, SeriesData)):
        return []
    from .picture_column import changes

    return changes(preprocessor.pictures, dataset.frame, folders_of(dataset))


def hash_of(facts: list[Any], rows: Mapping[str, np.ndarray[Any, Any]], *more: np.ndarray[Any, Any]) -> str:
    digest = hashlib.blake2b(json.dumps([CODE_VERSION, *facts], sort_keys=True).encode(), digest_size=12)
    for part in PARTS:
        digest.update(np.ascontiguousarray(rows[part]).data)
    for array in more:
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def content_of(dataset: Dataset | Table) -> str:
    """For data whose reader gave no fingerprint."""
    digest = hashlib.blake2b(digest_size=16)
    if isinstance(dataset, SeriesData):
        digest.update(np.ascontiguousarray(dataset.values).data)
        digest.update(np.ascontiguousarray(dataset.starts).data)
        digest.update(json.dumps([dataset.channels, dataset.rate]).encode())
        if dataset.times is not None:
            digest.update(np.ascontiguousarray(dataset.times).data)
    elif isinstance(dataset, ImageData):
        digest.update("\n".join(dataset.files).encode())
        if dataset.array is not None:
            digest.update(np.ascontiguousarray(dataset.array).data)
        digest.update(np.ascontiguousarray(dataset.labels).data)
    else:
        import pandas as pd

        digest.update("\n".join(map(str, dataset.frame.columns)).encode())
        digest.update(pd.util.hash_pandas_object(dataset.frame).to_numpy().data)
    return digest.hexdigest()
