"""Profiles of columns, and what is suggested from them."""

from __future__ import annotations

import time
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from workbench.core.data.dataset import LoadReport, TableData
from workbench.core.data.profile import profile_table
from workbench.core.data.recipe import run_recipe
from workbench.core.data.sources import load_pasted
from workbench.core.data.steps import STEPS
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


@pytest.mark.parametrize(
    "cells", [[1e17] * 3, [1e38] * 3, [-1e300] * 2, [1.7e308] * 2, [-1.797e308] * 2, [5e-324, 0.0], [1e17, 1e17 + 16]]
)
def test_histograms_of_numbers_with_nothing_between_them(cells: list[float]):
    """A column of one long number, such as an id of 18 figures, kept its file from being opened."""
    counts, edges = profile_table(pd.DataFrame({"n": cells})).columns[0].histogram
    assert sum(counts) == len(cells)
    assert all(a < b for a, b in pairwise(edges))


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


def test_units_that_go_together_are_brought_to_one_and_others_pointed_out():
    frame = big(
        weight=words(*[f"{i}.5 kg" for i in range(60)], *[f"{i} g" for i in range(40)]),
        price=words(*[f"{i} eur" for i in range(60)], *[f"{i} usd" for i in range(40)]),
    )
    found = {s.step.params["column"]: s for s in suggest(frame, profile_table(frame))}
    assert found["weight"].step.params["to"] == "kg"
    assert "kg (60), g (40); all become kg" in found["weight"].reason
    parsed = STEPS["parse_numbers"].apply(frame, found["weight"].step.params)["weight"]
    assert parsed.tolist()[58:63] == [58.5, 59.5, 0, 0.001, 0.002]
    assert not found["price"].step.enabled
    assert "eur (60), usd (40)" in found["price"].reason


def test_dates_as_text_are_suggested_and_open_ones_pointed_out():
    days = pd.date_range("2024-01-01", periods=100).strftime
    frame = big(
        iso=words(*days("%Y-%m-%d")),
        american=words(*days("%m/%d/%Y")),
        open=words(*[f"0{i % 9 + 1}/0{i % 7 + 1}/2024" for i in range(100)]),
        phone=words(*[f"12-34-{i:02d}" for i in range(100)]),
    )
    found = {s.step.params["column"]: s for s in suggest(frame, profile_table(frame))}
    assert list(found) == ["iso", "american", "open"]
    assert "'01/01/2024', month first" in found["american"].reason
    assert found["iso"].reason.endswith("such as '2024-01-01'.")
    assert not found["open"].step.enabled
    assert "can be read in two ways" in found["open"].reason
    steps = [s.step for s in found.values()]
    frame.index = range(len(frame))
    cleaned = run_recipe(TableData(frame, LoadReport(), np.zeros(100, np.uint8)), steps)
    assert not any(outcome.error for outcome in cleaned.outcomes)
    assert cleaned.frame["american"].iloc[31] == pd.Timestamp("2024-02-01")


def test_rare_slips_are_suggested_to_be_merged_but_neither_codes_nor_common_neighbours():
    town = ["Hamburg"] * 40 + ["Hambrug"] * 2 + ["Homburg"] * 38 + ["Berlin"] * 20
    frame = big(town=words(*town), code=words(*["A-12-21", "A-21-12"] * 50))
    found = [s for s in suggest(frame, profile_table(frame)) if s.step.kind == "merge_values"]
    assert [s.step.params["mapping"] for s in found] == [{"Hambrug": "Hamburg"}]
    assert "1 value of the 4 in town is another spelling of a value, such as 'Hambrug' of 'Hamburg'" in found[0].reason


def test_values_far_from_the_rest_are_only_pointed_out():
    values = np.random.default_rng(0).normal(100, 10, 500)
    values[7] = 5000
    frame = pd.DataFrame({"x": np.round(values, 1), "tail": np.round(np.random.default_rng(1).lognormal(3, 1, 500), 1)})
    found = suggest(frame, profile_table(frame))
    assert [(s.step.kind, s.step.params["columns"], s.step.enabled) for s in found] == [
        ("limit_outliers", ["x"], False)
    ]
    assert "x: 5,000, where half of all lie from" in found[0].reason


def test_numbers_that_a_workbook_keeps_as_text_are_suggested():
    frame = big(n=words(*[str(i) for i in range(100)]), phone=words(*[f"0{i}" for i in range(100)]))
    assert [(s.step.kind, s.step.params["column"]) for s in suggest(frame, profile_table(frame))] == [
        ("parse_numbers", "n")
    ]


def test_marks_for_not_known_and_limits_of_what_was_measured_are_pointed_out():
    rng = np.random.default_rng(0)
    amount = np.round(rng.normal(60, 10, 500), 1)
    marked, limited, zeros = amount.copy(), np.minimum(np.round(rng.normal(60, 10, 500), 3), 70), amount.copy()
    marked[:7] = -99
    zeros[rng.random(500) < 0.3] = 0
    zeros += np.where(zeros > 0, -30, 0)
    frame = pd.DataFrame({"marked": marked, "limited": limited, "plain": amount, "often none": np.abs(zeros - 1)})
    found = {s.step.params["column"]: s for s in suggest(frame, profile_table(frame)) if s.step.kind == "replace"}
    assert set(found) == {"marked", "limited"}
    assert "-99 in 7 rows" in found["marked"].reason
    assert "highest" in found["limited"].reason
    assert not found["marked"].step.enabled
    missing, without = (steps for _, steps in found["marked"].others)
    table = TableData(frame, LoadReport(rows=500), np.zeros(500, np.uint8))
    assert run_recipe(table, missing).frame["marked"].isna().sum() == 7
    assert len(run_recipe(table, without).frame) == 493


def test_many_rare_values_are_pointed_out():
    rng = np.random.default_rng(0)
    words = [*rng.choice(["a", "b", "c"], 400), *(f"only once {i}" for i in range(100))]
    frame = pd.DataFrame({"word": pd.Series(words, dtype="str"), "n": rng.normal(size=500)})
    (found,) = (s for s in suggest(frame, profile_table(frame)) if s.step.kind == "merge_rare")
    assert "100 of the 103 values of word" in found.reason
    ((_, steps),) = found.others
    table = TableData(frame, LoadReport(rows=500), np.zeros(500, np.uint8))
    assert set(run_recipe(table, steps).frame["word"]) == {"a", "b", "c", "other"}


def test_units_count_by_their_rows():
    frame = pd.DataFrame({"w": pd.Series(["3 kg"] * 90 + [f"{i}00 g" for i in range(1, 11)], dtype="str")})
    (found,) = (s for s in suggest(frame, profile_table(frame)) if s.step.kind == "parse_numbers")
    assert found.step.params["to"] == "kg"
