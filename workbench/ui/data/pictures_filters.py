"""The bar above the gallery: one class, what was seen, brightness; and the order of the pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QComboBox, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from workbench.core.one_line import short_name
from workbench.core.wording import plural
from workbench.ui.data import figures
from workbench.ui.data.layouts import Flow, clear
from workbench.ui.data.pictures_order import ORDERS, key_of_class, seen_kinds
from workbench.ui.editors import Combo

MOST_CHIPS = 24
CIRCLED = "⓪①②③④⑤⑥⑦⑧⑨"


class FilterBar(QFrame):
    """changed(): something else is to be shown. name: of the one class shown, "" for all. levels: of brightness, lowest
    and highest, or None. menu_asked(class, point of the screen): what can be done with a class."""

    changed = Signal()
    menu_asked = Signal(str, QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._data: Any = None
        self.name = ""
        self.levels: tuple[float, float] | None = None
        self._built: tuple[Any, ...] = ()
        self._named: tuple[str, ...] = ()
        self.setProperty("role", "panel")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(6)
        self._chips = QWidget()
        self._flow = Flow(self._chips, 4)
        self._group = QButtonGroup(self)
        self._group.idClicked.connect(lambda i: self.filter_class(i - 1))
        self._combo: QComboBox = Combo()
        self._combo.setObjectName("classFilter")
        self._combo.setAccessibleName("Show only one class")
        self._combo.activated.connect(lambda i: self.filter_class(i - 1))
        column.addWidget(self._chips)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._combo)
        self.seen: QComboBox = Combo()
        self.seen.setObjectName("seenFilter")
        self.seen.setAccessibleName("Show only pictures of this kind")
        self.seen.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.seen.activated.connect(lambda _: self.changed.emit())
        row.addWidget(self.seen)
        self.order: QComboBox = Combo()
        self.order.setObjectName("pictureOrder")
        self.order.setAccessibleName("Order of the pictures")
        for key, text in ORDERS:
            self.order.addItem(text, key)
        self.order.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.order.activated.connect(lambda _: self.changed.emit())
        row.addWidget(self.order)
        self._range = QPushButton()
        self._range.setObjectName("brightnessFilter")
        self._range.setProperty("role", "link")
        self._range.setToolTip("Show pictures of every brightness again")
        self._range.clicked.connect(lambda: self.filter_brightness(None))
        self._range.hide()
        row.addWidget(self._range)
        row.addStretch(1)
        self.progress = QLabel()
        self.progress.setObjectName("lookingAtPictures")
        self.progress.setProperty("role", "caption")
        self.progress.hide()
        row.addWidget(self.progress)
        column.addLayout(row)

    @property
    def seen_key(self) -> str:
        """What was seen in the pictures shown, a key of pictures_order.seen_kinds; "" for all."""
        return self.seen.currentData() or ""

    @property
    def order_key(self) -> str:
        """A key of pictures_order.ORDERS."""
        return self.order.currentData() or ""

    def set_data(self, data: Any, look: Any, other: bool) -> bool:
        """The pictures and what was seen in them. other: of another source, so that nothing is filtered. Returns
        whether there are other classes or counts than before."""
        self._data = data
        if other:
            self.name, self.levels = "", None
            self.order.setCurrentIndex(0)
        counts = np.bincount(data.labels[data.labels >= 0], minlength=len(data.classes)).tolist()
        if self.name and self.name not in data.classes:
            self.name = ""
        kinds = seen_kinds(look, data)
        built = (data.classes, counts, kinds)
        fresh = built != self._built
        if fresh:
            self._built = built
            self._build_classes(counts)
            chosen = self.seen.currentData()
            self.seen.clear()
            for key, text in kinds:
                self.seen.addItem(text, key)
            self.seen.setCurrentIndex(max(0, self.seen.findData(chosen)))
            self.seen.setVisible(len(kinds) > 1)
        self._mark()
        return fresh

    def _build_classes(self, counts: list[int]) -> None:
        data = self._data
        old = self._named
        self._named = data.classes
        if old == data.classes and self._group.buttons():
            for i, n in enumerate((len(data), *counts)):
                self._say(self._group.button(i), "All" if not i else data.classes[i - 1], i - 1, n)
            return
        for button in self._group.buttons():
            self._group.removeButton(button)
        clear(self._flow)
        self._combo.clear()
        names = [("All", len(data)), *zip(data.classes, counts, strict=True)]
        chips = len(names) <= MOST_CHIPS + 1
        self._chips.setVisible(chips)
        self._combo.setVisible(not chips)
        for i, (name, n) in enumerate(names):
            if not chips:
                self._combo.addItem(_counted(name, n), i - 1)
                continue
            chip = QPushButton()
            chip.setCheckable(True)
            chip.setProperty("role", "quiet")
            chip.setObjectName(f"class-{name}")
            self._say(chip, name, i - 1, n)
            if i:
                chip.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
                chip.customContextMenuRequested.connect(
                    lambda at, one=name, of=chip: self.menu_asked.emit(one, of.mapToGlobal(at))
                )
            self._group.addButton(chip, i)
            self._flow.addWidget(chip)
        self._chips.updateGeometry()

    def _say(self, chip: Any, name: str, index: int, n: int) -> None:
        """Name, key and count on the chip of a class."""
        key = key_of_class(self._data.classes, index)
        text = _counted(name, n)
        chip.setText(f"{CIRCLED[int(key)]} {text}" if key and key != name else text)
        chip.setAccessibleName(text)
        tip = f"{name}: {plural(n, 'picture')}"
        chip.setToolTip(f"{tip}. Key {key}: put the pictures chosen here" if key else tip)

    def _mark(self) -> None:
        index = self._data.classes.index(self.name) if self.name else -1
        chip = self._group.button(index + 1)
        if chip is not None:
            chip.setChecked(True)
        self._combo.setCurrentIndex(index + 1)
        self._range.setVisible(self.levels is not None)
        if self.levels is not None:
            self._range.setText(f"Brightness {self.levels[0]:.0f} to {self.levels[1]:.0f}  ✕")

    def filter_class(self, index: int) -> None:
        """Show one class (its index), or all for -1."""
        if self._data is not None:
            self.name = self._data.classes[index] if index >= 0 else ""
            self._mark()
            self.changed.emit()

    def filter_seen(self, key: str) -> None:
        """Show only pictures of one kind, "" for all."""
        place = self.seen.findData(key)
        if place >= 0:
            self.seen.setCurrentIndex(place)
            self.changed.emit()

    def filter_brightness(self, levels: tuple[float, float] | None) -> None:
        """Show only pictures whose mean grey level is within; None, or the same again: all."""
        self.levels = levels if levels != self.levels else None
        self._mark()
        self.changed.emit()


def _counted(name: str, n: int) -> str:
    return f"{short_name(name, 22)}  {figures.count(n)}"
