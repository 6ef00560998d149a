from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn import metrics as reference

from workbench.core import metrics
from workbench.core.facts import TargetFacts


@pytest.fixture
def answers() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 4, 500)
    return truth, np.where(rng.random(500) < 0.6, truth, rng.integers(0, 4, 500))


def test_confusion_counts_true_classes_in_rows(answers):
    truth, said = answers
    matrix = metrics.confusion(truth, said, 4)
    assert np.array_equal(matrix, reference.confusion_matrix(truth, said))
    assert metrics.accuracy(matrix) == pytest.approx(reference.accuracy_score(truth, said))


def test_unknown_rows_are_not_counted():
    assert metrics.confusion([0, 1, -1, 1], [0, -1, 1, 0], 2).tolist() == [[1, 0], [1, 0]]
    assert math.isnan(metrics.accuracy(metrics.confusion([], [], 3)))


def test_scores_of_each_class(answers):
    truth, said = answers
    found = metrics.per_class(metrics.confusion(truth, said, 4), "abcd")
    precision, recall, f1, support = reference.precision_recall_fscore_support(truth, said)
    assert [s.name for s in found] == list("abcd")
    assert np.allclose([s.precision for s in found], precision)
    assert np.allclose([s.recall for s in found], recall)
    assert np.allclose([s.f1 for s in found], f1)
    assert [s.support for s in found] == support.tolist()


def test_a_class_that_never_occurs_scores_nothing():
    (_, never) = metrics.per_class(metrics.confusion([0, 0], [0, 0], 2), ("a", "b"))
    assert (never.precision, never.recall, never.f1, never.support) == (0, 0, 0, 0)


def test_classes_of_model_answers():
    assert metrics.predicted_classes(np.array([[0.2], [0.8], [np.nan]])).tolist() == [0, 1, -1]
    assert metrics.predicted_classes(np.array([0.2, 0.8])).tolist() == [0, 1]
    assert metrics.predicted_classes(np.array([[0.2, 0.5, 0.3], [0.9, np.inf, 0]])).tolist() == [1, -1]


def test_regression_errors_are_those_of_sklearn():
    rng = np.random.default_rng(0)
    truth = rng.normal(100, 20, 300)
    said = truth + rng.normal(0, 5, 300)
    found = metrics.regression_errors(truth, said[:, None])
    assert found.mae == pytest.approx(reference.mean_absolute_error(truth, said))
    assert found.rmse == pytest.approx(reference.root_mean_squared_error(truth, said))
    assert found.r2 == pytest.approx(reference.r2_score(truth, said))


def test_regression_errors_of_nothing_or_of_a_constant():
    assert math.isnan(metrics.regression_errors([], []).mae)
    assert metrics.regression_errors([1.0, np.nan], [2.0, 5.0]).count == 1
    assert math.isnan(metrics.regression_errors([1.0, 1.0], [2.0, 0.0]).r2)


def test_the_baseline_of_classes_is_the_commonest_of_training():
    target = TargetFacts("y", "classification", ("no", "yes"))
    found = metrics.baseline(target, np.array([0, 0, 1]), np.array([0, 1, 1, 1]))
    assert (found.metric, found.value) == ("accuracy", 0.25)
    assert found.text == 'Always "no"'


def test_the_baseline_of_numbers_is_the_mean_of_training_in_the_persons_units():
    target = TargetFacts("price", "regression", (), scale=100.0, offset=1000.0)
    found = metrics.baseline(target, np.array([[-1.0], [1.0]], np.float32), np.array([[0.5], [-0.5]], np.float32))
    assert found.metric == "mae"
    assert found.value == pytest.approx(50.0)
    assert found.rmse == pytest.approx(50.0)
    assert "1,000" in found.text


def test_the_baseline_of_nothing():
    target = TargetFacts("y", "classification", ("no", "yes"))
    assert math.isnan(metrics.baseline(target, np.array([], np.int32), np.array([0])).value)
    assert math.isnan(metrics.baseline(target, np.array([1]), np.array([], np.int32)).value)
    number = TargetFacts("y", "regression")
    assert math.isnan(metrics.baseline(number, np.zeros((0, 1)), np.zeros((3, 1))).value)
