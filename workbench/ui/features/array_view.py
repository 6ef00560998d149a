"""What the network gets, as a virtual table: a line a training row, a column a number, the columns they come from
as a band above. Thousands of numbers scroll as ten do."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QLabel, QTableView, QWidget

from workbench.core.one_line import shortened
from workbench.core.wording import plural
from workbench.ui import theme
from workbench.ui.data import figures
from workbench.ui.data.charts import soft
from workbench.ui.features.array_head import ArrayHead, Span

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
LINE = 26
CELL = 92
HEAD = 46
_BAND = 22
_MARGIN = 8
_ROUNDING = 1e-9
_TINTS = 12
_FULL = 3.0  # a number so far from 0 is tinted fully


def shown(value: float) -> str:
    """A number of the array; what rounding left over of 0 reads 0, the tooltip has it in full."""
    return "0" if abs(value) < _ROUNDING else figures.figure(value)


class ArrayModel(QAbstractTableModel):
    """Numbers narrowed by a search for columns."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.head: ArrayHead | None = None
        self._span_of = np.zeros(0, np.int32)
        self._shown = np.zeros(0, np.int64)
        self._search = ""

    def set_head(self, head: ArrayHead | None) -> None:
        if head is self.head:
            return
        self.beginResetModel()
        self.head = head
        spans = head.spans if head is not None else ()
        self._span_of = np.repeat(np.arange(len(spans), dtype=np.int32), [s.width for s in spans])
        self._filter()
        self.endResetModel()

    def search(self, text: str) -> None:
        """Show only the numbers of columns whose name holds all these words."""
        self.beginResetModel()
        self._search = text.casefold()
        self._filter()
        self.endResetModel()

    def _filter(self) -> None:
        words = self._search.split()
        spans = self.head.spans if self.head is not None else ()
        kept = np.array([all(w in s.name.casefold() for w in words) for s in spans], bool)
        self._shown = np.flatnonzero(kept[self._span_of]) if len(self._span_of) else np.zeros(0, np.int64)

    def span(self, section: int) -> Span:
        """The column that the number shown in that section comes from."""
        assert self.head is not None
        return self.head.spans[int(self._span_of[self._shown[section]])]

    def short(self, section: int) -> str:
        """The number's own name within its column; "" when it is the column's only one."""
        span = self.span(section)
        return span.short[int(self._shown[section]) - span.start]

    def value(self, row: int, section: int) -> float:
        assert self.head is not None
        return float(self.head.values[row, self._shown[section]])

    def block(self, rows: range, sections: range) -> np.ndarray:
        """The numbers shown in these lines and sections."""
        assert self.head is not None
        return self.head.values[rows.start : rows.stop, self._shown[sections.start : sections.stop]]

    # ---- what Qt asks

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() or self.head is None else len(self.head.values)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or self.head is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return shown(self.value(index.row(), index.column()))
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            span = self.span(index.column())
            cell = span.cells[index.row()] if index.row() < len(span.cells) else ""
            name = self.headerData(index.column(), Qt.Orientation.Horizontal)
            return f"{name}: {self.value(index.row(), index.column()):.7g}\n{span.name} is {cell} in this row"
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if self.head is None:
            return None
        if orientation == Qt.Orientation.Vertical:
            if role != Qt.ItemDataRole.DisplayRole:
                return None
            answer = self.head.answers[section] if section < len(self.head.answers) else ""
            return f"{figures.count(self.head.rows[section])} → {shortened(answer, 14)}".removesuffix(" → ")
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            short = self.short(section)
            return f"{self.span(section).name}: {short}" if short else self.span(section).name
        return None


class _Head(QHeaderView):
    """Above each number its own name, and above all numbers of a column that column's name once."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setObjectName("arrayHeader")
        self.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.setDefaultSectionSize(CELL)
        self.setMinimumSectionSize(48)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), HEAD)

    def paintEvent(self, event: QPaintEvent) -> None:
        model: ArrayModel = self.model()  # type: ignore[assignment]
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), theme.color("panel"))
        if not model.columnCount():
            return
        first = max(0, self.visualIndexAt(0))
        last = self.visualIndexAt(self.viewport().width() - 1)
        last = model.columnCount() - 1 if last < 0 else last
        section = first
        while section <= last:
            span = model.span(section)
            end = section
            while end < last and model.span(end + 1) is span:
                end += 1
            left = self.sectionViewportPosition(section)
            right = self.sectionViewportPosition(end) + self.sectionSize(end)
            self._paint_band(painter, span, QRect(max(0, left), 0, right - max(0, left), _BAND))
            for one in range(section, end + 1):
                place = QRect(self.sectionViewportPosition(one), _BAND, self.sectionSize(one), HEAD - _BAND)
                self._paint_name(painter, model.short(one), place)
            painter.setPen(theme.color("line"))
            painter.drawLine(right - 1, 0, right - 1, HEAD)
            section = end + 1
        painter.setPen(theme.color("line"))
        painter.drawLine(0, HEAD - 1, self.viewport().width(), HEAD - 1)

    def _paint_band(self, painter: QPainter, span: Span, area: QRect) -> None:
        """The name stays in sight while its numbers are scrolled past."""
        painter.setFont(theme.font(13, weight=600))
        painter.setPen(theme.color("text"))
        inner = area.adjusted(_MARGIN, 2, -4, 0)
        metrics = painter.fontMetrics()
        text = span.name if span.width == 1 else f"{span.name}  "
        text = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, inner.width())
        painter.drawText(inner, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), text)
        used = metrics.horizontalAdvance(text)
        if span.width > 1 and inner.width() - used > 70:
            painter.setFont(theme.font(11))
            painter.setPen(theme.color("muted"))
            rest = inner.adjusted(used, 0, 0, 0)
            said = plural(span.width, "number")
            painter.drawText(rest, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), said)

    def _paint_name(self, painter: QPainter, text: str, area: QRect) -> None:
        painter.setFont(theme.font(11))
        painter.setPen(theme.color("muted"))
        inner = area.adjusted(_MARGIN, 0, -4, -3)
        text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), text)


class ArrayView(QTableView):
    """The first training rows as numbers, `show_head`; the lines are headed by the row and its answer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("arrayTable")
        self.setAccessibleName("The first training rows as the network gets them")
        self.array = ArrayModel(self)
        self.setModel(self.array)
        self.setHorizontalHeader(_Head(self))
        self.setShowGrid(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        side = self.verticalHeader()
        side.setDefaultSectionSize(LINE)
        side.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        side.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        side.setHighlightSections(False)
        self.setCornerButtonEnabled(False)
        self._corner = QLabel(self)
        self._corner.setObjectName("arrayCorner")
        self._corner.setTextFormat(Qt.TextFormat.PlainText)
        self._corner.setProperty("role", "caption")
        self._corner.setIndent(4)
        self._corner.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom)
        side.geometriesChanged.connect(self._place_corner)
        theme.notifier.changed.connect(self._repaint)

    def paintEvent(self, event: QPaintEvent) -> None:
        """All cells in one pass, tinted by their distance from 0: a delegate takes three times as long."""
        array, area = self.array, event.rect()
        painter = QPainter(self.viewport())
        if array.head is None or not array.columnCount():
            return
        rows = range(max(0, self.rowAt(area.top())), 1 + self._last(self.rowAt(area.bottom()), array.rowCount()))
        columns = range(
            max(0, self.columnAt(area.left())), 1 + self._last(self.columnAt(area.right()), array.columnCount())
        )
        values = array.block(rows, columns)
        strength = np.minimum(np.abs(np.nan_to_num(values)) / _FULL, 1.0)
        tints = (np.ceil(strength * _TINTS) * np.sign(np.nan_to_num(values))).astype(int)
        colors = {t: soft("positive" if t > 0 else "negative", 0.06 + 0.34 * abs(t) / _TINTS) for t in np.unique(tints)}
        painter.setFont(theme.font(13, tabular=True))
        metrics = painter.fontMetrics()
        base = (LINE + metrics.ascent() - metrics.descent()) // 2
        ink, pale = theme.color("text"), theme.color("muted")
        places = [(self.columnViewportPosition(c), self.columnWidth(c)) for c in columns]
        for i, row in enumerate(rows):
            y = self.rowViewportPosition(row)
            for k, (x, wide) in enumerate(places):
                value, tint = float(values[i, k]), int(tints[i, k])
                if tint:
                    painter.fillRect(x, y, wide - 1, LINE - 1, colors[tint])
                text = shown(value)
                painter.setPen(ink if tint else pale)
                painter.drawText(x + wide - _MARGIN - metrics.horizontalAdvance(text), y + base, text)
        current = self.currentIndex()
        if current.isValid() and self.hasFocus():
            painter.setPen(theme.color("accent"))
            painter.drawRect(self.visualRect(current).adjusted(0, 0, -2, -2))

    @staticmethod
    def _last(found: int, count: int) -> int:
        return count - 1 if found < 0 else found

    def _repaint(self) -> None:
        self.viewport().update()
        self.horizontalHeader().viewport().update()

    def _place_corner(self) -> None:
        self._corner.setGeometry(0, 0, self.verticalHeader().width() - 1, HEAD - 4)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_corner()

    def show_head(self, head: ArrayHead | None) -> None:
        self.array.set_head(head)
        if head is not None:
            metrics = QFontMetrics(theme.font(13))
            lines = [str(self.array.headerData(i, Qt.Orientation.Vertical)) for i in range(len(head.rows))]
            wide = max((metrics.horizontalAdvance(text) for text in lines), default=40)
            wide = max(wide, metrics.horizontalAdvance(f"Row → {head.target}"))
            wide = min(200, wide + 3 * _MARGIN)
            self.verticalHeader().setFixedWidth(wide)
            room = wide - _MARGIN - 4
            text = f"Row → {head.target}" if head.target else "Row"
            self._corner.setText(metrics.elidedText(text, Qt.TextElideMode.ElideRight, room))
            told = f"The row in the data and its “{head.target}”, which is to be learned"
            self._corner.setToolTip(told if head.target else "The row in the data. What is shown is to be rebuilt.")
