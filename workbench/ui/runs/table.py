"""The table of runs: a model over RunRecords with a tick for each run whose curves are drawn."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap

from workbench.core.figure_names import parted
from workbench.core.runs import RunRecord

from .. import theme
from ..readable import TOOK, duration, figure, pretty

Index = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()

STATES = {
    "created": "not begun",
    "running": "running",
    "paused": "paused",
    "finished": "finished",
    "early_stopped": "stopped early",
    "stopped": "stopped",
    "aborted": "ended",
    "failed": "failed",
    "interrupted": "interrupted",
}


def state_of(record: RunRecord, live: str) -> str:
    """The state in words. live: id of the run that trains now, "" when none does."""
    if record.interrupted and record.id != live:
        return "interrupted"
    return STATES.get(record.state, record.state)


def _score(record: RunRecord, *names: str) -> float | None:
    for name in names:
        if name in record.scores:
            return float(record.scores[name])
    return None


def metric_of(record: RunRecord) -> str:
    """The metric shown of a run: its first that is no loss, "" when it has none."""
    return next((m for m in record.metrics if parted(m)[1] != "loss"), "")


@dataclass(frozen=True)
class Column:
    """A column: its title, help, text of a run and what it is sorted by."""

    title: str
    help: str
    text: Callable[[RunRecord], str]
    key: Callable[[RunRecord], Any]
    figures: bool = True


def _number(value: float | None, name: str = "") -> str:
    return "" if value is None else figure(value, name)


def _sortable(value: float | None) -> float:
    return math.inf if value is None or math.isnan(value) else value


COLUMNS: tuple[Column, ...] = (
    Column("Run", "Its name; double-click to change it", lambda r: r.name, lambda r: r.id, figures=False),
    Column("State", "How it ended", lambda r: r.state, lambda r: r.state, figures=False),
    Column(
        "Begun",
        "When it began",
        lambda r: time.strftime("%d %b %H:%M", time.localtime(r.created)) if r.created else "",
        lambda r: r.created,
        figures=False,
    ),
    Column(
        "Parameters", "Numbers the model learnt",
        lambda r: f"{r.parameters:,}" if r.parameters else "", lambda r: r.parameters,
    ),
    Column("Epochs", "Epochs done, and the one whose weights are kept", lambda r: _epochs(r), lambda r: r.epochs_done),
    Column(
        "Val. loss", "Loss on validation rows at the kept epoch",
        lambda r: _number(_score(r, "val_loss", "loss")), lambda r: _sortable(_score(r, "val_loss", "loss")),
    ),
    Column(
        "Val. metric", "The first metric on validation rows at the kept epoch",
        lambda r: _metric(r, "val_"), lambda r: _sortable(_score(r, f"val_{metric_of(r)}")),
    ),
    Column(
        "Test", "The score of the kept weights on the test part",
        lambda r: _metric(r, "test."), lambda r: _sortable(_score(r, f"test.{metric_of(r)}", "test.loss")),
    ),
    Column("Took", TOOK, lambda r: duration(r.seconds) if r.seconds else "", lambda r: r.seconds),
)  # fmt: skip


KINDS = {"Val. metric": "validation", "Test": "test part,"}


def _epochs(record: RunRecord) -> str:
    best = f", best {record.best_epoch + 1:,}" if record.best_epoch >= 0 else ""
    return f"{record.epochs_done:,}/{record.epochs:,}{best}"


def _metric(record: RunRecord, prefix: str) -> str:
    name = metric_of(record)
    value = _score(record, f"{prefix}{name}") if name else _score(record, f"{prefix}loss")
    return _number(value, name)


def _told(record: RunRecord, column: Column) -> str:
    """A cell in full: a score with what it is of, as runs need not have the same."""
    text, kind = column.text(record), KINDS.get(column.title)
    return f"{kind} {pretty(metric_of(record) or 'loss', record.outputs)}: {text}" if text and kind else text


class RunsModel(QAbstractTableModel):
    """Signals: ticks_changed(), renamed(run id, new name)."""

    ticks_changed = Signal()
    renamed = Signal(str, str)

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._runs: list[RunRecord] = []
        self._ticked: list[str] = []
        self._colors: dict[str, int] = {}
        self._live = ""
        self._sort = (0, Qt.SortOrder.DescendingOrder)

    @property
    def runs(self) -> list[RunRecord]:
        """In the order shown."""
        return self._runs

    @property
    def ticked(self) -> list[RunRecord]:
        """The ticked runs, in the order shown."""
        return [r for r in self._runs if r.id in self._ticked]

    def set_runs(self, runs: list[RunRecord], live: str = "") -> None:
        """Show these; ticks stay. New runs are ticked, so that the newest curve is always there."""
        known = {r.id for r in self._runs}
        new = [r.id for r in runs if r.id not in known]
        same = [r.id for r in self._runs] == [r.id for r in self._sorted(runs)]
        self._live = live
        for run in runs:
            self._colors.setdefault(run.id, len(self._colors))
        before = list(self._ticked)
        self._ticked = [t for t in self._ticked if any(r.id == t for r in runs)] + new[-3:]
        if same:
            self._runs = self._sorted(runs)
            if self._runs:
                self.dataChanged.emit(self.index(0, 0), self.index(len(self._runs) - 1, len(COLUMNS) - 1))
        else:
            self.beginResetModel()
            self._runs = self._sorted(runs)
            self.endResetModel()
        if before != self._ticked:
            self.ticks_changed.emit()

    def color(self, run_id: str) -> QColor:
        """The colour of a run, the same as long as the page lives."""
        return theme.run_color(self._colors.get(run_id, 0))

    def row_of(self, run_id: str) -> int:
        return next((i for i, r in enumerate(self._runs) if r.id == run_id), -1)

    def _sorted(self, runs: list[RunRecord]) -> list[RunRecord]:
        column, order = self._sort
        key = COLUMNS[column].key
        return sorted(runs, key=lambda r: (key(r), r.id), reverse=order == Qt.SortOrder.DescendingOrder)

    # ---- what Qt asks ----------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._runs)

    def columnCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = COLUMNS[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.help
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        record, column = self._runs[index.row()], COLUMNS[index.column()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return state_of(record, self._live) if column.title == "State" else column.text(record)
        if role == Qt.ItemDataRole.ToolTipRole:
            return record.message or _told(record, column) or column.help
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.ForegroundRole and column.title == "State":
            state = state_of(record, self._live)
            return theme.color("bad" if state == "failed" else "warn" if state == "interrupted" else "text")
        if role == Qt.ItemDataRole.FontRole and column.figures:
            return theme.font(13, tabular=True)
        if index.column() == 0:
            if role == Qt.ItemDataRole.CheckStateRole:
                return Qt.CheckState.Checked if record.id in self._ticked else Qt.CheckState.Unchecked
            if role == Qt.ItemDataRole.DecorationRole:
                return _swatch(self.color(record.id))
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        record = self._runs[index.row()]
        if role == Qt.ItemDataRole.CheckStateRole:
            self.tick(record.id, Qt.CheckState(value) == Qt.CheckState.Checked)
            return True
        if role == Qt.ItemDataRole.EditRole and str(value).strip() and str(value).strip() != record.name:
            self.renamed.emit(record.id, str(value).strip())
            return True
        return False

    def tick(self, run_id: str, on: bool) -> None:
        """Draw the run's curves, or no longer."""
        if on and run_id not in self._ticked:
            self._ticked.append(run_id)
        elif not on and run_id in self._ticked:
            self._ticked.remove(run_id)
        else:
            return
        row = self.row_of(run_id)
        self.dataChanged.emit(self.index(row, 0), self.index(row, 0), [Qt.ItemDataRole.CheckStateRole])
        self.ticks_changed.emit()

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        if index.column() == 0:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
            if self._runs[index.row()].id != self._live:
                flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._sort = (column, order)
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        ids = [self._runs[i.row()].id for i in before]
        self._runs = self._sorted(self._runs)
        after = [self.index(self.row_of(run_id), i.column()) for run_id, i in zip(ids, before, strict=True)]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()
        self.ticks_changed.emit()


def _alignment(column: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column.figures else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _swatch(color: QColor) -> QIcon:
    picture = QPixmap(24, 24)
    picture.setDevicePixelRatio(2)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawRoundedRect(1, 4, 10, 4, 2, 2)
    painter.end()
    icon = QIcon(picture)
    icon.addPixmap(picture, QIcon.Mode.Selected)  # Qt would tint it, and it must stay the colour of the curve
    return icon
