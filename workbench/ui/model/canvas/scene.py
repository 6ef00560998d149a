"""What the person does to the canvas: selects, drags, wires.

The scene shows a graph and signals what the person wants; it never changes the graph. UI thread only.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtWidgets import QGraphicsSceneMouseEvent

from workbench.core.project import Graph, Wire
from workbench.core.structure import can_connect
from workbench.ui.model.canvas.content import Content
from workbench.ui.model.canvas.frame_item import Handle
from workbench.ui.model.canvas.node_item import NodeItem
from workbench.ui.model.canvas.note_item import NoteItem
from workbench.ui.model.canvas.wire_item import WireItem
from workbench.ui.model.canvas.wiring import WireDrag


class GraphScene(Content):
    """Blocks and wires under the mouse.

    Signals (all only wishes; the page makes them edits):
        chosen: the selection changed.  moved({id: (x, y)}): blocks and notes were dragged.
        connect_wanted(source, target, port), disconnect_wanted(wire), rewire_wanted(wire, source, target, port)
        wire_dropped(source id, scene position): a new wire was let go over nothing; wire_dropped_back(target id, port,
        scene position): one that was pulled out of an input.
        put_on_wire_wanted(id, wire): a block without wires was dragged onto a wire.
        opened(id): double-click.  refused(text): a wire cannot be; why.
        fold_wanted(group, folded): by a button of a frame or of a folded block.  rename_wanted(group): double-click on
        the name of a frame.  add_wanted(scene position): double-click on empty ground.
        note_opened(id): double-click.  note_resized(id, width, height).

    `judge` says why a wire from one shown block to an input of another cannot be (or "").
    """

    chosen = Signal()
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
    add_wanted = Signal(QPointF)
    note_opened = Signal(str)
    note_resized = Signal(str, float, float)

    def __init__(self, parent=None) -> None:
        super().__init__(parent)
        self.chosen_frame = ""  # the open group that is selected with all that is in it
        self.judge: Callable[[str, str, int, Wire | None], str] | None = None
        self._drag: WireDrag | None = None
        self._lit: WireItem | None = None
        self.selectionChanged.connect(self._selection_changed)

    def _let_go(self) -> None:
        self.cancel_wire()
        self.light_wire(None)

    def _settled(self) -> None:
        self._selection_changed()

    # ---- selection -------------------------------------------------------------------------------------------

    def _selection_changed(self) -> None:
        if not self._filling:
            if self.frames.items or self.chosen_frame:
                self._show_frame(self._frame_of(self.chosen_nodes()))
            self.chosen.emit()

    def chosen_nodes(self) -> list[str]:
        """Ids of the selected blocks, in the graph's order."""
        held = [item for item in self.selectedItems() if isinstance(item, NodeItem)]
        chosen = [item.ident for item in held if self.nodes.get(item.ident) is item]
        if len(chosen) < 2:
            return chosen
        inside = set(chosen)
        return [node.id for node in self.graph.nodes if node.id in inside]

    def chosen_notes(self) -> list[str]:
        held = {item.ident for item in self.selectedItems() if isinstance(item, NoteItem)}
        return [ident for ident in self.notes if ident in held]

    def chosen_wires(self) -> list[Wire]:
        return [line.wire for line in self.wires.values() if line.isSelected()]

    def choose(self, idents: Collection[str], frame: str = "") -> None:
        """Select exactly these blocks and notes. frame: they are what is shown of that open group."""
        self._filling = True
        self.clearSelection()
        for ident in idents:
            if (item := self.nodes.get(ident) or self.notes.get(ident)) is not None:
                item.setSelected(True)
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

    def light_siblings(self, idents: Collection[str]) -> None:
        """Show that these blocks are other places of what is selected; those lit before are so no longer."""
        for ident, item in self.nodes.items():
            item.set_sibling(ident in idents)

    def choose_all(self) -> None:
        self.choose([one.id for one in (*self.graph.nodes, *self.graph.notes)])

    # ---- the wire a layer is held over ----------------------------------------------------------------------

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
        if event.button() == Qt.MouseButton.LeftButton and event.modifiers() == Qt.KeyboardModifier.ShiftModifier:
            one = self.node_at(event.scenePos()) or self.wire_at(event.scenePos()) or self.note_at(event.scenePos())
            if one is not None:  # as with Control, which Qt itself knows
                one.setSelected(not one.isSelected())
                event.accept()
                return
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
            note = None if item or frame or line else self.note_at(event.scenePos())
            if (held := item or note) is not None and not held.isSelected():
                self.choose([held.ident])
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
        if event.button() != Qt.MouseButton.LeftButton:
            super().mouseDoubleClickEvent(event)
            return
        note = self.note_at(event.scenePos())
        if note is not None:
            self.note_opened.emit(note.ident)
        elif self.wire_at(event.scenePos()) is None and self.port_at(event.scenePos()) is None:
            self.add_wanted.emit(event.scenePos())
        event.accept()

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
        for sheet in self.notes.values():
            if (sheet.x(), sheet.y()) != (sheet.note.x, sheet.note.y):
                places[sheet.ident] = (sheet.x(), sheet.y())
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

    @property
    def in_hand(self) -> bool:
        """True while a wire, blocks or notes are being dragged."""
        return self.wiring or isinstance(self.mouseGrabberItem(), (NodeItem, NoteItem, Handle))

    def cancel_drag(self) -> bool:
        """Put what is being dragged back to where it was; False when nothing is."""
        held = self.mouseGrabberItem()
        if held is None:
            return False
        held.ungrabMouse()
        self.light_wire(None)
        for node in self.graph.nodes:
            if node.id in self.nodes:
                self.nodes[node.id].setPos(node.x, node.y)
        for item in self.notes.values():
            item.set_note(item.note)
        self.frames.settle()
        return True

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
