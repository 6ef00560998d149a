"""What the person does to the picture, meant for the whole graph: a folded group is one block on the canvas, and many
in the document. Between the scene, which knows what is shown, and the verbs, which know what there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QObject

from workbench.core import edits_graph, edits_groups
from workbench.core.document import Edit
from workbench.core.folding import Shown, hiding, shown_graph
from workbench.core.groups import members
from workbench.core.project import Graph, Project, Wire
from workbench.ui.model.canvas.scene import GraphScene
from workbench.ui.model.group_looks import results_of
from workbench.ui.model.verbs import ModelVerbs


class Wishes(QObject):
    """For a ModelPage. `shown` is what the canvas draws of the document's graph."""

    def __init__(self, scene: GraphScene, verbs: ModelVerbs, parent: QObject) -> None:
        super().__init__(parent)
        self._scene, self._verbs = scene, verbs
        self._last: tuple[Graph, Shown] = (Graph(), shown_graph(Graph()))
        scene.judge = self.judge
        scene.moved.connect(self.move)
        scene.connect_wanted.connect(self.connect_blocks)
        scene.disconnect_wanted.connect(lambda wire: verbs.disconnect_wires(self.wires([wire])))
        scene.rewire_wanted.connect(self.rewire)
        scene.put_on_wire_wanted.connect(lambda ident, wire: verbs.put_on_wires(ident, self.wires([wire])))

    @property
    def shown(self) -> Shown:
        graph = self._verbs.graph
        if self._last[0] is not graph:
            self._last = (graph, shown_graph(graph, self._last))
        return self._last[1]

    # ---- what is meant ---------------------------------------------------------------------------------------

    def chosen(self) -> list[str]:
        """Ids of the selected nodes, those in selected folded groups included, in the graph's order."""
        shown = self._scene.chosen_nodes()
        if not self.shown.blocks:
            return shown
        inside = set(self.shown.real_nodes(shown))
        return [n.id for n in self._verbs.graph.nodes if n.id in inside]

    def chosen_things(self) -> list[str]:
        """Ids of the selected nodes and notes."""
        return [*self.chosen(), *self._scene.chosen_notes()]

    def wires(self, shown: Iterable[Wire]) -> list[Wire]:
        return list(self.shown.real_wires(shown))

    def chosen_wires(self) -> list[Wire]:
        return self.wires(self._scene.chosen_wires())

    def anchors(self) -> list[str]:
        """What a new layer can follow: the selected nodes, the result of a group in its place; a group that has not
        one result is left out."""
        graph = self._verbs.graph
        if chosen := self._scene.chosen_group():
            found = results_of(graph, members(graph, chosen))
            return [found[0]] if len(found) == 1 else []
        found = tuple(self.shown.real_source(graph, i) for i in self._scene.chosen_nodes())
        return [i for i in found if i]

    def source(self, ident: str) -> str:
        """The node a wire out of a shown block comes from; "" where a group has several results."""
        return self.shown.real_source(self._verbs.graph, ident)

    def visible(self, ids: Iterable[str]) -> list[str]:
        """What is shown of these nodes (or groups)."""
        return list(self.shown.shown_ids(ids))

    def unfold(self, ids: Iterable[str]) -> None:
        """Open what hides these nodes."""
        groups = hiding(self._verbs.graph, ids)
        if groups:
            self._verbs.do(edits_groups.fold(groups, False), "Open a group" if len(groups) == 1 else "Open groups")

    # ---- wishes ----------------------------------------------------------------------------------------------

    def judge(self, source: str, target: str, port: int, without: Wire | None) -> str:
        return self.shown.refusal(self._verbs.graph, source, target, port, without)

    def move(self, places: Mapping[str, tuple[float, float]]) -> None:
        notes = {note.id for note in self._verbs.graph.notes}
        blocks = {ident: place for ident, place in places.items() if ident not in notes}
        real = self.shown.real_places(self._verbs.graph, blocks)
        self._verbs.move(real | {i: place for i, place in places.items() if i in notes}, len(places))

    def connect_blocks(self, source: str, target: str, port: int) -> None:
        """A wire between two shown blocks."""
        self._verbs.do(self._joined(source, target, port), "Connect")

    def rewire(self, wire: Wire, source: str, target: str, port: int) -> None:
        """Another end for a shown wire."""
        real = self.wires([wire])
        found = self.shown.real_targets(self._verbs.graph, target, port)
        if len(real) == len(found) == 1:
            self._verbs.rewire(real[0], self.source(source), *found[0])
            return
        cut, join = edits_graph.disconnect(real), self._joined(source, target, port)
        self._verbs.do(lambda project: join(cut(project)), "Move wire")

    def _joined(self, source: str, target: str, port: int) -> Edit:
        start = self.source(source)
        found = self.shown.real_targets(self._verbs.graph, target, port)

        def edit(project: Project) -> Project:
            for end, at in found:
                project = edits_graph.connect(start, end, at)(project)
            return project

        return edit
