"""A note on the canvas: a coloured sheet with words behind the blocks, moved like a block and sized by its corner.

Coordinates are canvas pixels at zoom 1.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsSceneHoverEvent,
    QGraphicsSceneMouseEvent,
    QStyleOptionGraphicsItem,
    QWidget,
)

from workbench.core.edits_notes import SMALLEST
from workbench.core.layout import GRID
from workbench.core.project import Note
from workbench.ui import theme
from workbench.ui.model.canvas.brushes import FAR, FARTHEST, face, ink, pen, tint_of
from workbench.ui.model.looks import TINT

GRIP = 16.0  # pixels of the corner that sizes it
PAD = 10.0  # from its edge to its words
SIZE = 13  # pixels of its letters
_WRAPPED = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)


def ground_of(colour: int) -> QColor:
    """What a note of that colour is painted on."""
    return theme.mix(tint_of(f"{TINT}{colour}", False), ink("surface"), 0.82)


class NoteItem(QGraphicsItem):
    """One note. `hidden_words`: its words are being edited in a field that lies over it."""

    Type = QGraphicsItem.UserType + 5

    def __init__(self, note: Note) -> None:
        super().__init__()
        self.note = note
        self.hidden_words = False
        self._size = (note.width, note.height)
        self._hovered = False
        self._sizing: QPointF | None = None  # from the pointer to the corner
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsMovable)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsSelectable)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemSendsGeometryChanges)
        self.setAcceptHoverEvents(True)
        self.setZValue(-0.5)  # above frames, below wires and blocks
        self.setPos(note.x, note.y)

    def type(self) -> int:
        return self.Type

    @property
    def ident(self) -> str:
        return self.note.id

    def card(self) -> QRectF:
        return QRectF(0, 0, *self._size)

    def boundingRect(self) -> QRectF:
        return self.card().adjusted(-2, -2, 2, 2)

    def shape(self) -> QPainterPath:
        path = QPainterPath()
        path.addRect(self.card())
        return path

    def set_note(self, note: Note) -> bool:
        """Show another state of it. Whether it lies or reaches elsewhere now."""
        if note == self.note and (self.x(), self.y()) == (note.x, note.y) and self._size == (note.width, note.height):
            return False
        moved = (self.x(), self.y()) != (note.x, note.y) or self._size != (note.width, note.height)
        self.note = note
        self.setPos(note.x, note.y)
        self._resize(note.width, note.height)
        self.update()
        return moved

    def _resize(self, width: float, height: float) -> None:
        if (width, height) != self._size:
            self.prepareGeometryChange()
            self._size = (width, height)

    def grip(self) -> QRectF:
        """The corner that sizes it."""
        width, height = self._size
        return QRectF(width - GRIP, height - GRIP, GRIP, GRIP)

    def itemChange(self, change: QGraphicsItem.GraphicsItemChange, value: Any) -> Any:
        if change == QGraphicsItem.GraphicsItemChange.ItemPositionChange:
            scene = self.scene()
            if scene is not None and scene.mouseGrabberItem() is not None and isinstance(value, QPointF):
                return QPointF(round(value.x() / GRID) * GRID, round(value.y() / GRID) * GRID)
        return super().itemChange(change, value)

    # ---- the mouse -------------------------------------------------------------------------------------------

    def hoverEnterEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        self._hovered = True
        self.update()

    def hoverMoveEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        if self.grip().contains(event.pos()):
            self.setCursor(Qt.CursorShape.SizeFDiagCursor)
        else:
            self.unsetCursor()

    def hoverLeaveEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        self._hovered = False
        self.unsetCursor()
        self.update()

    def mousePressEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.grip().contains(event.pos()):
            scene: Any = self.scene()
            scene.choose([self.ident])
            self._sizing = self.card().bottomRight() - event.pos()
            event.accept()
            return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        if self._sizing is None:
            super().mouseMoveEvent(event)
            return
        corner = event.pos() + self._sizing
        self._resize(
            max(SMALLEST[0], round(corner.x() / GRID) * GRID), max(SMALLEST[1], round(corner.y() / GRID) * GRID)
        )
        self.update()

    def mouseReleaseEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        if self._sizing is None:
            super().mouseReleaseEvent(event)
            return
        self._sizing = None
        if self._size != (self.note.width, self.note.height):
            scene: Any = self.scene()
            scene.note_resized.emit(self.ident, *self._size)

    def sceneEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.UngrabMouse:
            self._sizing = None
        return super().sceneEvent(event)

    # ---- painting --------------------------------------------------------------------------------------------

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        zoom = option.levelOfDetailFromTransform(painter.worldTransform())
        ground = ground_of(self.note.colour)
        if zoom < FARTHEST:
            painter.fillRect(self.card(), ground)
            return
        edge = "accent" if self.isSelected() else ""
        tint = tint_of(f"{TINT}{self.note.colour}", False)
        line = pen(edge, max(2.0, 2.0 / zoom)) if edge else pen("edge", max(1.0, 1.0 / zoom))
        painter.setPen(line)
        if not edge:
            painter.setPen(theme.mix(tint, ink("surface"), 0.2 if self._hovered else 0.5))
        painter.setBrush(ground)
        painter.drawRoundedRect(self.card(), 4, 4)
        if not self.hidden_words:
            painter.setFont(face(SIZE if zoom >= FAR else 22, 400))
            painter.setPen(ink("text"))
            painter.save()
            inside = self.card().adjusted(PAD, PAD - 2, -PAD, -PAD + 4)
            painter.setClipRect(inside, Qt.ClipOperation.IntersectClip)
            painter.drawText(inside, _WRAPPED, self.note.text)
            painter.restore()
        if zoom >= FAR and (self._hovered or self.isSelected()):
            corner = self.card().bottomRight()
            painter.setPen(pen("muted", 1.4))
            for away in (5.0, 9.0):
                painter.drawLine(corner - QPointF(away, 3), corner - QPointF(3, away))
