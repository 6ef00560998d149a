"""The middle of the Data page for series: the chosen one large, and the list of all below, filtered and sorted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLineEdit, QSplitter, QVBoxLayout, QWidget

from workbench.core.one_line import one_line
from workbench.core.wording import plural
from workbench.ui.data import figures
from workbench.ui.data.series_list import PARTS, SeriesList
from workbench.ui.data.series_plot import SeriesPlot
from workbench.ui.editors import Combo
from workbench.ui.widgets.elide import ElidedLabel

EPOCH = 1e7  # times beyond it count from 1970, not from the beginning of a recording
ORDERS = (("given", "As given"), ("short", "Shortest first"), ("long", "Longest first"))


class SeriesPane(QWidget):
    """chosen(number). The page tells how windows are cut (`set_windows`)."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._data: Any = None
        self._windows: Callable[[int], Any] | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        above = QWidget()
        upper = QVBoxLayout(above)
        upper.setContentsMargins(12, 10, 12, 4)
        upper.setSpacing(2)
        self.title = ElidedLabel()
        self.title.setProperty("role", "strong")
        self.title.setObjectName("seriesTitle")
        self.about = ElidedLabel()
        self.about.setProperty("role", "caption")
        self.about.setObjectName("seriesAbout")
        self.plot = SeriesPlot()
        upper.addWidget(self.title)
        upper.addWidget(self.about)
        upper.addWidget(self.plot, 1)
        split.addWidget(above)
        below = QWidget()
        lower = QVBoxLayout(below)
        lower.setContentsMargins(0, 0, 0, 0)
        lower.setSpacing(0)
        bar = QFrame()
        bar.setProperty("role", "panel")
        row = QHBoxLayout(bar)
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(8)
        self.search = QLineEdit()
        self.search.setObjectName("seriesSearch")
        self.search.setAccessibleName("Search series by name")
        self.search.setPlaceholderText("Search by name")
        self.search.setClearButtonEnabled(True)
        self.only = self._combo("seriesClass", "Show only one class")
        self.sort = self._combo("seriesOrder", "Order of the series")
        for value, title in ORDERS:
            self.sort.addItem(title, value)
        self.counted = ElidedLabel()
        self.counted.setProperty("role", "muted")
        self.counted.setObjectName("seriesCounted")
        row.addWidget(self.search, 2)
        row.addWidget(self.only, 1)
        row.addWidget(self.sort, 1)
        row.addWidget(self.counted, 1)
        lower.addWidget(bar)
        self.list = SeriesList()
        lower.addWidget(self.list, 1)
        split.addWidget(below)
        split.setStretchFactor(0, 2)
        split.setStretchFactor(1, 3)
        split.setSizes([280, 420])
        column.addWidget(split)
        self.search.textChanged.connect(lambda _: self._filter())
        self.only.activated.connect(lambda _: self._filter())
        self.sort.activated.connect(lambda _: self._filter())
        self.list.chosen.connect(self.show_one)

    def _combo(self, name: str, title: str) -> QComboBox:
        box = Combo()
        box.setObjectName(name)
        box.setAccessibleName(title)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(10)
        return box

    def set_data(self, data: Any) -> None:
        """Another SeriesData; its first series is shown."""
        if data is self._data:
            return
        self._data = data
        self.list.set_data(data)
        self.only.clear()
        self.only.addItem("All classes", -1)
        counts = np.bincount(data.labels[data.labels >= 0], minlength=len(data.classes)).tolist()
        for i, (name, count) in enumerate(zip(data.classes, counts, strict=True)):
            self.only.addItem(f"{one_line(name)}  {figures.count(count)}", i)
        self.only.setVisible(len(data.classes) > 1)
        self.search.setText("")
        self._filter()
        if len(data):
            self.list.choose(0)
            self.show_one(0)

    def set_windows(self, windows: Callable[[int], Any] | None, without: Any = ()) -> None:
        """windows(number) -> (first, last step) of each window of a series as recorded; without: names left out."""
        self._windows = windows
        self.list.set_without(without)
        if self._data is not None and self.list.current >= 0:
            self.show_one(self.list.current, tell=False)

    def filter_class(self, index: int) -> None:
        """Show one class (its index), or all for -1."""
        self.only.setCurrentIndex(max(0, self.only.findData(index)))
        self._filter()

    def _filter(self) -> None:
        data = self._data
        if data is None:
            return
        wanted, text = self.only.currentData(), self.search.text().strip().casefold()
        keep = np.ones(len(data), bool) if wanted is None or wanted < 0 else data.labels == wanted
        if text:
            keep &= np.array([text in name.casefold() for name in data.names], bool)
        order = np.flatnonzero(keep)
        sort = self.sort.currentData()
        if sort != "given":
            lengths = data.lengths()[order]
            order = order[np.argsort(lengths if sort == "short" else -lengths, kind="stable")]
        self.list.set_order(order)
        shown, every = figures.count(len(order)), plural(len(data), "series", "series")
        self.counted.setText(every if len(order) == len(data) else f"{shown} of {every}")

    def show_one(self, number: int, tell: bool = True) -> None:
        """The series of that number, large."""
        data = self._data
        windows = self._windows(number) if self._windows is not None else ()
        values = data.series(number)
        clock = data.clock(number)
        rate = data.rate
        if clock is not None and len(clock) > 1 and clock[-1] > clock[0]:
            rate = (len(clock) - 1) / float(clock[-1] - clock[0])
        self.title.setText(data.name(number))
        label, group = int(data.labels[number]), int(data.group[number]) if data.group is not None else -1
        parts = [
            one_line(data.classes[label]) if label >= 0 else "",
            data.groups[group] if group >= 0 else "",
            plural(len(values), "step"),
            f"{figures.figure(len(values) / rate)} s" if 0 < rate < 1e5 and rate > 1e-3 else "",
            plural(len(windows), "window") if windows else "",
            PARTS[int(data.parts[number])],
        ]
        self.about.setText(" · ".join(p for p in parts if p))
        since = float(clock[0]) if clock is not None and len(clock) and abs(clock[0]) > EPOCH else 0.0
        self.plot.show_series(values, data.channels, windows, rate if rate > 1e-3 or since else 0.0, since)
        if tell:
            self.chosen.emit(number)
