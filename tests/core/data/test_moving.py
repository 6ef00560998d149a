"""Steps that look at whole columns move to the features, where the training rows alone decide."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.impute import SimpleImputer

from workbench.core.data.dataset import LoadReport, TableData
from workbench.core.data.features import propose
from workbench.core.data.moving import add_or_move, move_to_features, whole_columns
from workbench.core.data.planning import make_plan
from workbench.core.data.profile import profile_table
from workbench.core.data.recipe import run_recipe
from workbench.core.document import Document
from workbench.core.project import ColumnFeature, Features, Project, Split, Step


def table() -> TableData:
    rng = np.random.default_rng(2)
    age, fare = rng.normal(40, 9, 200), rng.lognormal(2, 1, 200)
    age[::6] = np.nan
    fare[3] = 1e6
    frame = pd.DataFrame(
        {
            "age": age,
            "fare": fare,
            "port": np.where(np.arange(200) % 9 == 0, None, rng.choice(["S", "C", "Q"], 200)),
            "survived": rng.choice(["yes", "no"], 200),
        }
    )
    return TableData(frame, LoadReport(rows=200, fingerprint="t"), np.zeros(200, np.uint8))


def proposal(project: Project) -> Features:
    data = table()
    cleaned = run_recipe(data, project.recipe)
    return propose(profile_table(cleaned.frame), project.features, "table")


MEAN = Step("m", "fill_missing", {"columns": ["age"], "method": "mean"})
CLIP = Step("c", "limit_outliers", {"columns": ["fare"], "limits": "percentiles", "lowest": 2, "highest": 98})
MODE = Step("o", "fill_missing", {"columns": ["port", "survived"], "method": "mode"})


def test_moving_gives_the_statistics_of_the_training_rows_and_is_one_step_to_undo() -> None:
    document = Document(Project(recipe=(MEAN, CLIP), features=Features(split=Split(0.6, 0.2, 0.2))))
    before = document.project
    features = proposal(before)
    assert [w.step.id for w in whole_columns(before.recipe, features)] == ["m", "c"]
    document.apply(move_to_features(("m", "c"), features), "Fit")
    project = document.project
    assert project.recipe == ()

    data = table()
    plan = make_plan(project, data, run_recipe(data, ()))
    columns = {c.name: c for c in plan.preprocessor.columns}
    train = data.frame.iloc[plan.rows["train"]]
    imputed = SimpleImputer(strategy="mean").fit(train[["age"]])
    assert columns["age"].fill == pytest.approx(imputed.statistics_[0], rel=1e-14)
    assert columns["age"].fill != pytest.approx(data.frame["age"].mean(), rel=1e-6)
    np.testing.assert_allclose(columns["fare"].clip, np.percentile(train["fare"], (2, 98)))
    document.undo()
    assert document.project == before


def test_what_a_person_set_for_the_column_stays() -> None:
    mine = ColumnFeature("age", "input", "robust", {"flag": True})
    project = Project(recipe=(MEAN,), features=Features(columns=(mine,)))
    moved = move_to_features(("m",), proposal(project))(project)
    assert moved.features.columns == (replace(mine, params={"flag": True, "fill": "mean"}),)


def test_only_columns_that_can_be_moved_are() -> None:
    project = Project(recipe=(MODE,))
    (found,) = whole_columns(project.recipe, proposal(project))
    assert found.columns == ("port",)
    assert "target" in found.stays
    moved = move_to_features(("o",), proposal(project))(project)
    assert moved.recipe == (replace(MODE, params={"columns": ["survived"], "method": "mode"}),)
    assert dict(moved.features.columns[0].params) == {"fill": "mode"}


@pytest.mark.parametrize(
    "later",
    [
        Step("x", "compute_column", {"name": "double", "formula": "age * 2"}),
        Step("x", "drop_missing", {"columns": [], "how": "any"}),
        Step("x", "filter_rows", {"column": "age", "operator": ">", "value": 3}),
    ],
)
def test_a_step_that_later_ones_build_on_stays(later: Step) -> None:
    project = Project(recipe=(MEAN, later))
    found = whole_columns(project.recipe, proposal(project))[0]
    assert not found.columns
    assert "later step" in found.stays
    assert move_to_features(("m",), proposal(project))(project) == project
    off = (MEAN, replace(later, enabled=False))
    assert whole_columns(off, proposal(project))[0].columns == ("age",)


def test_what_takes_nothing_from_the_column_is_left_alone() -> None:
    steps = (
        Step("a", "fill_missing", {"columns": ["age"], "method": "constant", "value": 0}),
        Step("b", "limit_outliers", {"columns": ["fare"], "limits": "numbers", "high": 500}),
        Step("c", "make_ranges", {"column": "fare", "way": "edges", "edges": "1, 2"}),
        replace(MEAN, enabled=False),
    )
    assert whole_columns(steps, proposal(Project())) == ()
    groups = Step("g", "fill_missing", {"columns": ["age"], "method": "median", "groups": ["port"]})
    rows = Step("r", "limit_outliers", {"columns": ["fare"], "limits": "quartiles", "action": "drop the row"})
    found = whole_columns((groups, rows), proposal(Project()))
    assert [w.columns for w in found] == [(), ()]
    assert all(w.why and w.stays for w in found)


def test_accepted_suggestions_go_where_they_belong() -> None:
    far = Step(
        "f", "limit_outliers", {"columns": ["fare"], "limits": "quartiles", "factor": 5, "action": "make missing"}
    )
    trim = Step("t", "trim_text", {"columns": ["port"], "mode": "strip"})
    project = add_or_move((trim, far), proposal(Project()))(Project())
    assert [s.kind for s in project.recipe] == ["trim_text"]
    (column,) = project.features.columns
    assert dict(column.params) == {"clip": "quartiles", "factor": 5, "beyond": "missing"}
    data = table()
    fitted = make_plan(project, data, run_recipe(data, project.recipe)).preprocessor.columns[1]
    assert fitted.name == "fare"
    assert fitted.beyond == "missing"
