"""How the next run begins: with new weights or those of another run, once or by folds; and more epochs for the last.

UI thread only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from workbench.core.fields import Field
from workbench.core.runs import FINISHED, RunRecord
from workbench.ui import theme
from workbench.ui.choice import NEW
from workbench.ui.editors import Combo
from workbench.ui.field_row import LABEL_WIDTH
from workbench.ui.forms import FieldForm

MOST = 12  # runs offered, the newest first
MOST_KEPT = 50  # of a run, the newest
AHEAD = (
    "The time is that of all epochs: early stopping may end them sooner. It is over that where some are not like what "
    "was forecast or trained since the program was opened."
)
LONGEST_NAME = 8  # letters that fit on the button beside the rest

FOLDS = Field(
    "folds", "int", "Folds", 0, minimum=0, maximum=100,
    help="Cross-validation: so many runs, each validated on other rows; mean and spread of their scores. 0: one run.",
)  # fmt: skip


def short_name(record: RunRecord) -> str:
    """As a button has room for: "fold 4" of a cross-validation."""
    return record.name.rpartition(", ")[2] if record.group else record.name


class BeginWith(QWidget):
    """`more(epochs)`: train the last run on by so many. `cleared()`: forget the runs that wait;
    `wanted()`: go on with them."""

    more = Signal(int)
    cleared = Signal()
    wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("beginWith")
        self._shown: Any = None
        self._more = 0
        self.folds = self.planned = 0
        self.weights = Combo()
        self.weights.setObjectName("beginWithWeights")
        self.weights.setAccessibleName("Weights the next run begins with")
        self.weights.setToolTip(
            "New weights, or those of another run.\n"
            "Of an edited model those that still fit are kept, and it is said which."
        )
        caption = QLabel("Begins with")
        caption.setFixedWidth(LABEL_WIDTH + 2)  # in line with the rows below, which have help
        caption.setBuddy(self.weights)
        self.row = QWidget()
        row = QHBoxLayout(self.row)
        row.setContentsMargins(0, 0, 24, 0)
        row.setSpacing(4)
        row.addWidget(caption)
        row.addWidget(self.weights, 1)
        self.form = FieldForm((FOLDS,), prefix="begin-")
        self.form.edited.connect(self._folds_edited)
        self.on = QPushButton()
        self.on.setObjectName("trainOnButton")
        self.on.clicked.connect(lambda: self.more.emit(self._more))
        self.waiting = QLabel()
        self.waiting.setObjectName("waitingRuns")
        theme.set_role(self.waiting, "caption")
        self.go = QPushButton()
        self.go.setObjectName("goOnWaiting")
        self.go.setToolTip("Train those that wait, one after another.")
        self.go.clicked.connect(lambda: self.wanted.emit())
        self.forget = QPushButton()
        self.forget.setObjectName("forgetWaiting")
        self.forget.setProperty("role", "link")
        self.forget.clicked.connect(lambda: self.cleared.emit())
        line = QHBoxLayout()
        line.addWidget(self.waiting, 1)
        line.addWidget(self.go)
        line.addWidget(self.forget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE // 2)
        column.addWidget(self.row)
        column.addWidget(self.form)
        column.addWidget(self.on)
        column.addLayout(line)

    def show_runs(self, records: Sequence[RunRecord], waiting: Sequence[str], active: bool, ahead: str = "") -> None:
        """records: of the project, the oldest first. waiting: names of the runs that wait. active: one trains. ahead:
        how long that and they will take, in words."""
        usable = [r for r in reversed(records) if r.usable][:MOST]
        last = records[-1] if records else None
        shown = (
            tuple((r.id, r.name, r.best_epoch, r.epochs_done, r.kept) for r in usable),
            tuple(waiting),
            active,
            last,
            ahead,
        )
        if shown == self._shown:
            return
        self._shown = shown
        chosen, first = self.chosen, self.weights.itemText(0)
        self.weights.clear()
        self.weights.addItem(first or "new weights", NEW)
        for r in usable:
            self.weights.addItem(f"{r.name}, best (epoch {r.best_epoch + 1})", (r.id, "best"))
            self.weights.addItem(f"{r.name}, last (epoch {r.epochs_done})", (r.id, "last"))
            for epoch in r.kept[-MOST_KEPT:]:
                self.weights.addItem(f"{r.name}, kept (epoch {epoch:,})", (r.id, str(epoch)))
        for i in range(self.weights.count()):
            if tuple(self.weights.itemData(i)) == chosen:
                self.weights.setCurrentIndex(i)
        self.row.setVisible(bool(usable))
        over = last is not None and last.state in (*FINISHED, "aborted") and not active
        self.on.setVisible(over)
        if over and last is not None:
            self._more = max(1, last.epochs_done)
            words = f"on for {self._more:,} more epoch{'' if self._more == 1 else 's'}"
            self.on.setAccessibleName(f"Train {last.name} {words}")
            short = short_name(last)
            self.on.setText(f"Train {short if len(short) <= LONGEST_NAME else 'it'} {words}")
            self.on.setToolTip(
                f"{last.name} goes on where it ended, with its own settings, as if it had never stopped."
            )
        for widget in (self.waiting, self.forget):
            widget.setVisible(bool(waiting))
        self.go.setVisible(bool(waiting) and not active)
        count = len(waiting)
        self.go.setText("Go on")
        self.go.setAccessibleName("Go on with the run that waits" if count == 1 else "Go on with the runs that wait")
        said = f"{count} run{'' if count == 1 else 's'} wait{'s' if count == 1 else ''}"
        self.waiting.setText(f"{said}\n{ahead}" if ahead else said)
        self.waiting.setToolTip("\n".join([*waiting, *([AHEAD] if ahead else [])]))
        self.forget.setText("Forget it" if count == 1 else "Forget them")

    def show_given(self, given: bool) -> None:
        """given: layers of the model start from the weights of a file, so that without another run not all are new."""
        self.weights.setItemText(0, "the file's weights" if given else "new weights")

    def show_folds(self, planned: int) -> None:
        """planned: folds that the split on the Features page asks for; another number may be typed here."""
        if planned != self.planned:
            self.planned = self.folds = planned
            self.form.set_values({"folds": planned})

    def reset(self) -> None:
        """Another project: new weights, and the folds that it plans."""
        self.folds = self.planned
        self.form.set_values({"folds": self.planned})
        self.weights.setCurrentIndex(0)

    @property
    def chosen(self) -> tuple[str, str]:
        """(id of the run, "best", "last" or a kept epoch); two empty words for new weights."""
        found = self.weights.currentData()
        return (str(found[0]), str(found[1])) if found else NEW

    def flush(self) -> None:
        """Take what is typed and not yet taken."""
        self.form.flush()

    def _folds_edited(self, _name: str, value: Any) -> None:
        self.folds = int(value) if value and value > 1 else 0
