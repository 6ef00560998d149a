"""The virtual table: a million rows scroll like a hundred, a thousand columns stay usable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from workbench.ui import theme
from workbench.ui.data.frame_model import FrameModel
from workbench.ui.data.profile_header import ProfileHeader

ROW_HEIGHT = 26
_MARGIN = 8
_MEASURED_COLUMNS = 80
_MEASURED_ROWS = 40
_WIDEST = 260

# Flags are costly to combine in Python, and a frame paints hundreds of cells.
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_SELECTED = QStyle.StateFlag.State_Selected.value


class CellDelegate(QStyledItemDelegate):
    """Paints a cell with one question to the model; pens, fonts and metrics are made once per palette."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.refresh()

    def refresh(self) -> None:
        """Take the colours of the current palette."""
        self._font: QFont = theme.font(13, tabular=True)
        self._metrics = QFontMetricsF(self._font)
        self._wide = max(1.0, self._metrics.maxWidth() * 0.5)
        self._text = QColor(theme.color("text"))
        self._muted = QColor(theme.color("muted"))
        self._selected = QColor(theme.color("selected"))
        self._marked = QColor(theme.color("warn_ground"))
        self._gone = QColor(theme.color("bad_ground"))
        self._found = QColor(theme.color("warn_ground"))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Any) -> None:
        model: FrameModel = index.model()
        row, column = index.row(), index.column()
        text, missing, marked = model.cell(row, column)
        rect: QRect = option.rect  # type: ignore[attr-defined]
        gone = model.gone(row)
        if marked:
            painter.fillRect(rect, self._marked)
        elif gone:
            painter.fillRect(rect, self._gone)
        elif option.state.value & _SELECTED:  # type: ignore[attr-defined]
            painter.fillRect(rect, self._selected)
        if model.needle and not missing and model.holds(text):
            painter.fillRect(rect.adjusted(2, 2, -3, -3), self._found)
        painter.setFont(self._font)
        painter.setPen(self._muted if missing or gone else self._text)
        room = rect.width() - 2 * _MARGIN
        if len(text) * self._wide > room and self._metrics.horizontalAdvance(text) > room:
            text = self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        painter.drawText(rect.adjusted(_MARGIN, 0, -_MARGIN, 0), _RIGHT if model.numeric(column) else _LEFT, text)


class FrameView(QTableView):
    """A FrameModel with a ProfileHeader. `column_selected(name)` follows the selection ("" for none)."""

    column_selected = Signal(str)
    rename_requested = Signal(str, str)
    menu_requested = Signal(str, QPoint)
    sort_requested = Signal(str)
    filter_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dataTable")
        self.setAccessibleName("Rows of the data")
        self._model = FrameModel(self)
        self._delegate = CellDelegate(self)
        self._header = ProfileHeader(self)
        self._fitted: dict[str, int] = {}
        self.setItemDelegate(self._delegate)
        self.setHorizontalHeader(self._header)
        self.setModel(self._model)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        side = self.verticalHeader()
        side.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        side.setDefaultSectionSize(ROW_HEIGHT)
        side.setMinimumSectionSize(ROW_HEIGHT)
        side.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        side.setHighlightSections(False)
        self._header.rename_requested.connect(self.rename_requested)
        self._header.menu_requested.connect(self.menu_requested)
        self._header.sort_requested.connect(self.sort_requested)
        self._header.filter_requested.connect(self.filter_requested)
        self.selectionModel().currentChanged.connect(self._on_current)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_cell_menu)
        theme.notifier.changed.connect(self._on_theme)

    @property
    def frame_model(self) -> FrameModel:
        return self._model

    @property
    def header(self) -> ProfileHeader:
        return self._header

    def current_column(self) -> str:
        index = self.currentIndex()
        return self._model.names[index.column()] if index.isValid() and index.column() < len(self._model.names) else ""

    def show_frame(
        self,
        frame: Any,
        marked: Mapping[str, np.ndarray] | None = None,
        gone: np.ndarray | None = None,
        order: np.ndarray | None = None,
    ) -> None:
        """Put a frame in; place, column widths and the selected column stay where the columns are the same."""
        before = list(self._model.names)
        widths = {name: self._header.sectionSize(i) for i, name in enumerate(before[:_MEASURED_COLUMNS])}
        chosen = self.current_column()
        down, right = self.verticalScrollBar().value(), self.horizontalScrollBar().value()
        self._model.set_frame(frame, marked, gone, order)
        for i, name in enumerate(self._model.names[:_MEASURED_COLUMNS]):
            self._header.resizeSection(i, widths.get(name) or self._fit(i))
        self._header.set_changed(self._model.marked_columns())
        if set(before) & set(self._model.names):
            self.verticalScrollBar().setValue(down)
            self.horizontalScrollBar().setValue(right)
        if chosen:
            self.select_column(chosen, scroll=False)

    def show_profile(self, rows: int, columns: dict[str, Any], targets: Sequence[str] = ()) -> None:
        """Put profiles (ColumnProfile by name) into the header; columns that nobody resized get room for them."""
        self._header.set_profile(rows, columns, targets)
        for i, name in enumerate(self._model.names[:_MEASURED_COLUMNS]):
            if self._header.sectionSize(i) == self._fitted.get(name):
                self._header.resizeSection(i, self._fit(i))

    def show_cell(self, row: int, column: int) -> None:
        """Make one cell the current one and bring it into sight."""
        index = self._model.index(row, column)
        self.setCurrentIndex(index)
        self.scrollTo(index, QAbstractItemView.ScrollHint.EnsureVisible)

    def reveal(self, name: str) -> None:
        """Bring a column into sight; the rows in sight stay."""
        if name in self._model.names and self._model.rowCount():
            index = self._model.index(max(0, self.rowAt(0)), self._model.names.index(name))
            self.scrollTo(index, QAbstractItemView.ScrollHint.EnsureVisible)

    def search(self, text: str) -> None:
        """Mark the cells that hold this text."""
        self._model.needle = text.casefold()
        self.viewport().update()

    def select_column(self, name: str, scroll: bool = True) -> None:
        """Select the column of that name, from outside; nothing happens when there is none."""
        if name not in self._model.names or not self._model.rowCount():
            return
        column = self._model.names.index(name)
        top = max(0, self.rowAt(0))
        index = self._model.index(top, column)
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
        self.selectColumn(column)
        if scroll:
            self.scrollTo(index)

    def _fit(self, column: int) -> int:
        """The width that suits a column, remembered to tell it from one that was dragged."""
        self._fitted[self._model.names[column]] = width = self._fitting(column)
        return width

    def _fitting(self, column: int) -> int:
        metrics = QFontMetricsF(theme.font(13, tabular=True))
        rows = min(_MEASURED_ROWS, self._model.rowCount())
        cells = max((metrics.horizontalAdvance(self._model.cell(r, column)[0]) for r in range(rows)), default=0.0)
        return int(min(_WIDEST, max(96, self._header.wanted_width(column), cells + 2 * _MARGIN + 6)))

    def _on_current(self, current: QModelIndex, before: QModelIndex) -> None:
        if not before.isValid() or not current.isValid() or current.column() != before.column():
            self.column_selected.emit(self.current_column())

    def _on_cell_menu(self, place: QPoint) -> None:
        index = self.indexAt(place)
        if index.isValid():
            self.menu_requested.emit(self._model.names[index.column()], self.viewport().mapToGlobal(place))

    def _on_theme(self) -> None:
        self._delegate.refresh()
        self._header.viewport().update()
        self.viewport().update()
