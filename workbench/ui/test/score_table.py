"""Scores beside those of the baseline. UI thread only."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from workbench.ui import theme
from workbench.ui.test.scores import Score
from workbench.ui.widgets.label import plain_label


class ScoreTable(QWidget):
    """name, model, constant answer; one row a score."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("scores")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.SPACE + 6)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(3, 1)
        self._labels: list[QLabel] = []

    def show_scores(self, scores: Sequence[Score], constant: str) -> None:
        for label in self._labels:
            self._grid.removeWidget(label)
            label.hide()
            label.deleteLater()
        self._labels = []
        self._put(0, 1, "model", "caption", right=True)
        self._put(0, 2, "baseline", "caption", right=True).setToolTip(f"What answering {constant} would score.")
        for row, score in enumerate(scores, 1):
            self._put(row, 0, score.name, "muted").setToolTip(score.hint)
            value = self._put(row, 1, score.text, "good" if score.better else "warning", right=True)
            value.setFont(theme.font(16 if row == 1 else 13, 600, tabular=True))
            value.setStyleSheet(f"font-size: {theme.px(16 if row == 1 else 13)}px; font-weight: 600;")
            self._put(row, 2, score.baseline, "muted", right=True)
        self._put(len(scores) + 1, 0, f"baseline: {constant}", "caption", span=4)

    def _put(self, row: int, column: int, text: str, role: str, right: bool = False, span: int = 1) -> QLabel:
        label = plain_label(text, role, wrap=False)
        label.setFont(theme.font(13, tabular=True))
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        self._grid.addWidget(label, row, column, 1, span, side | Qt.AlignmentFlag.AlignBaseline)
        self._labels.append(label)
        return label
