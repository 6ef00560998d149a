"""The field in which a person types what a step is called."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget


class StepName(QLineEdit):
    """done(name, whether to keep it): on Return, on Escape, and when the person goes on elsewhere."""

    done = Signal(str, bool)

    def __init__(self, name: str, words: str, parent: QWidget | None = None) -> None:
        """words: what the step is called without a name."""
        super().__init__(name, parent)
        self.setObjectName("stepName")
        self.setAccessibleName("Name of this step")
        self.setPlaceholderText(words)
        self.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._end(True)
        elif event.key() == Qt.Key.Key_Escape:
            self._end(False)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self._end(True)

    def _end(self, keep: bool) -> None:
        self.done.emit(" ".join(self.text().split()), keep)
