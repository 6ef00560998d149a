"""The right of the page: tabs for the layer, the problems, the summary and the code; below them the way on."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QPushButton, QSplitter, QTabWidget, QVBoxLayout, QWidget

from workbench.core.catalog import Catalog
from workbench.core.facts import GraphFacts
from workbench.core.project import Graph
from workbench.ui import theme
from workbench.ui.model.code_panel import CodePanel
from workbench.ui.model.inspector import Inspector
from workbench.ui.model.panels import ProblemsPanel
from workbench.ui.model.summary_panel import SummaryPanel
from workbench.ui.widgets.hairline import hairline
from workbench.ui.widgets.label import plain_label

LAYER, PROBLEMS, SUMMARY, CODE = range(4)
SIDE, WIDE_SIDE = 344, 560  # pixels


class SidePanel(QWidget):
    """Holds the panels; the page wires them."""

    def __init__(self, catalog: Catalog, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumWidth(304)
        self.inspector = Inspector(catalog)
        self.problems = ProblemsPanel()
        self.summary = SummaryPanel(catalog)
        self.code = CodePanel()
        self.tabs = QTabWidget()
        self.tabs.setObjectName("model-tabs")
        self.tabs.setAccessibleName("Layer, problems, summary, code")
        self.tabs.setDocumentMode(True)
        # As tall as the bar over the canvas, so that one line runs through the whole page.
        self.tabs.setStyleSheet("QTabBar::tab { height: 25px; }")
        for widget, title in (
            (self.inspector, "Layer"),
            (self.problems, "Problems"),
            (self.summary, "Summary"),
            (self.code, "Code"),
        ):
            self.tabs.addTab(widget, title)
        self.why_not = plain_label(role="caption", name="why-not")
        self.train = QPushButton("Train ▸")
        self.train.setObjectName("train")
        self.train.setAccessibleName("Train the model")
        self.train.setProperty("role", "primary")
        self.train.setMinimumHeight(36)
        foot = QVBoxLayout()
        foot.setContentsMargins(theme.SPACE * 2, theme.SPACE, theme.SPACE * 2, theme.SPACE * 2)
        foot.setSpacing(theme.SPACE // 2)
        foot.addWidget(self.why_not)
        foot.addWidget(self.train)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tabs, 1)
        column.addWidget(hairline())
        column.addLayout(foot)

    def show_graph(self, graph: Graph, facts: GraphFacts | None) -> None:
        """Problems and summary of `graph`."""
        problems = facts.problems if facts is not None and graph.nodes else ()
        advice = facts.advice if facts is not None and graph.nodes else ()
        heard = sum(one.key not in graph.hushed for one in advice)
        errors = any(one.severity == "error" for one in problems)
        title = f"Problems ({len(problems)})" if problems else f"Advice ({heard})" if heard else "Problems"
        self.tabs.setTabText(PROBLEMS, title)
        tone = "bad" if errors else "warn" if problems else "muted"
        self.tabs.tabBar().setTabTextColor(PROBLEMS, theme.color(tone))
        self.problems.show_problems(graph, problems, known=facts is not None, advice=advice)
        if self.tabs.currentIndex() == SUMMARY:
            self.summary.show_graph(graph, facts)

    def show_readiness(self, *, active: bool, filled: bool, why: str, folds: int = 0) -> None:
        """What the button does now. active: a run trains; why: what keeps from training; folds: runs that it begins."""
        title = f"Train {folds} folds ▸" if folds > 1 else "Train ▸"
        self.train.setText("Watch it train ▸" if active else title)
        self.train.setEnabled(active or filled)
        self.why_not.setText("" if active else why)
        self.why_not.setVisible(bool(why) and not active)


class SideRoom(QObject):
    """A script and a table get more width than a form, as long as the person has not chosen one."""

    def __init__(self, splitter: QSplitter, side: SidePanel) -> None:
        super().__init__(splitter)
        self._splitter, self._side = splitter, side
        self._chosen = False
        splitter.splitterMoved.connect(self._dragged)
        side.tabs.currentChanged.connect(self._give)

    def _dragged(self, _place: int, handle: int) -> None:
        self._chosen = self._chosen or handle == 2

    def _give(self, tab: int) -> None:
        if self._chosen or not self._splitter.isVisible():
            return
        left, _, _ = self._splitter.sizes()
        whole = self._splitter.width()
        side = SIDE if tab in (LAYER, PROBLEMS) else max(SIDE, min(WIDE_SIDE, round(whole * 0.36)))
        self._splitter.setSizes([left, whole - left - side, side])
