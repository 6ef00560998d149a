"""The drawing pad: pen, eraser, brush size, strokes that can be undone. UI thread only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.ui import theme

SIDE = 280  # pixels of the longer side of the ink; fine enough for nets of 10 times fewer


@dataclass(frozen=True)
class Stroke:
    """points: (n, 2) x and y in pixels of the ink. width: of the brush, in the same. erases: with the eraser."""

    points: tuple[tuple[float, float], ...]
    width: float
    erases: bool


class Pad(QWidget):
    """`changed()` after every bit of a stroke, an undo or a clear; `ink()` is what lies on the paper."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pad")
        self.setAccessibleName("Drawing pad")
        self.setAccessibleDescription("Draw with the mouse. Delete clears, Ctrl+Z takes the last stroke back.")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 160)
        self.brush = 22.0
        self.erasing = False
        self.bright_ink = True
        self.hint = "Draw here"
        self.strokes: tuple[Stroke, ...] = ()
        self._undone: list[tuple[Stroke, ...]] = []
        self._points: list[tuple[float, float]] = []
        self._ink = QImage()
        self._over: QPointF | None = None
        self.setMouseTracking(True)
        self.set_aspect(1, 1)
        theme.notifier.changed.connect(self.update)

    # ---- what lies on it ---------------------------------------------------------------------------------------

    def set_aspect(self, height: int, width: int) -> None:
        """The shape of the paper, that of the net's input. Another shape clears the pad."""
        scale = SIDE / max(height, width)
        size = QSize(max(8, round(width * scale)), max(8, round(height * scale)))
        if size != self._ink.size():
            self._ink = QImage(size, QImage.Format.Format_Grayscale8)
            self.strokes = ()
            self._render()

    def ink(self) -> np.ndarray:
        """uint8 (h, w): 0 paper, 255 ink."""
        image = self._ink
        raw = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
        return raw[:, : image.width()].copy()

    @property
    def empty(self) -> bool:
        return not self.strokes and not self._points

    def clear(self) -> None:
        """Take everything away; undo brings it back."""
        if self.strokes:
            self._remember()
            self.strokes = ()
            self._render()
            self.changed.emit()

    def undo(self) -> None:
        """Back to before the last stroke or clear."""
        if self._undone:
            self.strokes = self._undone.pop()
            self._render()
            self.changed.emit()

    @property
    def can_undo(self) -> bool:
        return bool(self._undone)

    def _remember(self) -> None:
        self._undone.append(self.strokes)
        del self._undone[:-200]

    def _render(self) -> None:
        self._ink.fill(0)
        for stroke in self.strokes:
            self._stroke(stroke)
        self.update()

    def _stroke(self, stroke: Stroke) -> None:
        painter = QPainter(self._ink)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tone = QColor(0, 0, 0) if stroke.erases else QColor(255, 255, 255)
        round_cap, round_join = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
        painter.setPen(QPen(tone, stroke.width, Qt.PenStyle.SolidLine, round_cap, round_join))
        points = [QPointF(x, y) for x, y in stroke.points]
        if len(points) == 1:
            painter.drawPoint(points[0])
        else:
            painter.drawPolyline(points)
        painter.end()

    # ---- on the screen -----------------------------------------------------------------------------------------

    def paper(self) -> QRectF:
        """Where the paper lies in the widget: as large as it goes, centred."""
        scale = min(self.width() / self._ink.width(), self.height() / self._ink.height())
        width, height = self._ink.width() * scale, self._ink.height() * scale
        return QRectF((self.width() - width) / 2, 0, width, height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.setMaximumHeight(max(self.minimumHeight(), self.heightForWidth(self.width())))

    def sizeHint(self) -> QSize:
        return QSize(280, 280)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return round(width * self._ink.height() / max(1, self._ink.width()))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        area = self.paper()
        shown = QImage(self._ink)
        if not self.bright_ink:
            shown = shown.copy()
            shown.invertPixels()
        painter.drawImage(area, shown)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.color("accent" if self.hasFocus() else "edge"), 1))
        painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5))
        if self.empty:
            painter.setPen(QColor(150, 155, 165) if self.bright_ink else QColor(110, 115, 125))
            painter.setFont(theme.font(16))
            painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter), self.hint)
        if self._over is not None and self.isEnabled():
            radius = self.brush * area.width() / self._ink.width() / 2
            line = Qt.PenStyle.DashLine if self.erasing else Qt.PenStyle.SolidLine
            painter.setPen(QPen(QColor(128, 128, 128), 1, line))
            painter.drawEllipse(self._over, radius, radius)
        painter.end()

    # ---- the hand ----------------------------------------------------------------------------------------------

    def _at(self, where: QPointF) -> tuple[float, float]:
        area = self.paper()
        scale = self._ink.width() / max(area.width(), 1.0)
        return (where.x() - area.x()) * scale, (where.y() - area.y()) * scale

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            return
        self._erasing_now = self.erasing or event.button() == Qt.MouseButton.RightButton
        self._points = [self._at(event.position())]
        self._stroke(Stroke(tuple(self._points), self.brush, self._erasing_now))
        self.update()
        self.changed.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._over = event.position()
        if self._points:
            self._points.append(self._at(event.position()))
            self._stroke(Stroke(tuple(self._points[-2:]), self.brush, self._erasing_now))
            self.changed.emit()
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not self._points:
            return
        self._remember()
        self.strokes = (*self.strokes, Stroke(tuple(self._points), self.brush, self._erasing_now))
        self._points = []
        self._render()
        self.changed.emit()

    def leaveEvent(self, event: QEvent) -> None:
        self._over = None
        self.update()

    def event(self, event: QEvent) -> bool:
        # while the pad has the focus, undo is the pad's own and not the project's
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._own_key(event):
            event.accept()
            return True
        return super().event(event)

    @staticmethod
    def _own_key(event: QKeyEvent) -> bool:
        undo = event.key() == Qt.Key.Key_Z and event.modifiers() == Qt.KeyboardModifier.ControlModifier
        return undo or event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._own_key(event):
            super().keyPressEvent(event)
        elif event.key() == Qt.Key.Key_Z:
            self.undo()
        else:
            self.clear()
