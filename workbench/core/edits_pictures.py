"""The person's verbs on single pictures. What is done to one after the other gathers in one step of the recipe."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from .document import Edit
from .edits import new_id
from .project import Json, Project, Step

RELABEL, DROP = "relabel_pictures", "drop_pictures"


def relabel_pictures(names: Sequence[str], label: str) -> Edit:
    """Put these pictures (their lasting names, see core.data.step_picture) into a class, which may be a new one."""

    def more(params: Mapping[str, Json]) -> dict[str, Json]:
        return {"labels": {**dict(params.get("labels") or {}), **dict.fromkeys(names, " ".join(label.split()))}}

    return _gather(RELABEL, more)


def drop_pictures(names: Sequence[str]) -> Edit:
    """Take these pictures away."""

    def more(params: Mapping[str, Json]) -> dict[str, Json]:
        return {"pictures": list(dict.fromkeys([*(params.get("pictures") or ()), *names]))}

    return _gather(DROP, more)


def _gather(kind: str, more: Callable[[Mapping[str, Json]], dict[str, Json]]) -> Edit:
    """Into the last step when it is of that kind and switched on, else into a new one at the end."""
    fresh = new_id()

    def edit(project: Project) -> Project:
        last = project.recipe[-1] if project.recipe else None
        if last is not None and last.kind == kind and last.enabled:
            return replace(project, recipe=(*project.recipe[:-1], replace(last, params=more(last.params))))
        return replace(project, recipe=(*project.recipe, Step(fresh, kind, more({}))))

    return edit
