"""What a run that is over is good for: train it on, or begin another with its weights."""

from __future__ import annotations

from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from workbench.core.runs import FINISHED, RunRecord, Start
from workbench.core.wording import plural

from ..session import Session

STEPS = (10, 100)  # further epochs offered beside as many again
MOST_KEPT = 50  # the newest


class GoOn(QWidget):
    """Two buttons with menus, for the run that is selected; `buttons` to be laid out."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hide()
        self._session = session
        self._record: RunRecord | None = None
        self.on = self._button("Train on", "runs_train_on", self._offer_more)
        self.on.setToolTip("Go on where it ended, with its own settings, as if it had never stopped.")
        self.fork = self._button("Train from it", "runs_fork", self._offer_weights)
        self.fork.setToolTip("Train the project as it stands now, at once, beginning with the weights of this run.")
        self.buttons = (self.on, self.fork)

    def _button(self, text: str, name: str, fill: object) -> QPushButton:
        made = QPushButton(text)
        made.setObjectName(name)
        menu = QMenu(made)
        menu.aboutToShow.connect(fill)
        made.setMenu(menu)
        return made

    def show_run(self, record: RunRecord | None, training: bool) -> None:
        """training: some run trains, so that none can begin."""
        self._record = record
        free = record is not None and not training and not self._session.read_only
        over = record is not None and record.state in (*FINISHED, "aborted") and record.epochs_done > 0
        self.on.setVisible(over)
        self.on.setEnabled(free)
        self.fork.setVisible(record is not None and record.usable)
        self.fork.setEnabled(free)

    def _offer_more(self) -> None:
        menu, record = self.on.menu(), self._record
        menu.clear()
        if record is not None:
            for more in sorted({record.epochs_done, *STEPS}):
                text = f"For {plural(more, 'more epoch')}"
                menu.addAction(text).triggered.connect(lambda _=False, n=more: self.train_on(n))

    def _offer_weights(self) -> None:
        menu, record = self.fork.menu(), self._record
        menu.clear()
        if record is not None:
            for which, epoch in (("best", record.best_epoch + 1), ("last", record.epochs_done)):
                text = f"Its {which} weights (epoch {epoch:,})"
                menu.addAction(text).triggered.connect(lambda _=False, w=which: self.begin_with(w))
            kept = menu.addMenu("The checkpoint of an epoch") if record.kept else None
            for epoch in record.kept[-MOST_KEPT:] if kept is not None else ():
                action = kept.addAction(f"Epoch {epoch:,}")
                action.triggered.connect(lambda _=False, w=str(epoch): self.begin_with(w))

    def train_on(self, more: int) -> None:
        """So many epochs more for the selected run."""
        record = self._record
        if record is not None:
            self._session.train(resume=record.id, epochs=record.epochs_done + more)
            self._session.show_page("train")

    def begin_with(self, which: str) -> None:
        """Train the project as it stands from the selected run's "best" or "last" weights, or those of a kept epoch."""
        record = self._record
        if record is not None and self._session.train(start=Start(self._session.folder.runs / record.id, which)):
            self._session.show_page("train")
