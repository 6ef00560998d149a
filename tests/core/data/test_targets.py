"""Several targets of one table: what is proposed, which rows are left, what is stored, and the way back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.core.data.external import external_arrays, prepare_external
from workbench.core.data.prepared import plan, prepare
from workbench.core.data.preprocess import Preprocessor
from workbench.core.errors import FeatureError
from workbench.core.project import ColumnFeature, Features, Project

from .tables import project, table


def houses(rows: int = 120, seed: int = 4) -> pd.DataFrame:
    """Kind (two classes) and price (a number far from 0) of houses, with gaps in either."""
    rng = np.random.default_rng(seed)
    area = rng.uniform(30, 200, rows)
    kind = np.where(area > 90, "house", "flat").astype(object)
    price = np.round(area * 3000 + rng.normal(0, 5000, rows))
    kind[3] = None
    price[7] = np.nan
    return pd.DataFrame({"kind": kind, "area": area, "rooms": np.round(area / 25), "price": price})


def both(**more: object) -> Project:
    columns = (ColumnFeature("kind", "target", "auto"), ColumnFeature("price", "target", "auto"))
    given = project()
    return replace(given, features=Features(columns=columns, **more))  # type: ignore[arg-type]


def test_each_target_gets_its_own_task_and_encoder_from_what_it_holds():
    facts, made = plan(both(), table(houses()), None)
    assert [(t.name, t.task) for t in facts.targets] == [("kind", "classification"), ("price", "regression")]
    assert facts.target is facts.targets[0]
    assert facts.targets[0].classes == ("flat", "house")
    assert facts.targets[1].scale > 1000  # standardised: in its own units later
    assert made.targets == facts.targets
    assert [c.name for c in made.columns] == ["area", "rooms"]


def test_what_a_person_says_of_one_target_stays_its_own():
    given = both()
    columns = (ColumnFeature("kind", "target", "auto"), ColumnFeature("rooms", "target", "none"))
    facts, _ = plan(replace(given, features=Features(task="regression", columns=columns)), table(houses()), None)
    assert [t.task for t in facts.targets] == ["classification", "regression"]
    columns = (ColumnFeature("price", "target", "standard"), ColumnFeature("rooms", "target", "class"))
    facts, _ = plan(replace(given, features=Features(task="regression", columns=columns)), table(houses()), None)
    assert [(t.name, t.task) for t in facts.targets] == [("rooms", "classification"), ("price", "regression")]


def test_rows_that_lack_either_target_are_left_out_and_told(tmp_path: Path):
    frame = houses()
    prepared = prepare(both(), table(frame), None, tmp_path)
    assert prepared.excluded == 2
    assert any('2 rows without "kind" or "price" are left out' in note for note in prepared.notes)
    assert sum(prepared.facts.rows.values()) == len(frame) - 2
    part = prepared.part("train")
    assert part.y.dtype == np.float32
    assert part.y.shape == (len(part), 2)
    kind, price = prepared.preprocessor.truths(part.y)
    assert kind.dtype == np.int32
    assert [prepared.facts.targets[0].classes[i] for i in kind] == list(frame.loc[part.rows, "kind"])
    target = prepared.facts.targets[1]
    assert np.allclose(price[:, 0] * target.scale + target.offset, frame.loc[part.rows, "price"])


def test_nothing_is_left_when_no_row_has_both():
    frame = houses()
    frame.loc[: len(frame) // 2, "price"] = np.nan
    frame.loc[len(frame) // 2 :, "kind"] = None
    with pytest.raises(FeatureError, match='No row has all of "kind" and "price"') as raised:
        plan(both(), table(frame), None)
    assert raised.value.remedy


def test_the_parts_have_the_classes_of_a_target_in_equal_shares(tmp_path: Path):
    columns = (ColumnFeature("rooms", "target", "none"), ColumnFeature("kind", "target", "auto"))
    prepared = prepare(replace(project(), features=Features(columns=columns)), table(houses(400)), None, tmp_path)
    place = [t.name for t in prepared.facts.targets].index("kind")
    means = [float(prepared.preprocessor.truths(prepared.part(n).y)[place].mean()) for n in ("train", "test")]
    assert means[0] == pytest.approx(means[1], abs=0.02)


def test_each_class_target_gets_weights_of_its_own():
    frame = houses()
    frame["garden"] = np.where(np.arange(len(frame)) % 5 == 0, "yes", "no")
    columns = tuple(ColumnFeature(n, "target", "auto") for n in ("kind", "price", "garden"))
    facts, _ = plan(replace(project(), features=Features(columns=columns, balance="weights")), table(frame), None)
    weights = [t.class_weights for t in facts.targets]
    assert weights[1] == ()
    assert weights[2][1] > 2 * weights[2][0]
    assert weights[0] != weights[2]


def fitted() -> Preprocessor:
    return plan(both(), table(houses()), None)[1]


def test_answers_are_told_apart_and_the_preprocessor_travels_as_json():
    made = Preprocessor.from_json(fitted().to_json())
    assert made == fitted()
    target = made.targets[1]
    y = np.array([[0.1, 0.9, 0.0], [0.8, 0.2, 1.0]], np.float32)
    kind, price = made.answers(y)
    assert kind.labels == ("house", "flat")
    assert np.allclose(kind.probabilities, [[0.1, 0.9], [0.8, 0.2]])
    assert np.allclose(price.values, [target.offset, target.offset + target.scale])
    assert made.decode(y).labels == kind.labels
    with pytest.raises(FeatureError, match="2 targets need 3"):
        made.answers(y[:, :2])


def test_other_tables_are_answered_with_what_is_known_and_scored_with_all(tmp_path: Path):
    made, frame = fitted(), houses(30, seed=9)
    part, _ = external_arrays(made, table(frame.drop(columns="price")))
    assert part.y.shape == (30, 2)
    assert np.isnan(part.y[:, 1]).all()
    assert made.truths(part.y)[0][3] == -1
    part, _ = external_arrays(made, table(frame.drop(columns=["price", "kind"])))
    assert not len(part.y)
    assert prepare_external(made, table(frame), tmp_path).facts.rows["test"] == 28


def test_a_table_that_lacks_one_target_is_scored_on_the_others(tmp_path: Path):
    made, frame = fitted(), houses(30, seed=9)
    found = prepare_external(made, table(frame.drop(columns="price")), tmp_path)
    assert found.facts.rows["test"] == 29  # all whose kind is known
    assert '"price" is not in the data and is not scored.' in found.notes
    assert not found.part("test").y[:, 1].any()
    again = prepare_external(made, table(frame.drop(columns="price")), tmp_path)
    assert again.notes == found.notes  # from the cache
    with pytest.raises(FeatureError, match='no column "kind" or "price"'):
        prepare_external(made, table(frame.drop(columns=["price", "kind"])), tmp_path)
