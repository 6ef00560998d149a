"""How rows are parted, by which column, and what is done for rare classes: choices above and below the split's bar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QWidget

from workbench.core.project import Split
from workbench.ui.widgets.drop_down import DropDown

METHODS = (
    ("random", "At random", "Rows are shuffled and dealt out."),
    ("group", "Groups together", "All rows of a patient, a machine, a user are in one part."),
    ("time", "By time", "The latest rows are the test part: as it will be when the model is used."),
    ("column", "As a column says", 'A column names the part of each row: "train", "validation", "test".'),
)
SERIES_METHODS = (
    ("random", "Whole series at random", "No series is in two parts."),
    ("group", "Whole groups", "All series of a person, a machine are in one part."),
    ("time", "By time", "The latest steps of each series are the test part: as it will be when the model is used."),
)
BALANCES = (
    ("none", "Classes as they are", "Every row counts the same."),
    ("weights", "Rare classes weigh more", "Each class counts the same in the loss, however few rows it has."),
    ("oversample", "Rare rows are repeated", "Training rows of rare classes are shown more often."),
)


def columns_for(profile: Any) -> dict[str, tuple[str, ...]]:
    """For each method, the columns it can go by, the likeliest first. profile: TableProfile, or None."""
    from workbench.core.data.inputs import named_id

    if profile is None or not hasattr(profile, "columns"):
        return {}
    columns = [c for c in profile.columns if c.type != "empty" and c.distinct > 1]
    groups = [c for c in columns if 3 <= c.distinct <= profile.rows / 2 and c.type != "date"]
    times = [c for c in columns if c.type in ("date", "integer", "number") and c.distinct > 10]
    parts = [c for c in columns if c.distinct <= 6 and c.type in ("category", "boolean", "text", "integer")]
    words = ("split", "part", "set", "fold", "subset", "is test", "is_test", "is train", "is_train")
    clock = ("date", "time", "when", "year", "day", "timestamp")
    groups.sort(key=lambda c: (not named_id(c.name), c.type == "number"))
    times.sort(key=lambda c: (c.type != "date", not any(w in c.name.lower() for w in clock)))
    parts.sort(key=lambda c: (not any(w in c.name.lower() for w in words), c.type == "integer"))
    made = {"group": groups, "time": times, "column": parts}
    return {method: tuple(c.name for c in found) for method, found in made.items()}


class MethodChoice(QWidget):
    """Method and column. changed(Split)."""

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._split = Split()
        self._columns: Mapping[str, Sequence[str]] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        self.method = DropDown()
        self.method.setObjectName("splitMethod")
        self.method.setAccessibleName("How the rows are parted")
        self.column = DropDown()
        self.column.setObjectName("splitColumn")
        self.column.setAccessibleName("Column the split goes by")
        for box in (self.method, self.column):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(8)
        self._by = QLabel("by")
        self._by.setProperty("role", "muted")
        grid.addWidget(self.method, 0, 0, 1, 2)
        grid.addWidget(self._by, 1, 0)
        grid.addWidget(self.column, 1, 1)
        grid.setColumnStretch(1, 1)
        self.method.activated.connect(self._on_method)
        self.column.activated.connect(lambda _: self._tell(column=self.column.currentText()))

    def show_choice(
        self, split: Split, columns: Mapping[str, Sequence[str]], methods: Sequence[tuple[str, str, str]] = METHODS
    ) -> None:
        """columns: for each method those it can go by; a method without one is not offered. One that goes by something
        else than a column has "" for it."""
        self._split, self._columns = split, columns
        offered = [m for m in methods if m[0] == "random" or columns.get(m[0]) or m[0] == split.method]
        self.method.clear()
        for method, title, tip in offered:
            self.method.addItem(title, method)
            self.method.setItemData(self.method.count() - 1, tip, 3)
        self.method.setCurrentIndex(max(0, self.method.findData(split.method)))
        self.method.setToolTip(str(self.method.currentData(3)))
        names = list(columns.get(split.method, ()))
        if split.column and split.column not in names:
            names.insert(0, split.column)
        self.column.clear()
        self.column.addItems(names)
        self.column.setCurrentText(split.column)
        by_column = split.method != "random" and any(names)
        self.column.setVisible(by_column)
        self._by.setVisible(by_column)
        self.setVisible(len(offered) > 1)

    def _on_method(self, _: int) -> None:
        method = str(self.method.currentData())
        column = next(iter(self._columns.get(method, ())), "")
        self._tell(method=method, column=column)

    def _tell(self, **changes: str) -> None:
        split = replace(self._split, **changes)
        if split != self._split:
            self._split = split
            self.changed.emit(split)


class BalanceChoice(DropDown):
    """What is done for rare classes. asked(balance)."""

    asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("classBalance")
        self.setAccessibleName("What is done for rare classes")
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        for i, (balance, title, tip) in enumerate(BALANCES):
            self.addItem(title, balance)
            self.setItemData(i, tip, 3)
        self.activated.connect(lambda _: self.asked.emit(str(self.currentData())))

    def show_balance(self, balance: str, classes: bool) -> None:
        """classes: whether there are classes to balance."""
        self.setCurrentIndex(max(0, self.findData(balance)))
        self.setToolTip(str(self.currentData(3)))
        self.setVisible(classes)
