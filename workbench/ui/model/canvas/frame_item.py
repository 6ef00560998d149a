"""The frame behind the blocks of an open group: a tinted field with the group's name on top and a button that folds it.

Frames paint what `FrameLook` says; the scene keeps them round their blocks.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsSceneHoverEvent,
    QGraphicsSceneMouseEvent,
    QStyleOptionGraphicsItem,
    QWidget,
)

from workbench.core.layout import GRID
from workbench.ui import theme
from workbench.ui.model.canvas.brushes import FAR, FARTHEST, elided, face, ink, text_width, tint_of

PAD, TITLE = 8.0, 24.0  # round the blocks; height of the strip with the name
BUTTON = 18.0


@dataclass(frozen=True)
class FrameLook:
    """ident: the group's. ids: what is shown of it, blocks of groups inside included. parent: the frame it lies in, or
    "". tint: as NodeLook.group. words: what it sums up to. severity: the worst inside."""

    ident: str
    ids: tuple[str, ...]
    parent: str
    name: str
    tint: str
    words: str
    severity: str = ""
    tooltip: str = ""


class FrameItem(QGraphicsItem):
    """The field of one group, behind its blocks; `handle` is the strip with its name, above the wires that pass it."""

    Type = QGraphicsItem.UserType + 3

    def __init__(self, look: FrameLook) -> None:
        super().__init__()
        self.look = look
        self._box = QRectF()
        self.handle = Handle(self)

    def type(self) -> int:
        return self.Type

    @property
    def ident(self) -> str:
        return self.look.ident

    def box(self) -> QRectF:
        """The field, title included, in scene coordinates."""
        return QRectF(self._box)

    def set_box(self, inside: QRectF) -> None:
        """Go round what is inside."""
        box = inside.adjusted(-PAD, -PAD - TITLE + 2, PAD, PAD)
        if box != self._box:
            self.prepareGeometryChange()
            self.handle.prepareGeometryChange()
            self._box = box

    def title(self) -> QRectF:
        """The strip that can be held."""
        return QRectF(self._box.left(), self._box.top(), self._box.width(), TITLE)

    def button(self) -> QRectF:
        """The button that folds it."""
        return QRectF(self._box.left() + 5, self._box.top() + 4, BUTTON, BUTTON)

    def boundingRect(self) -> QRectF:
        return self._box.adjusted(-2, -2, 2, 2)

    def shape(self) -> QPainterPath:
        # A press on the field begins a rubber band, as on empty ground.
        return QPainterPath()

    def set_look(self, look: FrameLook) -> None:
        if look != self.look:
            self.look = look
            self.repaint()

    def repaint(self) -> None:
        """The field and its title."""
        self.update()
        self.handle.update()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        zoom = option.levelOfDetailFromTransform(painter.worldTransform())
        scene: Any = self.scene()
        chosen = getattr(scene, "chosen_frame", "") == self.ident
        tint = tint_of(self.look.tint, False)
        field = QColor(tint)
        field.setAlphaF(0.13 if chosen else 0.07)
        share = 0.25 if self.handle.hovered else 0.5
        edge = ink("accent") if chosen else theme.mix(tint, ink("surface"), share)
        width = 2.0 if chosen else 1.0
        painter.setPen(QPen(edge, max(width, width / zoom)))
        painter.setBrush(field)
        if zoom < FARTHEST:
            painter.drawRect(self._box)
        else:
            painter.drawRoundedRect(self._box, 8, 8)


class Handle(QGraphicsItem):
    """The title of a frame: it selects and moves all that is inside."""

    Type = QGraphicsItem.UserType + 4

    def __init__(self, frame: FrameItem) -> None:
        super().__init__()
        self.frame = frame
        self.hovered = False
        self._drag: tuple[QPointF, dict[Any, QPointF]] | None = None
        self.setAcceptHoverEvents(True)
        self.setZValue(0.6)  # above wires, below blocks

    def type(self) -> int:
        return self.Type

    def boundingRect(self) -> QRectF:
        return self.frame.title()

    # ---- the mouse -------------------------------------------------------------------------------------------

    def hoverEnterEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        self.hovered = True
        lines = "<br>".join(html.escape(line) for line in self.frame.look.tooltip.split("\n"))
        self.setToolTip(f"<p style='white-space:normal'>{lines}</p>")
        self.frame.repaint()

    def hoverLeaveEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        self.hovered = False
        self.frame.repaint()

    def mousePressEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        scene: Any = self.scene()
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        event.accept()
        scene.choose_frame(self.frame.ident, more=bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
        held = [scene.nodes[i] for i in scene.chosen_nodes()]
        self._drag = (event.scenePos(), {item: item.pos() for item in held})

    def mouseMoveEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        if self._drag is None:
            return
        begun, places = self._drag
        away = event.scenePos() - begun
        step = QPointF(round(away.x() / GRID) * GRID, round(away.y() / GRID) * GRID)
        for item, place in places.items():
            item.setPos(place + step)

    def mouseReleaseEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        self._drag = None

    def sceneEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.UngrabMouse:
            self._drag = None
        return super().sceneEvent(event)

    # ---- painting --------------------------------------------------------------------------------------------

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        zoom = option.levelOfDetailFromTransform(painter.worldTransform())
        if zoom < FARTHEST:
            return
        look, strip = self.frame.look, self.frame.title()
        size = 13 if zoom >= FAR else 20
        tint = tint_of(look.tint, False)
        if self.hovered:
            ground = QColor(tint)
            ground.setAlphaF(0.12)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            painter.drawRoundedRect(strip, 8, 8)
        self._paint_button(painter, tint)
        left, right = strip.left() + BUTTON + 10, strip.right() - 8
        if look.severity:
            self._paint_badge(painter, QPointF(right - 6, strip.center().y()))
            right -= 20
        shown = elided(look.name, int(right - left), size, 600)
        painter.setFont(face(size, 600))
        painter.setPen(ink("text"))
        align = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(QRectF(left, strip.top(), right - left, TITLE), align, shown)
        used = text_width(shown, size, 600) + 8
        room = right - left - used
        said = (look.words, look.words.split(" · ")[0])
        words = next((one for one in said if text_width(one, 11, 400) <= room), "")
        if zoom >= FAR and words:
            painter.setFont(face(11, 400))
            painter.setPen(ink("muted"))
            painter.drawText(QRectF(left + used, strip.top() + 1, room, TITLE), align, words)

    def _paint_button(self, painter: QPainter, tint: QColor) -> None:
        """A small arrow downwards: what is open can be folded."""
        box = self.frame.button()
        if self.hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            ground = QColor(tint)
            ground.setAlphaF(0.25)
            painter.setBrush(ground)
            painter.drawRoundedRect(box, 4, 4)
        middle = box.center()
        arrow = QPen(ink("text"), 1.8)
        arrow.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(arrow)
        painter.drawLine(middle + QPointF(-4, -2), middle + QPointF(0, 2))
        painter.drawLine(middle + QPointF(0, 2), middle + QPointF(4, -2))

    def _paint_badge(self, painter: QPainter, middle: QPointF) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink("bad" if self.frame.look.severity == "error" else "warn"))
        painter.drawEllipse(middle, 7, 7)
        painter.setFont(face(11, 700))
        painter.setPen(ink("surface"))
        painter.drawText(QRectF(middle.x() - 8, middle.y() - 8, 16, 16), int(Qt.AlignmentFlag.AlignCenter), "!")
