"""Choosing how the rows are parted and what is done for rare classes, with keys and clicks."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox

from tests.ui.tables import Bench
from workbench.core.data.profile import profile_table
from workbench.ui.features.page import FeaturesPage
from workbench.ui.features.split_method import columns_for

from .test_page import page_of

Open = Callable[[str], Bench]


def visits() -> str:
    rng = np.random.default_rng(0)
    lines = ["patient_id,day,size,part,y"]
    days = pd.date_range("2020-01-01", periods=120).strftime("%Y-%m-%d")
    for i in range(120):
        part = "test" if i % 4 == 0 else "train"
        lines.append(f"{i // 6},{days[i]},{rng.normal():.3f},{part},{'ill' if i % 10 == 0 else 'well'}")
    return "\n".join(lines) + "\n"


def next_one(box: QComboBox, title: str) -> None:
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Down)
    assert box.currentText() == title


def part_of(bench: Bench, page: FeaturesPage) -> dict[str, str]:
    return {part: label.text() for part, label in page.side.split.rows.items()}


def test_the_likeliest_columns_come_first() -> None:
    frame = pd.read_csv(io.StringIO(visits()))
    found = columns_for(profile_table(frame))
    assert found["group"][0] == "patient_id"
    assert found["time"][0] == "day"
    assert found["column"][0] == "part"
    assert columns_for(None) == {}


@pytest.mark.qt_log_ignore("propagateSizeHints", "grabbing", "raise")
def test_each_method_can_be_chosen_and_undone(opened: Open) -> None:
    bench = opened(visits())
    page = page_of(bench)
    choice = page.side.split.method
    assert choice.column.isHidden()
    next_one(choice.method, "Groups together")
    bench.wait()
    split = bench.session.features.split
    assert (split.method, split.column) == ("group", "patient_id")
    assert not choice.column.isHidden()
    assert choice.column.currentText() == "patient_id"
    next_one(choice.method, "By time")
    bench.wait()
    assert bench.session.features.split.column == "day"
    assert page.side.split.rows["train"].text() == "84 rows"
    next_one(choice.method, "As a column says")
    bench.wait()
    assert bench.session.features.split.column == "part"
    assert part_of(bench, page)["test"] == "30 rows"
    assert page.side.split.bar.isHidden()
    assert not page.side.split.shares["train"].isEnabled()
    for _ in range(3):
        bench.session.undo()
    bench.wait()
    assert bench.session.features.split.method == "random"
    assert not page.side.split.bar.isHidden()


@pytest.mark.qt_log_ignore("propagateSizeHints", "grabbing", "raise")
def test_rare_classes_can_be_balanced(opened: Open) -> None:
    bench = opened(visits())
    page = page_of(bench)
    box = page.side.split.balance
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Down)
    bench.wait()
    assert bench.session.features.balance == "weights"
    assert bench.session.facts.target.class_weights[0] > 1
    QTest.keyClick(box, Qt.Key.Key_Down)
    bench.wait()
    assert bench.session.features.balance == "oversample"
    assert bench.session.facts.rows["train"] > 100
    bench.session.undo()
    bench.session.undo()
    bench.wait()
    assert box.currentData() == "none"


def test_a_number_to_predict_has_nothing_to_balance(opened: Open) -> None:
    bench = opened("a,y\n" + "\n".join(f"{i % 17 * 0.37},{i * 1.7 % 13}" for i in range(60)) + "\n")
    assert page_of(bench).side.split.balance.isHidden()
