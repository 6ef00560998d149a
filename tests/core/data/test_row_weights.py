"""A column of weights: what each row counts in the loss, never an input, and refused when it is no weight."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.core.data.dataset import LoadReport, TableData
from workbench.core.data.external import prepare_external
from workbench.core.data.planning import make_plan
from workbench.core.data.prepared import open_prepared, prepare
from workbench.core.errors import DataError, FeatureError
from workbench.core.project import ColumnFeature, Features, Project, Split

NAMED = (ColumnFeature("y", "target", "auto"), ColumnFeature("w", "weight"))
PROJECT = Project(features=Features(columns=NAMED, split=Split(0.6, 0.2, 0.2, stratify=False)))


def table(**changed: object) -> TableData:
    """40 rows; what is changed is a list for a column from row 1 on."""
    columns: dict[str, list[object]] = {
        "x": [float(i % 7) for i in range(40)],
        "y": ["no", "yes"] * 20,
        "w": [1.0 + i % 3 for i in range(40)],
    }
    for name, cells in changed.items():
        assert isinstance(cells, list)
        columns[name] = [*cells, *columns[name][len(cells) :]]
    frame = pd.DataFrame(columns)
    return TableData(frame, LoadReport(rows=len(frame)), np.zeros(len(frame), np.uint8))


def test_weights_lie_beside_their_rows_and_are_no_input(tmp_path: Path) -> None:
    data = table(w=[None, 0.0])
    made = prepare(PROJECT, data, None, tmp_path)
    assert made.facts.weight == "w"
    assert [i.shape for i in made.facts.inputs] == [(1,)]
    assert made.excluded == 1
    assert made.notes == ('1 row without a weight in "w" is left out.',)  # and none without an answer
    for name in ("train", "validation", "test"):
        part = open_prepared(made.folder).part(name)
        assert part.weights is not None
        assert part.weights.dtype == np.float32
        np.testing.assert_array_equal(part.weights, data.frame["w"].to_numpy()[part.rows])
        assert 0 not in part.rows


def test_other_data_may_have_weights_or_none(tmp_path: Path) -> None:
    preprocessor = prepare(PROJECT, table(), None, tmp_path).preprocessor
    same = prepare_external(preprocessor, table(w=[None, 5.0]), tmp_path).part("test")
    assert same.weights is not None
    assert len(same) == 39
    assert same.weights[0] == 5.0
    other = table()
    without = replace(other, frame=other.frame.drop(columns="w"))
    alike = prepare_external(preprocessor, without, tmp_path).part("test")
    assert alike.weights is not None
    assert len(alike) == 40
    assert np.all(alike.weights == 1)


@pytest.mark.parametrize(
    ("cells", "where"),
    [([1.0, -2.0], "row 2"), ([float("inf")], "row 1"), ([1, 2, "much"], "row 3"), ([2.0, 1e300], "row 2")],
    ids=["below 0", "infinite", "text", "beyond float32"],
)
def test_what_is_no_weight_is_named_with_row_and_value(cells: list[object], where: str) -> None:
    with pytest.raises(FeatureError) as raised:
        make_plan(PROJECT, table(w=cells), None)
    assert 'column "w"' in raised.value.where
    assert where in raised.value.where
    assert str(cells[-1]) in raised.value.what
    assert "train without weights" in raised.value.remedy


def test_columns_that_cannot_be_weights_are_said() -> None:
    two = replace(PROJECT, features=replace(PROJECT.features, columns=(*NAMED, ColumnFeature("x", "weight"))))
    gone = replace(PROJECT, features=replace(PROJECT.features, columns=(NAMED[0], ColumnFeature("gone", "weight"))))
    for project, data, told in (
        (two, table(), "2 columns are weights"),
        (gone, table(), "not in the table"),
        (PROJECT, table(w=[0.0] * 40), "No training row has a weight above 0"),
        (PROJECT, table(w=[1e-300] * 40), "too small to count: the largest of a training row is 1e-300"),
    ):
        with pytest.raises(FeatureError, match=told):
            make_plan(project, data, None)


def test_a_validation_without_weights_is_said_to_judge_nothing(tmp_path: Path) -> None:
    rows = make_plan(PROJECT, table(), None).rows["validation"]
    cells: list[object] = [0.0 if i in rows else 1.0 for i in range(40)]
    assert any(
        "No validation row has a weight above 0" in note for note in make_plan(PROJECT, table(w=cells), None).notes
    )


def test_large_weights_are_said_as_the_loss_grows_with_them() -> None:
    notes = make_plan(PROJECT, table(w=[1500.0] * 40), None).notes
    assert any("1.5e+03 on average" in note for note in notes)


def test_a_project_is_made_with_weights_without_a_window(tmp_path: Path) -> None:
    from workbench import headless

    data = tmp_path / "rows.csv"
    table().frame.to_csv(data, index=False)
    made = headless.create(tmp_path / "project", str(data), "y", reading={"weight": "w"})
    assert [c.name for c in made.project.features.columns if c.role == "weight"] == ["w"]
    for wrong, told in (("v", 'no column "v"'), ("y", "both the target and the weight")):
        with pytest.raises(DataError, match=told):
            headless.create(tmp_path / wrong, str(data), "y", reading={"weight": wrong})
        assert not (tmp_path / wrong).exists()
