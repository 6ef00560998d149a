"""The frames of a scene: made and taken away with the groups, kept round their blocks while those move."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QGraphicsScene

from workbench.ui.model.canvas.frame_item import FrameItem, FrameLook
from workbench.ui.model.canvas.node_item import NodeItem


class Frames:
    """The frames by group. `nodes` are the scene's blocks by id."""

    def __init__(self, scene: QGraphicsScene, nodes: Mapping[str, NodeItem]) -> None:
        self._scene, self._nodes = scene, nodes
        self.items: dict[str, FrameItem] = {}
        self._around: dict[str, list[str]] = {}  # {id of a block: the frames it lies in}
        self._order: list[str] = []  # innermost first
        self._moved: set[str] = set()
        self._held: list[tuple[str, tuple[str, ...]]] = []  # the frames shown last, and what is in them

    def show(self, looks: Sequence[FrameLook]) -> bool:
        """Make the frames those of `looks`, the outermost first. Whether others are there now or round other blocks."""
        wanted = {look.ident for look in looks}
        for ident in [ident for ident in self.items if ident not in wanted]:
            gone = self.items.pop(ident)
            for part in (gone.handle, gone):
                self._scene.removeItem(part)
        self._around = {}
        self._order = [look.ident for look in reversed(looks)]
        for depth, look in enumerate(looks):
            item = self.items.get(look.ident)
            if item is None:
                item = self.items[look.ident] = FrameItem(look)
                self._scene.addItem(item)
                self._scene.addItem(item.handle)
            item.set_look(look)
            # Behind the wires; an inner frame before the one it lies in.
            item.setZValue(-2.0 + depth / (len(looks) + 1))
            for ident in look.ids:
                self._around.setdefault(ident, []).append(look.ident)
        held = [(look.ident, look.ids) for look in looks]
        if changed := held != self._held:  # else only those round a block that was moved, which is known
            self._held, self._moved = held, wanted
        self.settle()
        return changed

    def set_looks(self, looks: Sequence[FrameLook]) -> None:
        """New facts about the same groups."""
        for look in looks:
            if look.ident in self.items:
                self.items[look.ident].set_look(look)

    def wires_drawn(self) -> None:
        """Wires took other ways."""
        self._moved.update(self.items)
        self.settle()

    def block_moved(self, ident: str) -> None:
        """Remember that the frames round a block may have to change; `settle` does it."""
        self._moved.update(self._around.get(ident, ()))

    def settle(self) -> None:
        """Bring the frames of moved blocks to their places."""
        if not self._moved:
            return
        inside: dict[str, list[QRectF]] = {}
        for ident in self._order:
            item = self.items[ident]
            if ident in self._moved:
                item.set_box(_round(self._cards(item.look.ids), inside.get(ident, ())))
            if item.look.parent:
                inside.setdefault(item.look.parent, []).append(item.box())
        self._moved = set()

    def _cards(self, ids: Iterable[str]) -> list[QRectF]:
        """What a frame goes round: its blocks, and the wires between them, which may run beside them."""
        found = [item for i in ids if (item := self._nodes.get(i)) is not None]
        inside = set(found)
        boxes = [item.card().translated(item.pos()) for item in found]
        lines = {line for item in found for line in item.wires if line.aside and {line.source, line.target} <= inside}
        return boxes + [line.path().controlPointRect() for line in lines]


def _round(cards: Sequence[QRectF], frames: Iterable[QRectF]) -> QRectF:
    boxes = [*cards, *(f.adjusted(0, 4, 0, 0) for f in frames)]
    if not boxes:
        return QRectF()
    left, top = min(b.left() for b in boxes), min(b.top() for b in boxes)
    return QRectF(left, top, max(b.right() for b in boxes) - left, max(b.bottom() for b in boxes) - top)
