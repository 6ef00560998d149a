"""Dates, outliers, ranges, formulas, columns made of columns, patterns, order: on small tables and on real ones."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.core.data.dataset import LoadReport, TableData
from workbench.core.data.expressions import compute
from workbench.core.data.formulas import columns_in
from workbench.core.data.recipe import pandas_code, run_recipe
from workbench.core.data.sources import guess_source, load
from workbench.core.data.steps import STEPS
from workbench.core.data.text_dates import date_in, date_order
from workbench.core.errors import StepError
from workbench.core.project import Step


def run(kind: str, frame: pd.DataFrame, **params: object) -> pd.DataFrame:
    return STEPS[kind].apply(frame, params)


def words(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(cells, dtype="str") for name, cells in columns.items()})


# ---- missing values --------------------------------------------------------------------------------------------


def test_missing_values_within_groups():
    frame = pd.DataFrame({"g": ["a", "a", "b", "b", None], "x": [1.0, np.nan, 5.0, 7.0, np.nan]})
    filled = run("fill_missing", frame, columns=["x"], method="mean", groups=["g"])["x"].tolist()
    assert filled[:4] == [1, 1, 5, 7]
    assert filled[4] == pytest.approx(13 / 3), "a group without a value takes that of the whole column"
    assert run("fill_missing", frame, columns=["x"], method="forward", groups=["g"])["x"].tolist()[1] == 1
    towns = words(g=["a", "a", "a", "b"], t=["Rome", "Rome", None, None])
    assert run("fill_missing", towns, columns=["t"], method="mode", groups=["g"])["t"].tolist() == ["Rome"] * 4
    with pytest.raises(StepError, match="own group"):
        run("fill_missing", frame, columns=["x"], groups=["x"])
    with pytest.raises(StepError, match="does not go by groups"):
        run("fill_missing", frame, columns=["x"], method="linear", groups=["g"])


def test_missing_values_on_a_line_and_flagged():
    frame = pd.DataFrame({"x": [np.nan, 1, np.nan, np.nan, 4, np.nan], "d": pd.to_datetime(["2024-01-01", None] * 3)})
    assert run("fill_missing", frame, columns=["x"], method="linear")["x"].tolist() == [1, 1, 2, 3, 4, 4]
    days = pd.DataFrame({"d": pd.to_datetime(["2024-01-01", None, "2024-01-03"])})
    assert run("fill_missing", days, columns=["d"], method="linear")["d"].iloc[1] == pd.Timestamp("2024-01-02")
    flagged = run("flag_missing", frame, columns=["x"])
    assert list(flagged.columns) == ["x", "x missing", "d"]
    assert flagged["x missing"].tolist() == [1, 0, 1, 1, 0, 1]


# ---- outliers --------------------------------------------------------------------------------------------------


def test_gaps_as_a_category_of_their_own():
    frame = pd.DataFrame({"t": pd.Series(["a", None], dtype="str"), "n": [1.0, None]})
    assert run("fill_missing", frame, columns=["t"], method="own category")["t"].tolist() == ["a", "missing"]
    with pytest.raises(StepError, match="holds numbers") as caught:
        run("fill_missing", frame, columns=["n"], method="own category")
    assert "Flag missing" in caught.value.remedy


def test_rare_values():
    frame = pd.DataFrame({"t": pd.Series([*"aaabbbcd", None], dtype="str"), "n": [1, 1, 1, 2, 2, 2, 3, 4, 5]})
    assert run("merge_rare", frame, column="t", fewest=3)["t"].tolist()[:8] == [*"aaabbb", "other", "other"]
    assert run("merge_rare", frame, column="t", fewest=3)["t"].isna().tolist() == [False] * 8 + [True]
    assert run("merge_rare", frame, column="n", fewest=2, name="few")["n"].tolist() == [*"111222", "few", "few", "few"]
    assert run("merge_rare", frame, column="t", fewest=1)["t"].tolist()[:8] == [*"aaabbbcd"]
    with pytest.raises(StepError, match="all would become one"):
        run("merge_rare", frame, column="t", fewest=9)
    pin = STEPS["merge_rare"].pin({"t": frame["t"]}, {"column": "t", "fewest": 3})
    later = pd.DataFrame({"t": pd.Series(["c", "a", "new", None], dtype="str")})
    assert run("merge_rare", later, **pin)["t"].tolist()[:3] == ["other", "a", "other"]


def test_rows_that_are_nearly_equal():
    frame = pd.DataFrame(
        {
            "x": [1.0, 1.0001, 5.0, 9.0, np.nan, np.nan],
            "t": pd.Series(["Rome", " rome ", "Rome", None, "a", "a"], dtype="str"),
        }
    )
    numbered = run("near_duplicates", frame, action="number them")
    assert numbered["Same rows"].tolist() == [1, 1, 2, 3, 4, 4]
    assert run("near_duplicates", frame).index.tolist() == [0, 2, 3, 4]
    assert run("near_duplicates", frame, columns=["t"]).index.tolist() == [0, 3, 4]
    with pytest.raises(StepError, match="distance"):
        run("near_duplicates", frame, percent=0)
    with pytest.raises(StepError, match="already"):
        run("near_duplicates", numbered, action="number them")


def test_dates_of_both_orders_are_read_as_the_person_says():
    frame = pd.DataFrame({"d": pd.Series(["13/02/2024", "02/13/2024", "03/04/2024"], dtype="str")})
    with pytest.raises(StepError, match="both orders") as caught:
        run("parse_dates", frame, column="d")
    assert [text for text, _, _ in caught.value.choices][2:] == [
        "day first, else month first",
        "month first, else day first",
    ]
    parsed = run("parse_dates", frame, column="d", order="day first, else month first")["d"]
    assert parsed.dt.strftime("%d.%m.").tolist() == ["13.02.", "13.02.", "03.04."]
    parsed = run("parse_dates", frame, column="d", order="month first, else day first")["d"]
    assert parsed.dt.strftime("%d.%m.").tolist() == ["13.02.", "13.02.", "04.03."]


def test_outliers():
    frame = pd.DataFrame({"x": [1.0, 2, 3, 4, 100, np.nan], "n": [1, 2, 3, 4, 5, 600]})
    assert run("limit_outliers", frame, columns=["x"], low=2, high=4)["x"].tolist()[:5] == [2, 2, 3, 4, 4]
    assert run("limit_outliers", frame, columns=["n"], high=5)["n"].tolist() == [1, 2, 3, 4, 5, 5]
    gone = run("limit_outliers", frame, columns=["x"], limits="quartiles", action="make missing")["x"]
    assert gone.isna().tolist() == [False] * 4 + [True] * 2
    kept = run("limit_outliers", frame, columns=["x", "n"], limits="quartiles", action="drop the row")
    assert kept.index.tolist() == [0, 1, 2, 3]
    half = run("limit_outliers", frame, columns=["n"], limits="percentiles", lowest=0, highest=50)["n"]
    assert half.max() == 3.5
    for params, says in (
        ({"columns": ["x"]}, "no limit"),
        ({"columns": ["x"], "low": 5, "high": 1}, "above the highest"),
        ({"columns": ["x"], "limits": "percentiles", "lowest": 90, "highest": 10}, "no percentiles"),
        ({"columns": ["n"], "low": 1000, "action": "drop the row"}, "No row would be left"),
    ):
        with pytest.raises(StepError, match=says):
            run("limit_outliers", frame, **params)
    help_ = next(field.help for field in STEPS["limit_outliers"].fields if field.name == "limits")
    assert "features page" in help_


# ---- ranges ----------------------------------------------------------------------------------------------------


def test_ranges():
    frame = pd.DataFrame({"age": [3.0, 17, 18, 40, 65, np.nan]})
    typed = run("make_ranges", frame, column="age", way="edges", edges="18; 65")["age"]
    assert typed.fillna("-").tolist() == ["under 18", "under 18", "18 – 65", "18 – 65", "65 and over", "-"]
    new = run("make_ranges", frame, column="age", way="equal counts", count=2, name="half", label="numbers")
    assert new["half"].fillna(0).tolist() == [1, 1, 2, 2, 2, 0]
    assert list(new.columns) == ["age", "half"]
    assert run("make_ranges", frame, column="age", count=2)["age"].iloc[0] == "under 34"
    for params, says in (
        ({"way": "edges", "edges": "a, b"}, "no numbers"),
        ({"way": "edges", "edges": "5, 3"}, "do not rise"),
        ({"count": 1}, "Between 2 and 100"),
        ({"name": "age", "count": 2}, "already"),
    ):
        with pytest.raises(StepError, match=says):
            run("make_ranges", frame, column="age", **params)
    with pytest.raises(StepError, match="two different values"):
        run("make_ranges", pd.DataFrame({"age": [1, 1]}), column="age")


# ---- dates -----------------------------------------------------------------------------------------------------

JAN_31 = dt.datetime(2024, 1, 31)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2024-01-31", JAN_31),
        ("2024/1/31", JAN_31),
        ("31.1.2024", JAN_31),
        ("31. 1. 2024", JAN_31),
        ("31-01-24", JAN_31),
        ("20240131", JAN_31),
        ("31 Jan 2024", JAN_31),
        ("31. Januar 2024", JAN_31),
        ("Jan 31, 2024", JAN_31),
        ("January 31st, 2024", JAN_31),
        ("31-Jan-24", JAN_31),
        ("Wed, 31 Jan 2024", JAN_31),
        ("31 janvier 2024", JAN_31),
        ("15 août 2023", dt.datetime(2023, 8, 15)),
        ("3 juin 2023", dt.datetime(2023, 6, 3)),
        ("3 juil. 2023", dt.datetime(2023, 7, 3)),
        ("1. März 2024", dt.datetime(2024, 3, 1)),
        ("May 2024", dt.datetime(2024, 5, 1)),
        ("2024-05", dt.datetime(2024, 5, 1)),
        ("1/2/69", dt.datetime(1969, 2, 1)),
        ("2024-01-31T13:45:10.5Z", dt.datetime(2024, 1, 31, 13, 45, 10, 500_000)),
        ("2024-01-31 13:45+02:00", dt.datetime(2024, 1, 31, 11, 45)),
        ("31/01/2024 1:45 PM", dt.datetime(2024, 1, 31, 13, 45)),
        ("31/01/2024 12:05 am", dt.datetime(2024, 1, 31, 0, 5)),
    ],
)
def test_dates_are_read_in_many_ways(text, date):
    assert date_in(text) == date


@pytest.mark.parametrize("text", ["", "abc", "32.1.2024", "2024-13-01", "1.2", "12:30", "12345678901", "31 Foo 2024"])
def test_what_is_no_date_stays_none(text):
    assert date_in(text) is None


def test_the_order_of_day_and_month_is_asked_where_nothing_tells():
    assert date_order(["03/04/2024", "25/04/2024"]) == "day first"
    assert date_order(["03/04/2024", "04/25/2024"]) == "month first"
    assert date_order(["03.04.2024", "05.06.2024"]) == "day first"
    assert date_order(["25/12/2024", "12/25/2024"]) == "both"
    open_ = words(d=["03/04/2024", "05/06/2024", None])
    with pytest.raises(StepError, match="'03/04/2024' in 'd' may be 3 April or 4 March") as caught:
        run("parse_dates", open_, column="d")
    assert "day first" in caught.value.remedy
    assert run("parse_dates", open_, column="d", order="month first")["d"].iloc[0] == pd.Timestamp(2024, 3, 4)
    mixed = words(d=["25/12/2024", "12/25/2024"])
    with pytest.raises(StepError, match="both orders, such as '25/12/2024' and '12/25/2024'"):
        run("parse_dates", mixed, column="d")
    assert run("parse_dates", mixed, column="d", order="day first")["d"].isna().tolist() == [False, True]
    with pytest.raises(StepError, match="holds no dates such as 'x'"):
        run("parse_dates", words(d=["x"]), column="d")
    assert run("parse_dates", pd.DataFrame({"d": [20240131, 20240201]}), column="d")["d"].iloc[0] == pd.Timestamp(
        JAN_31
    )


def test_dates_into_parts():
    frame = pd.DataFrame({"d": pd.to_datetime(["2024-01-31 13:45", None]), "x": [1, 2]})
    parts = run("date_parts", frame, column="d", day=True, hour=True, drop=True)
    assert list(parts.columns) == ["d year", "d month", "d day", "d weekday", "d hour", "x"]
    assert parts.iloc[0].tolist() == [2024, 1, 31, 3, 13, 1]
    assert parts["d year"].isna().tolist() == [False, True]
    with pytest.raises(StepError, match="holds no dates") as caught:
        run("date_parts", frame, column="x")
    assert "Parse its dates" in caught.value.remedy


# ---- formulas --------------------------------------------------------------------------------------------------

TABLE = pd.DataFrame(
    {
        "a": [1.0, 2.0, np.nan],
        "b": [4, 0, 2],
        "Petal Length": [1.5, 2.5, 3.5],
        "t": pd.Series(["Ab", "c", None], dtype="str"),
        "yes": [True, False, True],
        "d": pd.to_datetime(["2024-01-31", "2024-03-01", "2024-02-01"]),
    }
)


@pytest.mark.parametrize(
    ("formula", "values"),
    [
        ("a + b * 2", [9, 2, None]),
        ("a / b", [0.25, None, None]),
        ("`Petal Length` ** 2", [2.25, 6.25, 12.25]),
        ("-b // 3 % 5", [3, 0, 4]),
        ("1 < a <= 2", [False, True, False]),
        ("a > 1 and not yes or b == 4", [True, True, False]),
        ("yes + 1", [2, 1, 2]),
        ("upper(t) + '!'", ["AB!", "C!", None]),
        ("len(t)", [2, 1, None]),
        ("'big' if b > 1 else 'small'", ["big", "small", "big"]),
        ("max(a, b, 3) - min(a, 1)", [3, 2, None]),
        ("round(log(`Petal Length`), 1)", [0.4, 0.9, 1.3]),
        ("sqrt(b - 1)", [np.sqrt(3), None, 1]),
        ("d - d", [0, 0, 0]),
        ("d >= '2024-02-01'", [False, True, True]),
        ("t == 'c'", [False, True, False]),
        ("exp(b * 1000)", [None, 1, None]),
        ("3", [3, 3, 3]),
    ],
)
def test_formulas(formula, values):
    found = compute(TABLE, formula).astype(object)
    assert found.where(found.notna(), None).tolist() == [
        pytest.approx(v) if isinstance(v, float) else v for v in values
    ]


@pytest.mark.parametrize(
    ("formula", "says"),
    [
        ("", "no formula"),
        ("a +", "no formula"),
        ("c + 1", "no column 'c'"),
        ("A + 1", "no column 'A'"),
        ("t + 1", r"\+ needs numbers"),
        ("a == 'x'", "cannot be compared"),
        ("a and b", "true or false"),
        ("upper(a)", "needs text"),
        ("open('x')", "function 'open' is not known"),
        ("a.mean()", "function 'a.mean' is not known"),
        ("a.values", "not understood"),
        ("[x for x in (1, 2)]", "not understood"),
        ("lambda: 1", "not understood"),
        ("(a := 3)", "not understood"),
        ("f'{a}'", "not understood"),
        ("a @ b", "not understood"),
        ("__import__('os').system('true')", "not known"),
        ("a[0]", "not understood"),
        ("max(a)", "two or more"),
        ("abs(a, b)", "one value"),
        ("round(a, b)", "whole number of places"),
        ("9 ** 9 ** 9 ** 9 ** 9", ""),
        ("(" * 60 + "a" + ")" * 60, ""),
        ("-" * 300 + "a", "nested too deeply|no formula"),
        ("a" * 3000, "too long"),
        ("d > 'soon'", "not a date"),
        ("`", "no formula"),
    ],
)
def test_formulas_that_are_none_say_why(formula, says):
    if not says:
        assert len(compute(TABLE, formula)) == 3
        return
    with pytest.raises(StepError, match=says) as caught:
        compute(TABLE, formula)
    assert caught.value.remedy


def test_a_formula_names_its_columns_and_makes_or_replaces_one():
    assert columns_in("`Petal Length` / (a + max(b, 2))") == ("Petal Length", "a", "b")
    assert run("compute_column", TABLE, name="s", formula="a + b").columns[-1] == "s"
    assert run("compute_column", TABLE, name="a", formula="a * 10")["a"].tolist()[:2] == [10, 20]
    with pytest.raises(StepError, match="no name"):
        run("compute_column", TABLE, formula="a")


# ---- columns of columns ----------------------------------------------------------------------------------------


def test_rows_by_a_formula():
    frame = pd.DataFrame({"age": [10.0, 40, None, 70], "sex": pd.Series(["f", "m", "f", "f"], dtype="str")})
    keep = run("filter_formula", frame, formula="age < 16 or (sex == 'f' and age > 60)")
    assert keep.index.tolist() == [0, 3]
    assert run("filter_formula", frame, formula="age < 16", action="drop").index.tolist() == [1, 2, 3]
    for formula, says in (("age + 1", "not yes or no"), ("age >", "formula"), ("age > 100", "No row"), ("", "formula")):
        with pytest.raises(StepError, match=says) as caught:
            run("filter_formula", frame, formula=formula)
        assert caught.value.where == "Filter rows by a formula"
        assert caught.value.remedy


def test_split_and_join():
    frame = words(name=["Doe, Jane, Dr", "Roe", None, "Poe,"], x=["1", "2", "3", "4"])
    split = run("split_column", frame, column="name", separator=",", names="last, first")
    assert list(split.columns) == ["last", "first", "x"]
    assert split["first"].fillna("-").tolist() == ["Jane, Dr", "-", "-", "-"]
    kept = run("split_column", frame, column="name", separator=",", parts=3, keep=True)
    assert list(kept.columns) == ["name", "name 1", "name 2", "name 3", "x"]
    joined = run("join_columns", split, columns=["first", "last"], name="all", keep=False)
    assert joined["all"].fillna("-").tolist() == ["Jane, Dr Doe", "Roe", "-", "Poe"]
    numbers = pd.DataFrame({"y": [2024, 2025], "m": [1.0, np.nan]})
    assert run("join_columns", numbers, columns=["y", "m"], separator="-", name="ym")["ym"].tolist() == [
        "2024-1",
        "2025",
    ]
    for params, says in (
        ({"separator": "|"}, "No cell"),
        ({"separator": ""}, "nothing to split at"),
        ({"separator": ",", "names": "x, y"}, "already"),
        ({"separator": ",", "names": "y, y"}, "same name"),
        ({"separator": ",", "parts": 99}, "Between 2 and 50"),
    ):
        with pytest.raises(StepError, match=says):
            run("split_column", frame, column="name", **params)


# ---- patterns and labels ---------------------------------------------------------------------------------------


def test_patterns_are_bounded_in_time():
    frame = words(t=["Rome (IT)", "Oslo (NO)", "(x)", None])
    done = run("replace_pattern", frame, column="t", pattern=r"\s*\((.*)\)")
    assert done["t"].fillna("-").tolist() == ["Rome", "Oslo", "-", "-"]
    swapped = run("replace_pattern", frame, column="t", pattern=r"(\w+) \((\w+)\)", by=r"\2: \1")
    assert swapped["t"].tolist()[0] == "IT: Rome"
    evil = words(t=["a" * 5000 + "!"] * 20)
    assert run("replace_pattern", evil, column="t", pattern="(a+)+$")["t"].iloc[0].endswith("!")
    for pattern, says in (
        ("(", "not understood"),
        ("(?=a)", "not understood"),
        ("", "no pattern"),
        ("a" * 501, "too long"),
    ):
        with pytest.raises(StepError, match=says):
            run("replace_pattern", frame, column="t", pattern=pattern)


def test_relabel():
    frame = pd.DataFrame({"y": [0, 1, 1, 2]})
    assert run("relabel", frame, column="y", labels="0 = no, 1 = yes")["y"].tolist() == ["no", "yes", "yes", "2"]
    assert run("relabel", frame, column="y", labels={"0": "10"})["y"].tolist() == [10, 1, 1, 2]
    assert run("relabel", frame, column="y", labels="2 = ")["y"].isna().tolist() == [False, False, False, True]
    with pytest.raises(StepError, match="No cell of 'y' is '7'"):
        run("relabel", frame, column="y", labels="7 = x")


# ---- order -----------------------------------------------------------------------------------------------------


def test_order_and_samples():
    frame = pd.DataFrame({"x": [3.0, 1.0, np.nan, 2.0], "k": ["a", "b", "a", "b"]})
    assert run("sort_rows", frame, columns=["x"]).index.tolist() == [1, 3, 0, 2]
    assert run("sort_rows", frame, columns=["k", "x"], descending=True).index.tolist() == [3, 1, 0, 2]
    once, again = run("shuffle_rows", frame, seed=3), run("shuffle_rows", frame, seed=3)
    assert once.index.tolist() == again.index.tolist()
    assert sorted(once.index) == [0, 1, 2, 3]
    big = pd.DataFrame({"x": range(1000)})
    some = run("sample_rows", big, share=10, seed=1)
    assert len(some) == 100
    assert some.index.is_monotonic_increasing
    assert some.index.tolist() == run("sample_rows", big, rows=100, seed=1).index.tolist()
    assert len(run("sample_rows", big, rows=5000)) == 1000
    with pytest.raises(StepError, match="No number of rows"):
        run("sample_rows", big)
    with pytest.raises(StepError, match="between 0 and 100"):
        run("sample_rows", big, share=0)
    with pytest.raises(StepError, match="seed"):
        run("shuffle_rows", big, seed="x")


def test_parts_and_differences_follow_rows_into_another_order():
    frame = pd.DataFrame({"x": [3, 1, 2], "t": pd.Series(["c", "a ", "b"], dtype="str")})
    table = TableData(frame, LoadReport(), np.array([0, 0, 1], np.uint8))
    steps = [Step("1", "sort_rows", {"columns": ["x"]}), Step("2", "trim_text", {"columns": ["t"]})]
    cleaned = run_recipe(table, steps)
    assert cleaned.parts.tolist() == [0, 1, 0]
    assert cleaned.outcome("1").cells_changed == 0
    assert cleaned.difference("1").before.empty
    assert cleaned.outcome("2").cells_changed == 1


# ---- real tables -----------------------------------------------------------------------------------------------

RECIPES = {
    "titanic/train.csv": [
        ("fill_missing", {"columns": ["Age"], "method": "median", "groups": ["Sex", "Pclass"]}),
        ("flag_missing", {"columns": ["Cabin"]}),
        ("split_column", {"column": "Name", "separator": ",", "names": "Surname, Rest"}),
        ("split_column", {"column": "Rest", "separator": ".", "names": "Title, Given"}),
        ("compute_column", {"name": "Family", "formula": "SibSp + Parch + 1"}),
        ("compute_column", {"name": "Fare each", "formula": "round(Fare / Family, 2)"}),
        ("make_ranges", {"column": "Age", "way": "edges", "edges": "6, 18, 65", "name": "Age group"}),
        ("limit_outliers", {"columns": ["Fare"], "limits": "percentiles"}),
        ("relabel", {"column": "Survived", "labels": "0 = lost, 1 = saved"}),
        ("replace_pattern", {"column": "Ticket", "pattern": r"^[^0-9]*", "by": ""}),
        ("join_columns", {"columns": ["Sex", "Pclass"], "name": "Sex and class"}),
        ("sort_rows", {"columns": ["Fare each"], "descending": True}),
        ("sample_rows", {"share": 80, "seed": 4}),
        ("shuffle_rows", {"seed": 5}),
    ],
    "timeseries/seattle-weather.csv": [
        ("parse_dates", {"column": "date"}),
        ("date_parts", {"column": "date", "yearday": True, "drop": True}),
        ("make_ranges", {"column": "temp_max", "way": "equal counts", "count": 5, "label": "numbers"}),
        ("limit_outliers", {"columns": ["wind", "precipitation"], "limits": "quartiles", "action": "drop the row"}),
    ],
    "tabular/california_housing.csv": [
        ("fill_missing", {"columns": ["total_bedrooms"], "method": "linear"}),
        ("compute_column", {"name": "per house", "formula": "total_rooms / households if households > 0 else 0"}),
        ("limit_outliers", {"columns": ["per house"], "high": 20}),
    ],
}


@pytest.mark.parametrize("name", list(RECIPES))
def test_real_tables_and_their_scripts_alone(tmp_path: Path, real_data: Path, name):
    spec = guess_source(real_data / name)
    table = load(spec)
    steps = [Step(str(i), kind, params) for i, (kind, params) in enumerate(RECIPES[name])]
    cleaned = run_recipe(table, steps)
    assert [outcome.error for outcome in cleaned.outcomes if outcome.error] == []
    out = tmp_path / "out.parquet"
    script = tmp_path / "clean.py"
    script.write_text(f"{pandas_code(spec, steps, table)}\ndf.to_parquet({str(out)!r})\n", "utf-8")
    done = subprocess.run([sys.executable, "-I", str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    pd.testing.assert_frame_equal(pd.read_parquet(out).reset_index(drop=True), cleaned.frame.reset_index(drop=True))


def test_dates_of_real_contracts(real_data: Path):
    table = load(guess_source(real_data / "messy/government_contracts.csv"))
    dates = [name for name in table.frame.columns if "date" in name.lower()]
    assert dates
    for name in dates:
        parsed = run("parse_dates", table.frame, column=name)[name]
        assert parsed.notna().sum() >= 0.95 * table.frame[name].notna().sum()
