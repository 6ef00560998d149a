"""Small painted charts of one column: its histogram and its commonest values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from workbench.core.wording import plural
from workbench.ui import theme
from workbench.ui.data import figures


def soft(name: str, alpha: float) -> QColor:
    """A palette colour made translucent."""
    color = QColor(theme.color(name))
    color.setAlphaF(alpha)
    return color


def paint_bars(painter: QPainter, area: QRectF, counts: Sequence[float], color: QColor, gap: float = 1.0) -> None:
    """Upright bars that fill `area`, the highest reaching its top; one that is not zero is at least a pixel high."""
    top = max(counts, default=0)
    if top <= 0 or not len(counts):
        return
    step = area.width() / len(counts)
    gap = gap if step >= 3 else 0.0
    for i, n in enumerate(counts):
        if n <= 0:
            continue
        high = max(1.0, area.height() * n / top)
        painter.fillRect(QRectF(area.x() + i * step, area.bottom() - high, max(1.0, step - gap), high), color)


class Histogram(QWidget):
    """Counts over edges, with the ends of the axis written below and a read-out under the pointer.

    picked(bar): a click on that bar.
    """

    picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("columnHistogram")
        self.setAccessibleName("Distribution of the column")
        self.setMouseTracking(True)
        self.setFixedHeight(112)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._counts: tuple[int, ...] = ()
        self._edges: tuple[float, ...] = ()
        self._marks: tuple[tuple[str, float], ...] = ()
        self._over = -1
        self.thing = "row"  # what is counted
        self.open_end = False  # the last bar holds what lies beyond it, too

    def set_data(self, counts: Sequence[int], edges: Sequence[float], marks: Sequence[tuple[str, float]] = ()) -> None:
        """marks: (name, value) drawn as thin upright lines: mean, median."""
        self._counts = tuple(int(n) for n in counts)
        self._edges = tuple(float(e) for e in edges)
        self._marks = tuple(marks)
        self._over = -1
        self.update()

    @property
    def edges(self) -> tuple[float, ...]:
        return self._edges

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._over >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(self._over)

    def _area(self) -> QRectF:
        return QRectF(0, 18, self.width(), self.height() - 18 - 18)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._counts:
            return
        painter = QPainter(self)
        area = self._area()
        paint_bars(painter, area, self._counts, soft("accent", 0.75))
        if self._over >= 0:
            step = area.width() / len(self._counts)
            painter.fillRect(QRectF(self._over * step, area.top(), step, area.height()), soft("accent", 0.18))
        painter.setPen(theme.color("line"))
        painter.drawLine(QPointF(0, area.bottom() + 0.5), QPointF(self.width(), area.bottom() + 0.5))
        painter.setFont(theme.font(11, tabular=True))
        painter.setPen(theme.color("muted"))
        low, high = self._edges[0], self._edges[-1]
        first, last = (low + 0.5, high - 0.5) if self._whole() else (low, high)
        below = QRectF(0, area.bottom() + 2, self.width(), 16)
        painter.drawText(below, int(Qt.AlignmentFlag.AlignLeft), figures.figure(first))
        beyond = " and more" if self.open_end else ""
        painter.drawText(below, int(Qt.AlignmentFlag.AlignRight), figures.figure(last) + beyond)
        head = QRectF(0, 0, self.width(), 16)
        if self._over >= 0:
            left, right = self._edges[self._over], self._edges[self._over + 1]
            if self._whole():
                left, right = left + 0.5, right - 0.5
            rows = plural(self._counts[self._over], self.thing)
            span = figures.figure(left) + ("" if left == right else f" to {figures.figure(right)}")
            if self.open_end and self._over == len(self._counts) - 1:
                span = f"{figures.figure(left)} and more"
            painter.setPen(theme.color("text"))
            painter.drawText(head, int(Qt.AlignmentFlag.AlignLeft), f"{span}: {rows}")
            return
        self._paint_marks(painter, area, head, low, high)

    def _whole(self) -> bool:
        """Bars of whole numbers have their edges half way between them."""
        return all(edge % 1 == 0.5 for edge in self._edges)

    def _paint_marks(self, painter: QPainter, area: QRectF, head: QRectF, low: float, high: float) -> None:
        groups: list[tuple[float, list[str]]] = []
        for name, value in sorted(self._marks, key=lambda mark: mark[1]):
            if not (low <= value <= high) or high <= low:
                continue
            x = area.x() + area.width() * (value - low) / (high - low)
            painter.setPen(theme.color("text"))
            painter.drawLine(QPointF(x, area.top() - 2), QPointF(x, area.bottom()))
            if groups and x - groups[-1][0] < painter.fontMetrics().horizontalAdvance("median median"):
                groups[-1] = ((groups[-1][0] + x) / 2, [*groups[-1][1], name])
            else:
                groups.append((x, [name]))
        painter.setPen(theme.color("muted"))
        for x, names in groups:
            text = ", ".join(names)
            wide = painter.fontMetrics().horizontalAdvance(text) + 4
            place = QRectF(min(max(0.0, x - wide / 2), self.width() - wide), head.y(), wide, head.height())
            painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), text)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        n = len(self._counts)
        over = int(event.position().x() / max(1, self.width()) * n) if n else -1
        over = over if 0 <= over < n else -1
        if over != self._over:
            self._over = over
            self.update()

    def leaveEvent(self, event: Any) -> None:
        self._over = -1
        self.update()


class ValueBars(QWidget):
    """Values with how often each occurs, as bars behind the text. A click says which value was meant."""

    picked = Signal(object)
    _ROW = 24

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self._items: tuple[tuple[Any, int], ...] = ()
        self._total = 0
        self._colors: tuple[QColor, ...] = ()
        self._over = -1
        self._chosen: Any = None

    def set_data(self, items: Sequence[tuple[Any, int]], total: int, colors: Sequence[QColor] = ()) -> None:
        """items: (value, count). total: rows the shares are of. colors: one an item; empty: the accent."""
        self._items = tuple(items)
        self._total = total
        self._colors = tuple(colors)
        self._over = -1
        self.setFixedHeight(max(1, len(self._items)) * self._ROW)
        self.setAccessibleDescription(", ".join(f"{value} {figures.count(n)}" for value, n in self._items))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, max(1, len(self._items)) * self._ROW)

    def choose(self, value: Any) -> None:
        self._chosen = value
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        top = max((n for _, n in self._items), default=0)
        plain, small = theme.font(13), theme.font(11, tabular=True)
        for i, (value, n) in enumerate(self._items):
            row = QRectF(0, i * self._ROW, self.width(), self._ROW)
            if i == self._over or (self._chosen is not None and value == self._chosen):
                painter.fillRect(row, theme.color("hover"))
            color = QColor(self._colors[i]) if i < len(self._colors) else QColor(theme.color("accent"))
            color.setAlphaF(0.28)
            painter.fillRect(QRectF(0, row.y() + 2, row.width() * n / top if top else 0, row.height() - 4), color)
            painter.setFont(small)
            painter.setPen(theme.color("muted"))
            amount = f"{figures.count(n)} · {figures.percent(n, self._total)}"
            painter.drawText(
                row.adjusted(0, 0, -6, 0), int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), amount
            )
            room = row.width() - painter.fontMetrics().horizontalAdvance(amount) - 20
            painter.setFont(plain)
            painter.setPen(theme.color("text"))
            text = painter.fontMetrics().elidedText(figures.cell(value), Qt.TextElideMode.ElideMiddle, int(room))
            painter.drawText(
                row.adjusted(6, 0, 0, 0), int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), text
            )

    def _at(self, y: float) -> int:
        i = int(y // self._ROW)
        return i if 0 <= i < len(self._items) else -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        over = self._at(event.position().y())
        if over != self._over:
            self._over = over
            self.update()
            if over >= 0:
                QToolTip.showText(event.globalPosition().toPoint(), figures.cell(self._items[over][0]), self)

    def leaveEvent(self, event: Any) -> None:
        self._over = -1
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        i = self._at(event.position().y())
        if i >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(self._items[i][0])
