from __future__ import annotations

import numpy as np
import pytest

from workbench.core.data.split import split_rows
from workbench.core.errors import FeatureError
from workbench.core.project import Split


def sizes(rows: dict) -> tuple[int, ...]:
    return tuple(len(rows[p]) for p in ("train", "validation", "test"))


def test_every_row_is_in_exactly_one_part():
    rows = split_rows(1000, None, Split())
    assert sizes(rows) == (700, 150, 150)
    assert sorted(np.concatenate(list(rows.values()))) == list(range(1000))


def test_the_same_seed_gives_the_same_split_and_another_seed_another():
    first, again, other = (split_rows(500, None, Split(seed=s)) for s in (4, 4, 5))
    assert all(np.array_equal(first[p], again[p]) for p in first)
    assert not np.array_equal(first["train"], other["train"])


def test_rows_are_shuffled_before_they_are_cut():
    rows = split_rows(1000, None, Split())
    assert rows["test"].min() < 100
    assert rows["test"].max() > 900


def test_strata_keep_the_share_of_each_class_within_one_row():
    rng = np.random.default_rng(0)
    labels = rng.choice(4, 997, p=[0.6, 0.3, 0.08, 0.02])
    split = Split(0.6, 0.25, 0.15)
    rows = split_rows(len(labels), None, split, labels)
    for c in range(4):
        total = int((labels == c).sum())
        for part, share in (("train", 0.6), ("validation", 0.25), ("test", 0.15)):
            assert abs(int((labels[rows[part]] == c).sum()) - share * total) < 1
    assert abs(len(rows["train"]) - 0.6 * 997) <= 2


def test_a_rare_class_reaches_training_first():
    labels = np.array([0] * 100 + [1] + [2] * 2 + [3] * 3)
    for seed in range(5):
        rows = split_rows(len(labels), None, Split(0.2, 0.2, 0.6, seed=seed), labels)
        assert set(labels[rows["train"]]) == {0, 1, 2, 3}


def test_many_small_classes_do_not_starve_one_part():
    labels = np.repeat(np.arange(100), 3)
    rows = split_rows(len(labels), None, Split(), labels)
    assert sizes(rows) == (200, 50, 50)


def test_rows_without_a_class_are_left_out():
    labels = np.array([0, 1] * 50 + [-1] * 10)
    rows = split_rows(len(labels), None, Split(), labels)
    assert sum(sizes(rows)) == 100
    assert all((labels[r] >= 0).all() for r in rows.values())


def test_rows_that_are_not_usable_are_left_out():
    usable = np.arange(100) % 2 == 0
    rows = split_rows(100, None, Split(), usable=usable)
    assert sum(sizes(rows)) == 50


def test_without_strata_classes_may_go_astray_but_sizes_are_exact():
    labels = np.array([0] * 95 + [1] * 5)
    rows = split_rows(100, None, Split(stratify=False), labels)
    assert sizes(rows) == (70, 15, 15)


def test_a_given_test_part_is_respected_and_the_rest_shared_out():
    parts = np.r_[np.zeros(850, np.uint8), np.ones(150, np.uint8)]
    rows = split_rows(1000, parts, Split())
    assert np.array_equal(rows["test"], np.arange(850, 1000))
    assert sizes(rows) == (700, 150, 150)
    rows = split_rows(1000, parts, Split(0.85, 0.15, 0.0))
    assert sizes(rows) == (723, 127, 150)


def test_a_given_validation_part_is_respected():
    parts = np.r_[np.zeros(80, np.uint8), np.full(20, 2, np.uint8)]
    rows = split_rows(100, parts, Split(0.7, 0.15, 0.15))
    assert np.array_equal(rows["validation"], np.arange(80, 100))
    assert sizes(rows) == (66, 20, 14)


def test_a_given_test_part_without_answers_counts_as_not_given():
    labels = np.r_[np.arange(100) % 2, np.full(20, -1)]
    parts = np.r_[np.zeros(100, np.uint8), np.ones(20, np.uint8)]
    rows = split_rows(120, parts, Split(), labels)
    assert sizes(rows) == (70, 15, 15)


def test_all_rows_for_training():
    assert sizes(split_rows(6, None, Split(1.0, 0.0, 0.0))) == (6, 0, 0)


@pytest.mark.parametrize("split", [Split(0.7, 0.2, 0.2), Split(0.5, 0.1, 0.1), Split(1.2, -0.2, 0.0)])
def test_shares_that_do_not_fit_are_refused(split: Split):
    with pytest.raises(FeatureError) as raised:
        split_rows(100, None, split)
    assert raised.value.where == "split"
    assert raised.value.remedy


def test_not_a_number_is_no_share():
    with pytest.raises(FeatureError):
        split_rows(100, None, Split(float("nan"), 0.5, 0.5))


def test_nothing_left_for_training_is_refused():
    with pytest.raises(FeatureError, match="left for training"):
        split_rows(100, None, Split(0.0, 0.5, 0.5))
    with pytest.raises(FeatureError, match="left for training"):
        split_rows(10, np.ones(10, np.uint8), Split())


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_rows_are_refused(count: int):
    with pytest.raises(FeatureError, match="At least 2 rows"):
        split_rows(count, None, Split())


@pytest.mark.parametrize("count", range(2, 12))
def test_tiny_tables_always_have_a_training_row(count: int):
    rows = split_rows(count, None, Split(0.05, 0.05, 0.9))
    assert len(rows["train"]) >= 1
    assert sum(sizes(rows)) == count
