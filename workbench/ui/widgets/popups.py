"""Windows that pop up where the pointer is."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from workbench.ui import theme


def show_at(window: QWidget, place: QPoint) -> None:
    """Show it with its corner at a global position, inside the screen."""
    screen = window.screen().availableGeometry()
    x = min(place.x(), screen.right() - window.width() - theme.SPACE)
    y = min(place.y(), screen.bottom() - window.height() - theme.SPACE)
    window.move(max(screen.left(), x), max(screen.top(), y))
    window.show()
