"""A block on the canvas: a rounded card with a coloured edge, what it is, its shape, its parameters, its ports.

Items paint what `NodeLook` says and know nothing of the project. Coordinates are canvas pixels at zoom 1.
"""

from __future__ import annotations

import html
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QGraphicsSceneHoverEvent, QStyleOptionGraphicsItem, QWidget

from workbench.core.layout import GRID, NODE_HEIGHT, NODE_WIDTH
from workbench.ui import theme
from workbench.ui.model.canvas.brushes import (
    FAR,
    FARTHEST,
    elided,
    face,
    ink,
    pen,
    short_title,
    text_width,
    tint_of,
    whole_parts,
)
from workbench.ui.model.looks import NodeLook

PORT = 5.0  # radius
MARGIN = 10.0  # ports and the focus ring reach beyond the card


def _rounded(width: float) -> QPainterPath:
    """The card, or its part left of `width`."""
    path = QPainterPath()
    path.addRoundedRect(QRectF(0, 0, NODE_WIDTH, NODE_HEIGHT), 6, 6)
    if width < NODE_WIDTH:
        strip = QPainterPath()
        strip.addRect(QRectF(0, 0, width, NODE_HEIGHT))
        path = path.intersected(strip)
    return path


_CARD = QRectF(0, 0, NODE_WIDTH, NODE_HEIGHT)
_BOUNDS = _CARD.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)
_OUTLINE = _rounded(NODE_WIDTH)
_EDGE, _WIDE_EDGE = _rounded(5), _rounded(12)
_UNFOLD = QRectF(NODE_WIDTH - 27, 7, 19, 19)
_BODY = QPainterPath()
_BODY.addRect(_CARD)


class NodeItem(QGraphicsItem):
    """One block. `ident` is the node's id."""

    Type = QGraphicsItem.UserType + 1

    def __init__(self, ident: str, look: NodeLook) -> None:
        super().__init__()
        self.ident = ident
        self.look = look
        self.wires: list[Any] = []  # WireItems that end here; kept by the scene
        self._hovered = False
        self._drop = ""  # while a wire is dragged: "" | "yes" | "no"
        self._sibling = False  # another place of the layer that is selected
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsMovable)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsSelectable)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemSendsGeometryChanges)
        self.setAcceptHoverEvents(True)
        self.setZValue(1)

    def type(self) -> int:
        return self.Type

    # ---- geometry --------------------------------------------------------------------------------------------

    def card(self) -> QRectF:
        return QRectF(_CARD)

    def boundingRect(self) -> QRectF:
        return _BOUNDS

    def shape(self) -> QPainterPath:
        return _BODY

    def input_port(self, port: int) -> QPointF:
        """Where a wire to that input ends, in the item's coordinates."""
        count = max(self.look.ports, port + 1)
        return QPointF(NODE_WIDTH * (port + 1) / (count + 1), 0)

    def output_port(self) -> QPointF:
        return QPointF(NODE_WIDTH / 2, NODE_HEIGHT)

    def port_at(self, point: QPointF, reach: float) -> int | None:
        """The port within `reach` of a point in the item's coordinates: 0, 1… an input, -1 the output."""
        best: tuple[float, int] | None = None
        ports = [(port, self.input_port(port)) for port in range(self.look.ports)]
        if self.look.output:
            ports.append((-1, self.output_port()))
        for port, place in ports:
            away = (point - place).manhattanLength()
            if away <= reach * 1.4 and (best is None or away < best[0]):
                best = (away, port)
        return None if best is None else best[1]

    def unfold_at(self, point: QPointF) -> bool:
        """Whether a point of the item is on the button that opens a folded group."""
        return bool(self.look.layers) and _UNFOLD.contains(point)

    def itemChange(self, change: QGraphicsItem.GraphicsItemChange, value: Any) -> Any:
        if change == QGraphicsItem.GraphicsItemChange.ItemPositionChange:
            scene = self.scene()
            if scene is not None and scene.mouseGrabberItem() is self and isinstance(value, QPointF):
                return QPointF(round(value.x() / GRID) * GRID, round(value.y() / GRID) * GRID)
        elif change == QGraphicsItem.GraphicsItemChange.ItemPositionHasChanged:
            scene = self.scene()
            if scene is not None:
                scene.block_moved(self)
        elif change == QGraphicsItem.GraphicsItemChange.ItemSelectedHasChanged:
            for wire in self.wires:  # they tell what flows through them beside a selected block
                wire.update()
        return super().itemChange(change, value)

    # ---- state -----------------------------------------------------------------------------------------------

    def set_look(self, look: NodeLook) -> bool:
        """Show something else. Whether it looks another from afar."""
        if look is self.look or look == self.look:
            return False
        other = (look.group, look.severity) != (self.look.group, self.look.severity)
        moved = look.ports != self.look.ports
        self.look = look
        self.update()
        if moved:
            for wire in self.wires:
                wire.reroute()
        return other

    def set_drop(self, state: str) -> None:
        """While a wire is dragged: "yes" it can end here, "no" it cannot, "over" it would, "" nothing is dragged."""
        if state != self._drop:
            self._drop = state
            self.update()

    def set_sibling(self, sibling: bool) -> None:
        """Whether it is another place of a layer that is selected."""
        if sibling != self._sibling:
            self._sibling = sibling
            self.update()

    def hoverEnterEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        self._hovered = True
        self._tell()
        self.update()

    def hoverLeaveEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        self._hovered = False
        self.unsetCursor()
        self.update()

    def _tell(self) -> None:
        lines = "<br>".join(html.escape(line) for line in self.look.tooltip.split("\n"))
        self.setToolTip(f"<p style='white-space:normal'>{lines}</p>")

    # ---- painting --------------------------------------------------------------------------------------------

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        zoom = option.levelOfDetailFromTransform(painter.worldTransform())
        if self._drop == "no" or self.look.unused:
            painter.setOpacity(0.5)
        if zoom < FARTHEST:
            painter.fillRect(_CARD, tint_of(self.look.group, True))
            if self.look.severity or self.isSelected() or self.look.running:
                painter.setPen(pen(self._edge_color(), 2 / zoom))
                painter.drawRect(_CARD)
            return
        if self.look.layers:
            self._paint_stack(painter, zoom)
        painter.fillPath(_OUTLINE, self._ground())
        painter.fillPath(_EDGE if zoom >= FAR else _WIDE_EDGE, tint_of(self.look.group, False))
        strong = self.isSelected() or self._drop in ("yes", "over") or bool(self.look.severity) or self.look.running
        strong = strong or self._sibling
        width = 2.0 if strong else 1.0
        line = pen(self._edge_color(), max(width, width / zoom))
        if self._sibling and not self.isSelected():
            line = QPen(line)
            line.setDashPattern([4, 3])
        painter.setPen(line)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(_OUTLINE)
        if zoom < FAR:
            self._write(painter, QRectF(22, 0, NODE_WIDTH - 28, NODE_HEIGHT), self.look.title, 24, "text", 600)
        else:
            self._write_lines(painter)
            self._paint_ports(painter)
            if self.look.layers:
                self._paint_unfold(painter)
        if self.look.severity:
            self._paint_badge(painter)

    def _ground(self) -> QColor:
        if self.isSelected() or self._sibling:
            return theme.mix(ink("raised"), ink("selected"), 0.6 if self.isSelected() else 0.3)
        return ink("raised")

    def _edge_color(self) -> str:
        if self._drop in ("yes", "over") or self.isSelected():
            return "accent"
        if self.look.severity:
            return "bad" if self.look.severity == "error" else "warn"
        if self._sibling:
            return "accent"
        if self.look.running:
            return "good"
        return "faint" if self._hovered else "edge"

    def _write(self, painter: QPainter, box: QRectF, text: str, size: int, color: str, weight: int = 400,
               align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft) -> float:  # fmt: skip
        if not text:
            return 0.0
        shown = elided(text, int(box.width()), size, weight)
        painter.setFont(face(size, weight))
        painter.setPen(ink(color))
        painter.drawText(box, int(align | Qt.AlignmentFlag.AlignVCenter), shown)
        return text_width(shown, size, weight)

    def _write_lines(self, painter: QPainter) -> None:
        left, right = 14.0, NODE_WIDTH - 10.0
        badge = (20.0 if self.look.severity else 0.0) + (22.0 if self.look.layers else 0.0)
        room = right - left - badge
        used = self._write(painter, QRectF(left, 6, room, 20), short_title(self.look.title, room), 13, "text", 600)
        if room - used > 34:
            brief = whole_parts(self.look.brief, int(room - used - 8))
            self._write(painter, QRectF(left + used + 8, 6, room - used - 8, 20), brief, 12, "text")
        beside = left
        if self.look.places:
            sign = theme.icon("link-simple", "accent" if self._sibling or self.isSelected() else "muted")
            sign.paint(painter, int(left) - 1, 26, 14, 14)
            beside += 17
        self._write(painter, QRectF(beside, 25, right - beside, 16), self.look.second, 11, "muted")
        tone = "muted" if self.look.stale else "text"
        used = 0.0
        if self.look.count:
            used = self._write(
                painter, QRectF(left, 42, right - left, 16), self.look.count, 11, "muted",
                align=Qt.AlignmentFlag.AlignRight,
            )  # fmt: skip
        self._write(painter, QRectF(left, 42, right - left - used - 8, 16), self.look.shape, 11, tone)
        if self.look.share > 0.005:
            # How much of the whole is here; a hair of it is always seen.
            wide = max(2.0, (NODE_WIDTH - 18) * self.look.share)
            painter.fillRect(QRectF(12, NODE_HEIGHT - 4, wide, 2), tint_of(self.look.group, self.look.stale))

    def _paint_ports(self, painter: QPainter) -> None:
        wired = {wire.wire.port for wire in self.wires if wire.target is self}
        painter.setPen(pen("accent" if self._drop in ("yes", "over") else "faint", 1.5))
        for port in range(self.look.ports):
            hollow = port not in wired
            if hollow and port >= self.look.needed and not (self._hovered or self._drop):
                continue  # room for one more, shown when somebody is near
            painter.setBrush(ink("raised" if hollow else "faint"))
            radius = PORT if hollow or self._hovered or self._drop else PORT - 1.5
            painter.drawEllipse(self.input_port(port), radius, radius)
        if self.look.output:
            used = any(wire.source is self for wire in self.wires)
            painter.setPen(pen("accent" if self._hovered else "faint", 1.5))
            painter.setBrush(ink("faint" if used and not self._hovered else "raised"))
            radius = PORT + 1 if self._hovered else PORT if not used else PORT - 1.5
            painter.drawEllipse(self.output_port(), radius, radius)

    def _paint_stack(self, painter: QPainter, zoom: float) -> None:
        """The edges of what lies under a folded group's card."""
        painter.setPen(pen("edge", max(1.0, 1.0 / zoom)))
        painter.setBrush(ink("raised"))
        for step in (6.0, 3.0):
            painter.drawRoundedRect(_CARD.translated(step, step), 6, 6)

    def _paint_unfold(self, painter: QPainter) -> None:
        """A small arrow sideways: what is folded can be opened."""
        painter.setBrush(ink("hover") if self._hovered else Qt.BrushStyle.NoBrush)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(_UNFOLD, 4, 4)
        middle = _UNFOLD.center()
        painter.setPen(pen("text", 1.8))
        painter.drawLine(middle + QPointF(-2, -4), middle + QPointF(2, 0))
        painter.drawLine(middle + QPointF(2, 0), middle + QPointF(-2, 4))

    def _paint_badge(self, painter: QPainter) -> None:
        painter.save()
        painter.translate(-22.0 if self.look.layers else 0.0, 0.0)
        self._draw_badge(painter)
        painter.restore()

    def _draw_badge(self, painter: QPainter) -> None:
        tint = ink("bad" if self.look.severity == "error" else "warn")
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tint)
        painter.drawEllipse(QPointF(NODE_WIDTH - 17, 16), 8, 8)
        painter.setFont(face(12, 700))
        painter.setPen(ink("surface"))
        painter.drawText(QRectF(NODE_WIDTH - 25, 8, 16, 16), int(Qt.AlignmentFlag.AlignCenter), "!")
