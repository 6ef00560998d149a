"""Cleaning steps: each does what its summary says, leaves the given frame alone, and its code does the same."""

from __future__ import annotations

import copy
import random

import numpy as np
import pandas as pd
import pytest

from workbench.core.data.steps import STEPS
from workbench.core.data.text_numbers import decimal_mark, number_in, unit_of
from workbench.core.errors import StepError


def table() -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "age": [22.0, np.nan, 30.0, 30.0, np.nan, 41.5],
            "rooms": [1, 2, 3, 3, 2, 9],
            "town": pd.Series([" Rome", "oslo  x", None, None, "?", "Rome "], dtype="str"),
            "price": pd.Series(["$1,200.50", "(7)", "n/a", "n/a", None, "20k"], dtype="str"),
            "day": pd.Series(["2024-01-31", "2024-02-01", None, None, "2024-02-03", "2024-02-04"], dtype="str"),
            "code": pd.Series(["007", "12", "13", "13", "14", "15"], dtype="str"),
        }
    )
    frame.columns = frame.columns.astype("str")
    frame.index = pd.Index([0, 2, 3, 4, 7, 9])
    return frame


def run(kind: str, frame: pd.DataFrame | None = None, **params) -> pd.DataFrame:
    return STEPS[kind].apply(table() if frame is None else frame, params)


def by_code(kind: str, frame: pd.DataFrame, params: dict) -> pd.DataFrame:
    space = {"df": frame.copy(), "pd": pd, "np": np}
    space |= {helper.__name__: helper for helper in STEPS[kind].helpers}
    exec(STEPS[kind].code(params), space)
    return space["df"]


def test_fill_missing_in_every_way():
    assert run("fill_missing", columns=["age"], method="median")["age"].tolist() == [22, 30, 30, 30, 30, 41.5]
    assert run("fill_missing", columns=["age"], method="mean")["age"].iloc[1] == pytest.approx(30.875)
    assert run("fill_missing", columns=["town"], method="mode")["town"].iloc[2] in (" Rome", "?", "Rome ", "oslo  x")
    assert run("fill_missing", columns=["age"], method="constant", value="5")["age"].iloc[1] == 5
    assert run("fill_missing", columns=["town"], method="constant", value=0)["town"].iloc[2] == "0"
    assert run("fill_missing", columns=["age"], method="forward")["age"].iloc[1] == 22
    assert run("fill_missing", columns=["age"], method="backward")["age"].iloc[4] == 41.5


def test_parse_numbers():
    parsed = run("parse_numbers", column="price", mixed=True)["price"]
    assert parsed.tolist()[:2] == [1200.5, -7.0]
    assert parsed.isna().tolist() == [False, False, True, True, True, False]
    assert parsed.iloc[5] == 20_000
    weights = pd.DataFrame({"w": pd.Series(["5 kg", "200 g", "7 kg"], dtype="str")})
    with pytest.raises(StepError, match=r"kg \(2\), g \(1\)") as caught:
        run("parse_numbers", weights, column="w")
    assert "tick" in caught.value.remedy
    assert run("parse_numbers", weights, column="w", mixed=True)["w"].tolist() == [5, 200, 7]
    with pytest.raises(StepError, match="holds no numbers"):
        run("parse_numbers", column="town")


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [
        ("$1,234.50", ".", 1234.5),
        ("1.234,50 €", ",", 1234.5),
        ("3,5 kg", ",", 3.5),
        ("12 %", ".", 12),
        ("(7)", ".", -7),
        ("−3", ".", -3),
        ("-$4", ".", -4),
        ("USD 4", ".", 4),
        ("1 234 567", ".", 1234567),
        ("5e3", ".", 5000),
        ("20k", ".", 20000),
        ("1.5M", ".", 1_500_000),
        (".5", ".", 0.5),
    ],
)
def test_a_number_is_read_out_of_text(text, decimal, number):
    assert number_in(text, decimal) == number


@pytest.mark.parametrize(
    "text", ["", "abc", "10-12", "2015-01-02", "10:30", "3 x 4", "C85", "M16", "A/5 21171", "1,2,3"]
)
def test_what_is_no_number_stays_none(text):
    assert np.isnan(number_in(text))


def test_the_decimal_mark_is_judged_by_the_whole_column():
    assert decimal_mark(["1,234", "3,5"]) == ","
    assert decimal_mark(["1,234", "2,345"]) == "."
    assert decimal_mark(["1.234,5"]) == ","
    assert decimal_mark(["1.234.567"]) == ","
    assert unit_of("3,5 kg") == "kg"


def test_replace_cells_and_parts():
    assert run("replace", column="town", find="?", by=None)["town"].isna().sum() == 3
    assert run("replace", column="town", find="Rome", by="Roma", match="part")["town"].iloc[0] == " Roma"
    assert run("replace", column="rooms", find="9", by="")["rooms"].isna().tolist() == [False] * 5 + [True]
    assert run("replace", column="rooms", find=9, by=4)["rooms"].tolist() == [1, 2, 3, 3, 2, 4]
    with pytest.raises(StepError, match="holds numbers, and 'many' is none"):
        run("replace", column="rooms", find=9, by="many")
    with pytest.raises(StepError, match="nothing to find"):
        run("replace", column="town")


def test_rows():
    assert run("drop_missing", columns=["age"]).index.tolist() == [0, 3, 4, 9]
    assert run("drop_missing", columns=["town", "price"], how="all").index.tolist() == [0, 2, 3, 4, 7, 9]
    assert run("drop_missing").index.tolist() == [0, 9]
    assert run("drop_duplicates").index.tolist() == [0, 2, 3, 7, 9]
    assert run("drop_duplicates", columns=["rooms"]).index.tolist() == [0, 2, 3, 9]
    with pytest.raises(StepError, match="No row would be left"):
        run("filter_rows", column="rooms", operator=">", value=100)


@pytest.mark.parametrize(
    ("column", "operator", "value", "kept"),
    [
        ("rooms", "=", "3", [3, 4]),
        ("rooms", "≠", 3, [0, 2, 7, 9]),
        ("age", "<", 30, [0]),
        ("age", "≤", "30", [0, 3, 4]),
        ("age", ">", 30, [9]),
        ("age", "≥", 30, [3, 4, 9]),
        ("age", "≠", 30, [0, 2, 7, 9]),
        ("town", "contains", "rome", [0, 9]),
        ("town", "=", "?", [7]),
        ("code", "=", "007", [0]),
        ("age", "is missing", None, [2, 7]),
        ("age", "is not missing", None, [0, 3, 4, 9]),
    ],
)
def test_filter_rows(column, operator, value, kept):
    params = {"column": column, "operator": operator, "value": value}
    assert run("filter_rows", **params).index.tolist() == kept
    dropped = run("filter_rows", **params, action="drop")
    assert sorted(kept + dropped.index.tolist()) == table().index.tolist()


def test_columns():
    assert "age" not in run("drop_column", columns=["age", "town"])
    assert run("rename_column", column="age", name=" years  old ").columns[0] == "years old"
    with pytest.raises(StepError, match="already"):
        run("rename_column", column="age", name="rooms")
    with pytest.raises(StepError, match="No column would be left"):
        run("drop_column", columns=list(table().columns))


def test_text():
    assert run("trim_text", columns=["town"], mode="strip")["town"].iloc[0] == "Rome"
    assert run("trim_text", columns=["town"], mode="collapse blanks")["town"].iloc[1] == "oslo x"
    assert run("trim_text", columns=["town"], mode="upper case")["town"].iloc[1] == "OSLO  X"
    with pytest.raises(StepError, match="holds no text"):
        run("trim_text", columns=["rooms"])


def test_types():
    assert run("change_type", column="rooms", type="text")["rooms"].tolist() == ["1", "2", "3", "3", "2", "9"]
    assert run("change_type", column="age", type="category")["age"].cat.categories.tolist() == ["22", "30", "41.5"]
    assert run("change_type", column="code", type="number")["code"].tolist() == [7, 12, 13, 13, 14, 15]
    assert run("change_type", column="day", type="date")["day"].iloc[0] == pd.Timestamp("2024-01-31")
    days = pd.DataFrame({"d": pd.Series(["03/04/2024", "25/04/2024"], dtype="str")})
    assert run("change_type", days, column="d", type="date")["d"].dt.month.tolist() == [4, 4]
    with pytest.raises(StepError, match=r"no numbers, such as '\$1,200.50' in row 1") as caught:
        run("change_type", column="price", type="number")
    assert "Parse numbers" in caught.value.remedy
    with pytest.raises(StepError, match="is a date"):
        run("change_type", column="town", type="date")


@pytest.mark.parametrize("kind", list(STEPS))
def test_a_step_without_settings_says_what_to_choose(kind):
    assert STEPS[kind].summary({})
    if kind in ("drop_missing", "drop_duplicates", "near_duplicates", "shuffle_rows"):
        return
    with pytest.raises(StepError) as caught:
        run(kind)
    assert caught.value.remedy
    if kind == "sample_rows":
        return
    names = {"column": "gone", "columns": ["gone"], "find": "x", "name": "x", "value": 1, "formula": "gone + 1"}
    with pytest.raises(StepError, match="no column 'gone'"):
        run(kind, **names)


@pytest.mark.parametrize("kind", list(STEPS))
def test_fields_are_complete(kind):
    for field in STEPS[kind].fields:
        assert field.kind != "choice" or field.default in field.choices
        assert field.label


VALUES = [None, "", 0, 3, 30.0, "3", "30", "?", "Rome", " Rome", "n/a", "1e3", "2024-02-01", 'it\'s "x"\n']


FORMULAS = [
    "age + rooms",
    "rooms * 2 - age / 0",
    "(age - rooms) % 3 // 2",
    "-age ** 2 + abs(rooms - 4)",
    "age > 25 and not rooms == 3",
    "1 < rooms <= 3 or age != 30",
    "(age > 25) + 1",
    "town + '!'",
    "upper(town) if rooms > 2 else lower(code)",
    "len(town) + round(age / 7, 2)",
    "min(age, rooms, 10) - max(2, rooms)",
    "sqrt(rooms - 2) + log(age) + exp(rooms) + floor(age) + ceil(age / 3)",
    "town == ' Rome' or code > '12'",
    "True",
    "'a' if age > 3 else 'b'",
    "7",
    "age +",
    "__import__('os').system('x')",
    "age.mean()",
]


def random_params(kind: str, rng: random.Random, names: list[str]) -> dict:
    params = {}
    for field in STEPS[kind].fields:
        if field.kind == "column":
            params[field.name] = rng.choice(names)
        elif field.kind == "columns":
            params[field.name] = rng.sample(names, min(len(names), rng.randint(0, 3)))
        elif field.kind == "choice":
            params[field.name] = rng.choice(field.choices)
        elif field.kind == "bool":
            params[field.name] = rng.random() < 0.5
        elif field.kind in ("int", "float"):
            params[field.name] = rng.choice([None, 0, 1, 2, 3, 10, 2.5])
        elif field.name == "formula":
            params[field.name] = rng.choice(FORMULAS)
        elif field.name == "pattern":
            params[field.name] = rng.choice(["a", "[0-9]+", r"(.)\1", "(", r"^\s+|\s+$"])
        elif field.name in ("edges", "labels"):
            params[field.name] = rng.choice(["18, 30", "3 = 4, Rome=, ?=x", "30; 2", "2 = 5"])
        else:
            params[field.name] = rng.choice(VALUES)
    return params


def test_code_gives_the_same_table_and_the_given_frame_stays():
    """Random settings on random tables of every type, one step after another."""
    ran = 0
    for seed in range(300):
        rng = random.Random(seed)
        frame = table()
        for _ in range(3):
            kind = rng.choice(list(STEPS))
            params = random_params(kind, rng, list(frame.columns))
            before, kept = frame.copy(deep=True), copy.deepcopy(params)
            try:
                after = STEPS[kind].apply(frame, params)
            except StepError:
                pd.testing.assert_frame_equal(frame, before)
                continue
            pd.testing.assert_frame_equal(frame, before)
            assert params == kept
            assert after.index.isin(before.index).all()
            assert after.index.is_unique
            assert STEPS[kind].summary(params)
            pd.testing.assert_frame_equal(after, by_code(kind, before, params), obj=f"{seed} {kind} {params}")
            frame = after
            ran += 1
    assert ran > 250
