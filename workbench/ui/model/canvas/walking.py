"""Where an arrow key leads from a block."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from workbench.ui.model.canvas.node_item import NodeItem


def neighbour(nodes: Mapping[str, NodeItem], ident: str, key: Qt.Key) -> str | None:
    """Where an arrow key leads: up and down along the wires, left and right to the nearest block beside."""
    here = nodes[ident]
    if key == Qt.Key.Key_Down:
        linked = [line.target for line in here.wires if line.source is here]
    elif key == Qt.Key.Key_Up:
        linked = [line.source for line in here.wires if line.target is here]
    else:
        linked = []
    if linked:
        return min(linked, key=lambda item: abs(item.x() - here.x())).ident
    return _nearest(nodes, here, key)


def _nearest(nodes: Mapping[str, NodeItem], here: NodeItem, key: Qt.Key) -> str | None:
    along: dict[Qt.Key, Callable[[float, float], tuple[float, float]]] = {
        Qt.Key.Key_Down: lambda x, y: (y, abs(x)),
        Qt.Key.Key_Up: lambda x, y: (-y, abs(x)),
        Qt.Key.Key_Right: lambda x, y: (x, abs(y)),
        Qt.Key.Key_Left: lambda x, y: (-x, abs(y)),
    }
    best: tuple[float, str] | None = None
    for item in nodes.values():
        forward, aside = along[key](item.x() - here.x(), item.y() - here.y())
        if item is not here and forward > 0:
            score = forward + 2 * aside
            if best is None or score < best[0]:
                best = (score, item.ident)
    return None if best is None else best[1]


def end_of(nodes: Mapping[str, NodeItem], *, first: bool) -> list[str]:
    """The topmost block, or the lowest; none where there is none."""
    items = sorted(nodes.values(), key=lambda item: (item.y(), item.x()))
    return [items[0 if first else -1].ident] if items else []


def walked(nodes: Mapping[str, NodeItem], chosen: list[str], event: QKeyEvent) -> list[str]:
    """What an arrow key selects after `chosen`, the last the one arrived at: with Shift in addition; none to stay."""
    key = Qt.Key(event.key())
    if not chosen:
        return end_of(nodes, first=key in (Qt.Key.Key_Down, Qt.Key.Key_Right))
    ident = neighbour(nodes, chosen[0] if key in (Qt.Key.Key_Up, Qt.Key.Key_Left) else chosen[-1], key)
    if ident is None:
        return []
    return [*chosen, ident] if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else [ident]
