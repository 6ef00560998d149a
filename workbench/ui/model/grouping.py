"""Groups and pieces, as the person asks for them on the page: by key, by menu, by button, by the palette."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, QRectF
from PySide6.QtWidgets import QInputDialog, QLineEdit, QWidget

from workbench.core import edits_groups, edits_pieces
from workbench.core.edits import new_id
from workbench.core.edits_graph import end_of_chain
from workbench.core.errors import WorkbenchError
from workbench.core.groups import members
from workbench.core.project import Graph, Group, Project, Wire
from workbench.ui.model.canvas.name_field import NameField
from workbench.ui.model.group_card import GroupView
from workbench.ui.model.group_looks import sum_of, sum_text
from workbench.ui.model.library import Library, data_shapes, shape_at
from workbench.ui.model.looks import NodeLook
from workbench.ui.model.verbs import place_at

if TYPE_CHECKING:
    from workbench.ui.model.page import ModelPage


class Questions:
    """What is asked in a window of its own; tests answer in its place. None: the person backed out."""

    def times(self, parent: QWidget, name: str) -> int | None:
        """How many there are to be in all."""
        text = f"How many times {name} is to stand behind each other, all counted:"
        number, sure = QInputDialog.getInt(parent, "Repeat", text, 3, 2, edits_groups.MOST_REPEATS)
        return number if sure else None

    def block_name(self, parent: QWidget, suggestion: str, taken: Sequence[str]) -> str | None:
        """Under which name a piece is kept; one that is taken is asked for again."""
        text = "Name, in the list of blocks of every project:"
        while True:
            name, sure = QInputDialog.getText(parent, "Keep as a block", text, QLineEdit.EchoMode.Normal, suggestion)
            if not sure:
                return None
            if name.strip() not in taken:
                return name.strip()
            suggestion = name.strip()
            text = f"There is a block called {suggestion} already. Another name:"


class Grouping(QObject):
    """For a ModelPage."""

    def __init__(self, page: ModelPage) -> None:
        super().__init__(page)
        self._page = page
        self.questions = Questions()
        self.library = Library(page.session, self)
        self.library.said.connect(page.stage.say)
        self.library.changed.connect(self.show_pieces)
        self.field = NameField(page.stage.view)
        self.field.taken.connect(self.rename)
        scene = page.stage.scene
        scene.fold_wanted.connect(self.fold)
        scene.rename_wanted.connect(self.begin_rename)
        page.palette_.forget_wanted.connect(self.library.forget)
        self._fits: object = None

    @property
    def _graph(self) -> Graph:
        return self._page.graph

    def chosen(self) -> str:
        """The one group that is selected; "" when anything else is."""
        return self._page.stage.scene.chosen_group()

    def any_chosen(self) -> bool:
        """Whether a group, or a layer of one, is selected."""
        chosen = set(self._page.wishes.chosen())
        return any(n.group and n.id in chosen for n in self._graph.nodes)

    def find(self, ident: str) -> Group | None:
        return next((g for g in self._graph.groups if g.id == ident), None)

    def view(self, looks: Mapping[str, NodeLook]) -> GroupView | None:
        """What the form shows of the selected group."""
        here = self.find(self.chosen())
        if here is None:
            return None
        graph = self._graph
        inside = members(graph, here.id)
        mine = [looks[i] for i in inside]
        rows = tuple((i, look.title, graph.node(i).name, look.count) for i, look in zip(inside, mine, strict=True))
        wrong = sorted((look for look in mine if look.severity), key=lambda one: one.severity != "error")
        said = [f"{name}: {look.problem}" for look in wrong[:2] for name in (look.second,)]
        more = [f"and {len(wrong) - 2} more"] if len(wrong) > 2 else []
        # Its parts are not broken over two lines.
        parts = sum_text(sum_of(graph, inside, self._page.session.graph_facts)).split(" · ")
        told = " · ".join(part.replace(" ", "\u00a0") for part in parts)
        return GroupView(here, told, rows, "\n".join([*said, *more]), any(one.severity == "error" for one in wrong))

    # ---- groups ----------------------------------------------------------------------------------------------

    def make(self) -> None:
        """Put what is selected under one name, and ask for it."""
        page = self._page
        ids, fresh = page.wishes.chosen(), new_id()
        if not ids:
            page.stage.say("Select the layers that belong together first.", "info")
            return
        if page.verbs.do(edits_groups.make_group(ids, group_id=fresh), "Group"):
            page.stage.scene.choose(page.wishes.visible(members(self._graph, fresh)), fresh)
            self.begin_rename(fresh)

    def by_names(self) -> None:
        """A folded group for each part that the names of the layers tell of."""
        before = {g.id for g in self._graph.groups}
        gather = edits_groups.group_by_names()

        def edit(project: Project) -> Project:
            grown = gather(project)
            return edits_groups.fold([g.id for g in grown.graph.groups if g.id not in before])(grown)

        if self._page.verbs.do(edit, "Group by names"):
            self._page.stage.view.fit()

    def ungroup(self) -> None:
        """Take the names of the selected groups away; the layers stay selected."""
        page = self._page
        chosen = page.stage.scene.chosen_nodes()
        wanted = [self.chosen()] if self.chosen() else [i for i in chosen if i in page.wishes.shown.blocks]
        if not wanted:
            # A layer of a group is enough to say which.
            homes = dict.fromkeys(n.group for n in self._graph.nodes if n.id in set(chosen) and n.group)
            wanted = list(homes)
        if not wanted:
            page.stage.say("Nothing that is selected is in a group.", "info")
            return
        ids = [i for one in wanted for i in members(self._graph, one)]

        def edit(project: Project) -> Project:
            for one in wanted:
                opened = edits_groups.fold(one, False)(project)
                project = edits_groups.ungroup(one)(opened)
            return project

        if page.verbs.do(edit, "Ungroup"):
            page.stage.scene.choose(page.wishes.visible(ids))

    def fold(self, ident: str, folded: bool) -> None:
        """Fold a group, or open it; it stays selected."""
        page, here = self._page, self.find(ident)
        if here is None:
            return
        if page.verbs.do(edits_groups.fold(ident, folded), f"{'Fold' if folded else 'Open'} {here.name}"):
            scene = page.stage.scene
            if folded:
                scene.choose(page.wishes.visible(members(self._graph, ident)[:1]))
            else:
                scene.choose(page.wishes.visible(members(self._graph, ident)), ident)

    def fold_all(self, folded: bool) -> None:
        """Fold the outermost groups, or open all."""
        groups = [g.id for g in self._graph.groups if not folded or not g.parent]
        self._page.verbs.do(edits_groups.fold(groups, folded), "Fold all groups" if folded else "Open all groups")

    def toggle(self) -> None:
        """Fold the selected group, or open it."""
        ident = self.chosen()
        if ident and (here := self.find(ident)) is not None:
            self.fold(ident, not here.folded)

    def begin_rename(self, ident: str = "") -> None:
        """Ask for another name where it stands: of the group, else into the form of the selected layer."""
        page, scene = self._page, self._page.stage.scene
        ident = ident or self.chosen()
        here = self.find(ident)
        if here is None:
            if scene.chosen_nodes():
                page.side.tabs.setCurrentIndex(0)
                page.side.inspector.focus_name()
            return
        frame, block = scene.frames.items.get(ident), scene.nodes.get(ident)
        if frame is not None:
            place = frame.title()
        elif block is not None:
            place = QRectF(block.pos().x(), block.pos().y(), block.card().width(), 28)
        else:
            return
        self.field.begin(ident, here.name, place)

    def rename(self, ident: str, name: str) -> bool:
        if self.find(ident) is None:
            return False
        return self._page.verbs.do(edits_groups.rename_group(ident, name), "Rename the group")

    def colour(self, ident: str, number: int) -> None:
        self._page.verbs.do(edits_groups.colour_group(ident, number), "Colour the group")

    def repeat(self, ident: str = "") -> None:
        """Ask how often, and put copies of a group behind it."""
        here = self.find(ident or self.chosen())
        if here is None:
            self._page.stage.say("Select a group first: click its name, or make one with Ctrl+G.", "info")
            return
        times = self.questions.times(self._page, here.name)
        if times is not None:
            self._page.verbs.do(edits_groups.repeat_group(here.id, times), f"Repeat {here.name} {times} times")

    def keep(self, ident: str = "") -> None:
        """Ask for a name, and keep a group for other places and projects."""
        page, here = self._page, self.find(ident or self.chosen())
        if here is None:
            page.stage.say("Select a group first: click its name, or make one with Ctrl+G.", "info")
            return
        try:
            piece = edits_pieces.as_piece(self._graph, here.id)
        except WorkbenchError as error:
            page.verbs.refused.emit(error)
            return
        name = self.questions.block_name(page, here.name, [one.name for one in self.library.own])
        if name is not None:
            self.library.keep(name, piece)

    # ---- pieces ----------------------------------------------------------------------------------------------

    def show_pieces(self) -> None:
        """List the pieces, with why they do not fit behind what is selected."""
        page = self._page
        shape = shape_at(page.session.graph_facts, self._place())
        key = (shape, self.library.own)
        if key != self._fits:
            self._fits = key
            page.palette_.set_pieces(self.library.pieces(shape))

    def _place(self) -> str:
        """What a piece would follow; "" for nothing."""
        found = self._page.wishes.anchors()
        after = found[-1] if found else end_of_chain(self._graph) or ""
        return self._before_end(after)

    def _before_end(self, after: str) -> str:
        if after and self._graph.node(after).kind == "Output":
            feeding = self._graph.into(after)
            return feeding[0].source if feeding else ""
        return after

    def append(self, key: str, wires: Sequence[Wire] = ()) -> None:
        """A piece behind what is selected, or on wires out of one block."""
        page = self._page
        found = page.wishes.anchors()
        after = "" if wires else found[-1] if found else end_of_chain(self._graph) or ""
        source = wires[0].source if wires else self._before_end(after)
        if not source:
            self.put_loose(key, (0.0, 0.0) if not self._graph.nodes else self._beside())
            return
        try:
            piece = self.library.make(key, shape_at(page.session.graph_facts, source))
        except WorkbenchError as error:
            page.verbs.refused.emit(error)
            return
        self._insert(key, piece, after=after, wires=wires)

    def put_loose(self, key: str, at: tuple[float, float]) -> None:
        """A piece at a place, not wired yet, made for what it will most likely follow."""
        facts, session = self._page.session.graph_facts, self._page.session
        shapes = (shape_at(facts, self._place()), *data_shapes(session.facts))
        self._insert(key, self.library.make_loose(key, shapes), at=at)

    def put_after(self, key: str, source: str, at: tuple[float, float]) -> None:
        """A piece at a place, fed by a block in addition to what that feeds already."""
        page = self._page
        try:
            piece = self.library.make(key, shape_at(page.session.graph_facts, source))
        except WorkbenchError as error:
            page.verbs.refused.emit(error)
            return
        self._insert(key, piece, after=source, at=at, beside=True)

    def put_before(self, key: str, inputs: Sequence[tuple[str, int]], at: tuple[float, float]) -> None:
        """A piece at a place, of which the end feeds inputs (node, number)."""
        shapes = data_shapes(self._page.session.facts)
        self._insert(key, self.library.make_loose(key, shapes), at=at, into=inputs)

    def drop(self, key: str, point: QPointF, wires: Sequence[Wire]) -> None:
        """A piece let go over the canvas."""
        if wires:
            self.append(key, wires)
        else:
            self.put_loose(key, place_at(point))

    def _insert(
        self,
        key: str,
        piece: Graph,
        after: str = "",
        wires: Sequence[Wire] = (),
        at: tuple[float, float] | None = None,
        beside: bool = False,
        into: Sequence[tuple[str, int]] = (),
    ) -> None:
        page, fresh, title = self._page, new_id(), self.library.title(key)
        edit = edits_pieces.insert_graph(
            piece, title, after, group_id=fresh, on_wires=wires, at=at, beside=beside, into=into
        )
        if page.verbs.do(edit, f"Add {title}"):
            page.palette_.remember(key)
            scene = page.stage.scene
            scene.choose(page.wishes.visible(members(self._graph, fresh)), fresh)
            if page.isVisible():
                page.stage.view.show_whole(scene.chosen_nodes())

    def _beside(self) -> tuple[float, float]:
        box = self._page.stage.scene.content_rect()
        return place_at(box.topRight() + QPointF(48, 0))
