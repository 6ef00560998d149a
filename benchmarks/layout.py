"""Crossings of wires and time of the automatic layout, beside `dot` of Graphviz on the same graphs.

Both pictures are judged as drawn: dot's splines, the canvas' curves with their ways round other blocks. Wires that
share a block are not counted against each other: they meet there anyway.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from .common import Result, child, seconds

NETWORKS = ("ResNet50", "InceptionV3", "DenseNet121", "EfficientNetB0", "NASNetMobile")
RANDOM = ((30, 0), (60, 1), (60, 2), (120, 3), (120, 4))  # nodes, seed
STEPS = 24  # straight pieces a wire is cut into
Line = tuple[str, str, np.ndarray]  # from, to, (n, 2) points


def measure() -> Result:
    """figure: the most crossings the layout has more than dot, over all graphs; without dot: the slowest layout."""
    details = child("benchmarks.layout")
    if "dot" in details:
        return Result("layout", max(v for k, v in details.items() if k.endswith("_ms")), "ms, slowest layout", details)
    pairs = [(details[k], details[k.replace("_crossings", "_dot")]) for k in details if k.endswith("_crossings")]
    worse = max(mine - theirs for mine, theirs in pairs if theirs is not None)
    return Result("layout", worse, "crossings more than dot, at worst", details)


def networks(names: Sequence[str]) -> dict[str, Any]:
    """{name: graph} of architectures of keras.applications, as an import gives them, without places."""
    import keras

    from workbench.core.importing.network import read_model

    return {
        name: read_model(json.loads(getattr(keras.applications, name)(weights=None).to_json()), name).graph
        for name in names
    }


def tangled(count: int, seed: int) -> Any:
    """A random graph, as dense as networks are: each block fed by one or two, mostly near ones."""
    from workbench.core.project import Graph, Node, Wire

    draw = random.Random(seed)
    nodes = tuple(Node(f"n{i}", "Add", f"n{i}") for i in range(count))
    near = [
        (max(0, b - 1 - int(draw.expovariate(0.25))), b) for b in range(1, count) for _ in range(draw.choice((1, 1, 2)))
    ]
    wires: list[Wire] = []
    for a, b in dict.fromkeys(near):
        wires.append(Wire(f"n{a}", f"n{b}", sum(w.target == f"n{b}" for w in wires)))
    return Graph(nodes, tuple(wires))


def residual(layers: int) -> Any:
    """A chain with a short cut over every three layers."""
    from workbench.core.project import Graph, Node, Wire

    nodes = tuple(Node(f"n{i}", "Add", f"n{i}") for i in range(layers))
    chain = [Wire(f"n{i}", f"n{i + 1}") for i in range(layers - 1)]
    return Graph(nodes, (*chain, *(Wire(f"n{i}", f"n{i + 3}", 1) for i in range(0, layers - 3, 4))))


def dense(layers: int) -> Any:
    """Every layer wired to all before it."""
    from workbench.core.project import Graph, Node, Wire

    nodes = tuple(Node(f"n{i}", "Concatenate", f"n{i}") for i in range(layers))
    return Graph(nodes, tuple(Wire(f"n{a}", f"n{b}", a) for b in range(layers) for a in range(b)))


def drawn(graph: Any) -> list[Line]:
    """The wires as the canvas draws them."""
    from workbench.ui.model.canvas.scene import GraphScene
    from workbench.ui.model.looks import NodeLook

    scene = GraphScene()
    scene.animate = False
    ports = {n.id: max((w.port + 1 for w in graph.into(n.id)), default=0) for n in graph.nodes}
    looks = {n.id: NodeLook(n.name, n.kind, "", "", "", "core", ports=ports[n.id]) for n in graph.nodes}
    scene.show_graph(graph, looks, glide=False)
    lines = []
    for line in scene.wires.values():
        path = line.path()
        points = [path.pointAtPercent(i / STEPS) for i in range(STEPS + 1)]
        lines.append((line.wire.source, line.wire.target, np.array([(p.x(), p.y()) for p in points])))
    return lines


def dotted(graph: Any) -> list[Line] | None:
    """The wires as dot draws blocks of our size; None when dot does not come to an end in a minute."""
    text = [
        "digraph {",
        "graph [ranksep=0.55, nodesep=0.55];",
        'node [shape=box, fixedsize=true, width=2.78, height=0.89, label=""];',
    ]
    number = {n.id: i for i, n in enumerate(graph.nodes)}
    back = list(number)
    text += [f"{i};" for i in number.values()]
    text += [f"{number[a]} -> {number[b]};" for a, b in dict.fromkeys((w.source, w.target) for w in graph.wires)]
    try:
        done = subprocess.run(
            ["dot", "-Tplain"], input="\n".join([*text, "}"]), capture_output=True, text=True, check=True, timeout=60
        )
    except subprocess.TimeoutExpired:
        return None
    lines = []
    for row in done.stdout.replace("\\\n", "").splitlines():
        parts = row.split()
        if parts[0] == "edge":
            knots = np.array(parts[4 : 4 + 2 * int(parts[3])], np.float64).reshape(-1, 2) * 72
            lines.append((back[int(parts[1])], back[int(parts[2])], _bezier(knots)))
    return lines


def _bezier(knots: np.ndarray) -> np.ndarray:
    """Points of a piecewise cubic curve, (3 n + 1, 2) knots."""
    t = np.linspace(0, 1, 9)[:, None]
    weights = np.hstack([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3])
    pieces = [weights @ knots[i : i + 4] for i in range(0, len(knots) - 1, 3)]
    return np.vstack([pieces[0], *(piece[1:] for piece in pieces[1:])])


def crossings(lines: Sequence[Line]) -> int:
    """How many pairs of wires that share no block cross."""
    count = 0
    boxes = np.array([(*points.min(axis=0), *points.max(axis=0)) for _, _, points in lines])
    for i, (a, b, one) in enumerate(lines):
        near = np.nonzero(
            (boxes[:i, 0] < boxes[i, 2]) & (boxes[:i, 2] > boxes[i, 0])
            & (boxes[:i, 1] < boxes[i, 3]) & (boxes[:i, 3] > boxes[i, 1])
        )[0]  # fmt: skip
        for j in near:
            c, d, other = lines[j]
            count += not {a, b} & {c, d} and _meet(one, other)
    return count


def _meet(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two broken lines cross."""
    p, r = one[:-1, None], np.diff(one, axis=0)[:, None]
    q, s = other[None, :-1], np.diff(other, axis=0)[None]

    def turn(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        return u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0]

    across = turn(r, s)
    with np.errstate(divide="ignore", invalid="ignore"):
        t, u = turn(q - p, s) / across, turn(q - p, r) / across
    return bool(((across != 0) & (t > 0) & (t < 1) & (u > 0) & (u < 1)).any())


def main() -> dict[str, Any]:
    """Crossings and milliseconds of each graph."""
    from workbench.core.edits_places import tidy_places
    from workbench.core.layout import arrange
    from workbench.ui import theme
    from workbench.ui.app import make_application

    app = make_application([])
    theme.apply(app, "light")
    have_dot = shutil.which("dot") is not None
    found: dict[str, Any] = {} if have_dot else {"dot": "is not installed here: only our own figures"}
    graphs = networks(NETWORKS) | {f"random{count}_{seed}": tangled(count, seed) for count, seed in RANDOM}
    for name, graph in graphs.items():
        begin = time.perf_counter()
        placed = arrange(graph)
        found[f"{name}_ms"] = round(1000 * (time.perf_counter() - begin), 1)
        found[f"{name}_crossings"] = crossings(drawn(placed))
        if have_dot:
            begin = time.perf_counter()
            theirs = dotted(graph)
            found[f"{name}_dot_ms"] = round(1000 * (time.perf_counter() - begin), 1)
            found[f"{name}_dot"] = crossings(theirs) if theirs is not None else None
    large = {
        "chain5000": residual(5000),
        "dense300": dense(300),
        "chain50": residual(50),
        "random1000": tangled(1000, 9),
    }
    for name, graph in large.items():
        found[f"{name}_ms"] = round(1000 * seconds(lambda graph=graph: arrange(graph)), 1)
        placed = arrange(graph)
        found[f"{name}_again_ms"] = round(1000 * seconds(lambda placed=placed: tidy_places(placed)), 1)
    return found


if __name__ == "__main__":
    print(json.dumps(main()))
