"""Pictures as arrays on the screen: one picture pixel for pixel, and a strip of small ones to choose from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from workbench.ui import theme
from workbench.ui.widgets.images import to_qimage


class PixelView(QWidget):
    """One picture at the top of its place, as large as it goes, its pixels sharp when it is enlarged."""

    def __init__(self, parent: QWidget | None = None, *, name: str = "Picture", side: int = 96) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._name = name
        self._side = side
        self._image = QImage()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(side, side)
        theme.notifier.changed.connect(self.update)

    def set_pixels(self, pixels: np.ndarray | None) -> None:
        """Show uint8 (h, w, c); None for nothing."""
        self._image = QImage() if pixels is None else to_qimage(pixels)
        size = f", {self._image.width()} by {self._image.height()} pixels" if pixels is not None else ", none"
        self.setAccessibleDescription(self._name + size)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._side, self._side)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._image.isNull():
            side = min(self.width(), self.height())
            painter.setPen(QPen(theme.color("line"), 1))
            painter.drawRect(QRectF((self.width() - side) / 2 + 0.5, 0.5, side - 1, side - 1))
            painter.end()
            return
        scale = min(self.width() / self._image.width(), self.height() / self._image.height())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < 1)
        width, height = self._image.width() * scale, self._image.height() * scale
        area = QRectF((self.width() - width) / 2, 0, width, height)
        painter.drawImage(area, self._image)
        painter.setPen(QPen(theme.color("line"), 1))
        painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()


class Strip(QWidget):
    """Small pictures in rows; `chosen(index)` on click or Enter. Its height follows its width."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None, *, side: int = 44) -> None:
        super().__init__(parent)
        self.setObjectName("sampleStrip")
        self.setAccessibleName("Samples")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._side = side
        self._images: list[QImage] = []
        self._tips: tuple[str, ...] = ()
        self._current = 0
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.notifier.changed.connect(self.update)

    def set_pictures(self, pictures: Sequence[np.ndarray], tips: Sequence[str]) -> None:
        """pictures: uint8 (h, w, c) each; tips: one text each."""
        self._images = [to_qimage(p) for p in pictures]
        self._tips = tuple(tips)
        self._current = 0
        self.updateGeometry()
        self.update()

    def __len__(self) -> int:
        return len(self._images)

    def cell(self, index: int) -> QRect:
        """Where picture number `index` lies."""
        across = max(1, (self.width() + 4) // (self._side + 4))
        row, column = divmod(index, across)
        return QRect(column * (self._side + 4), row * (self._side + 4), self._side, self._side)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        across = max(1, (width + 4) // (self._side + 4))
        rows = -(-len(self._images) // across)
        return max(0, rows * (self._side + 4) - 4)

    def sizeHint(self) -> QSize:
        return QSize(300, self.heightForWidth(300))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for index, image in enumerate(self._images):
            area = self.cell(index)
            scale = min(area.width() / image.width(), area.height() / image.height())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < 1)
            width, height = image.width() * scale, image.height() * scale
            middle = area.center()
            painter.drawImage(QRectF(middle.x() - width / 2 + 0.5, middle.y() - height / 2 + 0.5, width, height), image)
            current = index == self._current and self.hasFocus()
            painter.setPen(QPen(theme.color("accent" if current else "line"), 2 if current else 1))
            painter.drawRect(area.adjusted(0, 0, -1, -1))
        painter.end()

    def _index(self, where: QPoint) -> int:
        return next((i for i in range(len(self._images)) if self.cell(i).contains(where)), -1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        index = self._index(event.position().toPoint())
        if 0 <= index < len(self._tips):
            QToolTip.showText(event.globalPosition().toPoint(), self._tips[index], self, self.cell(index))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self._index(event.position().toPoint())
        if index >= 0:
            self._current = index
            self.update()
            self.chosen.emit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        across = max(1, (self.width() + 4) // (self._side + 4))
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -across, Qt.Key.Key_Down: across}
        if event.key() in step and self._images:
            self._current = min(max(self._current + step[Qt.Key(event.key())], 0), len(self._images) - 1)
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._images:
            self.chosen.emit(self._current)
        else:
            super().keyPressEvent(event)
