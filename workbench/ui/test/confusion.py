"""The confusion matrix, painted: names, counts where they fit, colours by share of the true class. UI thread only."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from workbench.core.one_line import one_line
from workbench.ui import theme

SMALLEST, LARGEST = 6.0, 54.0
NAMES = 120  # widest room for names
TITLE = 18


class ConfusionView(QWidget):
    """Rows are the truth, columns the answers. `chosen(true, answered)` on a click, or with arrow keys and Enter."""

    chosen = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("confusion")
        self.setAccessibleName("Confusion matrix")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.classes: tuple[str, ...] = ()
        self.matrix = np.zeros((0, 0), np.int64)
        self._over: tuple[int, int] | None = None
        self.selected: tuple[int, int] | None = None
        theme.notifier.changed.connect(self.update)

    def set_matrix(self, classes: tuple[str, ...], matrix: np.ndarray) -> None:
        """matrix: int (n, n), rows true, columns answered."""
        classes = tuple(map(one_line, classes))
        if classes != self.classes:
            self.selected = None
        self.classes, self.matrix = classes, matrix
        self._over = None
        off = matrix.copy()
        np.fill_diagonal(off, 0)
        worst = np.argsort(off, axis=None)[::-1][:3]
        said = [divmod(int(i), max(len(off), 1)) for i in worst]
        mistakes = "; ".join(f"{off[t, a]:,} {classes[t]} taken for {classes[a]}" for t, a in said if off[t, a])
        self.setAccessibleDescription(f"{int(np.trace(matrix)):,} of {int(matrix.sum()):,} right. {mistakes}")
        self.updateGeometry()
        self.update()

    # ---- places ------------------------------------------------------------------------------------------------

    def _metrics(self) -> QFontMetricsF:
        return QFontMetricsF(theme.font(11, tabular=True))

    def _room(self) -> tuple[float, float]:
        """Width of the row names and height of the column names."""
        metrics = self._metrics()
        widest = max((metrics.horizontalAdvance(c) for c in self.classes), default=0.0)
        rows = min(widest + 10, NAMES, max(40.0, self.width() * 0.3))
        flat = self._flat(rows)
        return rows + TITLE, TITLE + (metrics.height() + 4 if flat else min(widest * 0.75 + 14, 84.0))

    def _flat(self, rows: float) -> bool:
        """Whether the column names fit lying flat above their columns."""
        metrics = self._metrics()
        widest = max((metrics.horizontalAdvance(c) for c in self.classes), default=0.0)
        across = (self.width() - rows - TITLE - 2) / max(1, len(self.classes))
        return widest + 6 <= min(across, self._largest())

    def side(self) -> float:
        """Edge of a cell in pixels."""
        left, top = self._room()
        count = max(1, len(self.classes))
        slant = 0.0 if self._flat(left - TITLE) else 40.0
        fits = min((self.width() - left - 2 - slant) / count, (self.height() - top - 2) / count)
        return min(self._largest(), max(SMALLEST, fits))

    def _largest(self) -> float:
        return LARGEST * (1.4 if len(self.classes) <= 4 else 1.0)

    def wanted_height(self) -> int:
        """As high as it can use: every cell of the largest size."""
        return round(self._room()[1] + self._largest() * len(self.classes) + 4)

    def cell(self, true: int, answered: int) -> QRectF:
        """Where a cell lies in the widget."""
        left, top = self._room()
        side = self.side()
        return QRectF(left + answered * side, top + true * side, side, side)

    def _at(self, where: QPointF) -> tuple[int, int] | None:
        left, top = self._room()
        side = self.side()
        column, row = int((where.x() - left) // side), int((where.y() - top) // side)
        inside = 0 <= row < len(self.classes) and 0 <= column < len(self.classes)
        return (row, column) if inside else None

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint().expandedTo(QSize(320, 320))

    def minimumSizeHint(self) -> QSize:
        least = SMALLEST * len(self.classes)
        return QSize(round(NAMES + TITLE + least + 42), round(84 + TITLE + least + 4))

    # ---- painting ----------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.classes:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        font = theme.font(11, tabular=True)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        side = self.side()
        totals = np.maximum(self.matrix.sum(axis=1, keepdims=True), 1)
        shares = self.matrix / totals
        ground, right, wrong = theme.color("surface"), theme.color("accent"), theme.color("negative")
        largest = metrics.horizontalAdvance(f"{int(self.matrix.max(initial=0)):,}")
        with_figures = largest + 3 <= side and metrics.height() <= side
        for true in range(len(self.classes)):
            for answered in range(len(self.classes)):
                count = int(self.matrix[true, answered])
                area = self.cell(true, answered)
                share = float(shares[true, answered])
                tint = right if true == answered else wrong
                # a few mistakes must be seen among thousands of right answers: the root lifts small shares
                color = theme.mix(ground, tint, min(1.0, share**0.5)) if count else ground
                painter.fillRect(area, color)
                if count and with_figures:
                    painter.setPen(_readable(color))
                    painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter), f"{count:,}")
        self._lines(painter, side)
        self._names(painter, metrics, side)
        for mark, tint, width in ((self._over, "text", 1), (self.selected, "text", 2)):
            if mark is not None:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(theme.color(tint), width))
                painter.drawRect(self.cell(*mark))
        painter.end()

    def _lines(self, painter: QPainter, side: float) -> None:
        count = len(self.classes)
        first, last = self.cell(0, 0), self.cell(count - 1, count - 1)
        painter.setPen(QPen(theme.color("line"), 1))
        if side >= 14:
            for i in range(count + 1):
                x, y = first.left() + i * side, first.top() + i * side
                painter.drawLine(QPointF(x, first.top()), QPointF(x, last.bottom()))
                painter.drawLine(QPointF(first.left(), y), QPointF(last.right(), y))
        else:
            painter.drawRect(QRectF(first.topLeft(), last.bottomRight()))

    def _names(self, painter: QPainter, metrics: QFontMetricsF, side: float) -> None:
        left, top = self._room()
        strong = {i for mark in (self._over, self.selected) if mark for i in (("r", mark[0]), ("c", mark[1]))}
        every = max(1, int(np.ceil((metrics.height() - 1) / side)))
        room = left - TITLE - 8
        elide = self._elide(metrics, room)
        flat = self._flat(left - TITLE)
        for i, name in enumerate(self.classes):
            middle = self.cell(i, i).center()
            if i % every == 0 or ("r", i) in strong:
                self._pen(painter, ("r", i) in strong)
                area = QRectF(TITLE, middle.y() - metrics.height() / 2, room, metrics.height())
                painter.drawText(
                    area,
                    int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter),
                    metrics.elidedText(name, elide, room),
                )
            if i % every == 0 or ("c", i) in strong:
                self._pen(painter, ("c", i) in strong)
                if flat:
                    area = QRectF(middle.x() - side / 2, top - metrics.height() - 3, side, metrics.height())
                    painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter), name)
                else:
                    painter.save()
                    painter.translate(middle.x() - 2, top - 5)
                    painter.rotate(-50)
                    painter.drawText(QPointF(0, 0), metrics.elidedText(name, elide, (top - TITLE - 8) / 0.766))
                    painter.restore()
        self._pen(painter, False)
        painter.drawText(QRectF(left, 0, self.width() - left, TITLE), "answered →")
        painter.save()
        painter.translate(metrics.ascent(), self.cell(0, 0).top())
        painter.rotate(90)
        painter.drawText(QPointF(0, 0), "true →")
        painter.restore()

    def _elide(self, metrics: QFontMetricsF, room: float) -> Qt.TextElideMode:
        """Where the dots of long names go: the place that leaves most names told apart."""
        modes = (Qt.TextElideMode.ElideMiddle, Qt.TextElideMode.ElideRight, Qt.TextElideMode.ElideLeft)
        return max(modes, key=lambda mode: len({metrics.elidedText(c, mode, room) for c in self.classes}))

    @staticmethod
    def _pen(painter: QPainter, strong: bool) -> None:
        painter.setPen(theme.color("text" if strong else "muted"))

    # ---- the hand ----------------------------------------------------------------------------------------------

    def words(self, true: int, answered: int) -> str:
        """A cell in one sentence."""
        count, total = int(self.matrix[true, answered]), int(self.matrix[true].sum())
        told = f"{count:,} of {total:,} true “{self.classes[true]}”"
        return f"{told} answered right" if true == answered else f"{told} answered “{self.classes[answered]}”"

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            at = self._at(QPointF(event.pos()))
            if at is not None:
                QToolTip.showText(event.globalPos(), self.words(*at), self, self.cell(*at).toRect())
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        over = self._at(event.position())
        if over != self._over:
            self._over = over
            self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._over = None
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = self._at(event.position())
        if at is not None:
            self._choose(at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        step = steps.get(Qt.Key(event.key()))
        if step is not None and self.classes:
            row, column = self.selected or (0, 0)
            last = len(self.classes) - 1
            self.selected = (min(max(row + step[0], 0), last), min(max(column + step[1], 0), last))
            self.setAccessibleDescription(self.words(*self.selected))
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.selected:
            self._choose(self.selected)
        else:
            super().keyPressEvent(event)

    def _choose(self, at: tuple[int, int]) -> None:
        self.selected = at
        self.update()
        self.chosen.emit(*at)


def _readable(ground: QColor) -> QColor:
    """Dark or light, whichever is read better on that ground (relative luminance, WCAG 2.2)."""

    def linear(v: float) -> float:
        return v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4

    light = 0.2126 * linear(ground.redF()) + 0.7152 * linear(ground.greenF()) + 0.0722 * linear(ground.blueF())
    return QColor("#ffffff") if light < 0.179 else QColor("#12161c")
