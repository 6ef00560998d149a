"""The strip below the curves: the learning rate over time, and what was changed on the way. UI thread only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt

from workbench.ui import readable, theme
from workbench.ui.train.plot_parts import EndLabel, EndLabels, RoundAxis, adopt_menu

if TYPE_CHECKING:
    from workbench.ui.train.plot import Plots

HEIGHT = 54
CHANGED = re.compile(r"Learning rate ([\d.]+(?:e[+-]?\d+)?) → ")  # as the engine tells it (engine.adjust)


def stretches(rates: np.ndarray, events: Sequence[tuple[float, str]]) -> tuple[np.ndarray, np.ndarray]:
    """(n + 1 times, n rates) for one rate an epoch, that of its end: within an epoch the one before an event that
    changed it holds until then."""
    cuts = [(x, float(told[1])) for x, text in events if x % 1 and x < len(rates) and (told := CHANGED.match(text))]
    places = np.array([int(x) for x, _ in cuts], int)
    edges = np.insert(np.arange(len(rates) + 1, dtype=float), places + 1, [x for x, _ in cuts])
    return edges, np.insert(rates, places, [rate for _, rate in cuts])


MARK = 9  # pixels


class RateStrip:
    """A low plot in a row of the curves' view; it takes no room while there is nothing to tell."""

    def __init__(self, view: Plots, row: int, axis_width: int) -> None:
        self._layout = view.ci.layout
        self._row = row
        self._left = RoundAxis("left")
        self._left.wanted = 2
        self.item = view.addPlot(row=row, col=0, axisItems={"left": self._left})
        adopt_menu(self.item, view)
        self.item.hideAxis("bottom")
        self._axis_width = axis_width
        self._left.setStyle(showValues=False)
        self.box: pg.ViewBox = self.item.getViewBox()
        self.box.setMouseEnabled(x=False, y=False)  # it follows the plots above
        self.box.disableAutoRange()
        self.box.setDefaultPadding(0.0)
        self.labels = EndLabels(self.box, view.paint_soon)
        view.addItem(self.labels, row=row, col=1)
        self._line = pg.PlotCurveItem()
        self._marks = pg.ScatterPlotItem(size=MARK, symbol="t", pen=None)
        self.cursor = pg.InfiniteLine(angle=90, movable=False)
        self.cursor.setVisible(False)
        for drawn in (self._line, self._marks, self.cursor):
            self.item.addItem(drawn, ignoreBounds=True)
        self.shown = True
        self._edges = self._rates = np.empty(0)  # where each rate begins and the last ends; the rates
        self._show(False)

    def rate_at(self, epoch: float) -> float | None:
        """The rate at a time, None where none is shown."""
        if not len(self._rates):
            return None
        place = int(np.searchsorted(self._edges, epoch)) - 1
        return float(self._rates[min(max(place, 0), len(self._rates) - 1)])

    def draw(self, rates: np.ndarray | None, events: Sequence[tuple[float, str]]) -> None:
        """rates: one an epoch, as it was at its end, or None. events: what was changed, and where, in epochs."""
        y = np.empty(0) if rates is None else np.asarray(rates, float)
        good = y[np.isfinite(y)]
        changes = bool(len(good)) and float(np.ptp(good)) > 1e-6 * float(np.abs(good).max())
        self._show(changes or (bool(events) and bool(len(good))))
        self._edges = self._rates = np.empty(0)
        if not self.shown:
            return
        self._edges, self._rates = stretches(y, events)
        low, top = float(good.min()), float(good.max())
        margin = 0.18 * (top - low) or 0.3 * abs(top) or 1.0
        self.box.setYRange(low - margin, top + margin, padding=0)
        self._line.setData(np.repeat(self._edges, 2)[1:-1], np.repeat(self._rates, 2), connect="finite")
        left, right = self.box.viewRange()[0]
        half = MARK / 2 * (right - left) / max(1.0, self.box.width())
        whole = [max(x, left + half) if x >= left else x for x, _ in events]  # one at the very beginning is not cut
        self._marks.setData(whole, [top + 0.5 * margin] * len(events))
        seen = y[: max(1, int(np.ceil(self.box.viewRange()[0][1] - 1e-6)))]  # up to where the view ends
        seen = seen[np.isfinite(seen)]
        last = float(seen[-1]) if len(seen) else float(good[0])
        color = theme.color("muted")
        self.labels.set_labels([EndLabel("rate", readable.learning_rate(last), color, last)])

    def _show(self, on: bool) -> None:
        if on != self.shown:
            self.shown = on
            self.item.setVisible(on)
            self.labels.setVisible(on)
            if on:  # an axis that was hidden has lost its width
                self._left.setWidth(self._axis_width)
            for bound in (self._layout.setRowMinimumHeight, self._layout.setRowMaximumHeight):
                bound(self._row, HEIGHT if on else 0)
            self._layout.setRowPreferredHeight(self._row, HEIGHT if on else 0)

    def restyle(self) -> None:
        """Take the colours of the theme."""
        self._left.restyle()
        self._left.setPen(pg.mkPen(None))
        self.item.setLabel("left", "rate", color=theme.hex_of("muted"))
        self._line.setPen(pg.mkPen(theme.color("muted"), width=1.5))
        self._marks.setBrush(pg.mkBrush(theme.color("warn")))
        self.cursor.setPen(pg.mkPen(theme.color("faint"), style=Qt.PenStyle.SolidLine))
