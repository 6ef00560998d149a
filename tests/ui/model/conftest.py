"""Small graphs and a page on a fake session."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.ui.fakes import FakeSession
from workbench.core.edits_graph import snake_case
from workbench.core.facts import DataFacts, GraphFacts, InputFacts, NodeFacts, TargetFacts
from workbench.core.layout import arrange
from workbench.core.project import DataSpec, Graph, Node, Project, Wire
from workbench.ui import theme
from workbench.ui.model.page import ModelPage

TABLE = DataFacts(
    "table",
    (InputFacts("table", "table", (4,)),),
    TargetFacts("species", "classification", ("setosa", "versicolor", "virginica")),
    {"train": 100},
)


def chain(*specs: tuple[str, dict]) -> Graph:
    """Layers one after another, arranged; ids n0, n1, ..."""
    nodes, wires, names = [], [], {}
    for place, (kind, params) in enumerate(specs):
        stem = snake_case(kind)
        number = names[stem] = names.get(stem, -1) + 1
        nodes.append(Node(f"n{place}", kind, f"{stem}_{number}" if number else stem, params))
        if place:
            wires.append(Wire(f"n{place - 1}", f"n{place}", 0))
    return arrange(Graph(tuple(nodes), tuple(wires)))


def dense_net() -> Graph:
    return chain(
        ("Input", {}),
        ("Dense", {"units": 16, "activation": "relu"}),
        ("Dropout", {"rate": 0.2}),
        ("Dense", {"units": 3, "activation": "softmax"}),
        ("Output", {}),
    )


def facts_of(graph: Graph, problems=()) -> GraphFacts:
    nodes = {
        n.id: NodeFacts((None, 16), 80 if n.kind == "Dense" else 0, 80 if n.kind == "Dense" else 0) for n in graph.nodes
    }
    total = sum(one.parameters for one in nodes.values())
    return GraphFacts(nodes, tuple(problems), total, total, "sparse_categorical_crossentropy", ("accuracy",))


@pytest.fixture
def open_page(qtbot):
    """Opens a page on a graph; gives something with session, page, scene, view and real-mouse helpers."""
    theme.apply(QApplication.instance(), "light")
    sessions = []

    def make(graph: Graph | None = None, data: DataFacts | None = TABLE, size=(1280, 752)):
        graph = dense_net() if graph is None else graph
        session = FakeSession(Project(graph=graph, data=DataSpec("csv", "/iris.csv") if data else None))
        sessions.append(session)
        session.facts = data
        session.graph_facts = facts_of(graph) if graph.nodes else None
        page = ModelPage(session)
        qtbot.addWidget(page)
        page.stage.scene.animate = False
        page.resize(*size)
        page.show()
        page.setFocus()
        QApplication.processEvents()
        return Hand(session, page)

    yield make
    for session in sessions:
        session.deleteLater()


class Hand(SimpleNamespace):
    """A person at the page."""

    def __init__(self, session: FakeSession, page: ModelPage) -> None:
        super().__init__(session=session, page=page, scene=page.stage.scene, view=page.stage.view)

    @property
    def graph(self) -> Graph:
        return self.session.document.project.graph

    def node(self, ident: str) -> Node:
        return self.graph.node(ident)

    def kinds(self) -> list[str]:
        return [node.kind for node in self.graph.nodes]

    def wires(self) -> set[tuple[str, str, int]]:
        return {(w.source, w.target, w.port) for w in self.graph.wires}

    def seen_whole(self) -> bool:
        """Whether all blocks lie within the view."""
        seen = self.view.mapToScene(self.view.viewport().rect()).boundingRect()
        return seen.contains(self.scene.content_rect())

    # where things are, in the viewport
    def body(self, ident: str) -> QPoint:
        item = self.scene.nodes[ident]
        return self.view.mapFromScene(item.pos() + QPoint(60, 30))

    def output(self, ident: str) -> QPoint:
        item = self.scene.nodes[ident]
        return self.view.mapFromScene(item.pos() + item.output_port())

    def input(self, ident: str, port: int = 0) -> QPoint:
        item = self.scene.nodes[ident]
        return self.view.mapFromScene(item.pos() + item.input_port(port))

    def middle_of_wire(self, source: str, target: str, port: int = 0) -> QPoint:
        return self.view.mapFromScene(self.scene.wires[source, target, port].path().pointAtPercent(0.4))

    # what the hand does
    def click(self, place: QPoint, *, right: bool = False, control: bool = False, double: bool = False) -> None:
        button = Qt.MouseButton.RightButton if right else Qt.MouseButton.LeftButton
        held = Qt.KeyboardModifier.ControlModifier if control else Qt.KeyboardModifier.NoModifier
        (QTest.mouseDClick if double else QTest.mouseClick)(self.view.viewport(), button, held, place)

    def drag(self, start: QPoint, end: QPoint, *, release: bool = True, button=Qt.MouseButton.LeftButton) -> None:
        port = self.view.viewport()
        QTest.mouseMove(port, start)
        QTest.mousePress(port, button, Qt.KeyboardModifier.NoModifier, start)
        for step in range(1, 6):
            QTest.mouseMove(port, start + (end - start) * step / 5)
        if release:
            QTest.mouseRelease(port, button, Qt.KeyboardModifier.NoModifier, end)

    def key(self, key, modifier=Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.view, key, modifier)
