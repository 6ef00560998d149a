"""Ways to ask one thing: draw it, open a picture, take a test sample, fill in a row. UI thread only.

Each tab takes a Context and signals `asked(x, truth, caption)`; it never talks to the engine itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.core.errors import WorkbenchError
from workbench.ui import theme
from workbench.ui.jobs import Jobs
from workbench.ui.test.context import Context
from workbench.ui.test.pad import SIDE, Pad
from workbench.ui.test.pad_image import PadStyle, from_pad
from workbench.ui.test.pixels import PixelView
from workbench.ui.widgets.dropping import accepted_files
from workbench.ui.widgets.elide import ElidedLabel
from workbench.ui.widgets.label import plain_label
from workbench.ui.widgets.notice import InlineNotice

if TYPE_CHECKING:
    from collections.abc import Callable

PICTURES = "Pictures (*.png *.jpg *.jpeg *.bmp *.gif *.webp *.tif *.tiff);;All files (*)"


class Ask(QWidget):
    """Base of the tabs. `asked(x, truth, caption)`; `again()` asks the same thing once more."""

    asked = Signal(object, object, str)
    nothing = Signal(str)

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.jobs = jobs
        self.context: Context | None = None
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(theme.SPACE * 2, theme.SPACE * 2, theme.SPACE * 2, theme.SPACE)
        self.column.setSpacing(theme.SPACE)

    def set_context(self, context: Context | None) -> None:
        """Another run is asked."""
        self.context = context

    def again(self) -> None:
        """Ask what is there now; tell `nothing(why)` when there is nothing to ask."""
        raise NotImplementedError


class DropAsk(Ask):
    """A tab that a file can be dropped on: `take(path)` is told of the first of them."""

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(jobs, parent)
        self.setAcceptDrops(True)

    def take(self, path: Path) -> None:
        """A file or folder was dropped."""
        raise NotImplementedError

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        accepted_files(event)

    def dropEvent(self, event: QDropEvent) -> None:
        if paths := accepted_files(event):
            self.take(paths[0])


class DrawTab(Ask):
    """The pad with its tools, and the exact tensor the net receives."""

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(jobs, parent)
        self.setObjectName("drawTab")
        self.pad = Pad()
        self.pad.changed.connect(self._drawn)
        self.pen = self._tool("pen", "pencil-simple", "Pen", checkable=True)
        self.eraser = self._tool("eraser", "eraser", "Eraser (or the right mouse button)", checkable=True)
        self.pen.setChecked(True)
        self.undo = self._tool("undoStroke", "arrow-counter-clockwise", "Take the last stroke back (Ctrl+Z)")
        self.clear = self._tool("clearPad", "trash", "Clear the pad (Delete)")
        self.size = QSlider(Qt.Orientation.Horizontal)
        self.size.setObjectName("brushSize")
        self.size.setAccessibleName("Brush size")
        self.size.setToolTip("Brush size")
        self.size.setRange(6, 60)
        self.size.setValue(round(self.pad.brush))
        tools = QHBoxLayout()
        tools.setSpacing(2)
        for item in (self.pen, self.eraser, self.size, self.undo, self.clear):
            tools.addWidget(item, 1 if item is self.size else 0)
        self.bright = QCheckBox("Light ink on dark paper")
        self.bright.setObjectName("brightInk")
        self.bright.setToolTip("As the training pictures are, by their mean brightness. Switch it if yours differ.")
        self.centred = QCheckBox("Crop, scale and centre")
        self.centred.setObjectName("centred")
        self.seen = PixelView(name="What the net receives", side=84)
        self.seen.setObjectName("netReceives")
        self.seen.setSizePolicy(self.seen.sizePolicy().Policy.Fixed, self.seen.sizePolicy().Policy.Fixed)
        self.told = QLabel()
        self.told.setWordWrap(True)
        self.told.setProperty("role", "caption")
        below = QHBoxLayout()
        below.setSpacing(theme.SPACE + 4)
        below.addWidget(self.seen, 0, Qt.AlignmentFlag.AlignTop)
        side = QVBoxLayout()
        side.setSpacing(theme.SPACE // 2)
        for item in (self.bright, self.centred, self.told):
            side.addWidget(item)
        side.addStretch(1)
        below.addLayout(side, 1)
        self.column.addLayout(tools)
        self.column.addWidget(self.pad, 10)
        self.column.addLayout(below)
        self.column.addStretch(1)
        self.pen.clicked.connect(lambda: self._choose(False))
        self.eraser.clicked.connect(lambda: self._choose(True))
        self.undo.clicked.connect(self.pad.undo)
        self.clear.clicked.connect(self.pad.clear)
        self.size.valueChanged.connect(self._brush)
        self.bright.toggled.connect(self._styled)
        self.centred.toggled.connect(self._styled)
        self._enable()

    def _tool(self, name: str, icon: str, tip: str, checkable: bool = False) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setAccessibleName(tip)
        button.setToolTip(tip)
        button.setIcon(theme.icon(icon))
        button.setCheckable(checkable)
        return button

    def set_context(self, context: Context | None) -> None:
        before = self.context
        super().set_context(context)
        if context is None or not context.images:
            return
        self.pad.set_aspect(context.shape[0], context.shape[1])
        if before is None or before.style != context.style:
            for box, on in ((self.bright, context.style.bright_ink), (self.centred, context.style.centred)):
                box.blockSignals(True)
                box.setChecked(on)
                box.blockSignals(False)
            self.pad.bright_ink = context.style.bright_ink
            self.size.setValue(round(context.style.brush * SIDE))
        share = round(context.style.share * 100)
        self.centred.setToolTip(
            f"The drawing's longer side becomes {share} % of the picture and its centre of mass the middle, "
            "as in the training pictures."
        )
        height, width, channels = context.shape
        self.told.setText(f"What the net receives: {width} × {height}" + (" × 3" if channels == 3 else ""))
        self._drawn(ask=False)

    def style_now(self) -> PadStyle:
        share = self.context.style.share if self.context else PadStyle().share
        return PadStyle(self.bright.isChecked(), share, self.centred.isChecked())

    def tensor(self) -> np.ndarray | None:
        """uint8 (h, w, c), what the net receives; None when nothing is drawn or no picture model is there."""
        if self.context is None or not self.context.images or self.pad.empty:
            return None
        return from_pad(self.pad.ink(), self.context.shape, self.style_now())

    def again(self) -> None:
        tensor = self.tensor()
        if tensor is None:
            self.nothing.emit("Draw something on the pad.")
        else:
            assert self.context is not None
            self.asked.emit({self.context.input_name: tensor[None]}, None, "")

    def _drawn(self, ask: bool = True) -> None:
        self._enable()
        self.seen.set_pixels(self.tensor())
        if ask:
            self.again()

    def _styled(self) -> None:
        self.pad.bright_ink = self.bright.isChecked()
        self.pad.update()
        self._drawn()

    def _choose(self, eraser: bool) -> None:
        self.pad.erasing = eraser
        self.pen.setChecked(not eraser)
        self.eraser.setChecked(eraser)

    def _brush(self, size: int) -> None:
        self.pad.brush = float(size)
        self.pad.update()

    def _enable(self) -> None:
        self.undo.setEnabled(self.pad.can_undo)
        self.clear.setEnabled(not self.pad.empty)


class PictureTab(DropAsk):
    """A picture from a file, opened or dropped: as it is, and as the net receives it."""

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(jobs, parent)
        self.setObjectName("pictureTab")
        self.choose: Callable[[], Path | None] = self._dialog
        self.open = QPushButton("Open a picture…")
        self.open.setObjectName("openPicture")
        self.open.setIcon(theme.icon("image"))
        self.problem = InlineNotice()
        self.hint = QLabel("or drop one here")
        self.hint.setProperty("role", "muted")
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.shown = PixelView(name="The picture", side=160)
        self.seen = PixelView(name="What the net receives", side=84)
        self.seen.setSizePolicy(self.seen.sizePolicy().Policy.Fixed, self.seen.sizePolicy().Policy.Fixed)
        self.told = plain_label(role="caption")
        self.received = QWidget()
        below = QHBoxLayout(self.received)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(theme.SPACE + 4)
        below.addWidget(self.seen)
        below.addWidget(self.told, 1)
        self.column.addWidget(self.open)
        self.column.addWidget(self.hint)
        self.column.addWidget(self.problem)
        self.column.addWidget(self.shown, 1)
        self.column.addWidget(self.received)
        self.column.addStretch(0)
        self.open.clicked.connect(self._open)
        self._pixels: np.ndarray | None = None
        self._tensor: np.ndarray | None = None
        self._path = Path()
        self._prepare()

    def set_context(self, context: Context | None) -> None:
        super().set_context(context)
        self._prepare()

    def again(self) -> None:
        if self._tensor is None or self.context is None:
            self.nothing.emit("Open a picture, or drop one on the left.")
        else:
            self.asked.emit({self.context.input_name: self._tensor[None]}, None, self._path.name)

    def load(self, path: Path) -> None:
        """Read a picture in the background and ask."""

        def read(_progress: object, _cancelled: object) -> np.ndarray:
            from workbench.core.data.pictures import read_picture

            return np.asarray(read_picture(str(path)))

        def done(pixels: np.ndarray) -> None:
            self.problem.clear()
            self._pixels, self._path = pixels, path
            self._prepare()
            self.again()

        self.jobs.run(self, "picture", read, done, self._failed)

    def _failed(self, error: WorkbenchError) -> None:
        self.problem.show_error(error)

    def _prepare(self) -> None:
        """The picture as the run's preprocessing makes it. Small work: one picture is resized."""
        self._tensor = None
        if self._pixels is not None and self.context is not None and self.context.images:
            self._tensor = self.context.preprocessor.image(self._pixels)
            height, width, _ = self._tensor.shape
            size = f"{self._pixels.shape[1]} × {self._pixels.shape[0]}"
            self.told.setText(f"{self._path.name}, {size}. What the net receives: {width} × {height}")
        self.shown.set_pixels(self._pixels)
        self.seen.set_pixels(self._tensor)
        self.shown.setVisible(self._pixels is not None)  # no frame around nothing
        self.received.setVisible(self._tensor is not None)

    def _dialog(self) -> Path | None:
        name, _ = QFileDialog.getOpenFileName(self, "Open a picture", "", PICTURES)
        return Path(name) if name else None

    def _open(self) -> None:
        path = self.choose()
        if path is not None:
            self.load(path)

    def take(self, path: Path) -> None:
        self.load(path)


NAME = 168  # pixels a column's name may take; the whole of a longer one is in its tooltip
PAIRS = 100  # cells of a row shown below each other; thousands of labels would stop the window for seconds


def pairs_grid(cells: Mapping[str, Any], into: QGridLayout) -> None:
    """Names and values of a row, one below the other; what stood there before goes. Of very wide rows the first."""
    while into.count():
        item = into.takeAt(0)
        widget = item.widget() if item is not None else None
        if widget is not None:
            widget.hide()
            widget.deleteLater()
    more = len(cells) - PAIRS
    shown = [*cells.items()][:PAIRS] + ([("…", f"and {more:,} more columns")] if more > 0 else [])
    for line, (name, value) in enumerate(shown):
        caption, text = ElidedLabel(name), _cell_label(shown_cell(value))
        caption.setMaximumWidth(NAME)
        caption.setProperty("role", "muted")
        into.addWidget(caption, line, 0, Qt.AlignmentFlag.AlignTop)
        into.addWidget(text, line, 1, Qt.AlignmentFlag.AlignTop)


def shown_cell(value: Any) -> str:
    """A cell as the table shows it: a day without the hour it does not have."""
    text = str(value)
    return text.removesuffix(" 00:00:00") if hasattr(value, "isoformat") else text


def _cell_label(text: str) -> QLabel:
    """A cell's text, wrapped; cut where it is one long word, which no label can wrap."""
    if max((len(word) for word in text.split()), default=0) > 24:
        return ElidedLabel(text)
    return plain_label(text)
