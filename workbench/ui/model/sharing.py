"""Layers used at several places, as the person asks for them on the page: by key, by menu, by the form, by the palette;
and the light on the other places of what is selected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from workbench.core.edits import new_id
from workbench.core.edits_sharing import give_own_layer, share_one_layer, use_all_again, why_not_one
from workbench.core.facts import GraphFacts
from workbench.core.project import Graph, Node
from workbench.core.sharing import owner, places, shared, siblings, why_not_again
from workbench.ui.model.library import AGAIN, Piece

if TYPE_CHECKING:
    from workbench.ui.model.page import ModelPage


class Sharing(QObject):
    """For a ModelPage."""

    def __init__(self, page: ModelPage) -> None:
        super().__init__(page)
        self._page = page
        self._offered: tuple[Piece, ...] | None = None
        self._seen: tuple[Node, ...] | None = None
        self._offered_of: list[tuple[str, str, str, str]] = []
        page.stage.view.again_wanted.connect(self.use_again)
        strip = page.side.inspector.sharing
        strip.own_wanted.connect(self.give_own)
        strip.others_wanted.connect(self.show_places)

    @property
    def _graph(self) -> Graph:
        return self._page.graph

    def refresh(self) -> None:
        """What is selected has other places: light them, and say so in the form."""
        page, graph = self._page, self._graph
        chosen = page.wishes.chosen()
        scene = page.stage.scene
        scene.light_siblings(set(page.wishes.visible(siblings(graph, chosen))) - set(scene.chosen_nodes()))
        strip = page.side.inspector.sharing
        if chosen and not page.grouping.chosen():
            every = places(graph, chosen[0])
            one = {n.id for n in every}.issuperset(chosen)
            strip.show_places(every if one else (), chosen)
        else:
            strip.show_places((), ())
        self._offer()

    def _offer(self) -> None:
        if self._graph.nodes is self._seen:
            return
        self._seen = self._graph.nodes
        layers = [(n.id, n.kind, n.name, n.shares) for n in self._seen]
        if layers == self._offered_of:
            return
        self._offered_of = layers
        offered = again_pieces(self._graph, None, "")
        if offered != self._offered:
            self._offered = offered
            self._page.palette_.set_again(offered)

    def pieces(self, source: str = "") -> tuple[Piece, ...]:
        """What the pop-up palette offers at a place fed by `source`; "" where nothing is known of it."""
        return again_pieces(self._graph, self._page.session.graph_facts, source)

    # ---- what the person does --------------------------------------------------------------------------------

    def can_use_again(self) -> bool:
        """Whether a layer with weights is selected."""
        chosen = set(self._page.wishes.chosen())
        return any(n.id in chosen and not why_not_again(n) for n in self._graph.nodes)

    def can_give_own(self) -> bool:
        """Whether a selected layer has other places."""
        chosen = set(self._page.wishes.chosen())
        return any(chosen.intersection(ids) for ids in shared(self._graph).values())

    def can_join(self) -> bool:
        """Whether the selected layers can be one."""
        return not why_not_one(self._graph, self._page.wishes.chosen())

    def use_again(self) -> None:
        """A second place beside each selected layer, wired among themselves as those are."""
        page, graph = self._page, self._graph
        chosen = [i for i in page.wishes.chosen() if graph.node(i).kind not in ("Input", "Output")]
        if not chosen:
            page.stage.say("Select the layers that are to be used once more.", "info")
            return
        fresh = {i: new_id() for i in chosen}
        if page.verbs.do(use_all_again(chosen, fresh), self.again_words(chosen)):
            page.verbs.select.emit(list(fresh.values()))

    def again_words(self, chosen: list[str]) -> str:
        """ "Use dense_1 once more", "Use 3 layers once more"."""
        graph = self._graph
        what = owner(graph, graph.node(chosen[0])).name if len(chosen) == 1 else f"{len(chosen):,} layers"
        return f"Use {what} once more"

    def give_own(self, ids: list[str] | None = None) -> None:
        """The selected places get layers of their own."""
        chosen = self._page.wishes.chosen() if ids is None else ids
        others = {i for every in shared(self._graph).values() if set(every) & set(chosen) for i in every}
        wanted = [i for i in chosen if i in others]
        label = "Give it its own layer" if len(wanted) == 1 else f"Give {len(wanted)} places their own layers"
        self._page.verbs.do(give_own_layer(wanted), label)

    def join(self) -> None:
        """The selected layers become one."""
        chosen = self._page.wishes.chosen()
        self._page.verbs.do(share_one_layer(chosen), f"Use one layer for {len(chosen)} places")

    def show_places(self, ids: list[str] | None = None) -> None:
        """Select all places of the selected layers and bring them into sight."""
        page = self._page
        chosen = page.wishes.chosen() if ids is None else ids
        every = [*chosen, *siblings(self._graph, chosen)]
        page.wishes.unfold(every)
        page.select(every)
        if page.isVisible():
            page.stage.view.show_whole(page.wishes.visible(every))


def again_pieces(graph: Graph, facts: GraphFacts | None, source: str) -> tuple[Piece, ...]:
    """The layers of a graph that can be used once more, as rows of the palette. source: id of what would feed the new
    place; where its shape is known, layers made for another say so."""
    of = shared(graph)
    found = []
    for node in graph.nodes:
        if node.shares or why_not_again(node):
            continue
        count = len(of.get(node.id, (node.id,)))
        why = _misfit(graph, facts, node, source) if source else ""
        note = why or (f"at {count} places" if count > 1 else "")
        blurb = f"The very same layer at a second place: {node.kind} with the weights of {node.name}, learnt together."
        title = f"Use {node.name} once more"
        words = f"{node.kind} share shared siamese tie tied weights again"
        found.append(Piece(f"{AGAIN}{node.id}", title, blurb, f"It is {why}." if why else "", note, words))
    return tuple(found)


def _misfit(graph: Graph, facts: GraphFacts | None, node: Node, source: str) -> str:
    """For what else a layer is made than what comes out of `source`, as far as the shapes tell."""
    here = facts.nodes.get(source) if facts is not None else None
    feeding = graph.into(node.id)
    there = facts.nodes.get(feeding[0].source) if facts is not None and feeding else None
    if here is None or there is None or not here.shape or not there.shape:
        return ""
    if len(here.shape) == len(there.shape) and here.shape[-1] == there.shape[-1]:
        return ""
    return "made for " + " × ".join("?" if size is None else str(size) for size in there.shape[1:])
