"""Gaps filled and far values limited by what the training rows show, equal to scikit-learn and pandas."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from workbench.core.data.features import explain
from workbench.core.data.fit import fit
from workbench.core.data.preprocess import Preprocessor
from workbench.core.data.profile import profile_table
from workbench.core.errors import FeatureError
from workbench.core.project import ColumnFeature, Features

TRAIN = np.arange(80)


def fitted(frame: pd.DataFrame, encoder: str, **params: object) -> Preprocessor:
    frame = frame.assign(y=np.arange(len(frame)) % 2)
    columns = (ColumnFeature("a", "input", encoder, params=params), ColumnFeature("y", "target", "class"))
    made = fit(frame, Features(task="classification", columns=columns), TRAIN)
    return Preprocessor.from_json(json.loads(json.dumps(made.to_json(), allow_nan=False)))


def numbers(whole: bool = False) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    cells = rng.integers(0, 6, 120).astype(float) if whole else rng.lognormal(1, 1, 120)
    cells[rng.random(120) < 0.15] = np.nan
    cells[5], cells[110] = 4000.0, -5000.0  # the latter is in no training row
    return pd.DataFrame({"a": cells})


@pytest.mark.parametrize(("way", "sklearn"), [("mean", "mean"), ("median", "median"), ("mode", "most_frequent")])
def test_fills_are_those_of_sklearn_on_the_training_rows(way: str, sklearn: str) -> None:
    frame = numbers(whole=True)
    imputer, scaler = SimpleImputer(strategy=sklearn), StandardScaler()
    scaler.fit(imputer.fit_transform(frame.iloc[TRAIN]))
    expected = scaler.transform(imputer.transform(frame))
    made = fitted(frame, "standard", fill=way)
    assert made.columns[0].fill == pytest.approx(imputer.statistics_[0], rel=1e-14)
    np.testing.assert_allclose(made.transform(frame), expected, rtol=1e-6)


def test_a_constant_and_a_flag() -> None:
    made = fitted(numbers(), "none", fill="constant", value=-1, flag=True)
    cells = pd.DataFrame({"a": [2.0, None]})
    np.testing.assert_array_equal(made.transform(cells), [[2, 0], [-1, 1]])


def test_limits_are_percentiles_of_the_training_rows() -> None:
    frame = numbers()
    train = frame["a"].iloc[TRAIN]
    low, high = train.quantile(0.05), train.quantile(0.9)
    clipped = frame["a"].clip(low, high)
    mean = clipped.iloc[TRAIN].mean()
    expected = clipped.fillna(mean).to_numpy(np.float32)
    made = fitted(frame, "none", clip="percentiles", lowest=5, highest=90, fill="mean")
    np.testing.assert_allclose(made.transform(frame)[:, 0], expected, rtol=1e-6)
    assert made.columns[0].maximum == 4000.0  # what a person may type is not narrowed

    scaled = fitted(frame, "minmax", clip="percentiles", lowest=5, highest=90).transform(frame)
    assert (scaled.min(), scaled.max()) == (0.0, 1.0)


def test_far_values_may_count_as_missing() -> None:
    frame = numbers()
    train = frame["a"].iloc[TRAIN]
    middle = train.quantile(0.75) - train.quantile(0.25)
    low, high = train.quantile(0.25) - 3 * middle, train.quantile(0.75) + 3 * middle
    far = (frame["a"] < low) | (frame["a"] > high)
    assert far.iloc[110]
    made = fitted(frame, "none", clip="quartiles", factor=3, beyond="missing", flag=True)
    numbers_, missing = made.transform(frame).T
    np.testing.assert_array_equal(missing, far | frame["a"].isna())
    np.testing.assert_allclose(numbers_[far], train.where(~far).median(), rtol=1e-6)


def test_missing_categories_are_their_own_or_the_commonest_or_a_given_one() -> None:
    frame = pd.DataFrame({"a": ["b", "a", None, "b"] * 30})
    assert fitted(frame, "onehot").column_names == ("a = a", "a = b", "a = (missing)")
    mode = fitted(frame, "onehot", fill="mode")
    imputed = SimpleImputer(strategy="most_frequent", missing_values=np.nan).fit_transform(
        frame.astype(object).where(frame.notna(), np.nan)
    )
    np.testing.assert_array_equal(mode.transform(frame), OneHotEncoder(sparse_output=False).fit_transform(imputed))
    np.testing.assert_array_equal(mode.transform(pd.DataFrame({"a": ["new"]})), [[0, 0]])
    given = fitted(frame, "onehot", fill="constant", value="none")
    assert given.column_names == ("a = a", "a = b", "a = none")
    np.testing.assert_array_equal(given.transform(frame.iloc[2:3]), [[0, 0, 1]])


@pytest.mark.parametrize(
    ("encoder", "params", "said"),
    [
        ("standard", {"fill": "average"}, "must be one of median"),
        ("standard", {"fill": "constant"}, "no number"),
        ("standard", {"fill": "constant", "value": float("nan")}, "no number"),
        ("robust", {"clip": "sigma"}, "must be one of none"),
        ("robust", {"clip": "percentiles", "lowest": 60, "highest": 40}, "no percentiles"),
        ("robust", {"clip": "percentiles", "lowest": "x"}, "must be a number"),
        ("log", {"clip": "quartiles", "factor": -1}, "must be a number"),
        ("onehot", {"fill": "mean"}, "must be one of category"),
        ("onehot", {"fill": "constant"}, "no value"),
    ],
)
def test_bad_settings_are_named(encoder: str, params: dict[str, Any], said: str) -> None:
    frame = numbers() if encoder != "onehot" else pd.DataFrame({"a": list("abc") * 40})
    with pytest.raises(FeatureError, match=said) as caught:
        fitted(frame, encoder, **params)
    assert '"a"' in caught.value.where


def test_the_page_says_what_is_done() -> None:
    profile = profile_table(numbers())
    params = {"fill": "mean", "clip": "percentiles"}
    said = explain(profile, Features(columns=(ColumnFeature("a", "input", "standard", params=params),)))["a"]
    assert "Values far out are put onto the limit." in said
    assert "filled with the mean" in said
