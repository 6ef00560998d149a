"""How the document's graph is drawn: looks and frames, made from what is known of it now, handed to the scene."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from workbench.core.project import Graph
from workbench.core.structure import used_nodes
from workbench.ui.model.canvas.frame_item import FrameLook
from workbench.ui.model.canvas.scene import GraphScene
from workbench.ui.model.following import RunMarks
from workbench.ui.model.group_looks import frame_looks, group_looks
from workbench.ui.model.looks import PARAMETERS, NodeLook, looks_of
from workbench.ui.model.wishes import Wishes


def same_layers(one: Graph, other: Graph) -> bool:
    """Whether two graphs differ at most in where their blocks lie."""
    return one.wires == other.wires and [(n.id, n.kind, n.name, n.params, n.shares) for n in one.nodes] == [
        (n.id, n.kind, n.name, n.params, n.shares) for n in other.nodes
    ]


def another_model(before: Graph, after: Graph) -> bool:
    """Whether nothing of the one graph is in the other: at most the two ends, which bear the same ids in every file."""
    if not {node.id for node in before.nodes} & {node.id for node in after.nodes}:
        return True
    layers, later = ({n.id for n in one.nodes if n.kind not in ("Input", "Output")} for one in (before, after))
    return bool(layers and later and not layers & later)


class Drawing:
    """For a ModelPage. measure: one of looks.MEASURES, shown on the blocks. stale: the facts are of an older graph.
    drawn: the looks that were shown last, by id of node or folded group."""

    def __init__(self, session: Any, scene: GraphScene, wishes: Wishes, marks: RunMarks) -> None:
        self._session, self._scene, self._wishes, self._marks = session, scene, wishes, marks
        self._known: dict[str, Any] = {}  # the looks made before; see looks_of
        self.measure = PARAMETERS
        self.stale = False
        self.drawn: dict[str, NodeLook] = {}
        self._walked: tuple[Any, frozenset[str]] | None = None  # what is not used, and what that was found from
        self._frames: dict[str, Any] = {}  # the frames made before; see frame_looks

    @property
    def _graph(self) -> Graph:
        graph: Graph = self._session.document.project.graph
        return graph

    def looks(self) -> tuple[dict[str, NodeLook], tuple[FrameLook, ...]]:
        """How every layer and every folded group looks, and the frames of open groups."""
        graph, session = self._graph, self._session
        looks = looks_of(
            graph,
            session.catalog,
            session.facts,
            session.graph_facts,
            stale=self.stale,
            unused=self._unused(graph),
            running=self._marks.nodes(graph),
            measure=self.measure,
            known=self._known,
        )
        shown, facts = self._wishes.shown, session.graph_facts
        self.drawn = looks | group_looks(graph, shown, looks, facts, self.measure)
        return self.drawn, frame_looks(graph, shown, looks, facts, self._frames)

    def _unused(self, graph: Graph) -> frozenset[str]:
        """The layers that no Output depends on."""
        made_from = (graph.wires, [(n.id, n.kind == "Output") for n in graph.nodes])
        if self._walked is None or self._walked[0] != made_from:
            every = frozenset(n.id for n in graph.nodes)
            outputs = any(n.kind == "Output" for n in graph.nodes)
            self._walked = (made_from, every - used_nodes(graph) if outputs else frozenset())
        return self._walked[1]

    def still(self) -> dict[str, NodeLook]:
        """How each block looks, as a picture shows it: nothing of what trains."""
        return {ident: replace(look, running=False) for ident, look in self.looks()[0].items()}

    def show(self, before: Graph, *, visible: bool, framed: Callable[[], None]) -> None:
        """Show the graph; what was there of the one before glides to its place. framed: called for another model."""
        graph = self._graph
        other = another_model(before, graph)
        looks, frames = self.looks()
        shown = self._wishes.shown
        self._scene.show_graph(shown.graph, looks, glide=visible and not other, frames=frames, stands=shown.stands)
        if other and graph.nodes:
            framed()

    def refresh(self) -> None:
        """New facts about the same graph."""
        self._scene.set_looks(*self.looks())
