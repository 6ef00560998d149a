"""The parts of the start page: sample cards, rows of recent projects, the drop zone, a grid that fits the width."""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QGridLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from .. import theme
from ..projects import Recent
from ..widgets.dropping import accepted_files
from .sample_cards import Card

MIDDLE = Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft


def ago(then: float, now: float | None = None) -> str:
    """A moment as people say it: "just now", "12 minutes ago", "yesterday", "3 May", "3 May 2024"."""
    now = time.time() if now is None else now
    seconds = max(0.0, now - then)
    if seconds < 90:
        return "just now"
    if seconds < 3600:
        return f"{round(seconds / 60)} minutes ago"
    today, day = time.localtime(now), time.localtime(then)
    if today[:3] == day[:3]:
        hours = round(seconds / 3600)
        return "an hour ago" if hours == 1 else f"{hours} hours ago"
    if time.localtime(now - 86400)[:3] == day[:3]:
        return "yesterday"
    shown = f"{day.tm_mday} {time.strftime('%b', day)}"
    return shown if day.tm_year == today.tm_year else f"{shown} {day.tm_year}"


class CardButton(QAbstractButton):
    """Something to click with a frame that answers the pointer and the keyboard focus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.notifier.changed.connect(self.update)

    def paint_frame(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        over = self.underMouse() or self.isDown()
        painter.setPen(QPen(theme.color("accent" if over or self.hasFocus() else "line"), 2 if self.hasFocus() else 1))
        painter.setBrush(theme.color("selected" if self.isDown() else "surface"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)

    def changeEvent(self, event: QEvent) -> None:
        self.update()
        super().changeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat():
            self.click()  # a card is opened, not pushed: Enter is what one tries first
            return
        super().keyPressEvent(event)


class SampleCard(CardButton):
    """A picture, a title, what it is, and how long the training takes."""

    def __init__(self, card: Card, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.card = card
        self.setObjectName(f"sample_{card.name}")
        self.setText(card.title)
        self.setAccessibleName(f"Sample: {card.title}")
        self.setAccessibleDescription(f"{card.blurb} Predicts {card.task.lower()}, trains in about {card.seconds} s.")
        self.setToolTip(card.blurb)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(200, 84 + theme.px(13) * 2 + theme.px(11) * 2 + 38)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.paint_frame(painter)
        area = QRectF(self.rect()).adjusted(12, 10, -12, -10)
        picture = QRectF(area.left(), area.top(), area.width(), 76)
        painter.save()
        painter.setClipRect(picture.adjusted(-2, -2, 2, 2))
        wide = min(picture.width(), 170.0)
        self.card.draw(painter, QRectF(picture.center().x() - wide / 2, picture.top() + 2, wide, picture.height() - 4))
        painter.restore()
        painter.setPen(theme.color("text"))
        painter.setFont(theme.font(13, 600))
        metrics = painter.fontMetrics()
        top = picture.bottom() + 8
        line = QRectF(area.left(), top, area.width(), metrics.height())
        painter.drawText(
            line, int(LEFT), metrics.elidedText(self.card.title, Qt.TextElideMode.ElideRight, int(line.width()))
        )
        painter.setPen(theme.color("muted"))
        painter.setFont(theme.font(11))
        metrics = painter.fontMetrics()
        room = QRectF(area.left(), line.bottom() + 2, area.width(), 2 * metrics.lineSpacing())
        painter.drawText(room, int(LEFT | Qt.TextFlag.TextWordWrap), self.card.blurb)
        low = QRectF(area.left(), area.bottom() - metrics.height(), area.width(), metrics.height())
        painter.drawText(low, int(LEFT | MIDDLE), self.card.task)
        painter.drawText(low, int(Qt.AlignmentFlag.AlignRight | MIDDLE), f"about {self.card.seconds} s")


class RecentRow(CardButton):
    """A project: its name, where and when, and the curve of its newest run."""

    def __init__(self, recent: Recent, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.recent = recent
        self.setObjectName("recent")
        self.setText(recent.name)
        self.setAccessibleName(f"Project {recent.name}")
        self.setAccessibleDescription(self._facts())
        self.setToolTip(str(recent.folder))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def _facts(self) -> str:
        runs = f"{self.recent.runs} run{'s' * (self.recent.runs != 1)}" if self.recent.runs else "not trained yet"
        parts = [ago(self.recent.changed), runs]
        return "  ·  ".join(["draft", *parts] if self.recent.draft else parts)

    def sizeHint(self) -> QSize:
        return QSize(280, theme.px(13) + theme.px(11) + 32)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.paint_frame(painter)
        area = QRectF(self.rect()).adjusted(12, 7, -12, -7)
        curve = QRectF(area.right() - 72, area.top() + 3, 72, area.height() - 6)
        words = area.adjusted(0, 0, -84, 0)
        painter.setPen(theme.color("text"))
        painter.setFont(theme.font(13, 600))
        metrics = painter.fontMetrics()
        name = metrics.elidedText(self.recent.name, Qt.TextElideMode.ElideMiddle, int(words.width()))
        painter.drawText(QRectF(words.left(), words.top(), words.width(), metrics.height()), int(LEFT), name)
        top = words.top() + metrics.height() + 2
        painter.setPen(theme.color("muted"))
        painter.setFont(theme.font(11))
        metrics = painter.fontMetrics()
        facts = metrics.elidedText(self._facts(), Qt.TextElideMode.ElideRight, int(words.width()))
        painter.drawText(QRectF(words.left(), top, words.width(), metrics.height()), int(LEFT), facts)
        self._paint_curve(painter, curve)

    def _paint_curve(self, painter: QPainter, area: QRectF) -> None:
        values = self.recent.curve
        if len(values) < 2:
            return
        low, high = min(values), max(values)
        span = (high - low) or 1.0
        points = [
            QPointF(
                area.left() + area.width() * i / (len(values) - 1), area.bottom() - area.height() * (v - low) / span
            )
            for i, v in enumerate(values)
        ]
        painter.setPen(QPen(theme.color("accent"), 1.5))
        painter.drawPolyline(QPolygonF(points))


class DropZone(QFrame):
    """Where files are dropped, with the buttons that do the same. Signals: dropped(Path)."""

    dropped = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("drop_zone")
        self.setAccessibleName("Drop a table, a folder of pictures or series, or a model here")
        self.setAcceptDrops(True)
        self._over = False
        self._icon = QLabel()
        self._icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        title = QLabel("Drop a table, a folder of pictures or series, or a model here")
        title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        title.setWordWrap(True)
        theme.set_role(title, "heading")
        hint = QLabel("CSV, Excel, Parquet, NPZ, IDX; one folder a class; .keras, .h5. Or paste cells with Ctrl+V.")
        hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        hint.setWordWrap(True)
        theme.set_role(hint, "muted")
        self.file = QPushButton("Open data…")
        self.file.setObjectName("start_open_data")
        theme.set_role(self.file, "primary")
        self.folder = QPushButton("Open a folder…")
        self.folder.setObjectName("start_open_folder")
        self.folder.setToolTip("Of pictures or of series over time, one folder a class")
        self.project = QPushButton("Open project…")
        self.project.setObjectName("start_open_project")
        self.model = QPushButton("Open a model…")
        self.model.setObjectName("start_open_model")
        row = QGridLayout()
        row.setSpacing(theme.SPACE)
        row.setColumnStretch(0, 1)
        row.setColumnStretch(3, 1)
        for number, button in enumerate((self.file, self.folder, self.project, self.model)):
            row.addWidget(button, number // 2, 1 + number % 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(3 * theme.SPACE, 3 * theme.SPACE, 3 * theme.SPACE, 3 * theme.SPACE)
        column.setSpacing(theme.SPACE)
        column.addStretch(1)
        column.addWidget(self._icon)
        column.addWidget(title)
        column.addWidget(hint)
        column.addSpacing(theme.SPACE)
        column.addLayout(row)
        column.addStretch(1)
        theme.notifier.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        self._icon.setPixmap(theme.icon("tray", "accent" if self._over else "muted").pixmap(40, 40))
        self.update()

    def _set_over(self, over: bool) -> None:
        self._over = over
        self._restyle()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if accepted_files(event):
            self._set_over(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._set_over(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._set_over(False)
        if paths := accepted_files(event):
            self.dropped.emit(paths[0])

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(theme.color("accent" if self._over else "edge"), 1.5, Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([4, 4])
        painter.setPen(pen)
        painter.setBrush(theme.color("info_ground" if self._over else "surface"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)


class FlowGrid(QWidget):
    """Equal cells in as many columns as fit."""

    def __init__(self, least: int, parent: QWidget | None = None, *, most: int = 5) -> None:
        super().__init__(parent)
        self._least, self._most = least, most
        self._items: list[QWidget] = []
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(theme.SPACE + 4)

    def set_items(self, items: list[QWidget]) -> None:
        """Show these instead; the old ones go."""
        for old in self._items:
            self._grid.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._items = items
        self._columns = 0
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        gap = self._grid.spacing()
        columns = max(1, min(self._most, (self.width() + gap) // (self._least + gap)))
        if columns == self._columns:
            return
        for column in range(self._columns):
            self._grid.setColumnStretch(column, 0)
        self._columns = columns
        for number, item in enumerate(self._items):
            self._grid.addWidget(item, number // columns, number % columns)
        for column in range(columns):
            self._grid.setColumnStretch(column, 1)
