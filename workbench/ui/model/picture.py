"""The graph as a picture for a report: SVG, PNG, or on the clipboard. Painted anew, without selection or pointer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QMimeData, QObject, QRectF, QSize, QSizeF
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QFileDialog, QMenu, QToolButton, QWidget

from workbench.core.errors import WorkbenchError
from workbench.core.folding import shown_graph
from workbench.core.project import Graph
from workbench.core.storage import atomic_write
from workbench.ui import theme
from workbench.ui.model.canvas.frame_item import FrameLook
from workbench.ui.model.canvas.scene import GraphScene
from workbench.ui.model.looks import NodeLook

MARGIN = 24.0
SCALE = 2.0  # pixels of a PNG for a canvas pixel
LARGEST = 16_000  # pixels of a side; a larger graph is drawn smaller


def svg_of(graph: Graph, looks: Mapping[str, NodeLook], title: str = "", frames: Sequence[FrameLook] = ()) -> bytes:
    """An SVG document of the whole graph at life size, its groups folded or framed as they are."""
    scene = _scene(graph, looks, frames)
    box = _box(scene)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setResolution(96)  # a pixel of SVG for one of the canvas
    generator.setTitle(title)
    generator.setDescription("The layers of a model, drawn by the workbench")
    generator.setSize(box.size().toSize())
    generator.setViewBox(QRectF(0, 0, box.width(), box.height()))
    painter = QPainter(generator)
    painter.fillRect(QRectF(0, 0, box.width(), box.height()), theme.color("surface"))
    scene.render(painter, QRectF(0, 0, box.width(), box.height()), box)
    painter.end()
    return bytes(buffer.data().data())


def image_of(graph: Graph, looks: Mapping[str, NodeLook], frames: Sequence[FrameLook] = ()) -> QImage:
    """The whole graph, two pixels for one of the canvas, or as many as LARGEST allows."""
    scene = _scene(graph, looks, frames)
    box = _box(scene)
    scale = min(SCALE, LARGEST / max(box.width(), box.height()))
    size = QSizeF(box.width() * scale, box.height() * scale).toSize().expandedTo(QSize(1, 1))
    image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(theme.color("surface"))
    painter = QPainter(image)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    scene.render(painter, QRectF(image.rect()), box)
    painter.end()
    return image


def png_of(image: QImage) -> bytes:
    """The bytes of a PNG file."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(data.data())


def _scene(graph: Graph, looks: Mapping[str, NodeLook], frames: Sequence[FrameLook]) -> GraphScene:
    scene = GraphScene()
    scene.animate = False
    scene.show_graph(shown_graph(graph).graph, looks, frames=frames)
    return scene


def _box(scene: GraphScene) -> QRectF:
    box = scene.content_rect()
    for line in scene.wires.values():
        box = box.united(line.path().boundingRect())
    return box.marginsAdded(QMarginsF(MARGIN, MARGIN, MARGIN, MARGIN))


class PictureMenu(QObject):
    """The button that saves or copies the picture of a ModelPage's graph."""

    def __init__(self, session: Any, button: QToolButton, page: QWidget, say: Any) -> None:
        super().__init__(page)
        self._session, self._page, self._say = session, page, say
        menu = QMenu(button)
        for icon, title, name, call in (
            ("file", "Save as SVG…", "picture-svg", lambda: self.save("svg")),
            ("image", "Save as PNG…", "picture-png", lambda: self.save("png")),
            ("copy", "Copy the picture", "picture-copy", self.copy),
        ):
            action = menu.addAction(theme.icon(icon), title)
            action.setObjectName(name)
            action.triggered.connect(lambda _=False, call=call: call())
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    def _drawn(self) -> tuple[Graph, dict[str, NodeLook], tuple[FrameLook, ...]]:
        page: Any = self._page
        return page.graph, page.looks_now(), page.frames_now()

    def save(self, kind: str) -> None:
        """Ask for a place and write the picture there; `kind`: "svg" or "png"."""
        name = f"{self._session.document.project.name} model.{kind}"
        filters = {"svg": "SVG picture (*.svg)", "png": "PNG picture (*.png)"}[kind]
        chosen, _ = QFileDialog.getSaveFileName(self._page, "Save the picture of the model", name, filters)
        if not chosen:
            return
        path = Path(chosen)
        path = path if path.suffix else path.with_suffix(f".{kind}")
        graph, looks, frames = self._drawn()
        # Painting is the UI thread's; packing a PNG and writing are not.
        drawn: Any = svg_of(graph, looks, path.stem, frames) if kind == "svg" else image_of(graph, looks, frames)

        def write(_progress: object, _cancelled: object) -> Path:
            atomic_write(path, drawn if isinstance(drawn, bytes) else png_of(drawn))
            return path

        def done(written: Path) -> None:
            self._say(f"The picture is in {written}.", "good")

        def refused(error: WorkbenchError) -> None:
            self._say(str(error), "error")

        self._session.jobs.run(self, "picture", write, done, refused)

    def copy(self) -> None:
        """The picture on the clipboard."""
        data = QMimeData()
        data.setImageData(image_of(*self._drawn()))
        QGuiApplication.clipboard().setMimeData(data)
        self._say("The picture is on the clipboard.", "good")
