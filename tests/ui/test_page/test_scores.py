"""Scores in the person's words and units, and files written so that no spreadsheet runs them."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from workbench.core.data.preprocess import Preprocessor
from workbench.core.facts import TargetFacts
from workbench.ui.test.asks import shown_cell
from workbench.ui.test.predictions import escaped
from workbench.ui.test.results_view import ResultsView
from workbench.ui.test.scores import judge, short


def classes(*names: str) -> Preprocessor:
    return Preprocessor("table", (), None, TargetFacts("kind", "classification", names))


def test_a_confusion_matrix_has_the_truth_in_its_rows() -> None:
    y = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.1, 0.9]], np.float32)
    truth = np.array([0, 1, 1, 1], np.int32)
    found = judge(classes("no", "yes"), y, truth, np.arange(4), np.array([1, 1, 0]))
    assert found.matrix is not None
    assert found.matrix.tolist() == [[1, 0], [1, 2]]
    assert [s.text for s in found.scores][:2] == ["75.0 %", "83.3 %"]
    assert found.scores[0].baseline == "75.0 %"
    assert not found.scores[0].better
    assert found.constant == 'always "yes"'
    assert found.samples(1, 0).tolist() == [2]
    assert found.confusions() == [(1, 0, 1)]


def test_one_unit_is_the_probability_of_the_second_class() -> None:
    found = judge(classes("no", "yes"), np.array([[0.9], [0.2]]), np.array([1, 0]), np.arange(2), np.array([0, 1]))
    assert found.scores[0].text == "100.0 %"


def test_answers_that_are_no_numbers_are_counted_wrong() -> None:
    y = np.array([[np.nan, np.nan], [0.1, 0.9]])
    found = judge(classes("no", "yes"), y, np.array([0, 1]), np.arange(2), np.array([0, 1]))
    assert found.scores[0].text == "50.0 %"
    assert found.matrix is not None
    assert found.matrix.sum() == 1


def test_regression_errors_are_in_the_persons_units() -> None:
    target = TargetFacts("price", "regression", (), scale=100.0, offset=500.0)
    y, truth = np.array([[0.0], [1.0]], np.float32), np.array([[0.1], [0.8]], np.float32)
    found = judge(Preprocessor("table", (), None, target), y, truth, np.arange(2), truth)
    assert found.truth.tolist() == pytest.approx([510, 580])
    assert found.scores[0].text == "15.00"
    assert found.matrix is None


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30", "'+49 30"),
        ("@cmd", "'@cmd"),
        ("-12.5", "-12.5"),
        ("-", "'-"),
        (-3, "-3"),
        (0.25, "0.25"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_cells_that_look_like_formulas_are_escaped(cell: object, written: str) -> None:
    assert escaped(cell) == written


def test_figures_are_short() -> None:
    assert short(1234.4) == "1,234"
    assert short(0.00001) == "1.000e-05"
    assert short(math.nan) == "no number"


def test_classes_without_rows_are_named_beside_the_scores(qtbot) -> None:
    """A split by person leaves some activities out: the accuracy says nothing of them."""
    names = ("walk", "stand", "eat")
    truth = np.array([0, 0, 1])
    chances = np.array([[0.8, 0.1, 0.1], [0.7, 0.2, 0.1], [0.1, 0.8, 0.1]])
    view = ResultsView()
    qtbot.addWidget(view)
    made = judge(classes(*names), chances, truth, np.arange(3), np.array([0, 1, 2]))
    view.show_results(made, None, "")
    assert "Nothing is said of “eat”: no row here is of it." in view._worst(made)


def test_a_day_is_shown_without_an_hour() -> None:
    assert shown_cell(pd.Timestamp("2025-07-08")) == "2025-07-08"
    assert shown_cell("a 00:00:00") == "a 00:00:00"
