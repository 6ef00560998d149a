"""The table with its search, its filters and its order. All three are for the eye: the data stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.core.errors import WorkbenchError
from workbench.ui.data import row_order
from workbench.ui.data.frame_view import FrameView
from workbench.ui.data.row_order import Filter, Found, Sort
from workbench.ui.data.table_bar import TableBar


class TablePane(QWidget):
    """keep_asked(Filter): the person wants these rows alone, as a cleaning step."""

    keep_asked = Signal(object)

    def __init__(self, jobs: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._frame: Any = None
        self._filters: tuple[Filter, ...] = ()
        self._sort: Sort | None = None
        self._found: Found | None = None
        self._at = -1
        self._plain = True
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.bar = TableBar()
        self.table = FrameView()
        column.addWidget(self.bar)
        column.addWidget(self.table, 1)
        self.bar.searched.connect(self.search)
        self.bar.moved.connect(self._move)
        self.bar.filter_removed.connect(self.remove_filter)
        self.bar.filter_kept.connect(self.keep_asked)
        self.bar.sort_removed.connect(lambda: self._set(self._filters, None))
        self.table.sort_requested.connect(self.sort_by)
        self.table.filter_requested.connect(self.add_filter)
        keys = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        keys.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        keys.activated.connect(self.focus_search)

    @property
    def filters(self) -> tuple[Filter, ...]:
        return self._filters

    @property
    def sort(self) -> Sort | None:
        return self._sort

    @property
    def frame(self) -> Any:
        """The table of which rows are shown; None before there is one."""
        return self._frame

    # ---- what is shown

    def show_frame(self, frame: Any) -> None:
        """A table to search, filter and sort. Filters on columns it does not have are taken away."""
        if frame is self._frame and self._plain:
            return
        self._frame = frame
        self._plain = True
        names = set(frame.columns)
        self._filters = tuple(one for one in self._filters if one.column in names)
        if self._sort is not None and self._sort.column not in names:
            self._sort = None
        self.bar.show()
        self.table.header.arranging = True
        self._arrange()

    def show_step(self, frame: Any, marked: Mapping[str, np.ndarray], gone: np.ndarray | None) -> None:
        """What a step changes, as it is: neither filtered nor sorted."""
        self._jobs.cancel(self)
        self._plain = False
        self.bar.hide()
        self.table.search("")
        self.table.header.arranging = False
        self.table.header.set_sort(None)
        self.table.show_frame(frame, marked, gone)

    def forget(self) -> None:
        """Other data: no filters, no order, no search."""
        self._jobs.cancel(self)
        self._frame = None
        self._filters, self._sort = (), None
        self.bar.line.clear()

    # ---- filters and order

    def add_filter(self, one: Filter) -> None:
        """Show only these rows; the same again takes it away, another of the same column takes its place."""
        others = tuple(known for known in self._filters if known.column != one.column)
        self._set(others if one in self._filters else (*others, one), self._sort)

    def remove_filter(self, one: Filter) -> None:
        self._set(tuple(known for known in self._filters if known != one), self._sort)

    def sort_by(self, column: str) -> None:
        """Smallest first, then largest first, then as the rows were."""
        if self._sort is None or self._sort.column != column:
            self._set(self._filters, Sort(column, words=self._frame[column].dtype.kind not in "iufM"))
        else:
            self._set(self._filters, None if self._sort.descending else replace(self._sort, descending=True))

    def _set(self, filters: tuple[Filter, ...], sort: Sort | None) -> None:
        if (filters, sort) != (self._filters, self._sort):
            self._filters, self._sort = filters, sort
            self._arrange()

    def _arrange(self) -> None:
        """Find out which rows to show; until that is known the table stays as it is."""
        frame, filters, sort = self._frame, self._filters, self._sort
        self.bar.show_chips(filters, sort)
        self.table.header.set_sort(sort)
        if not filters and sort is None:
            self._jobs.cancel(self, "arrange")
            self._show(None)
            return
        self._jobs.run(
            self,
            "arrange",
            lambda progress, cancelled: row_order.arrange(frame, filters, sort),
            self._show,
            self._refused,
        )

    def _refused(self, error: WorkbenchError) -> None:
        """A column has other cells now, and a filter means nothing to them."""
        self._set((), None)
        self.bar.rows.setText(f"No longer filtered: {error.what}")

    def _show(self, order: np.ndarray | None) -> None:
        self.table.show_frame(self._frame, order=order)
        self.bar.show_rows(len(self._frame) if order is None else len(order), len(self._frame))
        if self.bar.line.text():
            self.search(self.bar.line.text())

    # ---- search

    def focus_search(self) -> None:
        self.bar.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.bar.line.selectAll()

    def search(self, text: str) -> None:
        """Mark the cells that hold this text; go to a column called so, or to the first cell from what is in sight."""
        self.table.search(text)
        if not text or self._frame is None:
            self._jobs.cancel(self, "find")
            self._found, self._at = None, -1
            self.bar.show_found(None, -1)
            return
        frame, order = self._frame, self.table.frame_model.order
        self.bar.show_searching()
        self._jobs.run(
            self,
            "find",
            lambda progress, cancelled: row_order.find_anywhere(frame, order, text, cancelled),
            self._on_found,
        )

    def _on_found(self, found: Found) -> None:
        again = self._found is not None and self._found.text == found.text
        self._found = found
        self._at = -1
        if len(found.rows):
            top = -1 if found.rows[0] < 0 else max(0, self.table.rowAt(0))
            self._at = int(np.searchsorted(found.rows, top)) % len(found.rows)
            if not again:
                self._go()
        self.bar.show_found(found, self._at)

    def _move(self, by: int) -> None:
        if self._found is not None and len(self._found.rows):
            self._at = (self._at + by) % len(self._found.rows)
            self._go()
            self.bar.show_found(self._found, self._at)

    def _go(self) -> None:
        if self._found is None:
            return
        row, column = int(self._found.rows[self._at]), int(self._found.columns[self._at])
        if row < 0:
            self.table.select_column(self.table.frame_model.names[column])
        else:
            self.table.show_cell(row, column)
