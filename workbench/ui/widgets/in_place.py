"""Figures that change all the time, shown without laying the window out anew. UI thread only."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QLabel

from workbench.ui import theme


class FigureLabel(QLabel):
    """A label of a figure that changes often, on a ground of one colour: it wipes its own place, where Qt would paint
    all that lies below it, up to the window, each time.

    ground: as of theme.color, what it stands on.
    """

    def __init__(self, ground: str) -> None:
        super().__init__()
        self._ground = ground

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._covers()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._covers()

    def _covers(self) -> None:
        """Say that nothing below it shows: a style sheet that is set says otherwise."""
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), theme.color(self._ground))
        painter.end()
        super().paintEvent(event)


def show_in_place(label: QLabel, text: str, *, grows: bool = True, least: int = 0) -> None:
    """Show a text that changes often, in a place of fixed width; a longer text widens it.

    A label of no fixed size has the whole window laid out anew with each text (QLayout::activate hands it on upwards).

    grows: the place is never narrower than it was. least: pixels.
    """
    if text == label.text() and grows:
        return
    held = label.minimumWidth() if grows else 0
    margins = label.contentsMargins()
    wide = label.fontMetrics().horizontalAdvance(text) + margins.left() + margins.right() + 2 * label.margin() + 1
    label.setFixedWidth(max(held, least, wide))
    label.setText(text)
    label.setFixedHeight(max(label.minimumHeight(), label.sizeHint().height()))
