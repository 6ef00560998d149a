"""One series large, with its windows marked and a read-out under the pointer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.ui import theme
from workbench.ui.data import figures
from workbench.ui.data.series_paint import MOST_CHANNELS, colors, paint_lines, span, ticks

LEFT, RIGHT, TOP, BOTTOM = 48, 12, 26, 40
TWO_DAYS = 172_800.0
MARK = 14  # height of the band in which windows are marked


class SeriesPlot(QWidget):
    """Lines of all channels over steps or seconds. `windows`: (first, last step) of each, marked below the lines."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("seriesPlot")
        self.setAccessibleName("The chosen series")
        self.setMouseTracking(True)
        self.setMinimumHeight(150)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.values: Any = np.zeros((0, 1))
        self.channels: tuple[str, ...] = ()
        self.windows: tuple[tuple[int, int], ...] = ()
        self._rate = 0.0
        self._since = 0.0
        self._empty = "Choose a series to see it here."
        self._over = -1
        theme.notifier.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(480, 240)

    def show_series(
        self,
        values: Any,
        channels: Sequence[str],
        windows: Sequence[tuple[int, int]] = (),
        rate: float = 0.0,
        since: float = 0.0,
    ) -> None:
        """values: (steps, channels). windows: first and last step; a first one below 0 is padding. rate: steps a
        second, for a scale in seconds; 0 for one in steps. since: when it begins, in seconds since 1970, for a scale
        of dates; 0 for none."""
        self.values, self.channels, self.windows, self._rate = values, tuple(channels), tuple(windows), rate
        self._since = since if rate > 0 and len(values) / rate > TWO_DAYS else 0.0
        self._over = -1
        self.setAccessibleDescription(f"{len(values):,} steps, channels {', '.join(self.channels[:8])}")
        self.update()

    def show_nothing(self, text: str) -> None:
        self.show_series(np.zeros((0, 1)), ())
        self._empty = text

    # ---- where things are

    def _area(self) -> QRectF:
        low = BOTTOM if self.windows else BOTTOM - MARK
        return QRectF(LEFT, TOP, max(1, self.width() - LEFT - RIGHT), max(1, self.height() - TOP - low))

    def _x(self, step: float) -> float:
        area = self._area()
        return area.x() + area.width() * step / max(1, len(self.values) - 1)

    # ---- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(11, tabular=True))
        if not len(self.values):
            painter.setPen(theme.color("muted"))
            painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), self._empty)
            return
        area = self._area()
        low, high = span(self.values)
        room = 0.04 * (high - low)
        limits = (low - room, high + room)
        self._paint_axes(painter, area, limits)
        self._paint_windows(painter, area)
        paint_lines(painter, area, self.values, limits, colors(self.values.shape[1]), 1.2)
        self._paint_head(painter, area)

    def _paint_axes(self, painter: QPainter, area: QRectF, limits: tuple[float, float]) -> None:
        line = QPen(theme.color("line"), 1)
        for value in ticks(*limits, max(2, int(area.height() // 36))):
            y = area.bottom() - (value - limits[0]) / (limits[1] - limits[0]) * area.height()
            painter.setPen(line)
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(theme.color("muted"))
            place = QRectF(0, y - 8, LEFT - 6, 16)
            painter.drawText(
                place, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), figures.figure(value)
            )
        last = max(1, len(self.values) - 1)
        end = last / self._rate if self._rate > 0 else float(last)
        below = area.bottom() + (MARK if self.windows else 0) + 4
        for value in ticks(0, end, max(2, int(area.width() // 90))):
            if not self._rate and value != int(value):
                continue
            x = self._x(value * self._rate if self._rate > 0 else value)
            place = QRectF(min(max(x - 40, area.left() - 40), self.width() - 80), below, 80, 16)
            text = self._when(value)
            painter.setPen(theme.color("muted"))
            painter.drawText(place, int(Qt.AlignmentFlag.AlignHCenter), text)

    def _when(self, value: float, exact: bool = False) -> str:
        """A place on the scale: a date, seconds, or a step."""
        if self._since:
            day = datetime(1970, 1, 1) + timedelta(seconds=self._since + value)
            return f"{day:%Y-%m-%d}"
        if self._rate > 0:
            return f"{value:.2f} s" if exact else f"{figures.figure(value)} s"
        return f"step {figures.count(round(value))}" if exact else figures.figure(value)

    def _paint_windows(self, painter: QPainter, area: QRectF) -> None:
        """Windows as bars below the lines, in turns light and strong; the one under the pointer as a band behind."""
        if not self.windows:
            return
        strong, soft = QColor(theme.color("accent")), QColor(theme.color("accent"))
        strong.setAlphaF(0.8)
        soft.setAlphaF(0.35)
        rows = self._rows()
        height = MARK / max(1, rows)
        if len(self.windows) > area.width():  # too many to part
            painter.fillRect(QRectF(area.x(), area.bottom() + 3, area.width(), MARK - 6), soft)
            return
        for number, (first, last) in enumerate(self.windows):
            x, end = self._x(max(0, first)), self._x(last)
            y = area.bottom() + 2 + (number % rows) * height
            box = QRectF(x, y, max(1.5, end - x), max(1.5, height - 1.5))
            painter.fillRect(box, strong if number % 2 == 0 else soft)
        over = self.window_at(self._over)
        if over >= 0:
            first, last = self.windows[over]
            band = QColor(theme.color("accent"))
            band.setAlphaF(0.12)
            x = self._x(max(0, first))
            painter.fillRect(QRectF(x, area.top(), max(1.5, self._x(last) - x), area.height()), band)

    def _rows(self) -> int:
        """Lines of bars, so that windows that overlap do not hide each other."""
        if len(self.windows) < 2:
            return 1
        (first, last), (second, _) = self.windows[0], self.windows[1]
        return int(min(5, max(1, -(-(last - max(0, first) + 1) // max(1, second - first)))))

    def window_at(self, step: int) -> int:
        """Number of the first window that holds the step, -1 for none."""
        if step < 0:
            return -1
        return next((i for i, (first, last) in enumerate(self.windows) if first <= step <= last), -1)

    def _paint_head(self, painter: QPainter, area: QRectF) -> None:
        names = [painter.fontMetrics().horizontalAdvance(n) + 28 for n in self.channels[:MOST_CHANNELS]]
        x = float(LEFT) if self._over < 0 and LEFT + sum(names) < self.width() - RIGHT else 8.0
        tints = colors(self.values.shape[1])
        step = self._over
        if step >= 0:
            painter.setPen(QPen(theme.color("muted"), 1))
            painter.drawLine(QPointF(self._x(step), area.top()), QPointF(self._x(step), area.bottom()))
            when = self._when(step / self._rate if self._rate > 0 else step, exact=True)
            painter.setPen(theme.color("muted"))
            painter.drawText(QPointF(x, 16), when)
            x += painter.fontMetrics().horizontalAdvance(when) + 14
        for i, name in enumerate(self.channels[:MOST_CHANNELS]):
            text = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, 120)
            if step >= 0:
                text += f" {figures.figure(float(self.values[step, i]))}"
            wide = painter.fontMetrics().horizontalAdvance(text)
            if x + wide + 14 > self.width() - 30 and i:
                painter.setPen(theme.color("muted"))
                painter.drawText(QPointF(x, 16), f"+ {len(self.channels) - i}")
                return
            painter.fillRect(QRectF(x, 10.5, 10, 3), tints[i])
            painter.setPen(theme.color("text"))
            painter.drawText(QPointF(x + 14, 16), text)
            x += wide + 28
        if len(self.channels) > MOST_CHANNELS:
            painter.setPen(theme.color("muted"))
            painter.drawText(QPointF(x, 16), f"+ {len(self.channels) - MOST_CHANNELS}")

    # ---- the pointer

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        area = self._area()
        inside = len(self.values) and area.left() <= event.position().x() <= area.right()
        share = (event.position().x() - area.left()) / area.width()
        over = round(share * (len(self.values) - 1)) if inside else -1
        if over != self._over:
            self._over = over
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._over = -1
        self.update()
