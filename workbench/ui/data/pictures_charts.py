"""Small painted charts of a set of pictures: their sizes as points, width across and height up."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from workbench.ui import theme
from workbench.ui.data import figures
from workbench.ui.data.charts import soft

MOST = 2000


class SizeScatter(QWidget):
    """A point a size, the larger the more pictures have it; both axes begin at 0."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sizeScatter")
        self.setAccessibleName("Sizes of the pictures")
        self.setFixedHeight(132)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._sizes: tuple[tuple[tuple[int, int], int], ...] = ()

    def set_data(self, sizes: Sequence[tuple[tuple[int, int], int]]) -> None:
        """((height, width), count), the commonest first."""
        self._sizes = tuple(sizes[:MOST])
        words = (f"{w} × {h}: {figures.count(n)}" for (h, w), n in self._sizes[:6])
        self.setAccessibleDescription(", ".join(words))
        self.update()

    def _area(self) -> QRectF:
        return QRectF(40, 8, self.width() - 48, self.height() - 30)

    def _ends(self) -> tuple[int, int]:
        return max(w for (_, w), _ in self._sizes), max(h for (h, _), _ in self._sizes)

    def _point(self, height: int, width: int) -> QPointF:
        area, (wide, high) = self._area(), self._ends()
        return QPointF(area.x() + area.width() * width / wide, area.bottom() - area.height() * height / high)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._sizes:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area, (wide, high) = self._area(), self._ends()
        painter.setPen(theme.color("line"))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.drawLine(area.topLeft(), area.bottomLeft())
        painter.setPen(theme.color("muted"))
        painter.setFont(theme.font(11, tabular=True))
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(QRectF(0, area.y() - 8, 36, 16), right, figures.count(high))
        below = QRectF(area.x(), area.bottom() + 3, area.width(), 16)
        painter.drawText(below, right, f"{figures.count(wide)} wide")
        painter.drawText(QRectF(0, area.bottom() - 8, 36, 16), right, "0")
        painter.drawText(below, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), "high ↑")
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(soft("accent", 0.55))
        most = self._sizes[0][1]
        for (height, width), n in self._sizes:
            radius = 2.0 + 6.0 * math.sqrt(n / most)
            painter.drawEllipse(self._point(height, width), radius, radius)

    def event(self, event: object) -> bool:
        if isinstance(event, QHelpEvent) and self._sizes:
            there = min(self._sizes, key=lambda one: self._apart(one[0], QPointF(event.pos())))
            if self._apart(there[0], QPointF(event.pos())) <= 12:
                (height, width), n = there
                text = f"{width} × {height}: {figures.plural(n, 'picture')}"
                QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)  # type: ignore[arg-type]

    def _apart(self, size: tuple[int, int], place: QPointF) -> float:
        point = self._point(*size) - place
        return math.hypot(point.x(), point.y())
