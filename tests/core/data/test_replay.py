"""The recipe on rows that come later: every row answered, nothing fitted anew, the person's own column names."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from workbench.core.data.dataset import LoadReport, TableData
from workbench.core.data.pipeline import Staged, facts_of
from workbench.core.data.planning import make_plan
from workbench.core.data.preprocess import Preprocessor
from workbench.core.data.profile import profile_table
from workbench.core.data.recipe import run_recipe
from workbench.core.data.replay import replay
from workbench.core.errors import FeatureError, StepError
from workbench.core.project import ColumnFeature, Features, Project, Step


def table(**columns: list[Any]) -> TableData:
    frame = pd.DataFrame(columns)
    return TableData(frame, LoadReport(rows=len(frame)), np.zeros(len(frame), np.uint8))


def fitted(data: TableData, target: str, *steps: tuple[str, dict[str, Any]]) -> Preprocessor:
    recipe = tuple(Step(f"s{n}", kind, params) for n, (kind, params) in enumerate(steps))
    project = Project(recipe=recipe, features=Features(columns=(ColumnFeature(target, "target", "auto"),)))
    cleaned = run_recipe(data, recipe)
    assert not any(o.error for o in cleaned.outcomes), cleaned.outcomes
    return make_plan(project, data, cleaned).preprocessor


TRAINING = table(
    Price=["1,5 €", "2,5 €", None, "1.004,5 €", "7,5 €", "9,5 €"],
    Size=["s", "m", "l ", "m", "s", "?"],
    Sold=["yes", "no", "yes", "no", "yes", "no"],
)
STEPS = (
    ("rename_column", {"column": "Price", "name": "price in euros"}),
    ("parse_numbers", {"column": "price in euros"}),
    ("fill_missing", {"columns": ["price in euros"], "method": "median"}),
    ("trim_text", {"columns": ["Size"]}),
    ("replace", {"column": "Size", "find": "?", "by": None}),
    ("drop_missing", {"columns": ["Size"]}),
)


def test_new_rows_go_through_the_recipe_by_the_names_in_the_file() -> None:
    made = fitted(TRAINING, "Sold", *STEPS)
    new = table(Price=["3,5 €", None], Size=[" m", "l"])

    done = replay(made, new, every_row=True)

    assert done.frame["price in euros"].tolist() == [3.5, 7.5], "the gap takes the training table's median"
    assert done.frame["Size"].tolist() == ["m", "l"]
    assert made.transform(done.frame).shape == (2, made.width)


def test_the_decimal_mark_is_that_of_the_training_table() -> None:
    made = fitted(TRAINING, "Sold", *STEPS)
    alone = replay(made, table(Price=["1.250 €"], Size=["m"]), every_row=True)
    assert alone.frame["price in euros"].tolist() == [1250.0]


def test_the_order_of_dates_is_that_of_the_training_table() -> None:
    days = table(day=["01/02/2024", "25/02/2024", "03/03/2024"], y=[1.0, 2.0, 3.5], x=[1.0, 3.0, 5.5])
    made = fitted(days, "y", ("change_type", {"column": "day", "type": "date"}))
    done = replay(made, table(day=["03/04/2024"], x=[1.0]), every_row=True)
    assert done.frame["day"].iloc[0] == pd.Timestamp(2024, 4, 3)


def test_rows_are_dropped_when_scored_and_kept_when_answered() -> None:
    made = fitted(TRAINING, "Sold", *STEPS)
    new = table(Price=["3,5 €", "4,5 €", "5,5 €"], Size=["m", "?", "s"], Sold=["yes", "no", "no"])

    answered, scored = replay(made, new, every_row=True), replay(made, new, every_row=False)

    assert len(answered.frame) == 3
    assert answered.notes == ("1 row that cleaning drops is answered too (Drop rows where Size is missing).",)
    assert list(scored.frame.index) == [0, 2]
    assert len(scored.parts) == 2
    assert "left out" in scored.notes[0]


def test_a_single_row_whose_cells_look_like_another_type() -> None:
    codes = table(
        code=["1", "2", "A", "2", "1", "A"], size=["?", "3", "4", "5", "6", "7"], y=["a", "b", "a", "b", "a", "b"]
    )
    made = fitted(
        codes,
        "y",
        ("trim_text", {"columns": ["code", "size"]}),
        ("replace", {"column": "size", "find": "?", "by": None}),
        ("change_type", {"column": "size", "type": "number"}),
    )
    done = replay(made, table(code=[2], size=[4]), every_row=True)
    x = made.transform(done.frame)
    assert x[0, list(made.column_names).index("code = 2")] == 1.0
    assert done.frame["size"].tolist() == [4]


def test_a_column_without_any_value_counts_as_missing() -> None:
    made = fitted(TRAINING, "Sold", *STEPS)
    done = replay(made, table(Price=[np.nan, np.nan], Size=[np.nan, "m"]), every_row=True)
    assert done.frame["price in euros"].tolist() == [7.5, 7.5]
    assert not np.isnan(made.transform(done.frame)).any()


def test_a_cell_that_is_no_number_is_missing_and_said_when_answering() -> None:
    sizes = table(size=["1", "2", "3", "4"], y=["a", "b", "a", "b"])
    made = fitted(sizes, "y", ("change_type", {"column": "size", "type": "number"}))
    new = table(size=["2", "big"])
    done = replay(made, new, every_row=True)
    assert np.isnan(done.frame["size"].iloc[1])
    assert "'big' in row 2" in done.notes[0]
    with pytest.raises(StepError, match="no numbers"):
        replay(made, new, every_row=False)


def test_a_file_with_the_cleaned_names_is_taken_as_it_is() -> None:
    made = fitted(TRAINING, "Sold", *STEPS)
    done = replay(made, TableData(*_parts(pd.DataFrame({"price in euros": [3.5], "Size": ["m"]}))), every_row=True)
    assert done.frame["price in euros"].tolist() == [3.5]


def _parts(frame: pd.DataFrame) -> tuple[pd.DataFrame, LoadReport, Any]:
    return frame, LoadReport(rows=len(frame)), np.zeros(len(frame), np.uint8)


def test_an_absent_column_is_asked_for_by_the_name_in_the_file() -> None:
    made = fitted(TRAINING, "Sold", *STEPS)
    with pytest.raises(FeatureError, match='lacks the column "Price"'):
        replay(made, table(Size=["m"]), every_row=True)


def test_a_filter_on_the_target_is_passed_over_when_it_is_not_there() -> None:
    made = fitted(TRAINING, "Sold", *STEPS, ("filter_rows", {"column": "Sold", "operator": "is not missing"}))
    assert len(replay(made, table(Price=["3,5 €"], Size=["m"]), every_row=True).frame) == 1


def test_the_recipe_travels_as_json() -> None:
    made = fitted(TRAINING, "Sold", *STEPS)
    again = Preprocessor.from_json(made.to_json())
    new = table(Price=["3,5 €", None], Size=[" m", "l"])
    assert replay(again, new, every_row=True).frame.equals(replay(made, new, every_row=True).frame)


def test_a_step_switched_off_or_failed_is_not_done_again() -> None:
    recipe = (
        Step("a", "replace", {"column": "Size", "find": "m", "by": "x"}, enabled=False),
        Step("b", "rename_column", {"column": "nowhere", "name": "z"}),
    )
    cleaned = run_recipe(TRAINING, recipe)
    staged = Staged(
        Project(recipe=recipe, features=Features(columns=(ColumnFeature("Sold", "target", "auto"),))),
        TRAINING,
        cleaned,
        profile_table(cleaned.frame),
    )
    assert facts_of(staged)[1].recipe == ()


def test_the_same_rows_give_the_same_numbers_as_in_training() -> None:
    made = fitted(TRAINING, "Sold", *STEPS)
    recipe = tuple(Step(f"s{n}", kind, params) for n, (kind, params) in enumerate(STEPS))
    trained = made.transform(run_recipe(TRAINING, recipe).frame)
    assert np.array_equal(made.transform(replay(made, TRAINING, every_row=False).frame), trained)
    assert replace(made, recipe=()).width == made.width


def test_what_other_steps_read_off_the_training_table_stays_as_it_was() -> None:
    data = table(
        sex=["m", "f", "m", "f", "m", "f", "m", "f"],
        age=[10.0, 20.0, 30.0, 40.0, None, None, 50.0, 60.0],
        fare=[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 100.0],
        day=["01/02/2024", "25/02/2024"] * 4,
        y=[1.0, 2.0, 3.0, 4.5, 5.0, 6.0, 7.0, 8.0],
    )
    made = fitted(
        data,
        "y",
        ("fill_missing", {"columns": ["age"], "method": "mean", "groups": ["sex"]}),
        ("limit_outliers", {"columns": ["fare"], "limits": "percentiles", "lowest": 0, "highest": 50}),
        ("make_ranges", {"column": "age", "way": "equal width", "count": 2, "name": "age group"}),
        ("parse_dates", {"column": "day"}),
        ("date_parts", {"column": "day", "drop": True}),
        ("compute_column", {"name": "twice", "formula": "fare * 2"}),
        ("compute_column", {"name": "of y", "formula": "y * 2"}),
        ("sort_rows", {"columns": ["fare"]}),
        ("sample_rows", {"rows": 6}),
    )
    new = table(
        sex=["f", "m", "x"], age=[None, 200.0, None], fare=[50.0, 2.0, 0.0], day=["03/04/2024", None, "1/1/2024"]
    )

    done = replay(made, new, every_row=True)

    assert done.frame["age"].tolist() == [40.0, 200.0, 35.0], "the mean of the women, and of all for an unknown group"
    assert done.frame["fare"].tolist() == [4.5, 2.0, 1.0]
    assert done.frame["age group"].tolist() == ["35 and over", "35 and over", "35 and over"]
    assert done.frame["day month"].fillna(0).tolist() == [4, 0, 1]
    assert done.frame["twice"].tolist() == [9.0, 4.0, 2.0]
    assert len(done.frame) == 3
    assert not done.notes


def test_a_row_of_gaps_goes_through_every_step() -> None:
    data = table(name=["a,b", "c,d", "e,f"], day=["2024-01-31", "2024-02-01", "2024-03-01"], y=[1.0, 2.5, 3.0])
    made = fitted(
        data,
        "y",
        ("split_column", {"column": "name", "separator": ",", "keep": True}),
        ("parse_dates", {"column": "day"}),
        ("date_parts", {"column": "day"}),
        ("replace_pattern", {"column": "name", "pattern": "a"}),
        ("join_columns", {"columns": ["name 1", "name 2"], "name": "both"}),
    )
    done = replay(made, table(name=[None], day=[None]), every_row=True)
    assert list(done.frame.columns)[:3] == ["name", "name 1", "name 2"]
    assert done.frame.isna().all(axis=None)


def test_rare_values_and_own_categories_of_later_rows_are_those_of_training() -> None:
    training = table(
        Town=[*("Rome",) * 6, *("Oslo",) * 6, "Bern", None],
        n=[float(i) for i in range(14)],
        Sold=["yes", "no"] * 7,
    )
    steps = (
        ("merge_rare", {"column": "Town", "fewest": 3}),
        ("fill_missing", {"columns": ["Town"], "method": "own category"}),
        ("near_duplicates", {"columns": ["n"], "percent": 1, "action": "number them"}),
    )
    made = fitted(training, "Sold", *steps)
    for town, wanted in (("Rome", "Rome"), ("Bern", "other"), ("Never seen", "other"), (None, "missing")):
        done = replay(made, table(Town=[town], n=[3.0]), every_row=True)
        assert done.frame["Town"].tolist() == [wanted]
        assert "Same rows" not in done.frame
