"""A small picture of the whole graph with a frame round what is seen; shown while the graph is larger than the view."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from workbench.ui import theme
from workbench.ui.model.canvas.brushes import tint_of
from workbench.ui.model.canvas.note_item import ground_of
from workbench.ui.model.canvas.view import CanvasView

LARGEST = QSize(148, 176)
PAD = 6.0


class MiniMap(QWidget):
    """Click or drag to look elsewhere. `wanted()` tells whether it would help now."""

    def __init__(self, view: CanvasView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._picture: tuple[tuple[float, ...], QPixmap] | None = None
        self.setObjectName("minimap")
        self.setAccessibleName("Overview of the model")
        self.setToolTip("Click or drag to look elsewhere")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        for bar in (view.horizontalScrollBar(), view.verticalScrollBar()):
            bar.valueChanged.connect(self.update)
        theme.notifier.changed.connect(self.update)
        self.hide()

    def _graph(self) -> QRectF:
        return self._view.graph_scene.content_rect()

    def _seen(self) -> QRectF:
        return self._view.mapToScene(self._view.viewport().rect()).boundingRect()

    def wanted(self) -> bool:
        """True while a good part of the graph is out of sight."""
        box, seen = self._graph(), self._seen()
        return not box.isNull() and (box.height() > 1.4 * seen.height() or box.width() > 1.4 * seen.width())

    def sizeHint(self) -> QSize:
        box = self._graph()
        if box.isNull():
            return LARGEST
        scale = min((LARGEST.width() - 2 * PAD) / box.width(), (LARGEST.height() - 2 * PAD) / box.height())
        return QSize(max(44, round(box.width() * scale + 2 * PAD)), max(44, round(box.height() * scale + 2 * PAD)))

    def _scale(self, box: QRectF) -> tuple[float, QPointF]:
        """Pixels for a scene unit, and where the graph's top left corner is drawn."""
        scale = min((self.width() - 2 * PAD) / box.width(), (self.height() - 2 * PAD) / box.height())
        left = (self.width() - box.width() * scale) / 2
        top = (self.height() - box.height() * scale) / 2
        return scale, QPointF(left, top)

    def paintEvent(self, event: QPaintEvent) -> None:
        box = self._graph()
        if box.isNull():
            return
        painter = QPainter(self)
        painter.setPen(QPen(theme.color("line"), 1))
        painter.setBrush(theme.color("raised"))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        scale, origin = self._scale(box)
        painter.drawPixmap(0, 0, self._drawn(box))
        seen = self._seen()
        frame = QRectF((seen.topLeft() - box.topLeft()) * scale + origin, seen.size() * scale)
        frame = frame.intersected(QRectF(self.rect()).adjusted(1, 1, -2, -2))
        tint = theme.color("accent")
        painter.setPen(QPen(tint, 1.5))
        tint.setAlphaF(0.12)
        painter.setBrush(tint)
        painter.drawRect(frame)

    def _drawn(self, box: QRectF) -> QPixmap:
        """The blocks, drawn once for each state of the graph: looking around moves the frame only."""
        ratio = self.devicePixelRatioF()
        key = (self._view.graph_scene.version, self.width(), self.height(), ratio)
        if self._picture is not None and self._picture[0] == key:
            return self._picture[1]
        picture = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        scale, origin = self._scale(box)
        wrong = theme.color("bad")
        for note in self._view.graph_scene.notes.values():
            painter.fillRect(
                QRectF((note.pos() - box.topLeft()) * scale + origin, note.card().size() * scale),
                ground_of(note.note.colour),
            )
        for item in self._view.graph_scene.nodes.values():
            corner = (item.pos() - box.topLeft()) * scale + origin
            size = item.card().size() * scale
            color = wrong if item.look.severity == "error" else tint_of(item.look.group, False)
            painter.fillRect(QRectF(corner, size).adjusted(0, 0, 0, max(0.0, 1.5 - size.height())), color)
        painter.end()
        self._picture = (key, picture)
        return picture

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._look_at(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._look_at(event)

    def _look_at(self, event: QMouseEvent) -> None:
        box = self._graph()
        if not box.isNull():
            scale, origin = self._scale(box)
            self._view.look_at(box.topLeft() + (event.position() - origin) / scale)
