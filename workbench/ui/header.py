"""The top row of the window."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QMenuBar, QPushButton, QSizePolicy, QToolButton, QWidget

from . import theme
from .widgets.elide import ElidedLabel


class Header(QWidget):
    """The top row: menus, the project's name, undo, redo, the finder."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("header")
        self.menus = QMenuBar()
        self.menus.setNativeMenuBar(False)
        self.menus.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.title = ElidedLabel()
        self.title.setObjectName("project_title")
        self.title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        theme.set_role(self.title, "strong")
        self.undo = self._button("header_undo", "arrow-u-up-left", "Undo")
        self.redo = self._button("header_redo", "arrow-u-up-right", "Redo")
        self.find = QPushButton("  Find anything    Ctrl+K")
        self.find.setObjectName("header_find")
        self.find.setAccessibleName("Find anything")
        self.find.setIcon(theme.icon("magnifying-glass", "muted"))
        self.find.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, theme.SPACE, 2)
        row.setSpacing(theme.SPACE // 2)
        row.addWidget(self.menus)
        row.addWidget(self.title, 1)
        for widget in (self.undo, self.redo):
            row.addWidget(widget)
        row.addSpacing(theme.SPACE)
        row.addWidget(self.find)

    def _button(self, name: str, icon: str, tip: str) -> QToolButton:
        made = QToolButton()
        made.setObjectName(name)
        made.setIcon(theme.icon(icon))
        made.setIconSize(QSize(18, 18))
        made.setAccessibleName(tip)
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return made
