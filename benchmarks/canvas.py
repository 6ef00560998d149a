"""300 layers on the canvas: arranged, built, painted whole; beside plain boxes and lines of a QGraphicsScene."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from .common import Result, child, percentile, seconds

LAYERS = 300
FRAMES = 100


def measure(layers: int = LAYERS) -> Result:
    """figure: 95th percentile of a frame, milliseconds."""
    details = child("benchmarks.canvas", str(layers))
    return Result("canvas", details["frame_p95_ms"], "ms a frame, p95", details)


def residual(layers: int) -> Any:
    """A chain of layers with a short cut over every three."""
    from workbench.core.project import Graph, Node, Wire

    nodes = [Node("n0", "Input", "given", {"binding": "x"})]
    wires: list[Wire] = []
    for i in range(1, layers - 1):
        joins = i % 4 == 0
        params = {} if joins else {"units": 64, "activation": "relu"}
        nodes.append(Node(f"n{i}", "Add" if joins else "Dense", f"layer_{i}", params))
        wires.append(Wire(f"n{i - 1}", f"n{i}"))
        if joins:
            wires.append(Wire(f"n{i - 3}", f"n{i}", 1))
    nodes.append(Node("end", "Output", "output"))
    wires.append(Wire(nodes[-2].id, "end"))
    return Graph(tuple(nodes), tuple(wires))


def main(layers: int, frames: int = FRAMES) -> dict[str, Any]:
    from PySide6.QtCore import QRectF, Qt
    from PySide6.QtGui import QPainter
    from PySide6.QtWidgets import QGraphicsScene, QGraphicsView

    from workbench.core.layout import arrange
    from workbench.ui import theme
    from workbench.ui.app import make_application
    from workbench.ui.model.canvas.scene import GraphScene
    from workbench.ui.model.canvas.view import CanvasView
    from workbench.ui.model.looks import NodeLook

    app = make_application([])
    theme.apply(app, "light")
    graph = residual(layers)
    arranged: list[Any] = []
    arranging = seconds(lambda: arranged.append(arrange(graph)))
    graph = arranged[0]
    looks = {
        n.id: NodeLook(n.name, n.kind, "64 · relu", "64", "4,160", "core", ports=2 if n.kind == "Add" else 1)
        for n in graph.nodes
    }

    def painted(view: QGraphicsView, fill: Callable[[], None]) -> tuple[float, list[float]]:
        """Seconds to fill it, and milliseconds of painting all of it, scrolled by a little each time."""
        view.resize(1280, 800)
        view.show()
        filling = seconds(fill)
        view.fitInView(view.scene().itemsBoundingRect(), Qt.AspectRatioMode.KeepAspectRatio)
        app.processEvents()
        taken = []
        for number in range(frames):
            view.translate(1 if number % 2 else -1, 0)
            begin = time.perf_counter()
            view.viewport().repaint()
            taken.append(1000 * (time.perf_counter() - begin))
        return filling, taken

    scene = GraphScene()
    view = CanvasView(scene)
    building, taken = painted(view, lambda: scene.show_graph(graph, looks))
    plain_scene = QGraphicsScene()
    plain = QGraphicsView(plain_scene)
    plain.setRenderHints(QPainter.RenderHint.Antialiasing)

    def fill() -> None:
        places = {n.id: (n.x, n.y) for n in graph.nodes}
        for node in graph.nodes:
            plain_scene.addRect(QRectF(node.x, node.y, 200, 72))
            plain_scene.addText(node.name).setPos(node.x, node.y)
        for wire in graph.wires:
            (x, y), (u, v) = places[wire.source], places[wire.target]
            plain_scene.addLine(x + 100, y + 72, u + 100, v)

    plain_building, plain_taken = painted(plain, fill)
    for shown in (view, plain):
        shown.close()
    return {
        "arrange_ms": round(1000 * arranging, 1),
        "build_ms": round(1000 * building, 1),
        "frame_p50_ms": round(statistics.median(taken), 2),
        "frame_p95_ms": round(percentile(taken, 95), 2),
        "plain_build_ms": round(1000 * plain_building, 1),
        "plain_frame_p95_ms": round(percentile(plain_taken, 95), 2),
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
