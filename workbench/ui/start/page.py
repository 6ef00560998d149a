"""The start page: open something, go on with a recent project, or take a sample."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from workbench.ui.widgets.scrolled import scrolled

from .. import theme
from ..projects import Recent, read_recent
from ..session import Session
from .parts import DropZone, FlowGrid, RecentRow, SampleCard
from .sample_cards import CARDS

WIDEST = 1180
MOST_RECENT = 3


class StartPage(QWidget):
    """Signals ask the window for the dialogs: open_file_wanted(), open_folder_wanted(), open_project_wanted(),
    open_model_wanted()."""

    open_file_wanted = Signal()
    open_folder_wanted = Signal()
    open_project_wanted = Signal()
    open_model_wanted = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("start_page")
        self._session = session
        self._recents: list[Recent] | None = None
        self._all = False
        theme.set_role(self, "page")

        self.drop = DropZone()
        self.drop.file.clicked.connect(self.open_file_wanted)
        self.drop.folder.clicked.connect(self.open_folder_wanted)
        self.drop.project.clicked.connect(self.open_project_wanted)
        self.drop.model.clicked.connect(self.open_model_wanted)
        self.drop.dropped.connect(session.open_path)

        recent_title = QLabel("Recent projects")
        theme.set_role(recent_title, "heading")
        self._more = QPushButton("Show all")
        self._more.setObjectName("start_more")
        theme.set_role(self._more, "link")
        self._more.clicked.connect(self._toggle_all)
        head = QHBoxLayout()
        head.addWidget(recent_title)
        head.addStretch(1)
        head.addWidget(self._more)
        self._recent_column = QVBoxLayout()
        self._recent_column.setSpacing(theme.SPACE)
        self._nothing = QLabel(
            "Your projects will be listed here. They are kept by themselves, from the first step on."
        )
        self._nothing.setWordWrap(True)
        theme.set_role(self._nothing, "muted")
        right = QVBoxLayout()
        right.setSpacing(theme.SPACE)
        right.addLayout(head)
        right.addWidget(self._nothing)
        right.addLayout(self._recent_column)
        right.addStretch(1)
        top = QHBoxLayout()
        top.setSpacing(4 * theme.SPACE)
        top.addWidget(self.drop, 3)
        top.addLayout(right, 2)

        samples_title = QLabel("Or begin with a sample")
        theme.set_role(samples_title, "heading")
        samples_note = QLabel("They come with the program. The time is that of training the proposed model.")
        samples_note.setWordWrap(True)
        theme.set_role(samples_note, "muted")
        self.samples = FlowGrid(190)
        cards: list[QWidget] = []
        for card in CARDS:
            made = SampleCard(card)
            made.clicked.connect(lambda _=False, name=card.name: session.open_sample(name))
            cards.append(made)
        self.samples.set_items(cards)

        inner = QWidget()
        inner.setMaximumWidth(WIDEST)
        column = QVBoxLayout(inner)
        column.setContentsMargins(3 * theme.SPACE, 3 * theme.SPACE, 3 * theme.SPACE, 3 * theme.SPACE)
        column.setSpacing(theme.SPACE)
        column.addLayout(top)
        column.addSpacing(3 * theme.SPACE)
        column.addWidget(samples_title)
        column.addWidget(samples_note)
        column.addSpacing(theme.SPACE // 2)
        column.addWidget(self.samples)
        column.addStretch(1)
        middle = QWidget()
        row = QHBoxLayout(middle)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(inner, 1000)
        row.addStretch(1)
        area = scrolled(middle)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        self._show_recents([])
        session.saved.connect(self._refresh_if_seen)
        session.project_opened.connect(self._refresh_if_seen)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def _refresh_if_seen(self) -> None:
        if self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        """Read the recent projects and drafts again, in the background."""
        recent = self._session.settings.recent
        self._session.jobs.run(self, "recent", lambda _p, _c: read_recent(recent), self._show_recents)

    def _toggle_all(self) -> None:
        self._all = not self._all
        self._more.setText("Show fewer" if self._all else "Show all")
        found, self._recents = self._recents, None
        self._show_recents(found or [])

    def _show_recents(self, found: list[Recent]) -> None:
        if found == self._recents:
            return
        self._recents = found
        while self._recent_column.count():
            item = self._recent_column.takeAt(0)
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for recent in found if self._all else found[:MOST_RECENT]:
            row = RecentRow(recent)
            row.clicked.connect(lambda _=False, folder=recent.folder: self._session.open_project(folder))
            self._recent_column.addWidget(row)
        self._nothing.setVisible(not found)
        self._more.setVisible(len(found) > MOST_RECENT)
