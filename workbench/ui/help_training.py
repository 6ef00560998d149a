"""Help > Training: its topics at the left, what is looked at beside them, and a line to find one by. UI thread only."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QListWidget, QVBoxLayout, QWidget

from workbench.ui import theme
from workbench.ui.training_topics import TOPICS, Topic
from workbench.ui.widgets.label import plain_label
from workbench.ui.widgets.scrolled import scrolled

if TYPE_CHECKING:
    from workbench.ui.session import Session

TOPIC_WIDTH = 196


class TrainingTab(QWidget):
    """`look_up(words)` shows what answers them best."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.search = QLineEdit()
        self.search.setObjectName("training_search")
        self.search.setPlaceholderText("What are you looking for? Folds, resume, ghosts, memory, …")
        self.search.setAccessibleName("Look for something about training")
        self.search.setClearButtonEnabled(True)
        self.topics = QListWidget()
        self.topics.setObjectName("training_topics")
        self.topics.setAccessibleName("Topics about training")
        self.topics.setFixedWidth(TOPIC_WIDTH)
        self.topics.setSpacing(1)
        self.topics.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for topic in TOPICS:
            self.topics.addItem(topic.title)
        self.title = plain_label("", "heading")
        self.said = [self._paragraph() for _ in range(max(len(t.text) for t in TOPICS))]
        self.none = plain_label("", "muted", wrap=True)
        page = QWidget()
        page.setAutoFillBackground(False)
        words = QVBoxLayout(page)
        words.setContentsMargins(2 * theme.SPACE, 0, theme.SPACE, 0)
        words.setSpacing(theme.SPACE)
        for label in (self.title, *self.said, self.none):
            words.addWidget(label)
        words.addStretch(1)
        both = QHBoxLayout()
        both.addWidget(self.topics)
        both.addWidget(scrolled(page), 1)
        column = QVBoxLayout(self)
        column.addWidget(self.search)
        column.addLayout(both, 1)
        self.topics.currentRowChanged.connect(self._show)
        self.search.textChanged.connect(self._look)
        for moved in (session.project_opened, session.saved):  # elsewhere, perhaps
            moved.connect(lambda: self._show(self.topics.currentRow()))
        self._look("")

    def look_up(self, words: str) -> None:
        """What they name, or the first that has them; "": all topics."""
        self.search.setText(words)

    @staticmethod
    def _paragraph() -> QLabel:
        made = plain_label("", wrap=True)
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return made

    def _look(self, words: str) -> None:
        found = [topic.found(words) for topic in TOPICS]
        for row, how_well in enumerate(found):
            self.topics.item(row).setHidden(not how_well)
        best = max(found)
        shown = self.topics.currentRow()
        if not best:
            self.topics.setCurrentRow(-1)
        elif shown < 0 or found[shown] < best or words.strip():
            self.topics.setCurrentRow(found.index(best))
        self._show(self.topics.currentRow())

    def _show(self, row: int) -> None:
        topic = TOPICS[row] if row >= 0 else Topic("", ())
        runs = shlex.quote(str(self._session.folder.runs))
        self.title.setText(topic.title)
        self.title.setVisible(row >= 0)
        for number, label in enumerate(self.said):
            there = number < len(topic.text)
            label.setText(topic.text[number].format(runs=runs) if there else "")
            label.setVisible(there)
        words = self.search.text().strip()
        self.none.setText(f"Nothing here about “{words}”. Help, Words explains the terms." if row < 0 else "")
        self.none.setVisible(row < 0)
