"""Where the data came from: notices when the file has changed, moved or gone, finds it again or goes on from the
cache, adds a test file, reads another sheet or another table of an archive, offers what else it may be meant as."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from workbench.core import edits
from workbench.core.errors import WorkbenchError
from workbench.core.project import DataSpec
from workbench.ui.data.source_card import SourceCard
from workbench.ui.data.source_watch import GONE, SourceWatch
from workbench.ui.dialogs import DATA_FILTER

FOLDERS = ("images", "series")
"""Sources that are folders."""


def ask_place(parent: QWidget, spec: DataSpec) -> str:
    """Where the source is now; "" when the person backs out."""
    if spec.source in FOLDERS:
        return QFileDialog.getExistingDirectory(parent, "Where is the folder now?")
    return QFileDialog.getOpenFileName(parent, "Where is the file now?", spec.path)[0]


def ask_test(parent: QWidget, spec: DataSpec) -> str:
    """A test file or folder; "" when the person backs out."""
    if spec.source in FOLDERS:
        return QFileDialog.getExistingDirectory(parent, "A folder of test data, with the same classes")
    title = "A test file, with the same columns"
    return QFileDialog.getOpenFileName(parent, title, spec.path, DATA_FILTER)[0]


class Origin(QObject):
    """Keeps the source card's word on its file current. changed(): what `gone` or `kept` says."""

    changed = Signal()

    def __init__(self, session: Any, card: SourceCard, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._card, self._page = session, card, parent
        self.ask = ask_place
        self.ask_test = ask_test
        self._seen: Any = None
        self._before: tuple[str, str] | None = None  # path and fingerprint that the project came with
        self._other = False
        self._kept: tuple[str, str] = ("", "")  # the fingerprint of what is in the cache, and since when, in words
        self.watch = SourceWatch(session.jobs, self)
        self.watch.changed.connect(self._on_watch)
        card.find_asked.connect(self.find)
        card.again_asked.connect(session.reload_data)
        card.cache_asked.connect(self.go_on_from_cache)
        card.file_asked.connect(self._read_file)
        card.test_asked.connect(self._add_test)
        card.test_removed.connect(lambda: self._set_test(""))
        card.sheet_asked.connect(self._on_sheet)

    @property
    def gone(self) -> bool:
        return self.watch.state == GONE

    @property
    def kept(self) -> str:
        """Since when what was read of the data is in the cache, in words; "" when it is not."""
        return self._kept[1]

    def follow(self) -> None:
        """Call when the source or what was read of it may be another."""
        session = self._session
        spec = session.document.project.data
        if session.dataset is None and session.dataset_error is None:
            known = spec is not None and spec.fingerprint and not spec.from_cache
            self._before = (spec.path, spec.fingerprint) if known else None
            self._seen = None
            self._other = False
            self._kept = ("", "")
            self.watch.read("")
            self._card.show_offers(())
            self._show()
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
        watched = spec is not None and spec.source not in ("sample", "pasted") and not spec.from_cache
        self.watch.read(spec.path if watched else "")
        self._look_for_kept()
        self._show()
        self._look_for_other_ways(spec)

    # ---- the file itself

    def _show(self) -> None:
        spec = self._session.document.project.data
        from_cache = spec is not None and spec.from_cache and self._session.dataset is not None
        self._card.show_state(self.watch.state, self._other, self.kept, from_cache)

    def _on_watch(self) -> None:
        self._look_for_kept()
        self._show()
        self.changed.emit()

    def _look_for_kept(self) -> None:
        """Whether what the project last read, before the file changed, is in the cache."""
        session = self._session
        spec = session.document.project.data
        if spec is None or spec.source in ("sample", "pasted"):
            return
        earlier = self._before[1] if self._other and self._before is not None else spec.fingerprint
        asked = replace(spec, fingerprint=earlier)
        session.jobs.run(self, "kept", lambda progress, cancelled: (earlier, _kept_at(asked)), self._on_kept)

    def _on_kept(self, kept: tuple[str, str]) -> None:
        if kept != self._kept:
            self._kept = kept
            self._show()
            self.changed.emit()

    def find(self) -> None:
        """Ask where the source is now; the recipe and everything else stays."""
        spec = self._session.document.project.data
        if spec is None:
            return
        place = self.ask(self._page, spec)
        if place == spec.path and not spec.from_cache:
            self._session.reload_data()
        elif place:
            self._session.apply(edits.change_data(replace(spec, path=place, from_cache=False)), "Find the data")

    def go_on_from_cache(self) -> None:
        """Go on with what was read before; the file is not read any more."""
        spec = self._session.document.project.data
        if spec is not None and self.kept:
            spec = replace(spec, fingerprint=self._kept[0], from_cache=True)
            self._session.apply(edits.change_data(spec), "Go on from the cache")

    def _read_file(self) -> None:
        spec = self._session.document.project.data
        if spec is not None:
            self._session.apply(edits.change_data(replace(spec, from_cache=False)), "Read the file")

    def read_part(self, rows: int) -> None:
        """Read so many rows at the beginning only."""
        spec = self._session.document.project.data
        if spec is not None:
            self._read(replace(spec, params={**spec.params, "rows": rows}), f"Read the first {rows:,} rows")

    def look(self) -> None:
        """Look now whether the file is still what it was."""
        self.watch.look()

    # ---- a test file, a sheet, other ways

    def _add_test(self) -> None:
        spec = self._session.document.project.data
        place = self.ask_test(self._page, spec) if spec is not None else ""
        if place:
            self._set_test(place)

    def _set_test(self, place: str) -> None:
        spec = self._session.document.project.data
        if spec is not None:
            spec = replace(spec, test_path=place, fingerprint="", from_cache=False)
            self._session.apply(edits.change_data(spec), "Add test data" if place else "Remove the test data")

    def _on_sheet(self, name: str) -> None:
        session = self._session
        spec = session.document.project.data
        if spec is None or name == getattr(getattr(session.dataset, "report", None), "sheet", ""):
            return
        if spec.source == "excel":
            self._read(replace(spec, params={**spec.params, "sheet": name}), f"Read sheet {name}")
        else:
            session.jobs.run(
                self,
                "member",
                lambda progress, cancelled: _member(spec, name),
                lambda found: self._read(found, f"Read {name}"),
                self._no_member,
            )

    def _read(self, spec: DataSpec, label: str) -> None:
        spec = replace(spec, fingerprint="", from_cache=False)
        self._session.apply(edits.change_data(spec), label)

    def _no_member(self, error: WorkbenchError) -> None:
        self._session.tell(error, key="open")

    def _look_for_other_ways(self, spec: DataSpec | None) -> None:
        """A table whose cells name pictures beside it may be meant as those pictures."""
        self._card.show_offers(())
        session = self._session
        dataset = session.dataset
        if spec is None or dataset is None or dataset.kind != "table":
            session.jobs.cancel(self, "ways")
            return
        session.jobs.run(self, "ways", lambda progress, cancelled: _other_ways(spec, dataset), self._on_ways)

    def _on_ways(self, ways: tuple[DataSpec, ...]) -> None:
        self._card.show_offers([self._offer(way) for way in ways])

    def _offer(self, way: DataSpec) -> tuple[str, tuple[str, Any]]:
        if way.source == "image_table":
            text = f"The cells of “{way.params.get('path', '')}” name pictures beside this file."
            return text, ("Open as pictures", lambda: self._open(way, "Open as pictures"))
        return "The rows look like series over time.", ("Open as series", lambda: self._open(way, "Open as series"))

    def _open(self, spec: DataSpec, label: str) -> None:
        self._session.apply(edits.open_data(spec), label)


# ---- on pool threads -----------------------------------------------------------------------------------------


def _kept_at(spec: DataSpec) -> str:
    from workbench.core.data.kept import date_text, kept_at

    when = kept_at(spec)
    return date_text(when) if when else ""


def _member(spec: DataSpec, name: str) -> DataSpec:
    from workbench.core.data.sources import guess_source

    return replace(guess_source(spec.path, name), csv=spec.csv, test_path=spec.test_path)


def _other_ways(spec: DataSpec, table: Any) -> tuple[DataSpec, ...]:
    from workbench.core.data.sources import other_ways

    return other_ways(spec, table)
