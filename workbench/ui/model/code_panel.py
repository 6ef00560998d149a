"""The Keras script beside the canvas: read-only, coloured, tied to the blocks line by line."""

from __future__ import annotations

import re
from collections.abc import Collection

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import (
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QTextEdit, QVBoxLayout, QWidget

from workbench.core.script import Script
from workbench.ui import theme
from workbench.ui.widgets.copying import CopyButton

_MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Home, Qt.Key.Key_End)


class _Python(QSyntaxHighlighter):
    """Just enough colour to read the script by: words of the language, texts, numbers, remarks."""

    _RULES = (
        (re.compile(r"\b(?:import|from|as|def|return|for|in|if|else|elif|with|class|None|True|False|and|or|not|raise)\b"),
         "accent"),
        (re.compile(r"\b\d[\d_]*\.?\d*(?:[eE][+-]?\d+)?\b"), "positive"),
        (re.compile(r"\"[^\"\n]*\"|'[^'\n]*'"), "good"),
        (re.compile(r"#[^\n]*"), "muted"),
    )  # fmt: skip
    _INSIDE = 1  # block state: within a text of several lines

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        theme.notifier.changed.connect(self.rehighlight)

    def highlightBlock(self, text: str) -> None:
        for pattern, name in self._RULES:
            look = QTextCharFormat()
            look.setForeground(theme.color(name))
            for found in pattern.finditer(text):
                self.setFormat(found.start(), found.end() - found.start(), look)
        self._long_texts(text)

    def _long_texts(self, text: str) -> None:
        """Texts between three quotes, over several lines."""
        look = QTextCharFormat()
        look.setForeground(theme.color("good"))
        inside = self.previousBlockState() == self._INSIDE
        start = 0 if inside else text.find('"""')
        while start >= 0:
            end = text.find('"""', start if inside else start + 3)
            stop = len(text) if end < 0 else end + 3
            self.setFormat(start, stop - start, look)
            inside = end < 0
            start = -1 if inside else text.find('"""', stop)
        self.setCurrentBlockState(self._INSIDE if inside else 0)


class ScriptView(QPlainTextEdit):
    """The text. line_chosen(number from 1) when the person clicks a line or moves to it by a key."""

    line_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and not self.textCursor().hasSelection():
            self.line_chosen.emit(self.textCursor().blockNumber() + 1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        before = self.textCursor().blockNumber()
        super().keyPressEvent(event)
        now = self.textCursor()
        if event.key() in _MOVES and now.blockNumber() != before and not now.hasSelection():
            self.line_chosen.emit(now.blockNumber() + 1)


class CodePanel(QWidget):
    """The Keras script with a button that copies it. node_wanted(id): the person went to the line of a block."""

    node_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        row = QHBoxLayout()
        row.setContentsMargins(theme.SPACE * 2, theme.SPACE, theme.SPACE, theme.SPACE)
        self.caption = QLabel("Keras script, always current")
        self.caption.setProperty("role", "caption")
        self.caption.setToolTip("Click a line to select its layer; select a layer to see its lines")
        self.copy = CopyButton("code-copy", "Copy the script")
        self.copy.clicked.connect(self._copy)
        row.addWidget(self.caption, 1)
        row.addWidget(self.copy)
        column.addLayout(row)
        self.text = ScriptView()
        self.text.setObjectName("code")
        self.text.setAccessibleName("Keras script")
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(theme.mono(11))
        self.text.setStyleSheet("#code { border: none; border-radius: 0; padding: 8px; }")
        self.text.line_chosen.connect(self._line_chosen)
        self._colours = _Python(self.text.document())
        column.addWidget(self.text, 1)
        self._script = Script("")
        self._marked: tuple[str, ...] = ()
        theme.notifier.changed.connect(self._show_marks)
        self.show_script(Script(""))

    def show_script(self, script: Script) -> None:
        """Another script; the place one is reading stays."""
        changed = script.text != self.text.toPlainText()
        self._script = script
        if changed:
            bar, across = self.text.verticalScrollBar(), self.text.horizontalScrollBar()
            place, aside = bar.value(), across.value()
            self.text.setPlainText(script.text)
            bar.setValue(min(place, bar.maximum()))
            across.setValue(min(aside, across.maximum()))
        self.copy.setEnabled(bool(script.text))
        self._show_marks()

    def mark(self, idents: Collection[str]) -> None:
        """Mark the lines of these blocks and bring the first into sight."""
        wanted = tuple(idents)
        if wanted == self._marked:
            return
        self._marked = wanted
        self._show_marks()
        places = [self._script.lines[ident] for ident in wanted if ident in self._script.lines]
        if not places:
            return
        first, last = min(places)
        seen = self.text.firstVisibleBlock().blockNumber() + 1
        shown = self.text.viewport().height() // max(1, self.text.fontMetrics().lineSpacing())
        if not seen <= first <= last < seen + shown:
            self.text.verticalScrollBar().setValue(max(0, first - 1 - shown // 3))

    def marked_lines(self) -> list[int]:
        """The lines that are marked now, from 1."""
        return [one.cursor.blockNumber() + 1 for one in self.text.extraSelections()]

    def _show_marks(self) -> None:
        found = []
        document = self.text.document()
        for ident in self._marked:
            ranges = (self._script.lines.get(ident, (1, 0)), self._script.made.get(ident, (1, 0)))
            for line in sorted({n for first, last in ranges for n in range(first, last + 1)}):
                mark = QTextEdit.ExtraSelection()
                mark.cursor = QTextCursor(document.findBlockByNumber(line - 1))
                mark.format.setBackground(theme.color("selected"))
                mark.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
                found.append(mark)
        self.text.setExtraSelections(found)

    def _line_chosen(self, line: int) -> None:
        ident = self._script.node_at(line)
        if ident:
            self.node_wanted.emit(ident)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self.copy.say_copied()
