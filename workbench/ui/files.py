"""What a person does with files from the window's menus: open, save, copy, rename, look into a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QInputDialog, QLineEdit

from workbench.core import edits

from .projects import logs

if TYPE_CHECKING:
    from .window import MainWindow


class Files:
    """Asks for paths through the window's dialogs and hands them to its session."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._session = window.session

    def open_data(self) -> None:
        self._open(self._window.dialogs.open_file(self._window, self._last_folder()))

    def open_pictures(self) -> None:
        self._open(self._window.dialogs.open_folder(self._window, "Open a folder of pictures", self._last_folder()))

    def _open(self, path: Path | None) -> None:
        if path is not None:
            self._remember(path)
            self._session.open_path(path)

    def open_project(self) -> None:
        path = self._window.dialogs.open_folder(self._window, "Open a project folder", self._last_folder())
        if path is not None:
            self._remember(path)
            self._session.open_project(path)

    def open_model(self) -> None:
        path = self._window.dialogs.open_model(self._window, self._last_folder())
        if path is not None:
            self._remember(path)
            self._session.opener.open(path.parent if path.name == "saved_model.pb" else path)

    def open_dropped(self, paths: list[Path]) -> None:
        """Open the first; where there were several, say so."""
        if len(paths) > 1:
            self._session.tell(
                f"{len(paths):,} files were dropped; {paths[0].name} is opened. To open pictures, drop their folder."
            )
        self._session.open_path(paths[0])

    def paste_table(self) -> None:
        self._session.paste(QGuiApplication.clipboard().text())

    def save(self) -> None:
        """Save; a draft asks for its place first."""
        if self._session.folder.draft or self._session.read_only:
            self.save_as()
        else:
            self._session.document.end_merge()
            self._session.projects.save_soon()

    def save_as(self) -> None:
        name = self._session.project.name.replace("/", "-")
        draft = self._session.folder.draft
        folder = self._last_folder() if draft else str(self._session.folder.path.parent)
        suggestion = str(Path(folder) / (name if draft else f"{name} copy"))
        title = "Save the project" if draft else "Save a copy"
        path = self._window.dialogs.save_place(self._window, title, suggestion)
        if path is not None:
            self._remember(path)
            self._session.save_as(path)

    def show_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._session.folder.path)))

    def show_logs(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(logs())))

    def rename_project(self) -> None:
        old = self._session.project.name
        name, ok = QInputDialog.getText(self._window, "Rename the project", "Name", QLineEdit.EchoMode.Normal, old)
        if ok and name.strip():
            self._session.apply(edits.rename_project(name), "Rename the project")

    def _last_folder(self) -> str:
        return self._session.settings.last_folder or str(Path.home())

    def _remember(self, path: Path) -> None:
        self._session.projects.change_settings(last_folder=str(path.parent))
