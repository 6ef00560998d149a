"""How well each column of a table is rebuilt, in the column's own units, beside a constant answer. UI thread only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from workbench.core.one_line import one_line
from workbench.core.rebuilt_columns import DAYS, HOURS, NUMBER, WORDS, ColumnError
from workbench.ui import theme
from workbench.ui.test.column_figures import error_words

LINE = 24
SHOWN = 6
"""So many columns are in sight at once; the others are scrolled to."""
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_HINTS = {
    NUMBER: "How far off it is on average, in the units of the column.",
    DAYS: "How far off the date is on average.",
    HOURS: "How far off the time of day is on average.",
    WORDS: "The share of the words, given and rebuilt, that only one of the two has.",
}


class ColumnErrors(QTreeWidget):
    """The columns in their order, each with its error and that of the mean row."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("columnErrors")
        self.setAccessibleName("How well each column is rebuilt")
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setSelectionMode(QTreeWidget.SelectionMode.NoSelection)
        self.setHeaderLabels(["Column", "Off by", "Baseline"])
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
            self.headerItem().setTextAlignment(column, _RIGHT)
        self.headerItem().setToolTip(2, "Where every row is rebuilt as the mean of the training rows.")

    def show_columns(self, columns: Sequence[ColumnError]) -> None:
        """Their errors; better than the baseline is green."""
        items = []
        for column in columns:
            texts = [error_words(column, value) for value in (column.error, column.baseline)]
            item = QTreeWidgetItem([one_line(column.name), *texts])
            item.setSizeHint(0, QSize(0, LINE))
            item.setToolTip(0, column.name)
            item.setToolTip(1, _HINTS.get(column.kind, "The share of the rows where another category came out."))
            better = bool(np.isfinite(column.error)) and column.error < column.baseline
            item.setForeground(1, theme.color("good" if better else "text"))
            item.setForeground(2, theme.color("muted"))
            for place in (1, 2):
                item.setTextAlignment(place, _RIGHT)
                item.setFont(place, theme.font(13, 600 if place == 1 else 400, tabular=True))
            items.append(item)
        self.clear()
        self.addTopLevelItems(items)
        high = self.header().sizeHint().height() + LINE * min(SHOWN, len(items)) + 2 * self.frameWidth()
        self.setFixedHeight(high)
