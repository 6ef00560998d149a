"""Cleaning steps that take something from a whole column before the split: found, explained, moved to the features,
where the same is fitted on the training rows alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from workbench.core.document import Edit
from workbench.core.project import ColumnFeature, Features, Project, Step

from .fitted import NUMBERS

_FILLS = {"mean": "the mean", "median": "the median", "mode": "the most common value"}


@dataclass(frozen=True)
class Whole:
    """A step that looks at whole columns. why: a sentence for people. columns: those for which the features can do the
    same, `params` being what their encoders are told. stays: why it cannot be moved whole; "" when it can."""

    step: Step
    why: str
    columns: tuple[str, ...] = ()
    params: tuple[tuple[str, Any], ...] = ()
    stays: str = ""


def whole_columns(recipe: Sequence[Step], features: Features) -> tuple[Whole, ...]:
    """The steps, switched on, that take something from whole columns; features: as proposed, nothing left out."""
    found = []
    for place, step in enumerate(recipe):
        what = _takes(step)
        if step.enabled and what:
            why = f"Takes {what} from the whole column, validation and test rows included."
            found.append(_movable(step, why, recipe[place + 1 :], features))
    return tuple(found)


def _takes(step: Step) -> str:
    """What a step takes from the whole column; "" when nothing."""
    params = step.params
    if step.kind == "fill_missing":
        return _FILLS.get(str(params.get("method", "median")), "")
    if step.kind == "limit_outliers":
        way = params.get("limits", "numbers")
        return {"percentiles": "percentiles", "quartiles": "quartiles"}.get(str(way), "")
    if step.kind == "make_ranges" and params.get("way", "equal counts") != "edges":
        return "the edges of its ranges"
    return ""


def _movable(step: Step, why: str, later: Sequence[Step], features: Features) -> Whole:
    params = _params(step)
    if not params:
        return Whole(step, why, stays=_stays(step))
    names = _names(step.params.get("columns"))
    now = {c.name: c for c in features.columns}
    reasons = {name: _why_not(now.get(name), params, later) for name in names}
    free = tuple(name for name, reason in reasons.items() if not reason)
    return Whole(step, why, free, params, next((r for r in reasons.values() if r), ""))


def _params(step: Step) -> tuple[tuple[str, Any], ...]:
    """What an encoder is told to do the same; empty when no encoder can."""
    told = step.params
    if step.kind == "fill_missing" and not _names(told.get("groups")):
        return (("fill", str(told.get("method", "median"))),)
    if step.kind == "limit_outliers" and told.get("action", "put onto the limit") != "drop the row":
        beyond = "missing" if told.get("action") == "make missing" else "limit"
        ends: tuple[tuple[str, Any], ...]
        if told.get("limits") == "percentiles":
            ends = (("lowest", told.get("lowest", 1.0)), ("highest", told.get("highest", 99.0)))
        else:
            ends = (("factor", told.get("factor", 1.5)),)
        return (("clip", str(told.get("limits"))), *ends, ("beyond", beyond))
    return ()


def _stays(step: Step) -> str:
    if step.kind == "fill_missing":
        return "The features cannot fill within groups."
    if step.kind == "limit_outliers":
        return "Rows can only be dropped here."
    return "Type its edges, and it takes nothing from the column."


def _why_not(column: ColumnFeature | None, params: tuple[tuple[str, Any], ...], later: Sequence[Step]) -> str:
    """Why the features cannot do it for a column; "" when they can."""
    if column is None or column.role == "ignore":
        return "Some of its columns are no inputs."
    if column.role == "target":
        return f'"{column.name}" is the target.'
    told = dict(params)
    if column.encoder not in NUMBERS and not (column.encoder == "onehot" and told.get("fill") == "mode"):
        return f'The encoding of "{column.name}" takes no such setting.'
    if any(s.enabled and _mentions(s, column.name) for s in later):
        return f'A later step works on "{column.name}".'
    return ""


def _mentions(step: Step, name: str) -> bool:
    """Whether a later step may depend on the column: it names it, or it looks at every column."""
    if step.kind in ("drop_missing", "drop_duplicates") and not _names(step.params.get("columns")):
        return True
    return name in json.dumps(dict(step.params), ensure_ascii=False, default=str)


def _names(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) and value else tuple(str(v) for v in value or ())


# ---- edits -------------------------------------------------------------------------------------------------------


def move_to_features(step_ids: Sequence[str], features: Features) -> Edit:
    """The steps leave the recipe for the columns that can be moved, and their encoders are told the same instead."""

    def edit(project: Project) -> Project:
        for step_id in step_ids:
            project = _moved(project, step_id, features)
        return project

    return edit


def add_or_move(steps: Sequence[Step], features: Features) -> Edit:
    """Accepted suggestions as steps, or as settings of the encoders where they would look at whole columns."""
    from workbench.core.edits import new_id

    def edit(project: Project) -> Project:
        fresh = tuple(replace(s, id=new_id()) for s in steps)
        project = replace(project, recipe=(*project.recipe, *fresh))
        for step in fresh:
            project = _moved(project, step.id, features)
        return project

    return edit


def _moved(project: Project, step_id: str, features: Features) -> Project:
    found = next((w for w in whole_columns(project.recipe, features) if w.step.id == step_id), None)
    if found is None or not found.columns:
        return project
    left = [name for name in _names(found.step.params.get("columns")) if name not in found.columns]
    kept = replace(found.step, params={**found.step.params, "columns": left})
    recipe = tuple(kept if s.id == step_id else s for s in project.recipe if left or s.id != step_id)
    mine = {c.name: c for c in project.features.columns}
    for name in found.columns:
        column = mine.get(name) or ColumnFeature(name, "input", "auto")
        mine[name] = replace(column, params={**column.params, **dict(found.params)})
    return replace(project, recipe=recipe, features=replace(project.features, columns=tuple(mine.values())))


def moved_label(found: Sequence[Whole]) -> str:
    """For the history and buttons."""
    names = list(dict.fromkeys(name for whole in found for name in whole.columns))
    what = f'"{names[0]}"' if len(names) == 1 else f"{len(names):,} columns"
    return f"Fit {what} on the training rows"
