"""Text of a page as it is: no markup is read out of what may be a person's own words."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel


def plain_label(text: str = "", role: str = "", name: str = "", *, wrap: bool = True) -> QLabel:
    """A label of plain text. role: its hook in the stylesheet (title, heading, muted, ...). name: its object name."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if role:
        made.setProperty("role", role)
    if name:
        made.setObjectName(name)
    return made
