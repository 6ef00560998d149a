"""The header above the table: for each column its name, type, distribution and gaps, painted; renamed in place."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QHelpEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QHeaderView, QLineEdit, QToolTip, QWidget

from workbench.core.wording import plural
from workbench.ui import theme
from workbench.ui.data import figures, row_order
from workbench.ui.data.charts import paint_bars, soft
from workbench.ui.data.header_zones import (
    ARROW,
    BARS,
    GAPS_LINE,
    NAME_LINE,
    SHAPE_LINE,
    Zone,
    bar_rect,
    bars_of,
    filter_of,
)

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
    sort_requested = Signal(str)
    filter_requested = Signal(object)

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
        self._targets: frozenset[str] = frozenset()
        self._changed: set[str] = set()
        self._editor: QLineEdit | None = None
        self._sort: row_order.Sort | None = None
        self._over: Zone | None = None
        self._pressed: Zone | None = None
        self.setMouseTracking(True)
        self.renaming = True
        self.arranging = True

    def set_profile(self, rows: int, columns: dict[str, Any], targets: Collection[str] = ()) -> None:
        self._rows = rows
        self._columns = columns
        self._targets = frozenset(targets)
        self.viewport().update()

    def set_sort(self, sort: row_order.Sort | None) -> None:
        """Show by an arrow which column the rows are sorted by."""
        self._sort = sort
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
        badge = "target" if name in self._targets else badge
        wide = QFontMetrics(theme.font(13, weight=600)).horizontalAdvance(name)
        return wide + QFontMetrics(theme.font(11)).horizontalAdvance(badge) + 3 * _MARGIN + 4 + ARROW

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
        over = self._over if self._over is not None and self._over.logical == logical else None
        if self.arranging and column is not None:
            self._paint_arrow(painter, rect, name, over is not None and over.part == "sort")
            inner.setRight(inner.right() - ARROW)
        self._paint_name(painter, inner, name, column)
        inner.setRight(rect.right() - _MARGIN + 1)
        if column is not None:
            area = QRectF(inner.x(), inner.y() + 22, inner.width(), 22)
            if over is not None and over.part == "bar":
                painter.fillRect(bar_rect(area, column, over.bar), soft("accent", 0.18))
            self._paint_shape(painter, area, column)
            self._paint_gaps(painter, QRectF(inner.x(), inner.y() + 47, inner.width(), 16), column)
        painter.restore()

    def _paint_arrow(self, painter: QPainter, rect: QRect, name: str, over: bool) -> None:
        sorted_by = self._sort is not None and self._sort.column == name
        icon = "arrows-down-up"
        if sorted_by and self._sort is not None:
            icon = "arrow-down" if self._sort.descending else "arrow-up"
        place = QRect(rect.right() - _MARGIN - 14, rect.y() + 8, 14, 14)
        if over:
            painter.fillRect(place.adjusted(-2, -2, 2, 2), theme.color("hover"))
        theme.icon(icon, "accent" if sorted_by else "muted" if over else "faint").paint(painter, place)

    # ---- what answers to a click

    def zone_at(self, place: QPoint) -> Zone | None:
        """What would answer to a click at this point of the viewport; None where the column is chosen."""
        logical = self.logicalIndexAt(place)
        column = self._columns.get(self.name_at(logical))
        if column is None or not self.arranging:
            return None
        left, width = self.sectionViewportPosition(logical), self.sectionSize(logical)
        inner = QRectF(left + _MARGIN, 0, width - 2 * _MARGIN, HEIGHT)
        x, y = place.x(), place.y()
        if not inner.left() <= x <= inner.right() + 1:
            return None
        if NAME_LINE[0] <= y <= sum(NAME_LINE) + 2:
            return Zone(logical, "sort") if x > inner.right() - ARROW else None
        if SHAPE_LINE[0] <= y <= sum(SHAPE_LINE) and bars_of(column):
            area = QRectF(inner.x(), SHAPE_LINE[0], inner.width(), SHAPE_LINE[1])
            first = bar_rect(area, column, 0)
            bar = int((x - first.x()) / max(0.01, first.width()))
            return Zone(logical, "bar", bar) if bar < bars_of(column) else None
        if column.missing and GAPS_LINE[0] <= y <= sum(GAPS_LINE):
            return Zone(logical, "gaps")
        return None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = (
            self.zone_at(event.position().toPoint()) if event.button() == Qt.MouseButton.LeftButton else None
        )
        if self._pressed is None:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        over = self.zone_at(event.position().toPoint()) if not event.buttons() else self._over
        if over != self._over:
            self._over = over
            self.viewport().update()
        if self._pressed is None:
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        zone, self._pressed = self._pressed, None
        if zone is None:
            super().mouseReleaseEvent(event)
        elif self.zone_at(event.position().toPoint()) == zone:
            if zone.part == "sort":
                self.sort_requested.emit(self.name_at(zone.logical))
            else:
                self.filter_requested.emit(filter_of(zone, self._columns[self.name_at(zone.logical)])[0])

    def leaveEvent(self, event: QEvent) -> None:
        self._over = None
        self.viewport().update()
        super().leaveEvent(event)

    def _paint_name(self, painter: QPainter, inner: QRectF, name: str, column: Any) -> None:
        room = inner.width()
        line = QRectF(inner.x(), inner.y(), inner.width(), 18)
        if column is not None:
            painter.setFont(theme.font(11))
            painter.setPen(theme.color("muted"))
            badge = "target" if name in self._targets else BADGES.get(column.type, "")
            if name in self._targets:
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
            counts = [n for _, n in column.top[:BARS]]
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
        if self.zone_at(event.position().toPoint()) is not None:
            self.mousePressEvent(event)  # the second of two quick clicks is a click
            return
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
        return False

    def _on_menu(self, place: QPoint) -> None:
        logical = self.logicalIndexAt(place)
        if logical >= 0:
            self.menu_requested.emit(self.name_at(logical), self.viewport().mapToGlobal(place))

    def _zone_tip(self, zone: Zone) -> str:
        if zone.part == "sort":
            return "Sort the rows by this column: up, down, as they were. For the eye alone."
        shown, rows = filter_of(zone, self._columns[self.name_at(zone.logical)])
        return f"{shown.text}: {plural(rows, 'row')}. A click shows only these."

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            name = self.name_at(self.logicalIndexAt(event.pos()))
            column = self._columns.get(name)
            zone = self.zone_at(event.pos())
            if zone is not None:
                QToolTip.showText(event.globalPos(), self._zone_tip(zone), self)
            elif name:
                text = name
                if column is not None:
                    gaps, values = figures.count(column.missing), figures.count(column.distinct)
                    text += f"\n{TYPE_WORDS.get(column.type, column.type)}, {gaps} missing, {values} distinct"
                QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().viewportEvent(event)
