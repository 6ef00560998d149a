"""One of the two plots of the curves, with its axes, labels and marks; and the view that holds both. UI thread only."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QTransform
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from workbench.ui import theme
from workbench.ui.train.picture import Stroke
from workbench.ui.train.plot_parts import EndLabels, RoundAxis, adopt_menu

AXIS_WIDTH = 68
FEW = 200  # points of a bold line up to which Qt strokes it quickly
AROUND = ((0.0, -0.5), (0.43, 0.25), (-0.43, 0.25))  # pixels


class Plots(pg.GraphicsLayoutWidget):
    """The graphics view: tells when the pointer leaves, and takes keys."""

    left = Signal()
    pressed = Signal(int)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Home, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Plus, Qt.Key.Key_Minus):
            self.pressed.emit(int(event.key()))
            event.accept()
        else:
            super().keyPressEvent(event)


class Plot:
    """One of the two plots with its items: it draws lines and knows what it drew."""

    def __init__(self, view: pg.GraphicsLayoutWidget, row: int) -> None:
        self.left = RoundAxis("left")
        self.bottom = RoundAxis("bottom")
        self.bottom.whole = True
        self.item = view.addPlot(row=row, col=0, axisItems={"left": self.left, "bottom": self.bottom})
        adopt_menu(self.item, view)
        self.item.showGrid(x=False, y=True, alpha=1.0)
        self.left.setWidth(AXIS_WIDTH)
        self.box: pg.ViewBox = self.item.getViewBox()
        self.box.setMouseEnabled(x=True, y=False)
        self.box.disableAutoRange()
        self.box.setDefaultPadding(0.0)
        self.labels = EndLabels(self.box)
        view.addItem(self.labels, row=row, col=1)
        self.cursor = pg.InfiniteLine(angle=90, movable=False)
        self.best = pg.InfiniteLine(angle=90, movable=False)
        self.best_dot = pg.ScatterPlotItem(size=11)
        self.best_word = pg.TextItem(anchor=(0, 0))
        self.turned = pg.LinearRegionItem(movable=False, pen=pg.mkPen(None))
        self.turn_word = pg.TextItem(anchor=(0, 1))
        for mark in (self.turned, self.best, self.cursor, self.best_dot, self.best_word, self.turn_word):
            mark.setVisible(False)
            self.item.addItem(mark, ignoreBounds=True)
        self.name = ""
        self._drawn: list[_Curve] = []
        self._events: list[pg.InfiniteLine] = []
        self._labels: dict[str, str] = {}

    def restyle(self) -> None:
        self.left.restyle()
        self.bottom.restyle()
        self.cursor.setPen(pg.mkPen(theme.color("faint")))
        self.best.setPen(pg.mkPen(theme.color("good"), style=Qt.PenStyle.DashLine))
        self.best_dot.setPen(pg.mkPen(theme.color("good"), width=2))
        self.best_dot.setBrush(pg.mkBrush(theme.color("surface")))
        tint = theme.color("warn")
        self.turn_word.setColor(tint)
        self.turn_word.setFont(theme.font(11))
        tint.setAlphaF(0.08)
        self.turned.setBrush(pg.mkBrush(tint))
        self.turned.setHoverBrush(pg.mkBrush(tint))
        self.best_word.setColor(theme.color("good"))
        self.best_word.setFont(theme.font(11))

    def mark_turn(self, turn: int | None, right: float, word: str, top: float) -> None:
        """Tint what comes after epoch `turn` (from 0), up to `right`; nothing when None."""
        self.turned.setVisible(turn is not None)
        if turn is None:
            return
        self.turned.setRegion((turn + 1, max(right, turn + 1)))
        say(self.turn_word, word)
        (left, end), _ = self.box.viewRange()
        self.turn_word.setAnchor((0, -0.8) if turn + 1 < (left + end) / 2 else (1, -0.8))  # below the best epoch
        self.turn_word.setPos(turn + 1, top)

    def draw(self, index: int, stroke: Stroke) -> None:
        """Put curve number `index` of this frame on the plot; items are kept from frame to frame."""
        while len(self._drawn) <= index:
            self._drawn.append(_Curve(self.box))
        self._drawn[index].show(stroke)

    def hide_from(self, index: int) -> None:
        for left_over in self._drawn[index:]:
            left_over.hide()

    def mark_events(self, events: Sequence[tuple[float, str]]) -> None:
        """Dotted lines where something was changed; what, the read-out says."""
        while len(self._events) < len(events):
            line = pg.InfiniteLine(angle=90, movable=False)
            self._events.append(line)
            self.item.addItem(line, ignoreBounds=True)
        pen = pg.mkPen(theme.color("warn"), style=Qt.PenStyle.DotLine)
        for i, line in enumerate(self._events):
            line.setVisible(i < len(events))
            if i < len(events):
                line.setPos(events[i][0])
                line.setPen(pen)

    def set_label(self, side: str, text: str) -> None:
        """Name an axis; a name that stays costs nothing."""
        if self._labels.get(side) != text:
            self._labels[side] = text
            self.item.setLabel(side, text, color=theme.hex_of("muted"))


class _Line(pg.PlotCurveItem):
    """A line that is quick to paint also where it is bold and long.

    Qt strokes lines of more than a pixel twenty times slower than hairlines (12 ms for 1,200 points): a bold one of
    many points is three hairlines around its place.
    """

    bold = False

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None) -> None:
        if not self.bold:
            super().paint(painter, option, widget)
            return
        place = painter.worldTransform()
        for x, y in AROUND:
            painter.setWorldTransform(place * QTransform.fromTranslate(x, y))
            super().paint(painter, option, widget)
        painter.setWorldTransform(place)


class _Curve:
    """A line with or without points. Not pyqtgraph's PlotDataItem: that does everything again when the view moves, as
    it does with every frame of a run."""

    def __init__(self, box: pg.ViewBox) -> None:
        self.line = _Line()
        self.points = pg.ScatterPlotItem(size=5, pen=None)
        for item in (self.line, self.points):
            box.addItem(item, ignoreBounds=True)
        self._dotted = False
        self._drawn: Stroke | None = None

    def show(self, stroke: Stroke) -> None:
        """Draw it; one whose points and looks are those of the last frame costs nothing."""
        old, self._drawn = self._drawn, stroke
        if old is not None and (old.x is stroke.x and old.y is stroke.y and _look(old) == _look(stroke)):
            return
        x, y, bold = stroke.x, stroke.y, stroke.width > 1 and len(stroke.x) > FEW
        self.line.bold = bold
        style = Qt.PenStyle.DashLine if stroke.dashed else Qt.PenStyle.SolidLine
        pen = pg.mkPen(stroke.color, width=1 if bold else stroke.width, style=style)
        self.line.setData(x, y, pen=pen, connect="finite", antialias=stroke.width > 1)
        self.line.setVisible(True)
        if stroke.points:
            self.points.setData(x, y, brush=stroke.color)
        if stroke.points or self._dotted:
            self.points.setVisible(stroke.points)
        self._dotted = stroke.points

    def hide(self) -> None:
        self.line.setVisible(False)
        self.points.setVisible(False)
        self._drawn = None


def say(item: pg.TextItem, text: str) -> None:
    """Let a text item say this; to say it again would lay it out again."""
    if item.toPlainText() != text:
        item.setText(text)


def _look(stroke: Stroke) -> tuple[object, ...]:
    return stroke.color.rgba(), stroke.width, stroke.points, stroke.dashed
