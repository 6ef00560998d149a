"""Help: the shortcuts, the words, training by topics, and about. A window beside the work, never in its way."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from workbench import __version__
from workbench.ui.widgets.label import plain_label

from . import theme
from .help_training import TrainingTab
from .words import WORDS

if TYPE_CHECKING:
    from .window import MainWindow

TABS = ("shortcuts", "words", "training", "about")
ELSEWHERE = (
    ("/", "Model: search the layers"),
    ("F", "Model: fit the canvas"),
    ("Arrow keys", "Model: walk along the wires"),
    ("Ctrl+D", "Model: duplicate the selected layers"),
    ("Ctrl+G, Ctrl+Shift+G", "Model: group the selected layers, ungroup them"),
    ("Ctrl+M", "Model: write a note on the canvas"),
    ("Double-click on empty ground", "Model: add a layer, a block or a note there"),
    ("F2", "Model: rename the selected group or layer"),
    ("Ctrl+Arrow keys", "Model: nudge the selected layers"),
    ("Alt+A, D, W, S, H, V", "Model: line up left, right, top, bottom, centres, middles"),
    ("F1", "Model: what a layer of the list does"),
    ("F2, Return, Space", "Data: name, edit, switch on or off the cleaning step that has the focus"),
    ("Alt+Up, Alt+Down, Ctrl+D", "Data: move or duplicate the cleaning step"),
    ("0 to 9, or a class's name", "Data: put the pictures chosen into that class, which may be a new one"),
    ("Shift, Ctrl with a click or an arrow", "Data: choose several pictures; Ctrl+A all that are shown"),
    ("Delete", "Delete what is selected; Data: leave the pictures chosen out"),
    ("Esc", "Back out"),
    ("Enter", "Take a typed value; add the found layer"),
    ("Up, Down", "A little more or less in a number box"),
)


def _label(text: str, role: str = "", wrap: bool = False) -> QLabel:
    made = plain_label(text, role, wrap=wrap)
    made.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
    return made


class HelpWindow(QDialog):
    """Four tabs: "shortcuts", "words", "training", "about"."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.setObjectName("help")
        self.setWindowTitle("Help")
        self.setModal(False)
        self.resize(640, 560)
        self.tabs = QTabWidget()
        self.tabs.setObjectName("help_tabs")
        self.tabs.addTab(self._shortcuts(), "Shortcuts")
        self.tabs.addTab(self._words(), "Words")
        self.training = TrainingTab(window.session)
        self.tabs.addTab(self.training, "Training")
        self.tabs.addTab(self._about(), "About")
        column = QVBoxLayout(self)
        column.addWidget(self.tabs)

    def open_at(self, tab: str, word: str = "") -> None:
        """Show one of the tabs; with `word`, look that word or topic up."""
        self.tabs.setCurrentIndex(TABS.index(tab))
        if tab == "training":
            self.training.look_up(word)
        else:
            self._search.setText(word)
        self.show()
        self.raise_()
        self.activateWindow()

    def _scrolled(self, inner: QWidget) -> QScrollArea:
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        inner.setAutoFillBackground(False)
        area.setWidget(inner)
        return area

    def _shortcuts(self) -> QWidget:
        inner = QWidget()
        grid = QGridLayout(inner)
        grid.setColumnStretch(0, 2)
        grid.setColumnStretch(1, 3)
        grid.setHorizontalSpacing(3 * theme.SPACE)
        row = 0
        menu = ""
        for action in self._window.action_set.table.values():
            if not action.keys:
                continue
            top = action.menu.split("/")[0]
            if top != menu:
                menu = top
                grid.addWidget(_label(menu, "heading"), row, 0, 1, 2)
                row += 1
            grid.addWidget(_label(action.keys, "strong"), row, 0)
            grid.addWidget(_label(action.text.rstrip("…")), row, 1)
            row += 1
        grid.addWidget(_label("On the pages", "heading"), row, 0, 1, 2)
        for number, (keys, text) in enumerate(ELSEWHERE, row + 1):
            grid.addWidget(_label(keys, "strong", wrap=True), number, 0)
            grid.addWidget(_label(text, wrap=True), number, 1)
        grid.setRowStretch(row + len(ELSEWHERE) + 1, 1)
        return self._scrolled(inner)

    def _words(self) -> QWidget:
        outer = QWidget()
        column = QVBoxLayout(outer)
        self._search = QLineEdit()
        self._search.setObjectName("help_search")
        self._search.setPlaceholderText("Look a word up")
        self._search.setAccessibleName("Look a word up")
        self._search.setClearButtonEnabled(True)
        column.addWidget(self._search)
        inner = QWidget()
        grid = QGridLayout(inner)
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(0, 130)
        grid.setHorizontalSpacing(2 * theme.SPACE)
        self._word_rows: list[tuple[str, QLabel, QLabel]] = []
        for row, (word, meaning) in enumerate(WORDS.items()):
            name, text = _label(word, "strong"), _label(meaning, wrap=True)
            grid.addWidget(name, row, 0)
            grid.addWidget(text, row, 1)
            self._word_rows.append((f"{word} {meaning}".lower(), name, text))
        grid.setRowStretch(len(WORDS), 1)
        column.addWidget(self._scrolled(inner), 1)
        self._search.textChanged.connect(self._look_up)
        return outer

    def _look_up(self, text: str) -> None:
        wanted = text.strip().lower()
        exact = [r for r in self._word_rows if r[1].text().lower() == wanted]
        for row in self._word_rows:
            shown = row in exact if exact else wanted in row[0]
            row[1].setVisible(shown)
            row[2].setVisible(shown)

    def _about(self) -> QWidget:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setSpacing(theme.SPACE)
        picture = QLabel()
        picture.setPixmap(theme.app_icon().pixmap(64, 64))
        column.addWidget(picture)
        column.addWidget(_label("Workbench", "title"))
        column.addWidget(_label(f"Version {__version__}", "muted"))
        text = "Open data, clean it, build a neural network by hand, watch it learn, take it away as a file."
        column.addWidget(_label(text, wrap=True))
        column.addWidget(_label("Everything runs on this machine; nothing is sent anywhere.", wrap=True))
        self._versions = _label("", "muted", wrap=True)
        self._versions.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(self._versions)
        copy = QPushButton("Copy the versions")
        copy.setObjectName("help_copy")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._versions.text()))
        row = QHBoxLayout()
        row.addWidget(copy)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(1)
        self._window.session.engine_changed.connect(self._show_versions)
        self._show_versions()
        return inner

    def _show_versions(self) -> None:
        python = ".".join(str(v) for v in sys.version_info[:3])
        versions = {
            "workbench": __version__,
            "Python": python,
            "Qt": qVersion(),
            **self._window.session.engine.versions,
        }
        self._versions.setText("\n".join(f"{k} {v}" for k, v in versions.items()))
