"""What the Train page reads of runs from their folders. Called on pool threads."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.core.errors import WorkbenchError
from workbench.core.facts import DataFacts
from workbench.core.metrics import rebuilding_baseline
from workbench.core.outputs import loss_weight
from workbench.core.project import Graph, Project
from workbench.core.reconstruction import rebuilds
from workbench.core.runs import RunRecord, read_facts, read_history, read_project, read_run
from workbench.core.script_outputs import ends
from workbench.core.units import Units, units_of
from workbench.ui.train.curves import RunCurves
from workbench.ui.train.doctor import baseline_of, baseline_of_outputs
from workbench.ui.train.findings import Baseline

OWN = Units()


@dataclass(frozen=True, eq=False)
class Background:
    """What a run began with, read from its folder. units: in which its errors are. classes: of the target."""

    graph: Graph
    baseline: Baseline
    steps_per_epoch: int
    units: Units = OWN
    classes: tuple[str, ...] = ()


def read_background(folder: Path) -> Background:
    """Raises WorkbenchError when the run or its arrays cannot be read."""
    from workbench.core.data.prepared import open_prepared

    project, facts, record = read_project(folder), read_facts(folder), read_run(folder)
    baseline = Baseline()
    if facts.target is not None:
        prepared = open_prepared(Path(record.prepared))
        if rebuilds(facts.target):
            baseline = _of_rebuilding(facts, prepared, record.loss)
        else:
            held_out = prepared.part("validation").y if facts.rows.get("validation") else None
            train = prepared.part("train").y
            if facts.more:
                baseline = _of_outputs(project, facts, prepared.preprocessor, train, held_out)
            else:
                baseline = baseline_of(train, facts.target.classes, record.loss or "crossentropy", held_out)
    steps = -(-facts.rows.get("train", 0) // max(1, project.train.batch_size))
    return Background(
        project.graph, baseline, steps, units_of(record, facts), facts.target.classes if facts.target else ()
    )


MOST_NUMBERS = 50_000_000
"""Looked at for the mean row; of larger arrays an even sample of the rows."""


def _of_rebuilding(facts: DataFacts, prepared: Any, loss: str) -> Baseline:
    """What always answering the mean training row scores; nothing is said of losses other than the squared error."""
    if loss not in ("mean_squared_error", "mse"):
        return Baseline()
    assert facts.target is not None
    info = next(i for i in facts.inputs if i.name == facts.target.name)

    def some(part: str) -> Any:
        x = prepared.part(part).x[info.name]
        return x[:: max(1, -(-len(x) * math.prod(info.shape) // MOST_NUMBERS))]

    train = some("train")
    held_out = rebuilding_baseline(info, train, some("validation")).value if facts.rows.get("validation") else math.nan
    what = "the mean picture" if info.kind == "image" else "the mean of each column"
    return Baseline(rebuilding_baseline(info, train, train).value, answer=what, held_out=held_out)


def _of_outputs(project: Project, facts: DataFacts, fitted: Any, train: Any, held_out: Any) -> Baseline:
    """Each output's constant answer by its own loss."""
    known = fitted.truths(train)
    others = fitted.truths(held_out) if held_out is not None else [None] * len(known)
    places = {t.name: place for place, t in enumerate(facts.targets)}
    own = {}
    for end in ends(project, facts):
        place = places[end.target.name]
        base = baseline_of(known[place], end.target.classes, end.loss, others[place])
        own[end.node.name] = (base, loss_weight(end.node))
    return baseline_of_outputs(own)


def read_ghosts(runs: Path, records: Sequence[RunRecord]) -> dict[str, RunCurves]:
    """A run whose history cannot be read has no ghost."""
    found = {}
    for record in records:
        try:
            history = read_history(runs / record.id)
        except WorkbenchError:
            continue
        history.epochs.make_pyramids()
        found[record.id] = RunCurves(record.name, epochs=history.epochs)
    return found
