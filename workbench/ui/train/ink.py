"""What is drawn inside a plot of the curves, as one item: its grid, lines, and the marks around them. UI thread only.

Not pyqtgraph's items, one for each line and mark: a frame with twenty of them took 8 ms to find out where each is and
what it covers, most of it in Python, before anything was painted. Nothing else paints inside a plot, so a part of it
is painted anew by itself, without asking all that is in the scene (`plot.Plots.paint_soon`).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from workbench.ui import theme
from workbench.ui.train.picture import Stroke, tinted
from workbench.ui.train.plot_parts import RoundAxis, whole

AROUND = ((0.0, -0.5), (0.43, 0.25), (-0.43, 0.25))  # pixels
DOT = 5.0  # across a point of a line
RING = 5.5  # from the middle to the rim of the mark of the best epoch
GAP = 4.0
BESIDE = 4.0  # pixels that a line may reach beyond its points, or the rim of one
BESIDE_FINE = 2.0  # the same of the fine lines of the batches


@dataclass(frozen=True)
class Marks:
    """Places in epochs; None where there are none. best_value: as the axis counts. turn: from there on it overfits.

    events: where something was changed. Words are written beside their mark.
    """

    best: float | None = None
    best_value: float | None = None
    best_word: str = ""
    turn: float | None = None
    turn_word: str = ""
    events: tuple[float, ...] = ()


class Ink(QGraphicsItem):
    """Fills a view box, whose range and size it follows."""

    def __init__(self, box: pg.ViewBox, axis: RoundAxis, paint_soon: Callable[[Ink, QRectF], None]) -> None:
        """axis: at whose values lines go across. paint_soon: has a part of this painted anew."""
        super().__init__(box)
        self._box, self._axis, self._paint_soon = box, axis, paint_soon
        self.strokes: tuple[Stroke, ...] = ()
        self.marks = Marks()
        self.cursor: float | None = None
        self.stretch: tuple[float, float] | None = None
        self._paths: dict[int, QPainterPath] = {}  # of whole strokes, by their numbers
        self._grid: tuple[tuple[float, float, bool] | None, tuple[float, ...]] = (None, ())  # of which view, and where
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)  # for what of it is to be painted
        box.sigResized.connect(self._moved)
        box.sigRangeChanged.connect(self._moved)

    def _moved(self, *_: object) -> None:
        self.prepareGeometryChange()
        self.update()

    def show_strokes(self, strokes: Sequence[Stroke], marks: Marks) -> None:
        """Draw these."""
        self._take(strokes)
        self.marks = marks
        self.update()

    def go_on(self, strokes: Sequence[Stroke], since: float) -> None:
        """Draw these, which up to a time (in epochs) are those of before: what is painted there stays as it is."""
        grown = [s for old, new in zip(self.strokes, strokes, strict=True) if old is not new for s in (old, new)]
        self._take(strokes)
        area, values = self._box.rect(), self._values()
        if values is None or not grown:
            return
        end = max((float(s.x[-1]) for s in grown if len(s.x)), default=since)
        left = max(area.left(), values.map(QPointF(max(since, self._box.viewRange()[0][0]), 0)).x() - BESIDE)
        right = min(area.right(), values.map(QPointF(end, 0)).x() + BESIDE)
        if self.marks.best is not None:  # its ring is painted as a whole or not at all
            best = values.map(QPointF(self.marks.best, 0)).x()
            if left - RING - BESIDE < best < right + RING + BESIDE:
                left, right = min(left, best - RING - BESIDE), max(right, best + RING + BESIDE)
        if left < right:
            self._paint_soon(self, QRectF(QPointF(left, area.top()), QPointF(right, area.bottom())))

    def _take(self, strokes: Sequence[Stroke]) -> None:
        old = self.strokes
        self._paths = {
            i: path
            for i, path in self._paths.items()
            if i < len(strokes) and old[i].x is strokes[i].x and old[i].y is strokes[i].y
        }
        self.strokes = tuple(strokes)

    def _path(self, number: int, first: int, last: int) -> QPainterPath:
        """A stroke from point to point. Dashes begin at the beginning; what is most of a stroke is kept for later."""
        stroke = self.strokes[number]
        if stroke.dashed or number in self._paths or last - first > len(stroke.x) // 2:
            if number not in self._paths:
                self._paths[number] = pg.arrayToQPath(stroke.x, stroke.y, connect="finite", finiteCheck=True)
            return self._paths[number]
        return _path_of(stroke.x[first:last], stroke.y[first:last])

    def _values(self) -> QTransform | None:
        """From epochs and what the axis counts to places in the item; None while there is no room."""
        area = self._box.rect()
        (left, right), (bottom, top) = self._box.viewRange()
        if right <= left or top <= bottom or area.isEmpty():
            return None
        across, up = area.width() / (right - left), area.height() / (top - bottom)
        return QTransform(across, 0, 0, -up, area.left() - left * across, area.bottom() + bottom * up)

    def show_cursor(self, at: float | None) -> None:
        """A line under the pointer."""
        if at != self.cursor:
            self.cursor = at
            self.update()

    def show_stretch(self, stretch: tuple[float, float] | None) -> None:
        """A stretch of time that is being chosen, in epochs."""
        if stretch != self.stretch:
            self.stretch = stretch
            self.update()

    def boundingRect(self) -> QRectF:
        return self._box.rect()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        self.paint_part(painter, option.exposedRect)

    def paint_part(self, painter: QPainter, exposed: QRectF) -> None:
        """All that is to be seen in a part of it, whatever was there."""
        values = self._values()
        if values is None:
            return
        place = painter.transform()
        area = whole(self._box.rect(), place)
        painter.setClipRect(area)
        painter.fillRect(exposed & area, theme.color("surface"))
        self._paint_grid(painter, area, values)
        self._paint_turn(painter, area, values)
        self._paint_stretch(painter, area, values)
        self._paint_lines(painter, area, values)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        across, left = values.m11(), values.dx()
        near, wide = (
            [(x - left) / across for x in (exposed.left() - beside, exposed.right() + beside)]
            for beside in (BESIDE_FINE, BESIDE)
        )
        for i, stroke in enumerate(self.strokes):
            fine = stroke.width <= 1 and not stroke.points
            first, last = map(int, stroke.x.searchsorted(near if fine else wide))
            if first < len(stroke.x) and last > 0:  # else all of it is beside what is painted
                first, last = max(0, first - 2), min(len(stroke.x), last + 2)
                self._paint_stroke(painter, place, values, stroke, self._path(i, first, last), slice(first, last))
        painter.setTransform(place)
        self._paint_best(painter, area, values, exposed)

    def _paint_stroke(
        self,
        painter: QPainter,
        place: QTransform,
        values: QTransform,
        stroke: Stroke,
        path: QPainterPath,
        part: slice,
    ) -> None:
        """path: of the stroke, with the points of `part` at least."""
        bold = stroke.bold
        painter.setPen(_pen_of(stroke.color.rgba(), 1.0 if bold else stroke.width, stroke.dashed))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, stroke.width > 1)
        for x, y in AROUND if bold else ((0.0, 0.0),):
            painter.setTransform(values * QTransform.fromTranslate(x, y) * place)
            painter.drawPath(path)
        if stroke.points:
            painter.setTransform(place)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(stroke.color)
            for x, y in zip(stroke.x[part].tolist(), stroke.y[part].tolist(), strict=True):
                if math.isfinite(y):
                    painter.drawEllipse(values.map(QPointF(x, y)), DOT / 2, DOT / 2)

    def _paint_grid(self, painter: QPainter, area: QRectF, values: QTransform) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(theme.color("grid"))
        low, high = self._box.viewRange()[1]
        if self._grid[0] != (low, high, self._axis.log):
            self._grid = (low, high, self._axis.log), tuple(self._axis.values(low, high))
        for value in self._grid[1]:
            if low <= value <= high:
                y = values.map(QPointF(0, value)).y()
                painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))

    def _paint_turn(self, painter: QPainter, area: QRectF, values: QTransform) -> None:
        if self.marks.turn is None:
            return
        x = max(area.left(), values.map(QPointF(self.marks.turn, 0)).x())
        if x < area.right():
            painter.fillRect(QRectF(QPointF(x, area.top()), area.bottomRight()), tinted(theme.color("warn"), 0.08))

    def _paint_stretch(self, painter: QPainter, area: QRectF, values: QTransform) -> None:
        if self.stretch is not None:
            begin, end = (values.map(QPointF(at, 0)).x() for at in self.stretch)
            painter.fillRect(QRectF(begin, area.top(), end - begin, area.height()), tinted(theme.color("accent"), 0.14))

    def _paint_lines(self, painter: QPainter, area: QRectF, values: QTransform) -> None:
        lines = [(at, "warn", Qt.PenStyle.DotLine) for at in self.marks.events]
        if self.marks.best is not None:
            lines.append((self.marks.best, "good", Qt.PenStyle.DashLine))
        if self.cursor is not None:
            lines.append((self.cursor, "faint", Qt.PenStyle.SolidLine))
        for at, color, style in lines:
            x = round(values.map(QPointF(at, 0)).x()) + 0.5
            painter.setPen(QPen(theme.color(color), 1, style))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))

    def _paint_best(self, painter: QPainter, area: QRectF, values: QTransform, exposed: QRectF) -> None:
        marks = self.marks
        if marks.best is not None and marks.best_value is not None:
            ring, reach = values.map(QPointF(marks.best, marks.best_value)), RING + BESIDE
            if exposed.left() - reach < ring.x() < exposed.right() + reach:
                painter.setPen(QPen(theme.color("good"), 2))
                painter.setBrush(theme.color("surface"))
                painter.drawEllipse(ring, RING, RING)
        ascent, line = _lines(theme.px(11))
        row = area.top() + ascent + GAP
        for at, word, color in ((marks.best, marks.best_word, "good"), (marks.turn, marks.turn_word, "warn")):
            if at is not None and word:
                self._write(painter, values.map(QPointF(at, 0)).x(), row, word, color, area, exposed)
            row += line + 2  # the turn below the best epoch

    def _write(
        self, painter: QPainter, x: float, y: float, word: str, color: str, area: QRectF, exposed: QRectF
    ) -> None:
        """On the side of its mark where there is room; nothing when the mark is out of sight."""
        if not area.left() <= x <= area.right():
            return
        wide = _width_of(word, theme.px(11))
        left = max(area.left(), x + GAP if x + GAP + wide <= area.right() else x - GAP - wide)
        if left - BESIDE < exposed.right() and exposed.left() < left + wide + BESIDE:
            painter.setFont(theme.font(11))
            painter.setPen(theme.color(color))
            painter.drawText(QPointF(left, y), word)


@functools.lru_cache(maxsize=64)
def _width_of(word: str, pixels: int) -> float:
    """pixels: of the font, which another screen may change."""
    return QFontMetricsF(theme.font(11)).horizontalAdvance(word)


@functools.lru_cache(maxsize=1)
def _lines(pixels: int) -> tuple[float, float]:
    """How far the words of marks reach above their line, and how high that is."""
    metrics = QFontMetricsF(theme.font(11))
    return metrics.ascent(), metrics.height()


def _path_of(x: np.ndarray, y: np.ndarray) -> QPainterPath:
    """A short line; it has a gap where there is no number."""
    path, drawn = QPainterPath(), False
    for across, up in zip(x.tolist(), y.tolist(), strict=True):
        good = math.isfinite(up)
        if good and drawn:
            path.lineTo(across, up)
        elif good:
            path.moveTo(across, up)
        drawn = good
    return path


@functools.lru_cache(maxsize=64)
def _pen_of(rgba: int, width: float, dashed: bool) -> QPen:
    pen = QPen(QColor.fromRgba(rgba), width)
    pen.setCosmetic(True)
    pen.setStyle(Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine)
    return pen
