"""One suggestion as a card: its reason, what can be done about it, each with one click."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from workbench.core.one_line import one_line
from workbench.ui import theme
from workbench.ui.data.first_look import Remedy, is_ready, key_of, remedies_of, summary
from workbench.ui.data.layouts import Flow
from workbench.ui.data.quick import columns_of
from workbench.ui.widgets.label import plain_label


class SuggestionCard(QFrame):
    """chosen(Remedy): the person wants this done. aside(key): it is right as it is. column_asked(name): a click on the
    card itself shows the column it is about."""

    chosen = Signal(object)
    aside = Signal(str)
    column_asked = Signal(str)

    def __init__(self, suggestion: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.suggestion = suggestion
        self.setProperty("role", "card")
        self.setObjectName("suggestionCard")
        remedies = remedies_of(suggestion)
        named = columns_of(suggestion.step)
        self._about = named[0] if len(named) == 1 else ""
        if self._about:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.setToolTip(f"Show column “{one_line(self._about)}”")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 6, 6)
        column.setSpacing(2)
        top = QHBoxLayout()
        top.setSpacing(4)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(plain_label(suggestion.reason, name="suggestionReason"))
        if suggestion.step.enabled:
            words.addWidget(plain_label(summary(suggestion.step), "caption", "suggestionStep"))
        top.addLayout(words, 1)
        top.addWidget(self._close(), 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(top)
        offered = QWidget()
        row = Flow(offered, 6)
        for i, remedy in enumerate(remedies):
            row.addWidget(self._button(remedy, i, is_ready(suggestion)))
        column.addWidget(offered)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        on_it = self.rect().contains(event.position().toPoint())
        if self._about and on_it and event.button() == Qt.MouseButton.LeftButton:
            self.column_asked.emit(self._about)
        super().mouseReleaseEvent(event)

    def _button(self, remedy: Remedy, place: int, ready: bool) -> QPushButton:
        title = "Look…" if remedy.look is not None else "Accept" if ready and not place else remedy.label
        button = QPushButton(title)
        button.setObjectName("otherRemedy" if place else "acceptSuggestion")
        button.setToolTip(remedy.label)
        button.setAccessibleName(f"{'Accept' if not place else remedy.label}: {self.suggestion.reason}")
        if place:
            button.setProperty("role", "link")
        button.clicked.connect(lambda: self.chosen.emit(remedy))
        return button

    def _close(self) -> QToolButton:
        close = QToolButton()
        close.setObjectName("leaveSuggestion")
        close.setIcon(theme.icon("x", "muted"))
        close.setIconSize(QSize(12, 12))
        close.setAutoRaise(True)
        close.setToolTip("Leave it so: do not suggest this any more")
        close.setAccessibleName(f"Leave it so: {self.suggestion.reason}")
        close.clicked.connect(lambda: self.aside.emit(key_of(self.suggestion)))
        return close
