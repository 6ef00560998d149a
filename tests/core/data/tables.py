"""Small tables and pictures for the tests of features and prepared arrays."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.core.data.dataset import ImageData, LoadReport, TableData
from workbench.core.data.features import propose
from workbench.core.data.fit import fit
from workbench.core.data.preprocess import Preprocessor
from workbench.core.data.profile import profile_table
from workbench.core.project import ColumnFeature, DataSpec, Features, Project


def passengers(rows: int = 200, seed: int = 3) -> pd.DataFrame:
    """Text, whole numbers, gaps, an id and an answer that follows from them."""
    rng = np.random.default_rng(seed)
    sex = rng.choice(["male", "female"], rows)
    age = np.round(rng.uniform(1, 80, rows), 1)
    age[rng.random(rows) < 0.2] = np.nan
    port = rng.choice(["S", "C", "Q"], rows).astype(object)
    port[rng.random(rows) < 0.1] = None
    fare = np.round(rng.lognormal(3, 1, rows), 2)
    survived = ((sex == "female") ^ (rng.random(rows) < 0.2)).astype(int)
    return pd.DataFrame(
        {
            "PassengerId": np.arange(1, rows + 1),
            "Survived": survived,
            "Name": [f"Passenger number {i}, of the long name" for i in range(rows)],
            "Sex": pd.Series(sex, dtype="str"),
            "Age": age,
            "Port": pd.Series(port, dtype="str"),
            "Fare": fare,
        }
    )


def table(frame: pd.DataFrame, parts: np.ndarray | None = None, fingerprint: str = "") -> TableData:
    given = np.zeros(len(frame), np.uint8) if parts is None else parts
    return TableData(frame, LoadReport(rows=len(frame), fingerprint=fingerprint), given)


def proposed(frame: pd.DataFrame, features: Features | None = None, target: str = "") -> Features:
    return propose(profile_table(frame), features or Features(), "table", target)


def columns(**encoders: str) -> tuple[ColumnFeature, ...]:
    """`y="class"` style: the column called y is the target with that encoder when it is "target:…"."""
    made = []
    for name, encoder in encoders.items():
        role, _, word = encoder.rpartition(":")
        made.append(ColumnFeature(name, role or "input", word))
    return tuple(made)


def fitted(frame: pd.DataFrame, task: str = "classification", rows: object = None, **encoders: str) -> Preprocessor:
    positions = np.arange(len(frame)) if rows is None else np.asarray(rows)
    return fit(frame, Features(task=task, columns=columns(**encoders)), positions)


def project(features: Features | None = None) -> Project:
    return Project(data=DataSpec("csv", "somewhere.csv"), features=features or Features())


def pictures(count: int = 60, side: int = 12, channels: int = 1, classes: int = 3, seed: int = 0) -> ImageData:
    rng = np.random.default_rng(seed)
    labels = np.arange(count, dtype=np.int32) % classes
    array = rng.integers(0, 256, (count, side, side, channels), dtype=np.uint8)
    names = tuple(f"kind {i}" for i in range(classes))
    return ImageData(names, labels, np.zeros(count, np.uint8), LoadReport(rows=count), array=array)
