"""Small graphs and facts for tests."""

from __future__ import annotations

from workbench.core.facts import DataFacts, InputFacts, TargetFacts
from workbench.core.project import Graph, Json, Node, Wire


def pictures(height: int = 28, width: int = 28, channels: int = 1, classes: int = 10, rows: int = 5000) -> DataFacts:
    source = InputFacts("image", "image", (height, width, channels), "uint8", 1 / 255)
    target = TargetFacts("class", "classification", tuple(f"c{i}" for i in range(classes)))
    return DataFacts("images", (source,), target, {"train": rows, "validation": rows // 5, "test": rows // 5})


def table(width: int, classes: int = 0, rows: int = 500) -> DataFacts:
    """A table; classes 0: a number is the target."""
    task = "classification" if classes else "regression"
    target = TargetFacts("y", task, tuple(f"c{i}" for i in range(classes)))
    return DataFacts("table", (InputFacts("table", "table", (width,)),), target, {"train": rows})


def series(steps: int = 64, channels: int = 3, classes: int = 4, rows: int = 2000) -> DataFacts:
    """Windows of series; classes 0: a later value is the target."""
    task = "classification" if classes else "regression"
    target = TargetFacts("y", task, tuple(f"c{i}" for i in range(classes)))
    source = InputFacts("sequence", "sequence", (steps, channels))
    return DataFacts("sequences", (source,), target, {"train": rows, "validation": rows // 5})


def text(words: int = 500, length: int = 20, classes: int = 2, rows: int = 2000, *, beside: int = 0) -> DataFacts:
    """A text read word by word; beside: so many numbers of other columns."""
    source = InputFacts("message", "text", (length,), "int32", words=words)
    table = (InputFacts("features", "table", (beside,)),) if beside else ()
    target = TargetFacts("label", "classification", tuple(f"c{i}" for i in range(classes)))
    return DataFacts("table", (*table, source), target, {"train": rows, "validation": rows // 5})


def chain(binding: str, *layers: tuple[str, dict[str, Json]], output: bool = True) -> Graph:
    """Input, the layers in a row, Output; ids n0, n1, ... equal the names."""
    steps = [("Input", {"binding": binding}), *layers, *([("Output", {})] if output else [])]
    nodes = tuple(Node(f"n{i}", kind, f"n{i}", params, 0.0, 104.0 * i) for i, (kind, params) in enumerate(steps))
    return Graph(nodes, tuple(Wire(f"n{i}", f"n{i + 1}") for i in range(len(nodes) - 1)))


def drawn(nodes: dict[str, str], *wires: str) -> Graph:
    """drawn({"a": "Dense"}, "a b", "a c 1"): ids equal names; a wire is "source target [port]"."""
    made = [w.split() for w in wires]
    return Graph(
        tuple(Node(i, kind, i) for i, kind in nodes.items()),
        tuple(Wire(w[0], w[1], int(w[2]) if len(w) > 2 else 0) for w in made),
    )


def rebuilt(*shape: int, bounds: tuple[float, float] = (0.0, 1.0), rows: int = 500) -> DataFacts:
    """An input that is to be rebuilt: pictures of three sizes, or a table of one."""
    kind, name = ("images", "image") if len(shape) == 3 else ("table", "features")
    info = InputFacts(name, "image", shape, "uint8", 1 / 255) if len(shape) == 3 else InputFacts(name, "table", shape)
    target = TargetFacts(name, "reconstruction", shape=shape, bounds=bounds)
    return DataFacts(kind, (info,), target, {"train": rows, "validation": 100, "test": 100})
