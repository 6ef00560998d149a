"""What the Train page reads of runs from their folders. Called on pool threads."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.core.baselines import Rows, baseline_of, baseline_of_outputs
from workbench.core.errors import WorkbenchError
from workbench.core.facts import DataFacts
from workbench.core.metrics import rebuilding_baseline
from workbench.core.outputs import loss_weight
from workbench.core.project import Graph, Project, TrainSpec
from workbench.core.reconstruction import rebuilds
from workbench.core.runs import RunRecord, read_facts, read_history, read_project, read_run
from workbench.core.script_outputs import ends
from workbench.core.units import Units, units_of
from workbench.ui.train.curves import RunCurves
from workbench.ui.train.findings import Baseline

if TYPE_CHECKING:
    from workbench.core.data.store import Part, Prepared

OWN = Units()


@dataclass(frozen=True, eq=False)
class Background:
    """What a run began with, read from its folder. units: in which its errors are. classes: of each target that has
    some. balance: of its features. rows: held out for validation."""

    graph: Graph
    train: TrainSpec
    balance: str
    baseline: Baseline
    steps_per_epoch: int
    units: Units = OWN
    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rows: int = 0


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
            parts = [prepared.part(name) for name in ("train", "validation") if facts.rows.get(name)]
            baseline = constant_answers(project, facts, [_by_target(prepared, part) for part in parts], record.loss)
    steps = -(-facts.rows.get("train", 0) // max(1, project.train.batch_size))
    classes = {t.name: t.classes for t in facts.targets if t.classes}
    units, rows = units_of(record, facts), facts.rows.get("validation", 0)
    return Background(project.graph, project.train, project.features.balance, baseline, steps, units, classes, rows)


MOST_NUMBERS = 50_000_000
"""Looked at for the mean row; of larger arrays an even sample of the rows."""


def _of_rebuilding(facts: DataFacts, prepared: Any, loss: str) -> Baseline:
    """What always answering the mean training row scores; nothing is said of losses other than the squared error, or
    where rows have weights."""
    if facts.weight or loss not in ("mean_squared_error", "mse"):
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


def _by_target(prepared: Prepared, part: Part) -> list[Rows]:
    several = prepared.facts.more
    return [Rows(y, part.weights) for y in (prepared.preprocessor.truths(part.y) if several else (part.y,))]


def constant_answers(project: Project, facts: DataFacts, parts: list[list[Rows]], loss: str) -> Baseline:
    """The constant answer of each output by its own loss. parts: training rows and those held out, where there are
    some, by target. loss: of a single output, as it was trained."""
    if not parts:
        return Baseline()
    places = {t.name: place for place, t in enumerate(facts.targets)}
    own = {}
    for end in ends(project, facts):
        known, *other = [of_part[places[end.target.name]] for of_part in parts]
        name = end.loss if facts.more else loss or end.loss
        base = baseline_of(known, end.target.classes, name, other[0] if other else None, end.class_weights)
        own[end.node.name] = (base, loss_weight(end.node))
    if facts.more:
        return baseline_of_outputs(own)
    return next((base for base, _ in own.values()), Baseline())


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
