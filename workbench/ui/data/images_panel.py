"""Pictures: the gallery with its class filter (middle), and one picture or the whole set in figures (right)."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from workbench.core.errors import WorkbenchError
from workbench.ui import theme
from workbench.ui.data import figures
from workbench.ui.data.charts import ValueBars
from workbench.ui.data.gallery import Gallery, to_qimage
from workbench.ui.data.layouts import Flow, clear
from workbench.ui.editors import Combo
from workbench.ui.widgets.elide import ElidedLabel

MOST_CHIPS = 24
PARTS = ("", "test part", "validation part")
_PREVIEW = 268


class GalleryPane(QWidget):
    """Class chips above, the gallery, and the name of the picture under the pointer below."""

    chosen = Signal(int)

    def __init__(self, jobs: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._data: Any = None
        self._class = -1
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        bar = QFrame()
        bar.setProperty("role", "panel")
        row = QHBoxLayout(bar)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(12)
        self._chips = QWidget()
        self._flow = Flow(self._chips, 4)
        self._group = QButtonGroup(self)
        self._group.idClicked.connect(self.filter_class)
        self._combo: QComboBox = Combo()
        self._combo.setObjectName("classFilter")
        self._combo.setAccessibleName("Show only one class")
        self._combo.activated.connect(lambda i: self.filter_class(i - 1))
        row.addWidget(self._chips, 1)
        row.addWidget(self._combo, 1)
        self.zoom = QSlider(Qt.Orientation.Horizontal)
        self.zoom.setObjectName("tileSize")
        self.zoom.setAccessibleName("Size of the pictures")
        self.zoom.setToolTip("Size of the pictures")
        self.zoom.setRange(32, 224)
        self.zoom.setSingleStep(8)
        self.zoom.setFixedWidth(112)
        column.addWidget(bar)
        self.gallery = Gallery(jobs)
        column.addWidget(self.gallery, 1)
        foot = QFrame()
        foot.setProperty("role", "panel")
        line = QHBoxLayout(foot)
        line.setContentsMargins(12, 4, 12, 4)
        self.under = ElidedLabel()
        self.under.setObjectName("pictureUnderPointer")
        self.under.setProperty("role", "caption")
        line.addWidget(self.under, 1)
        line.addWidget(self.zoom)
        column.addWidget(foot)
        self.zoom.valueChanged.connect(self.gallery.set_side)
        self.gallery.pointed.connect(self._on_pointed)
        self.gallery.chosen.connect(self.chosen)

    def set_data(self, data: Any) -> None:
        """Another ImageData."""
        if data is self._data:
            return
        self._data = data
        self._class = -1
        self.gallery.set_data(data)
        self.zoom.blockSignals(True)
        self.zoom.setValue(self.gallery.side)
        self.zoom.blockSignals(False)
        self._build_filter()
        self._on_pointed(-1)

    def _build_filter(self) -> None:
        for button in self._group.buttons():
            self._group.removeButton(button)
        clear(self._flow)
        self._combo.clear()
        if self._data is None:
            return
        counts = np.bincount(self._data.labels[self._data.labels >= 0], minlength=len(self._data.classes))
        names = [("All", len(self._data)), *zip(self._data.classes, counts.tolist(), strict=True)]
        chips = len(names) <= MOST_CHIPS + 1
        self._chips.setVisible(chips)
        self._combo.setVisible(not chips)
        for i, (name, n) in enumerate(names):
            short = name if len(name) <= 22 else name[:12] + "…" + name[-8:]
            text = f"{short}  {figures.count(n)}"
            if not chips:
                self._combo.addItem(text, i - 1)
                continue
            chip = QPushButton(text)
            chip.setCheckable(True)
            chip.setChecked(i == 0)
            chip.setProperty("role", "quiet")
            chip.setObjectName(f"class-{name}")
            chip.setToolTip(f"{name}: {figures.plural(n, 'picture')}")
            self._group.addButton(chip, i - 1)
            self._flow.addWidget(chip)
        self._chips.updateGeometry()

    def filter_class(self, index: int) -> None:
        """Show one class (its index), or all for -1."""
        if self._data is None or index == self._class:
            return
        self._class = index
        keep = np.arange(len(self._data)) if index < 0 else np.flatnonzero(self._data.labels == index)
        self.gallery.set_order(keep)
        chip = self._group.button(index)
        if chip is not None:
            chip.setChecked(True)
        self._combo.setCurrentIndex(index + 1)
        self._on_pointed(-1)

    def _on_pointed(self, number: int) -> None:
        if self._data is None:
            self.under.setText("")
        elif number < 0:
            self.under.setText(f"{figures.plural(len(self.gallery.order), 'picture')} shown")
        else:
            self.under.setText(describe(self._data, number))


def describe(data: Any, number: int) -> str:
    """One line about a picture: name, class, size, part."""
    height, width = data.sizes()[number] if data.array is None else data.array.shape[1:3]
    parts = [
        data.name(number),
        data.classes[data.labels[number]],
        f"{width} × {height}",
        PARTS[int(data.parts[number])],
    ]
    return " · ".join(part for part in parts if part)


class Picture(QWidget):
    """One picture as large as the panel is wide; small ones in whole multiples, so that their pixels stay square."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(_PREVIEW)
        self._image: QImage | None = None
        self._text = ""

    def show_image(self, image: QImage | None, text: str = "") -> None:
        """text: shown instead of a picture."""
        self._image, self._text = image, text
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("hover"))
        if self._image is None:
            painter.setPen(theme.color("muted"))
            flags = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
            painter.drawText(self.rect().adjusted(12, 12, -12, -12), flags, self._text)
            return
        w, h = self._image.width(), self._image.height()
        grow = min(self.width() / w, self.height() / h)
        grow = int(grow) if grow >= 2 else grow
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, grow < 1)
        area = QRectF((self.width() - w * grow) / 2, (self.height() - h * grow) / 2, w * grow, h * grow)
        painter.drawImage(area, self._image)


class ImagesPanel(QScrollArea):
    """Right panel: the chosen picture, class balance, sizes, what could not be read. class_asked(index)."""

    class_asked = Signal(int)

    def __init__(self, jobs: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("imagesPanel")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._jobs = jobs
        self._data: Any = None
        inner = QWidget()
        self.setWidget(inner)
        column = QVBoxLayout(inner)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        self.picture = Picture()
        self.picture.setObjectName("picturePreview")
        self.about = QLabel()
        self.about.setTextFormat(Qt.TextFormat.PlainText)
        self.about.setWordWrap(True)
        self.about.setObjectName("pictureAbout")
        column.addWidget(self.picture)
        column.addWidget(self.about)
        self.summary = QLabel()
        self.summary.setTextFormat(Qt.TextFormat.PlainText)
        self.summary.setWordWrap(True)
        self.summary.setProperty("role", "muted")
        self.summary.setObjectName("imagesSummary")
        title = QLabel("Class balance")
        title.setProperty("role", "strong")
        self.balance = ValueBars()
        self.balance.setObjectName("classBalance")
        self.balance.setAccessibleName("Pictures in each class")
        self.balance.picked.connect(self._on_picked)
        self.problems = QLabel()
        self.problems.setTextFormat(Qt.TextFormat.PlainText)
        self.problems.setWordWrap(True)
        self.problems.setProperty("role", "warning")
        self.problems.setObjectName("imagesProblems")
        column.addWidget(self.problems)
        column.addWidget(title)
        column.addWidget(self.balance)
        column.addWidget(self.summary)
        column.addStretch(1)
        self.show_picture(-1)

    def set_data(self, data: Any, profile: Any) -> None:
        """Another ImageData and its ImageProfile (None: still being made)."""
        if data is not self._data:
            self._data = data
            self.show_picture(-1)
        if data is None:
            return
        counts = np.bincount(data.labels[data.labels >= 0], minlength=len(data.classes)).tolist()
        colors = [theme.class_color(i) for i in range(len(data.classes))]
        self.balance.set_data(list(zip(data.classes, counts, strict=True)), max(1, len(data)), colors)
        self.problems.setText("\n".join(_image_problems(counts, data.classes, profile)))
        self.problems.setVisible(bool(self.problems.text()))
        self.summary.setText("" if profile is None else _image_summary(profile))

    def show_picture(self, number: int) -> None:
        """The picture of that number, -1 for none."""
        self.picture.setVisible(number >= 0)
        self.about.setVisible(number >= 0)
        if number < 0 or self._data is None:
            return
        data = self._data
        self.about.setText(describe(data, number).replace(" · ", "\n"))
        if data.array is not None:
            self.picture.show_image(to_qimage(data.image(number)))
            return
        side = round(_PREVIEW * self.devicePixelRatioF())
        self.picture.show_image(None)
        self._jobs.run(
            self,
            "picture",
            lambda progress, cancelled: to_qimage(data.thumbnail(number, side)),
            on_done=self.picture.show_image,
            on_error=self._on_error,
        )

    def _on_error(self, error: WorkbenchError | Exception) -> None:
        self.picture.show_image(None, str(error))

    def _on_picked(self, name: Any) -> None:
        if self._data is not None:
            self.class_asked.emit(list(self._data.classes).index(name))


def _image_problems(counts: list[int], classes: tuple[str, ...], profile: Any) -> list[str]:
    found = []
    if profile is not None and profile.unreadable:
        first = profile.unreadable[0]
        n = figures.plural(len(profile.unreadable), "picture")
        found.append(f"{n} cannot be decoded, the first: {first[0]} ({first[1]}).")
    full = [n for n in counts if n]
    if full and max(full) >= 5 * min(full):
        low, high = classes[counts.index(min(full))], classes[counts.index(max(full))]
        found.append(f"Unbalanced: {high} has {max(full) / min(full):.0f} times as many pictures as {low}.")
    return found


def _image_summary(profile: Any) -> str:
    sizes = list(profile.sizes)
    if not sizes:
        return ""
    (height, width), n = sizes[0]
    if len(sizes) == 1:
        text = f"All pictures are {width} × {height} pixels."
    else:
        share = figures.percent(n, profile.count)
        text = f"{figures.count(len(sizes))} different sizes; the commonest is {width} × {height} ({share})."
    channels = profile.channels
    if isinstance(channels, int):
        text += " Grey." if channels == 1 else " Colour."
    return text
