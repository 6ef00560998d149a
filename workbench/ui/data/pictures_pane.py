"""The gallery with all around it: classes and what was seen as filters above, what to do with those chosen below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCompleter,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from workbench.core.wording import plural
from workbench.ui.data import figures
from workbench.ui.data.gallery import Gallery
from workbench.ui.data.pictures_filters import FilterBar
from workbench.ui.data.pictures_order import arranged, key_of_class
from workbench.ui.widgets.elide import ElidedLabel

PARTS = ("", "test part", "validation part")
MOST_LISTED = 30
HINT = "1–9: relabel · Del: drop"
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
        self._step = False
        self.can_edit = True
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.gallery = Gallery(jobs)
        self.filters = FilterBar()
        self.order, self.progress = self.filters.order, self.filters.progress
        self.filters.changed.connect(self.arrange)
        column.addWidget(self.filters)
        column.addWidget(self.gallery, 1)
        column.addWidget(self._build_foot())
        self.zoom.valueChanged.connect(self.gallery.set_side)
        self.gallery.pointed.connect(self._on_pointed)
        self.gallery.chosen.connect(self.chosen)
        self.gallery.selected.connect(self._on_selected)
        self.gallery.digit.connect(self._on_digit)
        self.gallery.typed.connect(self._on_typed)
        self.gallery.drop_asked.connect(self.drop)
        self.gallery.menu_asked.connect(self.show_menu)
        self._on_selected()

    # ---- building

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
        self.filters.show()
        self.gallery.set_data(data)
        self.gallery.set_marks()
        if other:
            self.zoom.blockSignals(True)
            self.zoom.setValue(self.gallery.side)
            self.zoom.blockSignals(False)
        if data is not None and self.filters.set_data(data, look, other):
            self.line.setCompleter(self._completer(data.classes))
        self.arrange(stay=not other)

    def show_step(
        self, data: Any, order: np.ndarray, groups: np.ndarray | None, gone: frozenset[int], tags: Mapping[int, str]
    ) -> None:
        """What a step does, as it is: neither filtered nor sorted. order: numbers of the source."""
        self._step = True
        self.filters.hide()
        self.gallery.set_data(data)
        self.gallery.set_order(order, groups)
        self.gallery.set_marks(gone, lambda number: tags.get(number, ""))
        self._on_pointed(-1)

    def show_progress(self, looking: tuple[float, str] | None) -> None:
        """How far the look at all pictures is; None when it is done."""
        self.progress.setVisible(looking is not None)
        if looking is not None:
            self.progress.setText(f"{looking[1]} ({100 * looking[0]:.0f} %)")

    def _completer(self, classes: tuple[str, ...]) -> QCompleter:
        made = QCompleter(list(classes), self.line)
        made.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        made.setCompletionMode(QCompleter.CompletionMode.InlineCompletion)
        return made

    def filter_class(self, index: int) -> None:
        """Show one class (its index), or all for -1."""
        self.filters.filter_class(index)

    def filter_seen(self, key: str) -> None:
        """Show only pictures of one kind of pictures_order.seen_kinds, "" for all."""
        self.filters.filter_seen(key)

    def filter_brightness(self, levels: tuple[float, float] | None) -> None:
        """Show only pictures whose mean grey level is within; None, or the same again: all."""
        self.filters.filter_brightness(levels)

    def arrange(self, stay: bool = False) -> None:
        """Show the pictures that the filters leave, in the order chosen."""
        if self._data is None or self._step:
            return
        bar = self.filters
        made = arranged(self._data, self._look, bar.name, bar.seen_key, bar.order_key, bar.levels)
        self.gallery.set_order(*made, stay=stay)
        self.gallery.set_marks(tag=None if bar.name else self._class_of)
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

    def show_menu(self, place: QPoint) -> None:
        """What can be done with the pictures chosen, at this point of the screen."""
        if not self.gallery.count or not self.can_edit or self._step:
            return
        menu = QMenu(self)
        menu.setObjectName("pictureMenu")
        into = menu.addMenu("Relabel as")
        for i, name in enumerate(self._data.classes[:MOST_LISTED]):
            action = into.addAction(name.replace("&", "&&"))
            action.triggered.connect(lambda _=False, one=name: self.relabel(one))
            if key := key_of_class(self._data.classes, i):
                action.setShortcut(key)
        other = into.addAction("Another class…")
        other.triggered.connect(lambda: self.line.setFocus(Qt.FocusReason.OtherFocusReason))
        menu.addAction("Drop").triggered.connect(self.drop)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)

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
        chosen = self.gallery.count
        for widget in (self.line, self.drop_button):
            widget.setVisible(chosen > 0 and self.can_edit and not self._step)
        self._on_pointed(-1)

    def _on_pointed(self, number: int) -> None:
        chosen = self.gallery.count
        if self._data is None:
            self.under.setText("")
        elif number >= 0 and self.gallery.place(number) >= 0:
            self.under.setText(describe(self.gallery.data, self.gallery.place(number)))
        elif chosen:
            self.under.setText(f"{figures.count(chosen)} chosen · {HINT}")
        else:
            shown = f"{plural(len(self.gallery.order), 'picture')} shown"
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
