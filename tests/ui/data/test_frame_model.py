"""The table of a frame: only cells that are looked at are converted."""

from __future__ import annotations

import numpy as np
import pandas as pd
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from workbench.ui.data import figures
from workbench.ui.data.frame_model import FrameModel
from workbench.ui.data.frame_view import FrameView


def test_cells_of_every_type_are_one_plain_line(qtbot: QtBot) -> None:
    model = FrameModel()
    frame = pd.DataFrame(
        {
            "number": [1.0, np.nan, 0.1 + 0.2],
            "whole": [1, 2, 3],
            "text": pd.array(["a\nb", None, "<b>x</b>"], dtype="str"),
            "flag": [True, False, True],
            "when": pd.to_datetime(["2024-01-31", None, "2024-02-01 12:00"], format="mixed"),
            "group": pd.Categorical(["x", None, "y"]),
            "mixed": [1, "two", None],
        }
    )
    model.set_frame(frame)
    shown = [[model.cell(row, column)[0] for column in range(7)] for row in range(3)]
    assert shown[0] == ["1", "1", "a⏎b", "True", "2024-01-31", "x", "1"]
    assert shown[1][0] == shown[1][2] == shown[1][4] == shown[1][5] == "—"
    assert shown[2][0] == "0.3"
    assert shown[2][2] == "<b>x</b>"
    assert model.cell(2, 6)[1]
    assert model.data(model.index(0, 0), Qt.ItemDataRole.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight.value


def test_rows_keep_the_number_they_have_in_the_source(qtbot: QtBot) -> None:
    model = FrameModel()
    model.set_frame(pd.DataFrame({"a": [1, 2, 3]}).iloc[[0, 2]])
    assert model.headerData(1, Qt.Orientation.Vertical) == "3"


def test_cells_out_of_a_million_rows_are_those_of_the_frame(qtbot: QtBot) -> None:
    n = 1_000_000
    rng = np.random.default_rng(0)
    words = pd.array(rng.choice(["Berlin", "München", None], n), dtype="str")
    frame = pd.DataFrame({f"c{i}": words if i % 4 == 2 else rng.normal(size=n) for i in range(20)})
    view = FrameView()
    qtbot.addWidget(view)
    view.show_frame(frame)
    for row in (0, 40_000, n - 1):
        shown = view.frame_model.index(row, 2).data()
        assert shown == ("—" if pd.isna(words[row]) else words[row])
        assert view.frame_model.index(row, 0).data() != "—"


def test_figures_are_rounded_to_what_they_mean() -> None:
    assert figures.figure(0.12345) == "0.1235"
    assert figures.figure(1234567.0) == "1,234,567"
    assert figures.figure(float("nan")) == "—"
    assert figures.percent(1, 1000) == "< 1 %"
    assert figures.percent(999, 1000) == "> 99 %"
