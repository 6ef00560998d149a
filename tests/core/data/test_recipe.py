"""The recipe: runs from the first changed step, goes on after a failing one, tells what changed, writes a script."""

from __future__ import annotations

import math
import re

import numpy as np
import pandas as pd
import pytest

from workbench.core.data.recipe import StepCache, pandas_code, run_recipe
from workbench.core.data.sources import guess_source, load
from workbench.core.data.steps import STEPS
from workbench.core.errors import Cancelled
from workbench.core.project import CsvOptions, DataSpec, Step

TEXT = "id,name,sum,zip\n1,Ann,$5,01\n2,Bob,$6,02\nragged\n3,Bob,none,03\n4,Bob,$1,04\n"


@pytest.fixture
def spec(tmp_path):
    (tmp_path / "train.csv").write_text(TEXT)
    (tmp_path / "test.csv").write_text("id,name,sum,zip\n5,Cid,$9,05\n6,,$2,06\n")
    return DataSpec("csv", str(tmp_path / "train.csv"), test_path=str(tmp_path / "test.csv"))


def step(kind: str, enabled: bool = True, **params) -> Step:
    return Step(f"{kind}-{len(params)}-{enabled}", kind, params, enabled)


def test_parts_follow_the_rows_that_are_left(spec):
    cleaned = run_recipe(
        load(spec), [step("drop_missing", columns=["name"]), step("filter_rows", column="id", operator="≠", value=2)]
    )
    assert cleaned.frame["id"].tolist() == [1, 3, 4, 5]
    assert cleaned.parts.tolist() == [0, 0, 0, 1]
    assert [(o.rows_before, o.rows_after) for o in cleaned.outcomes] == [(6, 5), (5, 4)]


def test_a_failing_step_says_so_and_the_next_goes_on(spec):
    steps = [step("drop_column", columns=["gone"]), step("no_such_step"), step("drop_column", columns=["zip"])]
    cleaned = run_recipe(load(spec), steps)
    assert "no column 'gone'" in cleaned.outcomes[0].error
    assert "does not know" in cleaned.outcomes[1].error
    assert cleaned.outcomes[2].error == ""
    assert list(cleaned.frame.columns) == ["id", "name", "sum"]


def test_a_step_that_is_off_changes_nothing(spec):
    table = load(spec)
    cleaned = run_recipe(table, [step("drop_column", enabled=False, columns=["zip"])])
    assert cleaned.frame is table.frame
    assert cleaned.outcomes[0].error == ""


def test_only_what_follows_a_change_runs_again(spec, monkeypatch):
    ran: list[str] = []

    def counted(kind: str):
        real = STEPS[kind]

        def apply(frame, params):
            ran.append(kind)
            return real.apply(frame, params)

        return type(real)(**{**vars(real), "apply": apply})

    for kind in ("drop_column", "drop_missing", "rename_column"):
        monkeypatch.setitem(STEPS, kind, counted(kind))
    table, cache = load(spec), StepCache()
    steps = [step("drop_column", columns=["zip"]), step("drop_missing"), step("rename_column", column="id", name="n")]
    first = run_recipe(table, steps, cache)
    assert run_recipe(table, steps, cache).frame is first.frame
    assert ran == ["drop_column", "drop_missing", "rename_column"]
    run_recipe(table, [*steps[:2], step("rename_column", column="id", name="m")], cache)
    assert ran[3:] == ["rename_column"]
    run_recipe(table, [steps[0], Step("off", "drop_missing", {}, False), steps[2]], cache)
    assert ran[4:] == ["rename_column"]
    run_recipe(load(spec), steps, cache)
    assert len(ran) == 8


def test_changed_cells_are_counted_and_shown(spec):
    steps = [step("replace", column="name", find="Bob", by="Rob"), step("parse_numbers", column="sum")]
    cleaned = run_recipe(load(spec), steps)
    assert [o.cells_changed for o in cleaned.outcomes] == [3, 6]
    shown = cleaned.difference(steps[0].id, 2)
    assert shown.before["name"].tolist() == ["Bob", "Bob"]
    assert shown.after["name"].tolist() == ["Rob", "Rob"]
    assert shown.changed["name"].tolist() == [True, True]
    assert list(shown.changed) == ["name"]
    assert shown.gone.tolist() == [False, False]


def test_rows_and_columns_that_go_are_shown(spec):
    steps = [step("filter_rows", column="id", operator="<", value=3), step("rename_column", column="id", name="n")]
    cleaned = run_recipe(load(spec), steps)
    gone = cleaned.difference(steps[0].id)
    assert gone.before["id"].tolist() == [3, 4, 5, 6]
    assert gone.gone.all()
    assert len(gone.after) == 0
    renamed = cleaned.difference(steps[1].id)
    assert (renamed.columns_dropped, renamed.columns_added) == (("id",), ("n",))
    with pytest.raises(KeyError):
        cleaned.difference("no such step")


def test_a_changed_and_a_dropped_row_are_told_apart():
    table = load(DataSpec("sample", "line"))
    steps = [
        Step("a", "replace", {"column": "x", "find": 0, "by": 9}),
        Step("b", "filter_rows", {"column": "x", "operator": ">", "value": 0}),
    ]
    cleaned = run_recipe(table, steps)
    assert cleaned.difference("a").before.index.tolist() == [1]
    assert cleaned.difference("b").before.index.tolist() == [0]
    assert cleaned.frame.index.tolist() == [1, 2, 3, 4, 5]


def test_running_can_be_cancelled(spec):
    with pytest.raises(Cancelled):
        run_recipe(load(spec), [step("drop_duplicates")], cancelled=lambda: True)


def run_script(code: str) -> pd.DataFrame:
    space: dict = {}
    exec(compile(code, "script", "exec"), space)
    return space["df"]


def test_the_script_gives_the_same_table(spec, capsys):
    table = load(spec)
    steps = [
        step("parse_numbers", column="sum"),
        step("fill_missing", columns=["sum"], method="median"),
        step("drop_column", enabled=False, columns=["zip"]),
        step("filter_rows", column="name", operator="≠", value="Ann"),
        step("rename_column", column="zip", name='it\'s "odd"'),
    ]
    code = pandas_code(spec, steps, table)
    cleaned = run_recipe(table, steps)
    pd.testing.assert_frame_equal(run_script(code), cleaned.frame)
    assert "01" not in capsys.readouterr().err


def test_names_cannot_inject_code_into_the_script(tmp_path):
    path = tmp_path / "it's.csv"
    name = "a'];import os;os.abort()#"
    path.write_text(f"{name},b\n1,2\n3,4\n")
    spec = DataSpec("csv", str(path))
    steps = [step("drop_missing", columns=[name]), step("replace", column=name, find="1\n'''\"", by=3)]
    assert run_script(pandas_code(spec, steps[:1], load(spec))).shape == (2, 2)
    assert re.search(r"# .*\n", pandas_code(spec, steps, load(spec)))
    compile(pandas_code(spec, steps, load(spec)), "script", "exec")


def test_scripts_of_samples_and_of_unread_files_compile(tmp_path):
    for spec in (DataSpec("sample", "iris"), DataSpec("csv", "x.csv", CsvOptions(delimiter=";", header=False))):
        compile(pandas_code(spec, [step("drop_duplicates")]), "script", "exec")
    assert len(run_script(pandas_code(DataSpec("sample", "iris"), [step("drop_duplicates")]))) == 149


def test_titanic_by_script(real_data):
    spec = guess_source(real_data / "titanic/train.csv")
    table = load(spec)
    steps = [
        step("fill_missing", columns=["Age"], method="median"),
        step("drop_column", columns=["Cabin"]),
        step("drop_missing", columns=["Embarked"]),
        step("change_type", column="Pclass", type="category"),
    ]
    cleaned = run_recipe(table, steps)
    assert cleaned.outcomes[0].cells_changed == 177
    assert len(cleaned.frame) == 889
    assert not math.isnan(cleaned.frame["Age"].sum())
    pd.testing.assert_frame_equal(run_script(pandas_code(spec, steps, table)), cleaned.frame)
    assert np.array_equal(cleaned.parts, np.zeros(889, np.uint8))
