"""How the next run is to begin, as it was chosen on the Train page; every button and key of training starts that. UI
thread only."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from workbench.core.project import Project
from workbench.core.runs import Start

NEW = ("", "")


def planned_folds(project: Project) -> int:
    """How many runs the split of the Features page asks for; 0 for one."""
    split = project.features.split
    return split.folds if split is not None and not split.fold else 0


class Choice(QObject):
    """Signals: asked(): what is typed is to be taken now, as a run begins. changed(): another choice. forgotten(): none
    is made any more.

    weights: (id of the run to begin with, "best", "last" or a kept epoch), two empty words for new weights.
    """

    asked = Signal()
    changed = Signal()
    forgotten = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.weights = NEW
        self._typed: tuple[int, int] | None = None  # folds planned by the project then, folds typed instead

    def choose(self, weights: tuple[str, str], planned: int, folds: int) -> None:
        """folds: as typed, where the project plans `planned`."""
        before = self.weights, self._typed
        self.weights, self._typed = weights, (planned, folds)
        if before != (self.weights, self._typed):
            self.changed.emit()

    def folds(self, project: Project) -> int:
        """Runs of a cross-validation; 0 for a single run. What was typed holds until another number is planned."""
        planned = planned_folds(project)
        return self._typed[1] if self._typed is not None and self._typed[0] == planned else planned

    def start(self, runs: Path) -> Start | None:
        """The weights to begin with. runs: the project's folder of runs."""
        run, which = self.weights
        return Start(runs / run, which) if run else None

    @property
    def argument(self) -> str:
        """The weights as `workbench train --from` takes them; "" for new ones."""
        return ":".join(self.weights) if self.weights[0] else ""

    def forget(self) -> None:
        """Another project: it begins as a new one does."""
        self.weights, self._typed = NEW, None
        self.forgotten.emit()
        self.changed.emit()
