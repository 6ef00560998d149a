"""How well the inputs of a part were rebuilt: a histogram of their errors, and the worst of them to be opened.

UI thread only.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workbench.core.rebuilt_columns import ColumnError
from workbench.ui import theme
from workbench.ui.data.charts import Histogram
from workbench.ui.test.column_errors import ColumnErrors
from workbench.ui.test.context import Context
from workbench.ui.test.pixels import Strip
from workbench.ui.test.rebuilt import Bins, bins, worst_first
from workbench.ui.test.scores import Results, short
from workbench.ui.widgets.label import plain_label
from workbench.ui.widgets.scrolled import scrolled

PICTURES = 60
ROWS = 200
LINE = 24
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ErrorsView(QWidget):
    """`chosen(position in the part)` when a person picks a sample."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("errorsView")
        self.heading = QLabel("Errors")
        self.heading.setProperty("role", "muted")
        self.histogram = Histogram()
        self.histogram.setObjectName("errorHistogram")
        self.histogram.setAccessibleName("How many samples have which error")
        self.histogram.setToolTip("Click a bar to list its samples.")
        self.columns = ColumnErrors()
        self.columns.hide()
        self.title = plain_label(name="worstTitle")
        self.all = QPushButton("Show the worst")
        self.all.setObjectName("showWorst")
        self.all.setProperty("role", "link")
        self.strip = Strip(side=56)
        self.strip.setObjectName("worstStrip")
        holder = QWidget()
        inner = QVBoxLayout(holder)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self.strip)
        inner.addStretch(1)
        self.area = scrolled(holder)
        self.list = QTreeWidget()
        self.list.setObjectName("worstList")
        self.list.setAccessibleName("Samples, the worst rebuilt first")
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setHeaderLabels(["Sample", "Row of the data", "Error", "Beside the median"])
        header = self.list.header()
        header.setStretchLastSection(False)
        for column in range(4):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
            self.list.headerItem().setTextAlignment(column, _RIGHT if column else _LEFT)
        line = QHBoxLayout()
        line.addWidget(self.title, 1)
        line.addWidget(self.all, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE)
        column.addWidget(self.heading)
        column.addWidget(self.histogram)
        column.addWidget(self.columns)
        column.addLayout(line)
        column.addWidget(self.area, 1)
        column.addWidget(self.list, 1)
        self.histogram.picked.connect(self._pick_bar)
        self.all.clicked.connect(self._show_worst)
        self.strip.chosen.connect(lambda index: self.chosen.emit(int(self._listed[index])))
        self.list.itemClicked.connect(self._open)
        self.list.itemActivated.connect(self._open)
        self._errors = np.empty(0)
        self._bins = Bins((), ())
        self._rows = np.empty(0, np.int64)
        self._listed = np.empty(0, np.int64)
        self._context: Context | None = None

    def show_errors(self, results: Results, context: Context | None) -> None:
        """context: where the samples are taken from; None when they cannot be shown."""
        assert results.errors is not None
        self._errors, self._context = results.errors, context
        self._bins = bins(self._errors)
        pictures = context is not None and context.images
        self.histogram.thing = "picture" if pictures else "row"
        self.histogram.open_end = self._bins.beyond
        self._rows = results.rows
        self.columns.hide()
        self.area.setVisible(pictures)
        self.list.setVisible(context is not None and not pictures)
        self.mark(None)
        self._show_worst()

    def show_columns(self, columns: Sequence[ColumnError]) -> None:
        """How well each column is rebuilt, in its own units; known a moment after the errors."""
        self.columns.show_columns(columns)
        self.columns.setVisible(bool(columns))

    def mark(self, error: float | None) -> None:
        """Where the sample that is shown lies."""
        known = self._errors[np.isfinite(self._errors)]
        marks = [("median", float(np.median(known)))] if len(known) else []
        if error is not None and np.isfinite(error) and len(self._bins.edges):
            low, high = self._bins.edges[-2:]
            marks.append(("shown", error if error < high else (low + high) / 2))  # beyond: in the bar it counts in
        self.histogram.set_data(self._bins.counts, self._bins.edges, marks)

    def _show_worst(self) -> None:
        self.all.hide()
        most = self._most()
        some = worst_first(self._errors)[:most]
        count = len(self._errors)
        said = "The worst rebuilt first" if count <= most else f"The {most} worst rebuilt, of {count:,}"
        self._list(some, f"{said}. Click one to look at it." if self._context else "")

    def _pick_bar(self, bar: int) -> None:
        found = self._bins.members(self._errors, bar)
        if not len(found):
            return
        low, high = self._bins.edges[bar], self._bins.edges[bar + 1]
        last = self._bins.beyond and bar == len(self._bins.counts) - 1
        span = f"of {short(low)} and more" if last else f"from {short(low)} to {short(high)}"
        most = self._most()
        more = f", the worst {most} shown" if len(found) > most else ""
        self._list(found[:most], f"{len(found):,} with an error {span}{more}")
        self.all.show()

    def _most(self) -> int:
        return PICTURES if self._context is not None and self._context.images else ROWS

    def _list(self, positions: np.ndarray, title: str) -> None:
        self._listed = positions
        self.title.setText(title)
        context = self._context
        if context is None:
            return
        if context.images:
            pixels = context.tested().x[context.input_name]
            tips = [f"sample {int(i):,}: error {short(float(self._errors[int(i)]))}" for i in positions]
            self.strip.set_pictures([np.asarray(pixels[int(i)]) for i in positions], tips)
            return
        known = self._errors[np.isfinite(self._errors)]
        median = float(np.median(known)) if len(known) else 0.0
        items = []
        for i in positions:
            error = float(self._errors[int(i)])
            more = error / median if median > 0 else float("nan")
            times = f"{more:,.{1 if more < 100 else 0}f} times" if np.isfinite(more) else ""
            row = f"{int(self._rows[int(i)]) + 1:,}" if int(i) < len(self._rows) else ""
            item = QTreeWidgetItem([f"{int(i):,}", row, short(error), times])
            item.setSizeHint(0, QSize(0, LINE))
            item.setData(0, Qt.ItemDataRole.UserRole, int(i))
            for column in (1, 2, 3):
                item.setTextAlignment(column, _RIGHT)
                item.setFont(column, theme.font(13, tabular=True))
            items.append(item)
        self.list.clear()
        self.list.addTopLevelItems(items)

    def _open(self, item: QTreeWidgetItem) -> None:
        self.chosen.emit(int(item.data(0, Qt.ItemDataRole.UserRole)))
