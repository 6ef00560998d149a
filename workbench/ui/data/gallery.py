"""The virtual gallery: 60,000 pictures scroll smoothly, as only those in sight are made, off the UI thread, and kept.

Pictures in memory are laid out by numpy into one mosaic a paint; files are decoded by jobs, a screenful at a time.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from workbench.core.errors import WorkbenchError
from workbench.ui import theme

GAP = 6
MARGIN = 12
KEPT = 3000
BATCH = 48
_MOSAIC_SIDE = 96


def to_qimage(pixels: np.ndarray) -> QImage:
    """uint8 (H, W, 1) or (H, W, 3) as a QImage that owns its bytes."""
    height, width, channels = pixels.shape
    flat = np.ascontiguousarray(pixels)
    form = QImage.Format.Format_Grayscale8 if channels == 1 else QImage.Format.Format_RGB888
    return QImage(flat.data, width, height, width * channels, form).copy()


class Gallery(QAbstractScrollArea):
    """Shows pictures of an ImageData in the order given. `pointed` and `chosen` carry picture numbers, -1 for none.

    Args:
        jobs: the session's Jobs, used to decode files.
    """

    pointed = Signal(int)
    chosen = Signal(int)

    def __init__(self, jobs: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("gallery")
        self.setAccessibleName("Pictures")
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self._jobs = jobs
        self._data: Any = None
        self._order: np.ndarray = np.zeros(0, np.int64)
        self._side = 72
        self._images: OrderedDict[int, QImage | str] = OrderedDict()
        self._busy = False
        self._generation = 0
        self._over = -1
        self._current = -1
        theme.notifier.changed.connect(self.viewport().update)

    # ---- what is shown

    def set_data(self, data: Any) -> None:
        """Another ImageData (None: nothing): everything that was kept of the old one is forgotten."""
        self._data = data
        self._images.clear()
        self._generation += 1
        self._busy = False
        self._over = self._current = -1
        if data is not None and data.array is not None:
            small = max(data.array.shape[1:3])
            self._side = 56 if small <= 40 else 96
        else:
            self._side = 112
        self.set_order(np.arange(0 if data is None else len(data)))

    def set_order(self, order: np.ndarray) -> None:
        """Which pictures, in which order (numbers of the ImageData)."""
        self._order = order
        self.verticalScrollBar().setValue(0)
        self._measure()
        self.viewport().update()

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
        self._images.clear()
        self._generation += 1
        self._busy = False
        self._measure()
        self.verticalScrollBar().setValue(top // self._columns() * self._step())
        self.viewport().update()

    def current(self) -> int:
        return self._current

    # ---- geometry

    def _step(self) -> int:
        return self._side + GAP

    def _columns(self) -> int:
        return max(1, (self.viewport().width() - 2 * MARGIN + GAP) // self._step())

    def _first_row(self) -> int:
        return max(0, (self.verticalScrollBar().value() - MARGIN) // self._step())

    def _measure(self) -> None:
        rows = -(-len(self._order) // self._columns())
        total = rows * self._step() - GAP + 2 * MARGIN if rows else 0
        bar = self.verticalScrollBar()
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(self._step() // 2)
        bar.setRange(0, max(0, total - self.viewport().height()))

    def tile(self, place: int) -> QRect:
        """Where the tile at position `place` of the order is, in viewport pixels."""
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
        return place if place < len(self._order) else -1

    def _visible(self) -> range:
        columns = self._columns()
        first = self._first_row() * columns
        rows = self.viewport().height() // self._step() + 2
        return range(first, min(len(self._order), first + rows * columns))

    # ---- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), theme.color("surface"))
        if self._data is None or not len(self._order):
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        visible = self._visible()
        missing: list[int] = []
        array = self._data.array
        if array is not None and max(array.shape[1:3]) <= _MOSAIC_SIDE:
            self._paint_mosaic(painter, visible, array)
        else:
            missing = self._paint_tiles(painter, visible)
        for number, name, wide in ((self._current, "accent", 3), (self._over, "text", 1)):
            if number >= 0:
                self._paint_ring(painter, visible, number, name, wide)
        if missing:
            self._ask(missing)

    def _paint_mosaic(self, painter: QPainter, visible: range, array: np.ndarray) -> None:
        columns = self._columns()
        numbers = self._order[visible.start : visible.stop]
        rows = -(-len(numbers) // columns)
        _, height, width, channels = array.shape
        sheet = np.zeros((rows, columns, height, width, channels), np.uint8)
        sheet.reshape(rows * columns, height, width, channels)[: len(numbers)] = array[numbers]
        image = to_qimage(sheet.transpose(0, 2, 1, 3, 4).reshape(rows * height, columns * width, channels))
        scale = self._side / max(height, width)
        w, h = width * scale, height * scale
        for k, place in enumerate(visible):
            tile = self.tile(place)
            row, column = divmod(k, columns)
            target = QRectF(tile.x() + (self._side - w) / 2, tile.y() + (self._side - h) / 2, w, h)
            painter.drawImage(target, image, QRectF(column * width, row * height, width, height))

    def _paint_tiles(self, painter: QPainter, visible: range) -> list[int]:
        missing = []
        blank, muted = theme.color("hover"), theme.color("muted")
        ratio = self.devicePixelRatioF()
        for place in visible:
            number = int(self._order[place])
            tile = self.tile(place)
            found = self._images.get(number)
            if found is None:
                missing.append(number)
                painter.fillRect(tile, blank)
            elif isinstance(found, str):
                painter.fillRect(tile, blank)
                painter.setPen(muted)
                painter.drawText(
                    tile.adjusted(4, 4, -4, -4),
                    int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap),
                    "cannot be decoded",
                )
            else:
                self._images.move_to_end(number)
                w, h = found.width() / ratio, found.height() / ratio
                grow = min(self._side / w, self._side / h)
                w, h = w * grow, h * grow
                painter.drawImage(QRectF(tile.x() + (self._side - w) / 2, tile.y() + (self._side - h) / 2, w, h), found)
        return missing

    def _paint_ring(self, painter: QPainter, visible: range, number: int, color: str, wide: int) -> None:
        columns = np.flatnonzero(self._order[visible.start : visible.stop] == number)
        if not len(columns):
            return
        tile = self.tile(visible.start + int(columns[0]))
        pen = painter.pen()
        pen.setColor(theme.color(color))
        pen.setWidth(wide)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(tile.adjusted(-2, -2, 1, 1))

    # ---- decoding

    def _ask(self, missing: list[int]) -> None:
        if self._busy:
            return
        self._busy = True
        generation, data = self._generation, self._data
        side = round(self._side * self.devicePixelRatioF())
        self._jobs.run(
            self,
            "thumbnails",
            _decoder(data, missing[:BATCH], side),
            on_done=lambda made: self._on_decoded(generation, made),
            on_error=lambda error: self._on_failed(generation, missing[:BATCH], error),
        )

    def _on_decoded(self, generation: int, made: dict[int, QImage | str]) -> None:
        if generation != self._generation:
            return
        self._busy = False
        self._images.update(made)
        while len(self._images) > KEPT:
            self._images.popitem(last=False)
        self.viewport().update()

    def _on_failed(self, generation: int, numbers: list[int], error: Any) -> None:
        self._on_decoded(generation, {n: str(error) for n in numbers})

    # ---- the hand

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._measure()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = self._place_at(event.position())
        self._point(int(self._order[place]) if place >= 0 else -1)

    def leaveEvent(self, event: QEvent) -> None:
        self._point(-1)

    def _point(self, number: int) -> None:
        if number != self._over:
            self._over = number
            self.viewport().update()
            self.pointed.emit(number)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._place_at(event.position())
        self._choose(int(self._order[place]) if place >= 0 else -1)

    def _choose(self, number: int) -> None:
        if number != self._current:
            self._current = number
            self.viewport().update()
            self.chosen.emit(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -self._columns(),
            Qt.Key.Key_Down: self._columns(),
        }
        move = moves.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_Escape:
            self._choose(-1)
        elif move is None or not len(self._order):
            super().keyPressEvent(event)
        else:
            found = np.flatnonzero(self._order == self._current)
            place = int(found[0]) + move if len(found) else 0
            place = max(0, min(len(self._order) - 1, place))
            self._choose(int(self._order[place]))
            tile = self.tile(place)
            bar = self.verticalScrollBar()
            if tile.top() < MARGIN:
                bar.setValue(bar.value() + tile.top() - MARGIN)
            elif tile.bottom() > self.viewport().height() - MARGIN:
                bar.setValue(bar.value() + tile.bottom() - self.viewport().height() + MARGIN)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self._data is not None:
            place = self._place_at(QPointF(event.pos()))
            if place >= 0:
                number = int(self._order[place])
                QToolTip.showText(
                    event.globalPos(),
                    f"{self._data.name(number)}\n{self._data.classes[self._data.labels[number]]}",
                    self,
                )
            return True
        return super().viewportEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(480, 400)


def _decoder(data: Any, numbers: list[int], side: int) -> Callable[[Any, Any], dict[int, QImage | str]]:
    """A job that makes the thumbnails of these pictures; what cannot be decoded becomes its reason."""

    def work(progress: Any, cancelled: Any) -> dict[int, QImage | str]:
        made: dict[int, QImage | str] = {}
        for number in numbers:
            if cancelled():
                break
            try:
                made[number] = to_qimage(data.thumbnail(number, side))
            except WorkbenchError as error:
                made[number] = str(error)
        return made

    return work
