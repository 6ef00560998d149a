"""Samples: all load, name their classes and columns for people, and are the same for the same seed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from workbench.core.data.samples import SAMPLES, load_sample
from workbench.core.data.sources import load
from workbench.core.errors import DataError
from workbench.core.project import DataSpec

SIZES = {"line": 6, "digits": 1797, "iris": 150, "wine": 178, "breast_cancer": 569, "diabetes": 442}


@pytest.mark.parametrize("entry", SAMPLES, ids=lambda entry: entry.name)
def test_every_sample_loads(entry):
    data = load(DataSpec("sample", entry.name))
    assert data.kind == ("images" if entry.kind == "images" else "table")
    assert len(data) == SIZES.get(entry.name, 500)
    assert len(entry.blurb) < 60
    if data.kind == "table":
        assert data.target == entry.target
        assert data.target in data.frame.columns
        numeric = pd.api.types.is_numeric_dtype(data.frame[entry.target].dtype)
        assert numeric == (entry.task == "regression")
        assert not data.frame.isna().any().any()
    else:
        assert data.array.max() == 255
        assert data.array.min() == 0


def test_the_line_is_y_equals_2x_minus_1():
    frame = load_sample("line", {}).frame
    assert frame["x"].tolist() == [-1, 0, 1, 2, 3, 4]
    assert frame["y"].tolist() == [-3, -1, 1, 3, 5, 7]


def test_units_and_names_are_the_persons():
    assert load_sample("diabetes", {}).frame["age"].between(19, 80).all()
    assert set(load_sample("iris", {}).frame["species"]) == {"setosa", "versicolor", "virginica"}
    assert set(load_sample("breast_cancer", {}).frame["diagnosis"]) == {"malignant", "benign"}


def test_points_follow_seed_count_and_noise():
    first = load_sample("spiral", {"points": 101, "seed": 3}).frame
    pd.testing.assert_frame_equal(first, load_sample("spiral", {"points": 101, "seed": 3}).frame)
    assert not first.equals(load_sample("spiral", {"points": 101, "seed": 3, "noise": 0.2}).frame)
    assert abs((first["label"] == "blue").sum() - 50.5) <= 0.5
    circle = load_sample("circle", {}).frame
    inside = np.hypot(circle["x"], circle["y"]) < 2.5
    assert (inside == (circle["label"] == "blue")).all()
    xor = load_sample("xor", {}).frame
    assert ((xor["x"] * xor["y"] > 0) == (xor["label"] == "blue")).all()


@pytest.mark.parametrize("params", [{"points": 3}, {"points": "many"}, {"noise": 7}, {"seed": 1.5}, {"points": True}])
def test_settings_out_of_bounds_are_named(params):
    with pytest.raises(DataError) as caught:
        load_sample("gauss", params)
    assert "number from" in caught.value.remedy


def test_an_unknown_sample_is_named():
    with pytest.raises(DataError, match="no sample called 'mars'"):
        load_sample("mars", {})
