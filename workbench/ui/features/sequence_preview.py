"""A few windows as the network sees them: scaled, padded, with what is to be answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.core.one_line import one_line
from workbench.ui import theme
from workbench.ui.data import figures
from workbench.ui.data.series_paint import colors, paint_lines, span

HIGH, WIDE, GAP = 116, 232, 12


class SequencePreview(QWidget):
    """Training windows side by side, as many as there is room for in two rows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sequencePreview")
        self.setAccessibleName("Training windows as the network sees them")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(2 * (HIGH + GAP))
        self.windows: tuple[tuple[Any, str, str, int], ...] = ()
        theme.notifier.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(3 * (WIDE + GAP), 2 * (HIGH + GAP))

    def show_windows(self, windows: Sequence[tuple[Any, str, str, int]]) -> None:
        """(scaled values (length, channels), where it is from, the answer, class number or -1) of each."""
        self.windows = tuple(windows)
        self.setAccessibleDescription("; ".join(f"{where}: {answer}" for _, where, answer, _ in self.windows))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        across = max(1, (self.width() + GAP) // (WIDE + GAP))
        wide = (self.width() - GAP * (across - 1)) / across
        shown = self.windows[: 2 * across]
        if not shown:
            return
        limits = _limits([values for values, _, _, _ in shown])
        for i, (values, where, answer, number) in enumerate(shown):
            box = QRectF((i % across) * (wide + GAP), (i // across) * (HIGH + GAP), wide, HIGH)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("surface"))
            painter.drawRoundedRect(box, 4, 4)
            area = box.adjusted(8, 26, -8, -24)
            zero = area.bottom() - (0 - limits[0]) / (limits[1] - limits[0]) * area.height()
            if area.top() <= zero <= area.bottom():
                painter.setPen(QPen(theme.color("line"), 1))
                painter.drawLine(QPointF(area.left(), zero), QPointF(area.right(), zero))
            painter.setClipRect(box.adjusted(0, 24, 0, -22))
            paint_lines(painter, area, values, limits, colors(values.shape[1]), 1.2)
            painter.setClipping(False)
            left = box.x() + 8
            if number >= 0:
                painter.fillRect(QRectF(left, box.y() + 10, 8, 8), theme.class_color(number))
                left += 14
            painter.setPen(theme.color("text"))
            painter.setFont(theme.font(13))
            self._line(painter, QRectF(left, box.y() + 4, box.right() - left - 8, 20), answer)
            painter.setPen(theme.color("muted"))
            painter.setFont(theme.font(11, tabular=True))
            self._line(painter, QRectF(box.x() + 8, box.bottom() - 21, wide - 16, 18), where)

    def _line(self, painter: QPainter, place: QRectF, text: str) -> None:
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, int(place.width()))
        painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), shown)


def _limits(shown: Sequence[Any]) -> tuple[float, float]:
    """One scale for all, so that they can be compared; a few spikes do not make the rest flat."""
    every = np.concatenate([values.ravel() for values in shown])
    low, high = span(np.quantile(every, (0.01, 0.99)))
    return low - 0.1 * (high - low), high + 0.1 * (high - low)


def sample_windows(data: Any, plan: Any, count: int = 8) -> tuple[tuple[Any, str, str, int], ...]:
    """Training windows of different classes, or from all over the training part, to be shown. On a job's thread."""
    from workbench.core.data.sequence_answers import fitted_of, window_names
    from workbench.core.data.sequence_windows import windows

    made = plan.series
    train = np.unique(plan.rows["train"])
    if made is None or not len(train):
        return ()
    target = plan.preprocessor.target
    if target.classes:
        own = made.labels[train]
        firsts = [train[own == k] for k in np.unique(own)]
        chosen = np.array([rows[len(rows) // 2] for rows in firsts][:count])
    else:
        chosen = train[np.linspace(0, len(train) - 1, min(count, len(train))).astype(int)]
    chosen = np.sort(chosen)
    fitted = fitted_of(plan.preprocessor)
    names = window_names(data, made.cuts, chosen, fitted.feature.length)
    values = np.concatenate([x for _, x in windows(data, made.cuts, chosen, fitted)])
    out = []
    for i, row in enumerate(chosen.tolist()):
        if target.classes:
            number = int(made.labels[row])
            out.append((values[i], names[i], one_line(target.classes[number]), number))
        else:
            value = float(made.labels[row, 0]) * target.scale + target.offset
            out.append((values[i], names[i], f"{target.name} {figures.figure(value)}", -1))
    return tuple(out)
