"""Which run the Test page asks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QWidget

from workbench.ui.widgets.drop_down import DropDown

if TYPE_CHECKING:
    from workbench.ui.session import Session


class RunChoice(DropDown):
    """The run that trains first, then the newest; `activated` when a person chooses, `currentData` is its folder."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setObjectName("testedRun")
        self.setAccessibleName("Run that is asked")
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(10)

    def is_live(self, folder: Path) -> bool:
        """Whether it trains."""
        run = self._session.run
        return run is not None and run.active and run.folder == folder

    def refill(self, asked: Path | None) -> tuple[bool, Path | None]:
        """Offer the runs that there are; whether they are others than before, and which is to be asked now: `asked`
        while it is there, but a run that has just begun to learn, or has just ended, is what a person wants to try."""
        choices = self._choices()
        folders = [folder for _, folder in choices]
        known = [(self.itemText(i), self.itemData(i)) for i in range(self.count())]
        if choices == known:
            return False, folders[0] if folders else None
        self.clear()
        for title, folder in choices:
            self.addItem(title, folder)
        if not folders:
            return True, None
        fresh = folders[0] not in [folder for _, folder in known]
        wanted = folders[0] if fresh or asked not in folders else asked
        self.setCurrentIndex(folders.index(wanted))
        return True, wanted

    def _choices(self) -> list[tuple[str, Path]]:
        session = self._session
        run = session.run
        found: list[tuple[str, Path]] = []
        live = run is not None and run.active and len(run.history.batches) > 0
        if run is not None and live:
            found.append((f"{run.name}, weights of this moment", run.folder))
        for record in reversed(session.runs):
            folder = session.run_folder(record)
            if record.usable and not (live and run is not None and folder == run.folder):
                found.append((f"{record.name}, best epoch {record.best_epoch + 1}", folder))
        return found
