"""A titled part of a panel that can be folded away."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from .. import theme


class Section(QWidget):
    """Header with a caret, an optional note at its right, and a body. Add to it with `add` or `body_layout`."""

    toggled = Signal(bool)

    def __init__(self, title: str, parent: QWidget | None = None, *, folded: bool = False, note: str = "") -> None:
        super().__init__(parent)
        self.setObjectName("section_" + "_".join(title.lower().split()))
        self.header = QToolButton()
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
        self._note = QLabel(note)
        self._note.setTextFormat(Qt.TextFormat.PlainText)
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
