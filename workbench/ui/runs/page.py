"""The runs of the project: a table, the curves of the ticked ones, and what differs between them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QTimer, QUrl
from PySide6.QtGui import QAction, QDesktopServices, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from workbench.core.crossval import in_words, summary
from workbench.core.history import History
from workbench.core.project import Project
from workbench.core.runs import RunRecord, delete_run, read_facts, read_history, read_project
from workbench.core.units import Units, units_of
from workbench.core.wording import plural

from .. import theme
from ..dialogs import Dialogs
from ..session import Session
from ..widgets.elide import ElidedLabel
from ..widgets.empty import EmptyState
from .compare import CompareView, Curve
from .differences import told_apart
from .differences_view import DifferencesView
from .go_on import GoOn
from .table import RunsModel, metric_of

FOLLOW_MS = 150
PARAMETERS = 3  # its column
NARROW = 1000  # pixels
Histories = dict[tuple[str, int], History]


class RunsPage(QWidget):
    """See the module."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runs_page")
        theme.set_role(self, "page")
        self._session = session
        self._histories: dict[tuple[str, int], History] = {}
        self._projects: dict[str, Project] = {}
        self._units: dict[str, Units] = {}
        self.model = RunsModel(self)
        self.model.renamed.connect(self._rename)

        self.table = QTableView()
        self.table.setObjectName("runs_table")
        self.table.setAccessibleName("Runs")
        self.table.setModel(self.model)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(theme.px(13) + 19)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column, width in enumerate((170, 116, 108, 90, 148, 82, 92, 76, 72)):
            header.resizeSection(column, width)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._menu)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._show_selected())
        delete = QShortcut(QKeySequence.StandardKey.Delete, self.table)
        delete.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        delete.activated.connect(self.delete_selected)

        self.resume = self._button("Resume", "runs_resume", self._resume, "primary")
        self.finish = self._button("", "runs_finish_folds", self._finish_folds)
        self.finish.setToolTip("As the others of this cross-validation were; folds that failed are trained again.")
        self.go_on = GoOn(session, self)
        self.restore = self._button("Restore its settings", "runs_restore", self._restore)
        self.restore.setToolTip(
            "Recipe, features, model and training settings as they were for this run; one undo step."
        )
        self.rename = self._button("Rename", "runs_rename", self._edit_name, "quiet")
        self.open = self._button("Open folder", "runs_open", self._open_folder, "quiet")
        self.delete = self._button("Delete…", "runs_delete", self.delete_selected, "danger")
        title = QLabel("Runs")
        theme.set_role(title, "heading")
        bar = QHBoxLayout()
        bar.setContentsMargins(2 * theme.SPACE, theme.SPACE, 2 * theme.SPACE, theme.SPACE)
        bar.setSpacing(theme.SPACE)
        bar.addWidget(title)
        self.folds = ElidedLabel("")
        self.folds.setObjectName("foldsSummary")
        self.folds.setProperty("role", "muted")
        self.folds.setContentsMargins(2 * theme.SPACE, 0, 2 * theme.SPACE, theme.SPACE)
        self.folds.hide()
        bar.addStretch(1)
        rest = (self.restore, self.rename, self.open, self.delete)
        for button in (self.resume, self.finish, *self.go_on.buttons, *rest):
            bar.addWidget(button)

        self.compare = CompareView()
        self.differences = DifferencesView()
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(self.differences)
        area.setMinimumWidth(240)
        low = QSplitter(Qt.Orientation.Horizontal)
        low.setChildrenCollapsible(False)
        low.addWidget(self.compare)
        low.addWidget(area)
        low.setStretchFactor(0, 3)
        low.setStretchFactor(1, 1)
        low.setSizes([760, 400])
        whole = QSplitter(Qt.Orientation.Vertical)
        whole.setChildrenCollapsible(False)
        whole.addWidget(self.table)
        whole.addWidget(low)
        whole.setStretchFactor(1, 1)
        whole.setSizes([240, 420])
        full = QWidget()
        column = QVBoxLayout(full)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self.folds)
        column.addWidget(whole, 1)
        self.empty = EmptyState(
            "list-dashes",
            "No runs yet",
            "Every training is kept here with its settings, curves and best weights, to be compared and tried out.",
            (("Go to Train", lambda: session.show_page("train")),),
        )
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(full)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)
        self._soon = QTimer(self)  # epochs of a small run end hundreds of times a second
        self._soon.setSingleShot(True)
        self._soon.setInterval(FOLLOW_MS)
        self._soon.timeout.connect(self._follow)
        self.model.ticks_changed.connect(self._load)
        theme.notifier.changed.connect(self._draw)  # runs have other colours in the dark
        session.runs_changed.connect(self.refresh)
        session.run_epoch.connect(self._moved_on)
        session.run_changed.connect(self._moved_on)
        session.project_opened.connect(self._forget)
        self.refresh()

    def _button(self, text: str, name: str, call: object, role: str = "") -> QPushButton:
        made = QPushButton(text)
        made.setObjectName(name)
        made.clicked.connect(lambda _=False: call())  # type: ignore[operator]
        if role:
            made.setProperty("role", role)
        return made

    # ---- what is shown ---------------------------------------------------------------------------------------

    def _live(self) -> str:
        run = self._session.run
        return run.id if run is not None and run.active else ""

    def _forget(self) -> None:
        self._histories.clear()
        self._projects.clear()
        self._units.clear()
        self.differences.forget()
        self.refresh()

    def refresh(self) -> None:
        """Show the runs as they are now."""
        runs = self._records()
        self.model.set_runs(runs, self._live())
        self.stack.setCurrentIndex(1 if runs else 0)
        if runs and self.selected() is None:
            self.table.selectRow(0)
        self._load()
        self._show_selected()

    def selected(self) -> RunRecord | None:
        """The run whose row is selected."""
        rows = self.table.selectionModel().selectedRows()
        return self.model.runs[rows[0].row()] if rows else None

    def _folder(self, record: RunRecord) -> Path:
        return self._session.folder.runs / record.id

    def _load(self) -> None:
        """Read the histories and projects of the ticked runs that are not yet known, then draw."""
        live = self._live()
        wanted = [r for r in self.model.ticked if r.id != live and (r.id, r.epochs_done) not in self._histories]
        unread = [r for r in self.model.ticked if r.id not in self._projects]
        if not wanted and not unread:
            self._draw()
            return
        folder = self._session.folder.runs

        def read(_progress: object, _cancelled: object) -> tuple[Histories, dict[str, Project], dict[str, Units]]:
            histories = {(r.id, r.epochs_done): read_history(folder / r.id) for r in wanted}
            projects = {r.id: read_project(folder / r.id) for r in unread}
            return histories, projects, {r.id: units_of(r, read_facts(folder / r.id)) for r in unread}

        def done(found: tuple[Histories, dict[str, Project], dict[str, Units]]) -> None:
            self._histories.update(found[0])
            self._projects.update(found[1])
            self._units.update(found[2])
            self._draw()

        self._session.jobs.run(self, "histories", read, done)

    def _moved_on(self, _message: object = None) -> None:
        if not self._soon.isActive():
            self._soon.start()

    def _follow(self) -> None:
        """Show how far the run that trains has come."""
        if self.isVisible():
            self.model.set_runs(self._records(), self._live())
            self._draw()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.table.setColumnHidden(PARAMETERS, self.width() < NARROW)  # rather than that names are cut

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._follow()

    def _records(self) -> list[RunRecord]:
        """The runs, with that which trains as it is now: its record on disk is written at checkpoints only."""
        run = self._session.run
        if run is None or not run.active or not run.id:
            return self._session.runs
        state = "paused" if run.state == "paused" else "running"
        now = replace(run.record, state=state, epochs=run.epochs, epochs_done=len(run.history.epochs))
        return [now if r.id == run.id else r for r in self._session.runs]

    def _history_of(self, record: RunRecord) -> History:
        """As far as it has been read."""
        run = self._session.run
        if run is not None and record.id == self._live():
            return run.history
        return self._histories.get((record.id, record.epochs_done), History())

    def _draw(self) -> None:
        curves = []
        names = told_apart(self.model.ticked)
        for record in self.model.ticked:
            history = self._history_of(record)
            units = self._units.get(record.id, Units())
            curves.append(Curve(record.id, names[record.id], self.model.color(record.id), history, units))
        outputs = {name: target for record in self.model.ticked for name, target in record.outputs.items()}
        self.compare.set_curves(curves, outputs)
        self._show_differences()

    def _show_selected(self) -> None:
        record = self.selected()
        live = self._live()
        ours = record is not None and record.id != live and not self._session.read_only
        self.resume.setVisible(record is not None and record.interrupted and record.id != live)
        self.resume.setEnabled(ours and not live)
        self.restore.setEnabled(record is not None)
        self.go_on.show_run(record, bool(live))
        found = summary(record.group, self._session.runs) if record is not None and record.group else None
        self.folds.setText(f"{found.name}: {in_words(found)}" if found is not None else "")
        self.folds.setVisible(found is not None)
        missing = self._session.runner.beginning.unattended(found) if found is not None else 0
        self.finish.setVisible(missing > 0 and not self._session.read_only)
        self.finish.setText(f"Train the {plural(missing, 'missing fold')}" if missing > 1 else "Train the missing fold")
        for button in (self.rename, self.delete):
            button.setEnabled(ours)
        self.open.setEnabled(record is not None)

    def _show_differences(self) -> None:
        ticked = self.model.ticked
        self.differences.show_runs(ticked, self._projects, {r.id: self._history_of(r).events for r in ticked})

    # ---- what can be done ------------------------------------------------------------------------------------

    def _menu(self, place: QPoint) -> None:
        if self.selected() is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for button in (self.resume, self.finish, self.restore, self.rename, self.open, self.delete):
            if not button.isHidden():
                action = QAction(button.text(), menu)
                action.setEnabled(button.isEnabled())
                action.triggered.connect(button.click)
                menu.addAction(action)
        for button in self.go_on.buttons:
            if not button.isHidden():
                action = button.menu().menuAction()
                action.setText(button.text())
                action.setEnabled(button.isEnabled())
                menu.addAction(action)
        menu.popup(self.table.viewport().mapToGlobal(place))

    def _resume(self) -> None:
        record = self.selected()
        if record is not None:
            self._session.train(resume=record.id)
            self._session.show_page("train")

    def _finish_folds(self) -> None:
        record = self.selected()
        if record is not None:
            self._session.runner.beginning.finish_folds(record.group)

    def _restore(self) -> None:
        record = self.selected()
        if record is None:
            return
        folder = self._folder(record)

        def done(then: Project) -> None:
            def edit(now: Project) -> Project:
                return replace(now, recipe=then.recipe, features=then.features, graph=then.graph, train=then.train)

            if self._session.apply(edit, f"Restore the settings of {record.name}"):
                self._session.tell(f"The settings of {record.name} are back. Undo takes them away again.", "good")
            else:
                self._session.tell(f"The project already has the settings of {record.name}.")

        self._session.jobs.run(self, "restore", lambda _p, _c: read_project(folder), done)

    def _edit_name(self) -> None:
        rows = self.table.selectionModel().selectedRows()
        if rows:
            self.table.edit(rows[0])

    def _rename(self, run_id: str, name: str) -> None:
        self._session.runner.records.change(self._session.folder.runs / run_id, name=name)

    def _open_folder(self) -> None:
        record = self.selected()
        if record is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder(record))))

    def delete_selected(self) -> None:
        """Delete the selected run for good, after asking."""
        record = self.selected()
        if record is None or not self.delete.isEnabled():
            return
        dialogs = getattr(self.window(), "dialogs", None) or Dialogs()
        name = metric_of(record)
        text = (
            f"{record.name} with its weights{f', curves and {name}' if name else ' and curves'} will be gone for good."
        )
        if not dialogs.confirm(self, "Delete this run?", text, "Delete"):
            return
        folder = self._folder(record)
        done = self._session.runner.refresh
        self._session.jobs.run(self, f"delete {folder.name}", lambda _p, _c: delete_run(folder), lambda _r: done())
