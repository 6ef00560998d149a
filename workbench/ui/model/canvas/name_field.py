"""The name of a group, typed where it stands on the canvas."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit

from workbench.ui.model.canvas.view import CanvasView


class NameField(QLineEdit):
    """Enter or a click elsewhere takes the name, Escape leaves it. taken(group, name)."""

    taken = Signal(str, str)

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view.viewport())
        self._view = view
        self._ident = ""
        self._before = ""
        self.setObjectName("group-name-field")
        self.setAccessibleName("Name of the group")
        for bar in (view.horizontalScrollBar(), view.verticalScrollBar()):
            bar.valueChanged.connect(self._done)
        self.hide()

    def begin(self, ident: str, name: str, place: QRectF) -> None:
        """Ask for another name at a place of the scene."""
        box = self._view.mapFromScene(place).boundingRect()
        self.setGeometry(box.left(), box.top() - 2, max(160, min(320, box.width())), 28)
        self._ident, self._before = ident, name
        self.setText(name)
        self.selectAll()
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._ident = ""
            self.hide()
            self._view.setFocus()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._done()
            self._view.setFocus()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self._done()

    def _done(self, *_: object) -> None:
        ident, self._ident = self._ident, ""
        self.hide()
        if ident and self.text().strip() != self._before:
            self.taken.emit(ident, self.text())
