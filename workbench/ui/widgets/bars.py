"""Probabilities as bars, one below the other."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from workbench.core.one_line import one_line

from .. import theme
from .elide import told_apart

BESIDE = 0.4
"""The share of the width that names beside their bars may take."""


def percent(share: float) -> str:
    """A share (0 to 1) as a percentage with as many digits as it means: "12 %", "3.4 %", "<0.1 %", "99.9 %"."""
    value = 100 * share
    if value != value:
        return "–"
    if value == 0 or value == 100:
        return f"{value:.0f} %"
    if value < 0.1:
        return "<0.1 %"
    if value > 99.9:
        return ">99.9 %"
    return f"{value:.1f} %" if value < 10 or value > 90 else f"{value:.0f} %"


class ProbabilityBars(QWidget):
    """Names, horizontal bars, figures; one row a class. The largest is drawn in the accent colour.

    Rows keep their order, so that nothing jumps while an answer moves; with `limit`, only the `limit` largest
    are shown, in falling order. Names too long to stand beside their bars stand above them.
    """

    def __init__(self, parent: QWidget | None = None, *, limit: int = 0) -> None:
        super().__init__(parent)
        self.setObjectName("probability_bars")
        self._names: tuple[str, ...] = ()
        self._values = np.zeros(0)
        self._marked = -1
        self._limit = limit
        self._above = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.notifier.changed.connect(self.update)

    def set_values(self, names: Sequence[str], values: Sequence[float] | np.ndarray, marked: int = -1) -> None:
        """values: probabilities (n,), 0 to 1, in the order of the names. marked: the true class, shown by a tick."""
        size = (len(self._order()), self._above)
        self._names = tuple(one_line(str(n)) for n in names)
        self._values = np.nan_to_num(np.asarray(values, np.float64).reshape(-1))[: len(self._names)]
        self._marked = marked
        shown = [f"{self._names[i]} {percent(float(self._values[i]))}" for i in np.argsort(-self._values)[:5]]
        self.setAccessibleName("Answer")
        self.setAccessibleDescription(", ".join(shown))
        self._above = self._too_long()
        if (len(self._order()), self._above) != size:
            self.updateGeometry()
        self.update()

    def clear(self) -> None:
        self.set_values((), ())

    def _order(self) -> list[int]:
        count = len(self._values)
        if self._limit and count > self._limit:
            return [int(i) for i in np.argsort(-self._values, kind="stable")[: self._limit]]
        return list(range(count))

    def _widest(self) -> int:
        # two pixels more: advances are rounded, and a name that just fits would be cut to dots
        metrics = QFontMetrics(theme.font(13, 600))
        return max((metrics.horizontalAdvance(self._said(i)) for i in self._order()), default=0) + 2

    def _said(self, index: int) -> str:
        return ("✓ " if index == self._marked else "") + self._names[index]

    def _too_long(self) -> bool:
        return self._widest() > int(self.width() * BESIDE)

    def _row(self) -> int:
        line = QFontMetrics(theme.font(13)).height()
        return line + (14 if self._above else 0) + theme.SPACE

    def sizeHint(self) -> QSize:
        return QSize(280, self._row() * max(1, len(self._order())))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self._row() * max(1, len(self._order())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._above != self._too_long():
            self._above = not self._above
            self.updateGeometry()

    def shown_names(self) -> list[str]:
        """The names as they are drawn, in the order of the rows."""
        width = self.width() if self._above else min(self._widest(), int(self.width() * BESIDE))
        return told_apart([self._said(i) for i in self._order()], QFontMetrics(theme.font(13, 600)), width)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            order, place = self._order(), event.pos().y() // self._row()
            if 0 <= place < len(order):
                index = order[place]
                text = f"{self._names[index]}: {percent(float(self._values[index]))}"
                QToolTip.showText(event.globalPos(), f"<qt>{escape(text)}</qt>", self)
                return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        order = self._order()
        if not order:
            return
        painter = QPainter(self)
        figures = QFontMetrics(theme.font(13, 600, tabular=True)).horizontalAdvance(">99.9 %") + theme.SPACE
        names = 0 if self._above else min(self._widest(), int(self.width() * BESIDE)) + theme.SPACE
        room = max(8.0, self.width() - names - figures)
        best = int(np.argmax(self._values))
        middle, shown = Qt.AlignmentFlag.AlignVCenter, self.shown_names()
        for place, index in enumerate(order):
            top, height = place * self._row(), self._row()
            strong = index == best
            painter.setFont(theme.font(13, 600 if strong else 400, tabular=True))
            painter.setPen(theme.color("text" if strong else "muted"))
            if self._above:
                line = painter.fontMetrics().height()
                painter.drawText(QRectF(0, top, self.width(), line), int(middle), shown[place])
                top, height = top + line, 18
            else:
                where = QRectF(0, top, names - theme.SPACE, height)
                painter.drawText(where, int(middle | Qt.AlignmentFlag.AlignRight), shown[place])
            share = min(1.0, max(0.0, float(self._values[index])))
            bar = QRectF(names, top + height / 2 - 5, room, 10)
            painter.fillRect(bar, theme.color("grid"))
            painter.fillRect(
                QRectF(bar.left(), bar.top(), max(1.0, room * share), bar.height()),
                theme.color("accent") if strong else theme.mix(theme.color("accent"), theme.color("surface"), 0.45),
            )
            painter.drawText(
                QRectF(names + room, top, figures, height), int(middle | Qt.AlignmentFlag.AlignRight), percent(share)
            )
