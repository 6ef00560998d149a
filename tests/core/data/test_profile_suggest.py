"""Profiles of columns, and what is suggested from them."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

from workbench.core.data.profile import profile_table
from workbench.core.data.sources import load_pasted
from workbench.core.data.suggest import suggest


def words(*cells) -> pd.Series:
    return pd.Series(list(cells), dtype="str")


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (pd.Series([1.5, 2.0]), "number"),
        (pd.Series([1.0, np.nan, 2.0]), "integer"),
        (pd.Series([0, 1, 0, 1]), "integer"),
        (pd.Series([np.nan, np.nan]), "empty"),
        (words(None, None), "empty"),
        (words("yes", "No", "yes", "No", "yes"), "boolean"),
        (words("2024-01-01", "2024-02-01"), "date"),
        (words("3/21/2003", "2/14/1992"), "date"),
        (words(*["red", "blue"] * 20), "category"),
        (words(*(f"name {i}" for i in range(40))), "text"),
        (pd.Series(pd.Categorical([str(i) for i in range(40)])), "category"),
        (pd.Series(pd.to_datetime(["2024-01-01", None])), "date"),
        (pd.Series([True, False, True]), "boolean"),
    ],
)
def test_types_of_columns(values, kind):
    assert profile_table(pd.DataFrame({"c": values})).columns[0].type == kind


def test_figures_of_numbers():
    column = profile_table(pd.DataFrame({"n": [1.0, 2.0, 2.0, 5.0, np.nan]})).column("n")
    assert (column.missing, column.distinct, column.numeric_share) == (1, 3, 1.0)
    assert (column.minimum, column.maximum, column.mean, column.median) == (1, 5, 2.5, 2)
    assert column.deviation == pytest.approx(1.5)
    assert column.histogram == ((1, 2, 0, 0, 1), (0.5, 1.5, 2.5, 3.5, 4.5, 5.5))
    assert column.top == ((2, 2), (1, 1), (5, 1))


def test_histograms_count_every_cell():
    random = np.random.default_rng(0)
    for values in (
        random.normal(size=1000),
        random.integers(0, 10_000, 1000),
        np.full(10, 7.25),
        np.array([1e300, -1e300, 0.0]),
        np.array([1e-12, 2e-12]),
        np.array([1.7e308, -1.7e308]),
        np.array([2.0**60, 2.0**60 + 4096]),
    ):
        counts, edges = profile_table(pd.DataFrame({"n": values.astype(float)})).columns[0].histogram
        assert sum(counts) == len(values)
        assert len(edges) == len(counts) + 1
        assert list(edges) == sorted(edges)


def test_infinite_numbers_do_not_break_a_profile():
    column = profile_table(pd.DataFrame({"n": [1.0, np.inf, -np.inf, 3.0]})).columns[0]
    assert column.maximum == 3.0


def test_the_share_of_numbers_in_text():
    column = profile_table(pd.DataFrame({"n": words("$5", "$6", "none", "$8")})).columns[0]
    assert column.numeric_share == 0.75


def test_a_table_without_rows_or_columns():
    assert profile_table(pd.DataFrame({"a": pd.Series([], dtype=float)})).columns[0].type == "empty"
    assert profile_table(pd.DataFrame()).columns == ()


def test_a_hundred_thousand_rows_are_profiled_quickly():
    random = np.random.default_rng(0)
    frame = pd.DataFrame({f"f{i}": random.normal(size=100_000) for i in range(11)})
    for i in range(5):
        frame[f"i{i}"] = random.integers(0, 1000, 100_000)
        frame[f"c{i}"] = pd.Series(np.array(["a", "b", "c"])[random.integers(0, 3, 100_000)], dtype="str")
    started = time.process_time()
    profile_table(frame)
    assert time.process_time() - started < 1.0  # about 0.06 s where nothing else runs


def suggested(frame: pd.DataFrame) -> dict[tuple, str]:
    found = suggest(frame, profile_table(frame))
    return {
        (s.step.kind, s.step.params.get("column") or tuple(s.step.params.get("columns", ()))): s.reason for s in found
    }


def big(**columns) -> pd.DataFrame:
    frame = pd.DataFrame({"row": np.arange(100) * 1.7, "other": np.arange(100) % 7, **columns})
    frame.columns = frame.columns.astype("str")
    return frame


def test_a_clean_table_needs_nothing():
    assert suggested(big()) == {}


def test_useless_and_mostly_missing_columns():
    gaps = np.where(np.arange(100) < 70, np.nan, 1.0 * np.arange(100))
    found = suggested(big(empty=np.full(100, np.nan), same=[5] * 100, gaps=gaps))
    assert set(found) == {("drop_column", ("empty",)), ("drop_column", ("same",)), ("drop_column", ("gaps",))}
    assert "70 of 100 rows (70 %)" in found["drop_column", ("gaps",)]


def test_numbers_in_text_are_suggested_but_codes_are_not():
    found = suggested(
        big(
            price=words(*(f"${i},000.50" for i in range(1, 100)), "?"),
            zip=words(*(f"{i:05d}" for i in range(100))),
            cabin=words(*(f"C{i}" for i in range(100))),
        )
    )
    assert list(found) == [("parse_numbers", "price")]
    assert "1 are not, such as '?'" in found["parse_numbers", "price"]


def test_disguised_missing_blanks_and_case():
    found = suggested(
        big(
            job=words(*["cook", "clerk"] * 45, *["?"] * 10),
            town=words(*[" Rome", "Oslo"] * 50),
            sex=words(*["male", "Male", "female", "female"] * 25),
            few=words(None, *["a", "b", "c"] * 33),
        )
    )
    assert "10 cells of job (10.0 %)" in found["replace", "job"]
    assert "50 cells have blanks" in found["trim_text", ("town",)]
    assert ("trim_text", ("sex",)) in found
    assert "Only 1 of 100 row is without few." in found["drop_missing", ("few",)]
    assert len(found) == 4


def test_duplicates_are_suggested_with_their_number():
    frame = pd.concat([big()[["other"]].assign(v=np.arange(100) // 2 * 1.0)] * 1, ignore_index=True)
    frame.loc[99] = frame.loc[0]
    assert "1 of 100 row repeats" in suggested(frame)["drop_duplicates", ()]


def test_tiny_pasted_tables_are_left_alone():
    assert (
        suggest(load_pasted("x\ty\n-1\t-3\n0\t-1\n").frame, profile_table(load_pasted("x\ty\n-1\t-3\n0\t-1\n").frame))
        == ()
    )
