"""Where the blocks of a scene lie, by cells: asked for each wire whenever something moves.

Qt's own index is rebuilt after each item that moves, which takes seconds with thousands of blocks.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QPointF, QRectF

from workbench.core.layout import NODE_HEIGHT, NODE_WIDTH
from workbench.ui.model.canvas.node_item import NodeItem

WIDE, TALL = 256.0, 512.0  # of a cell

Cell = tuple[int, int]


class Places:
    """The blocks by the cells their cards touch."""

    def __init__(self) -> None:
        self._cells: dict[Cell, set[NodeItem]] = {}
        self._of: dict[NodeItem, tuple[Cell, ...]] = {}

    def put(self, item: NodeItem) -> None:
        """The block is new or was moved."""
        cells = tuple(self._covered(QRectF(item.pos(), _SIZE)))
        before = self._of.get(item, ())
        if cells == before:
            return
        self._leave(item, before)
        self._of[item] = cells
        for cell in cells:
            self._cells.setdefault(cell, set()).add(item)

    def drop(self, item: NodeItem) -> None:
        """The block is gone."""
        self._leave(item, self._of.pop(item, ()))

    def within(self, box: QRectF) -> list[NodeItem]:
        """The blocks whose cards touch a rectangle, from the top down."""
        found: set[NodeItem] = set()
        for cell in self._covered(box):
            found |= self._cells.get(cell, _NOTHING)
        touching = [item for item in found if box.intersects(QRectF(item.pos(), _SIZE))]
        return sorted(touching, key=lambda item: (item.y(), item.x()))

    def _leave(self, item: NodeItem, cells: tuple[Cell, ...]) -> None:
        for cell in cells:
            here = self._cells[cell]
            here.discard(item)
            if not here:
                del self._cells[cell]

    @staticmethod
    def _covered(box: QRectF) -> Iterator[Cell]:
        for across in range(int(box.left() // WIDE), int(box.right() // WIDE) + 1):
            for down in range(int(box.top() // TALL), int(box.bottom() // TALL) + 1):
                yield across, down


_SIZE = QRectF(QPointF(0, 0), QPointF(NODE_WIDTH, NODE_HEIGHT)).size()
_NOTHING: set[NodeItem] = set()
