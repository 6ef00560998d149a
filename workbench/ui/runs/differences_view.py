"""What differs between some runs, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from workbench.core.project import Project
from workbench.core.runs import RunRecord
from workbench.ui.widgets.label import plain_label

from .. import theme
from ..widgets.elide import ElidedLabel
from .differences import MEANWHILE, NONE, Difference, Events, differences, told_apart

MOST = 4
"""Columns of runs: more would leave no room for their values."""
MOST_NAME = 130
"""Pixels that the name of a setting is given before the values."""


class DifferencesView(QWidget):
    """Laid out anew only when there is something else to show."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(2 * theme.SPACE, 2 * theme.SPACE, 2 * theme.SPACE, 2 * theme.SPACE)
        self._grid.setHorizontalSpacing(2 * theme.SPACE)
        self._grid.setVerticalSpacing(theme.SPACE // 2)
        self._compared: tuple[object, ...] = ()

    def forget(self) -> None:
        """Other runs may have the same names."""
        self._compared = ()

    def show_runs(
        self, ticked: Sequence[RunRecord], projects: Mapping[str, Project], events: Mapping[str, Events]
    ) -> None:
        """The first MOST of these runs. projects, events: those that were read already, by the run's id."""
        compared = tuple(
            (r.id, r.name, r.device, r.mode, r.remarks, r.id in projects, len(events.get(r.id, ()))) for r in ticked
        )
        if compared == self._compared and self._grid.count():
            return
        self._compared = compared
        while self._grid.count():
            item = self._grid.takeAt(0)
            if item is not None and (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        shown = sorted(ticked[:MOST], key=lambda r: r.id)
        title = QLabel("What differs")
        theme.set_role(title, "heading")
        self._say(title, 0)
        row = 1
        if len(ticked) > MOST:
            self._say(plain_label(f"Of {len(ticked):,} ticked runs, the first {MOST} of the table.", "muted"), row)
            row += 1
        if len(shown) < 2:
            self._say(plain_label("Tick two runs or more to see what differs between them.", "muted"), row)
        elif any(r.id not in projects for r in shown):
            self._say(plain_label("Reading the runs.", "muted"), row)
        else:
            told = [events.get(r.id, ()) for r in shown]
            row = self._fill(differences([projects[r.id] for r in shown], told), shown, row)
        for number in range(self._grid.rowCount()):
            self._grid.setRowStretch(number, int(number == row + 1))
        self._grid.setRowStretch(row + 1, 1)
        for column in range(self._grid.columnCount()):
            self._grid.setColumnStretch(column, 3 if column == 0 else 2 if column <= len(shown) else 0)

    def _say(self, label: QLabel, row: int) -> None:
        """Over the whole width."""
        self._grid.addWidget(label, row, 0, 1, MOST + 1)

    def _fill(self, found: tuple[Difference, ...], shown: Sequence[RunRecord], row: int) -> int:
        names = told_apart(shown)
        for column, record in enumerate(shown, 1):
            name = ElidedLabel(names[record.id])
            name.setToolTip(record.name)
            theme.set_role(name, "strong")
            self._grid.addWidget(name, row, column)
        row, part = row + 1, ""
        if not found:
            text = "Nothing: the same data, features, model and settings."
            computed = [f"{r.device}, {r.mode}" for r in shown]
            if len(set(computed)) > 1:
                text += f" Device and loop: {' and '.join(computed)}."
            self._say(plain_label(text, "muted"), row)
        for difference in found:
            if difference.part != part:
                part = difference.part
                row = self._caption(part, row)
            if part == MEANWHILE:  # a sentence has no room in a column
                for record, text in zip(shown, difference.values, strict=True):
                    if text != NONE:
                        self._say(plain_label(f"{names[record.id]}, {difference.what}: {text}"), row)
                        row += 1
                continue
            what = ElidedLabel(difference.what, mode=Qt.TextElideMode.ElideRight)
            what.setMinimumWidth(min(what.sizeHint().width(), MOST_NAME))
            for column, label in enumerate((what, *map(ElidedLabel, difference.values))):
                self._grid.addWidget(label, row, column)
            row += 1
        remarks = [f"{names[record.id]}: {text}" for record in shown for text in record.remarks]
        row = self._caption("How they were computed", row) if remarks else row
        for text in remarks:
            self._say(plain_label(text), row)
            row += 1
        return row

    def _caption(self, text: str, row: int) -> int:
        """The next row."""
        caption = QLabel(text)
        theme.set_role(caption, "caption")
        self._say(caption, row)
        return row + 1
