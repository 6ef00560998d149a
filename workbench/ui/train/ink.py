"""What is drawn inside a plot of the curves, as one item: lines, and the marks around them. UI thread only.

Not pyqtgraph's items, one for each line and mark: a frame with twenty of them took 8 ms to find out where each is and
what it covers, most of it in Python, before anything was painted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from workbench.ui import theme
from workbench.ui.train.picture import Stroke, tinted

FEW = 200  # points of a bold line up to which Qt strokes it quickly
AROUND = ((0.0, -0.5), (0.43, 0.25), (-0.43, 0.25))  # pixels
DOT = 5.0  # across a point of a line
RING = 5.5  # from the middle to the rim of the mark of the best epoch
GAP = 4.0


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

    def __init__(self, box: pg.ViewBox) -> None:
        super().__init__(box)
        self._box = box
        self.strokes: tuple[Stroke, ...] = ()
        self.marks = Marks()
        self.cursor: float | None = None
        self._paths: list[QPainterPath] = []
        box.sigResized.connect(self._moved)
        box.sigRangeChanged.connect(self._moved)

    def _moved(self, *_: object) -> None:
        self.prepareGeometryChange()
        self.update()

    def show_strokes(self, strokes: Sequence[Stroke], marks: Marks) -> None:
        """Draw these; a line that has kept its points is not made again."""
        old = self.strokes
        self._paths = [
            self._paths[i]
            if i < len(old) and old[i].x is stroke.x and old[i].y is stroke.y
            else pg.arrayToQPath(stroke.x, stroke.y, connect="finite", finiteCheck=True)
            for i, stroke in enumerate(strokes)
        ]
        self.strokes, self.marks = tuple(strokes), marks
        self.update()

    def show_cursor(self, at: float | None) -> None:
        """A line under the pointer."""
        if at != self.cursor:
            self.cursor = at
            self.update()

    def boundingRect(self) -> QRectF:
        return self._box.rect()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        area = self._box.rect()
        (left, right), (bottom, top) = self._box.viewRange()
        if right <= left or top <= bottom or area.isEmpty():
            return
        across, up = area.width() / (right - left), area.height() / (top - bottom)
        values = QTransform(across, 0, 0, -up, area.left() - left * across, area.bottom() + bottom * up)
        painter.setClipRect(area)
        self._paint_turn(painter, area, values)
        self._paint_lines(painter, area, values)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place = painter.transform()
        for stroke, path in zip(self.strokes, self._paths, strict=True):
            self._paint_stroke(painter, place, values, stroke, path)
        painter.setTransform(place)
        self._paint_best(painter, area, values)

    def _paint_stroke(
        self, painter: QPainter, place: QTransform, values: QTransform, stroke: Stroke, path: QPainterPath
    ) -> None:
        """Qt strokes lines of more than a pixel twenty times slower than hairlines (12 ms for 1,200 points): a bold one
        of many points is three hairlines around its place."""
        bold = stroke.width > 1 and len(stroke.x) > FEW
        pen = QPen(stroke.color, 1.0 if bold else stroke.width)
        pen.setCosmetic(True)
        pen.setStyle(Qt.PenStyle.DashLine if stroke.dashed else Qt.PenStyle.SolidLine)
        painter.setPen(pen)
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
            for x, y in zip(stroke.x.tolist(), stroke.y.tolist(), strict=True):
                if math.isfinite(y):
                    painter.drawEllipse(values.map(QPointF(x, y)), DOT / 2, DOT / 2)

    def _paint_turn(self, painter: QPainter, area: QRectF, values: QTransform) -> None:
        if self.marks.turn is None:
            return
        x = max(area.left(), values.map(QPointF(self.marks.turn, 0)).x())
        if x < area.right():
            painter.fillRect(QRectF(QPointF(x, area.top()), area.bottomRight()), tinted(theme.color("warn"), 0.08))

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

    def _paint_best(self, painter: QPainter, area: QRectF, values: QTransform) -> None:
        marks = self.marks
        if marks.best is not None and marks.best_value is not None:
            painter.setPen(QPen(theme.color("good"), 2))
            painter.setBrush(theme.color("surface"))
            painter.drawEllipse(values.map(QPointF(marks.best, marks.best_value)), RING, RING)
        font = theme.font(11)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        row = area.top() + metrics.ascent() + GAP
        for at, word, color in ((marks.best, marks.best_word, "good"), (marks.turn, marks.turn_word, "warn")):
            if at is not None and word:
                self._write(painter, values.map(QPointF(at, 0)).x(), row, word, theme.color(color), metrics, area)
            row += metrics.height() + 2  # the turn below the best epoch

    def _write(
        self, painter: QPainter, x: float, y: float, word: str, color: QColor, metrics: QFontMetricsF, area: QRectF
    ) -> None:
        """On the side of its mark where there is room; nothing when the mark is out of sight."""
        if not area.left() <= x <= area.right():
            return
        wide = metrics.horizontalAdvance(word)
        beside = x + GAP if x + GAP + wide <= area.right() else x - GAP - wide
        painter.setPen(color)
        painter.drawText(QPointF(max(area.left(), beside), y), word)
