"""Right panel of pictures: the one chosen, as it is in the source and as the steps leave it, or the set in figures."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from workbench.core.errors import WorkbenchError
from workbench.core.one_line import short_file
from workbench.core.wording import plural
from workbench.ui import theme
from workbench.ui.data import figures
from workbench.ui.data.charts import Histogram, ValueBars
from workbench.ui.data.layouts import clear
from workbench.ui.data.pictures_charts import SizeScatter
from workbench.ui.data.pictures_order import seen_kinds
from workbench.ui.data.pictures_pane import GalleryPane, describe
from workbench.ui.widgets.images import to_qimage
from workbench.ui.widgets.label import plain_label

__all__ = ["GalleryPane", "ImagesPanel", "Picture"]

_PREVIEW = 268
_BAR = 8.0  # grey levels of one bar of the histogram: 256 over 32


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
    """class_asked(index); seen_asked(key of seen_kinds); levels_asked((low, high)) of brightness."""

    class_asked = Signal(int)
    seen_asked = Signal(str)
    levels_asked = Signal(tuple)

    def __init__(self, jobs: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("imagesPanel")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._jobs = jobs
        self._data: Any = None
        self._number = -1
        inner = QWidget()
        self.setWidget(inner)
        column = QVBoxLayout(inner)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        self.picture = Picture()
        self.picture.setObjectName("picturePreview")
        self.about = _label("", "pictureAbout")
        self._source_title = _label("As in the source", "pictureSourceTitle", "caption")
        self.source = Picture()
        self.source.setObjectName("pictureSource")
        for widget in (self.picture, self.about, self._source_title, self.source):
            column.addWidget(widget)
        self.problems = _label("", "imagesProblems", "warning")
        column.addWidget(self.problems)
        column.addWidget(_label("Class balance", "", "strong"))
        self.balance = ValueBars()
        self.balance.setObjectName("classBalance")
        self.balance.setAccessibleName("Pictures in each class")
        self.balance.picked.connect(self._on_picked)
        column.addWidget(self.balance)
        self._seen_title = _label("What was seen", "", "strong")
        column.addWidget(self._seen_title)
        self._seen = QVBoxLayout()
        self._seen.setSpacing(0)
        column.addLayout(self._seen)
        self._light_title = _label("Brightness", "", "strong")
        self.light = Histogram()
        self.light.setObjectName("brightness")
        self.light.setAccessibleName("Brightness of the pictures")
        self.light.setToolTip("Mean grey level of each picture, from black (0) to white (255); click a bar to see them")
        self.light.picked.connect(lambda bar: self.levels_asked.emit((bar * _BAR, (bar + 1) * _BAR)))
        column.addWidget(self._light_title)
        column.addWidget(self.light)
        self._size_title = _label("Sizes", "", "strong")
        self.sizes = SizeScatter()
        column.addWidget(self._size_title)
        column.addWidget(self.sizes)
        self.summary = _label("", "imagesSummary", "muted")
        column.addWidget(self.summary)
        column.addStretch(1)
        self.show_picture(-1)

    def set_data(self, data: Any, profile: Any) -> None:
        """The pictures after the recipe and their ImageProfile (None: still being made)."""
        other = data is None or self._data is None or (data.origin or data) is not (self._data.origin or self._data)
        changed = data is not self._data
        self._data = data
        if other or changed:
            self.show_picture(-1 if other else self._number)
        if data is None:
            return
        counts = np.bincount(data.labels[data.labels >= 0], minlength=len(data.classes)).tolist()
        colors = [theme.class_color(i) for i in range(len(data.classes))]
        self.balance.set_data(list(zip(data.classes, counts, strict=True)), max(1, len(data)), colors)
        self.problems.setText("\n".join(_image_problems(profile)))
        self.problems.setVisible(bool(self.problems.text()))
        self.summary.setText("" if profile is None else _image_summary(profile, data))
        self._show_seen(profile)
        many = profile is not None and len(profile.sizes) > 1
        self._size_title.setVisible(many)
        self.sizes.setVisible(many)
        if many:
            self.sizes.set_data(profile.sizes)

    def _show_seen(self, profile: Any) -> None:
        look = profile.look if profile is not None else None
        kinds = seen_kinds(look, self._data)[1:]
        clear(self._seen)
        for key, text in kinds:
            button = QPushButton(text)
            button.setProperty("role", "link")
            button.setObjectName(f"seen-{key}")
            button.clicked.connect(lambda _=False, k=key: self.seen_asked.emit(k))
            self._seen.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self._seen_title.setVisible(bool(kinds))
        for widget in (self._light_title, self.light):
            widget.setVisible(look is not None)
        if look is not None:
            self.light.set_data(look.brightness, [i * _BAR for i in range(len(look.brightness) + 1)])

    def show_picture(self, number: int) -> None:
        """The picture of that number in the source, -1 for none."""
        data = self._data
        place = _place(data, number)
        self._number = number if place >= 0 else -1
        both = place >= 0 and bool(data.changes)
        self.picture.setVisible(place >= 0)
        self.about.setVisible(place >= 0)
        self._source_title.setVisible(both)
        self.source.setVisible(both)
        if place < 0:
            return
        self.about.setText(describe(data, place).replace(" · ", "\n"))
        self.about.setToolTip(data.name(place))
        side = round(_PREVIEW * self.devicePixelRatioF())
        if data.in_memory is not None and max(data.in_memory[:2]) <= 2 * side:
            self._on_made((to_qimage(data.image(place)), to_qimage(data.raw(place)) if both else None))
            return
        self.picture.show_image(None)
        self.source.show_image(None)

        def work(progress: Any, cancelled: Any) -> tuple[QImage, QImage | None]:
            source = to_qimage(data.origin.thumbnail(number, side)) if both else None
            return to_qimage(data.thumbnail(place, side)), source

        self._jobs.run(self, "picture", work, on_done=self._on_made, on_error=self._on_error)

    def _on_made(self, made: tuple[QImage, QImage | None]) -> None:
        self.picture.show_image(made[0])
        self.source.show_image(made[1])

    def _on_error(self, error: WorkbenchError | Exception) -> None:
        self.picture.show_image(None, getattr(error, "what", str(error)))

    def _on_picked(self, name: Any) -> None:
        if self._data is not None:
            self.class_asked.emit(list(self._data.classes).index(name))


def _label(text: str, name: str = "", role: str = "") -> QLabel:
    made = plain_label(text, role, name)
    made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # a long name widens no panel
    return made


def _place(data: Any, number: int) -> int:
    """Where the picture of that number is among those of `data`; -1 when it is not."""
    if data is None or number < 0:
        return -1
    if data.numbers is None:
        return number if number < len(data) else -1
    place = int(np.searchsorted(data.numbers, number))
    return place if place < len(data) and int(data.numbers[place]) == number else -1


def _image_problems(profile: Any) -> list[str]:
    if profile is None or not profile.unreadable:
        return []
    first = profile.unreadable[0]
    n = plural(len(profile.unreadable), "file")
    return [f"{n} set aside while opening, the first: {short_file(first[0])} ({first[1]})"]


def _image_summary(profile: Any, data: Any) -> str:
    sizes = list(profile.sizes)
    if not sizes:
        return ""
    (height, width), n = sizes[0]
    if len(sizes) == 1:
        text = f"All pictures are {width} × {height} pixels."
    else:
        share = figures.percent(n, profile.count)
        text = f"{figures.count(len(sizes))} different sizes; the commonest is {width} × {height} ({share})."
    grey = int((data.channels() == 1).sum())
    if grey == len(data):
        return f"{text} Grey, one channel."
    return f"{text} Colour, three channels." if not grey else f"{text} {figures.percent(grey, len(data))} are grey."
