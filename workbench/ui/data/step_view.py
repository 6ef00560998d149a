"""Looking at one step: the table before it, after it, or only what it changes, with the changes marked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QButtonGroup, QFrame, QHBoxLayout, QPushButton, QWidget

from workbench.core.wording import plural
from workbench.ui.data import figures
from workbench.ui.widgets.elide import ElidedLabel

NARROW = 540
"""In less room the words about a step stand above the buttons."""

MODES = (("before", "Before"), ("after", "After"), ("changes", "Changes"))


@dataclass(frozen=True, eq=False)
class StepChange:
    """What a step does, ready to be shown.

    before, after: frames. marks_before, marks_after: {column: bool (rows,)} of cells that differ. gone: bool (rows of
    before,), rows the step takes away. changes: only the rows that change, changed cells as "old → new".
    """

    step_id: str
    before: Any
    after: Any
    marks_before: dict[str, np.ndarray] = field(default_factory=dict)
    marks_after: dict[str, np.ndarray] = field(default_factory=dict)
    gone: np.ndarray | None = None
    changes: Any = None
    changes_marks: dict[str, np.ndarray] = field(default_factory=dict)
    changes_gone: np.ndarray | None = None
    cells: int = 0

    def view(self, mode: str) -> tuple[Any, dict[str, np.ndarray], np.ndarray | None]:
        """(frame, marked cells, rows that go) for "before", "after" or "changes"."""
        if mode == "before":
            return self.before, self.marks_before, self.gone
        if mode == "after":
            return self.after, self.marks_after, None
        return self.changes, self.changes_marks, self.changes_gone


MOST_CHANGES = 2000


def look_at_step(cleaned: Any, step_id: str) -> StepChange:
    """What the step does to the table. Called on a job's thread; works on whole columns."""
    before, after = cleaned.frames(step_id)
    difference = cleaned.difference(step_id, len(before))
    places = before.index.get_indexer(difference.before.index)
    gone = np.zeros(len(before), bool)
    gone[places[difference.gone]] = True
    stays = after.index.get_indexer(difference.after.index)
    marks_before: dict[str, np.ndarray] = {}
    marks_after: dict[str, np.ndarray] = {}
    cells = 0
    for name, flags in difference.changed.items():
        cells += int(flags.sum())
        marks_before[name] = np.zeros(len(before), bool)
        marks_before[name][places[flags]] = True
        marks_after[name] = np.zeros(len(after), bool)
        marks_after[name][stays[flags[~difference.gone]]] = True
    # A column that comes or goes is marked in its header alone.
    marks_before |= {name: np.zeros(len(before), bool) for name in difference.columns_dropped}
    marks_after |= {name: np.zeros(len(after), bool) for name in difference.columns_added}
    changes, marks = _changes(difference)
    return StepChange(
        step_id,
        before,
        after,
        marks_before,
        marks_after,
        gone,
        changes,
        marks,
        difference.gone[: len(changes)],
        cells,
    )


def _changes(difference: Any) -> tuple[Any, dict[str, np.ndarray]]:
    """Only the rows that change or go, changed cells as "old → new"."""
    shown = difference.before.head(MOST_CHANGES).copy(deep=False)
    gone = difference.gone[: len(shown)]
    marks = {}
    for name, flags in difference.changed.items():
        flags = flags[: len(shown)]
        if not flags.any():
            continue
        old = shown[name].tolist()
        new = iter(difference.after[name].head(int((~gone).sum())).tolist())
        texts = []
        for value, lost, changed in zip(old, gone.tolist(), flags.tolist(), strict=True):
            then = None if lost else next(new)
            texts.append(f"{_said(value)} → {_said(then)}" if changed else _said(value))
        shown[name] = np.array(texts, dtype=object)
        marks[name] = flags
    return shown, marks


def _said(value: Any) -> str:
    missing = value is None or value != value or type(value).__name__ in ("NAType", "NaTType")
    return figures.MISSING if missing else figures.cell(value)


class StepBar(QFrame):
    """The step looked at, and the switch between before, after and changes."""

    mode_changed = Signal(str)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setObjectName("stepBar")
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(12, 6, 12, 6)
        self._box.setSpacing(8)
        words, row = QHBoxLayout(), QHBoxLayout()
        for part in (words, row):
            part.setSpacing(8)
        self._box.addLayout(words, 1)
        self._box.addLayout(row)
        self.title = ElidedLabel()
        self.title.setProperty("role", "strong")
        self.title.setObjectName("stepTitle")
        words.addWidget(self.title, 1)
        self.says = ElidedLabel(mode=Qt.TextElideMode.ElideRight)
        self.says.setProperty("role", "muted")
        self.says.setObjectName("stepSays")
        words.addWidget(self.says, 1)
        self._group = QButtonGroup(self)
        for i, (mode, text) in enumerate(MODES):
            button = QPushButton(text)
            button.setCheckable(True)
            button.setProperty("role", "quiet")
            button.setObjectName(f"step-{mode}")
            self._group.addButton(button, i)
            row.addWidget(button)
        self._group.button(1).setChecked(True)
        self._group.idClicked.connect(lambda i: self.mode_changed.emit(MODES[i][0]))
        close = QPushButton("Done")
        close.setObjectName("stepDone")
        close.setToolTip("Show the table after all steps")
        close.clicked.connect(self.closed)
        row.addStretch(1)
        row.addWidget(close)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = event.size().width() < NARROW
        ways = QBoxLayout.Direction
        self._box.setDirection(ways.TopToBottom if narrow else ways.LeftToRight)

    @property
    def mode(self) -> str:
        """ "before", "after" or "changes"."""
        return MODES[self._group.checkedId()][0]

    def set_mode(self, mode: str) -> None:
        """Show "before", "after" or "changes", without a signal."""
        button = self._group.button([name for name, _ in MODES].index(mode))
        if button is not None:
            button.setChecked(True)

    def offer_changes(self, offered: bool) -> None:
        """Whether the changes alone can be shown: a step that changes everything has nothing else to show."""
        button = self._group.button(2)
        if button is not None:
            button.setVisible(offered)

    def set_title(self, text: str) -> None:
        self.title.setText(text)

    def set_message(self, text: str) -> None:
        self.says.setText(text)

    def begin(self, change: StepChange) -> None:
        """Show the side on which something is to be seen of a step that was just chosen."""
        if len(change.changes):
            mode = 2
        else:
            mode = 0 if change.before.shape[1] > change.after.shape[1] else 1
        self._group.button(mode).setChecked(True)

    def set_counts(self, change: StepChange) -> None:
        """How much the step does, in words."""
        parts = []
        if change.cells:
            parts.append(plural(change.cells, "cell") + " changed")
        if change.gone is not None and change.gone.any():
            parts.append(plural(int(change.gone.sum()), "row") + " left out")
        lost = [str(c) for c in change.before.columns if c not in change.after.columns]
        new = [str(c) for c in change.after.columns if c not in change.before.columns]
        if lost and new and len(lost) == len(new):
            parts.append("renamed" if len(lost) == 1 else f"{len(lost):,} columns renamed")
        else:
            if lost:
                parts.append(plural(len(lost), "column") + " left out")
            if new:
                parts.append(plural(len(new), "column") + " added")
        self.says.setText(", ".join(parts) or "nothing changes")
