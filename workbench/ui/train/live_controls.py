"""What can be changed while a run trains: rate, batch size, epochs, early stopping. UI thread only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from workbench.core.fields import Field
from workbench.core.project import EarlyStopping
from workbench.ui import theme
from workbench.ui.forms import FieldForm
from workbench.ui.widgets.label import plain_label

FIELDS = (
    Field("learning_rate", "float", "Learning rate", 0.001, minimum=1e-12,
          help="Of the next step on. A schedule keeps its shape from there."),
    Field("batch_size", "int", "Batch size", 32, minimum=1, maximum=1_000_000, help="From the next epoch on."),
    Field("epochs", "int", "Epochs in all", 20, minimum=1, maximum=1_000_000, help="More of them, or fewer."),
    Field("patience", "int", "Patience", 0, minimum=0, unit="epochs",
          help="End the run after so many epochs without a better figure; 0: not."),
)  # fmt: skip


TOLD = {"learning_rate": "Learning rate", "batch_size": "Batch size", "epochs": "Epochs", "patience": "Early stopping"}
"""How the engine's word on a change begins (engine.adjust)."""


class LiveControls(QWidget):
    """`wanted(changes)`: fields of messages.Adjust. `queued()`: the project as it stands is to be the next run.

    What was asked for stays in its field until the engine has had its word on it: a batch size may take an epoch, and
    of a run that is paused everything waits.
    """

    wanted = Signal(object)
    queued = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("liveControls")
        self._early = EarlyStopping()
        self._values: dict[str, Any] = {}
        self._asked: dict[str, tuple[Any, int]] = {}  # the value, and how much had been told by then
        self._told: Sequence[str] = ()
        self._paused = False
        title = QLabel("While it trains")
        theme.set_role(title, "heading")
        self._run = ""
        self.form = FieldForm(FIELDS, prefix="live-")
        self.form.edited.connect(self._edited)
        self.queue = QPushButton("Queue as the next run")
        self.queue.setObjectName("queueButton")
        self.queue.setToolTip("Trains the project, with the settings above as they stand now, when this run has ended.")
        self.queue.clicked.connect(lambda: self.queued.emit())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.SPACE, 0, 0)
        column.setSpacing(theme.SPACE // 2)
        column.addWidget(title)
        column.addWidget(self.form)
        self.waits = plain_label(role="muted")
        self.waits.hide()
        column.addWidget(self.waits)
        column.addWidget(self.queue)

    def show_run(
        self,
        run: str,
        rate: float,
        batch_size: int,
        epochs: int,
        early: EarlyStopping,
        told: Sequence[str] = (),
        *,
        paused: bool = False,
    ) -> None:
        """The run's own settings as they are at this moment; what a person is typing is left alone. told: what has
        happened in the run."""
        self._early, self._told = early, told
        values: dict[str, Any] = {
            "batch_size": batch_size,
            "epochs": epochs,
            "patience": early.patience if early.enabled else 0,
        }
        if rate == rate:
            values["learning_rate"] = float(f"{rate:.6g}")
        if run != self._run:  # reset is to what the run began with
            self._run, self._values, self._asked = run, {}, {}
            self.form.set_defaults(values)
        elif "learning_rate" in values and not any(t.startswith(TOLD["learning_rate"]) for t in told):
            self.form.set_defaults({"learning_rate": values["learning_rate"]})  # a schedule is no change of a hand
        for name, (value, since) in list(self._asked.items()):
            if values.get(name) == value or any(text.startswith(TOLD[name]) for text in told[since:]):
                del self._asked[name]
        self._paused = paused
        self._say()
        values |= {name: value for name, (value, _) in self._asked.items()}
        if values != self._values:
            self._values = values
            self.form.set_values(values)

    def _say(self) -> None:
        """What was asked for and is not so yet."""
        waiting = [TOLD[name].lower() for name in self._asked if self._paused or name == "batch_size"]
        if not waiting:
            self.waits.hide()
            return
        when = "when the run goes on" if self._paused else "at the next epoch"
        self.waits.setText(f"{', '.join(waiting).capitalize()}: {when}.")
        self.waits.show()

    def _edited(self, name: str, value: Any) -> None:
        if value == self._values.get(name):
            return
        self._values = {**self._values, name: value}
        self._asked[name] = value, len(self._told)
        self._say()
        if name == "patience":
            early = replace(self._early, enabled=value > 0, patience=value or self._early.patience)
            self.wanted.emit({"early_stopping": early})
        else:
            self.wanted.emit({name: value})
