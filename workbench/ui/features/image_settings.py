"""How pictures become arrays: size, channels, resize, scale, with three samples before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from workbench.core.project import ImageFeature
from workbench.ui import theme
from workbench.ui.editors import Combo
from workbench.ui.widgets.images import to_qimage
from workbench.ui.widgets.number import NumberEdit

CHANNELS = ((1, "Grey", "One number a pixel."), (3, "Colour", "Red, green and blue: three numbers a pixel."))
RESIZE = (
    ("fill", "Fill, cut off what is over", "Keeps the shape of things; the edges of long pictures are lost."),
    ("fit", "Fit, pad with black", "Keeps the shape of things and the whole picture; adds borders."),
    ("stretch", "Stretch", "Keeps the whole picture without borders; things change their shape."),
)
SCALES = (
    ("/255", "0 to 1 (divide by 255)", "What most small networks expect."),
    ("-1..1", "-1 to 1", "What MobileNet and its kin expect."),
    ("none", "0 to 255, as it is", "For networks that scale by themselves."),
)
_SHOWN = 112


class BeforeAfter(QWidget):
    """Sample pictures as they are (above) and as the network sees them (below)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("beforeAfter")
        self.setAccessibleName("Sample pictures before and after")
        self._pictures: list[tuple[str, Any, Any, str]] = []
        self.setFixedSize(self.sizeHint())
        theme.notifier.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(3 * (_SHOWN + 16), 2 * _SHOWN + 56)

    def show_pictures(self, pictures: Sequence[tuple[str, np.ndarray, np.ndarray]]) -> None:
        """(name, before, after), uint8 arrays (H, W, C)."""
        self._pictures = [
            (name, to_qimage(before), to_qimage(after), f"{after.shape[1]} × {after.shape[0]} × {after.shape[2]}")
            for name, before, after in pictures
        ]
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(theme.font(11))
        middle = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for i, (name, before, after, size) in enumerate(self._pictures):
            x = i * (_SHOWN + 16)
            for y, image in ((0, before), (_SHOWN + 30, after)):
                box = QRectF(x, y, _SHOWN, _SHOWN)
                painter.fillRect(box, theme.color("hover"))
                grow = min(_SHOWN / image.width(), _SHOWN / image.height())
                w, h = image.width() * grow, image.height() * grow
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, grow < 1)
                painter.drawImage(QRectF(x + (_SHOWN - w) / 2, y + (_SHOWN - h) / 2, w, h), image)
            painter.setPen(theme.color("muted"))
            text = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, _SHOWN)
            painter.drawText(QRectF(x, _SHOWN + 4, _SHOWN, 18), middle, text)
            painter.drawText(QRectF(x, 2 * _SHOWN + 34, _SHOWN, 18), middle, size)


class ImageSettings(QScrollArea):
    """changed(ImageFeature, which setting)."""

    changed = Signal(object, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("imageSettings")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self._image = ImageFeature()
        inner = QWidget()
        self.setWidget(inner)
        column = QVBoxLayout(inner)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(16)
        title = QLabel("How a picture becomes numbers")
        title.setProperty("role", "heading")
        column.addWidget(title)
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
        size = QHBoxLayout()
        size.setSpacing(6)
        self.width_box = self._number("imageWidth", "Width in pixels", "width")
        self.height_box = self._number("imageHeight", "Height in pixels", "height")
        for widget in (self.width_box, QLabel("×"), self.height_box, QLabel("pixels")):
            size.addWidget(widget)
        size.addStretch(1)
        holder = QWidget()
        holder.setLayout(size)
        size.setContentsMargins(0, 0, 0, 0)
        self.channels = self._combo("imageChannels", "Channels", CHANNELS, "channels")
        self.resize_box = self._combo("imageResize", "Resize", RESIZE, "resize")
        self.scale = self._combo("imageScale", "Scale", SCALES, "scale")
        form.addRow("Size", holder)
        form.addRow("Channels", self.channels)
        form.addRow("Other shapes", self.resize_box)
        form.addRow("Brightness", self.scale)
        self.numbers = QLabel()
        self.numbers.setProperty("role", "muted")
        self.numbers.setObjectName("imageNumbers")
        left = QVBoxLayout()
        left.setSpacing(16)
        left.addLayout(form)
        left.addWidget(self.numbers)
        left.addStretch(1)
        self.preview = BeforeAfter()
        row = QHBoxLayout()
        row.setSpacing(32)
        row.addLayout(left)
        row.addWidget(self.preview)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(1)
        self._column = column

    def add(self, part: QWidget) -> None:
        """Put a further part below."""
        self._column.insertWidget(self._column.count() - 1, part)

    def _number(self, name: str, title: str, what: str) -> NumberEdit:
        box = NumberEdit(integer=True, minimum=1, maximum=2048)
        box.setObjectName(name)
        box.setAccessibleName(title)
        box.setFixedWidth(64)
        box.edited.connect(lambda value: self._set(what, int(value)))
        return box

    def _combo(self, name: str, title: str, choices: Sequence[tuple[Any, str, str]], what: str) -> QComboBox:
        box = Combo()
        box.setObjectName(name)
        box.setAccessibleName(title)
        for value, text, tip in choices:
            box.addItem(text, value)
            box.setItemData(box.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        box.setMinimumWidth(240)
        box.activated.connect(lambda _: self._set(what, box.currentData()))
        return box

    def show_image(self, image: ImageFeature) -> None:
        """The settings as they are, the proposal filled in."""
        self._image = image
        self.width_box.set_value(image.width or None)
        self.height_box.set_value(image.height or None)
        for box, value in ((self.channels, image.channels), (self.resize_box, image.resize), (self.scale, image.scale)):
            box.setCurrentIndex(box.findData(value))
        n = image.height * image.width * image.channels
        self.numbers.setText(
            f"{image.height} × {image.width} × {image.channels} = {n:,} numbers a picture" if n else ""
        )

    def _set(self, what: str, value: Any) -> None:
        image = replace(self._image, **{what: value})
        if image != self._image:
            self._image = image
            self.changed.emit(image, what)
