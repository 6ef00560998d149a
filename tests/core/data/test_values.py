from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from workbench.core.data.values import class_numbers, codes, in_order, numbers, renumber, text_of
from workbench.core.errors import FeatureError


@pytest.mark.parametrize(
    "cells",
    [
        pd.Series([1, 2, 3]),
        pd.Series([1.0, 2.0, 3.0]),
        pd.Series(["1", " 2", "3.0"], dtype="str"),
        pd.Series([1, "2", 3.0], dtype=object),
        pd.Series([1, 2, 3], dtype="Int64"),
        pd.Series(["1", "2", "3"], dtype="category"),
    ],
)
def test_numbers_of_every_kind_of_column(cells: pd.Series):
    assert numbers(cells, "x").tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    "cells",
    [
        pd.Series([1.0, np.nan, np.inf]),
        pd.Series(["1", "", " "], dtype="str"),
        pd.Series([1, None, pd.NA], dtype=object),
        pd.Series([1, None, None], dtype="Int64"),
        pd.Series(["1", "nan", None], dtype=object),
        pd.Series([True, None, None], dtype=object),
        pd.Series([True, None, None], dtype="boolean"),
    ],
)
def test_gaps_and_infinities_are_missing(cells: pd.Series):
    found = numbers(cells, "x")
    assert found[0] == 1.0
    assert np.isnan(found[1:]).all()


def test_text_in_a_number_column_names_column_row_and_value():
    cells = pd.Series(["12", "twelve", "13"], dtype="str", index=[7, 8, 9])
    with pytest.raises(FeatureError) as raised:
        numbers(cells, "Age")
    assert raised.value.what == '"twelve" is not a number.'
    assert raised.value.where == 'column "Age", row 9'
    assert raised.value.remedy


def test_dates_are_no_numbers():
    with pytest.raises(FeatureError, match="dates"):
        numbers(pd.Series(pd.to_datetime(["2020-01-01"])), "when")
    with pytest.raises(FeatureError, match="not a number"):
        numbers(pd.Series([dt.date(2020, 1, 1)], dtype=object), "when")


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        *(
            (1, "1"),
            (1.0, "1"),
            ("1", "1"),
            (0.5, "0.5"),
            (True, "True"),
            (np.int64(3), "3"),
            (np.bool_(False), "False"),
        ),
        *((None, None), (float("nan"), None), (pd.NA, None), (pd.NaT, None), ("", None), ("  ", None), (" a ", " a ")),
        *((1e300, "1e+300"), (-0.0, "0"), (np.float32(0.5), "0.5")),
    ],
)
def test_one_cell_as_a_category(cell: object, text: str | None):
    assert text_of(cell) == text


def test_codes_join_what_is_the_same_category():
    found, names = codes(pd.Series([1, "1", 1.0, None, "b", ""], dtype=object))
    assert names == ["1", "b"]
    assert found.tolist() == [0, 0, 0, -1, 1, -1]


def test_renumber_tells_missing_from_unseen():
    assert renumber(pd.Series(["b", "x", None, "a"], dtype="str"), ["a", "b"]).tolist() == [1, -2, -1, 0]


def test_a_column_that_has_become_fractional_keeps_its_categories():
    assert renumber(pd.Series([1.0, np.nan, 3.0]), ["1", "2", "3"]).tolist() == [0, -1, 2]


def test_numbers_are_ordered_by_value():
    assert in_order(["10", "9", "-1"]) == ("-1", "9", "10")
    assert in_order(["b", "10", "9"]) == ("10", "9", "b")
    assert in_order(["nan", "1"]) == ("1", "nan")


def test_classes_spelled_a_little_otherwise_count_where_there_is_one_only():
    cells = pd.Series(["yes", "Yes.", " no", "NO", "maybe", None, "a."])
    numbered, respelled = class_numbers(cells, ("no", "yes", "a", "A"))
    assert numbered.tolist() == [1, 1, 0, 0, -2, -1, -2]
    assert respelled == {"Yes.": "yes", " no": "no", "NO": "no"}
    assert class_numbers(cells[:1], ("no", "yes"))[1] == {}
