"""What differs between two runs, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from workbench.core.project import Project
from workbench.core.runs import RunRecord
from workbench.ui.widgets.label import plain_label

from .. import theme
from ..widgets.elide import ElidedLabel
from .differences import Difference, differences


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

    def show_two(self, ticked: Sequence[RunRecord], projects: Mapping[str, Project]) -> None:
        """The first two of these runs. projects: those that were read already, by the run's id."""
        compared = tuple((r.id, r.name, r.device, r.mode, r.id in projects) for r in ticked[:2])
        if compared == self._compared and self._grid.count():
            return
        self._compared = compared
        while self._grid.count():
            item = self._grid.takeAt(0)
            if item is not None and (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        title = QLabel("What differs")
        theme.set_role(title, "heading")
        self._grid.addWidget(title, 0, 0, 1, 3)
        row = 1
        if len(ticked) < 2:
            self._grid.addWidget(plain_label("Tick two runs to see what differs between them.", "muted"), 1, 0, 1, 3)
        else:
            older, newer = sorted(ticked[:2], key=lambda r: r.id)
            before, after = projects.get(older.id), projects.get(newer.id)
            if before is None or after is None:
                self._grid.addWidget(plain_label("Reading both runs.", "muted"), 1, 0, 1, 3)
            else:
                row = self._fill(differences(before, after), older, newer)
        self._grid.setRowStretch(row + 1, 1)
        for number in range(1, row + 1):
            self._grid.setRowStretch(number, 0)
        for column, stretch in enumerate((3, 2, 2)):
            self._grid.setColumnStretch(column, stretch)

    def _fill(self, found: tuple[Difference, ...], older: RunRecord, newer: RunRecord) -> int:
        for column, record in ((1, older), (2, newer)):
            name = ElidedLabel(record.name)
            theme.set_role(name, "strong")
            self._grid.addWidget(name, 1, column)
        row, part = 2, ""
        if not found:
            text = "Nothing: the same data, features, model and settings."
            if older.device != newer.device or older.mode != newer.mode:
                text += f" Device and loop: {older.device}, {older.mode} and {newer.device}, {newer.mode}."
            self._grid.addWidget(plain_label(text, "muted"), row, 0, 1, 3)
        for difference in found:
            if difference.part != part:
                part = difference.part
                caption = QLabel(part)
                theme.set_role(caption, "caption")
                self._grid.addWidget(caption, row, 0, 1, 3)
                row += 1
            for column, text in enumerate((difference.what, difference.first, difference.second)):
                self._grid.addWidget(ElidedLabel(text), row, column)
            row += 1
        return row
