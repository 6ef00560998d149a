"""A column of picture files: their size, where they lie, how training varies them, with some of them to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from workbench.core import edits
from workbench.core.data.dataset import folders_of
from workbench.core.data.fitted import PICTURE, FittedColumn
from workbench.core.errors import WorkbenchError
from workbench.core.project import ColumnFeature, ImageFeature
from workbench.ui.features.augment_panel import AugmentPanel
from workbench.ui.features.augment_preview import AugmentPreview
from workbench.ui.features.choices import set_augmentation
from workbench.ui.features.encoder_settings import FIELDS, named
from workbench.ui.features.image_settings import ImageSettings
from workbench.ui.forms import FieldForm
from workbench.ui.widgets.notice import InlineNotice

if TYPE_CHECKING:
    from workbench.core.data.recipe import Cleaned

SHOWN = 3
VARIED = 12
_TRIED = 60  # rows looked at for these: some have no picture


@dataclass(frozen=True, eq=False)
class Samples:
    """pictures: (the cell, as it is, as the network sees it). varied: some as the network sees them."""

    pictures: tuple[tuple[str, np.ndarray, np.ndarray], ...] = ()
    varied: tuple[np.ndarray, ...] = ()


def samples_of(cleaned: Cleaned, column: FittedColumn) -> Samples:
    """Pictures from all over the table. On a pool thread."""
    from workbench.core.data.picture_column import different, file_of, picture
    from workbench.core.data.pictures import read_picture

    assert column.image is not None
    named = different(cleaned.frame[column.name], folders_of(cleaned))
    files = [(cell, path) for cell, folder in named if (path := file_of(column, cell, folder))]
    pictures: list[tuple[str, np.ndarray, np.ndarray]] = []
    varied: list[np.ndarray] = []
    for cell, path in files[:: max(1, len(files) // VARIED)][:_TRIED]:
        try:
            made = picture(path, column.image)
            if len(pictures) < SHOWN:
                pictures.append((str(cell), read_picture(path, longest=192), made))
        except WorkbenchError:  # which rows have none is said when they are prepared
            continue
        varied.append(made)
        if len(varied) == VARIED:
            break
    return Samples(tuple(pictures), tuple(varied))


class PictureDialog(QDialog):
    """The settings of these columns, the first of which is shown; each change is taken at once and can be undone."""

    def __init__(self, session: Any, names: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pictureSettings")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._session = session
        now = {c.name: c for c in session.features.columns}
        self._names = [n for n in names if n in now and now[n].encoder == PICTURE and now[n].role == "input"]
        self.setWindowTitle(f"Pictures: {named(self._names)}")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 12)
        self.problem = InlineNotice()
        column.addWidget(self.problem)
        self.image = ImageSettings()
        column.addWidget(self.image, 1)
        self.form = FieldForm(FIELDS[PICTURE], self)
        self.found = QLabel()
        self.found.setObjectName("pictureFound")
        self.found.setWordWrap(True)
        self.found.setProperty("role", "caption")
        self.augment = AugmentPanel()
        self._preview = AugmentPreview(session, self.augment)
        for part in (self.form, self.found, self.augment):
            self.image.add(part)
        row = QHBoxLayout()
        row.setContentsMargins(16, 0, 16, 0)
        row.addStretch(1)
        close = QPushButton("Close")
        close.setObjectName("pictureSettingsClose")
        close.clicked.connect(self.close)
        row.addWidget(close)
        column.addLayout(row)
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)  # Return takes what is typed, and nothing else
        self.image.changed.connect(lambda image, what: self._set(what, getattr(image, what)))
        self.form.edited.connect(self._set)
        self.augment.changed.connect(self._on_augment)
        self.augment.settled.connect(session.document.end_merge)
        session.facts_changed.connect(self._show)
        self.resize(840, 720)
        self._show()

    @property
    def _fitted(self) -> FittedColumn | None:
        preprocessor = self._session.preprocessor
        columns = preprocessor.pictures if preprocessor is not None else ()
        return next((c for c in columns if c.name == self._names[0]), None)

    def _columns(self) -> list[ColumnFeature]:
        """As the person has them, which is newer than what jobs made of it."""
        now = {c.name: c for c in self._session.features.columns}
        now |= {c.name: c for c in self._session.document.project.features.columns}
        return [now[n] for n in self._names if n in now]

    def _show(self) -> None:
        session, fitted, columns = self._session, self._fitted, self._columns()
        if not columns or session.dataset is None:
            return
        error = session.features_error
        if error is None:
            self.problem.clear()
        else:
            self.problem.show_error(error)
        mine = {k: v for k, v in columns[0].params.items() if k in ("height", "width", "channels", "resize", "scale")}
        image = fitted.image if fitted is not None and fitted.image is not None else replace(ImageFeature(), **mine)
        self.image.show_image(image)
        self.form.set_several([c.params for c in columns])
        lies = f" The files lie in “{fitted.below}”." if fitted is not None and fitted.below else ""
        lacks = f" Their names lack “{fitted.ending}”." if fitted is not None and fitted.ending else ""
        self.found.setText(f"{lies}{lacks}".strip())
        self.found.setVisible(bool(lies or lacks))
        augment = session.document.project.features.augment
        classes = session.facts.target.classes if session.facts is not None and session.facts.target else ()
        self.augment.show_augment(augment, classes, image)
        self._preview.show_augment(augment)
        if fitted is not None and session.cleaned is not None:
            cleaned = session.cleaned
            session.jobs.run(
                self, "pictures", lambda _progress, _cancelled: samples_of(cleaned, fitted), self._on_samples
            )

    def _on_samples(self, samples: Samples) -> None:
        self.image.preview.show_pictures(samples.pictures)
        self._preview.show_pictures(samples.varied)

    def _set(self, name: str, value: Any) -> None:
        usual = {"resize": "fill", "scale": "/255"}
        changed = []
        for column in self._columns():
            params = {k: v for k, v in column.params.items() if k != name}
            if value not in (None, "", usual.get(name)):
                params[name] = value
            changed.append(replace(column, params=params))
        self._session.apply(edits.set_columns(tuple(changed)), f"Pictures of {named(self._names)}: {name}")

    def _on_augment(self, augment: Any, what: str) -> None:
        set_augmentation(self._session, augment, what)
        self._show()

    def done(self, result: int) -> None:
        self.form.flush()
        self._session.document.end_merge()
        super().done(result)
