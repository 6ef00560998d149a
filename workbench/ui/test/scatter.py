"""True against predicted values in the person's units, with the line on which all points would lie. UI thread only."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.core.one_line import one_line
from workbench.ui import theme
from workbench.ui.test.scores import short
from workbench.ui.train.plot_parts import Reading, ReadOut, RoundAxis, adopt_menu

SHOWN = 5000  # points drawn; of more, an even sample


class Scatter(QWidget):
    """`chosen(position in the part)` when a point is clicked."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("scatter")
        self.plot = pg.PlotWidget(axisItems={"left": RoundAxis("left"), "bottom": RoundAxis("bottom")})
        self.plot.setObjectName("scatterPlot")
        self.plot.setAccessibleName("Predicted against true values")
        item = self.plot.getPlotItem()
        adopt_menu(item, self.plot)
        self._line = pg.InfiniteLine(angle=45)
        self._dots = pg.ScatterPlotItem(size=6, pen=None)
        self._mark = pg.ScatterPlotItem(size=13, brush=None)
        for part in (self._line, self._dots, self._mark):
            item.addItem(part)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.plot)
        self.read_out = ReadOut(self.plot)
        self._truth = self._answers = np.empty(0)
        self._kept = np.empty(0, np.int64)
        self._target = ""
        self._dots.sigClicked.connect(self._clicked)
        self.plot.scene().sigMouseMoved.connect(self._hover)
        theme.notifier.changed.connect(self._restyle)
        self._restyle()

    def set_points(self, target: str, truth: np.ndarray, answers: np.ndarray) -> None:
        """truth, answers: float (n,) in the person's units."""
        self._target, self._truth, self._answers = target, truth, answers
        good = np.flatnonzero(np.isfinite(truth) & np.isfinite(answers))
        self._kept = good if len(good) <= SHOWN else good[np.linspace(0, len(good) - 1, SHOWN).astype(np.int64)]
        self._dots.setData(truth[self._kept], answers[self._kept])
        self._mark.setData([], [])
        item = self.plot.getPlotItem()
        item.setLabel("bottom", f"true {one_line(target)}", color=theme.hex_of("muted"))
        item.setLabel("left", f"predicted {one_line(target)}", color=theme.hex_of("muted"))
        if len(self._kept):
            both = np.concatenate([truth[self._kept], answers[self._kept]])
            low, high = float(both.min()), float(both.max())
            margin = 0.04 * (high - low) or 1.0
            item.getAxis("left").fit(low - margin, high + margin)
            item.getViewBox().setRange(
                xRange=(low - margin, high + margin), yRange=(low - margin, high + margin), padding=0
            )

    def _nearest(self, where: QPointF) -> int:
        """Position in the part of the point under the pointer, -1 when there is none within 10 pixels."""
        if not len(self._kept):
            return -1
        box = self.plot.getPlotItem().getViewBox()
        at, size = box.mapSceneToView(where), box.viewPixelSize()
        dx = (self._truth[self._kept] - at.x()) / size[0]
        dy = (self._answers[self._kept] - at.y()) / size[1]
        away = dx * dx + dy * dy
        best = int(away.argmin())
        return int(self._kept[best]) if away[best] <= 100 else -1

    def _hover(self, where: QPointF) -> None:
        found = self._nearest(where)
        if found < 0:
            self.read_out.hide()
            self._mark.setData([], [])
            return
        truth, answer = float(self._truth[found]), float(self._answers[found])
        self._mark.setData([truth], [answer])
        point = self.plot.mapFromScene(where)
        rows = (
            Reading(f"sample {found:,}"),
            Reading("true", short(truth)),
            Reading("predicted", short(answer)),
            Reading("off by", short(answer - truth)),
        )
        self.read_out.show_at(point.x(), point.y(), rows)

    def _clicked(self, _item: object, points: list[pg.SpotItem], _event: object = None) -> None:
        if len(points):
            self.chosen.emit(int(self._kept[points[0].index()]))

    def _restyle(self) -> None:
        self.plot.setBackground(theme.color("surface"))
        item = self.plot.getPlotItem()
        item.showGrid(x=True, y=True, alpha=1.0)
        for side in ("left", "bottom"):
            item.getAxis(side).restyle()
        color = theme.color("accent")
        color.setAlphaF(0.55)
        self._dots.setBrush(pg.mkBrush(color))
        self._mark.setPen(pg.mkPen(theme.color("text"), width=1.5))
        self._line.setPen(pg.mkPen(theme.color("muted"), style=Qt.PenStyle.DashLine))
