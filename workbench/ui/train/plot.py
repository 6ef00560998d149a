"""One of the two plots of the curves, with its axes, labels and marks; and the view that holds both. UI thread only."""

from __future__ import annotations

import time
from typing import Protocol

import pyqtgraph as pg
from pyqtgraph.GraphicsScene.mouseEvents import MouseDragEvent
from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QRegion, QTransform
from PySide6.QtWidgets import QWidget

from workbench.ui import theme
from workbench.ui.train.ink import Ink
from workbench.ui.train.plot_parts import EndLabels, RoundAxis, adopt_menu, whole

AXIS_WIDTH = 68


class Painted(Protocol):
    """An item of the scene that covers its place: nothing else is painted there."""

    def deviceTransform(self, view: QTransform) -> QTransform: ...

    def boundingRect(self) -> QRectF: ...

    def paint_part(self, painter: QPainter, exposed: QRectF) -> None:
        """All that is to be seen in a part of its place, whatever was there."""


class Plots(pg.GraphicsLayoutWidget):
    """The graphics view: tells when the pointer leaves, and takes keys."""

    left = Signal()
    pressed = Signal(int)

    painted = 0.0
    """Seconds that the last picture took to paint that was not only the end of a line."""

    painted_end = 0.0
    """Seconds that the last one took that was only of such parts."""

    drawn = 0
    """Pictures so far."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts: list[tuple[Painted, QRectF]] = []
        self._alone = QRegion()
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # else Qt wipes each part before

    def paint_soon(self, item: Painted, part: QRectF) -> None:
        """Paint a part of what covers its own place in the scene, and only that: where nothing else is to be painted,
        the scene is not asked for all that is in it, which takes longer than to paint the ends of lines."""
        moved = item.deviceTransform(self.viewportTransform())
        place = moved.mapRect(part).toAlignedRect() & moved.mapRect(whole(item.boundingRect(), moved)).toRect()
        self._parts.append((item, QRectF(place).translated(-moved.dx(), -moved.dy())))
        self._alone = self._alone.united(place)
        self.viewport().update(place)

    def paintEvent(self, event: QPaintEvent) -> None:
        began = time.thread_time()
        parts, alone = self._parts, self._alone
        self._parts, self._alone = [], QRegion()
        if parts and event.region().subtracted(alone).isEmpty():
            painter = QPainter(self.viewport())
            for item, part in parts:
                painter.setTransform(item.deviceTransform(self.viewportTransform()))
                item.paint_part(painter, part)
            painter.end()
            self.painted_end = time.thread_time() - began
        else:
            super().paintEvent(event)
            part = event.region().boundingRect().size()
            if 2 * part.width() * part.height() > self.viewport().width() * self.viewport().height():
                self.painted = time.thread_time() - began
        self.drawn += 1

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Home, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Plus, Qt.Key.Key_Minus):
            self.pressed.emit(int(event.key()))
            event.accept()
        else:
            super().keyPressEvent(event)


class TimeBox(pg.ViewBox):
    """Time goes across: a drag with the left button chooses a stretch of it, with the middle one it moves.

    `sigStretch(from, to, over)`: in epochs; over: the hand has let go.
    """

    sigStretch = Signal(float, float, bool)

    def mouseDragEvent(self, event: MouseDragEvent, axis: int | None = None) -> None:
        if axis == 1:  # values are as high as they are
            event.ignore()
        elif event.button() == Qt.MouseButton.LeftButton and axis is None:
            event.accept()
            begin, end = self.mapToView(event.buttonDownPos()), self.mapToView(event.pos())
            self.sigStretch.emit(begin.x(), end.x(), event.isFinish())
        else:
            super().mouseDragEvent(event, axis)


class Plot:
    """One of the two plots: axes, labels at the ends of the lines, and what is drawn between (`ink`)."""

    def __init__(self, view: Plots, row: int) -> None:
        self.left = RoundAxis("left")
        self.bottom = RoundAxis("bottom")
        self.bottom.whole = True
        axes = {"left": self.left, "bottom": self.bottom}
        self.item = view.addPlot(row=row, col=0, viewBox=TimeBox(), axisItems=axes)
        adopt_menu(self.item, view)
        self.left.setWidth(AXIS_WIDTH)
        self.box: TimeBox = self.item.getViewBox()
        self.box.setMouseEnabled(x=True, y=False)
        self.box.disableAutoRange()
        self.box.setDefaultPadding(0.0)
        self.labels = EndLabels(self.box, view.paint_soon)
        view.addItem(self.labels, row=row, col=1)
        self.ink = Ink(self.box, self.left, view.paint_soon)
        self.name = ""
        self._labels: dict[str, str] = {}

    def restyle(self) -> None:
        self.left.restyle()
        self.bottom.restyle()
        self.ink.update()

    def set_label(self, side: str, text: str) -> None:
        """Name an axis; a name that stays costs nothing."""
        if self._labels.get(side) != text:
            self._labels[side] = text
            self.item.setLabel(side, text, color=theme.hex_of("muted"))
