"""What a split becomes when a border is dragged or a share is typed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pytestqt.qtbot import QtBot

from workbench.core.data.split_table import split_folds
from workbench.core.project import Split
from workbench.ui.features.fold_bars import fold_pieces
from workbench.ui.features.side_panel import SidePanel
from workbench.ui.features.split_bar import LEAST_TRAIN, with_border, with_share
from workbench.ui.widgets.notice import InlineNotice


@pytest.mark.parametrize("at", [-1.0, 0.0, 0.033, 0.5, 0.777, 1.0, 2.0])
@pytest.mark.parametrize("border", [0, 1])
@pytest.mark.parametrize("given", [False, True])
def test_shares_always_add_up(at: float, border: int, given: bool) -> None:
    split = with_border(Split(0.85, 0.15, 0.0) if given else Split(), 0 if given else border, at, given)
    assert split.train + split.validation + split.test == pytest.approx(1.0)
    assert min(split.validation, split.test) >= 0
    assert split.train >= LEAST_TRAIN


@pytest.mark.parametrize("share", [-0.5, 0.0, 0.1, 0.6, 1.0, 3.0])
@pytest.mark.parametrize("part", ["train", "validation", "test"])
def test_typed_shares_always_add_up(part: str, share: float) -> None:
    split = with_share(Split(), part, share, False)
    assert split.train + split.validation + split.test == pytest.approx(1.0)
    assert min(split.validation, split.test) >= 0
    assert split.train >= LEAST_TRAIN - 1e-9


def test_a_border_moves_its_neighbours_only() -> None:
    assert with_border(Split(), 0, 0.6, False) == Split(0.6, 0.25, 0.15)
    assert with_border(Split(), 1, 0.9, False) == Split(0.7, 0.2, 0.1)
    assert with_border(Split(0.85, 0.15, 0.0), 0, 0.9, True) == Split(0.9, 0.1, 0.0)


@pytest.mark.parametrize("method", ["random", "group", "time"])
def test_folds_are_shown_as_they_are_made(method: str) -> None:
    rows = 60
    frame = pd.DataFrame({"when": np.arange(rows), "who": np.arange(rows) // 2})
    column = {"time": "when", "group": "who"}.get(method, "")
    split = Split(0.6, 0.2, 0.2, method=method, column=column, folds=4)
    made = split_folds(frame, None, split)
    for pieces, rows_of in zip(fold_pieces(split), made, strict=True):
        for part in ("train", "validation", "test"):
            shown = sum(end - begin for name, begin, end in pieces if name == part)
            assert shown == pytest.approx(len(rows_of[part]) / rows, abs=0.05), part


def test_a_finding_is_never_cut(qtbot: QtBot) -> None:
    panel = SidePanel()
    qtbot.addWidget(panel)
    panel.resize(320, 700)
    panel.show()
    text = "Nearly the same pictures on both sides\n" + "29 of the 348 pictures held out are nearly one. " * 6
    panel.audit.show_findings([("warning", text, [("Drop near duplicates", lambda: None)])], True)
    notice = panel.audit.findChild(InlineNotice)
    qtbot.waitUntil(lambda: notice.height() >= notice.heightForWidth(notice.width()) > 0, timeout=10_000)


def test_the_counts_of_classes_can_be_read_after_the_look_has_changed(qtbot, qapp) -> None:
    from PySide6.QtWidgets import QLabel

    from workbench.ui import theme
    from workbench.ui.features.side import ClassChips

    theme.apply(qapp, "light")
    chips = ClassChips()
    qtbot.addWidget(chips)
    chips.show_classes(("a", "b"), (3, 4))
    theme.apply(qapp, "dark")
    qtbot.waitUntil(lambda: len(chips.findChildren(QLabel)) == 2)
    assert all(theme.hex_of("muted") in label.text() for label in chips.findChildren(QLabel))
