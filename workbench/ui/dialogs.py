"""The questions only a person can answer: which file, which place, are you sure. Passed in, so tests can answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

Anew = tuple[SignalInstance, Callable[[], tuple[str, str, str]]]
"""A signal, and the title, text and action of a question when it comes."""

# Every file that can be opened as data, wherever one is asked for: what a dialog hides, a person takes for impossible.
DATA_FILES = (
    "*.csv *.tsv *.txt *.tab *.xlsx *.xls *.xlsb *.ods *.parquet *.pq *.jsonl *.ndjson *.json *.arff "
    "*.gz *.zip *.bz2 *.xz *.npz *ubyte*"
)
DATA_FILTER = f"Data ({DATA_FILES});;All files (*)"

MODEL_FILTER = "Models (*.keras *.h5 *.hdf5 *.json *.zip saved_model.pb);;All files (*)"


class Dialogs:
    """The system's own dialogs. Every method gives None (or False) when the person backs out."""

    def open_file(self, parent: QWidget, folder: str) -> Path | None:
        """A data file."""
        name, _ = QFileDialog.getOpenFileName(parent, "Open data", folder, DATA_FILTER)
        return Path(name) if name else None

    def open_model(self, parent: QWidget, folder: str) -> Path | None:
        """A model file; for a SavedModel the saved_model.pb in its folder."""
        name, _ = QFileDialog.getOpenFileName(parent, "Open a model", folder, MODEL_FILTER)
        return Path(name) if name else None

    def open_folder(self, parent: QWidget, title: str, folder: str) -> Path | None:
        """A folder of pictures, or of a project."""
        name = QFileDialog.getExistingDirectory(parent, title, folder)
        return Path(name) if name else None

    def save_place(self, parent: QWidget, title: str, suggestion: str) -> Path | None:
        """A new folder to be made."""
        name, _ = QFileDialog.getSaveFileName(
            parent, title, suggestion, "Project folder (*)", options=QFileDialog.Option.DontConfirmOverwrite
        )
        return Path(name) if name else None

    def confirm(self, parent: QWidget, title: str, text: str, action: str, *, anew: Anew | None = None) -> bool:
        """A question before something that cannot be undone; backing out is the default. anew: when what it asks about
        may have changed, and the question by then."""
        box = QMessageBox(QMessageBox.Icon.NoIcon, title, text, QMessageBox.StandardButton.NoButton, parent)
        yes = box.addButton(action, QMessageBox.ButtonRole.AcceptRole)
        no = box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(no)
        box.setEscapeButton(no)
        if anew is None:
            box.exec()
            return box.clickedButton() is yes
        changed, question = anew

        def ask() -> None:
            title, text, action = question()
            box.setWindowTitle(title)
            box.setText(text)
            yes.setText(action)

        changed.connect(ask)
        box.exec()
        changed.disconnect(ask)
        return box.clickedButton() is yes
