"""What an encoding is told beyond its name: flags for gaps, the order of values, how many words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from workbench.core import edits
from workbench.core.fields import Field
from workbench.core.project import ColumnFeature
from workbench.ui import theme
from workbench.ui.features.columns_model import ENCODER_HELP, ENCODER_TITLES, encoders_for
from workbench.ui.forms import FieldForm

_FLAG = Field("flag", "bool", "Flag for gaps", False, help="A further number that is 1 where the cell was missing.")
_ORDER = Field(
    "order",
    "text",
    "Order",
    "",
    help="The values from first to last with commas between: small, medium, large. Empty: as found in training rows.",
)
_WORDS = Field("words", "int", "Words kept", 2000, minimum=1, maximum=50_000, help="The commonest ones.")
_BUCKETS = Field("buckets", "int", "Places", 64, minimum=2, maximum=4096, help="More places, fewer values that meet.")
_SEPARATOR = Field("separator", "text", "Between values", "", help="One sign, such as |. Empty: found out by itself.")
_MOST = Field("most", "int", "Values kept", 500, minimum=1, maximum=5000, help="The commonest ones.")

FIELDS: dict[str, tuple[Field, ...]] = {
    **dict.fromkeys(("standard", "minmax", "robust", "log", "none"), (_FLAG,)),
    "ordinal": (_ORDER,),
    "bag": (_WORDS,),
    "tfidf": (_WORDS,),
    "hash": (_BUCKETS,),
    "multihot": (_SEPARATOR, _MOST),
}
"""The settings of each encoder of an input; an encoder that is not here has none."""


def shown(params: Any) -> dict[str, Any]:
    """Parameters as the form shows them."""
    values = dict(params)
    if isinstance(values.get("order"), (list, tuple)):
        values["order"] = ", ".join(str(value) for value in values["order"])
    return values


def told(values: Any) -> dict[str, Any]:
    """What the form holds as the parameters of a ColumnFeature; what is empty is left out."""
    params = {name: value for name, value in values.items() if value not in ("", None, False)}
    if "order" in params:
        params["order"] = [part.strip() for part in str(params["order"]).split(",") if part.strip()]
    return params


def named(names: Sequence[str]) -> str:
    return f"“{names[0]}”" if len(names) == 1 else f"{len(names)} columns"


def set_encoder(session: Any, names: Sequence[str], encoder: str) -> None:
    """Another encoding for those of the columns that it fits, as one step to undo."""
    kinds = {c.name: c.type for c in session.profile.columns}
    now = {c.name: c for c in session.features.columns}
    fitting = [n for n in names if encoder in encoders_for(now[n].role, kinds.get(n, ""))]
    changed = tuple(ColumnFeature(n, now[n].role, encoder) for n in fitting)
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
        encoder = now[names[0]].encoder
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
        self.form.set_several([shown(now[n].params) for n in self._names])
        self.form.edited.connect(self._on_edited)
        column.addWidget(self.form)
        column.addStretch(1)
        row = QHBoxLayout()
        row.addStretch(1)
        close = QPushButton("Close")
        close.setObjectName("encoderSettingsClose")
        close.setAutoDefault(False)  # Return takes what is typed, and nothing else
        close.clicked.connect(self.close)
        row.addWidget(close)
        column.addLayout(row)
        self.resize(420, 220)

    def _on_edited(self, name: str, value: Any) -> None:
        now = {c.name: c for c in self._session.features.columns}
        changed = tuple(
            replace(now[n], params=told(shown(now[n].params) | {name: value})) for n in self._names if n in now
        )
        key = f"encoder-settings:{','.join(self._names)}"
        self._session.apply(edits.set_columns(changed), f"Encoding of {named(self._names)}", key)

    def done(self, result: int) -> None:
        self.form.flush()
        self._session.document.end_merge()
        super().done(result)
