"""Asking with a whole file or folder: choose or drop it, see every answer, save them. UI thread only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from workbench.core.one_line import one_line
from workbench.ui import theme
from workbench.ui.dialogs import DATA_FILTER
from workbench.ui.jobs import Jobs
from workbench.ui.test.answer_view import number
from workbench.ui.test.asks import DropAsk
from workbench.ui.test.context import Context
from workbench.ui.test.predictions import ANSWER, PROBABILITY, TRUTH, Batch, Predictions
from workbench.ui.test.score_sets import ScoreSets
from workbench.ui.widgets.bars import percent
from workbench.ui.widgets.elide import ElidedLabel
from workbench.ui.widgets.label import plain_label
from workbench.ui.widgets.notice import InlineNotice


class FileTab(DropAsk):
    """`file_wanted(path)` asks the page to answer a file or folder."""

    file_wanted = Signal(object)

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(jobs, parent)
        self.setObjectName("fileTab")
        self.choose_file: Callable[[], Path | None] = self._file_dialog
        self.choose_folder: Callable[[], Path | None] = self._folder_dialog
        self.about = QLabel()
        self.about.setWordWrap(True)
        self.about.setProperty("role", "muted")
        self.file = QPushButton("Open a file…")
        self.file.setObjectName("openBatchFile")
        self.file.setIcon(theme.icon("file"))
        self.folder = QPushButton("Open a folder of pictures…")
        self.folder.setObjectName("openBatchFolder")
        self.folder.setIcon(theme.icon("folder-open"))
        self.problem = InlineNotice()
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.hide()
        self.told = plain_label(role="muted")
        self.scores = ScoreSets()
        self.scores.hide()
        self.path: Path | None = None
        for item in (self.about, self.file, self.folder, self.problem, self.progress, self.told, self.scores):
            self.column.addWidget(item)
        self.column.addStretch(1)
        self.file.clicked.connect(lambda: self._open(self.choose_file()))
        self.folder.clicked.connect(lambda: self._open(self.choose_folder()))

    def set_context(self, context: Context | None) -> None:
        super().set_context(context)
        images = context is not None and context.images
        series = context is not None and context.series
        several = "a target column" if context is not None and context.preprocessor.more else "the target column"
        self.folder.setVisible(images or series)
        self.folder.setText("Open a folder of series…" if series else "Open a folder of pictures…")
        kinds = "Open a file of pictures…" if images else "Open a CSV file…"
        self.file.setText("Open a series…" if series else kinds)
        if images:
            self.about.setText(
                "A folder of pictures (by class, where the answers are known) or a file that holds many. "
                "Drop it here, or choose it."
            )
        elif series:
            self.about.setText(
                "A file with one series, read as those it was trained on, or a folder of them: every window is "
                "answered, and all windows of a series vote. In class folders, the answers are scored. Drop it here, "
                "or choose it."
            )
        else:
            self.about.setText(
                "A table with the columns of the training data. It is cleaned by the run's own recipe. "
                f"With {several} in it, the answers are scored. Drop it here, or choose it."
            )
        if context is not None and context.rebuilds:
            what = "A folder of pictures, or a file that holds many." if images else "A table with the same columns."
            self.about.setText(
                f"{what} Each is rebuilt and gets its error, the worst first: what is unlike the training data stands "
                "at the top. Drop it here, or choose it."
            )

    def again(self) -> None:
        if self.path is not None:
            self.file_wanted.emit(self.path)
        else:
            self.nothing.emit("Open a file to have all of it answered.")

    def show_progress(self, share: float, text: str) -> None:
        self.progress.setVisible(share < 1)
        self.progress.setValue(round(share * 1000))
        self.told.setText(text)

    def _open(self, path: Path | None) -> None:
        if path is not None:
            self.path = path
            self.problem.clear()
            self.file_wanted.emit(path)

    def _file_dialog(self) -> Path | None:
        images = self.context is not None and self.context.images
        kinds = "Arrays (*.npz *.gz *idx3-ubyte);;All files (*)" if images else DATA_FILTER
        name, _ = QFileDialog.getOpenFileName(self, "Have a file answered", "", kinds)
        return Path(name) if name else None

    def _folder_dialog(self) -> Path | None:
        name = QFileDialog.getExistingDirectory(self, "Have a folder answered")
        return Path(name) if name else None

    def take(self, path: Path) -> None:
        self._open(path)


Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class AnswersModel(QAbstractTableModel):
    """Predictions as a virtual table."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.found: Predictions | None = None
        self._header: tuple[str, ...] = ()
        self._told: tuple[tuple[str, int], ...] = ()

    def set_predictions(self, found: Predictions | None) -> None:
        self.beginResetModel()
        self.found = found
        self._header = found.header() if found else ()
        self._told = found.told() if found else ()
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() or self.found is None else len(self.found.batch)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._header)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role != Qt.ItemDataRole.DisplayRole or self.found is None:
            return None
        return self._header[section] if orientation == Qt.Orientation.Horizontal else self.found.batch.names[section]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if self.found is None:
            return None
        told, place = self._told[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            value = self.found.row(index.row())[index.column()]
            if told == PROBABILITY:
                return percent(value)
            return number(value) if told in (ANSWER, TRUTH) and isinstance(value, float) else one_line(str(value))
        if role == Qt.ItemDataRole.FontRole and told == ANSWER:
            return theme.font(13, 600, tabular=True)
        if role == Qt.ItemDataRole.ForegroundRole:
            one = self.found.every[place] if place >= 0 else None
            if one is not None and one.truth and one.answer.probabilities is not None and told != PROBABILITY:
                right = one.answer.labels[index.row()] == one.truth[index.row()]
                return theme.color("good" if right else "bad")
            return theme.color("text" if told in (ANSWER, PROBABILITY) else "muted")
        return None


def vote_title(batch: Batch, votes: Sequence[Any], target: str, classes: bool) -> str:
    """What the windows say together: of one series its answer, of many how many there are."""
    name, windows = batch.path.name, len(batch)
    if len(votes) != 1:
        return f"{name}: {len(votes):,} series, {windows:,} windows"
    vote = votes[0]
    if not classes and batch.horizon:
        steps = f"{batch.horizon:,} step{'s' * (batch.horizon != 1)}"
        return f"{target} {number(vote.value)}, {steps} after the end of {name}"
    if not classes:
        return f"{target} {number(vote.value)} on average over {windows:,} windows of {name}"
    agree = round(vote.share * vote.windows)
    return f"{vote.answer}, say {agree:,} of {windows:,} windows ({percent(vote.value)}) of {name}"


class AnswersView(QWidget):
    """The answered file: a table, and the button that saves it. `save_wanted(path)`."""

    save_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("answers")
        self.choose_place: Callable[[str], Path | None] = self._dialog
        self.title = ElidedLabel("")
        self.title.setProperty("role", "heading")
        self.save = QPushButton("Save answers…")
        self.save.setObjectName("saveAnswers")
        self.save.setIcon(theme.icon("download-simple"))
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.save)
        self.notice = InlineNotice(closable=True)
        self.model = AnswersModel(self)
        self.table = QTableView()
        self.table.setObjectName("answersTable")
        self.table.setAccessibleName("Answers")
        self.table.setModel(self.model)
        self.table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.table.verticalHeader().setDefaultSectionSize(26)
        self.table.setShowGrid(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE * 2, theme.SPACE * 2, theme.SPACE * 2, theme.SPACE)
        column.setSpacing(theme.SPACE)
        column.addLayout(head)
        column.addWidget(self.notice)
        column.addWidget(self.table, 1)
        self.save.clicked.connect(self._save)

    def show_predictions(self, found: Predictions) -> None:
        count = len(found.batch)
        self.title.setText(f"{found.batch.path.name}: {count:,} answers")
        if found.votes:
            classes = found.answer.probabilities is not None
            self.title.setText(vote_title(found.batch, found.votes, found.answer.target, classes))
        left_out = found.batch.left_out
        if left_out:
            shown = "\n".join(left_out[:4]) + (f"\nand {len(left_out) - 4} more" if len(left_out) > 4 else "")
            self.notice.set_notice(shown, "warning")
        else:
            self.notice.clear()
        self.model.set_predictions(found)
        for i in range(min(self.model.columnCount(), 30)):
            wanted = max(self.table.sizeHintForColumn(i), self.table.horizontalHeader().sectionSizeHint(i))
            self.table.setColumnWidth(i, max(84, min(240, wanted + 16)))

    def _dialog(self, name: str) -> Path | None:
        chosen, _ = QFileDialog.getSaveFileName(self, "Save answers", name, "CSV (*.csv)")
        return Path(chosen) if chosen else None

    def _save(self) -> None:
        if self.model.found is None:
            return
        place = self.choose_place(f"{self.model.found.batch.path.stem}-answers.csv")
        if place is not None:
            self.save_wanted.emit(place if place.suffix else place.with_suffix(".csv"))
