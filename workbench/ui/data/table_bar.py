"""The line above the table: search with next and previous, and chips that say which rows are shown."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QPushButton, QToolButton, QVBoxLayout, QWidget

from workbench.core.wording import plural
from workbench.ui import theme
from workbench.ui.data import figures
from workbench.ui.data.layouts import Flow, clear
from workbench.ui.data.row_order import Filter, Found, Sort
from workbench.ui.widgets.elide import ElidedLabel
from workbench.ui.widgets.label import plain_label

_CHIP = 260


class SearchLine(QLineEdit):
    """Return is the next match, Shift+Return the one before, Escape ends the search."""

    moved = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.moved.emit(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)


class Chip(QFrame):
    """One filter, or the order: what it is, made a step, taken away."""

    removed = Signal()
    kept = Signal()

    def __init__(self, text: str, tip: str, keep: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("chip")
        self.setProperty("role", "card")
        self.setFixedHeight(28)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 2, 0)
        row.setSpacing(4)
        self.label = ElidedLabel()
        self.label.setText(text)
        self.label.setToolTip(tip)
        self.label.setFixedWidth(min(_CHIP, self.label.fontMetrics().horizontalAdvance(text) + 4))
        row.addWidget(self.label)
        if keep:
            button = QPushButton(keep)
            button.setObjectName("chipKeep")
            button.setProperty("role", "link")
            button.setToolTip("Leaves the other rows out of the data, as a step that can be undone")
            button.setAccessibleName(f"{keep}: {text}")
            button.clicked.connect(self.kept)
            row.addWidget(button)
        close = QToolButton()
        close.setObjectName("chipClose")
        close.setIcon(theme.icon("x", "muted"))
        close.setIconSize(QSize(12, 12))
        close.setFixedSize(22, 22)
        close.setAutoRaise(True)
        close.setToolTip("Take away")
        close.setAccessibleName(f"Take away: {text}")
        close.clicked.connect(self.removed)
        row.addWidget(close)


class TableBar(QFrame):
    """Shows what it is given. searched(text) once typing pauses; moved(+1 or -1); filter_kept(Filter)."""

    searched = Signal(str)
    moved = Signal(int)
    filter_removed = Signal(object)
    filter_kept = Signal(object)
    sort_removed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("tableBar")
        self.setProperty("role", "panel")
        self._found: Found | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 6)
        column.setSpacing(6)
        row = QHBoxLayout()
        row.setSpacing(4)
        self.line = SearchLine()
        self.line.setObjectName("tableSearch")
        self.line.setPlaceholderText("Search in cells and names")
        self.line.setToolTip("Ctrl+F. Return goes to the next cell, Shift+Return to the one before.")
        self.line.setAccessibleName("Search in cells and names")
        self.line.setClearButtonEnabled(True)
        self.line.setFixedWidth(220)
        self.line.addAction(theme.icon("magnifying-glass", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        row.addWidget(self.line)
        self.before = self._button("caret-up", "searchBefore", "The cell before (Shift+Return)")
        self.after = self._button("caret-down", "searchNext", "The next cell (Return)")
        self.before.clicked.connect(lambda: self.moved.emit(-1))
        self.after.clicked.connect(lambda: self.moved.emit(1))
        row.addWidget(self.before)
        row.addWidget(self.after)
        self.matches = plain_label(role="muted", name="searchMatches", wrap=False)
        row.addWidget(self.matches)
        row.addStretch(1)
        self.rows = plain_label(role="muted", name="rowsShown", wrap=False)
        row.addWidget(self.rows)
        column.addLayout(row)
        self._chips = QWidget()
        self._flow = Flow(self._chips, 6)
        self._chips.hide()
        column.addWidget(self._chips)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(200)
        self._pause.timeout.connect(lambda: self.searched.emit(self.line.text()))
        self.line.textChanged.connect(self._on_text)
        self.line.moved.connect(self._on_key)
        self.show_found(None, -1)

    def _button(self, icon: str, name: str, title: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setIcon(theme.icon(icon, "text"))
        button.setIconSize(QSize(14, 14))
        button.setFixedSize(26, 26)
        button.setAutoRaise(True)
        button.setToolTip(title)
        button.setAccessibleName(title)
        return button

    def _on_text(self, text: str) -> None:
        self._pause.start()
        if not text:
            self._pause.stop()
            self.searched.emit("")

    def _on_key(self, by: int) -> None:
        if self._pause.isActive():
            self._pause.stop()
            self.searched.emit(self.line.text())
        else:
            self.moved.emit(by)

    # ---- what is shown

    def show_searching(self) -> None:
        self.matches.setText("Searching…")

    def show_found(self, found: Found | None, at: int) -> None:
        """Which match is looked at; None: nothing is searched."""
        some = found is not None and len(found.rows) > 0
        self.before.setEnabled(some)
        self.after.setEnabled(some)
        if found is None:
            self.matches.setText("")
        elif not some:
            self.matches.setText("Found nowhere")
        else:
            count = figures.count(len(found.rows)) + (" and more" if found.more else "")
            self.matches.setText(f"{figures.count(at + 1)} of {count}")

    def show_rows(self, shown: int, total: int) -> None:
        self.rows.setText("" if shown == total else f"{figures.count(shown)} of {plural(total, 'row')} shown")

    def show_chips(self, filters: Sequence[Filter], sort: Sort | None) -> None:
        """One chip for each filter, and one for the order."""
        clear(self._flow)
        for one in filters:
            chip = Chip(one.text, f"Only rows where {one.text}; the data is as before", "Make this a step")
            chip.removed.connect(lambda one=one: self.filter_removed.emit(one))
            chip.kept.connect(lambda one=one: self.filter_kept.emit(one))
            self._flow.addWidget(chip)
        if sort is not None:
            chip = Chip(sort.text, "For the eye alone; the data is as before", "")
            chip.removed.connect(self.sort_removed)
            self._flow.addWidget(chip)
        self._chips.setVisible(bool(filters) or sort is not None)
        self._chips.updateGeometry()
