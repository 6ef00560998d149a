"""The curves of several runs over each other: loss left, a metric right; validation solid, training thin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from workbench.core.history import History
from workbench.core.units import Units

from .. import theme
from ..readable import figure, is_share, metric_shown, pretty
from ..train.curves import Line
from ..train.plot_parts import EndLabel, EndLabels, Reading, ReadOut, RoundAxis
from ..train.scales import value_range

POINTS = 900
OWN = Units()


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
        self.item.hideButtons()
        self.item.setMenuEnabled(False)
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
        self._unit = ""
        self.shown: list[tuple[str, QColor, np.ndarray]] = []
        self._drawn: list[pg.PlotDataItem] = []

    def restyle(self) -> None:
        self.left.restyle()
        self.bottom.restyle()
        self.cursor.setPen(pg.mkPen(theme.color("faint")))
        style = {"color": theme.hex_of("muted")}
        self.item.setLabel("left", pretty(self.name) + (f" ({self._unit})" if self._unit else ""), **style)
        self.item.setLabel("bottom", "epochs", **style)

    def draw(self, curves: Sequence[Curve], name: str) -> None:
        self.name = name
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
        low_high = value_range(ranged, False) or (0.0, 1.0)
        self.box.setRange(xRange=(1, max(end, 2.0)), yRange=low_high, padding=0.03)
        self.labels.set_labels(labels)
        self.restyle()

    def _line(self, number: int, x: np.ndarray, y: np.ndarray, color: QColor, width: float) -> None:
        while len(self._drawn) <= number:
            made = pg.PlotDataItem(connect="finite")
            self._drawn.append(made)
            self.item.addItem(made, ignoreBounds=True)
        self._drawn[number].setData(x, y, pen=pg.mkPen(color, width=width), antialias=width > 1)
        self._drawn[number].setVisible(True)


class CompareView(QWidget):
    """Shows `Curve`s; follows the pointer with every run's value at that epoch."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("compare")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        theme.set_role(self, "surface")
        self._curves: tuple[Curve, ...] = ()
        self.plots = pg.GraphicsLayoutWidget(self)
        self.plots.setAccessibleName("Curves of the ticked runs")
        self.plots.ci.layout.setContentsMargins(8, 8, 8, 4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.legend = QLabel("Thick: validation. Thin: training.")
        self.legend.setContentsMargins(2 * theme.SPACE, theme.SPACE, theme.SPACE, 0)
        theme.set_role(self.legend, "caption")
        self.legend.hide()
        column.addWidget(self.legend)
        column.addWidget(self.plots, 1)
        self.upper, self.lower = _Plot(self.plots, 0), _Plot(self.plots, 2)
        for place in (1, 3):
            self.plots.ci.layout.setColumnFixedWidth(place, EndLabels.WIDTH)
        self.read_out = ReadOut(self.plots)
        self.plots.scene().sigMouseMoved.connect(self._hover)
        theme.notifier.changed.connect(self._restyle)
        self._restyle()

    def set_curves(self, curves: Sequence[Curve]) -> None:
        """Draw these runs instead."""
        self._curves = tuple(curves)
        self.redraw()

    def redraw(self) -> None:
        names = dict.fromkeys(n for c in self._curves for n in c.history.epochs.names)
        metric = metric_shown(list(names))
        self.upper.draw(self._curves, "loss")
        self.lower.draw(self._curves, metric) if metric else self.lower.draw((), "")
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
                rows = [Reading(f"epoch {epoch}, {pretty(plot.name)}")]
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
