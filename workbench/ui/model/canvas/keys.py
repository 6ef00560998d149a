"""What the keys mean on the canvas."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from workbench.core.layout import GRID

STEPS = {
    Qt.Key.Key_Left: (-float(GRID), 0.0),
    Qt.Key.Key_Right: (float(GRID), 0.0),
    Qt.Key.Key_Up: (0.0, -float(GRID)),
    Qt.Key.Key_Down: (0.0, float(GRID)),
}
_CONTROL = {
    Qt.Key.Key_C: "copy",
    Qt.Key.Key_X: "cut",
    Qt.Key.Key_V: "paste",
    Qt.Key.Key_D: "duplicate",
    Qt.Key.Key_A: "all",
    Qt.Key.Key_G: "group",
    Qt.Key.Key_M: "note",
}
_ALT = {
    Qt.Key.Key_A: "left",
    Qt.Key.Key_D: "right",
    Qt.Key.Key_W: "top",
    Qt.Key.Key_S: "bottom",
    Qt.Key.Key_H: "centre",
    Qt.Key.Key_V: "middle",
}
_BARE = {
    Qt.Key.Key_Delete: "delete",
    Qt.Key.Key_Backspace: "delete",
    Qt.Key.Key_F: "fit",
    Qt.Key.Key_Plus: "in",
    Qt.Key.Key_Equal: "in",
    Qt.Key.Key_Minus: "out",
    Qt.Key.Key_0: "reset",
    Qt.Key.Key_Return: "edit",
    Qt.Key.Key_Enter: "edit",
    Qt.Key.Key_Escape: "escape",
    Qt.Key.Key_Slash: "search",
    Qt.Key.Key_F2: "rename",
    Qt.Key.Key_Home: "first",
    Qt.Key.Key_End: "last",
}


def meaning(event: QKeyEvent) -> str:
    """A word for what a key asks the canvas to do, "" when it is not for the canvas.

    "type" is a letter that begins a search of the palette; "walk" and "nudge" are arrows without and with Control;
    "align left" and the like put what is selected on one line.
    """
    key = Qt.Key(event.key())
    held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if held == Qt.KeyboardModifier.ControlModifier:
        return "nudge" if key in STEPS else _CONTROL.get(key, "")
    if held == Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier:
        return {Qt.Key.Key_G: "ungroup", Qt.Key.Key_D: "again"}.get(key, "")
    if held == Qt.KeyboardModifier.AltModifier:
        return f"align {_ALT[key]}" if key in _ALT else ""
    if held & ~Qt.KeyboardModifier.ShiftModifier:
        return ""
    if key in STEPS:
        return "walk"
    return _BARE.get(key, "") or ("type" if event.text().isalpha() else "")
