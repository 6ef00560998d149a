"""Small painted charts of a set of pictures: their sizes as points, width across and height up."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from workbench.core.wording import plural
from workbench.ui import theme
from workbench.ui.data import figures
from workbench.ui.data.charts import soft

MOST = 2000
FAR = 30
LEFT = 48


class SizeScatter(QWidget):
    """A point a size, the larger the more pictures have it. Both axes begin at 0; sizes that differ by far stand on
    logarithmic ones, which begin at 1."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sizeScatter")
        self.setAccessibleName("Sizes of the pictures")
        self.setFixedHeight(132)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._sizes: tuple[tuple[tuple[int, int], int], ...] = ()
        self._log = False

    def set_data(self, sizes: Sequence[tuple[tuple[int, int], int]]) -> None:
        """((height, width), count), the commonest first."""
        self._sizes = tuple(sizes[:MOST])
        sides = [side for size, _ in self._sizes for side in size]
        self._log = bool(sides) and max(sides) > FAR * min(sides)
        words = (f"{w} × {h}: {figures.count(n)}" for (h, w), n in self._sizes[:6])
        self.setAccessibleDescription(", ".join(words))
        self.update()

    def _area(self) -> QRectF:
        return QRectF(LEFT, 8, self.width() - LEFT - 10, self.height() - 30)

    def _ends(self) -> tuple[int, int]:
        return max(w for (_, w), _ in self._sizes), max(h for (h, _), _ in self._sizes)

    def _point(self, height: int, width: int) -> QPointF:
        area, (wide, high) = self._area(), self._ends()
        across, up = self._share(width, wide), self._share(height, high)
        return QPointF(area.x() + area.width() * across, area.bottom() - area.height() * up)

    def _share(self, value: int, end: int) -> float:
        return math.log(value) / math.log(end) if self._log and end > 1 else value / end

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
        painter.drawText(QRectF(0, area.y() - 8, LEFT - 4, 16), right, figures.count(high))
        below = QRectF(area.x(), area.bottom() + 3, area.width(), 16)
        painter.drawText(below, right, f"{figures.count(wide)} wide")
        painter.drawText(QRectF(0, area.bottom() - 8, LEFT - 4, 16), right, "1" if self._log else "0")
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
                text = f"{width} × {height}: {plural(n, 'picture')}"
                QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)  # type: ignore[arg-type]

    def _apart(self, size: tuple[int, int], place: QPointF) -> float:
        point = self._point(*size) - place
        return math.hypot(point.x(), point.y())
