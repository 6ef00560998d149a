"""The virtual gallery: 60,000 pictures scroll smoothly; chosen by mouse and keyboard, alone or many at once."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QHelpEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QToolTip

from workbench.ui.data.gallery_grid import MARGIN, Grid

_MOVES = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
    Qt.Key.Key_PageUp: (0, -1000),
    Qt.Key.Key_PageDown: (0, 1000),
}


class Gallery(Grid):
    """A grid that is worked in.

    Signals beside those of the grid: pointed(number): under the pointer, -1 for none. drop_asked(): Delete was pressed.
    digit(str): one of 0 to 9. typed(str): a letter, the beginning of a class's name.
    menu_asked(QPoint): the menu at this point of the screen.
    """

    pointed = Signal(int)
    drop_asked = Signal()
    digit = Signal(str)
    typed = Signal(str)
    menu_asked = Signal(QPoint)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = self._place_at(event.position())
        self._point(int(self._slots[place]) if place >= 0 else -1)

    def leaveEvent(self, event: QEvent) -> None:
        self._point(-1)

    def _point(self, number: int) -> None:
        if number != self._over:
            self._over = number
            self.viewport().update()
            self.pointed.emit(number)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_asked.emit(event.globalPos())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._place_at(event.position())
        if event.button() == Qt.MouseButton.RightButton and place >= 0 and int(self._slots[place]) in self._selected:
            return  # its menu is about all that are chosen
        self.choose(int(self._slots[place]) if place >= 0 else -1, event.modifiers())

    def choose(self, number: int, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Choose a picture (-1: none). With Ctrl beside those chosen, with Shift all from the last one on."""
        before = set(self._selected)
        if keys & Qt.KeyboardModifier.ControlModifier and number >= 0:
            self._selected ^= {number}
            self._anchor = number
        elif keys & Qt.KeyboardModifier.ShiftModifier and number >= 0 and self._anchor >= 0:
            ends = [np.flatnonzero(self._order == n) for n in (self._anchor, number)]
            if all(map(len, ends)):
                low, high = sorted(int(found[0]) for found in ends)
                self._selected = set(self._order[low : high + 1].tolist())
        else:
            self._selected = {number} if number >= 0 else set()
            self._anchor = number
        self._choose(number)
        if self._selected != before:
            self.viewport().update()
            self.selected.emit()

    def select_all(self) -> None:
        """Choose every picture that is shown."""
        self._selected = set(self._order.tolist())
        self.viewport().update()
        self.selected.emit()

    def move_on(self) -> None:
        """Choose the picture behind the last one chosen, to go on with."""
        chosen = self.selection()
        after = [] if not chosen else self._order[int(np.flatnonzero(self._order == chosen[-1])[0]) + 1 :][:1].tolist()
        self.choose(after[0] if after else -1)
        self._show_current()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, keys = Qt.Key(event.key()), event.modifiers()
        plain = not keys & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        if key == Qt.Key.Key_Escape:
            self.choose(-1)
        elif key == Qt.Key.Key_A and keys & Qt.KeyboardModifier.ControlModifier:
            self.select_all()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.drop_asked.emit()
        elif key in (*_MOVES, Qt.Key.Key_Home, Qt.Key.Key_End) and len(self._order):
            self._move(key, keys & Qt.KeyboardModifier.ShiftModifier)
        elif plain and Qt.Key.Key_0 <= key <= Qt.Key.Key_9:
            self.digit.emit(str(int(key) - int(Qt.Key.Key_0)))
        elif plain and event.text().isalpha():
            self.typed.emit(event.text())
        else:
            super().keyPressEvent(event)

    def _move(self, key: Qt.Key, keys: Qt.KeyboardModifier) -> None:
        found = np.flatnonzero(self._slots == self._current)
        last = len(self._slots) - 1
        if key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            place = 0 if key == Qt.Key.Key_Home else last
        elif not len(found):
            place = 0
        else:
            across, down = _MOVES[key]
            page = max(1, self.viewport().height() // self._step() - 1)
            place = int(found[0]) + across + max(-page, min(page, down)) * self._columns()
        place = max(0, min(last, place))
        back = -1 if key in (Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_PageUp, Qt.Key.Key_End) else 1
        while 0 <= place + back <= last and self._slots[place] < 0:
            place += back
        if self._slots[place] >= 0:
            self.choose(int(self._slots[place]), keys)
            self._show_current()

    def _show_current(self) -> None:
        found = np.flatnonzero(self._slots == self._current)
        if not len(found):
            return
        tile, bar = self.tile(int(found[0])), self.verticalScrollBar()
        if tile.top() < MARGIN:
            bar.setValue(bar.value() + tile.top() - MARGIN)
        elif tile.bottom() > self.viewport().height() - MARGIN:
            bar.setValue(bar.value() + tile.bottom() - self.viewport().height() + MARGIN)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self._data is not None:
            slot = self._place_at(QPointF(event.pos()))
            place = self.place(int(self._slots[slot])) if slot >= 0 else -1
            if place >= 0:
                label = int(self._data.labels[place])
                name = self._data.classes[label] if label >= 0 else "no class"
                QToolTip.showText(event.globalPos(), f"{self._data.name(place)}\n{name}", self)
            return True
        return super().viewportEvent(event)
