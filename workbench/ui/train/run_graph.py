"""The graph of the run, as it was when the run began: to look at, not to change. UI thread only."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from workbench.core.catalog import Catalog
from workbench.core.facts import DataFacts, GraphFacts
from workbench.core.project import Graph
from workbench.core.sharing import owners
from workbench.ui import theme
from workbench.ui.model.canvas.scene import GraphScene
from workbench.ui.model.canvas.view import CanvasView
from workbench.ui.model.looks import looks_of


class _Still(CanvasView):
    """A canvas that pans and zooms only."""

    def __init__(self, scene: GraphScene, parent: QWidget | None = None) -> None:
        super().__init__(scene, parent)
        self.setObjectName("runGraphCanvas")
        self.setAccessibleName("Graph of the run")
        self.setAccessibleDescription("To look at: the wheel zooms, dragging moves")
        self.setInteractive(False)
        self.setDragMode(CanvasView.DragMode.ScrollHandDrag)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        event.accept()


class RunGraph(QWidget):
    """Shows the layers of a run with their shapes; those that learn are lit while it trains."""

    def __init__(self, catalog: Catalog, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runGraph")
        self._catalog = catalog
        self._shown: tuple[object, ...] = ()
        self._fitted: Graph | None = None
        self._scene = GraphScene(self)
        self._scene.animate = False
        self.view = _Still(self._scene, self)
        self.note = QLabel()
        self.note.setProperty("role", "muted")
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setContentsMargins(theme.SPACE * 2, theme.SPACE, theme.SPACE * 2, theme.SPACE)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.note)
        column.addWidget(self.view, 1)

    def show_graph(
        self, graph: Graph, data: DataFacts | None, facts: GraphFacts | None, *, training: bool, note: str
    ) -> None:
        """facts: what Keras says of this graph; None when it has changed since the run began."""
        self.note.setText(note)
        if self._shown == (graph, data, facts, training):
            return
        self._shown = (graph, data, facts, training)
        known = facts.nodes if facts else {}
        of = owners(graph)
        learning = {of[i] for i, found in known.items() if i in of and found.trainable} if training else set()
        learn = [n.id for n in graph.nodes if of[n.id] in learning]
        self._scene.show_graph(graph, looks_of(graph, self._catalog, data, facts, running=learn))
        if self._fitted is not graph:
            self._fitted = graph
            self.view.fit()
