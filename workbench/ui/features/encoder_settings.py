"""What an encoding is told beyond its name: flags for gaps, the order of values, how many words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from workbench.core import edits
from workbench.core.data.fitted import BEYOND, CATEGORY_FILLS, CLIPS, FILLS, FittedColumn
from workbench.core.fields import Field
from workbench.core.project import ColumnFeature
from workbench.ui import theme
from workbench.ui.features.columns_model import ENCODER_HELP, ENCODER_TITLES, encoders_for
from workbench.ui.forms import FieldForm

_FLAG = Field("flag", "bool", "Flag for gaps", False, help="A further number that is 1 where the cell was missing.")
_GAPS = Field(
    "fill",
    "choice",
    "Gaps become",
    "median",
    choices=FILLS,
    help="Of the training rows alone. Constant: the number below; mode: the commonest number.",
)
_CONSTANT = Field("value", "float", "Constant", None, optional=True, help="What gaps count as.")
_CLIP = Field(
    "clip",
    "choice",
    "Limits by",
    "none",
    choices=CLIPS,
    help="Numbers beyond the limits, which the training rows set, are too far out to be learned from.",
)
_LOWEST = Field("lowest", "float", "From percentile", 1.0, minimum=0, maximum=100, unit="%")
_HIGHEST = Field("highest", "float", "To percentile", 99.0, minimum=0, maximum=100, unit="%")
_FACTOR = Field(
    "factor", "float", "Reach", 1.5, minimum=0, maximum=1e6, help="So many times the middle half beyond the quartiles."
)
_BEYOND = Field("beyond", "choice", "Beyond", "limit", choices=BEYOND, help="Put onto the limit, or taken for a gap.")
_OWN = Field(
    "fill",
    "choice",
    "Gaps become",
    "category",
    choices=CATEGORY_FILLS,
    help="A category of their own, the commonest value of the training rows (mode), or the one below (constant).",
)
_VALUE = Field("value", "text", "Constant", "", help="The category that gaps count as.")
_ORDER = Field(
    "order",
    "text",
    "Order",
    "",
    help="The values from first to last with commas between: small, medium, large. Empty: as found in training rows.",
)
_WORDS = Field("words", "int", "Words kept", 2000, minimum=1, maximum=50_000, help="The commonest ones.")
_VOCABULARY = Field(
    "words",
    "int",
    "Vocabulary",
    None,
    minimum=1,
    maximum=50_000,
    optional=True,
    help="So many of the commonest words have a number of their own, the others share one. Not set: those that occur "
    "at least twice in the training rows, 10,000 at most.",
)
_LENGTH = Field(
    "length",
    "int",
    "Words read",
    None,
    minimum=1,
    maximum=2_000,
    optional=True,
    help="Longer texts are cut off behind so many words, shorter ones are filled up. Not set: as many as 95 % of the "
    "training texts have, 512 at most.",
)
_BUCKETS = Field("buckets", "int", "Places", 64, minimum=2, maximum=4096, help="More places, fewer values that meet.")
_SEPARATOR = Field("separator", "text", "Between values", "", help="One sign, such as |. Empty: found out by itself.")
_MOST = Field("most", "int", "Values kept", 500, minimum=1, maximum=5000, help="The commonest ones.")

_FOLDER = Field(
    "folder",
    "text",
    "Folder of the files",
    "",
    help="Where the names count from, within the table's folder or as a whole path. Empty: found out by itself.",
)
_ENDING = Field("ending", "text", "Names lack", "", help="Such as .jpg. Empty: found out by itself.")

FIELDS: dict[str, tuple[Field, ...]] = {
    **dict.fromkeys(
        ("standard", "minmax", "robust", "log", "none"),
        (_GAPS, _CONSTANT, _FLAG, _CLIP, _LOWEST, _HIGHEST, _FACTOR, _BEYOND),
    ),
    "onehot": (_OWN, _VALUE),
    "ordinal": (_ORDER,),
    "bag": (_WORDS,),
    "tfidf": (_WORDS,),
    "tokens": (_VOCABULARY, _LENGTH),
    "hash": (_BUCKETS,),
    "multihot": (_SEPARATOR, _MOST),
    "picture": (_FOLDER, _ENDING),  # the rest is shown as for a folder of pictures, see picture_dialog
}
"""The settings of each encoder of an input; an encoder that is not here has none."""

_ONLY = {
    "value": ("fill", "constant"),
    "lowest": ("clip", "percentiles"),
    "highest": ("clip", "percentiles"),
    "factor": ("clip", "quartiles"),
}


def shown(params: Any) -> dict[str, Any]:
    """Parameters as the form shows them."""
    values = dict(params)
    if isinstance(values.get("order"), (list, tuple)):
        values["order"] = ", ".join(str(value) for value in values["order"])
    return values


def told(values: Mapping[str, Any], encoder: str) -> dict[str, Any]:
    """What the form holds as the parameters of a ColumnFeature; what is empty or usual is left out."""
    usual = {field.name: field.default for field in FIELDS.get(encoder, ())}
    params = {
        name: value
        for name, value in values.items()
        if value is not None and value is not False and value != "" and value != usual.get(name)
    }
    if "order" in params:
        params["order"] = [part.strip() for part in str(params["order"]).split(",") if part.strip()]
    return params


def kept(params: Mapping[str, Any], encoder: str) -> dict[str, Any]:
    """Those of the parameters that mean the same to another encoder."""
    known = {field.name: field for field in FIELDS.get(encoder, ())}
    return {
        name: value
        for name, value in params.items()
        if name in known and (known[name].kind != "choice" or value in known[name].choices)
    }


def found_words(column: FittedColumn) -> str:
    """What reading a text word by word came to, in words."""
    cut = f"{100 * column.cut:.1f} % of the training texts are longer" if column.cut else "no training text is longer"
    return (
        f"“{column.name}”: {len(column.categories):,} of {column.different:,} different words have a number; "
        f"{column.length:,} words of a text are read, {cut}."
    )


def named(names: Sequence[str]) -> str:
    return f"“{names[0]}”" if len(names) == 1 else f"{len(names):,} columns"


def set_encoder(session: Any, names: Sequence[str], encoder: str) -> None:
    """Another encoding for those of the columns that it fits, as one step to undo."""
    kinds = {c.name: c.type for c in session.profile.columns}
    now = {c.name: c for c in session.features.columns}
    fitting = [n for n in names if encoder in encoders_for(now[n].role, kinds.get(n, ""))]
    changed = tuple(replace(now[n], encoder=encoder, params=kept(now[n].params, encoder)) for n in fitting)
    if changed:
        session.apply(edits.set_columns(changed), f"Encode {named(fitting)}: {ENCODER_TITLES[encoder]}")


class EncoderSettings(QDialog):
    """The settings of one encoder for these columns; each change is taken at once, all of them are one undo step."""

    def __init__(self, session: Any, names: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("encoderSettings")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._session = session
        now = {c.name: c for c in session.features.columns}
        self._encoder = encoder = now[names[0]].encoder
        self._names = [n for n in names if n in now and now[n].encoder == encoder and now[n].role == "input"]
        self.setWindowTitle(f"{ENCODER_TITLES[encoder]}: {named(self._names)}")
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(theme.SPACE + 4)
        text = QLabel(ENCODER_HELP[encoder])
        text.setWordWrap(True)
        text.setProperty("role", "muted")
        column.addWidget(text)
        self.form = FieldForm(FIELDS[encoder], self)
        self.found = QLabel()
        self.found.setObjectName("encoderFound")
        self.found.setWordWrap(True)
        self.found.setProperty("role", "caption")
        self._show([now[n] for n in self._names])
        self.form.edited.connect(self._on_edited)
        column.addWidget(self.form)
        column.addWidget(self.found)
        session.facts_changed.connect(self._say_found)
        column.addStretch(1)
        row = QHBoxLayout()
        row.addStretch(1)
        close = QPushButton("Close")
        close.setObjectName("encoderSettingsClose")
        close.setAutoDefault(False)  # Return takes what is typed, and nothing else
        close.clicked.connect(self.close)
        row.addWidget(close)
        column.addLayout(row)
        self.resize(460, max(220, self.sizeHint().height()))

    def _show(self, columns: Sequence[ColumnFeature]) -> None:
        """What a choice makes meaningless is disabled."""
        values = [shown(c.params) for c in columns]
        self.form.set_several(values)
        for name, (by, wanted) in _ONLY.items():
            if name in self.form.rows:
                self.form.rows[name].setEnabled(any(v.get(by) == wanted for v in values))
        if "beyond" in self.form.rows:
            self.form.rows["beyond"].setEnabled(any(v.get("clip", "none") != "none" for v in values))
        self._say_found()

    def _say_found(self) -> None:
        """What the training rows gave, where the settings leave it to them."""
        fitted = self._session.preprocessor
        columns = [c for c in fitted.columns if c.name in self._names] if fitted is not None else []
        texts = [c for c in columns if c.encoder == "tokens"]
        self.found.setText("\n".join(found_words(c) for c in texts))
        self.found.setVisible(bool(texts))
        if len(texts) != 1:
            return
        mine = {c.name: c.params for c in self._session.document.project.features.columns}.get(texts[0].name, {})
        for name, number in (("words", len(texts[0].categories)), ("length", texts[0].length)):
            if name not in mine:
                self.form.rows[name].editor.line.setPlaceholderText(f"{number:,}, by the training rows")

    def _on_edited(self, name: str, value: Any) -> None:
        now = {c.name: c for c in self._session.features.columns}
        now |= {c.name: c for c in self._session.document.project.features.columns}  # newer than what jobs made of it
        changed = tuple(
            replace(now[n], params=told(shown(now[n].params) | {name: value}, self._encoder))
            for n in self._names
            if n in now
        )
        if not changed:
            return
        key = f"encoder-settings:{','.join(self._names)}"
        self._session.apply(edits.set_columns(changed), f"Encoding of {named(self._names)}", key)
        self._show(changed)

    def done(self, result: int) -> None:
        self.form.flush()
        self._session.document.end_merge()
        super().done(result)
