"""The Summary and Code tabs kept current, and their lines in step with what is selected on the canvas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer

from workbench.core.errors import WorkbenchError
from workbench.core.script import Script
from workbench.core.sharing import places
from workbench.ui.model.side import CODE, SUMMARY, SidePanel

CODE_MS = 60


class TabFollower(QObject):
    """For a ModelPage. `chosen()` gives the ids of the selected layers; `select(ids)` is called when the person chooses
    a line or a row."""

    def __init__(
        self, session: Any, side: SidePanel, chosen: Callable[[], list[str]], select: Any, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._side, self._chosen = session, side, chosen
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(CODE_MS)
        self._soon.timeout.connect(self._write_code)
        side.tabs.currentChanged.connect(self._tab_changed)
        side.code.node_wanted.connect(lambda ident: select([ident]))
        side.summary.node_wanted.connect(lambda ident: select(self._places(ident)))

    def _places(self, ident: str) -> list[str]:
        """All blocks of the layer of a row."""
        return [n.id for n in places(self._session.document.project.graph, ident)]

    def code_changed(self) -> None:
        """The script is written anew in a moment."""
        self._soon.start()

    def _tab_changed(self, tab: int) -> None:
        if tab == SUMMARY:
            self._side.summary.show_graph(self._session.document.project.graph, self._session.graph_facts)
        elif tab == CODE:
            self._write_code()
        self.mark()

    def mark(self) -> None:
        """Show in the tab what is selected on the canvas."""
        chosen = self._chosen()
        tab = self._side.tabs.currentIndex()
        if tab == CODE:
            self._side.code.mark(chosen)
        elif tab == SUMMARY:
            self._side.summary.mark(chosen)

    def _write_code(self) -> None:
        if self._side.tabs.currentIndex() != CODE:
            return
        project, facts = self._session.document.project, self._session.facts

        def write(_progress: object, _cancelled: object) -> Script:
            from workbench.core.script import written_script

            return written_script(project, facts)

        def refused(error: WorkbenchError) -> None:
            self._side.code.show_script(Script(f"# {error.what}\n# {error.remedy}".rstrip("# \n") + "\n"))

        self._session.jobs.run(self, "script", write, self._side.code.show_script, refused)
