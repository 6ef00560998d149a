"""The hand on the curves: what they are where the pointer rests, a stretch of time that is chosen. UI thread only."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, QSize
from PySide6.QtGui import QColor

from workbench.ui import readable, theme
from workbench.ui.train.plot import Plot
from workbench.ui.train.plot_parts import EndLabels, Reading, ReadOut

if TYPE_CHECKING:
    from workbench.ui.train.curves_view import CurvesView

BESIDE = 14  # pixels between the pointer and what it reads
INSIDE = 6  # and between that and the border of a plot
COLUMNS = 32  # across the read-out, in which it is looked whether a line is under it
STAYS = 6  # so many columns more are covered before it goes elsewhere
LEAST = 5  # pixels of a stretch: less is a hand that shook


class Pointer:
    """What of `view` is read where the pointer is. The read-out stands where it hides least of the lines."""

    def __init__(self, view: CurvesView) -> None:
        self._view = view
        self._where: QPointF | None = None  # in the scene, where it rests over the curves
        self._slot = (0, 0)  # side of the pointer, and place up and down, of the read-out
        self.read_out = ReadOut(view.plots)
        view.plots.scene().sigMouseMoved.connect(self.hover)
        view.plots.left.connect(self.leave)
        for plot in (view.upper, view.lower):
            plot.box.sigStretch.connect(self._stretch)

    def again(self) -> None:
        """The curves have moved below it."""
        if self._where is not None:
            self._read(self._where, moved=False)

    def hover(self, where: QPointF) -> None:
        """It is there, in the scene."""
        self._read(where, moved=True)

    def leave(self) -> None:
        """It is elsewhere."""
        self._where = None
        self._hide()

    def _hide(self) -> None:
        self.read_out.hide()
        for plot in (self._view.upper, self._view.lower):
            plot.ink.show_cursor(None)
        self._view.strip.cursor.setVisible(False)

    # ---- reading -------------------------------------------------------------------------------------------------

    def _read(self, where: QPointF, *, moved: bool) -> None:
        view = self._view
        plots = [p for _, p in view.named()]
        plot = next((p for p in plots if p.box.sceneBoundingRect().contains(where)), None)
        if plot is None:
            self.leave()
            return
        self._where = where
        if view.run.end <= 0:  # a run that begins, below a pointer that rests
            self._hide()
            return
        x = plot.box.mapSceneToView(where).x()
        rows = self._rows(x)
        for each in plots:
            each.ink.show_cursor(x)
        if view.strip.shown:
            view.strip.cursor.setPos(x)
            view.strip.cursor.setVisible(True)
        size = self.read_out.size_of(rows)
        point = view.plots.mapFromScene(where)
        areas = [view.plots.mapFromScene(p.box.sceneBoundingRect()).boundingRect() for p in plots]
        places = self._places(size, point.x(), areas)
        if moved or self._slot not in places:
            self._slot = self._clearest(places, size, plots, areas)
        self.read_out.show_in(QRect(*places[self._slot], size.width(), size.height()), rows)

    def _rows(self, x: float) -> list[Reading]:
        """What all curves are at a time, a row each; what the lower plot shows has a column of its own."""
        view = self._view
        epoch = min(max(x, 0.0), max([view.run.end, *(g.end for g in view.ghosts)]))
        step = f", step {round(epoch * view.run.steps):,}" if epoch <= view.run.end else ""  # else of an earlier run
        rows = [Reading(f"epoch {epoch:.2f}{step}")]
        names = [name for name, _ in view.named()]
        found: dict[tuple[str, int], list[str]] = {}
        for column, name in enumerate(names):
            for text, color, value_at in view.read_at(name):
                value = value_at(x)
                if value is not None:
                    values = found.setdefault((text, color.rgba()), [""] * len(names))
                    values[column] = readable.figure(value[1], name)
        words = [readable.short(name, view.outputs) for name in names]
        if found:
            rows.append(Reading("", words[0], second="".join(words[1:])))
        for (text, rgba), values in found.items():
            rows.append(Reading(text, values[0], QColor.fromRgba(rgba), "".join(values[1:])))
        rate = view.strip.rate_at(x)
        if rate is not None:
            rows.append(Reading("learning rate", readable.learning_rate(rate), theme.color("muted")))
        (low, high), _ = view.upper.box.viewRange()
        return rows + [Reading(text) for at, text in view.events() if abs(at - x) <= 0.012 * (high - low)]

    def _places(self, size: QSize, x: int, areas: list[QRect]) -> dict[tuple[int, int], tuple[int, int]]:
        """Where the read-out may stand, by (side, place up and down): (left, top)."""
        room = self._view.plots.width() - EndLabels.WIDTH
        sides = {0: x + BESIDE, 1: x - BESIDE - size.width()}
        sides = {k: left for k, left in sides.items() if left >= 0 and left + size.width() <= room} or {1: 0}
        tops = [top for a in areas for top in (a.top() + INSIDE, a.bottom() - INSIDE - size.height())]
        below = max(0, self._view.plots.height() - size.height())
        return {
            (side, up): (left, min(max(0, top), below)) for side, left in sides.items() for up, top in enumerate(tops)
        }

    def _clearest(
        self,
        places: dict[tuple[int, int], tuple[int, int]],
        size: QSize,
        plots: list[Plot],
        areas: list[QRect],
    ) -> tuple[int, int]:
        """The place that hides least; where it stands, unless another is clearly better."""
        hidden = {}
        for slot, (left, top) in places.items():
            place = QRectF(left, top, size.width(), size.height())
            hidden[slot] = sum(_hidden(plot, area, place) for plot, area in zip(plots, areas, strict=True))
            hidden[slot] -= STAYS if slot == self._slot else 0
        return min(hidden, key=lambda slot: hidden[slot])

    # ---- choosing ------------------------------------------------------------------------------------------------

    def _stretch(self, begin: float, end: float, over: bool) -> None:
        """A stretch of time is drawn by the hand, in epochs. over: it was let go."""
        view = self._view
        low, high = sorted((begin, end))
        for plot in (view.upper, view.lower):
            plot.ink.show_stretch(None if over else (low, high))
        (left, right), _ = view.upper.box.viewRange()
        if over and (high - low) * view.upper.box.width() >= LEAST * (right - left):
            view.look_at(max(low, 0.0), min(high, right))


def _hidden(plot: Plot, area: QRect, place: QRectF) -> int:
    """In how many columns of a place (in pixels) a line of the plot runs, of all its lines together."""
    (left, right), (bottom, top) = plot.box.viewRange()
    if not area.intersects(place.toRect()) or right <= left or top <= bottom:
        return 0
    columns = np.linspace(place.left(), place.right(), COLUMNS)
    times = left + (columns - area.left()) / area.width() * (right - left)
    count = 0
    for stroke in plot.ink.strokes:
        if len(stroke.x):
            values = np.interp(times, stroke.x, stroke.y, left=math.nan, right=math.nan)
            y = area.bottom() - (values - bottom) / (top - bottom) * area.height()
            count += int(np.count_nonzero((y > place.top()) & (y < place.bottom())))
    return count
