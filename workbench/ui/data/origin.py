"""Where the data came from: notices when the file has changed, moved or gone, finds it again, reads another sheet."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from workbench.core import edits
from workbench.core.project import DataSpec
from workbench.ui.data.source_card import SourceCard
from workbench.ui.data.source_watch import GONE, SourceWatch


def ask_place(parent: QWidget, spec: DataSpec) -> str:
    """Where the source is now; "" when the person backs out."""
    if spec.source == "images":
        return QFileDialog.getExistingDirectory(parent, "Where is the folder now?")
    return QFileDialog.getOpenFileName(parent, "Where is the file now?", spec.path)[0]


def _other_ways(spec: DataSpec, table: Any) -> tuple[DataSpec, ...]:
    from workbench.core.data.sources import other_ways

    return other_ways(spec, table)


class Origin(QObject):
    """Keeps the source card's word on its file current. changed(): what `gone` says."""

    changed = Signal()

    def __init__(self, session: Any, card: SourceCard, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._card, self._page = session, card, parent
        self.ask = ask_place
        self._seen: Any = None
        self._before: tuple[str, str] | None = None  # path and fingerprint that the project came with
        self._other = False
        self.watch = SourceWatch(session.jobs, self)
        self.watch.changed.connect(self._on_watch)
        card.find_asked.connect(self.find)
        card.again_asked.connect(session.reload_data)
        card.sheet_asked.connect(self._on_sheet)

    @property
    def gone(self) -> bool:
        return self.watch.state == GONE

    def follow(self) -> None:
        """Call when the source or what was read of it may be another."""
        session = self._session
        spec = session.document.project.data
        if session.dataset is None and session.dataset_error is None:
            self._before = (spec.path, spec.fingerprint) if spec is not None and spec.fingerprint else None
            self._seen = None
            self._other = False
            self._card.offer.set_notice("")
            return
        seen = session.dataset if session.dataset is not None else session.dataset_error
        if seen is self._seen:
            return
        self._seen = seen
        report = getattr(session.dataset, "report", None)
        self._other = (
            self._before is not None
            and report is not None
            and self._before[0] == spec.path
            and self._before[1] != report.fingerprint
        )
        watched = spec is not None and spec.source not in ("sample", "pasted")
        self.watch.read(spec.path if watched else "")
        self._card.show_state(self.watch.state, self._other)
        self._look_for_other_ways(spec)

    def _look_for_other_ways(self, spec: DataSpec | None) -> None:
        """A table whose cells name pictures beside it may be meant as those pictures."""
        self._card.offer.set_notice("")
        session = self._session
        dataset = session.dataset
        if spec is None or spec.source != "csv" or dataset is None or dataset.kind != "table":
            session.jobs.cancel(self, "ways")
            return
        session.jobs.run(self, "ways", lambda progress, cancelled: _other_ways(spec, dataset), self._on_ways)

    def _on_ways(self, ways: tuple[DataSpec, ...]) -> None:
        if ways:
            column = ways[0].params.get("path", "")
            text = f"The cells of “{column}” name pictures beside this file."
            self._card.offer.set_notice(text, "info", (("Open as pictures", lambda: self._open(ways[0])),))

    def _open(self, spec: DataSpec) -> None:
        self._session.apply(edits.open_data(spec), "Open as pictures")

    def _on_watch(self) -> None:
        self._card.show_state(self.watch.state, self._other)
        self.changed.emit()

    def find(self) -> None:
        """Ask where the source is now; the recipe and everything else stays."""
        spec = self._session.document.project.data
        if spec is None:
            return
        place = self.ask(self._page, spec)
        if place == spec.path:
            self._session.reload_data()
        elif place:
            self._session.apply(edits.change_data(replace(spec, path=place)), "Find the data")

    def _on_sheet(self, sheet: str) -> None:
        spec = self._session.document.project.data
        if spec is not None and sheet != getattr(getattr(self._session.dataset, "report", None), "sheet", ""):
            params = dict(spec.params) | {"sheet": sheet}
            self._session.apply(edits.change_data(replace(spec, params=params, fingerprint="")), f"Read sheet {sheet}")

    def look(self) -> None:
        """Look now whether the file is still what it was."""
        self.watch.look()
