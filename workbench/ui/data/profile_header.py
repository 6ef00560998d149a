"""The header above the table: for each column its name, type, distribution and gaps, painted; renamed in place."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QHelpEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QHeaderView, QLineEdit, QToolTip, QWidget

from workbench.ui import theme
from workbench.ui.data import figures
from workbench.ui.data.charts import paint_bars, soft

BADGES = {
    "number": "1.5",
    "integer": "123",
    "category": "A|B",
    "text": "Aa",
    "boolean": "yes/no",
    "date": "date",
    "empty": "empty",
}
TYPE_WORDS = {
    "number": "numbers",
    "integer": "whole numbers",
    "category": "categories",
    "text": "text",
    "boolean": "yes or no",
    "date": "dates",
    "empty": "nothing but gaps",
}
HEIGHT = 78
_MARGIN = 8


class ProfileHeader(QHeaderView):
    """Shows `profile` (ColumnProfile by name) for the model's columns; sections without one show the name alone."""

    rename_requested = Signal(str, str)
    menu_requested = Signal(str, QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setObjectName("columnHeader")
        self.setAccessibleName("Columns")
        self.setSectionsClickable(True)
        self.setHighlightSections(True)
        self.setMinimumSectionSize(64)
        self.setDefaultSectionSize(120)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu)
        self._columns: dict[str, Any] = {}
        self._rows = 0
        self._target = ""
        self._changed: set[str] = set()
        self._editor: QLineEdit | None = None
        self.renaming = True

    def set_profile(self, rows: int, columns: dict[str, Any], target: str = "") -> None:
        self._rows = rows
        self._columns = columns
        self._target = target
        self.viewport().update()

    def set_changed(self, names: set[str]) -> None:
        """Columns that the step being looked at changes."""
        self._changed = names
        self.viewport().update()

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), HEIGHT)

    def name_at(self, logical: int) -> str:
        model = self.model()
        value = model.headerData(logical, Qt.Orientation.Horizontal) if model is not None and logical >= 0 else None
        return "" if value is None else str(value)

    def wanted_width(self, logical: int) -> int:
        """Room for name and badge of one column."""
        name = self.name_at(logical)
        column = self._columns.get(name)
        badge = BADGES.get(column.type, "") if column is not None else ""
        badge = "target" if name == self._target else badge
        wide = QFontMetrics(theme.font(13, weight=600)).horizontalAdvance(name)
        return wide + QFontMetrics(theme.font(11)).horizontalAdvance(badge) + 3 * _MARGIN + 4

    # ---- painting

    def paintSection(self, painter: QPainter, rect: QRect, logical: int) -> None:
        name = self.name_at(logical)
        column = self._columns.get(name)
        selection = self.parent().selectionModel() if hasattr(self.parent(), "selectionModel") else None
        chosen = selection is not None and selection.columnIntersectsSelection(logical)
        painter.save()
        painter.setClipRect(rect)
        painter.fillRect(rect, theme.color("selected") if chosen else theme.color("panel"))
        painter.setPen(theme.color("line"))
        painter.drawLine(rect.topRight(), rect.bottomRight())
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        inner = QRectF(rect.x() + _MARGIN, rect.y() + 6, rect.width() - 2 * _MARGIN, rect.height() - 10)
        self._paint_name(painter, inner, name, column)
        if column is not None:
            self._paint_shape(painter, QRectF(inner.x(), inner.y() + 22, inner.width(), 22), column)
            self._paint_gaps(painter, QRectF(inner.x(), inner.y() + 47, inner.width(), 16), column)
        painter.restore()

    def _paint_name(self, painter: QPainter, inner: QRectF, name: str, column: Any) -> None:
        room = inner.width()
        line = QRectF(inner.x(), inner.y(), inner.width(), 18)
        if column is not None:
            painter.setFont(theme.font(11))
            painter.setPen(theme.color("muted"))
            badge = "target" if name == self._target else BADGES.get(column.type, "")
            if name == self._target:
                painter.setPen(theme.color("accent"))
            painter.drawText(line, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), badge)
            room -= painter.fontMetrics().horizontalAdvance(badge) + _MARGIN
        font = theme.font(13, weight=600)
        painter.setFont(font)
        painter.setPen(theme.color("text"))
        text = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, max(12, int(room)))
        painter.drawText(line, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), text)
        if name in self._changed:
            painter.fillRect(
                QRectF(inner.x() - _MARGIN, inner.y() - 6, inner.width() + 2 * _MARGIN, 3), theme.color("warn")
            )

    def _paint_shape(self, painter: QPainter, area: QRectF, column: Any) -> None:
        if column.histogram is not None:
            paint_bars(painter, area, list(column.histogram[0]), soft("accent", 0.7))
        elif column.type in ("category", "boolean") and column.top:
            counts = [n for _, n in column.top[:8]]
            bars = QRectF(area.x(), area.y(), min(area.width(), 22.0 * len(counts)), area.height())
            paint_bars(painter, bars, counts, soft("accent", 0.7), gap=2)
        elif column.samples:
            painter.setFont(theme.font(11))
            painter.setPen(theme.color("muted"))
            text = painter.fontMetrics().elidedText(
                figures.cell(column.samples[0]), Qt.TextElideMode.ElideRight, int(area.width())
            )
            painter.drawText(area, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), text)

    def _paint_gaps(self, painter: QPainter, area: QRectF, column: Any) -> None:
        painter.setFont(theme.font(11, tabular=True))
        if column.missing:
            share = column.missing / max(1, self._rows)
            painter.fillRect(QRectF(area.x(), area.bottom() - 1, area.width(), 2), theme.color("line"))
            painter.fillRect(
                QRectF(area.x(), area.bottom() - 1, max(2.0, area.width() * share), 2), theme.color("warn")
            )
            text = f"{figures.percent(column.missing, self._rows)} missing"
        elif column.type in ("number", "integer"):
            text = f"{figures.figure(column.minimum)} to {figures.figure(column.maximum)}"
        else:
            text = f"{figures.count(column.distinct)} distinct"
        painter.setPen(theme.color("warn" if column.missing else "muted"))
        text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(area.width()))
        painter.drawText(
            area.adjusted(0, -2, 0, -2), int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), text
        )

    # ---- the hand

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        logical = self.logicalIndexAt(event.position().toPoint())
        near_edge = self.cursor().shape() == Qt.CursorShape.SplitHCursor
        if logical >= 0 and not near_edge and event.button() == Qt.MouseButton.LeftButton and self.renaming:
            self.edit_name(logical)
            return
        super().mouseDoubleClickEvent(event)

    def edit_name(self, logical: int) -> None:
        """Open a line edit over the name of a column."""
        self._close_editor(False)
        name = self.name_at(logical)
        editor = QLineEdit(name, self.viewport())
        editor.setObjectName("renameColumn")
        editor.setAccessibleName(f"New name of {name}")
        editor.setFont(theme.font(13))
        left = self.sectionViewportPosition(logical)
        editor.setGeometry(left + 2, 2, max(120, self.sectionSize(logical) - 4), 26)
        editor.selectAll()
        editor.setProperty("column", name)
        editor.editingFinished.connect(lambda: self._close_editor(True))
        editor.installEventFilter(self)
        editor.show()
        editor.setFocus()
        self._editor = editor

    def _close_editor(self, keep: bool) -> None:
        editor, self._editor = self._editor, None
        if editor is None:
            return
        before, after = str(editor.property("column")), editor.text().strip()
        editor.removeEventFilter(self)
        editor.hide()
        editor.deleteLater()
        if keep and after and after != before:
            self.rename_requested.emit(before, after)

    def eventFilter(self, watched: Any, event: QEvent) -> bool:
        if watched is self._editor and event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape:  # type: ignore[attr-defined]
            self._close_editor(False)
            return True
        return super().eventFilter(watched, event)

    def _on_menu(self, place: QPoint) -> None:
        logical = self.logicalIndexAt(place)
        if logical >= 0:
            self.menu_requested.emit(self.name_at(logical), self.viewport().mapToGlobal(place))

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            name = self.name_at(self.logicalIndexAt(event.pos()))
            column = self._columns.get(name)
            if name:
                text = name
                if column is not None:
                    gaps, values = figures.count(column.missing), figures.count(column.distinct)
                    text += f"\n{TYPE_WORDS.get(column.type, column.type)}, {gaps} missing, {values} distinct"
                QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().viewportEvent(event)
