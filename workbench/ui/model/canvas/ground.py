"""The dotted ground of the canvas, and its slow move when something is dragged to the edge of what is seen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, QPointF, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPen, QPolygonF

from workbench.ui import theme

DOTS = 32  # pixels between dots at zoom 1
CLOSEST = 14  # pixels between dots on the screen at least
EDGE = 28  # pixels from the edge within which the canvas comes along
STEP_MS = 16
MOST = 14  # pixels a step


class Ground:
    """The dots, kept from paint to paint as long as size and zoom stay."""

    def __init__(self) -> None:
        self._dots: tuple[tuple[int, int, float], QPolygonF] | None = None

    def paint(self, painter: QPainter, rect: QRectF, size: QSize, zoom: float, origin: QPoint) -> None:
        """origin: where the scene's (0, 0) is seen."""
        painter.fillRect(rect, theme.color("surface"))
        gap = DOTS * zoom
        while gap < CLOSEST:
            gap *= 2
        key = (size.width(), size.height(), round(gap, 4))
        if self._dots is None or self._dots[0] != key:
            across, down = int(size.width() / gap) + 2, int(size.height() / gap) + 2
            points = [QPointF(i * gap, j * gap) for i in range(across) for j in range(down)]
            self._dots = (key, QPolygonF(points))
        painter.save()
        painter.resetTransform()
        painter.translate(origin.x() % gap - gap, origin.y() % gap - gap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(theme.color("line"), 2))
        painter.drawPoints(self._dots[1])
        painter.restore()


class EdgePan(QObject):
    """Moves the canvas while the pointer, with something in hand, is held at the edge of the view.

    move(pixels across, pixels down): what is seen is to go that far; afterwards the hand is over another place.
    """

    def __init__(self, parent: QObject, move: Callable[[int, int], None]) -> None:
        super().__init__(parent)
        self._move = move
        self._speed = (0, 0)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(STEP_MS)
        self._timer.timeout.connect(self.step)

    @property
    def going(self) -> bool:
        return self._timer.isActive()

    def held_at(self, place: QPoint, seen: QRect) -> None:
        """The pointer is there, with something in hand."""
        self._speed = (
            _speed(place.x() - seen.left(), seen.right() - place.x()),
            _speed(place.y() - seen.top(), seen.bottom() - place.y()),
        )
        if self._speed == (0, 0):
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start()

    def let_go(self) -> None:
        self._timer.stop()

    def step(self) -> None:
        """One step in the direction of the edge."""
        self._move(*self._speed)


def _speed(before: int, behind: int) -> int:
    """Pixels a step: the faster, the nearer to an edge or the further beyond it."""
    if before < EDGE:
        return -min(MOST, 1 + (EDGE - before) // 3)
    if behind < EDGE:
        return min(MOST, 1 + (EDGE - behind) // 3)
    return 0
