"""The left rail: the pages, and the state of the work on each."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QSizePolicy, QVBoxLayout, QWidget

from workbench.core.checks import PAGES, PageState

from . import theme

TITLES = {
    "start": "Start",
    "data": "Data",
    "features": "Features",
    "model": "Model",
    "train": "Train",
    "test": "Test",
    "runs": "Runs",
    "export": "Export",
}
ICONS = {
    "start": "house",
    "data": "table",
    "features": "sliders-horizontal",
    "model": "share-network",
    "train": "chart-line-up",
    "test": "target",
    "runs": "list-dashes",
    "export": "export",
}
WORDS = {
    "empty": "nothing yet",
    "attention": "needs attention",
    "ready": "ready",
    "running": "under way",
    "done": "done",
}
WIDTH = 80


class RailButton(QAbstractButton):
    """Icon, name, and a badge: how many things to mend, a tick when done, a dot while something is under way."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self.state = PageState("empty")
        self.setObjectName(f"rail_{name}")
        self.setText(TITLES[name])
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        theme.notifier.changed.connect(self.update)
        self.set_state(self.state)

    def set_state(self, state: PageState) -> None:
        self.state = state
        keys = f" (Ctrl+{PAGES.index(self.name) + 1})" if self.name in PAGES else ""
        text = "\n".join(state.missing)
        self.setToolTip(f"{self.text()}{keys}" + (f"\n{text}" if text else ""))
        self.setAccessibleName(self.text())
        self.setAccessibleDescription(f"{WORDS[state.state]}. {' '.join(state.missing)}" if self.name in PAGES else "")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, theme.px(13) + 47)

    def changeEvent(self, event: QEvent) -> None:
        self.update()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(6, 3, -6, -3)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isChecked() or self.underMouse():
            painter.setBrush(theme.color("selected" if self.isChecked() else "hover"))
            painter.drawRoundedRect(area, 6, 6)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(theme.color("accent"))
            painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        tint = "accent" if self.isChecked() else "muted"
        icon = QRectF(self.width() / 2 - 11, area.top() + 7, 22, 22)
        theme.icon(ICONS[self.name], tint).paint(painter, icon.toRect())
        painter.setFont(theme.font(11, 600 if self.isChecked() else 400))
        painter.setPen(theme.color("text" if self.isChecked() else "muted"))
        words = QRectF(area.left(), icon.bottom() + 3, area.width(), area.bottom() - icon.bottom() - 5)
        painter.drawText(words, int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop), self.text())
        self._paint_badge(painter, icon.right() + 5, icon.top() + 3)

    def _paint_badge(self, painter: QPainter, x: float, y: float) -> None:
        kind = self.state.state
        painter.setPen(Qt.PenStyle.NoPen)
        if kind == "attention":
            text = str(self.state.count) if self.state.count < 100 else "99+"
            painter.setFont(theme.font(11, 700, tabular=True))
            wide = max(15.0, painter.fontMetrics().horizontalAdvance(text) + 8.0)
            pill = QRectF(x - 7.5, y - 7.5, wide, 15)
            painter.setBrush(theme.color("warn"))
            painter.drawRoundedRect(pill, 7.5, 7.5)
            painter.setPen(theme.color("surface"))
            painter.drawText(pill, int(Qt.AlignmentFlag.AlignCenter), text)
        elif kind == "done":
            theme.icon("check-circle-fill", "good").paint(painter, QRectF(x - 7, y - 7, 14, 14).toRect())
        elif kind == "running":
            painter.setBrush(theme.color("accent"))
            painter.drawEllipse(QRectF(x - 4.5, y - 4.5, 9, 9))


class Rail(QWidget):
    """Emits `wanted(name)` when a person chooses a page."""

    wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rail")
        self.setAccessibleName("Pages")
        self.setFixedWidth(WIDTH)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self.buttons: dict[str, RailButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.SPACE // 2, 0, theme.SPACE)
        column.setSpacing(0)
        for name in ("start", *PAGES):
            button = RailButton(name, self)
            button.clicked.connect(lambda _=False, name=name: self.wanted.emit(name))
            self._group.addButton(button)
            self.buttons[name] = button
            column.addWidget(button)
        column.addStretch(1)

    def set_states(self, states: Mapping[str, PageState]) -> None:
        for name, state in states.items():
            self.buttons[name].set_state(state)

    def set_current(self, name: str) -> None:
        self.buttons[name].setChecked(True)
