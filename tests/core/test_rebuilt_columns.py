"""What came out of an autoencoder, told by column: numbers in their units, dates in days, words as a share."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from workbench.core.data.fit import fit
from workbench.core.data.preprocess import Preprocessor
from workbench.core.project import ColumnFeature, Features
from workbench.core.rebuilt_columns import column_errors, columns_rebuilt


def _fitted(**columns: tuple[str, list[object]]) -> tuple[Preprocessor, np.ndarray]:
    """A preprocessor of these columns, (encoder, cells) by name, and the cells as the model sees them."""
    frame = pd.DataFrame({name: cells for name, (_, cells) in columns.items()})
    features = Features(
        columns=tuple(ColumnFeature(name, "input", encoder) for name, (encoder, _) in columns.items()),
        task="reconstruction",
    )
    made = fit(frame, features, np.arange(len(frame)))
    return made, np.asarray(made.transform(frame), np.float64)


def test_numbers_and_categories_are_told_in_their_units() -> None:
    made, given = _fitted(
        price=("standard", [100.0, 200.0, 300.0, 400.0]), metal=("onehot", ["iron", "lead", "iron", "lead"])
    )
    back = given.copy()
    back[:, 0] += 10 / made.columns[0].scale
    back[0, 1:] = back[0, 1:][::-1]
    price, metal = column_errors(made, given, back, given.mean(axis=0))
    assert (price.kind, metal.kind) == ("number", "wrong")
    assert price.error == pytest.approx(10, rel=1e-5)
    assert price.baseline == pytest.approx(100, rel=1e-5)
    assert (metal.error, metal.baseline) == (0.25, 0.5)


def test_dates_are_told_in_days_and_come_back_as_dates() -> None:
    dates = ["2019-01-31", "2020-02-29", "2021-12-30", "2024-07-04"]
    made, given = _fitted(laid=("dates", list(dates)))
    whole = columns_rebuilt(made, given, given)["laid"]
    assert whole.given.tolist() == whole.rebuilt.tolist() == dates
    assert whole.off.tolist() == [0, 0, 0, 0]
    moved = pd.DataFrame({"laid": ["2019-02-01", "2020-02-29", "2022-01-02", "2024-07-01"]})
    back = np.asarray(made.transform(moved), np.float64)
    found = columns_rebuilt(made, given, back)["laid"]
    assert found.kind == "days"
    assert found.off.tolist() == [1, 0, 3, -3]
    assert found.rebuilt[2] == "2022-01-02"
    lacking = given.copy()
    lacking[0] = 0  # a missing date
    assert np.isnan(columns_rebuilt(made, lacking, back)["laid"].off[0])


def test_dates_of_one_year_are_told_without_it_and_times_of_day_in_hours() -> None:
    made, given = _fitted(day=("dates", ["2021-03-01", "2021-05-11", "2021-11-30", "2021-12-31"]))
    assert columns_rebuilt(made, given, given)["day"].given[1] == "05-11"
    made, given = _fitted(at=("dates", ["2021-03-01 23:30", "2021-03-01 00:30", "2021-03-01 12:00"]))
    found = columns_rebuilt(made, given, given[[1, 1, 1]])["at"]
    assert found.kind == "hours"
    assert found.off == pytest.approx([1, 0, -11.5], abs=1e-4)
    assert found.given.tolist() == ["23:30", "0:30", "12:00"]


@pytest.mark.parametrize("encoder", ["bag", "tfidf"])
def test_words_are_told_as_the_share_that_is_wrong(encoder: str) -> None:
    made, given = _fitted(note=(encoder, ["red pipe", "red pipe leaking", "leaking", "pipe leaking"]))
    same = columns_rebuilt(made, given, given)["note"]
    assert same.off.tolist() == [0, 0, 0, 0]
    assert set(same.given[1].split(", ")) == {"red", "pipe", "leaking"}
    none = columns_rebuilt(made, given, np.zeros_like(given))["note"]
    assert none.off.tolist() == [1, 1, 1, 1]


def test_what_is_no_number_or_was_missing_is_left_out_of_the_mean() -> None:
    made, given = _fitted(age=("standard", [1.0, 2.0, None, 4.0]))
    flagged = replace(made.columns[0], flag=True)
    wide = np.column_stack([given[:, 0], [0, 0, 1, 0]])
    made = replace(made, columns=(flagged,))
    back = wide.copy()
    back[2, 0] += 50
    back[3, 0] = np.nan
    (age,) = column_errors(made, wide, back, wide.mean(axis=0))
    assert age.error == 0
    (none,) = column_errors(made, wide, np.full_like(wide, np.nan), wide.mean(axis=0))
    assert np.isnan(none.error)
