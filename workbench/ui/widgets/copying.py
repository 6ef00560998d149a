"""A button that copies something, and says for a moment that it has."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QPushButton, QWidget

from workbench.ui import theme

SAID_MS = 1500


class CopyButton(QPushButton):
    """Whoever copies when it is clicked calls `say_copied`."""

    def __init__(self, name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__("Copy", parent)
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setIcon(theme.icon("copy"))
        self._said = QTimer(self)
        self._said.setSingleShot(True)
        self._said.setInterval(SAID_MS)
        self._said.timeout.connect(lambda: self.setText("Copy"))

    def say_copied(self) -> None:
        """Copied, it reads for a moment."""
        self.setText("Copied")
        self._said.start()
