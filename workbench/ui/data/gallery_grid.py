"""The grid the gallery is made of: which pictures lie where, and painting those in sight.

Pictures are called by their number in the source, so that what is chosen stays chosen when a step takes others away.
Small ones in memory are laid out into one sheet a paint; files are decoded by jobs, a screenful at a time, and kept.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from workbench.ui import theme
from workbench.ui.data.charts import soft
from workbench.ui.data.gallery_tiles import decoder, makes_sheets, sheet, slots

GAP = 6
MARGIN = 12
KEPT = 3000
BATCH = 48
TAGGED = 88  # a tile has room for words from this many pixels on


class Grid(QAbstractScrollArea):
    """Shows pictures of an ImageData in the order given; chosen(number), -1 for none; selected(): which are chosen.

    Args:
        jobs: the session's Jobs, used to decode files.
    """

    chosen = Signal(int)
    selected = Signal()

    def __init__(self, jobs: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("gallery")
        self.setAccessibleName("Pictures")
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self._jobs = jobs
        self._data: Any = None
        self._where: np.ndarray = np.zeros(0, np.int64)
        self._order: np.ndarray = np.zeros(0, np.int64)
        self._groups: np.ndarray | None = None
        self._slots: np.ndarray = self._order
        self._bands: dict[int, int] = {}
        self._side = 72
        self._images: OrderedDict[int, QImage | str] = OrderedDict()
        self._busy = False
        self._generation = 0
        self._over = -1
        self._current = -1
        self._anchor = -1
        self._selected: set[int] = set()
        self._gone: frozenset[int] = frozenset()
        self._tag_of: Callable[[int], str] | None = None
        theme.notifier.changed.connect(self.viewport().update)

    # ---- what is shown

    def set_data(self, data: Any) -> None:
        """Another ImageData (None: nothing). Thumbnails are kept when its pixels are those of the one before."""
        old = self._data
        self._data = data
        source = None if data is None else data.origin or data
        if data is not None and old is not None and source is (old.origin or old):
            if data.changes != old.changes:
                self._forget()
            self._index()
            return
        self._forget()
        self._over = self._current = self._anchor = -1
        self._selected = set()
        self._index()
        if source is not None and source.array is not None:
            self._side = 56 if max(source.array.shape[1:3]) <= 40 else 96
        else:
            self._side = 112
        self.set_order(np.zeros(0, np.int64) if data is None else numbers_of(data))

    def _forget(self) -> None:
        self._images.clear()
        self._generation += 1
        self._busy = False

    def _index(self) -> None:
        """Where in the data the picture of a number is, -1 when it has been taken away."""
        if self._data is None:
            self._where = np.zeros(0, np.int64)
            return
        self._where = np.full(len(self._data.origin or self._data), -1, np.int64)
        self._where[numbers_of(self._data)] = np.arange(len(self._data))

    def set_order(self, order: np.ndarray, groups: np.ndarray | None = None, stay: bool = False) -> None:
        """Which pictures, in which order (numbers of the source). groups: of each; groups are kept together, in bands.
        stay: the same view once more, so that the scroll bar stays where it is."""
        self._order, self._groups = order, groups
        self._bands = {} if groups is None else dict(zip(order.tolist(), _ranks(groups), strict=True))
        bar = self.verticalScrollBar()
        at = bar.value() if stay else 0
        self._measure()
        bar.setValue(at)
        shown = self.selection()
        if len(shown) != len(self._selected):
            self._selected = set(shown)
            self.selected.emit()
        if self._current >= 0 and not (order == self._current).any():
            self._choose(-1)
        self.viewport().update()

    def set_marks(self, gone: frozenset[int] = frozenset(), tag: Callable[[int], str] | None = None) -> None:
        """gone: pictures that a step takes away, crossed out. tag(number): words on its tile, "" for none."""
        self._gone, self._tag_of = gone, tag
        self.viewport().update()

    @property
    def data(self) -> Any:
        """The ImageData shown."""
        return self._data

    @property
    def order(self) -> np.ndarray:
        return self._order

    @property
    def side(self) -> int:
        return self._side

    def set_side(self, side: int) -> None:
        """Tile size in pixels; the picture at the top stays in sight."""
        if side == self._side:
            return
        top = self._first_row() * self._columns()
        self._side = side
        self._forget()
        self._measure()
        self.verticalScrollBar().setValue(top // self._columns() * self._step())
        self.viewport().update()

    def current(self) -> int:
        return self._current

    def selection(self) -> list[int]:
        """The pictures chosen, in the order shown."""
        if not self._selected:
            return []
        chosen = np.fromiter(self._selected, np.int64, len(self._selected))
        found: list[int] = self._order[np.isin(self._order, chosen, kind="table")].tolist()
        return found

    @property
    def count(self) -> int:
        """How many pictures are chosen."""
        return len(self._selected)

    def place(self, number: int) -> int:
        """Where in the data the picture of that number is; -1 when it is not there."""
        return int(self._where[number]) if 0 <= number < len(self._where) else -1

    # ---- geometry

    def _step(self) -> int:
        return self._side + GAP

    def _columns(self) -> int:
        return max(1, (self.viewport().width() - 2 * MARGIN + GAP) // self._step())

    def _first_row(self) -> int:
        return max(0, (self.verticalScrollBar().value() - MARGIN) // self._step())

    def _measure(self) -> None:
        self._slots = slots(self._order, self._groups, self._columns())
        rows = -(-len(self._slots) // self._columns())
        total = rows * self._step() - GAP + 2 * MARGIN if rows else 0
        bar = self.verticalScrollBar()
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(self._step() // 2)
        bar.setRange(0, max(0, total - self.viewport().height()))

    def tile(self, place: int) -> QRect:
        """Where the tile at position `place` of the grid is, in viewport pixels."""
        row, column = divmod(place, self._columns())
        y = MARGIN + row * self._step() - self.verticalScrollBar().value()
        return QRect(MARGIN + column * self._step(), y, self._side, self._side)

    def _place_at(self, point: QPointF) -> int:
        step = self._step()
        column, x = divmod(int(point.x()) - MARGIN, step)
        row, y = divmod(int(point.y()) - MARGIN + self.verticalScrollBar().value(), step)
        if not (0 <= column < self._columns()) or row < 0 or x >= self._side or y >= self._side:
            return -1
        place = row * self._columns() + column
        return place if place < len(self._slots) and self._slots[place] >= 0 else -1

    def _visible(self) -> range:
        columns = self._columns()
        first = self._first_row() * columns
        rows = self.viewport().height() // self._step() + 2
        return range(first, min(len(self._slots), first + rows * columns))

    # ---- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), theme.color("surface"))
        if self._data is None or not len(self._slots):
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        visible = self._visible()
        if self._groups is not None:
            self._paint_bands(painter, visible)
        missing: list[int] = []
        if makes_sheets(self._data):
            self._paint_sheet(painter, visible)
        else:
            missing = self._paint_tiles(painter, visible)
        self._paint_marks(painter, visible)
        if missing:
            self._ask(missing)

    def _paint_bands(self, painter: QPainter, visible: range) -> None:
        """Groups apart from each other: every second one on another ground, which runs on between its tiles."""
        for place in visible:
            number = int(self._slots[place])
            if number >= 0:
                color = soft("accent", 0.30 if self._bands[number] % 2 else 0.12)
                painter.fillRect(self.tile(place).adjusted(-GAP // 2, -GAP // 2, GAP // 2, GAP // 2), color)

    def _paint_sheet(self, painter: QPainter, visible: range) -> None:
        columns, step = self._columns(), self._step()
        numbers = self._slots[visible.start : visible.stop]
        places = np.where(numbers >= 0, self._where[np.maximum(numbers, 0)], -1)
        image, height, width = sheet(self._data, places, columns)
        scale = self._side / max(height, width)
        w, h = width * scale, height * scale
        first = self.tile(visible.start)
        left, top = first.x() + (self._side - w) / 2, first.y() + (self._side - h) / 2
        for k in range(len(places)):
            if places[k] < 0:
                continue
            row, column = divmod(k, columns)
            target = QRectF(left + column * step, top + row * step, w, h)
            painter.drawImage(target, image, QRectF(column * width, row * height, width, height))

    def _paint_tiles(self, painter: QPainter, visible: range) -> list[int]:
        missing = []
        blank, muted = theme.color("hover"), theme.color("muted")
        ratio = self.devicePixelRatioF()
        for place in visible:
            number = int(self._slots[place])
            if number < 0:
                continue
            tile = self.tile(place)
            found = self._images.get(number)
            if found is None:
                missing.append(number)
                painter.fillRect(tile, blank)
            elif isinstance(found, str):
                painter.fillRect(tile, blank)
                painter.setPen(muted)
                flags = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
                painter.drawText(tile.adjusted(4, 4, -4, -4), flags, "cannot be decoded")
            else:
                self._images.move_to_end(number)
                w, h = found.width() / ratio, found.height() / ratio
                grow = min(self._side / w, self._side / h)
                w, h = w * grow, h * grow
                painter.drawImage(QRectF(tile.x() + (self._side - w) / 2, tile.y() + (self._side - h) / 2, w, h), found)
        return missing

    def _paint_marks(self, painter: QPainter, visible: range) -> None:
        tagged = self._tag_of is not None and self._side >= TAGGED
        for place in visible:
            number = int(self._slots[place])
            marked = tagged or number in self._gone or number in self._selected
            if number < 0 or not (marked or number in (self._current, self._over)):
                continue
            tile = self.tile(place)
            if number in self._gone:
                painter.fillRect(tile, soft("surface", 0.55))
                self._ring(painter, tile, "bad", 2)
                painter.drawLine(tile.topLeft(), tile.bottomRight())
            if self._tag_of is not None and tagged:
                self._paint_tag(painter, tile, self._tag_of(number))
            if number in self._selected:
                painter.fillRect(tile, soft("accent", 0.25))
                self._ring(painter, tile, "accent", 3)
            elif number == self._current:
                self._ring(painter, tile, "accent", 3)
            if number == self._over:
                self._ring(painter, tile, "text", 1)

    def _ring(self, painter: QPainter, tile: QRect, color: str, wide: int) -> None:
        pen = painter.pen()
        pen.setColor(theme.color(color))
        pen.setWidth(wide)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(tile.adjusted(-2, -2, 1, 1))

    def _paint_tag(self, painter: QPainter, tile: QRect, text: str) -> None:
        if not text:
            return
        painter.setFont(theme.font(11))
        ground = QRect(tile.x(), tile.bottom() - 17, tile.width(), 18)
        painter.fillRect(ground, soft("panel", 0.88))
        painter.setPen(theme.color("text"))
        words = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, ground.width() - 8)
        painter.drawText(ground, int(Qt.AlignmentFlag.AlignCenter), words)

    # ---- decoding

    def _ask(self, missing: list[int]) -> None:
        if self._busy:
            return
        self._busy = True
        generation, some = self._generation, missing[:BATCH]
        side = round(self._side * self.devicePixelRatioF())
        self._jobs.run(
            self,
            "thumbnails",
            decoder(self._data, some, [self.place(number) for number in some], side),
            on_done=lambda made: self._on_decoded(generation, made),
            on_error=lambda error: self._on_decoded(generation, {n: str(error) for n in some}),
        )

    def _on_decoded(self, generation: int, made: dict[int, QImage | str]) -> None:
        if generation != self._generation:
            return
        self._busy = False
        self._images.update(made)
        while len(self._images) > KEPT:
            self._images.popitem(last=False)
        self.viewport().update()

    # ---- being looked at

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._measure()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()

    def sizeHint(self) -> QSize:
        return QSize(480, 400)

    def _choose(self, number: int) -> None:
        if number != self._current:
            self._current = number
            self.viewport().update()
            self.chosen.emit(number)


def numbers_of(data: Any) -> np.ndarray:
    """Which pictures of the source the pictures of a part of it are."""
    return np.arange(len(data)) if data.numbers is None else data.numbers


def _ranks(groups: np.ndarray) -> list[int]:
    """0, 1, 2 ... for the runs of equal groups."""
    return np.cumsum(np.concatenate([[0], groups[1:] != groups[:-1]])).tolist() if len(groups) else []
