"""What was copied of a canvas, on the system's clipboard: JSON under its own type, so that it goes between projects."""

from __future__ import annotations

import json
from dataclasses import dataclass

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from workbench.core.codec import decode, encode
from workbench.core.errors import WorkbenchError
from workbench.core.project import Group, Node, Note, Wire

MIME = "application/x-workbench-layers+json"


@dataclass(frozen=True)
class Clip:
    """Blocks, the wires among them, the groups that lie wholly among them, and notes."""

    nodes: tuple[Node, ...] = ()
    wires: tuple[Wire, ...] = ()
    groups: tuple[Group, ...] = ()
    notes: tuple[Note, ...] = ()

    def corner(self) -> tuple[float, float]:
        """Top left of the whole."""
        things = [*self.nodes, *self.notes]
        return min(one.x for one in things), min(one.y for one in things)


def put(clip: Clip) -> None:
    """Put it on the clipboard; other programs get its words."""
    data = QMimeData()
    text = json.dumps({part: [encode(one) for one in getattr(clip, part)] for part in _PARTS})
    data.setData(MIME, text.encode())
    lines = [f"{node.kind} {node.name}" for node in clip.nodes] + [note.text for note in clip.notes]
    data.setText("\n".join(lines))
    QGuiApplication.clipboard().setMimeData(data)


def filled() -> bool:
    """Whether there is something of a canvas on it."""
    data = QGuiApplication.clipboard().mimeData()
    return data is not None and data.hasFormat(MIME)


def take() -> Clip:
    """What is on it.

    Raises:
        WorkbenchError: it cannot be read.
    """
    try:
        raw = json.loads(bytes(QGuiApplication.clipboard().mimeData().data(MIME).data()))
        return Clip(*(tuple(decode(kind, one) for one in raw.get(part, ())) for part, kind in _PARTS.items()))
    except (ValueError, KeyError, TypeError, AttributeError, WorkbenchError) as error:
        raise WorkbenchError("The clipboard holds no layers that can be read.", remedy="Copy them again.") from error


_PARTS = {"nodes": Node, "wires": Wire, "groups": Group, "notes": Note}
