"""The curves of several runs over each other: loss left, a metric right; validation solid, training thin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from workbench.core.history import History
from workbench.core.units import Units

from .. import theme
from ..readable import NONE, figure, is_share, metric_shown, pretty
from ..train.curves import Line
from ..train.plot_parts import EndLabel, EndLabels, Reading, ReadOut, RoundAxis, adopt_menu
from ..train.scales import value_range
from ..widgets.words_box import WordsBox

POINTS = 900
OWN = Units()
NO_EPOCH = "None of the ticked runs has come to the end of an epoch."
NO_RUN = "Tick runs above to see their curves over each other."


@dataclass(frozen=True)
class Curve:
    """One run as it is drawn."""

    run: str
    name: str
    color: QColor
    history: History
    units: Units = OWN


class _Plot:
    def __init__(self, view: pg.GraphicsLayoutWidget, column: int) -> None:
        self.left, self.bottom = RoundAxis("left"), RoundAxis("bottom")
        self.bottom.whole = True
        self.item = view.addPlot(row=0, col=column, axisItems={"left": self.left, "bottom": self.bottom})
        adopt_menu(self.item, view)
        self.item.showGrid(x=False, y=True, alpha=1.0)
        self.left.setWidth(68)
        self.bottom.setHeight(38)
        self.box: pg.ViewBox = self.item.getViewBox()
        self.box.setMouseEnabled(x=False, y=False)
        self.box.disableAutoRange()
        self.labels = EndLabels(self.box)
        view.addItem(self.labels, row=0, col=column + 1)
        self.cursor = pg.InfiniteLine(angle=90, movable=False)
        self.cursor.setVisible(False)
        self.item.addItem(self.cursor, ignoreBounds=True)
        self.name = ""
        self.words = ""  # the name as people read it
        self._unit = ""
        self.shown: list[tuple[str, QColor, np.ndarray]] = []
        self._drawn: list[pg.PlotDataItem] = []

    def restyle(self) -> None:
        self.left.restyle()
        self.bottom.restyle()
        self.cursor.setPen(pg.mkPen(theme.color("faint")))
        style = {"color": theme.hex_of("muted")}
        told = self._unit and not self.words.startswith(f"{self._unit}: ")
        self.item.setLabel("left", self.words + (f" ({self._unit})" if told else ""), **style)
        self.item.setLabel("bottom", "epochs", **style)

    def draw(self, curves: Sequence[Curve], name: str, outputs: Mapping[str, str] = NONE) -> None:
        self.name, self.words = name, pretty(name, outputs)
        words = {c.units.word(name) for c in curves if name in c.history.epochs}
        self._unit = words.pop() if len(words) == 1 else ""
        self.left.share = is_share(name)
        self.shown = []
        labels: list[EndLabel] = []
        ranged: list[tuple[str, np.ndarray]] = []
        end, used = 1.0, 0
        for curve in curves:
            epochs = curve.history.epochs
            for key, width in ((name, 1.0), (f"val_{name}", 2.0)):
                if key not in epochs or not len(epochs):
                    continue
                y = np.asarray(epochs[key], dtype=float)
                end = max(end, float(len(y)))
                tint = curve.color if width > 1 else theme.mix(curve.color, theme.color("surface"), 0.45)
                line = Line(name, "", "epoch", epochs[key], epochs.pyramid(key))
                self._line(used, *line.seen(points=2 * POINTS), tint, width)
                used += 1
                ranged.append(("epoch", y))
                best = f"val_{name}" in epochs
                if width > 1 or not best:
                    self.shown.append((curve.name, curve.color, y))
                    finite = y[np.isfinite(y)]
                    if len(finite):
                        labels.append(
                            EndLabel(curve.name, figure(float(finite[-1]), name), curve.color, float(finite[-1]))
                        )
        for left_over in self._drawn[used:]:
            left_over.setVisible(False)
        low_high = value_range(ranged) or (0.0, 1.0)
        self.box.setRange(xRange=(1, max(end, 2.0)), yRange=low_high, padding=0.03)
        self.labels.set_labels(labels)
        self.restyle()

    def _line(self, number: int, x: np.ndarray, y: np.ndarray, color: QColor, width: float) -> None:
        while len(self._drawn) <= number:
            made = pg.PlotDataItem(connect="finite")
            self._drawn.append(made)
            self.item.addItem(made, ignoreBounds=True)
        alone = int(np.isfinite(y).sum()) == 1  # a line of one point would not be seen
        mark = (
            {"symbol": "o", "symbolSize": 5 + 2 * width, "symbolBrush": color, "symbolPen": None}
            if alone
            else {"symbol": None}
        )
        self._drawn[number].setData(x, y, pen=pg.mkPen(color, width=width), antialias=width > 1, **mark)
        self._drawn[number].setVisible(True)


class CompareView(QWidget):
    """Shows `Curve`s; follows the pointer with every run's value at that epoch."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("compare")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        theme.set_role(self, "surface")
        self._curves: tuple[Curve, ...] = ()
        self._outputs: Mapping[str, str] = NONE
        self.plots = pg.GraphicsLayoutWidget(self)
        self.plots.setAccessibleName("Curves of the ticked runs")
        self.plots.ci.layout.setContentsMargins(8, 8, 8, 4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.legend = QLabel("Thick: validation. Thin: training.")
        self.legend.setContentsMargins(2 * theme.SPACE, theme.SPACE, theme.SPACE, 0)
        theme.set_role(self.legend, "caption")
        self.legend.hide()
        self.metric_box = WordsBox(least=16)
        self.metric_box.setObjectName("comparedMetric")
        self.metric_box.setAccessibleName("Metric drawn beside the loss")
        self.metric_box.setToolTip("The metric drawn beside the loss.")
        self.metric_box.activated.connect(lambda _i: self.redraw())
        self.metric_box.hide()
        head = QHBoxLayout()
        head.setContentsMargins(0, theme.SPACE // 2, 2 * theme.SPACE, 0)
        head.addWidget(self.legend)
        head.addStretch(1)
        head.addWidget(self.metric_box)
        column.addLayout(head)
        column.addWidget(self.plots, 1)
        self.nothing = QLabel()
        self.nothing.setObjectName("nothingCompared")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        theme.set_role(self.nothing, "muted")
        self.nothing.hide()
        column.addWidget(self.nothing, 1)
        self.upper, self.lower = _Plot(self.plots, 0), _Plot(self.plots, 2)
        for place in (1, 3):
            self.plots.ci.layout.setColumnFixedWidth(place, EndLabels.WIDTH)
        self.read_out = ReadOut(self.plots)
        self.plots.scene().sigMouseMoved.connect(self._hover)
        theme.notifier.changed.connect(self._restyle)
        self._restyle()

    def set_curves(self, curves: Sequence[Curve], outputs: Mapping[str, str] = NONE) -> None:
        """Draw these runs instead. outputs: of those with several, the target of each by its name."""
        self._curves, self._outputs = tuple(curves), outputs
        self.redraw()

    def _metric(self) -> str:
        """The one chosen among those the runs have, "" when there is none; the choice is offered where there is one."""
        names = dict.fromkeys(n for c in self._curves for n in c.history.epochs.names)
        there = [n for n in names if n not in ("loss", "learning_rate") and not n.startswith("val_")]
        box = self.metric_box
        if [box.itemData(i) for i in range(box.count())] != there:
            chosen = box.currentData()
            box.clear()
            for name in there:
                box.addItem(pretty(name, self._outputs), name)
            place = box.findData(chosen)
            box.setCurrentIndex(place if place >= 0 else max(0, box.findData(metric_shown(there))))
        box.setVisible(len(there) > 1)
        return str(box.currentData() or "")

    def redraw(self) -> None:
        metric = self._metric()
        self.upper.draw(self._curves, "loss")
        self.lower.draw(self._curves if metric else (), metric, self._outputs)
        there = any(len(c.history.epochs) for c in self._curves)
        self.nothing.setText(NO_EPOCH if self._curves else NO_RUN)
        self.nothing.setVisible(not there)
        self.plots.setVisible(there)
        both = any({"loss", "val_loss"} <= set(c.history.epochs.names) for c in self._curves)
        self.legend.setVisible(both)
        self.read_out.hide()
        described = ", ".join(c.name for c in self._curves) or "none"
        self.plots.setAccessibleDescription(f"Runs shown: {described}")

    def _restyle(self) -> None:
        self.plots.setBackground(theme.color("surface"))
        self.redraw()

    def _hover(self, place: QPointF) -> None:
        for plot in (self.upper, self.lower):
            inside = plot.box.sceneBoundingRect().contains(place) and bool(plot.shown)
            plot.cursor.setVisible(inside)
            if inside:
                epoch = max(1, round(plot.box.mapSceneToView(place).x()))
                plot.cursor.setValue(epoch)
                rows = [Reading(f"epoch {epoch}, {plot.words}")]
                rows += [
                    Reading(n, figure(float(y[epoch - 1]), plot.name), c) for n, c, y in plot.shown if epoch <= len(y)
                ]
                point = self.plots.mapFromScene(place)
                self.read_out.show_at(point.x(), point.y(), rows)
                return
        self.read_out.hide()

    def leaveEvent(self, event: object) -> None:
        self.read_out.hide()
        for plot in (self.upper, self.lower):
            plot.cursor.setVisible(False)
