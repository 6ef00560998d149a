"""The gallery with all around it: classes and what was seen as filters above, what to do with those chosen below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QCompleter,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from workbench.ui.data import figures
from workbench.ui.data.gallery import Gallery
from workbench.ui.data.layouts import Flow, clear
from workbench.ui.data.pictures_order import ORDERS, arranged, key_of_class, seen_kinds
from workbench.ui.editors import Combo
from workbench.ui.widgets.elide import ElidedLabel

MOST_CHIPS = 24
CIRCLED = "⓪①②③④⑤⑥⑦⑧⑨"
PARTS = ("", "test part", "validation part")
HINT = "digit or name: relabel · Del: drop"
HELP = (
    "Choose with the mouse or the arrow keys, several with Shift or Ctrl, all with Ctrl+A.\n"
    "A digit puts them into the class that shows it; typing begins a class's name, which may be new.\n"
    "Del leaves them out. Each is a step on the left; Ctrl+Z takes it back."
)


class ClassLine(QLineEdit):
    """Where a class is typed; Escape leaves it as it was."""

    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class GalleryPane(QWidget):
    """chosen(number in the source, -1: none); relabel_asked(numbers, class); drop_asked(numbers)."""

    chosen = Signal(int)
    relabel_asked = Signal(list, str)
    drop_asked = Signal(list)

    def __init__(self, jobs: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._data: Any = None
        self._look: Any = None
        self._class = ""
        self._levels: tuple[float, float] | None = None
        self._built: tuple[Any, ...] = ()
        self._step = False
        self.can_edit = True
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.gallery = Gallery(jobs)
        self._bar = self._build_bar()
        column.addWidget(self._bar)
        column.addWidget(self.gallery, 1)
        column.addWidget(self._build_foot())
        self.zoom.valueChanged.connect(self.gallery.set_side)
        self.gallery.pointed.connect(self._on_pointed)
        self.gallery.chosen.connect(self.chosen)
        self.gallery.selected.connect(self._on_selected)
        self.gallery.digit.connect(self._on_digit)
        self.gallery.typed.connect(self._on_typed)
        self.gallery.drop_asked.connect(self.drop)
        self._on_selected()

    # ---- building

    def _build_bar(self) -> QWidget:
        bar = QFrame()
        bar.setProperty("role", "panel")
        column = QVBoxLayout(bar)
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
        self.seen.activated.connect(lambda _: self.arrange())
        row.addWidget(self.seen)
        self.order: QComboBox = Combo()
        self.order.setObjectName("pictureOrder")
        self.order.setAccessibleName("Order of the pictures")
        for key, text in ORDERS:
            self.order.addItem(text, key)
        self.order.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.order.activated.connect(lambda _: self.arrange())
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
        return bar

    def _build_foot(self) -> QWidget:
        foot = QFrame()
        foot.setProperty("role", "panel")
        line = QHBoxLayout(foot)
        line.setContentsMargins(12, 4, 12, 4)
        line.setSpacing(8)
        self.under = ElidedLabel()
        self.under.setObjectName("pictureUnderPointer")
        self.under.setProperty("role", "caption")
        self.under.setToolTip(HELP)
        line.addWidget(self.under, 1)
        self.line = ClassLine()
        self.line.setObjectName("relabelLine")
        self.line.setAccessibleName("Class for the pictures chosen")
        self.line.setPlaceholderText("Class…")
        self.line.setFixedWidth(140)
        self.line.returnPressed.connect(self._on_named)
        self.line.left.connect(self._leave_line)
        line.addWidget(self.line)
        self.drop_button = QPushButton("Drop")
        self.drop_button.setObjectName("dropPictures")
        self.drop_button.setToolTip("Leave the pictures chosen out, as a step that can be undone (Del)")
        self.drop_button.clicked.connect(self.drop)
        line.addWidget(self.drop_button)
        self.zoom = QSlider(Qt.Orientation.Horizontal)
        self.zoom.setObjectName("tileSize")
        self.zoom.setAccessibleName("Size of the pictures")
        self.zoom.setToolTip("Size of the pictures")
        self.zoom.setRange(32, 224)
        self.zoom.setSingleStep(8)
        self.zoom.setFixedWidth(96)
        line.addWidget(self.zoom)
        return foot

    # ---- what is shown

    def set_data(self, data: Any, look: Any = None) -> None:
        """The pictures after the recipe, and what was seen in them (PictureLook; None: not known yet)."""
        if data is self._data and look is self._look and not self._step:
            return
        other = data is None or self._data is None or (data.origin or data) is not (self._data.origin or self._data)
        self._data, self._look, self._step = data, look, False
        self._bar.show()
        if other:
            self._class, self._levels = "", None
            self.order.setCurrentIndex(0)
        self.gallery.set_data(data)
        self.gallery.set_marks()
        if other:
            self.zoom.blockSignals(True)
            self.zoom.setValue(self.gallery.side)
            self.zoom.blockSignals(False)
        self._build_filters()
        self.arrange(stay=not other)

    def show_step(
        self, data: Any, order: np.ndarray, groups: np.ndarray | None, gone: frozenset[int], tags: Mapping[int, str]
    ) -> None:
        """What a step does, as it is: neither filtered nor sorted. order: numbers of the source."""
        self._step = True
        self._bar.hide()
        self.gallery.set_data(data)
        self.gallery.set_order(order, groups)
        self.gallery.set_marks(gone, lambda number: tags.get(number, ""))
        self._on_pointed(-1)

    def show_progress(self, looking: tuple[float, str] | None) -> None:
        """How far the look at all pictures is; None when it is done."""
        self.progress.setVisible(looking is not None)
        if looking is not None:
            self.progress.setText(f"{looking[1]} ({100 * looking[0]:.0f} %)")

    def _build_filters(self) -> None:
        data = self._data
        if data is None:
            return
        counts = np.bincount(data.labels[data.labels >= 0], minlength=len(data.classes)).tolist()
        if self._class and self._class not in data.classes:
            self._class = ""
        kinds = seen_kinds(self._look, data)
        built = (data.classes, counts, kinds)
        if built != self._built:
            self._built = built
            self._build_classes(counts)
            chosen = self.seen.currentData()
            self.seen.clear()
            for key, text in kinds:
                self.seen.addItem(text, key)
            self.seen.setCurrentIndex(max(0, self.seen.findData(chosen)))
            self.seen.setVisible(len(kinds) > 1)
            self.line.setCompleter(self._completer(data.classes))
        self._mark_class()

    def _completer(self, classes: tuple[str, ...]) -> QCompleter:
        made = QCompleter(list(classes), self.line)
        made.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        made.setCompletionMode(QCompleter.CompletionMode.InlineCompletion)
        return made

    def _build_classes(self, counts: list[int]) -> None:
        data = self._data
        for button in self._group.buttons():
            self._group.removeButton(button)
        clear(self._flow)
        self._combo.clear()
        names = [("All", len(data)), *zip(data.classes, counts, strict=True)]
        chips = len(names) <= MOST_CHIPS + 1
        self._chips.setVisible(chips)
        self._combo.setVisible(not chips)
        for i, (name, n) in enumerate(names):
            short = name if len(name) <= 22 else name[:12] + "…" + name[-8:]
            text = f"{short}  {figures.count(n)}"
            if not chips:
                self._combo.addItem(text, i - 1)
                continue
            key = key_of_class(data.classes, i - 1)
            chip = QPushButton(f"{CIRCLED[int(key)]} {text}" if key and key != name else text)
            chip.setAccessibleName(text)
            chip.setCheckable(True)
            chip.setProperty("role", "quiet")
            chip.setObjectName(f"class-{name}")
            tip = f"{name}: {figures.plural(n, 'picture')}"
            chip.setToolTip(f"{tip}. Key {key}: put the pictures chosen here" if key else tip)
            self._group.addButton(chip, i)
            self._flow.addWidget(chip)
        self._chips.updateGeometry()

    def _mark_class(self) -> None:
        index = self._data.classes.index(self._class) if self._class else -1
        chip = self._group.button(index + 1)
        if chip is not None:
            chip.setChecked(True)
        self._combo.setCurrentIndex(index + 1)

    def filter_class(self, index: int) -> None:
        """Show one class (its index), or all for -1."""
        if self._data is not None:
            self._class = self._data.classes[index] if index >= 0 else ""
            self._mark_class()
            self.arrange()

    def filter_seen(self, key: str) -> None:
        """Show only pictures of one kind of pictures_order.seen_kinds, "" for all."""
        place = self.seen.findData(key)
        if place >= 0:
            self.seen.setCurrentIndex(place)
            self.arrange()

    def filter_brightness(self, levels: tuple[float, float] | None) -> None:
        """Show only pictures whose mean grey level is within; None: all."""
        self._levels = levels if levels != self._levels else None
        self.arrange()

    def arrange(self, stay: bool = False) -> None:
        """Show the pictures that the filters leave, in the order chosen."""
        if self._data is None or self._step:
            return
        made = arranged(
            self._data, self._look, self._class, self.seen.currentData() or "", self.order.currentData(), self._levels
        )
        self._range.setVisible(self._levels is not None)
        if self._levels is not None:
            self._range.setText(f"Brightness {self._levels[0]:.0f} to {self._levels[1]:.0f}  ✕")
        self.gallery.set_order(*made, stay=stay)
        self.gallery.set_marks(tag=None if self._class else self._class_of)
        self._on_pointed(-1)

    def _class_of(self, number: int) -> str:
        label = int(self._data.labels[self.gallery.place(number)])
        return str(self._data.classes[label]) if label >= 0 else ""

    # ---- what is done

    def relabel(self, name: str) -> None:
        """Put the pictures chosen into a class."""
        numbers, name = self.gallery.selection(), " ".join(name.split())
        if numbers and name and self.can_edit and not self._step:
            if len(numbers) == 1:
                self.gallery.move_on()
            self.relabel_asked.emit(numbers, name)

    def drop(self) -> None:
        """Leave the pictures chosen out."""
        numbers = self.gallery.selection()
        if numbers and self.can_edit and not self._step:
            self.gallery.move_on()
            self.drop_asked.emit(numbers)

    def _on_digit(self, digit: str) -> None:
        if self._data is None:
            return
        for i, name in enumerate(self._data.classes):
            if key_of_class(self._data.classes, i) == digit:
                self.relabel(name)
                return

    def _on_typed(self, text: str) -> None:
        if self.line.isVisible():
            self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.line.setText("")
            self.line.insert(text)
            completer = self.line.completer()
            if completer is not None:
                completer.setCompletionPrefix(text)

    def _on_named(self) -> None:
        name = self.line.text()
        self._leave_line()
        self.relabel(name)

    def _leave_line(self) -> None:
        self.line.clear()
        self.gallery.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_selected(self) -> None:
        chosen = len(self.gallery.selection())
        for widget in (self.line, self.drop_button):
            widget.setVisible(chosen > 0 and self.can_edit and not self._step)
        self._on_pointed(-1)

    def _on_pointed(self, number: int) -> None:
        chosen = len(self.gallery.selection())
        if self._data is None:
            self.under.setText("")
        elif number >= 0 and self.gallery.place(number) >= 0:
            self.under.setText(describe(self.gallery.data, self.gallery.place(number)))
        elif chosen:
            self.under.setText(f"{figures.count(chosen)} chosen · {HINT}")
        else:
            shown = f"{figures.plural(len(self.gallery.order), 'picture')} shown"
            self.under.setText(shown if self._step or not self.can_edit else f"{shown} · choose one to relabel it")


def describe(data: Any, place: int) -> str:
    """One line about a picture of these: name, class, size, part."""
    height, width = data.sizes()[place] if data.array is None else data.array.shape[1:3]
    label = int(data.labels[place])
    parts = [
        data.name(place),
        data.classes[label] if label >= 0 else "",
        f"{width} × {height}",
        PARTS[int(data.parts[place])],
    ]
    return " · ".join(part for part in parts if part)
