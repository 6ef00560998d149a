"""A learning rate schedule as a small curve over the whole run. UI thread only."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.core.catalog import Catalog, is_number
from workbench.core.project import TrainSpec
from workbench.core.schedule_length import RATE, in_words, length_of
from workbench.core.schedules import ended_at, rates
from workbench.ui import theme
from workbench.ui.readable import learning_rate

HEIGHT = 84
LATE = 0.9  # of the run: a schedule that ends later ends with it


def schedule_in_words(train: TrainSpec, rows: int, catalog: Catalog) -> str:
    """How a schedule follows the run, or that it ends well before it does; "" for a plain rate. rows: to train on."""
    value, length = train.optimizer_params.get(RATE), length_of(train, rows)
    try:
        told, end = in_words(value, length, catalog), ended_at(value, catalog, length)
    except (TypeError, ValueError):  # typed halfway
        return ""
    if end is None or end > LATE * length:
        return told
    epoch = end * train.epochs // length + 1
    return f"{told} From epoch {epoch} of {train.epochs} on the rate is next to nothing.".strip()


class ScheduleCurve(QWidget):
    """Hidden while the rate is a number."""

    def __init__(self, catalog: Catalog, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("scheduleCurve")
        self.setAccessibleName("The learning rate over the run")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._catalog = catalog
        self._rates = np.zeros(0)
        self._epochs = 0
        self._key: Any = None
        self.hide()
        theme.notifier.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(220, HEIGHT)

    def show_schedule(self, value: Any, epochs: int, steps_per_epoch: int) -> None:
        """value: of the setting. steps_per_epoch: 0 when the data is not known yet: then nothing is drawn."""
        key = (repr(value), epochs, steps_per_epoch)
        if key == self._key:
            return
        self._key, self._epochs = key, epochs
        found = None
        if value is not None and not is_number(value) and steps_per_epoch:
            total = max(1, epochs * steps_per_epoch)
            found = rates(value, np.unique(np.linspace(0, total - 1, min(total, 400)).round()), self._catalog, total)
        self._rates = found if found is not None and np.isfinite(found).all() else np.zeros(0)
        self.setVisible(len(self._rates) > 0)
        if len(self._rates):
            first, last = (learning_rate(float(self._rates[at])) for at in (0, -1))
            told = f"From {first} to {last} in {epochs} epochs"
            self.setAccessibleDescription(told)
            self.setToolTip(told)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        values = self._rates
        if not len(values):
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(11, tabular=True))
        line = painter.fontMetrics().height()
        area = QRectF(4, line + 2, self.width() - 8, self.height() - 2 * line - 6)
        painter.setPen(QPen(theme.color("grid"), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        top = float(values.max()) or 1.0
        count = max(1, len(values) - 1)
        points = [
            QPointF(area.left() + area.width() * i / count, area.bottom() - area.height() * float(v) / top)
            for i, v in enumerate(values)
        ]
        painter.setPen(QPen(theme.color("accent"), 2))
        painter.drawPolyline(QPolygonF(points))
        painter.setPen(theme.color("muted"))
        painter.drawText(
            QRectF(4, 0, self.width() - 8, line), Qt.AlignmentFlag.AlignLeft, f"at most {learning_rate(top)}"
        )
        below = QRectF(4, self.height() - line - 1, self.width() - 8, line)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, "start")
        end = f"epoch {self._epochs}: {learning_rate(float(values[-1]))}"
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, end)
