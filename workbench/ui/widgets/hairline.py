"""A line of one pixel between two parts of a page."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from workbench.ui import theme


def hairline(*, vertical: bool = False) -> QWidget:
    """As long as its place."""
    made = QWidget()
    made.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    theme.set_role(made, "hairline")
    if vertical:
        made.setFixedWidth(1)
    else:
        made.setFixedHeight(1)
    return made
