"""Layers on the canvas: arranged, built, painted whole, dragged by the mouse, edited; beside plain boxes and lines.

300 layers are a large model: dragging one has to stay under 16 ms a frame. 5,000 are what a whole file may bring: the
same has to stay usable.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from .common import Result, child, percentile, seconds

LAYERS = 300
MANY = 5000
FRAMES = 100
GROUPED = 15  # layers of a group: 20 groups of 300, one in four of them folded


def measure(layers: int = LAYERS, many: int = MANY) -> Result:
    """figure: 95th percentile of a frame while a block of `layers` is dragged, milliseconds."""
    details = child("benchmarks.canvas", str(layers))
    if many:
        details |= {f"many_{name}": value for name, value in child("benchmarks.canvas", str(many)).items()}
    return Result("canvas", max(details["drag_p95_ms"], details["frame_p95_ms"]), "ms a frame, p95", details)


def residual(layers: int) -> Any:
    """A chain of layers with a short cut over every three, all of it in groups."""
    from workbench.core.project import Graph, Group, Node, Wire

    def group(number: int) -> str:
        return f"g{number // GROUPED}"

    nodes = [Node("n0", "Input", "given", {"binding": "x"})]
    wires: list[Wire] = []
    for i in range(1, layers - 1):
        joins = i % 4 == 0
        params = {} if joins else {"units": 64, "activation": "relu"}
        nodes.append(Node(f"n{i}", "Add" if joins else "Dense", f"layer_{i}", params, group=group(i)))
        wires.append(Wire(f"n{i - 1}", f"n{i}"))
        if joins:
            wires.append(Wire(f"n{i - 3}", f"n{i}", 1))
    nodes.append(Node("end", "Output", "output"))
    wires.append(Wire(nodes[-2].id, "end"))
    many = dict.fromkeys(n.group for n in nodes if n.group)
    groups = tuple(Group(g, f"Stage {i}", folded=i % 4 == 3, colour=i % 8) for i, g in enumerate(many))
    return Graph(tuple(nodes), tuple(wires), groups)


def main(layers: int, frames: int = FRAMES) -> dict[str, Any]:
    from PySide6.QtCore import QPoint, QRectF, Qt
    from PySide6.QtGui import QPainter
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QGraphicsScene, QGraphicsView

    from workbench.core.catalog import load_catalog
    from workbench.core.edits_graph import set_params
    from workbench.core.edits_groups import fold
    from workbench.core.edits_places import arrange
    from workbench.core.facts import GraphFacts, NodeFacts
    from workbench.core.folding import shown_graph
    from workbench.core.project import Project
    from workbench.ui import theme
    from workbench.ui.app import make_application
    from workbench.ui.model.canvas.scene import GraphScene
    from workbench.ui.model.canvas.view import CanvasView
    from workbench.ui.model.group_looks import frame_looks, group_looks
    from workbench.ui.model.looks import PARAMETERS, looks_of

    app = make_application([])
    theme.apply(app, "light")
    graph = residual(layers)
    arranged: list[Any] = []
    arranging = seconds(lambda: arranged.append(arrange()(Project(graph=graph)).graph))
    graph = arranged[0]
    facts = GraphFacts(
        {n.id: NodeFacts((None, 64), 4160, 4160, 4096, 256) for n in graph.nodes}, (), 4160 * layers, 4160 * layers
    )
    catalog = load_catalog()
    known: dict[str, Any] = {}
    known_frames: dict[str, Any] = {}
    before: list[Any] = []

    def show(graph: Any, *, stale: bool = False, only_looks: bool = False) -> None:
        """What the page does when the document or what is known of it changes."""
        shown = shown_graph(graph, before[-1] if before else None)
        before[:] = [(graph, shown)]
        looks = looks_of(graph, catalog, None, facts, stale=stale, known=known)
        drawn = looks | group_looks(graph, shown, looks, facts, PARAMETERS)
        frames = frame_looks(graph, shown, looks, facts, known_frames)
        if only_looks:
            scene.set_looks(drawn, frames)
        else:
            scene.show_graph(shown.graph, drawn, frames=frames, stands=shown.stands)

    def frame(view: QGraphicsView, act: Callable[[int], None]) -> list[float]:
        """Milliseconds of doing something and painting what follows from it."""
        taken = []
        for number in range(frames):
            begin = time.perf_counter()
            act(number)
            view.viewport().repaint()
            taken.append(1000 * (time.perf_counter() - begin))
        return taken

    def painted(view: QGraphicsView, fill: Callable[[], None]) -> tuple[float, list[float]]:
        """Seconds to fill it, and the frames of all of it, scrolled by a little each time."""
        view.resize(1280, 800)
        view.show()
        filling = seconds(fill)
        view.fitInView(view.scene().itemsBoundingRect(), Qt.AspectRatioMode.KeepAspectRatio)
        app.processEvents()
        return filling, frame(view, lambda number: view.translate(1 if number % 2 else -1, 0))

    def dragged(view: CanvasView, ident: str) -> list[float]:
        """The frames of a block on its way, held by the mouse, at a zoom at which it can be read."""
        view.resetTransform()
        view.scale(0.75, 0.75)
        item = view.graph_scene.nodes[ident]
        view.centerOn(item)
        app.processEvents()
        port, start = view.viewport(), view.mapFromScene(item.pos() + QPoint(60, 30))
        QTest.mousePress(port, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
        taken = frame(view, lambda number: QTest.mouseMove(port, start + QPoint(3 * (number % 60), 2 * (number % 80))))
        QTest.mouseRelease(port, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
        return taken

    def dragged_group(view: CanvasView, ident: str) -> list[float]:
        """The frames of a whole group on its way, held by its name."""
        title = view.graph_scene.frames.items[ident].title()
        view.centerOn(title.center())
        app.processEvents()
        port, start = view.viewport(), view.mapFromScene(title.center())
        QTest.mousePress(port, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
        taken = frame(view, lambda number: QTest.mouseMove(port, start + QPoint(3 * (number % 60), 2 * (number % 80))))
        QTest.mouseRelease(port, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
        return taken

    scene = GraphScene()
    scene.animate = False
    view = CanvasView(scene)
    building, taken = painted(view, lambda: show(graph))
    dragging = dragged(view, f"n{layers // 2}")
    home = graph.node(f"n{layers // 2}").group
    moving = dragged_group(view, home) if home else [0.0]
    edit = set_params(f"n{layers // 3}", "units", 33)
    edits = []
    for number in range(5):
        after = edit(Project(graph=graph)).graph if number % 2 == 0 else graph

        def change(after: Any = after) -> None:
            show(after, stale=True)
            show(after, only_looks=True)

        edits.append(1000 * seconds(change))
    folds = []
    for folded in (True, False, True, False):
        graph_after = fold("g1", folded)(Project(graph=graph)).graph
        folds.append(1000 * seconds(lambda after=graph_after: show(after)))
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
        "drag_p50_ms": round(statistics.median(dragging), 2),
        "drag_p95_ms": round(percentile(dragging, 95), 2),
        "group_drag_p95_ms": round(percentile(moving, 95), 2),
        "edit_ms": round(statistics.median(edits), 1),
        "fold_ms": round(statistics.median(folds), 1),
        "plain_build_ms": round(1000 * plain_building, 1),
        "plain_frame_p95_ms": round(percentile(plain_taken, 95), 2),
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
