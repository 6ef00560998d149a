"""Varying the training pictures: what is done and how strongly, what suits them, nine of them to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from workbench.core import augmentation
from workbench.core.fields import Field
from workbench.core.project import Augmentation, ImageFeature
from workbench.ui import theme
from workbench.ui.editors import Combo
from workbench.ui.widgets.images import to_qimage
from workbench.ui.widgets.label import plain_label
from workbench.ui.widgets.number import NumberEdit

NINE = 9
BORDERS = (
    ("repeat", "Repeat the edge", "The outermost pixels go on: black stays black."),
    ("mirror", "Mirror at the edge", "The picture goes on mirrored: best for photographs."),
    ("black", "Black", "A moved picture leaves black behind."),
)
HELP = (
    "Each time a training picture is shown it is changed a little, otherwise each time, so that the model learns what "
    "does not matter. Validation, test and answers always see the pictures as they are."
)
_MOVES = ("rotate", "shift", "zoom")
_SHARE = 0.6  # of a setting's range that the slider covers: more is rarely wanted and can be typed


def _shown(field: Field, augment: Augmentation) -> float:
    value = float(getattr(augment, field.name))
    return round(100 * value, 4) if field.unit == "%" else value


def _told(field: Field, value: float) -> float:
    return round(value / 100, 6) if field.unit == "%" else float(value)


class NinePictures(QWidget):
    """A training picture as it is, beside nine of what training makes of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("ninePictures")
        self.setAccessibleName("A training picture, and nine of what training makes of it")
        self._before: Any = None
        self._after: list[Any] = []
        self._text = ""
        self.setFixedSize(self.sizeHint())
        theme.notifier.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(4 * 88 + 3 * 4 + 20, 3 * 88 + 2 * 4)

    @property
    def shown(self) -> int:
        """How many varied pictures can be seen."""
        return len(self._after)

    def show_before(self, picture: np.ndarray | None) -> None:
        self._before = None if picture is None else to_qimage(picture)
        self.update()

    def show_after(self, pictures: Sequence[np.ndarray], text: str = "") -> None:
        """uint8 arrays (height, width, channels); `text` is said where there are none."""
        self._after = [to_qimage(p) for p in pictures]
        self._text = text
        self.setAccessibleDescription(text or f"{len(self._after)} varied pictures")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(theme.font(11))
        side, gap = 88, 4
        left = side + 20
        for place in range(NINE):
            box = QRectF(left + place % 3 * (side + gap), place // 3 * (side + gap), side, side)
            painter.fillRect(box, theme.color("hover"))
            if place < len(self._after):
                self._draw(painter, box, self._after[place])
        first = QRectF(0, side + gap, side, side)
        painter.fillRect(first, theme.color("hover"))
        painter.setPen(theme.color("muted"))
        painter.drawText(QRectF(0, gap + side - 22, side, 18), int(Qt.AlignmentFlag.AlignLeft), "As it is")
        if self._before is not None:
            self._draw(painter, first, self._before)
        if self._text and not self._after:
            area = QRectF(left, 0, 3 * side + 2 * gap, 3 * side + 2 * gap).adjusted(12, 12, -12, -12)
            painter.setFont(theme.font(13))
            painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self._text)

    def _draw(self, painter: QPainter, box: QRectF, image: Any) -> None:
        grow = min(box.width() / image.width(), box.height() / image.height())
        w, h = image.width() * grow, image.height() * grow
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, grow < 1)
        painter.drawImage(QRectF(box.x() + (box.width() - w) / 2, box.y() + (box.height() - h) / 2, w, h), image)


class AugmentPanel(QWidget):
    """changed(Augmentation, which setting): while a slider moves too; settled(): it was let go of.
    another_asked(): the person wants another nine."""

    changed = Signal(object, str)
    settled = Signal()
    another_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("augmentPanel")
        self._augment = Augmentation()
        self._proposed = Augmentation()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.setSpacing(12)
        self.enabled = QCheckBox("Vary the training pictures")
        self.enabled.setObjectName("augmentEnabled")
        self.enabled.setFont(theme.font(16, weight=600))
        self.enabled.clicked.connect(self._on_enabled)
        head.addWidget(self.enabled)
        head.addStretch(1)
        column.addLayout(head)
        self.help = plain_label(HELP, "muted", "augmentHelp")
        column.addWidget(self.help)
        offer = QHBoxLayout()
        offer.setSpacing(8)
        self.reason = plain_label(role="muted", name="augmentReason")
        self.reason.setProperty("role", "")
        self.propose = QPushButton("Use what suits these pictures")
        self.propose.setObjectName("augmentPropose")
        self.propose.clicked.connect(lambda: self._tell(self._proposed, "proposal"))
        offer.addWidget(self.propose)
        offer.addWidget(self.reason, 1)
        column.addLayout(offer)
        self.body = QWidget()
        self.body.setObjectName("augmentBody")
        row = QHBoxLayout(self.body)
        row.setContentsMargins(0, 4, 0, 0)
        row.setSpacing(32)
        row.addLayout(self._build_settings())
        row.addLayout(self._build_preview())
        row.addStretch(1)
        column.addWidget(self.body)

    def _build_settings(self) -> QVBoxLayout:
        whole = QVBoxLayout()
        whole.setSpacing(6)
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        self.flips: dict[str, QCheckBox] = {}
        self.sliders: dict[str, QSlider] = {}
        self.numbers: dict[str, NumberEdit] = {}
        for line, field in enumerate(augmentation.FIELDS):
            if field.kind == "bool":
                box = QCheckBox(field.title)
                box.setObjectName(f"augment-{field.name}")
                box.setToolTip(field.help)
                box.clicked.connect(lambda on, f=field: self._tell(replace(self._augment, **{f.name: on}), f.name))
                grid.addWidget(box, line, 0, 1, 4)
                self.flips[field.name] = box
                continue
            title = QLabel(field.title)
            title.setToolTip(field.help)
            slider = QSlider(Qt.Orientation.Horizontal)
            slider.setObjectName(f"augment-{field.name}-slider")
            slider.setAccessibleName(f"{field.title}, {field.unit}")
            slider.setRange(0, round(_SHARE * (field.maximum or 100)))
            slider.setMinimumWidth(110)
            slider.valueChanged.connect(lambda value, f=field: self._number(f, value))
            slider.sliderReleased.connect(self.settled)
            number = NumberEdit(minimum=0, maximum=field.maximum)
            number.setObjectName(f"augment-{field.name}")
            number.setAccessibleName(field.title)
            number.setFixedWidth(56)
            number.setAlignment(Qt.AlignmentFlag.AlignRight)
            number.edited.connect(lambda value, f=field: self._number(f, float(value)))
            unit = QLabel(field.unit)
            unit.setProperty("role", "muted")
            for place, widget in enumerate((title, slider, number, unit)):
                grid.addWidget(widget, line, place)
            self.sliders[field.name], self.numbers[field.name] = slider, number
        self.border = Combo()
        self.border.setObjectName("augmentBorder")
        self.border.setAccessibleName("What is seen where a moved picture leaves its frame")
        for value, text, tip in BORDERS:
            self.border.addItem(text, value)
            self.border.setItemData(self.border.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.border.activated.connect(
            lambda _: self._tell(replace(self._augment, border=str(self.border.currentData())), "border")
        )
        line = len(augmentation.FIELDS)
        self._border_title = QLabel("Beyond the edge")
        grid.addWidget(self._border_title, line, 0)
        grid.addWidget(self.border, line, 1, 1, 3)
        whole.addLayout(grid)
        whole.addStretch(1)
        return whole

    def _build_preview(self) -> QVBoxLayout:
        whole = QVBoxLayout()
        whole.setSpacing(8)
        self.preview = NinePictures()
        whole.addWidget(self.preview)
        self.another = QPushButton("Another nine")
        self.another.setObjectName("augmentAnother")
        self.another.setToolTip("Another picture of the training part, varied in nine other ways")
        self.another.clicked.connect(self.another_asked)
        self.another.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.cost = plain_label(role="muted", name="augmentCost")
        self.cost.setWordWrap(False)
        self.cost.setToolTip("Measured just now, on the processor; an epoch shows each training picture once")
        row = QHBoxLayout()
        row.addWidget(self.cost, 1)
        row.addWidget(self.another)
        whole.addLayout(row)
        whole.addStretch(1)
        return whole

    # ---- showing

    def show_augment(self, augment: Augmentation, classes: Sequence[str], image: ImageFeature) -> None:
        """The settings as they are. classes, image: of the pictures, from which the offer is made."""
        self._augment = augment
        self._proposed, reason = augmentation.propose(classes, image)
        self.enabled.setChecked(augment.enabled)
        self.body.setVisible(augment.enabled)
        different = augment != self._proposed
        self.propose.setVisible(different)
        self.reason.setVisible(different)
        self.reason.setText(f"{reason} Offered: {augmentation.summary(self._proposed)}.")
        for field in augmentation.FIELDS:
            if field.kind == "bool":
                self.flips[field.name].setChecked(bool(getattr(augment, field.name)))
                continue
            value = _shown(field, augment)
            self.numbers[field.name].set_value(value)
            slider = self.sliders[field.name]
            slider.blockSignals(True)
            slider.setValue(round(value))
            slider.blockSignals(False)
        moves = any(getattr(augment, name) for name in _MOVES)
        self.border.setCurrentIndex(max(0, self.border.findData(augment.border)))
        self.border.setEnabled(moves)
        self._border_title.setEnabled(moves)

    def show_cost(self, seconds: float, pictures: int) -> None:
        """What varying takes: `seconds` a picture, of so many an epoch; 0 while it is not known."""
        if seconds <= 0 or not pictures:
            self.cost.setText("")
            return
        epoch = seconds * pictures
        each = f"{1e6 * seconds:.0f} µs" if seconds < 1e-3 else f"{1e3 * seconds:.2g} ms"
        whole = f"{epoch:.1f} s" if epoch >= 0.1 else f"{1e3 * epoch:.0f} ms"
        self.cost.setText(f"Costs {each} a picture, {whole} an epoch")

    # ---- what the person wants

    def _on_enabled(self, on: bool) -> None:
        """Switched on for the first time, it starts from what suits."""
        fresh = on and not augmentation.active(replace(self._augment, enabled=True))
        self._tell(self._proposed if fresh else replace(self._augment, enabled=on), "enabled")

    def _number(self, field: Field, value: float) -> None:
        self._tell(replace(self._augment, **{field.name: _told(field, value)}), field.name)

    def _tell(self, augment: Augmentation, what: str) -> None:
        if augment != self._augment:
            self._augment = augment
            self.changed.emit(augment, what)
