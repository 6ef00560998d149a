from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.utils.class_weight import compute_class_weight

from workbench.core import edits
from workbench.core.data.planning import make_plan
from workbench.core.data.prepared import open_prepared, prepare
from workbench.core.errors import FeatureError
from workbench.core.project import Features, Project

from .tables import pictures, project, proposed, table


def rare(rows: int = 200, of: int = 20) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame({"a": rng.normal(size=rows), "y": np.where(np.arange(rows) < of, "rare", "usual")})


def with_balance(frame: pd.DataFrame, kind: str) -> Project:
    return project(replace(proposed(frame), balance=kind))


def test_weights_are_those_of_sklearn_and_one_on_average(tmp_path: Path):
    frame = rare()
    made = prepare(with_balance(frame, "weights"), table(frame), None, tmp_path)
    labels = made.part("train").y
    expected = compute_class_weight("balanced", classes=np.arange(2), y=labels)
    assert made.facts.target is not None
    assert np.allclose(made.facts.target.class_weights, expected)
    assert np.asarray(made.facts.target.class_weights)[labels].mean() == pytest.approx(1)
    assert open_prepared(made.folder).facts == made.facts
    assert made.preprocessor.target.class_weights == ()  # what is scored later is not weighed


def test_rare_rows_are_repeated_in_training_alone(tmp_path: Path):
    frame = rare()
    plain = prepare(with_balance(frame, "none"), table(frame), None, tmp_path)
    made = prepare(with_balance(frame, "oversample"), table(frame), None, tmp_path)
    assert made.preprocessor == plain.preprocessor
    assert made.folder != plain.folder
    counts = np.bincount(made.part("train").y)
    assert counts[0] == counts[1] == 126
    assert made.facts.rows["train"] == 252
    assert set(made.part("train").rows) == set(plain.part("train").rows)
    _, times = np.unique(made.part("train").rows, return_counts=True)
    assert set(times) == {1, 9}
    for part in ("validation", "test"):
        assert np.array_equal(made.part(part).rows, plain.part(part).rows)


def test_a_row_is_repeated_at_most_fifty_times():
    plan = make_plan(with_balance(rare(2000, 10), "oversample"), table(rare(2000, 10)), None)
    assert np.unique(plan.rows["train"], return_counts=True)[1].max() == 50


def test_pictures_can_be_balanced_too():
    data = pictures(90)
    data.labels[:] = np.where(np.arange(90) < 60, 0, data.labels)
    features = Features(balance="oversample")
    plan = make_plan(project(features), data, None)
    assert len(set(np.bincount(data.labels[plan.rows["train"]]))) == 1
    plan = make_plan(project(replace(features, balance="weights")), data, None)
    weights = plan.facts.target.class_weights
    assert weights[0] < weights[1]


def test_a_regression_is_left_as_it_is_and_nonsense_is_refused():
    frame = pd.DataFrame({"a": np.arange(60.0), "y": np.random.default_rng(0).normal(size=60)})
    plain, balanced = (make_plan(with_balance(frame, kind), table(frame), None) for kind in ("none", "weights"))
    assert balanced.facts == plain.facts
    with pytest.raises(FeatureError, match="magic"):
        make_plan(with_balance(frame, "magic"), table(frame), None)


def test_the_edit_can_be_undone_like_any_other():
    assert edits.set_balance("weights")(Project()).features.balance == "weights"
