"""Scores of several targets, one chosen at a time. UI thread only."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from workbench.ui import theme
from workbench.ui.test.score_table import ScoreTable
from workbench.ui.test.scores import Results
from workbench.ui.widgets.drop_down import DropDown


class TargetBox(DropDown):
    """Which target is looked at; hidden while there is one. `chosen(place)`."""

    chosen = Signal(int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName("Target whose scores are shown")
        self.setToolTip("The target whose scores and mistakes are shown.")
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)
        self.activated.connect(self.chosen)
        self.hide()

    def show_targets(self, names: Sequence[str]) -> int:
        """Offer these, keep the one that was chosen; the place of it."""
        now = self.currentText()
        if [self.itemText(i) for i in range(self.count())] != list(names):
            self.clear()
            self.addItems(list(names))
            self.setCurrentIndex(max(0, self.findText(now)))
        self.setVisible(len(names) > 1)
        return max(0, self.currentIndex())


class ScoreSets(QWidget):
    """The score table of one target, and the box to choose another."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found: tuple[Results, ...] = ()
        self.box = TargetBox("fileTarget")
        self.table = ScoreTable()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE // 2)
        column.addWidget(self.box)
        column.addWidget(self.table)
        self.box.chosen.connect(self._show)

    def show_results(self, found: Sequence[Results]) -> None:
        """One or several, by target."""
        self._found = tuple(found)
        self._show(self.box.show_targets([r.answer.target for r in found]))

    def _show(self, place: int) -> None:
        if place < len(self._found):
            self.table.show_scores(self._found[place].scores, self._found[place].constant)
