"""The person's verbs on a project, each a pure edit `Project -> Project` for `Document.apply`.

Verbs on the layer graph are in edits_graph.py.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from .document import Edit
from .edits_outputs import bound_alone, free_alone
from .project import (
    Augmentation,
    ColumnFeature,
    DataSpec,
    Features,
    ImageFeature,
    Json,
    Project,
    SequenceFeature,
    Split,
    Step,
)


def new_id() -> str:
    """A short id, unique enough within one project."""
    return uuid.uuid4().hex[:8]


# ---- data and recipe -----------------------------------------------------------------------------------------


def open_data(spec: DataSpec) -> Edit:
    """Another source: the recipe, the columns and the graph of the old one no longer apply.

    The first source of a project leaves a model that is there already, with how it wants pictures prepared: it was
    opened or built to be given this data.
    """

    def edit(project: Project) -> Project:
        fresh = Project(name=project.name, extra=project.extra)
        if project.data is None and project.graph.nodes:
            features = replace(fresh.features, image=project.features.image)
            fresh = replace(fresh, graph=project.graph, features=features)
        return replace(fresh, data=spec, train=project.train, notes=project.notes)

    return edit


def change_data(spec: DataSpec) -> Edit:
    """The same source read in another way, or found again: the recipe stays."""
    return lambda project: replace(project, data=spec)


def rename_project(name: str) -> Edit:
    return lambda project: replace(project, name=name.strip() or project.name)


def add_step(kind: str, params: Mapping[str, Json], step_id: str = "") -> Edit:
    """A cleaning step at the end."""
    step = Step(step_id or new_id(), kind, dict(params))
    return lambda project: replace(project, recipe=(*project.recipe, step))


def add_steps(steps: tuple[Step, ...]) -> Edit:
    """Several accepted suggestions at once, at the end."""
    fresh = tuple(replace(s, id=new_id()) for s in steps)
    return lambda project: replace(project, recipe=(*project.recipe, *fresh))


def set_step(step_id: str, params: Mapping[str, Json]) -> Edit:
    """Other parameters for a step."""
    return _steps(lambda s: replace(s, params=dict(params)) if s.id == step_id else s)


def enable_step(step_id: str, enabled: bool) -> Edit:
    return _steps(lambda s: replace(s, enabled=enabled) if s.id == step_id else s)


def name_step(step_id: str, title: str) -> Edit:
    """What the person calls a step; "" for the words made from its parameters."""
    return _steps(lambda s: replace(s, title=" ".join(title.split())) if s.id == step_id else s)


def copy_step(step_id: str) -> Edit:
    """The same step once more, right behind it."""

    def edit(project: Project) -> Project:
        made: list[Step] = []
        for step in project.recipe:
            made += [step, replace(step, id=new_id())] if step.id == step_id else [step]
        return replace(project, recipe=tuple(made))

    return edit


def delete_step(step_id: str) -> Edit:
    return lambda project: replace(project, recipe=tuple(s for s in project.recipe if s.id != step_id))


def move_step(step_id: str, to: int) -> Edit:
    """Put the step at position `to` of the recipe."""

    def edit(project: Project) -> Project:
        moved = [s for s in project.recipe if s.id == step_id]
        rest = [s for s in project.recipe if s.id != step_id]
        place = max(0, min(to, len(rest)))
        return replace(project, recipe=tuple(rest[:place] + moved + rest[place:]))

    return edit


def _steps(change: Callable[[Step], Step]) -> Edit:
    def edit(project: Project) -> Project:
        return replace(project, recipe=tuple(change(s) for s in project.recipe))

    return edit


def put_aside(keys: tuple[str, ...]) -> Edit:
    """These suggestions or findings are not shown any more; with none, all are shown again."""

    def edit(project: Project) -> Project:
        return replace(project, aside=(*project.aside, *(k for k in keys if k not in project.aside)) if keys else ())

    return edit


# ---- features ------------------------------------------------------------------------------------------------


def set_columns(columns: tuple[ColumnFeature, ...]) -> Edit:
    """Roles and encoders of these columns; the others keep what they have."""

    def edit(project: Project) -> Project:
        changed = {c.name: c for c in columns}
        kept = tuple(changed.pop(c.name, c) for c in project.features.columns)
        return _features(project, columns=(*kept, *changed.values()))

    return edit


def set_target(name: str, columns: tuple[ColumnFeature, ...]) -> Edit:
    """Make `name` the target. `columns` is the filled-in proposal: a former target becomes an input again, and the only
    Output of the model is no longer bound to it. The proposal chooses how it is encoded."""

    def edit(project: Project) -> Project:
        set_by_person = {c.name: c for c in project.features.columns}
        for column in columns:
            if column.role == "target" and column.name != name:
                set_by_person.pop(column.name, None)
        set_by_person.pop(name, None)
        set_by_person[name] = ColumnFeature(name, "target", "auto")
        former = {c.name for c in columns if c.role == "target"} - {name}
        graph = free_alone(project.graph, former)
        task = project.features.task
        return _features(
            replace(project, graph=graph),
            columns=tuple(set_by_person.values()),
            task="auto" if task == "reconstruction" else task,  # which has no target
        )

    return edit


def add_targets(names: Sequence[str], columns: tuple[ColumnFeature, ...]) -> Edit:
    """Make these columns targets beside those there are. `columns` is the filled-in proposal: a target that is there
    already is written down as it is, so that it stays one, of the same task; from then on each has its own. The only
    Output of the model stays with the only target that there was."""

    def edit(project: Project) -> Project:
        set_by_person = {c.name: c for c in project.features.columns}
        for column in columns:
            mine = set_by_person.get(column.name)
            if column.role == "target" and (mine is None or mine.encoder == "auto"):
                set_by_person[column.name] = ColumnFeature(column.name, "target", column.encoder)
        for name in names:
            mine = set_by_person.get(name)
            if mine is None or mine.role != "target":
                set_by_person[name] = ColumnFeature(name, "target", "auto")
        former = [c.name for c in columns if c.role == "target"]
        graph = bound_alone(project.graph, former[0]) if len(former) == 1 else project.graph
        return _features(replace(project, graph=graph), columns=tuple(set_by_person.values()), task="auto")

    return edit


def set_weight(name: str) -> Edit:
    """Make a column the weights of rows, in place of the one that was, whose role is proposed again."""

    def edit(project: Project) -> Project:
        kept = tuple(c for c in project.features.columns if c.role != "weight" and c.name != name)
        return _features(project, columns=(*kept, ColumnFeature(name, "weight", "none")))

    return edit


def set_task(task: str) -> Edit:
    return lambda project: _features(project, task=task)


def set_image(image: ImageFeature) -> Edit:
    return lambda project: _features(project, image=image)


def set_sequence(sequence: SequenceFeature) -> Edit:
    """How series are cut into windows, and what is predicted."""
    return lambda project: _features(project, sequence=sequence)


def set_split(split: Split | None) -> Edit:
    """None: the proposed one."""
    return lambda project: _features(project, split=split)


def set_balance(balance: str) -> Edit:
    """ "none", "weights" or "oversample"."""
    return lambda project: _features(project, balance=balance)


def set_augmentation(augment: Augmentation) -> Edit:
    """How training pictures are varied."""
    return lambda project: _features(project, augment=augment)


def _features(project: Project, **changes: object) -> Project:
    features: Features = replace(project.features, **changes)  # type: ignore[arg-type]
    return replace(project, features=features)


# ---- training ------------------------------------------------------------------------------------------------


def set_train(**changes: object) -> Edit:
    """Some training settings by their TrainSpec field names."""
    return lambda project: replace(project, train=replace(project.train, **changes))  # type: ignore[arg-type]
