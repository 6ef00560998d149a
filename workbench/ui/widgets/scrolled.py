"""What may be higher than its place. UI thread only."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


def scrolled(widget: QWidget, *, sideways: bool = False) -> QScrollArea:
    """The widget, scrolled, on the page's own ground: as wide as its place and as high as it likes.

    sideways: it may be wider than its place, too.
    """
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    if not sideways:
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    widget.setAutoFillBackground(False)
    area.viewport().setAutoFillBackground(False)
    area.setWidget(widget)
    return area
