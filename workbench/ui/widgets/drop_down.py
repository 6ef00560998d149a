"""A choice whose list opens below it, as wide as its longest entry."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QStylePainter

WIDEST = 480
"""Pixels; an entry longer than that is elided in the list."""

_MEASURED = 500  # entries; a list of thousands (columns) is not measured whole


class DropDown(QComboBox):
    """A combo box drawn by the stylesheet alone.

    Qt makes its list as wide as the box, which cuts the entries of a narrow one; and it cuts the one chosen in the
    middle of a letter, where dots say that there is more.
    """

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.isEditable():
            super().paintEvent(event)
            return
        painter, option = QStylePainter(self), QStyleOptionComboBox()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        parts = (QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self)
        room = self.style().subControlRect(*parts).width() - 2
        if not option.currentIcon.isNull():
            room -= option.iconSize.width() + 4
        elide = Qt.TextElideMode.ElideRight
        option.currentText = self.fontMetrics().elidedText(option.currentText, elide, room)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

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
