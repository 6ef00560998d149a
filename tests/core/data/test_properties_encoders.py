"""Whatever the table: encoding loses nothing that decoding should give back, by rows, at once and after a save."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.core.data.tables import fitted
from workbench.core.data.preprocess import Preprocessor

from .typed_rows import typed

SETTINGS = settings(
    derandomize=True, max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
NUMBERS = st.one_of(st.just(np.nan), st.floats(-1e6, 1e6), st.integers(-1000, 1000).map(float))
WORDS = st.sampled_from(["red", "Rot", "", "blue", "größer", "a,b", "1", "01", "red "])


@st.composite
def tables(draw: Any, target: Any) -> pd.DataFrame:
    rows = draw(st.integers(4, 25))
    numbers = draw(st.lists(NUMBERS, min_size=rows, max_size=rows))
    words = draw(st.lists(st.none() | WORDS, min_size=rows, max_size=rows))
    y = draw(st.lists(target, min_size=rows, max_size=rows))
    numbers[0], words[0] = 1.5, "red"
    return pd.DataFrame({"number": numbers, "word": pd.Series(words, dtype="str"), "y": y})


CLASSES = st.sampled_from(["yes", "no", "vielleicht"])
ANSWERS = st.floats(-1e6, 1e6, allow_nan=False)


def rows_of(frame: pd.DataFrame, made: Preprocessor) -> np.ndarray:
    cells = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return np.vstack([typed(made, row) for row in cells])


@SETTINGS
@given(
    tables(CLASSES), st.sampled_from(["standard", "minmax", "robust", "none"]), st.sampled_from(["onehot", "ordinal"])
)
def test_a_row_alone_a_table_and_a_saved_copy_are_encoded_alike(frame: pd.DataFrame, scale: str, words: str) -> None:
    if frame["y"].nunique() < 2:
        return
    made = fitted(frame, number=scale, word=words, y="target:class")
    x = made.transform(frame)
    assert x.shape == (len(frame), made.width)
    assert np.isfinite(x).all()
    again = Preprocessor.from_json(json.loads(json.dumps(made.to_json())))
    assert again == made
    np.testing.assert_array_equal(again.transform(frame), x)
    np.testing.assert_array_equal(made.transform(frame.iloc[::-1])[::-1], x)
    np.testing.assert_array_equal(rows_of(frame, made), x)


@SETTINGS
@given(tables(CLASSES))
def test_numbers_come_back_from_their_scale_and_words_from_their_place(frame: pd.DataFrame) -> None:
    if frame["y"].nunique() < 2:
        return
    made = fitted(frame, number="standard", word="onehot", y="target:class")
    x = made.transform(frame).astype(np.float64)
    known = frame["number"].notna().to_numpy()
    filled = frame["number"].fillna(frame["number"].median()).to_numpy()
    spread = filled.std() or 1.0
    back = x[:, 0] * spread + filled.mean()
    np.testing.assert_allclose(back[known], filled[known], rtol=1e-4, atol=1e-5 * max(1.0, np.abs(filled).max()))
    names = made.column_names[1:]
    assert ((x[:, 1:] == 0) | (x[:, 1:] == 1)).all()
    for cell, row in zip(frame["word"], x[:, 1:], strict=True):
        assert row.sum() == 1
        name = names[int(row.argmax())]
        assert name == ("word = (missing)" if pd.isna(cell) or not cell else f"word = {cell}")


@SETTINGS
@given(tables(CLASSES))
def test_classes_come_back(frame: pd.DataFrame) -> None:
    if frame["y"].nunique() < 2:
        return
    made = fitted(frame, number="standard", y="target:class")
    y, unknown = made.encode_target(frame["y"])
    assert not len(unknown)
    assert list(made.decode(np.eye(len(made.classes), dtype=np.float32)[y]).labels) == frame["y"].tolist()


@SETTINGS
@given(tables(ANSWERS))
def test_answers_come_back_from_their_scale(frame: pd.DataFrame) -> None:
    if frame["y"].nunique() < 2:
        return
    made = fitted(frame, task="regression", number="standard", y="target:standard")
    y, unknown = made.encode_target(frame["y"])
    assert not len(unknown)
    wanted = frame["y"].to_numpy()
    np.testing.assert_allclose(made.unscale(y).ravel(), wanted, rtol=1e-4, atol=1e-5 * max(1.0, np.abs(wanted).max()))
