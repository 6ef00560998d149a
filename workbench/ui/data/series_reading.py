"""How series are read: what tells time, class and group, the rate, the names of channels; shown for correction."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QComboBox, QFrame, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout

from workbench.core import edits
from workbench.core.project import DataSpec
from workbench.ui import theme
from workbench.ui.editors import Combo
from workbench.ui.widgets.number import NumberEdit

NONE = "-"
KINDS = ("series", "time", "class", "group")
PLACES = {"time": (0, 0, 1), "series": (0, 2, 1), "class": (1, 0, 3), "group": (2, 0, 3)}  # row, column, cells wide
TITLES = {"series": "Series", "time": "Time", "class": "Class", "group": "Belongs together"}
TIPS = {
    "series": "The column that names the series each row belongs to.",
    "time": "The column that tells when each step was. Without one, steps follow each other evenly.",
    "class": "What the whole series is: the folder it lies in, or something that is the same all through it.",
    "group": "What series have in common that must not be in two parts of the split: the person, the machine.",
}
EMPTY = {"series": "none: one series", "time": "none: even steps", "class": "none", "group": "nothing known"}


class SeriesReading(QFrame):
    """Above the data; writes the options into the project as one undoable edit. UI thread."""

    def __init__(self, session: Any, parent: Any = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "surface")
        self.setObjectName("seriesReading")
        self._session = session
        self._spec: DataSpec | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(theme.SPACE)
        top = QHBoxLayout()
        title = QLabel("How the series are read")
        title.setProperty("role", "strong")
        self.as_table = self._button("seriesAsTable", "Open as a table", "link")
        self.as_table.setToolTip("Read the rows as a plain table again")
        close = self._button("seriesReadCancel", "Cancel", "")
        self.apply = self._button("seriesReadApply", "Read again", "primary")
        top.addWidget(title)
        top.addWidget(self.as_table)
        top.addStretch(1)
        top.addWidget(close)
        top.addWidget(self.apply)
        column.addLayout(top)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        self.boxes: dict[str, QComboBox] = {}
        self._labels: dict[str, QLabel] = {}
        for kind, (row, at, span) in PLACES.items():
            box = Combo()
            box.setObjectName(f"series-{kind}")
            box.setAccessibleName(TITLES[kind])
            box.setToolTip(TIPS[kind])
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(14)
            self.boxes[kind] = box
            self._labels[kind] = self._place(grid, row, at, TITLES[kind], box, span)
        self.rate = NumberEdit(minimum=0, maximum=1e9)
        self.rate.setObjectName("seriesRate")
        self.rate.setAccessibleName("Steps a second")
        self.rate.setToolTip("For series without a time: so many steps a second. 0: not known.")
        self._place(grid, 3, 0, "Steps a second", self.rate)
        self.names = QLineEdit()
        self.names.setObjectName("seriesNames")
        self.names.setAccessibleName("Names of the channels")
        self.names.setPlaceholderText("x, y, z")
        self._names_label = self._place(grid, 3, 2, "Channels", self.names)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        column.addLayout(grid)
        close.clicked.connect(self.hide)
        self.apply.clicked.connect(self._apply)
        self.as_table.clicked.connect(self._to_table)
        self.hide()

    def _button(self, name: str, title: str, role: str) -> QPushButton:
        button = QPushButton(title)
        button.setObjectName(name)
        if role:
            button.setProperty("role", role)
        return button

    def _place(self, grid: QGridLayout, row: int, column: int, title: str, widget: Any, span: int = 1) -> QLabel:
        label = QLabel(title)
        label.setBuddy(widget)
        grid.addWidget(label, row, column)
        grid.addWidget(widget, row, column + 1, 1, span)
        return label

    def open_for(self, spec: DataSpec, data: Any) -> None:
        """Show how `spec` is read. data: what was read of it (None: it cannot be read so)."""
        self._spec = spec
        table = spec.source == "series_table"
        found = dict(data.options) if data is not None and data.kind == "sequences" else dict(spec.params)
        columns = list(data.columns) if data is not None and data.kind == "sequences" else []
        self.as_table.setVisible(table)
        offered: dict[str, list[tuple[str, str]]] = {"series": [], "time": [], "class": [], "group": []}
        if table:
            for kind in KINDS:
                offered[kind] = [(name, name) for name in columns]
        else:
            tells = list(data.candidates) if columns else []
            offered["time"] = [(name, name) for name in columns]
            offered["class"] = [("folder", "The folder it lies in"), *tells]
            offered["group"] = tells
        for kind, box in self.boxes.items():
            self._fill(box, kind, offered[kind], str(found.get(kind) or ""))
            shown = kind != "series" or table
            box.setVisible(shown)
            self._labels[kind].setVisible(shown)
        self.rate.set_value(float(found.get("rate") or 0.0))
        headless = not table and not found.get("header", True)
        self.names.setVisible(headless)
        self._names_label.setVisible(headless)
        self.names.setText(", ".join(str(name) for name in found.get("names") or ()) if headless else "")
        self.names.setCursorPosition(0)
        self.show()
        first = self.boxes["series" if table else "time"]
        first.setFocus()

    def _fill(self, box: QComboBox, kind: str, offered: list[tuple[str, str]], now: str) -> None:
        box.clear()
        box.addItem("Find out", "")
        box.addItem(EMPTY[kind][:1].upper() + EMPTY[kind][1:], NONE)
        seen = {"", NONE}
        for value, title in offered:
            if value not in seen:
                seen.add(value)
                box.addItem(title, value)
        if now and now not in seen:
            box.addItem(now, now)
        box.setCurrentIndex(max(0, box.findData(now)))

    def spec(self) -> DataSpec:
        """The source with the options as they are shown."""
        assert self._spec is not None
        params = {k: v for k, v in self._spec.params.items() if k not in (*KINDS, "rate", "names")}
        for kind, box in self.boxes.items():
            if not box.isHidden() and box.currentData():
                params[kind] = box.currentData()
        rate = float(self.rate.value() or 0.0)
        if rate > 0:
            params["rate"] = rate
        names = [name.strip() for name in self.names.text().split(",")]
        if not self.names.isHidden() and any(names):
            params["names"] = names
        return replace(self._spec, params=params, fingerprint="")

    def _apply(self) -> None:
        self.hide()
        self._session.apply(edits.change_data(self.spec()), "Change reading options")

    def _to_table(self) -> None:
        assert self._spec is not None
        self.hide()
        params = {k: v for k, v in self._spec.params.items() if k not in (*KINDS, "rate", "names")}
        source = str(params.pop("table", "") or "csv")
        spec = replace(self._spec, source=source, params=params, fingerprint="")
        self._session.apply(edits.open_data(spec), "Open as a table")
