"""The middle of the Train page: figures on top, then the curves with their tools, or the graph of the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.ui import theme
from workbench.ui.readable import NONE, metric_shown, pretty
from workbench.ui.train.curves_view import CurvesView
from workbench.ui.train.figures import Tile
from workbench.ui.train.run_graph import RunGraph
from workbench.ui.widgets.elide import ElidedLabel
from workbench.ui.widgets.in_place import FigureLabel, show_in_place
from workbench.ui.widgets.words_box import WordsBox


class FigureStrip(QWidget):
    """Figures side by side, each below its name, in columns that do not move while the figures change."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runFigures")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(theme.SPACE * 2, theme.SPACE, theme.SPACE * 2, theme.SPACE)
        self._grid.setHorizontalSpacing(theme.SPACE)
        self._grid.setVerticalSpacing(0)
        self._cells: list[tuple[ElidedLabel, QLabel]] = []
        self._shown: dict[int, tuple[object, ...]] = {}

    def show_tiles(self, tiles: Sequence[Tile]) -> None:
        while len(self._cells) < len(tiles):
            column = len(self._cells)
            name, value = ElidedLabel(), FigureLabel("surface")
            name.setProperty("role", "caption")
            name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            value.setTextFormat(Qt.TextFormat.PlainText)
            self._grid.addWidget(name, 0, column)
            self._grid.addWidget(value, 1, column, Qt.AlignmentFlag.AlignLeft)
            self._grid.setColumnStretch(column, 1)
            self._cells.append((name, value))
        for i, (name, value) in enumerate(self._cells):
            shown = i < len(tiles)
            name.setVisible(shown)
            value.setVisible(shown)
            if not shown:
                continue
            tile = tiles[i]
            seen = (tile, name.width(), theme.px(16))
            if self._shown.get(i) == seen:
                continue
            self._shown[i] = seen
            if name.text() != tile.name:
                name.setText(tile.name)
            look = f"font-size: {theme.px(16)}px; font-weight: 600;"
            if value.styleSheet() != look:  # setting one again polishes the widget again
                value.setFont(theme.font(16, 600, tabular=True))
                value.setStyleSheet(look)
            value.setObjectName(f"figure-{tile.key}")
            value.setAccessibleName(f"{tile.name} {tile.value}")
            # as wide as the widest figure so far: nothing is cut, and the columns do not go to and fro
            show_in_place(value, tile.value, least=58)
            tip = f"{tile.name}\n{tile.hint}" if name.shown_text() != tile.name else tile.hint
            if name.toolTip() != tip:
                name.setToolTip(tip)
                value.setToolTip(tile.hint)


class CurveTools(QWidget):
    """Smoothing, logarithm, unit of time, earlier runs, whole view: tells the curves what a person wants.

    `metric_chosen(name)`: this one is looked at.
    """

    metric_chosen = Signal(str)

    def __init__(self, curves: CurvesView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("curveTools")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE * 2, theme.SPACE // 2, theme.SPACE, theme.SPACE // 2)
        row.setSpacing(theme.SPACE // 2)
        caption = QLabel("Smoothing")
        caption.setProperty("role", "muted")
        self.smoothing = QSlider(Qt.Orientation.Horizontal)
        self.smoothing.setObjectName("smoothing")
        self.smoothing.setAccessibleName("Smoothing of the batch curves")
        self.smoothing.setRange(0, 99)
        self.smoothing.setValue(round(curves.smoothing * 100))
        self.smoothing.setFixedWidth(104)
        caption.setBuddy(self.smoothing)
        self.amount = QLabel()
        self.amount.setProperty("role", "muted")
        self.amount.setMinimumWidth(30)
        self.smoothing.valueChanged.connect(self._smooth)
        self.smoothing.setToolTip("Average over neighbouring batches, to see the trend. Epochs are not smoothed.")
        self.log = self._toggle("logAxis", "log", "The loss on a logarithmic axis: late, small differences show.")
        self.steps = self._toggle("stepsAxis", "steps", "Count steps (batches) along the time axis instead of epochs.")
        self.ghosts = self._toggle("ghosts", "earlier runs", "The curves of earlier runs, faintly behind.")
        self.ghosts.setChecked(True)
        self.ghosts.hide()  # until there are some
        self.reset = QToolButton()
        self.reset.setObjectName("resetZoom")
        self.reset.setAccessibleName("Show the whole run")
        self.reset.setText("Whole run")
        self.reset.setToolTip(
            "Show the whole run again (Home, or a double click in the curves).\n"
            "Drag across the curves to look closer at a stretch of time, or turn the wheel; the arrow keys move it."
        )
        self.reset.setIcon(theme.icon("arrows-out-line-horizontal", "text"))
        self.reset.setIconSize(QSize(16, 16))
        self.reset.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.reset.setEnabled(False)
        self.metric_box = WordsBox()
        self.metric_box.setObjectName("metricShown")
        self.metric_box.setAccessibleName("Metric drawn below the loss")
        self.metric_box.setToolTip("The metric drawn below the loss.")
        self.metric_box.hide()
        self.metric_box.activated.connect(self._choose)
        for item in (caption, self.smoothing, self.amount, self.log, self.steps, self.ghosts, self.metric_box):
            row.addWidget(item)
        row.addStretch(1)
        row.addWidget(self.reset)
        self._curves = curves
        self.log.toggled.connect(curves.set_log)
        self.steps.toggled.connect(lambda on: curves.set_unit("steps" if on else "epochs"))
        self.reset.clicked.connect(curves.reset)
        curves.zoomed.connect(self.reset.setEnabled)
        self._smooth(self.smoothing.value())

    def _toggle(self, name: str, text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setText(text)
        button.setAccessibleName(text)
        button.setToolTip(tip)
        button.setCheckable(True)
        return button

    def show_metrics(self, names: Sequence[str], outputs: Mapping[str, str] = NONE) -> None:
        """Offer these, by Keras' names, where there is a choice. outputs: of several, the target of each."""
        shown = [(name, pretty(name, outputs)) for name in names]
        there = [(self.metric_box.itemData(i), self.metric_box.itemText(i)) for i in range(self.metric_box.count())]
        if there != shown:
            chosen = self.metric_box.currentData()
            self.metric_box.clear()
            for name, words in shown:
                self.metric_box.addItem(words, name)
            place = self.metric_box.findData(chosen)
            self.metric_box.setCurrentIndex(place if place >= 0 else self.metric_box.findData(metric_shown(names)))
        self.metric_box.setVisible(len(names) > 1)

    def _choose(self, _place: int) -> None:
        name = str(self.metric_box.currentData())
        self._curves.set_metric(name)
        self.metric_chosen.emit(name)

    def _smooth(self, value: int) -> None:
        self.amount.setText(f"{value / 100:.2f}" if value else "off")
        self._curves.set_smoothing(value / 100)


class RunMiddle(QWidget):
    """Figures, the line that says what is going on, and the tabs."""

    def __init__(self, graph: RunGraph, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runMiddle")
        self.strip = FigureStrip()
        self.state = ElidedLabel("")
        self.state.setObjectName("runState")
        self.state.setProperty("role", "muted")
        self.state.setContentsMargins(theme.SPACE * 2, 0, theme.SPACE * 2, theme.SPACE)
        self.curves = CurvesView()
        self.tools = CurveTools(self.curves)
        self.graph = graph
        page = QWidget()
        page.setProperty("role", "surface")
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tools)
        column.addWidget(self.curves, 1)
        self.tabs = QTabWidget()
        self.tabs.setObjectName("runTabs")
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)  # in the dark a line above the tabs
        self.tabs.addTab(page, "Curves")
        self.tabs.addTab(self.graph, "Graph")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.strip)
        whole.addWidget(self.state)
        whole.addWidget(self.tabs, 1)
