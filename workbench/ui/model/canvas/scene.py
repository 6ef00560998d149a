"""The canvas' content: blocks and wires as the document has them, and what the mouse does to them.

The scene shows a graph and signals what the person wants; it never changes the graph. UI thread only.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from PySide6.QtCore import QAbstractAnimation, QPointF, QRectF, Qt, Signal
from PySide6.QtWidgets import QGraphicsScene, QGraphicsSceneMouseEvent

from workbench.core.layout import NODE_HEIGHT, NODE_WIDTH
from workbench.core.project import Graph, Node, Wire
from workbench.core.structure import can_connect
from workbench.ui import theme
from workbench.ui.model.canvas.frame_item import FrameItem, FrameLook, Handle
from workbench.ui.model.canvas.frames import Frames
from workbench.ui.model.canvas.gliding import Glide
from workbench.ui.model.canvas.node_item import NodeItem, forget_looks
from workbench.ui.model.canvas.places import Places
from workbench.ui.model.canvas.wire_item import WireItem
from workbench.ui.model.canvas.wiring import WireDrag
from workbench.ui.model.looks import NodeLook

MOST_GLIDING = 600  # blocks; more of them jump to their places
MOST_TOUCHED = 60  # places; where more changed it is quicker to draw all wires anew
FIELD = QRectF(-40_000, -40_000, 80_000, 80_000)


class GraphScene(QGraphicsScene):
    """Blocks and wires.

    Signals (all only wishes; the page makes them edits):
        chosen: the selection changed.  moved({id: (x, y)}): blocks were dragged.
        connect_wanted(source, target, port), disconnect_wanted(wire), rewire_wanted(wire, source, target, port)
        wire_dropped(source id, scene position): a new wire was let go over nothing; wire_dropped_back(target id, port,
        scene position): one that was pulled out of an input.
        put_on_wire_wanted(id, wire): a block without wires was dragged onto a wire.
        shown(): another graph is shown.  opened(id): double-click.  refused(text): a wire cannot be; why.
        fold_wanted(group, folded): by a button of a frame or of a folded block.  rename_wanted(group): double-click on
        the name of a frame.

    A folded group is a block like others, whose id is the group's; open groups have frames. `judge` says why a wire
    from one shown block to an input of another cannot be (or "").
    """

    chosen = Signal()
    shown = Signal()
    moved = Signal(dict)
    connect_wanted = Signal(str, str, int)
    disconnect_wanted = Signal(object)
    rewire_wanted = Signal(object, str, str, int)
    wire_dropped = Signal(str, QPointF)
    wire_dropped_back = Signal(str, int, QPointF)
    put_on_wire_wanted = Signal(str, object)
    opened = Signal(str)
    fold_wanted = Signal(str, bool)
    rename_wanted = Signal(str)
    refused = Signal(str)

    def __init__(self, parent=None) -> None:
        super().__init__(FIELD, parent)
        self.graph = Graph()
        self.nodes: dict[str, NodeItem] = {}
        self.wires: dict[tuple[str, str, int], WireItem] = {}
        self.places = Places()
        self.frames = Frames(self, self.nodes)
        self.chosen_frame = ""  # the open group that is selected with all that is in it
        self.judge: Callable[[str, str, int, Wire | None], str] | None = None
        self._stands: dict[str, str] = {}  # {id of a hidden node: the block that stands for it}
        self.version = 0  # counts what changes the picture of the whole
        self._box: tuple[int, QRectF] = (-1, QRectF())
        self.animate = True
        self._drag: WireDrag | None = None
        self._lit: WireItem | None = None
        self._motion: Glide | None = None
        self._filling = False
        self._touched: list[QRectF] = []  # where blocks came, went or moved while another graph is shown
        self.selectionChanged.connect(self._selection_changed)
        theme.notifier.changed.connect(self._restyle)

    # ---- showing a graph -------------------------------------------------------------------------------------

    def show_graph(
        self,
        graph: Graph,
        looks: Mapping[str, NodeLook],
        *,
        glide: bool = False,
        frames: Sequence[FrameLook] = (),
        stands: Mapping[str, str] | None = None,
    ) -> None:
        """Make the items those of `graph`. glide: blocks that were there already move to their places visibly.

        frames: open groups, the outermost first. stands: {id of a hidden node: the folded block it is in}: what is
        folded goes into that block visibly, and comes out of it.
        """
        self._filling = True
        self.version += 1
        self.cancel_wire()
        self._stop_motion()
        self.graph = graph
        wanted = {node.id: node for node in graph.nodes}
        keys = {(wire.source, wire.target, wire.port) for wire in graph.wires}
        self._touched = []
        for key in [key for key in self.wires if key not in keys]:
            self._remove_wire(key)
        gliding = bool(glide and self.animate and self.views())
        into, out_of = dict(stands or {}), self._stands
        self._stands = into
        corners = {ident: QPointF(item.pos()) for ident, item in self.nodes.items()} if gliding else {}
        leaving: dict[NodeItem, tuple[QPointF, QPointF]] = {}
        for ident in [ident for ident in self.nodes if ident not in wanted]:
            item = self.nodes.pop(ident)
            self._touched.append(item.card().translated(item.pos()))
            self.places.drop(item)
            block = wanted.get(into.get(ident, ""))
            if gliding and block is not None and block.id not in corners:
                item.setSelected(False)
                item.setZValue(0.5)
                leaving[item] = (item.pos(), QPointF(block.x, block.y))
            else:
                self.removeItem(item)
        far: dict[NodeItem, tuple[QPointF, QPointF]] = {}
        for node in graph.nodes:
            item = self.nodes.get(node.id)
            place = QPointF(node.x, node.y)
            if item is None:
                item = NodeItem(node.id, looks[node.id])
                item.setPos(place)
                self.addItem(item)
                self.nodes[node.id] = item
                self.places.put(item)
                self._touched.append(item.card().translated(place))
                if gliding and (start := corners.get(out_of.get(node.id, ""))) is not None:
                    far[item] = (start, place)
            else:
                item.set_look(looks[node.id])
                if item.pos() != place:
                    far[item] = (item.pos(), place)
        gliding = gliding and len(far) + len(leaving) <= MOST_GLIDING
        if not gliding:
            self._put(far)
            self._take_away(leaving)
        for wire in graph.wires:
            key = (wire.source, wire.target, wire.port)
            if key not in self.wires and wire.source in self.nodes and wire.target in self.nodes:
                line = WireItem(wire, self.nodes[wire.source], self.nodes[wire.target])
                self.wires[key] = line
                self.addItem(line)
        self.frames.show(frames)
        if gliding and (far or leaving):
            self._glide(far, leaving)
        else:
            self._reroute(self._touched)
        self._tell_shapes()
        self._filling = False
        self.shown.emit()
        self._selection_changed()

    def set_looks(self, looks: Mapping[str, NodeLook], frames: Sequence[FrameLook] = ()) -> None:
        """New facts about the same graph."""
        self.version += 1
        self.frames.set_looks(frames)
        for ident, look in looks.items():
            if ident in self.nodes:
                self.nodes[ident].set_look(look)
        self._tell_shapes()

    def _tell_shapes(self) -> None:
        for line in self.wires.values():
            line.shape_text = line.source.look.flow

    def _remove_wire(self, key: tuple[str, str, int]) -> None:
        line = self.wires.pop(key)
        if line is self._lit:
            self._lit = None
        line.part()
        self.removeItem(line)

    def block_moved(self, item: NodeItem) -> None:
        """A block has another place: by hand, by gliding, or because another graph is shown."""
        if self.nodes.get(item.ident) is not item:
            return  # on its way into a folded group
        self.version += 1
        self.places.put(item)
        self.frames.block_moved(item.ident)
        if not self._filling:
            for line in item.wires:
                line.reroute()

    def _put(self, far: dict[NodeItem, tuple[QPointF, QPointF]]) -> None:
        """Blocks that were there already at their new places; their wires follow once all are there."""
        for item, (start, place) in far.items():
            self._touched += [item.card().translated(start), item.card().translated(place)]
            item.setPos(place)
        for line in {line for item in far for line in item.wires}:
            line.reroute()

    def _reroute(self, touched: list[QRectF] | None = None) -> None:
        """Draw wires anew: those that may pass where something was or is now (None: all)."""
        if touched is not None and not touched:
            return
        everything = touched is None or len(touched) > MOST_TOUCHED
        for line in self.wires.values():
            if everything or line.passes(touched or []):
                line.reroute()
        self.frames.wires_drawn()

    def _glide(
        self, far: dict[NodeItem, tuple[QPointF, QPointF]], leaving: dict[NodeItem, tuple[QPointF, QPointF]]
    ) -> None:
        def arrived() -> None:
            self._take_away(leaving)
            self._reroute()

        for item, (start, _) in far.items():
            item.setPos(start)
        self._motion = Glide({**far, **leaving}, self)
        self._motion.valueChanged.connect(lambda _: self.frames.settle())
        self._motion.finished.connect(arrived)
        self._motion.start(QAbstractAnimation.DeletionPolicy.KeepWhenStopped)

    def _take_away(self, leaving: dict[NodeItem, tuple[QPointF, QPointF]]) -> None:
        for item in leaving:
            if item.scene() is self:
                self.removeItem(item)

    def _stop_motion(self) -> None:
        if self._motion is not None:
            self._motion.end()
            self._motion = None

    def _restyle(self) -> None:
        forget_looks()
        self.version += 1
        self.invalidate()
        for view in self.views():
            view.viewport().update()

    # ---- selection -------------------------------------------------------------------------------------------

    def _selection_changed(self) -> None:
        if not self._filling:
            if self.frames.items or self.chosen_frame:
                self._show_frame(self._frame_of(self.chosen_nodes()))
            self.chosen.emit()

    def chosen_nodes(self) -> list[str]:
        """Ids of the selected blocks, in the graph's order."""
        return [node.id for node in self.graph.nodes if node.id in self.nodes and self.nodes[node.id].isSelected()]

    def chosen_wires(self) -> list[Wire]:
        return [line.wire for line in self.wires.values() if line.isSelected()]

    def choose(self, idents: Collection[str], frame: str = "") -> None:
        """Select exactly these blocks. frame: they are what is shown of that open group."""
        self._filling = True
        self.clearSelection()
        for ident in idents:
            if ident in self.nodes:
                self.nodes[ident].setSelected(True)
        self._filling = False
        self._show_frame(frame or self._frame_of(self.chosen_nodes()))
        self.chosen.emit()

    def choose_frame(self, ident: str, *, more: bool = False) -> None:
        """Select an open group with all that is in it; `more`: in addition to what is selected."""
        inside = self.frames.items[ident].look.ids
        chosen = self.chosen_nodes()
        if not more or not set(chosen).isdisjoint(inside):
            if self.chosen_frame != ident or set(chosen) != set(inside):
                self.choose(inside, ident)
        else:
            self.choose([*chosen, *inside])

    def chosen_group(self) -> str:
        """The one group that is selected, folded or open; "" when anything else is."""
        chosen = self.chosen_nodes()
        if len(chosen) == 1 and self.nodes[chosen[0]].look.layers:
            return chosen[0]
        return self.chosen_frame

    def _show_frame(self, ident: str) -> None:
        for changed in {ident, self.chosen_frame} & self.frames.items.keys() if ident != self.chosen_frame else ():
            self.frames.items[changed].repaint()
        self.chosen_frame = ident

    def _frame_of(self, chosen: list[str]) -> str:
        """The open group of which exactly these blocks are shown; the one selected before where there are two."""
        wanted = set(chosen)
        here = [
            i
            for i, item in self.frames.items.items()
            if len(chosen) == len(item.look.ids) and wanted == set(item.look.ids)
        ]
        if self.chosen_frame in here:
            return self.chosen_frame
        return here[0] if here and len(chosen) > 1 else ""

    def choose_all(self) -> None:
        self.choose([node.id for node in self.graph.nodes])

    def content_rect(self, idents: Collection[str] = ()) -> QRectF:
        """The rectangle round all blocks, or round some."""
        if not idents and self._box[0] == self.version:
            return QRectF(self._box[1])
        box = QRectF()
        for ident in idents or self.nodes:
            item = self.nodes.get(ident)
            if item is not None:
                box = box.united(item.card().translated(item.pos()))
        if not idents:
            for frame in self.frames.items.values():
                box = box.united(frame.box())
            self._box = (self.version, QRectF(box))
        return box

    # ---- what lies where -------------------------------------------------------------------------------------

    def zoom(self) -> float:
        views = self.views()
        return views[0].transform().m11() if views else 1.0

    def node_at(self, point: QPointF) -> NodeItem | None:
        for item in self.items(point):
            if isinstance(item, NodeItem) and item.card().contains(item.mapFromScene(point)):
                return item
        return None

    def frame_at(self, point: QPointF) -> FrameItem | None:
        """The frame whose title is under a point, the innermost first."""
        found = [i.frame for i in self.items(point) if isinstance(i, Handle)]
        return max(found, key=FrameItem.zValue, default=None)

    def port_at(self, point: QPointF) -> tuple[NodeItem, int] | None:
        """The port under the pointer: (block, input number, or -1 for its output)."""
        reach = max(9.0, 8.0 / self.zoom())
        around = QRectF(point.x() - reach, point.y() - reach, 2 * reach, 2 * reach)
        best: tuple[float, NodeItem, int] | None = None
        for item in self.items(around):
            if isinstance(item, NodeItem):
                local = item.mapFromScene(point)
                port = item.port_at(local, reach)
                if port is not None:
                    place = item.output_port() if port < 0 else item.input_port(port)
                    away = (local - place).manhattanLength()
                    if best is None or away < best[0]:
                        best = (away, item, port)
        return None if best is None else (best[1], best[2])

    def wire_at(self, point: QPointF, reach: float = 0.0) -> WireItem | None:
        """The wire under a point, or within `reach` of it."""
        around = QRectF(point.x() - reach, point.y() - reach, 2 * reach + 0.1, 2 * reach + 0.1)
        found = self.items(around) if reach else self.items(point)
        return next((item for item in found if isinstance(item, WireItem)), None)

    def light_wire(self, point: QPointF | None, but: NodeItem | None = None) -> Wire | None:
        """Highlight the wire a layer dropped there would go on, and name it; None takes the light away.

        but: the block that is dragged, which lies there itself.
        """
        line = None
        if point is not None and self.node_at(point) in (None, but):
            line = self.wire_at(point, 16.0 / max(self.zoom(), 0.2))
        for other, lit in ((self._lit, False), (line, True)):
            if other is not None and line is not self._lit:
                other.set_lit(lit)
        self._lit = line
        return line.wire if line is not None else None

    # ---- the mouse -------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not event.modifiers():
            block = self.node_at(event.scenePos())
            if block is not None and block.unfold_at(block.mapFromScene(event.scenePos())):
                self.fold_wanted.emit(block.ident, False)
                event.accept()
                return
            frame = self.frame_at(event.scenePos()) if block is None else None
            if frame is not None and frame.button().contains(event.scenePos()):
                self.fold_wanted.emit(frame.ident, True)
                event.accept()
                return
            hit = self.port_at(event.scenePos())
            if hit is not None and self._start_wire(*hit, event.scenePos()):
                event.accept()
                return
        if event.button() == Qt.MouseButton.RightButton:
            # The menu is for what lies under the pointer; a selection of several stays.
            item = self.node_at(event.scenePos())
            frame = None if item else self.frame_at(event.scenePos())
            line = None if item or frame else self.wire_at(event.scenePos())
            if item is not None and not item.isSelected():
                self.choose([item.ident])
            elif frame is not None:
                self.choose_frame(frame.ident)
            elif line is not None:
                self.clearSelection()
                line.setSelected(True)
            event.accept()
            return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        if self._drag is not None:
            self._drag.move(event.scenePos())
            event.accept()
            return
        super().mouseMoveEvent(event)
        self.frames.settle()
        held = self.mouseGrabberItem()
        if isinstance(held, NodeItem) and self._can_be_put(held):
            self.light_wire(held.pos() + held.card().center(), but=held)

    def mouseReleaseEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        if self._drag is not None and event.button() == Qt.MouseButton.LeftButton:
            drag, self._drag = self._drag, None
            drag.drop(event.scenePos())
            event.accept()
            return
        held, lit = self.mouseGrabberItem(), self._lit
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self.light_wire(None)
            if isinstance(held, NodeItem) and lit is not None and self._can_be_put(held):
                self.put_on_wire_wanted.emit(held.ident, lit.wire)
            else:
                self._tell_moved()

    def mouseDoubleClickEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        item = self.node_at(event.scenePos())
        if item is not None and event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit(item.ident)
            event.accept()
            return
        frame = self.frame_at(event.scenePos()) if item is None else None
        if frame is not None and event.button() == Qt.MouseButton.LeftButton:
            if not frame.button().contains(event.scenePos()):
                self.rename_wanted.emit(frame.ident)
            event.accept()
            return
        super().mouseDoubleClickEvent(event)

    def _can_be_put(self, item: NodeItem) -> bool:
        """Whether a block that is dragged goes onto the wire it is held over: it is alone and unwired."""
        alone = len(self.selectedItems()) <= 1
        return alone and not item.wires and item.look.output and item.look.ports > 0 and not item.look.layers

    def _tell_moved(self) -> None:
        places = {}
        for node in self.graph.nodes:
            item = self.nodes.get(node.id)
            if item is not None and (item.x(), item.y()) != (node.x, node.y):
                places[node.id] = (item.x(), item.y())
        if places:
            self.moved.emit(places)

    def _start_wire(self, item: NodeItem, port: int, at: QPointF) -> bool:
        if port < 0:
            self._drag = WireDrag(self, item, None, at)
            return True
        held = next((line for line in item.wires if line.target is item and line.wire.port == port), None)
        if held is not None:
            self._drag = WireDrag(self, held.source, held, at)
        else:
            self._drag = WireDrag(self, item, None, at, port=port)
        return True

    @property
    def wiring(self) -> bool:
        """True while a wire is being dragged."""
        return self._drag is not None

    def cancel_wire(self) -> None:
        """Give up the wire being dragged; nothing changes."""
        if self._drag is not None:
            self._drag.end()
            self._drag = None

    def refusal(self, source: str, target: str, port: int, without: Wire | None = None) -> str:
        """Why a wire from source to that input cannot be; "" when it can."""
        if self.judge is not None:
            return self.judge(source, target, port, without)
        graph = self.graph
        if without is not None:
            graph = Graph(graph.nodes, tuple(wire for wire in graph.wires if wire is not without))
        return can_connect(graph, source, target, port)

    def free_place(self, point: QPointF) -> tuple[float, float]:
        """The top left corner of a block put with its middle at `point`, on the grid."""
        return (
            round((point.x() - NODE_WIDTH / 2) / 8) * 8.0,
            round((point.y() - NODE_HEIGHT / 2) / 8) * 8.0,
        )

    def node(self, ident: str) -> Node:
        return self.graph.node(ident)
