"""The columns of the data as rows of a table: role, encoding, what becomes of each. Plain rows in, Qt cells out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from workbench.ui.data.profile_header import TYPE_WORDS

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()

NAME, TYPE, ROLE, ENCODER, BECOMES, WHY = range(6)
HEADS = ("Column", "Holds", "Role", "Encoding", "What becomes of it", "Why")
ROLES = ("input", "target", "ignore")
NUMERIC = ("number", "integer")
ALSO, ONLY = "also", "only"
"""Asked beside the roles: a target more, and a target alone, in place of all others."""
ROLE_TITLES = {"input": "Input", "target": "Target", "ignore": "Ignore", "weight": "Weight"}

ENCODER_TITLES = {
    "standard": "Standard",
    "minmax": "0 to 1",
    "none": "As it is",
    "robust": "Robust",
    "log": "Logarithm",
    "onehot": "One-hot",
    "ordinal": "In order",
    "frequency": "How often",
    "hash": "Hashed",
    "multihot": "Several values",
    "dates": "Date parts",
    "tfidf": "Words, weighed",
    "bag": "Words",
    "tokens": "Word by word",
    "picture": "Picture",
    "class": "Classes",
    "auto": "…",
}
ENCODER_HELP = {
    "standard": "The mean becomes 0 and the deviation 1, as the training rows have them.",
    "minmax": "The smallest training value becomes 0, the largest 1.",
    "none": "The numbers are taken as they are.",
    "onehot": "One number for each value: 1 for the value that is there, 0 for the others.",
    "robust": "The median becomes 0 and the quartiles 1 apart: far outliers pull at nothing.",
    "log": "The logarithm, brought to mean 0 and deviation 1: for money, counts and other numbers over powers of ten.",
    "ordinal": "The place of the value: 0 for the first, 1 for the last. For small, medium, large.",
    "frequency": "How often the value occurs in the training rows, from 0 to 1.",
    "hash": "A 1 in one of 64 places that follows from the value alone: for very many values, new ones among them.",
    "multihot": "Several values in a cell, as in action|comedy: one number for each value.",
    "dates": "Year and day scaled; month, weekday and hour as points on a circle. Only what varies.",
    "tfidf": "One number for each of the 2,000 commonest words, rare ones weighing more.",
    "bag": "One number for each of the 2,000 commonest words: 1 when the text holds it.",
    "tokens": "The number of each word, one after the other: an input of its own, which an Embedding layer reads.",
    "picture": "The cell names a picture file: its pixels are an input of their own, which convolutions read.",
    "class": "Each value is a class to choose between.",
}


TUNABLE = frozenset(
    (
        *("standard", "minmax", "robust", "log", "none", "onehot", "ordinal"),
        *("bag", "tfidf", "tokens", "hash", "multihot", "picture"),
    )
)
"""Encoders with settings of their own; see encoder_settings.FIELDS."""


def encoders_for(role: str, kind: str) -> tuple[str, ...]:
    """Encoders that fit a role and a column type, the most usual first. A column that is left out has none."""
    numeric = kind in NUMERIC
    if role in ("ignore", "weight"):
        return ()
    if role == "target":
        return ("class", "standard", "none") if numeric else ("class",)
    if numeric:
        return ("standard", "minmax", "robust", "log", "none", "onehot", "ordinal")
    if kind == "date":
        return ("dates", "onehot")
    if kind == "text":
        return ("tfidf", "bag", "tokens", "onehot", "frequency", "hash", "multihot", "picture")
    several = ("onehot", "ordinal", "frequency", "hash", "multihot", "tokens", "picture")
    return several if kind == "category" else ("onehot",)


@dataclass(frozen=True)
class Row:
    """One column as it is shown. becomes: "22 → -0.53"; why: the reason for the proposal, or what is wrong."""

    name: str
    kind: str
    role: str
    encoder: str
    why: str = ""
    mine: bool = False
    input: str = ""


class ColumnsModel(QAbstractTableModel):
    """Rows narrowed by a search. `becomes` is filled in later, when the preprocessor is known."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._all: tuple[Row, ...] = ()
        self._shown: list[int] = []
        self._becomes: Mapping[str, str] = {}
        self._search = ""

    def set_rows(self, rows: Sequence[Row]) -> None:
        """The same columns in the same order are updated in place, so that selection and scroll stay."""
        same = [r.name for r in rows] == [r.name for r in self._all]
        if same:
            self._all = tuple(rows)
            if self._shown:
                self.dataChanged.emit(self.index(0, 0), self.index(len(self._shown) - 1, len(HEADS) - 1))
            return
        self.beginResetModel()
        self._all = tuple(rows)
        self._filter()
        self.endResetModel()

    def set_becomes(self, becomes: Mapping[str, str]) -> None:
        self._becomes = becomes
        if self._shown:
            self.dataChanged.emit(self.index(0, BECOMES), self.index(len(self._shown) - 1, BECOMES))

    def search(self, text: str) -> None:
        """Show only columns whose name holds all these words."""
        self.beginResetModel()
        self._search = text.casefold()
        self._filter()
        self.endResetModel()

    def _filter(self) -> None:
        words = self._search.split()
        self._shown = [i for i, r in enumerate(self._all) if all(w in r.name.casefold() for w in words)]

    @property
    def rows(self) -> tuple[Row, ...]:
        """All columns, whether shown or not."""
        return self._all

    def row(self, place: int) -> Row:
        """The column shown in that line."""
        return self._all[self._shown[place]]

    def place_of(self, name: str) -> int:
        """In which line a column is shown, -1 when it is not."""
        return next((place for place, i in enumerate(self._shown) if self._all[i].name == name), -1)

    # ---- what Qt asks

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(HEADS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = self.row(index.row()), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            if column == ENCODER:
                left = {"ignore": "Left out", "weight": "What each row counts in the loss"}
                return left.get(row.role) or ENCODER_HELP.get(row.encoder, "")
            return self._text(row, column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{HEADS[column]}: {self._text(row, column)}"
        return None

    def _text(self, row: Row, column: int) -> str:
        if column == NAME:
            return row.name
        if column == TYPE:
            return TYPE_WORDS.get(row.kind, row.kind)
        if column == ROLE:
            return ROLE_TITLES[row.role]
        if column == ENCODER:
            return "" if row.role in ("ignore", "weight") else ENCODER_TITLES.get(row.encoder, row.encoder)
        if column == BECOMES:
            if row.role == "weight":
                return "as it is"
            return "" if row.role == "ignore" else self._becomes.get(row.name, "…")
        return row.why

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return HEADS[section]
        return None
