"""What a person does to the graph, as undoable edits: each asks the session, and says in words what was refused."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, QPointF, Signal

from workbench.core import edits_graph, edits_groups, edits_notes, edits_outputs, edits_pieces, edits_sharing
from workbench.core.document import Edit
from workbench.core.edits import new_id
from workbench.core.errors import WorkbenchError
from workbench.core.facts import Repair
from workbench.core.groups import group, members, whole_groups
from workbench.core.project import Graph, Project, Wire
from workbench.core.structure import incoming
from workbench.ui.model import clipboard
from workbench.ui.model.library import AGAIN
from workbench.ui.model.output_looks import free_targets


class ModelVerbs(QObject):
    """`session` gives `document` and `apply`. `selected` gives the ids of the selected blocks.

    Signals: select(ids) after an edit that made something; refused(WorkbenchError).
    """

    select = Signal(list)
    refused = Signal(object)

    def __init__(self, session: Any, selected: Callable[[], list[str]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._selected = selected

    @property
    def graph(self) -> Graph:
        graph: Graph = self._session.document.project.graph
        return graph

    def do(self, edit: Edit, label: str, merge_key: str | None = None) -> bool:
        """Apply one edit; a refusal is told, nothing is lost. Whether it went through."""
        try:
            self._session.apply(edit, label, merge_key)
        except WorkbenchError as error:
            self.refused.emit(error)
            return False
        return True

    # ---- adding ----------------------------------------------------------------------------------------------

    def append(self, kind: str) -> str:
        """A layer after the selection (the end of the chain when nothing is selected); its id."""
        if not self.graph.nodes and kind not in ("Input", "Output"):
            return self._begin_with(kind)
        selected = self._selected()
        after = selected[-1] if selected else edits_graph.end_of_chain(self.graph)
        if kind == "Output" and self._session.facts is not None and free_targets(self.graph, self._session.facts):
            return self._add_output(after)
        return self._add(kind, after=after)

    def _add_output(self, after: str | None) -> str:
        """An Output for a target that has none yet: right behind a layer that leads nowhere so far, else with a layer
        of its own behind what the others answer from."""
        graph, facts = self.graph, self._session.facts
        for _ in range(2):  # not behind another's Output, nor behind the layer that answers for it
            follow = graph.out_of(after) if after else ()
            answers = bool(follow) and all(graph.node(w.target).kind == "Output" for w in follow)
            feeding = incoming(graph, after) if after and (answers or graph.node(after).kind == "Output") else []
            after = feeding[0].source if feeding else after
        if not after:
            return self._add("Output")
        fresh, head = new_id(), new_id()
        if self.do(edits_outputs.add_head(after, facts, fresh, head if graph.out_of(after) else ""), "Add Output"):
            self.select.emit([fresh])
        return fresh

    def put(self, kind: str, at: tuple[float, float], on_wires: Sequence[Wire] = ()) -> str:
        """A layer at a place, or on wires out of one block; its id."""
        fresh = new_id()
        add = _adding(kind, at=None if on_wires else at, on_wire=on_wires[0] if on_wires else None, node_id=fresh)
        if self.do(_then(add, edits_pieces.feed_from(on_wires[1:], fresh)), self._label(kind)):
            self.select.emit([fresh])
        return fresh

    def put_on_wires(self, ident: str, wires: Sequence[Wire]) -> None:
        """A block that is there already, put on wires out of one block."""
        edit = _then(edits_graph.put_on_wire(ident, wires[0]), edits_pieces.feed_from(wires[1:], ident))
        if self.do(edit, "Insert"):
            self.select.emit([ident])

    def put_after(self, kind: str, source: str, at: tuple[float, float]) -> str:
        """A layer at a place, fed by `source` in addition to what that feeds already; its id."""
        fresh = new_id()
        add = _adding(kind, at=at, node_id=fresh)
        edit = _then(_then(add, edits_graph.connect(source, fresh, 0)), edits_outputs.name_outputs(self._session.facts))
        if self.do(edit, self._label(kind)):
            self.select.emit([fresh])
        return fresh

    def put_before(self, kind: str, inputs: Sequence[tuple[str, int]], at: tuple[float, float]) -> str:
        """A layer at a place that feeds inputs (node, number); its id."""
        fresh = new_id()
        edit = _adding(kind, at=at, node_id=fresh)
        for target, port in inputs:
            edit = _then(edit, edits_graph.connect(fresh, target, port))
        if self.do(edit, self._label(kind)):
            self.select.emit([fresh])
        return fresh

    def _add(self, kind: str, **where: Any) -> str:
        fresh = new_id()
        if self.do(_adding(kind, node_id=fresh, **where), self._label(kind)):
            self.select.emit([fresh])
        return fresh

    def _label(self, kind: str) -> str:
        """ "Add Dense", "Use dense_1 once more"."""
        if not kind.startswith(AGAIN):
            return f"Add {kind}"
        return f"Use {self.graph.node(kind.removeprefix(AGAIN)).name} once more"

    def _begin_with(self, kind: str) -> str:
        """The first layer comes with both ends, so that it is a model at once."""
        start, fresh, end = new_id(), new_id(), new_id()
        steps = (
            edits_graph.add_layer("Input", node_id=start),
            edits_graph.add_layer(kind, after=start, node_id=fresh),
            edits_graph.add_layer("Output", after=fresh, node_id=end),
        )

        def edit(project: Project) -> Project:
            for step in steps:
                project = step(project)
            return project

        if self.do(edit, f"Add {kind}"):
            self.select.emit([fresh])
        return fresh

    def replace(self, ident: str, kind: str) -> None:
        """Another layer in the same place."""
        self.do(edits_graph.change_kind(ident, kind), f"Replace by {kind}")

    # ---- taking away -----------------------------------------------------------------------------------------

    def delete(self, idents: Collection[str], wires: Collection[Wire] = ()) -> None:
        """Blocks (their neighbours are joined where that is clear), notes and wires, in one step."""
        if not idents and not wires:
            return
        notes = self._notes(idents)
        blocks = [ident for ident in idents if ident not in set(notes)]
        follower = self._neighbour(blocks)
        cut, drop = edits_graph.disconnect(list(wires)), edits_graph.delete_nodes(blocks)
        label = _things("Delete", len(blocks), len(notes)) if idents else _counted("Remove", len(wires), "wire")
        edit = _then(_then(cut, drop), edits_notes.delete_notes(notes))
        if self.do(edit, label) and follower:
            self.select.emit([follower])

    def delete_group(self, ident: str) -> None:
        """A group with all that is in it; what is before and behind it is joined where that is clear."""
        inside = members(self.graph, ident)
        follower = self._neighbour(inside)
        if self.do(edits_groups.delete_group(ident), f"Delete {group(self.graph, ident).name}") and follower:
            self.select.emit([follower])

    def _neighbour(self, idents: Collection[str]) -> str:
        """What to select after a deletion: what fed the first deleted block."""
        gone = set(idents)
        for ident in idents:
            for wire in incoming(self.graph, ident):
                if wire.source not in gone:
                    return wire.source
        return ""

    def disconnect_nodes(self, idents: Collection[str]) -> None:
        """Take all wires of a block away; of a group those to what is outside."""
        inside = set(idents)
        wires = [wire for wire in self.graph.wires if (wire.source in inside) != (wire.target in inside)]
        if wires:
            self.do(edits_graph.disconnect(wires), "Disconnect")

    # ---- wires -----------------------------------------------------------------------------------------------

    def disconnect_wires(self, wires: Collection[Wire]) -> None:
        self.do(edits_graph.disconnect(wires), _counted("Remove", len(wires), "wire"))

    def rewire(self, wire: Wire, source: str, target: str, port: int) -> None:
        """Move an end of a wire, as one step."""
        cut = edits_graph.disconnect(wire)

        def edit(project: Project) -> Project:
            bare = cut(project)
            most = {w.port for w in incoming(bare.graph, target)}
            # Ports of merging blocks close up when one is taken away: then the next free one is meant.
            place = port if wire.target != target else min(port, len(most))
            return edits_graph.connect(source, target, place)(bare)

        self.do(edit, "Move wire")

    # ---- copies ----------------------------------------------------------------------------------------------

    def _notes(self, idents: Collection[str]) -> list[str]:
        """Those of some ids that are notes."""
        return [note.id for note in self.graph.notes if note.id in set(idents)]

    def copy(self, idents: Collection[str]) -> bool:
        """Put blocks, the wires among them, and notes on the clipboard. False when there is nothing to copy."""
        chosen = set(idents)
        nodes, wires = edits_graph.copied(self.graph, chosen)
        notes = tuple(note for note in self.graph.notes if note.id in chosen)
        if nodes or notes:
            clipboard.put(clipboard.Clip(nodes, wires, whole_groups(self.graph, chosen), notes))
        return bool(nodes or notes)

    def cut(self, idents: Collection[str]) -> None:
        if self.copy(idents):
            self.delete(idents)

    def can_paste(self) -> bool:
        return clipboard.filled()

    def paste(self, at: tuple[float, float] | None = None) -> list[str]:
        """What is on the clipboard, under new names; the ids. at: top left corner of the whole; None: a little off."""
        if not self.can_paste():
            return []
        try:
            clip = clipboard.take()
        except WorkbenchError as error:
            self.refused.emit(error)
            return []
        fresh = {one.id: new_id() for one in (*clip.nodes, *clip.notes)}
        if not fresh:
            return []
        left, top = clip.corner()
        dx, dy = (32.0, 32.0) if at is None else (at[0] - left, at[1] - top)
        inner = min((n.x for n in clip.nodes), default=0.0) + dx, min((n.y for n in clip.nodes), default=0.0) + dy
        blocks = edits_graph.paste_nodes(clip.nodes, clip.wires, inner, fresh, clip.groups)
        edit = _then(blocks, edits_notes.paste_notes(clip.notes, fresh, (dx, dy)))
        if self.do(edit, _things("Paste", len(clip.nodes), len(clip.notes))):
            self.select.emit(list(fresh.values()))
            return list(fresh.values())
        return []

    def duplicate(self, idents: Collection[str]) -> None:
        """Copies beside the originals."""
        held = self._notes(idents)
        blocks = [ident for ident in idents if ident not in set(held)]
        fresh = {ident: new_id() for ident in (*blocks, *held)}
        notes = [note for note in self.graph.notes if note.id in set(held)]

        def edit(project: Project) -> Project:
            after = edits_graph.duplicate_nodes(blocks, fresh)(project) if blocks else project
            offset = (32.0, 32.0)
            if blocks:
                old, new = project.graph.node(blocks[0]), after.graph.node(fresh[blocks[0]])
                offset = (new.x - old.x, new.y - old.y)
            return edits_notes.paste_notes(notes, fresh, offset)(after)

        if fresh and self.do(edit, _things("Duplicate", len(blocks), len(held))):
            self.select.emit(list(fresh.values()))

    # ---- places, values --------------------------------------------------------------------------------------

    def move(self, places: Mapping[str, tuple[float, float]], count: int = 0) -> None:
        """Blocks and notes. count: how many things these are, where a group is one."""
        notes = len(self._notes(places))
        edit = _then(edits_graph.move_nodes(places), edits_notes.move_notes(places))
        self.do(edit, _things("Move", (count or len(places)) - notes, notes))

    def nudge(self, idents: Collection[str], dx: float, dy: float) -> None:
        """Move by keyboard; a series of steps is one undo step."""
        things = [one for one in (*self.graph.nodes, *self.graph.notes) if one.id in set(idents)]
        places = {one.id: (one.x + dx, one.y + dy) for one in things}
        if places:
            edit = _then(edits_graph.move_nodes(places), edits_notes.move_notes(places))
            self.do(edit, "Move", f"nudge:{','.join(sorted(places))}")

    def arrange(self, idents: Collection[str] = ()) -> None:
        """Automatic layout of everything, or of several blocks among the others."""
        several = len(idents) > 1
        label = _counted("Arrange", len(idents), "layer") if several else "Arrange"
        self.do(edits_graph.arrange(idents if several else ()), label)

    def align(self, idents: Collection[str], edge: str) -> None:
        """Blocks on one line: "left" | "centre" | "right" | "top" | "middle" | "bottom"."""
        if len(idents) > 1:
            self.do(edits_graph.align(idents, edge), _counted("Align", len(idents), "layer"))

    def distribute(self, idents: Collection[str], axis: str) -> None:
        """The same distance from block to block, "across" or "down"."""
        if len(idents) > 2:
            self.do(edits_graph.distribute(idents, axis), _counted("Distribute", len(idents), "layer"))

    def set_param(self, idents: Collection[str], name: str, value: Any, title: str) -> None:
        self.do(
            edits_graph.set_params(list(idents), name, value), f"Change {title.lower()}", f"{name}:{','.join(idents)}"
        )

    def bind_output(self, ident: str, target: str) -> None:
        """Let an Output predict that target; another that had it takes what this one had."""
        facts = self._session.facts
        if facts is not None:
            self.do(edits_outputs.bind_output(ident, target, facts), f"Predict “{target}” here")

    def set_output(self, ident: str, changes: dict[str, Any], title: str) -> None:
        """Params of an Output; None stands for the default."""
        typed = set(changes) <= {
            "loss_weight",
            "loss_params",
            "metric_params",
        }  # what is chosen from a list is a step of its own
        key = f"{','.join(changes)}:{ident}" if typed else None
        self.do(edits_outputs.set_output(ident, changes), f"Change {title}", key)

    def rename(self, ident: str, name: str) -> bool:
        return self.do(edits_graph.rename_layer(ident, name), "Rename")

    def hush(self, key: str) -> None:
        """Wave a piece of advice away."""
        self.do(edits_graph.hush(key), "Hide advice")

    def hear_all(self) -> None:
        """Show all advice again."""
        self.do(edits_graph.hear_all(), "Show advice")

    def accept(self, repair: Repair) -> None:
        """What was offered to mend a problem."""
        self.do(edits_graph.accept(repair), repair.title)


def _adding(kind: str, **where: Any) -> Edit:
    """A new block of a kind, or, for AGAIN and the id of one, a further place of its layer."""
    if kind.startswith(AGAIN):
        return edits_sharing.use_again(kind.removeprefix(AGAIN), **where)
    return edits_graph.add_layer(kind, **where)


def _then(first: Edit, second: Edit) -> Edit:
    return lambda project: second(first(project))


def place_at(point: QPointF) -> tuple[float, float]:
    """A scene position on the grid."""
    return round(point.x() / 8) * 8.0, round(point.y() / 8) * 8.0


def _counted(verb: str, count: int, noun: str) -> str:
    return f"{verb} {noun}" if count == 1 else f"{verb} {count} {noun}s"


def _things(verb: str, layers: int, notes: int) -> str:
    """ "Delete layer", "Move 3 layers and note"."""
    if not notes:
        return _counted(verb, layers, "layer")
    if not layers:
        return _counted(verb, notes, "note")
    return f"{_counted(verb, layers, 'layer')} and {'note' if notes == 1 else f'{notes} notes'}"
