"""The words of a note, typed where they stand on the canvas."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QTextCursor
from PySide6.QtWidgets import QFrame, QPlainTextEdit

from workbench.core.edits_notes import LONGEST, too_long
from workbench.ui import theme
from workbench.ui.model.canvas.note_item import SIZE, ground_of
from workbench.ui.model.canvas.view import CanvasView


class NoteField(QPlainTextEdit):
    """Escape, Ctrl+Enter or a click elsewhere takes the words; nothing that was typed is lost. taken(id, words).

    refused(error): what was pasted or typed would be more than a note holds; the words stay as they were.
    """

    taken = Signal(str, str)
    refused = Signal(object)

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view.viewport())
        self._view = view
        self._ident: str | None = None
        self.setObjectName("note-field")
        self.setAccessibleName("Words of the note")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setPlaceholderText("Write a note")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)
        for bar in (view.horizontalScrollBar(), view.verticalScrollBar()):
            bar.valueChanged.connect(self.finish)
        view.zoomed.connect(self.finish)
        self.hide()

    @property
    def busy(self) -> bool:
        """Whether a note is being written."""
        return self._ident is not None

    def begin(self, ident: str, text: str, place: QRectF, colour: int) -> None:
        """Ask for the words of a note at a place of the scene. ident: "" for a new one."""
        self.finish()
        box = self._view.mapFromScene(place).boundingRect()
        self.setGeometry(box.left(), box.top(), max(120, box.width()), max(48, box.height()))
        font = theme.font(13)
        font.setPixelSize(round(SIZE * min(2.0, max(0.85, self._view.zoom()))))
        self.setFont(font)
        self.setStyleSheet(
            f"#note-field {{ background: {ground_of(colour).name()}; color: {theme.hex_of('text')};"
            f" border: 2px solid {theme.hex_of('accent')}; border-radius: 4px; padding: 6px 8px; }}"
        )
        self._ident = ident
        self.setPlainText(text)
        self.moveCursor(QTextCursor.MoveOperation.End)
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        done = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() == Qt.Key.Key_Escape or (done and event.modifiers() & Qt.KeyboardModifier.ControlModifier):
            self.finish()
            self._view.setFocus()
        elif (done or event.text().isprintable()) and event.text() and not self._room(1):
            event.accept()
        else:
            super().keyPressEvent(event)

    def insertFromMimeData(self, source: QMimeData) -> None:
        if self._room(len(source.text())):
            super().insertFromMimeData(source)

    def _room(self, characters: int) -> bool:
        """Whether so many more fit; it is told when they do not."""
        cursor = self.textCursor()
        length = self.document().characterCount() - 1 - (cursor.selectionEnd() - cursor.selectionStart()) + characters
        if length > LONGEST:
            self.refused.emit(too_long(length))
        return length <= LONGEST

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.finish()

    def finish(self, *_: object) -> None:
        """Take the words as they are."""
        ident, self._ident = self._ident, None
        self.hide()
        if ident is not None:
            self.taken.emit(ident, self.toPlainText())
