"""The Export page: a card a format; each written file is proved in its own runtime before the tick. UI thread only."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QResizeEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from workbench.core.errors import ExportError
from workbench.core.runs import RunRecord
from workbench.link.messages import Exported, Failed, Message, Progress
from workbench.ui import theme
from workbench.ui.export.card import FormatCard
from workbench.ui.export.formats import FORMATS, Format, size_about, suggested_name, with_suffix
from workbench.ui.widgets.drop_down import DropDown
from workbench.ui.widgets.empty import EmptyState
from workbench.ui.widgets.label import plain_label
from workbench.ui.widgets.scrolled import scrolled

if TYPE_CHECKING:
    from workbench.ui.session import Session

CARD = 340  # least width of a card


SAID = (
    "Every file is loaded again in the runtime it is for and compared with the model on real rows; only then it is "
    "kept and ticked."
)


class ExportPage(QWidget):
    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("exportPage")
        self.setProperty("role", "page")
        self._session = session
        self.choose_place: Callable[[Format, Path], Path | None] = self._place_dialog
        self.choose_folder: Callable[[Path], Path | None] = self._folder_dialog
        self.open_folder: Callable[[Path], object] = lambda path: QDesktopServices.openUrl(
            QUrl.fromLocalFile(str(path))
        )
        self._record: RunRecord | None = None
        self._done: dict[tuple[str, str], Exported | ExportError] = {}
        self._queue: list[tuple[Format, Path]] = []
        self._now: tuple[str, Format, Path] | None = None
        self._request = 0
        self._columns = 0
        self._build()
        session.runs_changed.connect(self._runs_changed)
        self._runs_changed()

    def _build(self) -> None:
        title = QLabel("Export")
        title.setProperty("role", "title")
        self.runs = DropDown()
        self.runs.setObjectName("exportedRun")
        self.runs.setAccessibleName("Run that is exported")
        self.runs.setMinimumWidth(240)
        self.runs.activated.connect(lambda _i: self._choose(self.runs.currentData()))
        self.all = QPushButton("Export all to a folder…")
        self.all.setObjectName("exportAll")
        self.all.setIcon(theme.icon("folder-simple-plus"))
        self.all.clicked.connect(self._export_all)
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE * 2)
        head.addWidget(title)
        head.addWidget(self.runs)
        head.addStretch(1)
        head.addWidget(self.all)
        self.said = said = plain_label(SAID, "muted")
        self.cards = {f.key: FormatCard(f) for f in FORMATS}
        for card in self.cards.values():
            card.export_wanted.connect(lambda c=card: self._ask_place(c.format))
            card.cancel_wanted.connect(lambda c=card: self._cancel(c.format))
            card.folder_wanted.connect(lambda path: self.open_folder(path))
        holder = QWidget()
        self._grid = QGridLayout(holder)
        self._grid.setContentsMargins(0, theme.SPACE, 0, 0)
        self._grid.setSpacing(theme.SPACE * 2)
        area = scrolled(holder)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(theme.SPACE * 3, theme.SPACE * 2, theme.SPACE * 3, theme.SPACE * 2)
        column.setSpacing(theme.SPACE)
        column.addLayout(head)
        column.addWidget(said)
        column.addWidget(area, 1)
        self.empty = EmptyState(
            "export",
            "Nothing to export yet",
            "A trained model can be taken away as a Keras file, ONNX, LiteRT, a SavedModel or a Python script.",
            [("Go to Train", lambda: self._session.show_page("train"))],
        )
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(whole)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        columns = max(1, min(len(FORMATS), (self.width() - theme.SPACE * 6) // (CARD + theme.SPACE * 2)))
        columns = 3 if columns == 4 else columns  # five cards in rows of three and two, not of four and one
        if columns == self._columns:
            return
        self._columns = columns
        for i, card in enumerate(self.cards.values()):
            self._grid.removeWidget(card)
            self._grid.addWidget(card, i // columns, i % columns)
        for i in range(len(FORMATS)):
            self._grid.setColumnStretch(i, 1 if i < columns else 0)
            self._grid.setRowStretch(i, 0)
        self._grid.setRowStretch(len(FORMATS), 1)

    # ---- which run ---------------------------------------------------------------------------------------------

    def _runs_changed(self) -> None:
        records = [r for r in reversed(self._session.runs) if r.usable]
        self.stack.setCurrentIndex(1 if records else 0)
        ids = [r.id for r in records]
        if [r.id for r in (self.runs.itemData(i) for i in range(self.runs.count()))] != ids:
            known = {self.runs.itemData(i).id for i in range(self.runs.count())}
            self.runs.clear()
            for record in records:
                self.runs.addItem(f"{record.name}, best epoch {record.best_epoch + 1}", record)
            if not ids:
                self._record = None
                return
            newest_is_new = ids[0] not in known
            kept = self._record.id if self._record is not None and self._record.id in ids else ids[0]
            chosen = ids[0] if newest_is_new and self._now is None else kept
            self.runs.setCurrentIndex(ids.index(chosen))
            self._choose(records[ids.index(chosen)])

    def _choose(self, record: RunRecord) -> None:
        self._record = record
        named = ", ".join(f"“{target}”" for target in record.outputs.values())
        several = f" Each has {len(record.outputs):,} outputs, told by name in the JSON beside it: {named}."
        self.said.setText(SAID + (several if len(record.outputs) > 1 else ""))
        for chosen in FORMATS:
            self._show_card(chosen)

    def _show_card(self, chosen: Format) -> None:
        record, card = self._record, self.cards[chosen.key]
        if record is None:
            return
        if self._now is not None and self._now[:2] == (record.id, chosen):
            return
        if self._now is not None and any(f == chosen for f, _ in self._queue) and self._now[0] == record.id:
            card.show_waiting()
            return
        found = self._done.get((record.id, chosen.key))
        card.show_idle(size_about(chosen, record.parameters))
        if isinstance(found, Exported):
            card.show_done(found)
        elif found is not None:
            card.show_failed(found)

    # ---- exporting -----------------------------------------------------------------------------------------------

    def _suggestion(self, chosen: Format) -> Path:
        assert self._record is not None
        name = suggested_name(self._session.project.name, self._record.name, chosen)
        return self._session.folder.path / "exports" / name

    def _ask_place(self, chosen: Format) -> None:
        if self._record is None:
            return
        place = self.choose_place(chosen, self._suggestion(chosen))
        if place is not None:
            self.export_to([(chosen, with_suffix(place, chosen))])

    def _export_all(self) -> None:
        if self._record is None:
            return
        folder = self.choose_folder(self._session.folder.path / "exports")
        if folder is not None:
            self.export_to([(f, folder / self._suggestion(f).name) for f in FORMATS])

    @property
    def record(self) -> RunRecord | None:
        """The run that would be exported."""
        return self._record

    @property
    def busy(self) -> bool:
        """Whether an export is under way or waiting."""
        return self._now is not None or bool(self._queue)

    def outcomes(self) -> dict[str, Exported | ExportError]:
        """What became of each format of the chosen run, by its key."""
        run = self._record.id if self._record is not None else ""
        return {key: done for (of, key), done in self._done.items() if of == run}

    def export_to(self, wanted: list[tuple[Format, Path]]) -> None:
        """Write the chosen run in these formats to these places, one after the other."""
        names = {f.key for f, _ in wanted}
        self._queue = [(f, p) for f, p in self._queue if f.key not in names] + wanted
        for chosen, _ in wanted:
            self.cards[chosen.key].show_waiting()
        self.runs.setEnabled(False)
        self._next()

    def _next(self) -> None:
        if self._now is not None:
            return
        if not self._queue:
            self.runs.setEnabled(True)
            return
        record = self._record
        assert record is not None
        chosen, place = self._queue.pop(0)
        self._now = (record.id, chosen, place)
        card = self.cards[chosen.key]
        card.show_progress(0, 0, "Asking the engine")

        def progress(message: Message) -> None:
            if shiboken6.isValid(self) and isinstance(message, Progress) and self._now == (record.id, chosen, place):
                card.show_progress(message.done, message.total, message.text)

        def answered(message: Message) -> None:
            if not shiboken6.isValid(self) or self._now != (record.id, chosen, place):
                return
            self._now = None
            self._answered(record.id, chosen, message)
            self._next()

        self._request = self._session.export(record, chosen.key, place, progress, answered)

    def _answered(self, run: str, chosen: Format, message: Message) -> None:
        if isinstance(message, Exported):
            self._done[run, chosen.key] = message
        elif isinstance(message, Failed) and message.cancelled:
            self._done.pop((run, chosen.key), None)
        elif isinstance(message, Failed):
            self._done[run, chosen.key] = ExportError(message.what, where=message.where, remedy=message.remedy)
        self._show_card(chosen)

    def _cancel(self, chosen: Format) -> None:
        """Take it out of the queue, or ask the engine to give it up (it answers then)."""
        if self._now is not None and self._now[1] == chosen:
            self._session.client.cancel(self._request)
            return
        self._queue = [(f, p) for f, p in self._queue if f != chosen]
        self._show_card(chosen)

    # ---- asking the person ---------------------------------------------------------------------------------------

    def _place_dialog(self, chosen: Format, suggestion: Path) -> Path | None:
        kinds = chosen.kinds or "Folder (*)"
        name, _ = QFileDialog.getSaveFileName(self, f"Export {chosen.title}", str(suggestion), kinds)
        return Path(name) if name else None

    def _folder_dialog(self, suggestion: Path) -> Path | None:
        name = QFileDialog.getExistingDirectory(self, "Export all formats to", str(suggestion.parent))
        return Path(name) if name else None
