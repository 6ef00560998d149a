"""A wire while the mouse holds one of its ends: where it may end, where it would, why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QGraphicsPathItem, QGraphicsSimpleTextItem, QStyleOptionGraphicsItem, QWidget

from workbench.core.structure import ancestors, descendants
from workbench.ui import theme
from workbench.ui.model.canvas.brushes import face
from workbench.ui.model.canvas.node_item import NodeItem
from workbench.ui.model.canvas.routing import curve
from workbench.ui.model.canvas.wire_item import WireItem

if TYPE_CHECKING:
    from workbench.ui.model.canvas.scene import GraphScene


class _Word(QGraphicsSimpleTextItem):
    """A sentence beside the pointer, readable over whatever lies below and at any zoom."""

    def __init__(self) -> None:
        super().__init__()
        self.setZValue(4)
        self.setFont(face(12, 500))
        self.setBrush(theme.color("bad"))
        self.setFlag(self.GraphicsItemFlag.ItemIgnoresTransformations)

    def boundingRect(self) -> QRectF:
        return super().boundingRect().adjusted(-8, -5, 8, 5)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if self.text():
            painter.setPen(QPen(theme.color("bad"), 1))
            painter.setBrush(theme.color("bad_ground"))
            painter.drawRoundedRect(self.boundingRect().adjusted(1, 1, -1, -1), 4, 4)
            super().paint(painter, option, widget)


class WireDrag:
    """From press to release.

    Args:
        scene: the canvas.
        item: the block that holds the fixed end.
        held: the wire whose end was picked up, or None for a new one.
        port: for a new wire dragged backwards from an input: that input; else None and `item` is the source.
    """

    def __init__(
        self, scene: GraphScene, item: NodeItem, held: WireItem | None, at: QPointF, *, port: int | None = None
    ) -> None:
        self._scene = scene
        self._item = item
        self._held = held
        self._port = port
        self._begun = QPointF(at)
        self._line = QGraphicsPathItem()
        pen = QPen(theme.color("accent"), 2.2)
        pen.setCosmetic(False)
        self._line.setPen(pen)
        self._line.setZValue(3)
        self._line.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self._word = _Word()
        scene.addItem(self._line)
        scene.addItem(self._word)
        if held is not None:
            held.set_picked_up(True)
        self._over: NodeItem | None = None
        self._closed = self._closed_to()
        for ident, other in scene.nodes.items():
            other.set_drop("no" if ident in self._closed else "yes")
        item.set_drop("")
        self.move(at)

    def _closed_to(self) -> set[str]:
        """Blocks where the wire cannot end, found in one walk: a sentence for each is only made where it is held."""
        graph = self._scene.graph
        if self._port is not None:
            closed = set(descendants(graph, self._item.ident))
            closed |= {node.id for node in graph.nodes if node.kind == "Output"}
        else:
            closed = set(ancestors(graph, self._item.ident))
            closed |= {node.id for node in graph.nodes if node.kind == "Input"}
        return closed | {self._item.ident}

    def _refusal(self, other: NodeItem, port: int | None = None) -> str:
        if self._port is not None:
            return self._scene.refusal(other.ident, self._item.ident, self._port)
        target_port = self._target_port(other) if port is None else port
        return self._scene.refusal(
            self._item.ident, other.ident, target_port, self._held.wire if self._held is not None else None
        )

    def _target_port(self, other: NodeItem) -> int:
        taken = {line.wire.port for line in other.wires if line.target is other and line is not self._held}
        return next((port for port in range(other.look.ports) if port not in taken), 0)

    def _aim(self, point: QPointF) -> tuple[NodeItem, int] | None:
        """The block and input (or -1 for an output) the wire would end at."""
        hit = self._scene.port_at(point)
        if hit is not None and hit[0] is not self._item:
            item, port = hit
            if self._port is not None:
                return (item, -1)
            return (item, port if port >= 0 else self._target_port(item))
        item = self._scene.node_at(point)
        if item is None or item is self._item:
            return None
        return (item, -1 if self._port is not None else self._target_port(item))

    def move(self, point: QPointF) -> None:
        aim = self._aim(point)
        over = aim[0] if aim else None
        if over is not self._over:
            if self._over is not None:
                self._over.set_drop("no" if self._over.ident in self._closed else "yes")
            self._over = over
        end = point
        why = ""
        if aim is not None:
            item, port = aim
            why = self._refusal(item, port if port >= 0 else None)
            item.set_drop("no" if why else "over")
            if not why:
                end = item.mapToScene(item.output_port() if port < 0 else item.input_port(port))
        self._word.setText(why)
        self._word.setPos(point + QPointF(22, 16) / self._scene.zoom())
        self._line.setPen(QPen(theme.color("bad" if why else "accent"), 2.2))
        if self._port is not None:
            self._line.setPath(curve(end, self._item.mapToScene(self._item.input_port(self._port))))
        else:
            self._line.setPath(curve(self._item.mapToScene(self._item.output_port()), end))

    def drop(self, point: QPointF) -> None:
        """Let go: connect, reconnect, disconnect, or say why not."""
        aim = self._aim(point)
        moved = (point - self._begun).manhattanLength() * self._scene.zoom() > 8
        self.end()
        scene, held = self._scene, self._held
        if not moved:
            scene.choose([self._item.ident if held is None else held.wire.target])
            return
        if aim is None:
            if held is not None:
                scene.disconnect_wanted.emit(held.wire)
            elif self._port is None:
                scene.wire_dropped.emit(self._item.ident, point)
            else:
                scene.wire_dropped_back.emit(self._item.ident, self._port, point)
            return
        item, port = aim
        if why := self._refusal(item, port if port >= 0 else None):
            scene.refused.emit(why)
        elif self._port is not None:
            scene.connect_wanted.emit(item.ident, self._item.ident, self._port)
        elif held is None:
            scene.connect_wanted.emit(self._item.ident, item.ident, port)
        elif (held.wire.target, held.wire.port) != (item.ident, port):
            scene.rewire_wanted.emit(held.wire, self._item.ident, item.ident, port)

    def end(self) -> None:
        """Take the line and the lights away."""
        for item in (self._line, self._word):
            if item.scene() is not None:
                self._scene.removeItem(item)
        if self._held is not None:
            self._held.set_picked_up(False)
        for other in self._scene.nodes.values():
            other.set_drop("")
