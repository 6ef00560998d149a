"""Series as a virtual list: a small plot, the name, class and length of each; only what is in sight is drawn."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from workbench.core.one_line import one_line
from workbench.core.wording import plural
from workbench.ui import theme
from workbench.ui.data.series_paint import colors, paint_lines, span, thinned

ROW, PLOT, KEPT = 52, 168, 400
PARTS = ("", "test part", "validation part")


class SeriesList(QAbstractScrollArea):
    """chosen(number): a series was clicked or reached by the keys."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("seriesList")
        self.setAccessibleName("Series")
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setMouseTracking(True)
        self.order = np.zeros(0, np.int64)
        self.current = -1
        self._data: Any = None
        self._without: frozenset[str] = frozenset()
        self._over = -1
        self._drawn: OrderedDict[tuple[int, int, bool], QPixmap] = OrderedDict()
        theme.notifier.changed.connect(self._repaint)

    def set_data(self, data: Any) -> None:
        """Another SeriesData; None for none."""
        if data is self._data:
            return
        self._data = data
        self.current = -1
        self._drawn.clear()
        self.set_order(np.arange(0 if data is None else len(data)))

    def set_order(self, order: Any) -> None:
        """Which series, in which order (numbers of the SeriesData)."""
        self.order = np.asarray(order)
        self.verticalScrollBar().setValue(0)
        self._set_range()
        self.viewport().update()

    def set_without(self, names: Any) -> None:
        """Names of series that are left out; shown pale."""
        if frozenset(names) != self._without:
            self._without = frozenset(names)
            self.viewport().update()

    def choose(self, number: int) -> None:
        """Make a series the current one and bring it into sight."""
        self.current = number
        found = np.flatnonzero(self.order == number)
        if len(found):
            top = int(found[0]) * ROW
            bar = self.verticalScrollBar()
            if top < bar.value():
                bar.setValue(top)
            elif top + ROW > bar.value() + self.viewport().height():
                bar.setValue(top + ROW - self.viewport().height())
        self.viewport().update()

    def _repaint(self) -> None:
        self._drawn.clear()
        self.viewport().update()

    def _set_range(self) -> None:
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, len(self.order) * ROW - self.viewport().height()))
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(ROW)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._set_range()

    def sizeHint(self) -> QSize:
        return QSize(480, 320)

    # ---- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), theme.color("surface"))
        if self._data is None:
            return
        if not len(self.order):
            painter.setPen(theme.color("muted"))
            painter.drawText(self.viewport().rect(), int(Qt.AlignmentFlag.AlignCenter), "No series of this kind.")
            return
        top = self.verticalScrollBar().value()
        first = top // ROW
        last = min(len(self.order), -(-(top + self.viewport().height()) // ROW))
        for place in range(first, last):
            self._paint_row(painter, place, QRectF(0, place * ROW - top, self.viewport().width(), ROW))

    def _paint_row(self, painter: QPainter, place: int, row: QRectF) -> None:
        number = int(self.order[place])
        data = self._data
        if number == self.current:
            painter.fillRect(row, theme.color("selected"))
        elif place == self._over:
            painter.fillRect(row, theme.color("hover"))
        painter.setPen(theme.color("line"))
        painter.drawLine(row.bottomLeft(), row.bottomRight())
        left_out = data.name(number) in self._without
        painter.setOpacity(0.45 if left_out else 1.0)
        wide = min(PLOT, int(row.width() * 0.4))
        painter.drawPixmap(int(row.x()) + 12, int(row.y()) + 6, self._small(number, wide, ROW - 12))
        label = int(data.labels[number])
        x = row.x() + wide + 26
        room = int(row.right() - x - 12)
        painter.setPen(theme.color("text"))
        painter.setFont(theme.font(13))
        name = painter.fontMetrics().elidedText(data.name(number), Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(QRectF(x, row.y() + 7, room, 20), int(Qt.AlignmentFlag.AlignVCenter), name)
        painter.setFont(theme.font(11, tabular=True))
        painter.setPen(theme.color("muted"))
        steps = int(data.starts[number + 1] - data.starts[number])
        group = int(data.group[number]) if data.group is not None else -1
        parts = [
            plural(steps, "step"),
            data.groups[group] if group >= 0 else "",
            PARTS[int(data.parts[number])],
            "left out" if left_out else "",
        ]
        if label >= 0:
            painter.fillRect(QRectF(x, row.y() + 33, 8, 8), theme.class_color(label))
            middle = Qt.TextElideMode.ElideMiddle
            parts.insert(0, painter.fontMetrics().elidedText(one_line(data.classes[label]), middle, max(60, room // 2)))
        at = x + (13 if label >= 0 else 0)
        text = painter.fontMetrics().elidedText(
            " · ".join(p for p in parts if p), Qt.TextElideMode.ElideRight, int(row.right() - at - 12)
        )
        painter.drawText(QRectF(at, row.y() + 28, room, 18), int(Qt.AlignmentFlag.AlignVCenter), text)
        painter.setOpacity(1.0)

    def _small(self, number: int, width: int, height: int) -> QPixmap:
        key = (number, width, theme.is_dark())
        kept = self._drawn.get(key)
        if kept is not None:
            self._drawn.move_to_end(key)
            return kept
        ratio = self.devicePixelRatioF()
        made = QPixmap(round(width * ratio), round(height * ratio))
        made.setDevicePixelRatio(ratio)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        values = thinned(self._data.series(number))
        area = QRectF(0.5, 2, width - 1, height - 4)
        paint_lines(painter, area, values, span(values), colors(values.shape[1]))
        painter.end()
        self._drawn[key] = made
        while len(self._drawn) > KEPT:
            self._drawn.popitem(last=False)
        return made

    # ---- mouse and keys

    def _at(self, y: float) -> int:
        place = int((y + self.verticalScrollBar().value()) // ROW)
        return place if 0 <= place < len(self.order) else -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        over = self._at(event.position().y())
        if over != self._over:
            self._over = over
            self.viewport().setToolTip(self._data.name(int(self.order[over])) if over >= 0 else "")
            self.viewport().update()

    def leaveEvent(self, event: Any) -> None:
        self._over = -1
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._at(event.position().y())
        if place >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self._take(place)

    def _take(self, place: int) -> None:
        self.choose(int(self.order[place]))
        self.chosen.emit(self.current)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        page = max(1, self.viewport().height() // ROW - 1)
        moves = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_Home: -len(self.order),
            Qt.Key.Key_End: len(self.order),
        }
        step = moves.get(Qt.Key(event.key()))
        if step is None or not len(self.order):
            super().keyPressEvent(event)
            return
        found = np.flatnonzero(self.order == self.current)
        here = int(found[0]) if len(found) else -1
        self._take(min(max(here + step, 0), len(self.order) - 1))
