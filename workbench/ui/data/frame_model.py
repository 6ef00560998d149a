"""A pandas frame as a Qt table: only the cells that are looked at are converted, in small blocks.

All methods run on the UI thread. A frame given to the model is never written to.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from workbench.ui.data import figures

BLOCK = 32
"""Rows that are converted at once: about as many as are in sight."""

_BLOCKS_KEPT = 8192

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


def _picked(array: Any, place: int) -> Any:
    """One cell of an Arrow column; None when it is missing."""
    value = array[place]
    return None if value is array.dtype.na_value or value != value else value


class FrameModel(QAbstractTableModel):
    """Rows and columns of one frame, with cells and rows that are to be marked.

    `cell(row, column)` gives (text, missing, marked) at once: the delegate calls it instead of asking role by role.
    """

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._frame: Any = None
        self._names: list[str] = []
        self._arrays: list[Any] = []
        self._numeric: list[bool] = []
        self._digits: list[int] = []
        self._marked: Mapping[str, np.ndarray] = {}
        self._gone: np.ndarray | None = None
        self._order: np.ndarray | None = None
        self.needle = ""
        self._blocks: OrderedDict[tuple[int, int], tuple[list[str], list[bool]]] = OrderedDict()

    @property
    def frame(self) -> Any:
        return self._frame

    @property
    def names(self) -> list[str]:
        return self._names

    @property
    def order(self) -> np.ndarray | None:
        """The places in the frame of the rows shown; None: all of them as they are."""
        return self._order

    def set_frame(
        self,
        frame: Any,
        marked: Mapping[str, np.ndarray] | None = None,
        gone: np.ndarray | None = None,
        order: np.ndarray | None = None,
    ) -> None:
        """Show `frame` (None: nothing).

        Args:
            marked: {column: bool (rows,)} cells to highlight.
            gone: bool (rows,), rows that a step takes away.
            order: places of the rows to show, in their order; None: all.
        """
        self.beginResetModel()
        self._frame = frame
        self._order = order
        self._blocks.clear()
        self._marked = marked or {}
        self._gone = gone
        self._names = [] if frame is None else [str(name) for name in frame.columns]
        self._arrays = [None] * len(self._names)
        self._numeric = []
        self._digits = []
        if frame is not None:
            for dtype in frame.dtypes:
                kind = getattr(dtype, "kind", "O")
                self._numeric.append(kind in "iuf")
                self._digits.append(7 if getattr(dtype, "itemsize", 8) == 4 else 10)
        self.endResetModel()

    def numeric(self, column: int) -> bool:
        return self._numeric[column]

    def marked_columns(self) -> set[str]:
        return set(self._marked)

    def cell(self, row: int, column: int) -> tuple[str, bool, bool]:
        """Text, whether it is missing, and whether it is marked."""
        block, place = divmod(row, BLOCK)
        texts, missing = self._block(block, column)
        mark = self._marked.get(self._names[column])
        return texts[place], missing[place], bool(mark is not None and mark[self.place(row)])

    def gone(self, row: int) -> bool:
        return bool(self._gone is not None and self._gone[self.place(row)])

    def place(self, row: int) -> int:
        """Where a row shown stands in the frame."""
        return row if self._order is None else int(self._order[row])

    def holds(self, text: str) -> bool:
        """Whether a cell's text holds what is searched."""
        return bool(self.needle) and self.needle in text.casefold()

    def _block(self, block: int, column: int) -> tuple[list[str], list[bool]]:
        key = (column, block)
        found = self._blocks.get(key)
        if found is not None:
            return found
        array = self._arrays[column]
        if array is None:
            array = self._arrays[column] = self._frame.iloc[:, column].array
        rows = slice(block * BLOCK, (block + 1) * BLOCK)
        if self._order is None:
            part = array[rows]
        elif hasattr(array, "_pa_array"):
            part = [_picked(array, place) for place in self._order[rows].tolist()]  # taking looks at every chunk first
        else:
            part = array.take(self._order[rows])
        blank = np.asarray(part.isna() if hasattr(part, "isna") else [value is None for value in part], dtype=bool)
        missing: list[bool] = blank.tolist()
        digits = self._digits[column]
        values = part if isinstance(part, list) else part.tolist()
        texts = [
            figures.MISSING if gap else figures.cell(value, digits) for value, gap in zip(values, missing, strict=True)
        ]
        self._blocks[key] = (texts, missing)
        if len(self._blocks) > _BLOCKS_KEPT:
            self._blocks.popitem(last=False)
        return texts, missing

    # ---- what Qt asks

    def rowCount(self, parent: Index = _ROOT) -> int:
        if parent.isValid() or self._frame is None:
            return 0
        return len(self._frame) if self._order is None else len(self._order)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._names)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self.cell(index.row(), index.column())[0]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if self._numeric[index.column()] else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            text, missing, marked = self.cell(index.row(), index.column())
            return ("missing" if missing else text) + (", changed" if marked else "")
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role != Qt.ItemDataRole.DisplayRole or self._frame is None:
            return None
        if orientation == Qt.Orientation.Horizontal:
            return self._names[section] if section < len(self._names) else None
        # The index is the row's number in the source, so a row keeps its number when others are dropped.
        return figures.count(int(self._frame.index[self.place(section)]) + 1)
