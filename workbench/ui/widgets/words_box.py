"""A choice between long texts: where the chosen one does not fit, its middle goes and the tooltip has the whole."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QStyle, QStyleOptionComboBox, QStylePainter, QWidget

from workbench.ui.editors import tooltip
from workbench.ui.widgets.drop_down import DropDown


class WordsBox(DropDown):
    """A combo box that never cuts its text at the end, where names that differ there would look alike.

    least: how narrow it may become, in letters.
    """

    def __init__(self, parent: QWidget | None = None, *, least: int = 10) -> None:
        super().__init__(parent)
        self._least = least
        self._tip = ""

    def setToolTip(self, text: str) -> None:
        self._tip = text
        super().setToolTip(text)

    def shown_text(self) -> str:
        """What is drawn: the chosen text, or its elided form."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        field = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self
        )
        return self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideMiddle, field.width() - 4)

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), self.fontMetrics().horizontalAdvance("n" * self._least) + 40), hint.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        option.currentText = self.shown_text()
        cut = option.currentText != self.currentText()
        told = tooltip(f"{self.currentText()}: {self._tip}".strip(": ")) if cut else self._tip
        if told != self.toolTip():
            super().setToolTip(told)
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
