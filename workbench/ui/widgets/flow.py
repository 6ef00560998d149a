"""A layout that wraps like text."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

NARROW = 160


class Flow(QLayout):
    """Items from left to right at their own size, wrapping into further lines.

    gap: between items, and between lines unless `between` says otherwise.
    """

    def __init__(self, parent: QWidget, gap: int, between: int | None = None) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap = gap
        self._between = gap if between is None else between
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def widgets(self) -> list[QWidget]:
        """What lies in it, in order. For callers in Python, instead of itemAt: see the tests of it."""
        return [widget for item in self._items if (widget := item.widget()) is not None]

    def clear(self) -> None:
        """Take all widgets out and let them go."""
        for widget in self.widgets():
            self.removeWidget(widget)
            widget.hide()
            widget.deleteLater()

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(QRect(0, 0, width, 0), False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._place(rect, True)

    def sizeHint(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.sizeHint())
        return size

    def minimumSize(self) -> QSize:
        """Items may be cut in the end, so that a long one does not push a narrow panel's edge out of sight."""
        size = self.sizeHint()
        return QSize(min(size.width(), NARROW), size.height())

    def _place(self, rect: QRect, really: bool) -> int:
        """Lines of items, each in the middle of its line. Returns the height they take."""
        y, line, width = rect.y(), list[QLayoutItem](), 0
        lines = []
        for item in self._items:
            if item.isEmpty():  # a hidden one takes no gap either
                continue
            wide = min(item.sizeHint().width(), rect.width())
            if line and width + self._gap + wide > rect.width():
                lines.append(line)
                line, width = [], 0
            width += wide + (self._gap if line else 0)
            line.append(item)
        if line:
            lines.append(line)
        for items in lines:
            height = max(item.sizeHint().height() for item in items)
            x = rect.x()
            for item in items:
                hint = item.sizeHint()
                size = QSize(min(hint.width(), rect.width()), hint.height())
                if really:
                    item.setGeometry(QRect(QPoint(x, y + (height - size.height()) // 2), size))
                x += size.width() + self._gap
            y += height + self._between
        return max(0, y - self._between - rect.y())
