"""The Model page: palette, canvas, form. It wires them to the session and holds no truth of its own."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from workbench.core.document import Change
from workbench.core.errors import WorkbenchError
from workbench.core.project import Graph
from workbench.ui import theme
from workbench.ui.model.bar import CanvasBar
from workbench.ui.model.canvas.frame_item import FrameLook
from workbench.ui.model.dragging import PaletteDrag
from workbench.ui.model.drawing import Drawing, same_layers
from workbench.ui.model.following import RunMarks, StageWords
from workbench.ui.model.form_wishes import join_form
from workbench.ui.model.grouping import Grouping
from workbench.ui.model.library import is_piece
from workbench.ui.model.looks import NodeLook
from workbench.ui.model.menus import CanvasMenus
from workbench.ui.model.noting import NOTE, Noting
from workbench.ui.model.output_looks import output_view
from workbench.ui.model.palette import Palette
from workbench.ui.model.picture import PictureMenu
from workbench.ui.model.quick import QuickAdds
from workbench.ui.model.sharing import Sharing
from workbench.ui.model.side import LAYER, PROBLEMS, SIDE, SidePanel, SideRoom
from workbench.ui.model.stage import Stage
from workbench.ui.model.starting import Starting
from workbench.ui.model.summary_panel import totals_text
from workbench.ui.model.tabs import TabFollower
from workbench.ui.model.verbs import ModelVerbs
from workbench.ui.model.wishes import Wishes
from workbench.ui.widgets.hairline import hairline


class ModelPage(QWidget):
    """See docs/architecture.md. `verbs` are the edits, `stage` the canvas, `palette_` the list of layers."""

    def __init__(self, session: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.setObjectName("model-page")
        self.setProperty("role", "page")
        self._framed = False
        self.stage = Stage()
        self.verbs = ModelVerbs(session, lambda: self.wishes.anchors(), self)
        self.wishes = Wishes(self.stage.scene, self.verbs, self)
        self.menus = CanvasMenus(self)
        self.palette_ = Palette(session.catalog)
        self.side = SidePanel(session.catalog)
        self.grouping = Grouping(self)
        self.sharing = Sharing(self)
        self.bar = CanvasBar()
        self.start_from, self.arrange, self.totals = self.bar.start_from, self.bar.arrange, self.bar.totals
        self.pictures = PictureMenu(session, self.bar.picture, self, self.stage.say)
        self._build()
        self.dragging = PaletteDrag(
            session.catalog, self.palette_, self.stage, self.verbs, self.wishes, self.grouping, self
        )
        self.quick = QuickAdds(self)
        self.noting = Noting(self)
        self.starting = Starting(self)
        join_form(self)
        self.marks = RunMarks(session, self)
        self.drawing = Drawing(session, self.stage.scene, self.wishes, self.marks)
        self.words = StageWords(session, self.stage, self.palette_, self)
        self.follower = TabFollower(session, self.side, self.wishes.chosen, self.select, self)
        self.stage.scene.chosen.connect(self.follower.mark)
        self._wire_up()
        self._seen = Graph()  # the graph on the canvas
        self._show_graph(Graph())
        self.grouping.library.reload()

    # ---- building --------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self._splitter = splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(1)
        left = QWidget()
        left.setMinimumWidth(184)
        column = QVBoxLayout(left)
        column.setContentsMargins(theme.SPACE, theme.SPACE, theme.SPACE, 0)
        column.addWidget(self.palette_)
        splitter.addWidget(left)
        splitter.addWidget(self._middle())
        splitter.addWidget(self.side)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([232, 700, SIDE])
        self._room = SideRoom(splitter, self.side)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(splitter)
        self.setFocusProxy(self.stage.view)

    def _middle(self) -> QWidget:
        middle = QWidget()
        middle.setMinimumWidth(320)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(hairline())
        column.addWidget(self.stage, 1)
        return middle

    def show_measure(self, measure: str) -> None:
        """Show one of looks.MEASURES on the blocks."""
        self.drawing.measure = measure
        self._show_looks()

    def _wire_up(self) -> None:
        session, scene, view, verbs = self.session, self.stage.scene, self.stage.view, self.verbs
        session.changed.connect(self._project_changed)
        session.graph_checked.connect(self._graph_checked)
        session.facts_changed.connect(self._facts_changed)
        session.resolved_changed.connect(self._show_readiness)
        session.run_changed.connect(self._show_readiness)
        session.choice.changed.connect(self._show_readiness)
        self.marks.changed.connect(self._show_looks)
        self.start_from.clicked.connect(self.starting.choose)
        self.arrange.clicked.connect(lambda: verbs.arrange())
        self.bar.measure_chosen.connect(self.show_measure)
        verbs.select.connect(self.select)
        verbs.refused.connect(self._refused)
        self.side.train.clicked.connect(self.start_training)
        scene.chosen.connect(self._show_selection)
        scene.refused.connect(self.stage.say)
        scene.opened.connect(self._opened)
        view.delete_wanted.connect(self.delete_selected)
        chosen = self.wishes.chosen
        things = self.wishes.chosen_things
        view.copy_wanted.connect(lambda: verbs.copy(things()))
        view.cut_wanted.connect(lambda: verbs.cut(things()))
        view.paste_wanted.connect(self._paste)
        view.duplicate_wanted.connect(lambda: verbs.duplicate(things()))
        view.nudge_wanted.connect(lambda dx, dy: verbs.nudge(things(), dx, dy))
        view.align_wanted.connect(lambda edge: verbs.align(chosen(), edge))
        view.group_wanted.connect(self.grouping.make)
        view.ungroup_wanted.connect(self.grouping.ungroup)
        view.rename_wanted.connect(self.grouping.begin_rename)
        view.search_wanted.connect(self.palette_.begin_search)
        view.edit_wanted.connect(self.edit_selected)
        view.space_tapped.connect(self._pause_or_go_on)
        view.menu_wanted.connect(self.menus.open)
        self.palette_.picked.connect(self.append)
        self.palette_.closed.connect(view.setFocus)
        self.palette_.set_favourites(session.settings.favourites)
        self.palette_.starred.connect(lambda kinds: session.projects.change_settings(favourites=kinds))

    # ---- following the session -------------------------------------------------------------------------------

    @property
    def graph(self) -> Graph:
        return self.verbs.graph

    def _project_changed(self, change: Change) -> None:
        before, after = change.before.graph, change.after.graph
        if before is not after:
            if not same_layers(before, after):
                self.drawing.stale = True
            self._show_graph(before)
        if before is not after or change.before.train is not change.after.train:
            self.follower.code_changed()

    def _graph_checked(self) -> None:
        self.drawing.stale = False
        self._show_looks()

    def _facts_changed(self) -> None:
        self._show_looks()
        self.follower.code_changed()

    def looks_now(self) -> dict[str, NodeLook]:
        """How each block looks, as a picture shows it: nothing of what trains."""
        return self.drawing.still()

    def frames_now(self) -> tuple[FrameLook, ...]:
        """The frames of open groups."""
        return self.drawing.looks()[1]

    def _show_graph(self, before: Graph) -> None:
        self._seen = self.graph
        self.drawing.show(before, visible=self.isVisible(), framed=self._frame)
        self._show_rest()

    def _show_looks(self) -> None:
        if self._seen is not self.graph:
            return  # told of the facts before the graph itself: that comes next, and what is selected may be gone
        self.drawing.refresh()
        self._show_rest()

    def _show_rest(self) -> None:
        """Everything beside the canvas."""
        graph, facts = self.graph, self.session.graph_facts
        self.side.show_graph(graph, facts)
        self.totals.setText(totals_text(facts) if graph.nodes else "")
        self.bar.set_filled(bool(graph.nodes))
        self.words.refresh(graph)
        self._show_selection()
        self.follower.mark()
        self._show_readiness()

    def _show_selection(self) -> None:
        chosen = set(self.wishes.chosen())
        graph, looks = self.graph, self.drawing.drawn
        nodes = [node for node in graph.nodes if node.id in chosen]
        self.grouping.show_pieces()
        self.sharing.refresh()
        if (view := self.grouping.view(looks)) is not None:
            self.side.inspector.show_group(view, nodes)
            return
        if not nodes and (marked := set(self.stage.scene.chosen_notes())):
            self.side.inspector.show_notes([note for note in graph.notes if note.id in marked])
            return
        note = "\n".join(looks[node.id].problem for node in nodes if node.id in looks and looks[node.id].problem)
        output = None
        if len(nodes) == 1:
            session = self.session
            output = output_view(nodes[0], graph, session.facts, session.graph_facts, session.catalog)
        self.side.inspector.show_nodes(nodes, looks, self.session.facts, note if len(nodes) == 1 else "", output)

    def _show_readiness(self) -> None:
        run = self.session.run
        active = run is not None and run.active
        why = self.session.resolved.why_not
        folds = self.session.choice.folds(self.session.project)
        self.side.show_readiness(active=active, filled=bool(self.graph.nodes), why=why, folds=folds)

    def _frame(self) -> None:
        self._framed = self.isVisible()
        if self._framed and not self.stage.view.placing:
            self.stage.view.frame_start()
            if chosen := self.stage.scene.chosen_nodes():
                self.stage.view.reveal(chosen[0])

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._framed:
            # The splitter has its sizes only after this event.
            QTimer.singleShot(0, self, self._frame)

    # ---- what the person does --------------------------------------------------------------------------------

    def select(self, idents: list[str]) -> None:
        """Select blocks, or the folded groups that stand for them, and bring the first into sight."""
        shown = self.wishes.visible(idents)
        self.stage.scene.choose(shown)
        if shown and self.isVisible() and not self.stage.view.placing:
            self.stage.view.reveal(shown[0])

    def show_item(self, ident: str) -> None:
        """Select the block of that id, bring it into sight and show its form."""
        self.side.tabs.setCurrentIndex(LAYER)
        self.go_to(ident)
        self.stage.view.setFocus()

    def append(self, kind: str) -> None:
        """A layer or a piece after the selection, or on the selected wire."""
        scene = self.stage.scene
        alone = len(scene.chosen_wires()) == 1 and not scene.chosen_nodes()
        wires = self.wishes.chosen_wires() if alone else []
        if kind == NOTE:
            self.noting.begin(self.noting.free_spot())
            return
        if is_piece(kind):
            self.grouping.append(kind, wires)
            return
        self.palette_.remember(kind)
        if wires:
            self.verbs.put(kind, (0.0, 0.0), wires)
        elif scene.chosen_nodes() and not self.wishes.anchors():
            self.stage.say("This group has several results: open it, and choose the layer to go on from.", "info")
        else:
            self.verbs.append(kind)

    def delete_selected(self) -> None:
        scene = self.stage.scene
        if (ident := self.grouping.chosen()) and not scene.chosen_wires() and not scene.chosen_notes():
            self.verbs.delete_group(ident)
        else:
            self.verbs.delete(self.wishes.chosen_things(), self.wishes.chosen_wires())

    def edit_selected(self) -> None:
        """Into the form of the selected block, or into the words of the selected note."""
        if (notes := self.stage.scene.chosen_notes()) and not self.stage.scene.chosen_nodes():
            self.noting.edit(notes[0])
        elif self.stage.scene.chosen_nodes():
            self.side.tabs.setCurrentIndex(LAYER)
            self.side.inspector.focus_first()

    def start_training(self) -> None:
        """Train, or go where the run can be watched, or where it can be mended."""
        run = self.session.run
        self.side.inspector.flush()
        if run is not None and run.active:
            self.session.show_page("train")
        elif self.session.graph_facts is not None and not self.session.graph_facts.ready:
            self.side.tabs.setCurrentIndex(PROBLEMS)
        elif self.session.train_chosen():
            self.session.show_page("train")

    def _pause_or_go_on(self) -> None:
        run = self.session.run
        if run is not None and run.state == "paused":
            self.session.resume()
        elif run is not None and run.active:
            self.session.pause()

    def _paste(self) -> None:
        if self.verbs.can_paste():
            self.verbs.paste()
        else:
            self.stage.say("There are no layers on the clipboard. Copy some here first.", "info")

    def go_to(self, ident: str) -> None:
        """Select a block and bring it into sight, opening what hides it."""
        self.wishes.unfold([ident])
        self.select([ident])

    def _opened(self, ident: str) -> None:
        if ident in self.wishes.shown.blocks:
            self.grouping.fold(ident, False)
        else:
            self.edit_selected()

    def _refused(self, error: WorkbenchError) -> None:
        self.stage.say(str(error))
