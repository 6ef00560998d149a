"""An input that is its own answer: no target is asked for, no row is left out, nothing is stored twice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.core.codec import decode, encode
from workbench.core.data.audit import audit
from workbench.core.data.dataset import ImageData, LoadReport, TableData
from workbench.core.data.external import external_arrays, prepare_external
from workbench.core.data.features import explain, propose
from workbench.core.data.planning import make_plan
from workbench.core.data.prepared import open_prepared, prepare
from workbench.core.data.preprocess import Preprocessor
from workbench.core.data.profile import profile_table
from workbench.core.errors import FeatureError
from workbench.core.facts import TargetFacts
from workbench.core.metrics import baseline, rebuilding_baseline
from workbench.core.project import ColumnFeature, Features, ImageFeature, Project, Split
from workbench.core.reconstruction import as_picture, columns_in_units, row_errors, scaled

TASK = Features(task="reconstruction", split=Split(0.6, 0.2, 0.2))
COLUMNS = (
    ColumnFeature("size", "input", "standard"),
    ColumnFeature("price", "input", "log"),
    ColumnFeature("town", "input", "onehot"),
    ColumnFeature("grade", "input", "ordinal"),
    ColumnFeature("fraud", "target", "class"),
)


def table(rows: int = 50) -> TableData:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "size": rng.normal(100, 10, rows),
            "price": rng.uniform(1, 1000, rows),
            "town": [("Bonn", "Ulm", "Köln")[i % 3] for i in range(rows)],
            "grade": [("a", "b", "c")[i % 3] for i in range(rows)],
            "fraud": [None] * (rows - 1) + ["yes"],
        }
    )
    return TableData(frame, LoadReport(rows=rows), np.zeros(rows, np.uint8))


def pictures(count: int = 30, classes: tuple[str, ...] = ("one",)) -> ImageData:
    rng = np.random.default_rng(0)
    labels = np.zeros(count, np.int32) if classes else np.full(count, -1, np.int32)
    array = rng.integers(0, 256, (count, 8, 8, 1)).astype(np.uint8)
    return ImageData(classes, labels, np.zeros(count, np.uint8), LoadReport(rows=count), array)


def test_every_row_of_a_table_is_its_own_answer(tmp_path: Path) -> None:
    project = Project(features=replace(TASK, columns=COLUMNS))
    made = prepare(project, table(), None, tmp_path)
    assert made.excluded == 0
    assert sum(made.facts.rows.values()) == 50
    (info,) = made.facts.inputs
    (target,) = made.facts.targets
    assert (target.name, target.task, target.shape) == (info.name, "reconstruction", (6,))
    assert target.bounds[0] < -1
    assert target.bounds[1] > 1
    assert "fraud" not in made.preprocessor.column_names
    again = open_prepared(made.folder)
    assert again.facts == made.facts
    assert again.part("train").y.shape == (30, 0)
    assert again.part("train").y.dtype == np.float32
    assert Preprocessor.from_json(made.preprocessor.to_json()) == made.preprocessor

    other = table(20)
    without = replace(other, frame=other.frame.drop(columns="fraud"))
    assert prepare_external(made.preprocessor, without, tmp_path).facts.rows["test"] == 20
    part, _ = external_arrays(made.preprocessor, without)
    assert part.y.shape == (20, 0)


def test_what_was_rebuilt_is_told_in_the_persons_words(tmp_path: Path) -> None:
    made = prepare(Project(features=replace(TASK, columns=COLUMNS)), table(), None, tmp_path)
    part = made.part("test")
    x = np.asarray(part.x[made.facts.inputs[0].name])
    (answer,) = made.preprocessor.answers(x + 0.1)
    assert answer.rebuilt is not None
    assert len(answer) == len(x)
    np.testing.assert_allclose(row_errors(x, answer.rebuilt), 0.01, rtol=1e-3)
    told = columns_in_units(made.preprocessor, x)
    cells = table().frame.iloc[part.rows]
    np.testing.assert_allclose(told["size"], cells["size"], rtol=1e-5)
    np.testing.assert_allclose(told["price"], cells["price"], rtol=1e-4)
    assert list(told["town"]) == list(cells["town"])
    assert list(told["grade"]) == list(cells["grade"])
    assert np.isnan(row_errors(x, np.full_like(x, np.inf))).all()
    with pytest.raises(FeatureError, match="6 to be rebuilt"):
        made.preprocessor.decode(x[:, :2])


def test_columns_keep_their_role_for_when_the_task_changes_back() -> None:
    data = table()
    data = replace(data, frame=data.frame.assign(fraud=["no", "yes"] * 25))
    profile = profile_table(data.frame)
    rebuilt = propose(profile, TASK, "table")
    roles = {c.name: c.role for c in rebuilt.columns}
    assert rebuilt.task == "reconstruction"
    assert roles == {"size": "input", "price": "input", "town": "input", "grade": "input", "fraud": "target"}
    assert "not rebuilt" in explain(profile, rebuilt)["fraud"]
    assert propose(profile, replace(rebuilt, task="auto"), "table").task == "classification"
    guessed = replace(data, frame=data.frame[["size", "price"]])  # the last one is no answer only for its place
    assert {c.role for c in propose(profile_table(guessed.frame), TASK, "table").columns} == {"input"}
    assert propose(profile, Features(), "table").task == "regression"  # never rebuilt unless a person says so


def test_an_audit_has_nothing_to_say_of_a_target() -> None:
    data = table()
    data = replace(data, frame=data.frame.assign(fraud=["no"] * 49 + ["yes"]))
    features = replace(TASK, columns=COLUMNS)
    found = audit(data.frame, features, profile_table(data.frame))
    assert not [f for f in found if f.column == "fraud" or "class" in f.text]
    twice = pd.concat([data.frame] * 2, ignore_index=True)
    assert any("held out" in f.text for f in audit(twice, features, profile_table(twice)))


@pytest.mark.parametrize("classes", [("one",), ()])
def test_pictures_need_no_classes(tmp_path: Path, classes: tuple[str, ...]) -> None:
    features = replace(TASK, image=ImageFeature(8, 8, 1, scale="-1..1"))
    made = prepare(Project(features=features), pictures(classes=classes), None, tmp_path)
    (target,) = made.facts.targets
    assert (target.name, target.shape, target.classes) == ("image", (8, 8, 1), ())
    assert target.bounds == pytest.approx((-1.0, 1.0))
    assert sum(made.facts.rows.values()) == 30
    part = made.part("train")
    assert part.y.shape == (18, 0)
    x = np.asarray(part.x["image"])
    np.testing.assert_array_equal(as_picture(scaled(x, made.facts.inputs[0]), made.facts.inputs[0]), x)
    assert prepare_external(made.preprocessor, pictures(9, ()), tmp_path).facts.rows["test"] == 9


def test_folds_part_all_rows() -> None:
    features = replace(TASK, columns=COLUMNS, split=Split(0.8, 0.0, 0.2, folds=4, fold=2))
    plan = make_plan(Project(features=features), table(), None)
    assert len(plan.rows["train"]) + len(plan.rows["validation"]) == 40
    assert len(plan.rows["validation"]) == 10
    of_pictures = replace(TASK, image=ImageFeature(8, 8, 1), split=Split(0.8, 0.0, 0.2, folds=4, fold=2))
    assert len(make_plan(Project(features=of_pictures), pictures(), None).rows["validation"]) == 6


@pytest.mark.parametrize(
    ("columns", "said", "remedy"),
    [
        ((ColumnFeature("town", "input", "tokens"),), "word by word", "tfidf"),
        ((ColumnFeature("town", "input", "picture"),), "Pictures named", "folder"),
        ((ColumnFeature("size", "input", "standard", input="wide"),), "2 inputs", "same input"),
        (tuple(ColumnFeature(n, "ignore") for n in table().frame.columns), "nothing to rebuild", "input"),
    ],
)
def test_what_cannot_be_rebuilt_is_refused(columns: tuple[ColumnFeature, ...], said: str, remedy: str) -> None:
    with pytest.raises(FeatureError, match=said) as error:
        make_plan(Project(features=replace(TASK, columns=columns)), table(), None)
    assert remedy in error.value.remedy


def test_the_baseline_rebuilds_every_row_as_the_mean() -> None:
    rng = np.random.default_rng(0)
    train, test = rng.normal(size=(200, 3)).astype(np.float32), rng.normal(size=(50, 3)).astype(np.float32)
    wrong = test - train.mean(axis=0)
    target = TargetFacts("features", "reconstruction", shape=(3,))
    base = baseline(target, train, test)
    assert base.metric == "mean_squared_error"
    assert base.value == pytest.approx(float((wrong**2).mean()), rel=1e-5)
    assert base.mae == pytest.approx(float(np.abs(wrong).mean()), rel=1e-5)
    info = replace(prepare_info(), shape=(2, 2, 1))
    pixels = rng.integers(0, 256, (20, 2, 2, 1)).astype(np.uint8)
    own = rebuilding_baseline(info, pixels[:10], pixels[10:])
    x = pixels.astype(np.float64) / 255
    assert own.value == pytest.approx(float(((x[10:] - x[:10].mean(axis=0)) ** 2).mean()), rel=1e-5)
    assert np.isnan(baseline(target, train[:0], test).value)
    assert decode(TargetFacts, encode(target)) == target


def prepare_info():  # type: ignore[no-untyped-def]
    return make_plan(Project(features=replace(TASK, image=ImageFeature(8, 8, 1))), pictures(), None).facts.inputs[0]
