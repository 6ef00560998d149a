"""Splits by a column of the table, and the pairs of a cross-validation."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.core.data.audit import audit
from workbench.core.data.planning import make_plan
from workbench.core.data.profile import profile_table
from workbench.core.data.split_table import split_folds, split_table
from workbench.core.errors import FeatureError
from workbench.core.project import Features, Split

from .tables import pictures, project, proposed, table

BY_GROUP = Split(0.6, 0.2, 0.2, method="group", column="who")
BY_TIME = Split(0.6, 0.2, 0.2, method="time", column="when")
BY_COLUMN = Split(method="column", column="part")


def visits(rows: int = 300, people: int = 40, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    who = rng.integers(0, people, rows)
    return pd.DataFrame(
        {
            "who": [f"p{i:02}" for i in who],
            "when": pd.Timestamp("2020-03-01") + pd.to_timedelta(rng.permutation(rows), "D"),
            "size": rng.normal(size=rows),
            "y": np.where(rng.random(rows) < 0.3, "ill", "well"),
        }
    )


def sizes(rows: dict[str, np.ndarray]) -> list[int]:
    return [len(rows[part]) for part in ("train", "validation", "test")]


def whole(rows: dict[str, np.ndarray], count: int) -> bool:
    return np.array_equal(np.sort(np.concatenate(list(rows.values()))), np.arange(count))


# ---- groups ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_groups_stay_together_and_shares_are_near(seed: int):
    frame = visits(seed=seed)
    ill = (frame["y"] == "ill").to_numpy().astype(int)
    rows = split_table(frame, None, replace(BY_GROUP, seed=seed), ill).rows
    assert whole(rows, 300)
    people = [set(frame["who"].iloc[r]) for r in rows.values()]
    assert not (people[0] & people[1])
    assert not (people[0] & people[2])
    assert not (people[1] & people[2])
    assert np.allclose(sizes(rows), [180, 60, 60], atol=8)
    assert all(abs(ill[r].mean() - ill.mean()) < 0.1 for r in rows.values())


def test_another_seed_gives_other_groups_and_missing_ones_stand_alone():
    frame = visits()
    frame.loc[:20, "who"] = None
    one, two = (split_table(frame, None, replace(BY_GROUP, seed=s)).rows for s in (1, 2))
    assert not np.array_equal(one["test"], two["test"])
    assert whole(one, 300)


def test_the_seed_counts_where_no_two_groups_are_of_one_size_and_no_class_is_missing_without_need():
    who = np.repeat(np.arange(14), np.arange(14) * 3 + 5)
    frame = pd.DataFrame({"who": who})
    kinds = who % 4  # each class is in three groups or four
    tests = set()
    for seed in range(6):
        rows = split_table(frame, None, replace(BY_GROUP, seed=seed), kinds).rows
        tests.add(tuple(np.unique(who[rows["test"]])))
        assert all(set(kinds[r]) == {0, 1, 2, 3} for r in rows.values())
    assert len(tests) > 2


def test_every_wanted_part_gets_a_group():
    frame = visits(100, 3)
    assert min(sizes(split_table(frame, None, BY_GROUP).rows)) > 0
    with pytest.raises(FeatureError, match="only 2 groups"):
        split_table(visits(100, 2), None, BY_GROUP)
    with pytest.raises(FeatureError, match="one group"):
        split_table(visits(100, 1), None, BY_GROUP)


def test_a_given_test_part_stays_and_the_rest_is_grouped():
    frame = visits()
    parts = np.zeros(300, np.uint8)
    parts[:50] = 1
    rows = split_table(frame, parts, BY_GROUP).rows
    assert np.array_equal(rows["test"], np.arange(50))
    assert not set(frame["who"].iloc[rows["train"]]) & set(frame["who"].iloc[rows["validation"]])


# ---- time --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["dates", "text", "numbers"])
def test_the_latest_rows_are_for_testing(kind: str):
    frame = visits()
    when = frame["when"]
    if kind == "text":
        frame["when"] = when.dt.strftime("%d/%m/%Y")
    elif kind == "numbers":
        frame["when"] = (when - when.min()).dt.days
    rows = split_table(frame, None, BY_TIME).rows
    assert sizes(rows) == [180, 60, 60]
    assert when.iloc[rows["train"]].max() < when.iloc[rows["validation"]].min()
    assert when.iloc[rows["validation"]].max() < when.iloc[rows["test"]].min()


def test_rows_of_one_moment_stay_on_one_side():
    frame = visits().assign(when=np.repeat(np.arange(30), 10))
    rows = split_table(frame, None, replace(BY_TIME, train=0.55, validation=0.2, test=0.25)).rows
    held = [set(frame["when"].iloc[r]) for r in rows.values()]
    assert not (held[0] & held[1])
    assert not (held[1] & held[2])
    assert whole(rows, 300)


def test_rows_without_a_time_are_left_out_and_told():
    frame = visits()
    frame.loc[:9, "when"] = pd.NaT
    assert split_table(frame, None, BY_TIME).without == 10
    plan = make_plan(project(Features(split=BY_TIME)), table(frame), None)
    assert plan.excluded == 10
    assert plan.notes == ('10 rows without "when" are in no part.',)


def test_what_tells_no_time_is_refused():
    with pytest.raises(FeatureError, match="tells no time"):
        split_table(visits(), None, replace(BY_TIME, column="y"))
    with pytest.raises(FeatureError, match="same time"):
        split_table(visits().assign(when=5), None, BY_TIME)


# ---- a column that says it ---------------------------------------------------------------------------------------


def test_words_for_the_parts_are_understood():
    words = ["Train", "training", "dev", "VALIDATION", "Hold-out", "test", "fit", "val"]
    frame = pd.DataFrame({"part": words, "a": range(8)})
    rows = split_table(frame, None, BY_COLUMN).rows
    assert [r.tolist() for r in rows.values()] == [[0, 1, 6], [2, 3, 7], [4, 5]]


def test_a_column_called_is_test_is_understood():
    frame = pd.DataFrame({"is_test": [False, True, False, True]})
    rows = split_table(frame, None, Split(method="column", column="is_test")).rows
    assert [r.tolist() for r in rows.values()] == [[0, 2], [], [1, 3]]
    frame = pd.DataFrame({"Training": [1, 0, 1]})
    assert split_table(frame, None, Split(method="column", column="Training")).rows["test"].tolist() == [1]


@pytest.mark.parametrize(
    ("cells", "word"), [(["train", "blue"], '"blue"'), (["test", "test"], "for training"), ([None, None], "2 rows")]
)
def test_columns_that_name_no_parts_are_refused(cells: list, word: str):
    with pytest.raises(FeatureError, match=word):
        split_table(pd.DataFrame({"part": cells}), None, BY_COLUMN)


@pytest.mark.parametrize("split", [replace(BY_TIME, column=""), replace(BY_TIME, column="gone"), Split(method="magic")])
def test_what_cannot_be_done_is_said(split: Split):
    with pytest.raises(FeatureError) as raised:
        split_table(visits(), None, split)
    assert raised.value.remedy
    with pytest.raises(FeatureError):
        make_plan(project(Features(split=split)), table(visits()), None)


def test_pictures_have_no_columns():
    with pytest.raises(FeatureError, match="no columns"):
        make_plan(project(Features(split=BY_GROUP)), pictures(), None)


# ---- what follows for the features -------------------------------------------------------------------------------


def test_the_column_that_divides_is_no_input():
    frame = visits().assign(part=np.where(np.arange(300) % 5 == 0, "test", "train"))
    features = proposed(frame, Features(split=BY_COLUMN), "y")
    assert {c.name for c in features.columns if c.role == "input"} == {"when", "size", "who"}
    features = proposed(frame, Features(split=BY_GROUP), "y")
    assert {c.name: c.role for c in features.columns}["who"] == "ignore"
    plan = make_plan(project(features), table(frame), None)
    assert not set(frame["who"].iloc[plan.rows["train"]]) & set(frame["who"].iloc[plan.rows["test"]])
    assert audit(frame, features, profile_table(frame), plan.rows) == audit(frame, features, profile_table(frame))


# ---- folds -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["random", "group"])
def test_every_row_is_held_out_once(method: str):
    frame = visits()
    ill = (frame["y"] == "ill").to_numpy().astype(int)
    split = replace(BY_GROUP, method=method, folds=5)
    folds = split_folds(frame, None, split, ill)
    assert len(folds) == 5
    test = split_table(frame, None, split, ill).rows["test"]
    pool = np.setdiff1d(np.arange(300), test)
    assert np.array_equal(np.sort(np.concatenate([f["validation"] for f in folds])), pool)
    for fold in folds:
        assert whole(fold, 300)
        assert np.array_equal(fold["test"], test)
        assert abs(ill[fold["validation"]].mean() - ill.mean()) < 0.12
        if method == "group":
            assert not set(frame["who"].iloc[fold["train"]]) & set(frame["who"].iloc[fold["validation"]])


def test_folds_by_time_are_validated_on_what_follows():
    frame = visits()
    for fold in split_folds(frame, None, replace(BY_TIME, folds=4)):
        when = [frame["when"].iloc[fold[part]] for part in ("train", "validation", "test")]
        assert when[0].max() < when[1].min()
        assert when[1].max() < when[2].min()


@pytest.mark.parametrize("folds", [0, 1, 1000])
def test_too_few_or_too_many_folds_are_refused(folds: int):
    for split in (BY_GROUP, BY_TIME, Split()):
        with pytest.raises(FeatureError):
            split_folds(visits(), None, replace(split, folds=folds))


# ---- the same everywhere -----------------------------------------------------------------------------------------

_TELL = """
import hashlib
import numpy as np
from dataclasses import replace
from tests.core.data.test_split_table import BY_GROUP, BY_TIME, arrays_of, visits
from workbench.core.project import Split
print(arrays_of(Split(seed=7)), arrays_of(replace(BY_GROUP, seed=7)), arrays_of(BY_TIME))
"""


def arrays_of(split: Split) -> str:
    """A hash of the rows of every part and of what is made of them."""
    frame = visits()
    plan = make_plan(project(proposed(frame, Features(split=split), "y")), table(frame), None)
    digest = hashlib.sha256()
    for rows in plan.rows.values():
        digest.update(rows.tobytes())
        digest.update(plan.preprocessor.transform(frame.iloc[rows]).tobytes())
    if split.method != "column":
        for fold in split_folds(frame, None, replace(split, folds=3)):
            digest.update(fold["validation"].tobytes())
    return digest.hexdigest()


def test_a_new_process_gives_the_same_split_and_arrays_bit_for_bit():
    own = " ".join(arrays_of(s) for s in (Split(seed=7), replace(BY_GROUP, seed=7), BY_TIME))
    root = Path(__file__).resolve().parents[3]
    told = subprocess.run([sys.executable, "-c", _TELL], cwd=root, capture_output=True, text=True, check=True)
    assert told.stdout.split() == own.split()
