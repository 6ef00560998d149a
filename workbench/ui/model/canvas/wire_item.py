"""A wire on the canvas: a curve from the bottom of one block to the top of another.

A wire that would run behind other blocks (a skip connection in a straight column) goes round them in a lane of its own.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPainterPathStroker, QPen
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsPathItem,
    QGraphicsSceneHoverEvent,
    QStyleOptionGraphicsItem,
    QWidget,
)

from workbench.core.project import Wire
from workbench.ui import theme
from workbench.ui.model.canvas.brushes import FAR, FARTHEST, face, ink, pen, text_width
from workbench.ui.model.canvas.node_item import NodeItem
from workbench.ui.model.canvas.routing import SHORT, band, curve, lane_of

REACH = 7.0  # how far beside the line a pointer still hits it


class WireItem(QGraphicsPathItem):
    """One wire between two blocks; `shape_text` is what flows through it."""

    Type = QGraphicsItem.UserType + 2

    def __init__(self, wire: Wire, source: NodeItem, target: NodeItem) -> None:
        super().__init__()
        self.wire = wire
        self.source = source
        self.target = target
        self.shape_text = ""
        self.aside = False  # it goes round blocks that lie in its way
        self._hovered = False
        self._lit = False
        self._picked_up = False
        self._bounds = QRectF()
        self._from = self._to = QPointF()  # where it is drawn from and to
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsSelectable)
        self.setAcceptHoverEvents(True)
        self.setZValue(0)
        source.wires.append(self)
        target.wires.append(self)
        self.reroute()

    def type(self) -> int:
        return self.Type

    def part(self) -> None:
        """Let go of both blocks, before it is taken from the scene."""
        for node in (self.source, self.target):
            if self in node.wires:
                node.wires.remove(self)

    def start(self) -> QPointF:
        return self.source.pos() + self.source.output_port()

    def end(self) -> QPointF:
        return self.target.pos() + self.target.input_port(self.wire.port)

    def reroute(self) -> None:
        """Draw the line anew, after a block moved."""
        start, end = self._from, self._to = self.start(), self.end()
        lane = self._lane(start, end)
        self.aside = lane is not None and not min(start.x(), end.x()) <= lane <= max(start.x(), end.x())
        path = curve(start, end, lane)
        self.prepareGeometryChange()
        self._bounds = path.controlPointRect().adjusted(-130, -12, 130, 12)
        self.setPath(path)

    def _lane(self, start: QPointF, end: QPointF) -> float | None:
        scene: Any = self.scene() or self.source.scene()
        if scene is None or end.y() - start.y() < SHORT:
            return None
        ends = (self.source, self.target)

        def boxes(box: QRectF) -> list[QRectF]:
            return [i.card().translated(i.pos()) for i in scene.places.within(box) if i not in ends]

        # What joins several turns late: its sources come down side by side. What is spread turns early.
        graph, wire = scene.graph, self.wire
        late = len(graph.out_of(wire.source)) <= len(graph.into(wire.target))
        return lane_of(start, end, boxes, late=late)

    def passes(self, boxes: list[QRectF]) -> bool:
        """Whether blocks at these places may lie in its way."""
        start, end = self._from, self._to
        if end.y() - start.y() < SHORT:
            return False
        way = band(start, end).united(self.path().controlPointRect())
        return any(way.intersects(box) for box in boxes)

    def shape(self) -> QPainterPath:
        stroker = QPainterPathStroker()
        stroker.setWidth(2 * REACH)
        return stroker.createStroke(self.path())

    def boundingRect(self) -> QRectF:
        # Room for the line's width and for the words at its middle.
        return self._bounds

    def set_lit(self, lit: bool) -> None:
        """Highlighted: what is dragged would be put here."""
        if lit != self._lit:
            self._lit = lit
            self.update()

    def set_picked_up(self, picked_up: bool) -> None:
        """Faint while its end is being dragged elsewhere."""
        self._picked_up = picked_up
        self.update()

    def hoverEnterEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        self._hovered = True
        self.setZValue(0.5)
        self.update()

    def hoverLeaveEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        self._hovered = False
        self.setZValue(0)
        self.update()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        zoom = option.levelOfDetailFromTransform(painter.worldTransform())
        strong = self.isSelected() or self._lit
        name = "accent" if strong else "muted" if self._hovered else "edge"
        width = 3.0 if self._lit else 2.4 if strong or self._hovered else 1.6
        if self._picked_up:
            painter.setOpacity(0.25)
        painter.setPen(pen(name, max(width, 1.0 / zoom)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if zoom < FARTHEST:
            painter.drawLine(self._from, self._to)
            return
        painter.drawPath(self.path())
        if zoom >= FAR and not self._picked_up:
            self._paint_head(painter, ink(name))
        if self._lit:
            self._paint_plus(painter)
        scene: Any = self.scene()
        # Where a whole group is selected, that would be words at every wire, and over the group's name.
        beside = not getattr(scene, "chosen_frame", "") and (self.source.isSelected() or self.target.isSelected())
        near = self._hovered or strong or beside
        if near and self.shape_text and zoom >= FAR and not self._picked_up and not self._lit:
            self._paint_words(painter)

    def _paint_head(self, painter: QPainter, colour: Any) -> None:
        tip = self.end() - QPointF(0, 4)
        head = QPainterPath(tip)
        head.lineTo(tip + QPointF(-4, -6))
        head.lineTo(tip + QPointF(4, -6))
        head.closeSubpath()
        painter.fillPath(head, colour)

    def _paint_plus(self, painter: QPainter) -> None:
        """Here a layer would be put."""
        middle = self.path().pointAtPercent(0.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink("accent"))
        painter.drawEllipse(middle, 9, 9)
        painter.setPen(pen("on_accent", 2.0))
        painter.drawLine(middle - QPointF(4, 0), middle + QPointF(4, 0))
        painter.drawLine(middle - QPointF(0, 4), middle + QPointF(0, 4))

    def _paint_words(self, painter: QPainter) -> None:
        width = text_width(self.shape_text, 11, 400) + 12
        middle = self.path().pointAtPercent(0.5)
        ends = sorted((self.start().x(), self.end().x()))
        # On a lane round other blocks the words stand outside, as the blocks lie over the wires.
        left = middle.x() - 6 if middle.x() > ends[1] + 8 else middle.x() + 6 - width
        left = left if middle.x() > ends[1] + 8 or middle.x() < ends[0] - 8 else middle.x() - width / 2
        box = QRectF(left, middle.y() - 9, width, 18)
        painter.setPen(QPen(theme.color("edge"), 1))
        painter.setBrush(theme.color("raised"))
        painter.drawRoundedRect(box, 4, 4)
        painter.setFont(face(11, 400))
        painter.setPen(theme.color("text"))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), self.shape_text)
