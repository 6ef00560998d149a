"""Another optimizer, with what was set on the last one that the new one knows too."""

from __future__ import annotations

from dataclasses import replace

from .allowed import value_problem
from .catalog import load_catalog
from .document import Edit
from .project import Json, Project, TrainSpec
from .schedule_length import RATE


def use_optimizer(name: str, *, own_rate: bool = False) -> Edit:
    """own_rate: with the learning rate that it has by itself, whatever was typed."""

    def edit(project: Project) -> Project:
        kept, _ = carried(name, project.train)
        if own_rate:
            kept.pop(RATE, None)
        return replace(project, train=replace(project.train, optimizer=name, optimizer_params=kept))

    return edit


def carried(name: str, train: TrainSpec) -> tuple[dict[str, Json], tuple[str, ...]]:
    """The settings of the optimizer that stay with another one, and the names of those that go.

    Those stay that it has too, at values it takes. What the old one has by itself, such as a rate of 0.01 typed for
    SGD, and what the new one has by itself is no setting: neither stays nor goes.
    """
    catalog = load_catalog()
    before, after = catalog.optimizers.get(train.optimizer), catalog.optimizers.get(name)
    kept: dict[str, Json] = {}
    gone: list[str] = []
    for key, value in train.optimizer_params.items():
        own = [field for entry in (before, after) if entry and (field := entry.field(key))]
        if any(value == field.default for field in own):
            continue
        taken = after.field(key) if after else None
        if taken is None or value_problem(taken, value, catalog):
            gone.append(key)
        else:
            kept[key] = value
    return kept, tuple(gone)
