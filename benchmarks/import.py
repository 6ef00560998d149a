"""ResNet50 from a .keras file onto the canvas, the engine being warm; beside Keras' own loading of the same file."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from .common import Result, child, seconds

ROUNDS = 5
NETWORK = "ResNet50"


def measure(network: str = NETWORK, rounds: int = ROUNDS) -> Result:
    """figure: median seconds from the question to the engine until the canvas holds the layers."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "network.keras"
        loading = child("benchmarks.import", "save", network, str(file))
        details = child("benchmarks.import", "open", str(file), str(rounds))
    return Result("import", details["on_canvas_s"], "s, ResNet50 on the canvas", {**details, **loading})


def save(network: str, file: Path) -> dict[str, Any]:
    """Write the network with random weights; how long Keras takes to load it, in seconds."""
    import keras

    getattr(keras.applications, network)(weights=None).save(file)
    return {"file_mb": file.stat().st_size / 1e6, "keras_loads_s": seconds(lambda: keras.models.load_model(file))}


def opened(file: Path, rounds: int) -> dict[str, Any]:
    """Seconds of each part, medians; crossings of wires after the layout."""
    from workbench.core.layout import arrange
    from workbench.headless_engine import Engine
    from workbench.link import messages as m
    from workbench.ui import theme
    from workbench.ui.app import make_application
    from workbench.ui.model.canvas.scene import GraphScene
    from workbench.ui.model.looks import NodeLook

    app = make_application([])
    theme.apply(app, "light")
    taken: dict[str, list[float]] = {"engine_s": [], "layout_s": [], "on_canvas_s": []}
    with Engine() as engine:
        engine.ask(m.Warm(), m.Ready)
        for number in range(rounds):
            begin = time.perf_counter()
            message = m.ImportModel(str(file), str(file.parent / f"weights{number}"))
            found = engine.ask(message, m.ModelImported)
            taken["engine_s"].append(time.perf_counter() - begin)
            scene = GraphScene()
            looks = {n.id: NodeLook(n.name, n.kind, "", "", "", "core") for n in found.graph.nodes}
            scene.show_graph(found.graph, looks, glide=False)
            taken["on_canvas_s"].append(time.perf_counter() - begin)
            taken["layout_s"].append(seconds(lambda graph=found.graph: arrange(graph)))
            scene.clear()
    medians = {name: statistics.median(values) for name, values in taken.items()}
    return {**medians, "nodes": len(found.graph.nodes), "crossings": crossings(found.graph)}


def crossings(graph: Any) -> int:
    """How many pairs of wires cross, drawn as straight lines between the middles of their blocks."""
    from workbench.core.layout import NODE_HEIGHT, NODE_WIDTH

    spot = {n.id: (n.x + NODE_WIDTH / 2, n.y + NODE_HEIGHT / 2) for n in graph.nodes}
    lines = [(w.source, w.target, *spot[w.source], *spot[w.target]) for w in graph.wires]

    def side(ax: float, ay: float, bx: float, by: float, x: float, y: float) -> float:
        return (bx - ax) * (y - ay) - (by - ay) * (x - ax)

    count = 0
    for i, (a, b, ax, ay, bx, by) in enumerate(lines):
        for c, d, cx, cy, dx, dy in lines[:i]:
            if {a, b} & {c, d} or min(ay, by) >= max(cy, dy) or min(cy, dy) >= max(ay, by):
                continue
            first = side(ax, ay, bx, by, cx, cy) * side(ax, ay, bx, by, dx, dy)
            second = side(cx, cy, dx, dy, ax, ay) * side(cx, cy, dx, dy, bx, by)
            count += first < 0 and second < 0
    return count


if __name__ == "__main__":
    if sys.argv[1] == "save":
        print(json.dumps(save(sys.argv[2], Path(sys.argv[3]))))
    else:
        print(json.dumps(opened(Path(sys.argv[2]), int(sys.argv[3]))))
