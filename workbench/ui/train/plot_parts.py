"""Parts of the curves: axes with round figures, labels at the ends of lines, the read-out under the pointer."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from workbench.ui import theme
from workbench.ui.train import scales

MIDDLE = Qt.AlignmentFlag.AlignVCenter
BEHIND = -1000  # an axis goes under what is drawn, not over it


class RoundAxis(pg.AxisItem):
    """An axis with few round ticks. `log`: values are logarithms to base 10. `share`: shown in per cent.

    `factor` multiplies what is written (epochs to steps); `whole`: only whole numbers.
    """

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation, showValues=True, maxTickLength=0)
        self.log = False
        self.share = False
        self.whole = False
        self.factor = 1.0
        self.wanted = 5
        self.enableAutoSIPrefix(False)
        self.setStyle(tickTextOffset=6, autoExpandTextSpace=False)
        # without this its figures are written again with every picture
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)

    def restyle(self) -> None:
        """Take the colours of the theme."""
        self.setTickFont(theme.font(11, tabular=True))
        self.setTextPen(pg.mkPen(theme.color("muted")))
        self.setPen(pg.mkPen(theme.color("line")))
        self.setTickPen(pg.mkPen(theme.color("grid")))
        # setPen gives the axis' name the colour of its line, which is too faint to read
        self.setLabel(self.labelText, **{**self.labelStyle, "color": theme.hex_of("muted")})
        self.setZValue(BEHIND)

    def labelString(self) -> str:
        """The name as far as there is room for it; the whole of it when the pointer stands on it."""
        name, metrics = self.labelText, QFontMetricsF(self.label.font())
        room = self.size().height() if self.orientation == "left" else self.size().width()
        told = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, room - 8) if room > 0 else name
        self.label.setToolTip(html.escape(name) if told != name else "")
        style = ";".join(f"{key}: {value}" for key, value in self.labelStyle.items())
        return f"<span style='{style}'>{html.escape(told)}</span>"  # a target's name is a person's

    def resizeEvent(self, ev: object = None) -> None:
        if self.label is not None and self.labelText:
            self.label.setHtml(self.labelString())
        super().resizeEvent(ev)

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        if self.log:
            return [(1.0, scales.log_ticks(minVal, maxVal, self.wanted))]
        found = scales.ticks(minVal * self.factor, maxVal * self.factor, self.wanted, self.whole)
        return [(1.0, [v / self.factor for v in found])]

    def values(self, low: float, high: float) -> list[float]:
        """Where between two values there are ticks."""
        return self.tickValues(low, high, 0.0)[0][1]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        real = [10**v if self.log else v * self.factor for v in values]
        if self.share:
            step = abs(real[1] - real[0]) if len(real) > 1 else 1.0
            return [f"{v * 100:.0f} %" if step >= 0.00999 else f"{v * 100:.1f} %" for v in real]
        if self.whole:
            return [f"{v:,.0f}" for v in real]
        return [f"{v:,.6g}" if abs(v) < 1e6 else f"{v:.2g}" for v in real]

    def fit(self, low: float, high: float) -> None:
        """Make a left axis wide enough for its figures between these values, and for its name."""
        strings = self.tickStrings(self.values(low, high), 1.0, 1.0)
        metrics = QFontMetricsF(theme.font(11, tabular=True))
        self.setWidth(max((metrics.horizontalAdvance(text) for text in strings), default=0.0) + 34)


def adopt_menu(item: pg.PlotItem, owner: QWidget) -> None:
    """Switch off pyqtgraph's own menus and let them go with their owner: it makes them as windows of their own."""
    item.hideButtons()
    item.setMenuEnabled(False)
    item.ctrlMenu.setParent(owner, item.ctrlMenu.windowFlags())


@dataclass(frozen=True)
class EndLabel:
    """Text beside the end of a line. y: in the plot's own values. strong: figures that matter now."""

    text: str
    value: str
    color: QColor
    y: float
    strong: bool = True


class EndLabels(pg.GraphicsWidget):
    """Labels at the right border of a plot, at the height where their lines end, moved apart where they overlap."""

    WIDTH = 132

    def __init__(self, box: pg.ViewBox, paint_soon: Callable[[EndLabels, QRectF], None] | None = None) -> None:
        """paint_soon: has a part of this painted anew, where the view can do that; see `plot.Plots`."""
        super().__init__()
        self._box, self._paint_soon = box, paint_soon
        self.labels: tuple[EndLabel, ...] = ()
        self.setFixedWidth(self.WIDTH)
        box.sigResized.connect(lambda *_: self.update())
        box.sigRangeChanged.connect(lambda *_: self.update())

    def set_labels(self, labels: Sequence[EndLabel]) -> None:
        if self.labels != tuple(labels):
            self.labels = tuple(labels)
            if self._paint_soon is None:
                self.update()
            elif self.isVisible():
                self._paint_soon(self, self.boundingRect())

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        self.paint_part(painter, self.boundingRect())

    def paint_part(self, painter: QPainter, exposed: QRectF) -> None:
        """All that is to be seen in a part of it, whatever was there."""
        # Before the plot is laid out its place lies outside this one, where nobody would wipe the words off again.
        place = whole(self.boundingRect(), painter.transform())
        painter.setClipRect(place)
        painter.fillRect(exposed & place, theme.color("surface"))
        if not self.labels:
            return
        area = self._box.sceneBoundingRect()
        top = self.mapFromScene(area.topLeft()).y()
        bottom = top + area.height()
        plain, strong = theme.font(11), theme.font(11, 600, tabular=True)
        metrics, of_strong = QFontMetricsF(plain), QFontMetricsF(strong)
        height = of_strong.height() + 2
        wanted = []
        for label in self.labels:
            y = self.mapFromScene(self._box.mapViewToScene(QPointF(0, label.y))).y()
            wanted.append(min(max(y, top), bottom))
        centres = scales.spread(wanted, height, top, bottom)
        for label, y, centre in zip(self.labels, wanted, centres, strict=True):
            painter.setPen(QPen(label.color, 1))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawLine(QPointF(1, y), QPointF(7, centre))
            room = self.WIDTH - 12
            painter.setFont(plain)
            value_width = of_strong.horizontalAdvance(label.value)
            name = metrics.elidedText(label.text, Qt.TextElideMode.ElideMiddle, room - value_width - 6)
            line = QRectF(11, centre - height / 2, room, height)
            painter.drawText(line, int(MIDDLE | Qt.AlignmentFlag.AlignLeft), name)
            if label.value:
                painter.setFont(strong if label.strong else plain)
                painter.drawText(
                    line.adjusted(metrics.horizontalAdvance(name) + 6, 0, 0, 0),
                    int(MIDDLE | Qt.AlignmentFlag.AlignLeft),
                    label.value,
                )


@dataclass(frozen=True)
class Reading:
    """One row of the read-out. A heading has no value; without a text it names the columns. second: another value."""

    text: str
    value: str = ""
    color: QColor | None = None
    second: str = ""


class ReadOut(QWidget):
    """A small panel that follows the pointer and lists every curve's value there."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("curveReadOut")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.rows: tuple[Reading, ...] = ()
        self.hide()

    def size_of(self, rows: Sequence[Reading]) -> QSize:
        """Of the panel with these rows."""
        plain, strong = QFontMetricsF(theme.font(11)), QFontMetricsF(theme.font(11, 600, tabular=True))
        told = [r for r in rows if r.value or r.second]
        names = max((plain.horizontalAdvance(r.text) + 14 for r in told), default=0.0)
        columns = [max((strong.horizontalAdvance(v) for v in c), default=0.0) for c in _columns(told)]
        wide = names + sum(12 + c for c in columns if c)
        wide = max(wide, *(plain.horizontalAdvance(r.text) for r in rows if r not in told), 0.0)
        return QSize(round(wide) + 20, round(self._line() * len(rows) + 14))

    def show_at(self, x: int, y: int, rows: Sequence[Reading]) -> None:
        """Show the rows beside a point of the parent, on the side where there is room."""
        size = self.size_of(rows)
        width, height = size.width(), size.height()
        parent = self.parentWidget()
        room = parent.width() if parent is not None else width
        left = x + 14 if x + 14 + width < room - EndLabels.WIDTH else x - 14 - width
        tall = parent.height() if parent is not None else height
        self.show_in(QRect(max(0, left), max(0, min(y - height // 2, tall - height)), width, height), rows)

    def show_in(self, place: QRect, rows: Sequence[Reading]) -> None:
        """Show the rows in a place of the parent that is large enough."""
        if self.rows != tuple(rows):
            self.rows = tuple(rows)
            self.update()
        self.setGeometry(place)
        self.show()

    @staticmethod
    def _line() -> float:
        return QFontMetricsF(theme.font(11, 600, tabular=True)).height() + 3

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("edge"), 1))
        painter.setBrush(theme.color("raised"))
        painter.drawRoundedRect(QRectF(0.5, 0.5, self.width() - 1, self.height() - 1), 4, 4)
        plain, strong = theme.font(11), theme.font(11, 600, tabular=True)
        (_, second), high = _columns(self.rows), self._line()
        aside = 12 + max(map(QFontMetricsF(strong).horizontalAdvance, second)) if any(second) else 0.0
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        for i, row in enumerate(self.rows):
            line = QRectF(10, 7 + i * high, self.width() - 20, high)
            if row.color is not None:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(row.color)
                painter.drawEllipse(QPointF(line.left() + 4, line.center().y()), 3.5, 3.5)
            told = bool(row.text) and bool(row.value or row.second)
            painter.setPen(theme.color("text" if told else "muted"))
            painter.setFont(plain)
            painter.drawText(line.adjusted(14 if row.color is not None else 0, 0, 0, 0), int(MIDDLE | left), row.text)
            painter.setFont(strong if told else plain)
            painter.drawText(line.adjusted(0, 0, -aside, 0), int(MIDDLE | right), row.value)
            painter.drawText(line, int(MIDDLE | right), row.second)
        painter.end()


def whole(area: QRectF, place: QTransform) -> QRectF:
    """What of it are whole pixels, where `place` only moves it: half a pixel belongs to the neighbour too."""
    across, down = place.dx(), place.dy()
    left, top = math.ceil(area.left() + across), math.ceil(area.top() + down)
    right, bottom = math.floor(area.right() + across), math.floor(area.bottom() + down)
    return QRectF(left - across, top - down, max(0, right - left), max(0, bottom - top))


def _columns(rows: Sequence[Reading]) -> tuple[list[str], list[str]]:
    return [r.value for r in rows], [r.second for r in rows]
