"""What holds for every cleaning step on any table.

The given table stays, rows keep their numbers, the pandas code does the same, what was found out from a table does the
same to it once more, and steps that claim so change nothing when done twice.
"""

from __future__ import annotations

import copy
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from workbench.core.codec import decode, encode
from workbench.core.data.dataset import LoadReport, TableData
from workbench.core.data.recipe import StepCache, pandas_code, run_recipe
from workbench.core.data.replay import pinned
from workbench.core.data.sources import guess_source, load
from workbench.core.data.steps import STEPS
from workbench.core.errors import StepError
from workbench.core.project import Step

SETTINGS = settings(
    derandomize=True, max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
WORDS = [
    "Rome",
    " Rome",
    "rome ",
    "Oslo",
    "ÅRHUS",
    "New  York",
    "York, New",
    "?",
    "n/a",
    "missing",
    "007",
    "12",
    "x" * 40,
]
NUMBERS = ["$1,234.50", "1.234,50 €", "12 %", "3.5 kg", "200 g", "(7)", "20k", "abc", "1e3", "−4", "5", "6"]
DATES = [
    "2024-01-31",
    "31.1.2024",
    "3/4/2024",
    "13/02/2024",
    "02/13/2024",
    "Jan 3, 2024",
    "20240131",
    "never",
    "1/31/24 1:45 PM",
]
COLUMNS = ("age", "rooms", "town", "price", "day", "flag", "when", "kind", 'it\'s "odd"')


def cells(values: list[Any], rows: int) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from([*values, None]), min_size=rows, max_size=rows)


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """Columns of every type, with gaps, and rows that have lost their neighbours to an earlier step."""
    rows = draw(st.integers(1, 12))
    made: dict[str, Any] = {
        "age": pd.Series(draw(cells([0.0, 22.5, 30.0, 41.0, -7.25, 1e9], rows)), dtype="float64"),
        "rooms": pd.Series(draw(st.lists(st.integers(-3, 9), min_size=rows, max_size=rows)), dtype="int64"),
        "town": pd.Series(draw(cells(WORDS, rows)), dtype="str"),
        "price": pd.Series(draw(cells(NUMBERS, rows)), dtype="str"),
        "day": pd.Series(draw(cells(DATES, rows)), dtype="str"),
        "flag": pd.Series(draw(st.lists(st.booleans(), min_size=rows, max_size=rows)), dtype="bool"),
        "when": pd.Series(
            pd.to_datetime(draw(cells(["2024-02-29", "1999-12-31", "2024-03-01 13:45"], rows)), format="mixed")
        ),
        "kind": pd.Series(draw(cells(["a", "b", "B"], rows)), dtype="str").astype("category"),
        'it\'s "odd"': pd.Series(draw(cells(["'", '"', "\\", "a\nb", "=1+1"], rows)), dtype="str"),
    }
    frame = pd.DataFrame(made)
    frame["when"] = frame["when"].astype("datetime64[us]")
    frame.columns = frame.columns.astype("str")
    return frame


FORMULAS = [
    "age * 2 + rooms",
    "upper(town)",
    "rooms if age > 20 else -rooms",
    "len(town) > 3",
    "age / rooms",
    "'a' + kind",
]
TEXTS: dict[str, list[Any]] = {
    "formula": FORMULAS,
    "pattern": ["[0-9]+", r"^\s+|\s+$", "(", r"(.)\1", "ome"],
    "labels": ["Rome = R, Oslo = O", "1 = one", "a = 1, b = 2, B = 3", {"Rome": "other", "Oslo": "other"}],
    "edges": ["0, 30", "5", "9; 2"],
    "separator": [" ", ", ", "o"],
    "names": ["", "first, second"],
    "name": ["new", "town", "", "Same rows"],
    "to": ["", "kg", "parsec"],
    "find": ["Rome", "o", 3, "12", "?", None],
    "by": ["Oslo", "", None, 5],
    "value": ["Rome", 30, "2024-03-01", "", None, 2.5],
}


@st.composite
def steps(draw: st.DrawFn, kinds: tuple[str, ...] = tuple(STEPS)) -> Step:
    """A step of any kind with settings that a form could hold, sensible or not."""
    kind = draw(st.sampled_from(kinds))
    params: dict[str, Any] = {}
    for field in STEPS[kind].fields:
        if field.kind == "column":
            params[field.name] = draw(st.sampled_from(COLUMNS))
        elif field.kind == "columns":
            params[field.name] = draw(st.lists(st.sampled_from(COLUMNS), max_size=3, unique=True))
        elif field.kind == "choice":
            params[field.name] = draw(st.sampled_from(field.choices))
        elif field.kind == "bool":
            params[field.name] = draw(st.booleans())
        elif field.kind in ("int", "float"):
            params[field.name] = draw(st.sampled_from([None, 0, 1, 2, 3, 50, 2.5]))
        elif draw(st.booleans()):
            params[field.name] = draw(st.sampled_from(TEXTS[field.name]))
    if kind == "merge_values":
        params["mapping"] = draw(st.dictionaries(st.sampled_from(WORDS), st.sampled_from(WORDS), max_size=4))
    return Step(draw(st.uuids()).hex[:8], kind, params)


def table_of(frame: pd.DataFrame) -> TableData:
    return TableData(frame, LoadReport(rows=len(frame)), np.arange(len(frame), dtype=np.uint8) % 3)


def by_code(recipe: list[Step], frame: pd.DataFrame) -> pd.DataFrame:
    space: dict[str, Any] = {"df": frame.copy(), "pd": pd, "np": np}
    for step in recipe:
        space |= {helper.__name__: helper for helper in STEPS[step.kind].helpers}
        exec(STEPS[step.kind].code(step.params), space)
    return space["df"]


def same(one: pd.DataFrame, other: pd.DataFrame, what: object = "") -> None:
    pd.testing.assert_frame_equal(one, other, obj=str(what))


@SETTINGS
@given(tables(), st.lists(steps(), min_size=1, max_size=4))
def test_a_recipe_leaves_its_source_and_its_code_gives_the_same_table(frame: pd.DataFrame, recipe: list[Step]) -> None:
    source, told = frame.copy(deep=True), copy.deepcopy(recipe)
    cleaned = run_recipe(table_of(frame), recipe)
    same(frame, source)
    assert recipe == told
    assert cleaned.frame.index.is_unique
    assert set(cleaned.frame.index) <= set(frame.index)
    assert cleaned.parts.tolist() == [int(row) % 3 for row in cleaned.frame.index]
    for step, outcome, following in zip(recipe, cleaned.outcomes, [*cleaned.outcomes[1:], None], strict=True):
        before, after = cleaned.frames(step.id)
        assert (outcome.rows_before, outcome.rows_after) == (len(before), len(after))
        assert following is None or following.rows_before == outcome.rows_after
        if outcome.error:
            same(after, before)
        if not STEPS[step.kind].rows(step.params):
            assert after.index.equals(before.index) or step.kind == "limit_outliers"
        touched = STEPS[step.kind].touches(step.params, list(before.columns))
        for name in before.columns:
            if name in after.columns and name not in touched:
                pd.testing.assert_series_equal(after[name], before.loc[after.index, name])
    ran = [step for step, outcome in zip(recipe, cleaned.outcomes, strict=True) if not outcome.error]
    same(by_code(ran, frame), cleaned.frame, [(step.kind, step.params) for step in ran])


@SETTINGS
@given(tables(), st.lists(steps(), min_size=2, max_size=4), st.data())
def test_a_cache_never_shows(frame: pd.DataFrame, recipe: list[Step], data: st.DataObject) -> None:
    """Edited, switched off, moved and deleted steps: what comes out is what a run from the start gives."""
    table, cache = table_of(frame), StepCache()
    run_recipe(table, recipe, cache)
    changed = data.draw(st.permutations(recipe))[: data.draw(st.integers(1, len(recipe)))]
    off = data.draw(st.integers(0, len(changed) - 1))
    changed[off] = Step(changed[off].id, changed[off].kind, changed[off].params, False, "by another name")
    kept, fresh = run_recipe(table, changed, cache), run_recipe(table, changed)
    same(kept.frame, fresh.frame)
    assert kept.outcomes == fresh.outcomes


TWICE = (
    *("fill_missing", "drop_missing", "drop_duplicates", "near_duplicates", "parse_numbers", "parse_dates"),
    *("trim_text", "change_type", "filter_rows", "filter_formula", "sort_rows", "drop_column"),
)
"""Steps that change nothing when done again; a second time they may have nothing left to do, and say so."""


@SETTINGS
@given(tables(), steps(TWICE))
def test_done_again_they_change_nothing(frame: pd.DataFrame, step: Step) -> None:
    assume(step.kind != "near_duplicates" or step.params["action"] == "keep the first")
    kind = STEPS[step.kind]
    try:
        once = kind.apply(frame, step.params)
    except StepError:
        assume(False)
    try:
        again = kind.apply(once, step.params)
    except StepError:
        return
    if step.kind == "near_duplicates":
        # with rows gone the deviation, and so what counts as close, is another
        assert set(again.index) <= set(once.index)
        return
    same(again, once, (step.kind, step.params))


@SETTINGS
@given(tables(), st.lists(steps(), min_size=1, max_size=3))
def test_what_was_found_out_from_a_table_does_the_same_to_it_and_travels_as_json(
    frame: pd.DataFrame, recipe: list[Step]
) -> None:
    cleaned = run_recipe(table_of(frame), recipe)
    fixed = pinned(recipe, cleaned)
    fixed = tuple(decode(Step, encode(step)) for step in fixed)
    again = run_recipe(table_of(frame), [Step(str(i), s.kind, s.params) for i, s in enumerate(fixed)])
    assert [outcome.error for outcome in again.outcomes if outcome.error] == []
    same(again.frame, cleaned.frame, [(step.kind, step.params) for step in fixed])


def test_the_script_of_a_recipe_of_every_kind_gives_the_same_table_in_a_fresh_process(tmp_path: Path) -> None:
    """Read from the file and cleaned by pandas alone, with nothing of this program at hand."""
    rows = 60
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(
        {
            "age": np.where(rng.random(rows) < 0.2, np.nan, rng.integers(1, 80, rows).astype(float)),
            "rooms": rng.integers(1, 9, rows),
            "town": rng.choice([w for w in WORDS if "," not in w], rows),
            "price": rng.choice(["$1,234.50", "12.00", "7", "abc"], rows),
            "day": rng.choice(["31.1.2024", "3.4.2024", "13.02.2024", "never"], rows),
            "name": [f"Doe {i}, J" for i in range(rows)],
        }
    )
    path = tmp_path / "it's a table.csv"
    frame.to_csv(path, index=False)
    spec = guess_source(path)
    table = load(spec)
    settings_of: dict[str, dict[str, Any]] = {
        "trim_text": {"columns": ["town"], "mode": "collapse blanks"},
        "merge_values": {"column": "town", "mapping": {"rome": "Rome", "ÅRHUS": "Å\"r'hus"}},
        "replace": {"column": "town", "find": "?", "by": None},
        "replace_pattern": {"column": "town", "pattern": "^0+", "by": ""},
        "merge_rare": {"column": "town", "fewest": 4, "name": "other"},
        "parse_numbers": {"column": "price"},
        "parse_dates": {"column": "day"},
        "date_parts": {"column": "day"},
        "fill_missing": {"columns": ["town"], "method": "own category"},
        "flag_missing": {"columns": ["age"]},
        "limit_outliers": {"columns": ["age"], "limits": "percentiles"},
        "make_ranges": {"column": "age", "way": "equal counts", "count": 3, "name": "ages"},
        "compute_column": {"name": "each", "formula": "price / rooms"},
        "split_column": {"column": "name", "separator": ",", "names": "family, given"},
        "join_columns": {"columns": ["town", "rooms"], "name": "place"},
        "relabel": {"column": "rooms", "labels": "1 = one"},
        "change_type": {"column": "rooms", "type": "text"},
        "near_duplicates": {"columns": ["age", "town"], "action": "number them"},
        "drop_duplicates": {"columns": ["family"]},
        "drop_missing": {"columns": ["age"]},
        "filter_rows": {"column": "age", "operator": ">", "value": 5},
        "filter_formula": {"formula": "age < 70 and (rooms == '3' or age > 10)"},
        "sort_rows": {"columns": ["age"]},
        "sample_rows": {"share": 90, "seed": 3},
        "shuffle_rows": {"seed": 4},
        "rename_column": {"column": "place", "name": 'the "place"'},
        "drop_column": {"columns": ["given"]},
    }
    assert set(settings_of) == {kind for kind in STEPS if not kind.startswith("picture")}
    recipe = [Step(str(i), kind, params, title=f"Step {i}\n") for i, (kind, params) in enumerate(settings_of.items())]
    cleaned = run_recipe(table, recipe)
    assert [outcome.error for outcome in cleaned.outcomes if outcome.error] == []
    out, script = tmp_path / "out.parquet", tmp_path / "clean.py"
    script.write_text(f"{pandas_code(spec, recipe, table)}\ndf.to_parquet({str(out)!r})\n", "utf-8")
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", str(script)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    same(pd.read_parquet(out).reset_index(drop=True), cleaned.frame.reset_index(drop=True))


@pytest.mark.parametrize("kind", [kind for kind in STEPS if STEPS[kind].reads])
def test_what_cannot_be_read_is_counted(kind: str) -> None:
    words = {"parse_numbers": ["5 kg", "abc", "7"], "parse_dates": ["2024-01-31", "abc", "2024-02-01"]}
    cells_of = words.get(kind, ["2024-01-31", "abc", "2024-02-01"])
    frame = pd.DataFrame({"a": pd.Series([*cells_of, "abc", None], dtype="str")})
    step = Step("s", kind, {"column": "a", "type": "date"})
    outcome = run_recipe(table_of(frame), [step]).outcomes[0]
    assert outcome.error == ""
    assert (outcome.cells_unread, outcome.unread) == (2, (("abc", 2),))
