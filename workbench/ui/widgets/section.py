"""A titled part of a panel that can be folded away."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLayout,
    QSizePolicy,
    QStyle,
    QStyleOptionToolButton,
    QStylePainter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from .. import theme
from .elide import ElidedLabel

BESIDE = 30
"""Pixels of a header that are no text: caret, gaps, padding."""


class Header(QToolButton):
    """A button whose title gives way, so that a long one does not make its panel wider than what can be seen."""

    def shown_text(self) -> str:
        """What is drawn: the title, or its elided form."""
        room = max(0, self.width() - BESIDE)
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideMiddle, room)

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), 96), hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.setToolTip(self.text() if self.shown_text() != self.text() else "")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, option = QStylePainter(self), QStyleOptionToolButton()
        self.initStyleOption(option)
        option.text = self.shown_text()
        painter.drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)


class Section(QWidget):
    """Header with a caret, an optional note at its right, and a body. Add to it with `add` or `body_layout`."""

    toggled = Signal(bool)

    def __init__(self, title: str, parent: QWidget | None = None, *, folded: bool = False, note: str = "") -> None:
        super().__init__(parent)
        self.setObjectName("section_" + "_".join(title.lower().split()))
        self.header = Header()
        self.header.setObjectName("section_header")
        self.header.setText(title)
        self.header.setAccessibleName(f"{title}, fold or unfold")
        self.header.setCheckable(True)
        self.header.setChecked(not folded)
        self.header.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.header.setIconSize(QSize(12, 12))
        self.header.setStyleSheet(
            "QToolButton { font-weight: 600; padding: 4px 2px; text-align: left; }"
            "QToolButton:checked { background: transparent; }"
        )
        self.header.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.header.toggled.connect(self._fold)
        self._note = ElidedLabel(note, mode=Qt.TextElideMode.ElideRight)
        theme.set_role(self._note, "caption")
        self.body = QWidget()
        self.body_layout = QVBoxLayout(self.body)
        self.body_layout.setContentsMargins(theme.SPACE // 2, 0, 0, theme.SPACE)
        self.body_layout.setSpacing(theme.SPACE)
        top = QHBoxLayout()
        top.addWidget(self.header, 1)
        top.addWidget(self._note)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.body)
        self._show(not folded)

    @property
    def folded(self) -> bool:
        return not self.header.isChecked()

    def set_folded(self, folded: bool) -> None:
        self.header.setChecked(not folded)

    def set_title(self, title: str) -> None:
        self.header.setText(title)

    def set_note(self, note: str) -> None:
        """A short remark at the right of the title (a count, a state)."""
        self._note.setText(note)

    def add(self, item: QWidget | QLayout) -> None:
        """Put a widget or a layout at the end of the body."""
        if isinstance(item, QWidget):
            self.body_layout.addWidget(item)
        else:
            self.body_layout.addLayout(item)

    def _fold(self, opened: bool) -> None:
        self._show(opened)
        self.toggled.emit(opened)

    def _show(self, opened: bool) -> None:
        self.header.setIcon(theme.icon("caret-down" if opened else "caret-right", "muted"))
        self.body.setVisible(opened)
