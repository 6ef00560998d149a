"""The window: menus and title above, the rail at the left, the page in the middle, the strip below.

It wires and shows; the work itself is in the session and the pages. Pages are imported and made when they are first
shown.
"""

from __future__ import annotations

import base64
import dataclasses
import importlib
import logging
from typing import Any

from PySide6.QtCore import QByteArray, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QKeyEvent,
    QKeySequence,
)
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLineEdit,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from workbench.core.errors import ProjectError
from workbench.core.runs import RunRecord
from workbench.core.settings import save_settings

from . import theme
from .actions import ActionSet
from .announce import Announcer
from .dialogs import Dialogs
from .files import Files
from .header import Header
from .jobs import InternalError
from .model_verbs import ModelVerbs
from .notices import Notice
from .projects import take_what_is_typed
from .rail import Rail
from .run_ends import how_many_wait
from .session import Session
from .strip import Strip
from .toasts import NoticeArea
from .widgets.dropping import accepted_files
from .widgets.hairline import hairline

log = logging.getLogger(__name__)

PAGE_CLASSES = {
    "start": ("workbench.ui.start.page", "StartPage"),
    "data": ("workbench.ui.data.page", "DataPage"),
    "features": ("workbench.ui.features.page", "FeaturesPage"),
    "model": ("workbench.ui.model.page", "ModelPage"),
    "train": ("workbench.ui.train.page", "TrainPage"),
    "test": ("workbench.ui.test.page", "TestPage"),
    "runs": ("workbench.ui.runs.page", "RunsPage"),
    "export": ("workbench.ui.export.page", "ExportPage"),
}


class MainWindow(QMainWindow):
    """The one window of a session.

    Args:
        session: what it shows. It is shut down with the window.
        dialogs: the questions a person answers.
    """

    def __init__(self, session: Session, dialogs: Dialogs | None = None) -> None:
        super().__init__()
        self.session = session
        self.dialogs = dialogs or Dialogs()
        self.files = Files(self)
        self.model_verbs = ModelVerbs(self)
        self.pages: dict[str, QWidget] = {}
        self.current = ""
        self._finder: Any = None
        self._help: Any = None
        self._closing = False
        self.setObjectName("main_window")
        self.setAcceptDrops(True)
        self.resize(1280, 800)
        self.setMinimumSize(960, 640)

        self.header = Header()
        self.setMenuWidget(self.header)
        self.rail = Rail()
        self.rail.wanted.connect(self.show_page)
        self.notices = NoticeArea()
        self.stack = QStackedWidget()
        self.stack.setObjectName("pages")
        self.strip = Strip(session)
        self.announcer = Announcer(session, self)
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self.notices)
        right.addWidget(self.stack, 1)
        middle = QHBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        middle.addWidget(self.rail)
        middle.addWidget(hairline(vertical=True))
        middle.addLayout(right, 1)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(hairline())
        column.addLayout(middle, 1)
        column.addWidget(hairline())
        column.addWidget(self.strip)
        self.setCentralWidget(whole)

        self.action_set = ActionSet(self)
        self.action_set.fill(self.header.menus)
        self.header.undo.clicked.connect(lambda: self.action_set.run("undo"))
        self.header.redo.clicked.connect(lambda: self.action_set.run("redo"))
        self.header.find.clicked.connect(self.show_finder)
        self._titles = QTimer(self)
        self._titles.setSingleShot(True)
        self._titles.setInterval(0)
        self._titles.timeout.connect(self._show_state)
        session.changed.connect(self._project_changed)
        for signal in (session.saved, session.project_opened, session.run_state_changed, session.engine_changed):
            signal.connect(self._titles.start)
        session.resolved_changed.connect(self._show_resolved)
        session.notice.connect(self._show_notice)
        session.page_wanted.connect(self.show_page)
        session.project_opened.connect(self._project_opened)
        session.runner.began.connect(self._run_began)
        application = QApplication.instance()
        assert application is not None
        application.focusChanged.connect(self._focus_moved)
        self._restore_geometry()
        self._show_resolved()
        self._show_state()

    # ---- pages -----------------------------------------------------------------------------------------------

    def show_page(self, name: str) -> None:
        """Bring a page to the front; it is made when it is first shown."""
        page = self.page(name)
        self.current = name
        self.rail.set_current(name)
        self.notices.page_shown(name)
        self.stack.setCurrentWidget(page)
        page.setFocus(Qt.FocusReason.OtherFocusReason)

    def page(self, name: str) -> QWidget:
        """The page of that name, made when it is not there yet. KeyError for an unknown name."""
        if name not in self.pages:
            module, cls = PAGE_CLASSES[name]
            try:
                made = getattr(importlib.import_module(module), cls)(self.session, self.stack)
            except Exception as error:  # one page that cannot be made must not take the others with it
                told = InternalError(error)
                log.error("the page %s cannot be made:\n%s", name, told.details)
                self.session.tell(Notice(told.what, "error", details=told.details, key=f"page {name}"))
                return self._broken_page(name)
            self.pages[name] = made
            self.stack.addWidget(made)
            if name == "start":
                self._wire_start(made)
            elif name == "train":
                made.output_wanted.connect(self._show_block)
        return self.pages[name]

    def _show_block(self, ident: str) -> None:
        """Go to the block of that id on the canvas."""
        self.show_page("model")
        page: Any = self.page("model")
        if hasattr(page, "show_item"):  # a page that could not be made has none
            page.show_item(ident)

    def _broken_page(self, name: str) -> QWidget:
        from .widgets.empty import EmptyState

        made = EmptyState(
            "bug",
            "This page cannot be shown",
            "The reason is in the message above and in the log. Your work is kept, and the other pages go on.",
            (("Try again", lambda: self.show_page(name)), ("Show the log", self.files.show_logs)),
            self.stack,
        )
        self.stack.addWidget(made)
        return made

    def _wire_start(self, page: Any) -> None:
        page.open_file_wanted.connect(self.files.open_data)
        page.open_folder_wanted.connect(self.files.open_pictures)
        page.open_project_wanted.connect(self.files.open_project)
        page.open_model_wanted.connect(self.files.open_model)

    def _run_began(self) -> None:
        for key in ("train", "queue"):  # those that wait follow it: there is nothing to decide any more
            self.notices.clear(key)

    def _project_changed(self, _change: object) -> None:
        self._titles.start()

    def _project_opened(self) -> None:
        for key in ("train", "queue", "folds", "read-only", "open"):
            if key != "read-only" or not self.session.read_only:
                self.notices.clear(key)
        self._show_state()

    # ---- what the actions do ---------------------------------------------------------------------------------

    def set_theme(self, name: str) -> None:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        theme.apply(application, name)
        self.session.projects.change_settings(theme=name)
        self.action_set.refresh()

    def toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def train(self) -> None:
        """Train, and watch it."""
        if self.session.train_chosen():
            self.show_page("train")

    def toggle_pause(self) -> None:
        if self.session.run is not None and self.session.run.state == "paused":
            self.session.resume()
        else:
            self.session.pause()

    def interrupted(self) -> RunRecord | None:
        """The newest run that was left in the middle."""
        live = self.session.run
        for record in reversed(self.session.runs):
            if record.interrupted and not (live is not None and live.active and live.id == record.id):
                return record
        return None

    def resume_interrupted(self) -> None:
        record = self.interrupted()
        if record is not None:
            self.session.train(resume=record.id)
            self.show_page("train")

    def show_finder(self) -> None:
        if self._finder is None:
            from .palette import Finder

            self._finder = Finder(self)
        self._finder.open()

    def show_help(self, tab: str, word: str = "") -> None:
        if self._help is None:
            from .help import HelpWindow

            self._help = HelpWindow(self)
        self._help.open_at(tab, word)

    # ---- showing the state -----------------------------------------------------------------------------------

    def _show_state(self) -> None:
        session = self.session
        project, dirty = session.project, session.document.dirty
        place = " (read-only)" if session.read_only else " (draft)" if session.folder.draft else ""
        shown = project.name + (place if project.data is not None or place == " (read-only)" else "")
        self.setWindowTitle(f"{shown}[*] – Workbench")
        self.setWindowModified(dirty and not session.read_only)
        self.header.title.setText(shown + (" *" if self.isWindowModified() else ""))
        where = str(session.folder.path) if session.folder.exists() else "Not saved yet"
        self.header.title.setToolTip(
            f"{where}\nA draft is kept by itself; Ctrl+S gives it a place." if session.folder.draft else where
        )
        self.action_set.refresh()
        for button, action in ((self.header.undo, "undo"), (self.header.redo, "redo")):
            made = self.action_set.actions[action]
            button.setEnabled(made.isEnabled())
            button.setToolTip(f"{made.text()} ({made.shortcut().toString(QKeySequence.SequenceFormat.NativeText)})")

    def _show_resolved(self) -> None:
        self.rail.set_states(self.session.resolved.pages)
        self.action_set.refresh()

    def _show_notice(self, notice: Notice) -> None:
        if not notice.page or notice.page != self.current:
            self.notices.add(notice)

    def _restore_geometry(self) -> None:
        saved = self.session.settings.window
        if saved:
            self.restoreGeometry(QByteArray(base64.b64decode(saved, validate=False)))

    # ---- the hand --------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that mean something else while one types arrive here only when nobody else wanted them."""
        if event.key() == Qt.Key.Key_Space and not event.modifiers():
            self.action_set.run("pause")
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.files.paste_table()
        else:
            super().keyPressEvent(event)

    def _focus_moved(self, old: QWidget | None, new: QWidget | None) -> None:
        """Watch the line that is typed into: all events of the program would each cost a call into Python."""
        for line in (old, new):
            if isinstance(line, QLineEdit):
                line.removeEventFilter(self)
        if isinstance(new, QLineEdit):
            new.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ctrl+Z in a line that has nothing of its own to undo undoes the last step of the project."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(watched, QLineEdit):
            assert isinstance(event, QKeyEvent)
            undo, redo = QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo
            free = (event.matches(undo) and not watched.isUndoAvailable()) or (
                event.matches(redo) and not watched.isRedoAvailable()
            )
            if free and watched.window() is self:
                event.ignore()
                return True
        # Not the base: PySide may hand over a stale wrapper of another type, which it would refuse.
        return False

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        accepted_files(event)

    def dropEvent(self, event: QDropEvent) -> None:
        if paths := accepted_files(event):
            self.files.open_dropped(paths)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._closing:
            event.accept()
            return
        run = self.session.run
        anew = (self.session.run_state_changed, self._question)
        if run is not None and run.active and not self.dialogs.confirm(self, *self._question(), anew=anew):
            event.ignore()
            return
        self._closing = True
        take_what_is_typed()
        geometry = base64.b64encode(self.saveGeometry().data()).decode()
        self.hide()
        application = QApplication.instance()
        if application is not None:
            application.focusChanged.disconnect(self._focus_moved)
        self._keep_geometry(geometry)
        self.session.shut_down()
        event.accept()

    def _question(self) -> tuple[str, str, str]:
        """What closing asks while a run trains, or after it has ended under the question: title, text, action."""
        run, waiting = self.session.run, len(self.session.waiting)
        if run is None or not run.active:
            return "The run has ended", "The run has ended meanwhile, and nothing trains any more.", "Close"
        them = "It is" if waiting == 1 else "They are"
        kept = f" {how_many_wait(waiting)} {them} offered again then." if waiting else ""
        text = f"{run.name} is still training. It ends at its last checkpoint and can be resumed later.{kept}"
        return "A run is training", text, "End it and close"

    def _keep_geometry(self, geometry: str) -> None:
        try:
            save_settings(dataclasses.replace(self.session.settings, window=geometry))
        except ProjectError as error:  # nobody is left to read a notice
            log.info("the settings were not saved: %s", error)
