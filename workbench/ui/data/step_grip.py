"""The handle by which a card of the recipe is dragged."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from workbench.ui import theme


class Grip(QWidget):
    """The handle a card is dragged by. Positions are global."""

    started = Signal()
    moved = Signal(QPoint)
    dropped = Signal(QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("stepGrip")
        self.setAccessibleName("Drag to move this step")
        self.setToolTip("Drag to move this step")
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setFixedSize(14, 22)
        self._pressed: QPoint | None = None
        self._dragging = False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme.icon("dots-six-vertical", "muted").paint(painter, self.rect().adjusted(-2, 2, 2, -2))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.globalPosition().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            return
        place = event.globalPosition().toPoint()
        if not self._dragging and (place - self._pressed).manhattanLength() >= 6:
            self._dragging = True
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.started.emit()
        if self._dragging:
            self.moved.emit(place)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        dragged, self._pressed, self._dragging = self._dragging, None, False
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        if dragged:
            self.dropped.emit(event.globalPosition().toPoint())
