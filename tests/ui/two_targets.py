"""A table with two targets, how a flat is heated and its rent, on the stage of tests/ui/stage.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from tests.ui.stage import Cells, StagedSession
from workbench.core.data.dataset import LoadReport, TableData
from workbench.core.facts import GraphFacts, NodeFacts
from workbench.core.outputs import resolve_outputs
from workbench.core.project import ColumnFeature, Features
from workbench.core.templates import template

HEATS = ("gas", "oil", "wood")
FLATS = Features(
    columns=(
        ColumnFeature("rooms", "input", "standard"),
        ColumnFeature("age", "input", "standard"),
        ColumnFeature("heating in winter", "target", "class"),
        ColumnFeature("rent", "target", "standard"),
    )
)


def flats(count: int = 200) -> TableData:
    """The rent follows the rooms, the heating the age."""
    import pandas as pd

    rng = np.random.default_rng(2)
    rooms, age = rng.uniform(1, 7, count).round(1), rng.integers(0, 90, count)
    heat = np.array(HEATS)[np.minimum(age // 30, 2)]
    rent = (rooms * 120 + 200 + rng.normal(0, 5, count)).round(0)
    frame = pd.DataFrame({"rooms": rooms, "age": age, "heating in winter": heat, "rent": rent})
    return TableData(frame, LoadReport(None, count, fingerprint="flats"), np.zeros(count, np.uint8))


def answers(x: Mapping[str, np.ndarray]) -> np.ndarray:
    """As the engine gives them: a probability a class, then the scaled rent; the heating is a guess at the edges."""
    rooms, age = (np.asarray(next(iter(x.values())))[:, i] for i in range(2))
    heat = np.exp(-((age[:, None] - np.array([-1.1, 0.0, 1.1])) ** 2) * 4)
    heat /= heat.sum(axis=1, keepdims=True)
    return np.concatenate([heat, rooms[:, None]], axis=1).astype(np.float32)


def stage(session: StagedSession) -> None:
    """Data with two targets, a model for them, and what the engine says of it."""
    data = flats()
    session.document.apply(lambda p: replace(p, features=FLATS), "Features")
    session.with_data(data, Cells(data))
    graph = template("dense", session.facts)
    session.document.apply(lambda p: replace(p, graph=graph), "Model")
    units = {n.id: 3 if n.params["target"] == "heating in winter" else 1 for n in graph.nodes if n.kind == "Output"}
    found, _ = resolve_outputs(graph, session.facts, session.project.train, units)
    nodes = {n.id: NodeFacts((None, units.get(n.id, 16)), 10, 10) for n in graph.nodes}
    session.graph_facts = GraphFacts(nodes, (), 100, 100, found[0].loss, found[0].metrics, outputs=found)
    session.rule = answers
