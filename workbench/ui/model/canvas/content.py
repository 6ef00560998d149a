"""What the canvas holds: the blocks, wires and frames of the graph it was given last, and what lies where.

Items follow the graph; they never change it. UI thread only.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from PySide6.QtCore import QAbstractAnimation, QPointF, QRectF, Signal
from PySide6.QtWidgets import QGraphicsScene

from workbench.core.layout import NODE_HEIGHT, NODE_WIDTH
from workbench.core.project import Graph, Node, Wire
from workbench.ui import theme
from workbench.ui.model.canvas.brushes import forget_looks
from workbench.ui.model.canvas.frame_item import FrameItem, FrameLook, Handle
from workbench.ui.model.canvas.frames import Frames
from workbench.ui.model.canvas.gliding import Glide
from workbench.ui.model.canvas.node_item import NodeItem
from workbench.ui.model.canvas.note_item import NoteItem
from workbench.ui.model.canvas.places import Places
from workbench.ui.model.canvas.routing import distance
from workbench.ui.model.canvas.wire_item import WireItem
from workbench.ui.model.looks import NodeLook

MOST_GLIDING = 600  # blocks; more of them jump to their places
MOST_TOUCHED = 60  # places; where more changed it is quicker to draw all wires anew
FIELD = QRectF(-40_000, -40_000, 80_000, 80_000)


class Content(QGraphicsScene):
    """The items of a graph.

    A folded group is a block like others, whose id is the group's; open groups have frames.
    Signals: shown(): another graph is shown.
    """

    shown = Signal()

    def __init__(self, parent=None) -> None:
        super().__init__(FIELD, parent)
        self.graph = Graph()
        self.nodes: dict[str, NodeItem] = {}
        self.wires: dict[tuple[str, str, int], WireItem] = {}
        self.notes: dict[str, NoteItem] = {}
        self.places = Places()
        self.frames = Frames(self, self.nodes)
        self._stands: dict[str, str] = {}  # {id of a hidden node: the block that stands for it}
        self.version = 0  # counts what changes the picture of the whole
        self._box: QRectF | None = None  # round all; None: to be found again
        self.animate = True
        self._motion: Glide | None = None
        self._wired: tuple[Wire, ...] = ()  # the wires that were shown last
        self._filling = False
        self._touched: list[QRectF] = []  # where blocks came, went or moved while another graph is shown
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
        self._let_go()
        self._stop_motion()
        self.graph = graph
        wanted = {node.id: node for node in graph.nodes}
        # After most edits the wires are the very same: then there is nothing to go through.
        wired = graph.wires is self._wired and self.nodes.keys() == wanted.keys()
        self._wired = graph.wires
        self._touched = []
        if not wired:
            keys = {(wire.source, wire.target, wire.port) for wire in graph.wires}
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
                self._seen_afar(item.set_look(looks[node.id]))
                if item.pos() != place:
                    far[item] = (item.pos(), place)
        gliding = gliding and len(far) + len(leaving) <= MOST_GLIDING
        if not gliding:
            self._put(far)
            self._take_away(leaving)
        for wire in () if wired else graph.wires:
            key = (wire.source, wire.target, wire.port)
            if key not in self.wires and wire.source in self.nodes and wire.target in self.nodes:
                line = WireItem(wire, self.nodes[wire.source], self.nodes[wire.target])
                self.wires[key] = line
                self.addItem(line)
        others = (self._show_notes(), self.frames.show(frames))
        if any(others) or self._touched or far or leaving:
            self._changed_place()
        if gliding and (far or leaving):
            self._glide(far, leaving)
        else:
            self._reroute(self._touched)
        self._tell_shapes()
        self._filling = False
        self.shown.emit()
        self._settled()

    def _show_notes(self) -> bool:
        """Whether any lies elsewhere, is new or gone."""
        wanted = {note.id: note for note in self.graph.notes}
        gone = [ident for ident in self.notes if ident not in wanted]
        for ident in gone:
            self.removeItem(self.notes.pop(ident))
        moved = bool(gone)
        for ident, note in wanted.items():
            if ident in self.notes:
                moved |= self.notes[ident].set_note(note)
            else:
                self.notes[ident] = NoteItem(note)
                self.addItem(self.notes[ident])
                moved = True
        return moved

    def _let_go(self) -> None:
        """Another graph is about to be shown: whatever the mouse holds of this one is let go."""

    def _settled(self) -> None:
        """Another graph is shown."""

    def set_looks(self, looks: Mapping[str, NodeLook], frames: Sequence[FrameLook] = ()) -> None:
        """New facts about the same graph."""
        self.frames.set_looks(frames)
        for ident, look in looks.items():
            if ident in self.nodes:
                self._seen_afar(self.nodes[ident].set_look(look))
        self._tell_shapes()

    def _seen_afar(self, other: bool) -> None:
        self.version += other

    def _changed_place(self) -> None:
        self.version += 1
        self._box = None

    def _tell_shapes(self) -> None:
        for line in self.wires.values():
            line.shape_text = line.source.look.flow

    def _remove_wire(self, key: tuple[str, str, int]) -> None:
        line = self.wires.pop(key)
        line.part()
        self.removeItem(line)

    def block_moved(self, item: NodeItem) -> None:
        """A block has another place: by hand, by gliding, or because another graph is shown."""
        if self.nodes.get(item.ident) is not item:
            return  # on its way into a folded group
        self._changed_place()
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
        if len(self._touched) > MOST_TOUCHED:
            return  # all wires are drawn anew behind this
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
        self._changed_place()

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

    def content_rect(self, idents: Collection[str] = ()) -> QRectF:
        """The rectangle round all blocks, frames and notes, or round some."""
        if not idents and self._box is not None:
            return QRectF(self._box)
        box = QRectF()
        for ident in idents or self.nodes:
            item = self.nodes.get(ident) or self.notes.get(ident)
            if item is not None:
                box = box.united(item.card().translated(item.pos()))
        if not idents:
            for note in self.notes.values():
                box = box.united(note.card().translated(note.pos()))
            for frame in self.frames.items.values():
                box = box.united(frame.box())
            self._box = QRectF(box)
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

    def note_at(self, point: QPointF) -> NoteItem | None:
        return next((item for item in self.items(point) if isinstance(item, NoteItem)), None)

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
        """The wire under a point, or within `reach` of it: the nearest of several."""
        around = QRectF(point.x() - reach, point.y() - reach, 2 * reach + 0.1, 2 * reach + 0.1)
        found = self.items(around) if reach else self.items(point)
        lines = [item for item in found if isinstance(item, WireItem)]
        return min(lines, key=lambda line: distance(line.path(), point), default=None)

    def free_place(self, point: QPointF) -> tuple[float, float]:
        """The top left corner of a block put with its middle at `point`, on the grid."""
        return (
            round((point.x() - NODE_WIDTH / 2) / 8) * 8.0,
            round((point.y() - NODE_HEIGHT / 2) / 8) * 8.0,
        )

    def node(self, ident: str) -> Node:
        return self.graph.node(ident)
