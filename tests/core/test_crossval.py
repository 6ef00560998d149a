"""The folds of a cross-validation: parted by the features, taken together by their scores."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from workbench.core import crossval
from workbench.core.data.split_table import split_table
from workbench.core.errors import FeatureError, TrainError
from workbench.core.monitors import rises, watched
from workbench.core.project import EarlyStopping, Features, Project, Split
from workbench.core.runs import RunRecord


def record(fold: int, accuracy: float, **changes: object) -> RunRecord:
    scores = {"val_accuracy": accuracy, "accuracy": 1.0, "test.accuracy": accuracy - 0.1}
    known = {"state": "finished", "group": "g", "fold": fold, "scores": scores} | changes
    return RunRecord(f"id{fold}", f"cross-validation 1, fold {fold}", **known)  # type: ignore[arg-type]


def test_each_fold_is_held_out_once() -> None:
    project = Project(features=Features(split=Split(train=0.65, test=0.2)))
    frame = pd.DataFrame({"a": np.arange(50)})
    held = []
    for part in crossval.fold_projects(project, 5):
        assert part.features.split is not None
        rows = split_table(frame, None, part.features.split).rows
        assert not set(rows["train"]) & set(rows["validation"])
        held += list(rows["validation"])
        assert len(rows["test"]) == 10
    assert len(held) == len(set(held)) == 40


def test_the_rows_of_a_fold_are_told_before_it_is_made() -> None:
    rows = {"train": 420, "validation": 90, "test": 90}
    assert [crossval.rows_to_train_on(rows, folds) for folds in (0, 3, 5)] == [420, 340, 408]
    split = Split(train=0.7, validation=0.15, test=0.15, method="time", column="t", folds=4)
    frame = pd.DataFrame({"t": np.arange(600)})
    each = [len(split_table(frame, None, replace(split, fold=n)).rows["train"]) for n in range(1, 5)]
    assert crossval.rows_to_train_on(rows, 4, split) == np.mean(each) == 255


def test_a_fold_that_is_not_there_and_one_fold_are_refused() -> None:
    with pytest.raises(FeatureError, match="no fold 6 of 5"):
        split_table(pd.DataFrame({"a": range(9)}), None, Split(folds=5, fold=6))
    with pytest.raises(TrainError, match="at least 2 folds"):
        crossval.fold_projects(Project(), 1)


def test_mean_and_spread_are_of_the_folds_that_are_over() -> None:
    runs = [record(2, 0.8), record(1, 0.9), record(3, 0.1, state="failed"), record(9, 0.2, group="other")]
    found = crossval.summary("g", runs, 3)
    assert [r.fold for r in found.runs] == [1, 2, 3]
    assert (found.done, found.name) == (2, "cross-validation 1")
    (score,) = [s for s in found.scores if s.name == "val_accuracy"]
    assert score.each == (0.9, 0.8)
    assert score.mean == pytest.approx(0.85)
    assert score.spread == pytest.approx(math.sqrt(0.005))
    assert crossval.in_words(found) == "2 of 3 folds: accuracy 85.0 ± 7.1 %; 1 failed"
    longer = crossval.summary("g", [replace(runs[0], epochs=24), replace(runs[1], epochs=12)])
    assert crossval.in_words(longer).endswith("; mixed, as the folds had 12 to 24 epochs")
    assert math.isnan(crossval.summary("g", [record(1, 0.5)]).scores[0].spread)


def test_what_is_watched_and_which_way_is_up() -> None:
    assert watched(EarlyStopping(True, "val_auc"), ("loss", "auc"), True) == ("val_auc", "")
    assert watched(EarlyStopping(True, "val_auc"), ("loss", "auc"), False) == (
        "auc",
        "val_auc cannot be watched, as there are no validation rows; auc is watched instead.",
    )
    assert watched(EarlyStopping(True, "val_auc"), ("loss",), True)[0] == "val_loss"
    assert watched(EarlyStopping(False, "val_auc"), ("loss",), False) == ("loss", "")
    assert rises("val_f1_score")
    assert rises("val_kind_mean_io_u")
    assert not rises("val_loss")
    assert not rises("mean_squared_error")
