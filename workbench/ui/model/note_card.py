"""The form of a note: its words and its colour, beside the canvas."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from workbench.core.edits_notes import LONGEST, too_long
from workbench.core.project import Note
from workbench.ui import theme
from workbench.ui.model.swatches import Swatches

PAUSE_MS = 400  # after the last key what is typed is taken, so that the sheet on the canvas follows


class NoteCard(QWidget):
    """written(id, words); coloured(id, number); refused(error): more than a note holds, nothing is taken of it."""

    written = Signal(str, str)
    coloured = Signal(str, int)
    refused = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("note-card")
        self._note: Note | None = None
        self.text = QPlainTextEdit()
        self.text.setObjectName("note-text")
        self.text.setAccessibleName("Words of the note")
        self.text.setTabChangesFocus(True)
        self.text.setMinimumHeight(140)
        self.text.installEventFilter(self)
        self.colours = Swatches("note-colour")
        self.colours.chosen.connect(self._coloured)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE)
        column.addWidget(self.text)
        column.addWidget(self.colours)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.take)
        self.text.textChanged.connect(self._typed)
        self.hide()

    @property
    def ident(self) -> str:
        """Of the note that is shown; "" for none."""
        return self._note.id if self._note is not None else ""

    def show_note(self, note: Note | None) -> None:
        """Show this note; None takes the form away. What is being typed in the same note stays."""
        if note is None or note.id != self.ident:
            self.flush()
            self._note = None
        before, self._note = self._note, note
        if note is not None:
            if before is None or (note.text != before.text and note.text != self.text.toPlainText()):
                self._put(note.text)
            self.colours.show_colour(note.colour)
        self.setVisible(note is not None)

    def take(self) -> None:
        """Take the words, but not none at all: a note is deleted on purpose, not while one types."""
        self._pause.stop()
        note, text = self._note, self.text.toPlainText()
        if note is None or text.strip() in ("", note.text.strip()):
            return
        if len(text) > LONGEST:
            self.refused.emit(too_long(len(text)))
            return
        self.written.emit(note.id, text)

    def flush(self) -> None:
        """Take what is typed and not yet taken; words of which nothing is left come back."""
        self.take()
        if self._note is not None and not self.text.toPlainText().strip():
            self._put(self._note.text)

    def focus(self) -> None:
        """Into the words."""
        self.text.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self.flush()
        return False

    def _put(self, text: str) -> None:
        self.text.blockSignals(True)
        self.text.setPlainText(text)
        self.text.blockSignals(False)
        self._pause.stop()

    def _typed(self) -> None:
        if self._note is not None:
            self._pause.start()

    def _coloured(self, number: int) -> None:
        if self._note is not None:
            self.coloured.emit(self._note.id, number)
