"""A choice whose list opens below it, as wide as its longest entry."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox

WIDEST = 480
"""Pixels; an entry longer than that is elided in the list."""

_MEASURED = 500  # entries; a list of thousands (columns) is not measured whole


class DropDown(QComboBox):
    """A combo box drawn by the stylesheet alone.

    Qt makes its list as wide as the box, which cuts the entries of a narrow one.
    """

    def showPopup(self) -> None:
        view = self.view()
        holder = view.parentWidget()
        if holder is not None:
            text = self.fontMetrics()
            entries = range(min(self.count(), _MEASURED))
            longest = max((text.horizontalAdvance(self.itemText(i)) for i in entries), default=0)
            icon = self.iconSize().width() + 4 if any(not self.itemIcon(i).isNull() for i in entries) else 0
            holder.setMinimumWidth(max(self.width(), min(longest + icon + 44, WIDEST)))
        super().showPopup()
